"""``labq demo``: the first story, told in the terminal. The code that is shown is the code that runs.

Comes in: a language. Goes out: scenes, one after the other: a sentence or two, lines of Python, what they show.
Celery: "First Steps with Celery", which needs a broker and three terminals.
"""

from __future__ import annotations

import ast
import sys
from code import InteractiveInterpreter
from dataclasses import dataclass
from typing import Any

import click
from rich.console import Console
from rich.rule import Rule
from rich.syntax import Syntax
from rich.text import Text as Line

from labq.bin.language import lang_option
from labq.i18n import Text, Words, text

MARGIN = "    "
"""What a line gives stands to the right of it."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene.

    Attributes:
        told: what the reader should know before the code.
        code: lines of Python; ``{lang}`` is the language.
    """

    told: Text
    code: str = ""


STORY = (
    Scene(
        text(
            "A Celery app needs a broker, which carries messages, and a result backend, which keeps results. Here both "
            "live inside this process, and time is virtual. The task sleeps for an hour."
        ),
        """\
import time
from labq import Celery, Lab

lab = Lab(seed=7, start="2030-01-01T09:00:00Z", lang="{lang}")
app = Celery("shop", broker="amqp://", backend="cache+memory://")

@app.task
def deliver(parcel):
    time.sleep(3600)
    return f"{parcel} delivered"
""",
    ),
    Scene(
        text(
            "delay() does not run the task. It writes a message and comes back at once, with a result that is not "
            "there yet."
        ),
        'result = deliver.delay("a book")\nresult.state\n',
    ),
    Scene(
        text("The broker routes the message to a queue. Nothing happens by itself: each hop is a step of the lab."),
        "lab.step()\nlab.queues()\n",
    ),
    Scene(
        text("No worker reads from this queue. Celery would now wait for ever; the lab says so."),
        "result.get()\n",
    ),
    Scene(
        text("So we start a worker with two child processes, and let the lab go three steps on."),
        'worker = lab.start_worker(app, hostname="w1@lab", concurrency=2)\nlab.step(3)\n',
    ),
    Scene(
        text("get() lets the lab run until the result is there. An hour passes on the lab's clock, and none on yours."),
        "result.get()\nlab.now\n",
    ),
    Scene(
        text("Everything that happened to the task was written down:"),
        "lab.story(result)\n",
    ),
    Scene(
        text("Go on with your own hands: `labq lab` opens the lessons in JupyterLab (`pip install 'labq[lab]'`)."),
    ),
)


class Stage(InteractiveInterpreter):
    """Runs lines as a Python prompt does, and shows values as views where they have one.

    Arguments:
        console: the terminal.
    """

    def __init__(self, console: Console) -> None:
        super().__init__({"__name__": "__main__"})
        self._console = console

    def perform(self, code: str) -> None:
        """Show *code* and run it, statement by statement, each value after the statement it belongs to."""
        lines = code.splitlines()
        done = 0
        previous, sys.displayhook = sys.displayhook, self._show
        try:
            for statement in ast.parse(code).body:
                end = statement.end_lineno or done
                self._print_code("\n".join(lines[done:end]))
                done = end
                self.runcode(compile(ast.Interactive([statement]), "<demo>", "single"))
        finally:
            sys.displayhook = previous

    def showtraceback(self) -> None:
        """Show an error by its text alone: in this story it is the lab that speaks."""
        kind, error, _ = sys.exc_info()
        self._print(Line(f"{getattr(kind, '__name__', '')}: {error}", style="red"))

    def _show(self, value: Any) -> None:
        if value is not None:
            views: dict[str, str] = getattr(value, "_repr_mimebundle_", dict)()
            self._print(Line(views.get("text/plain") or repr(value)))

    def _print(self, line: Line) -> None:
        for each in line.split("\n"):
            self._console.print(Line(MARGIN).append(each), soft_wrap=True)

    def _print_code(self, code: str) -> None:
        if self._console.is_terminal:
            self._console.print(Syntax(code, "python", background_color="default"), soft_wrap=True)
        else:
            self._console.print(Line(code), soft_wrap=True)


def demo_command(words: Words) -> click.Command:
    """Return the command ``demo`` in the language of *words*."""

    def tell(lang: str, *, pause: bool) -> None:
        console = Console(highlight=False)
        stage = Stage(console)
        for number, scene in enumerate(STORY, start=1):
            if pause and number > 1:
                click.pause(words.gettext("Press a key to go on …"))
            console.print(Rule(f"{number}/{len(STORY)}", align="left", style="dim"))
            told = Line(words.say(scene.told), style="bold" if console.is_terminal else "")
            console.print(told, soft_wrap=words.lang == "zh")  # Chinese breaks anywhere: the terminal does that itself
            console.print()
            if scene.code:
                stage.perform(scene.code.replace("{lang}", lang))
                console.print()

    return click.Command(
        "demo",
        callback=tell,
        params=[
            lang_option(words),
            click.Option(["--pause"], is_flag=True, help=words.gettext("Wait for a key after each scene.")),
        ],
        help=words.gettext("Tell the first story here in the terminal, step by step."),
    )
