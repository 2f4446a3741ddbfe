"""``celery multi``: several workers at once.

Comes in: ``multi start 3 -c 3 -c:1 10``. Goes out: workers in the lab, or the lines that would start them elsewhere.
Next door: ``cluster`` takes the line apart; ``celery`` runs each node's ``worker`` command.
Celery: ``celery/bin/multi.py``. It starts one process for each node and finds it again by its pidfile; here the lab
knows its workers by their names.
"""

from __future__ import annotations

import shlex
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from labq import current_lab
from labq.bin.base import CeleryCommand
from labq.bin.cluster import Node, NoSuchNode, Words, nodes_of
from labq.bin.context import CLIContext
from labq.exceptions import LabError
from labq.i18n import text
from labq.platforms import EX_FAILURE, EX_OK
from labq.release import VERSION_BANNER

USAGE = """\
usage: {program} start <node1 node2 nodeN|range> [worker options]
       {program} stop <n1 n2 nN|range> [-SIG (default: -TERM)]
       {program} restart <n1 n2 nN|range> [-SIG] [worker options]
       {program} kill <n1 n2 nN|range>

       {program} show <n1 n2 nN|range> [worker options]
       {program} get hostname <n1 n2 nN|range> [-qv] [worker options]
       {program} names <n1 n2 nN|range>
       {program} expand template <n1 n2 nN|range>
       {program} help

additional options (must appear after command name):

    * --nosplash:   Don't display program info.
    * --quiet:      Don't show as much output.
    * --verbose:    Show more output.
    * --no-color:   Don't display colors.
"""
HELP = text(
    "Workers are given as a number (3: celery1, celery2, celery3) or by their names. Options are those of "
    "`celery worker`; -c:1 10, -c:1-3 10 and -c:name 10 are for some of the workers only. `celery multi show` prints "
    "the lines that would start real workers."
)
RESERVED = {"--nosplash": "nosplash", "--quiet": "quiet", "-q": "quiet", "--verbose": "verbose", "--no-color": "plain"}
COMMANDS = (
    "start", "show", "stop", "stopwait", "stop_verify", "restart", "kill", "names", "expand", "get", "help",
)  # fmt: skip
STOPS = ("stop", "stopwait", "stop_verify")
"""Celery waits for the workers in two of them; in the lab waiting costs nothing."""
COLD = ("QUIT", "KILL")
"""Signals after which a worker does not wait for its tasks."""

Run = Callable[[Sequence[str]], None]


class MultiTool:
    """The program ``celery multi``.

    Arguments:
        run: runs the words of a ``celery …`` line in the lab.
        said: prints a line; with ``nl=False`` without ending it.
        options: ``quiet``, ``nosplash``, ``verbose``, ``plain`` (without colours).
    """

    def __init__(self, run: Run, said: Callable[..., None], options: Mapping[str, bool]) -> None:
        self._run = run
        self._said = said
        self._options = dict(options)

    def execute_from_commandline(self, argv: Sequence[str]) -> int:
        """Do what *argv* says, whose first word is the program's name; return the exit code."""
        rest = [word for word in argv if word not in RESERVED]
        self._options.update({RESERVED[word]: True for word in argv if word in RESERVED})
        program = rest.pop(0)
        if not rest or rest[0].startswith("-"):
            return self._usage(program)
        name, argv = rest[0], rest[1:]
        if name not in COMMANDS:
            return self._usage(program, f"Invalid command: {name}")
        command: Callable[[list[str]], int] = self.stop if name in STOPS else getattr(self, name)
        try:
            return command(argv)
        except NoSuchNode as error:
            return self._usage(program, str(error.args[0]))
        except ValueError as error:
            raise click.UsageError(str(error)) from error

    # -- what to print ---------------------------------------------------------------------------------------------
    def _usage(self, program: str, error: str | None = None) -> int:
        if error:
            click.echo(error, err=True)
        self._splash()
        self._said(USAGE.format(program=program))
        return EX_FAILURE

    def _splash(self) -> None:
        if not self._options.get("nosplash"):
            self._note(f"celery multi v{VERSION_BANNER}", "cyan")

    def _note(self, said: str, colour: str | None = None, *, nl: bool = True) -> None:
        if not self._options.get("quiet"):
            self._said(self._coloured(said, colour), nl=nl)

    def _coloured(self, said: str, colour: str | None) -> str:
        return said if colour is None or self._options.get("plain") else click.style(said, fg=colour, bold=True)

    def _ok(self) -> str:
        return self._coloured("OK", "green")

    # -- nothing happens -------------------------------------------------------------------------------------------
    def names(self, argv: list[str]) -> int:
        """Print the names."""
        self._said("\n".join(node.name for node in nodes_of(Words.of(argv))))
        return EX_OK

    def show(self, argv: list[str]) -> int:
        """Print the lines that would start real workers."""
        self._said("\n".join(" ".join([node.executable, *node.argv()]) for node in nodes_of(Words.of(argv))))
        return EX_OK

    def get(self, argv: list[str]) -> int:
        """Print the line of one node."""
        node = next((node for node in nodes_of(Words.of(argv[1:])) if node.name == argv[0]), None) if argv else None
        if node is None:
            return EX_FAILURE
        self._said(" ".join(node.argv()))
        return EX_OK

    def expand(self, argv: list[str]) -> int:
        """Print a template with each node's name filled in."""
        if not argv:
            return self._usage("multi", "Invalid command: expand")
        self._said("\n".join(str(node.expand(argv[0])) for node in nodes_of(Words.of(argv[1:]))))
        return EX_OK

    def help(self, argv: list[str]) -> int:
        """Tell how nodes and their options are written."""
        del argv
        self._said(str(HELP))
        return EX_OK

    # -- workers start and stop ------------------------------------------------------------------------------------
    def start(self, argv: list[str]) -> int:
        """Start every node as a worker of the lab."""
        self._splash()
        self._note("> Starting nodes...")
        return max([self._start(node, f"\t> {node.name}: ") for node in nodes_of(Words.of(argv))], default=EX_OK)

    def _start(self, node: Node, said: str, colour: str | None = None) -> int:
        self._note(said, colour, nl=False)
        words = shlex.split(" ".join(node.argv(as_process=False)))
        _make_folder(node.logfile)
        if self._options.get("verbose"):
            self._note(f"  {' '.join([node.executable, *words])}")
        try:
            self._run(words[words.index("celery") + 1 :])
        except (click.ClickException, LabError) as error:
            self._note(self._coloured("FAILED", "red"))
            click.echo(str(error) if isinstance(error, LabError) else error.format_message(), err=True)
            return EX_FAILURE
        self._note(self._ok())
        return EX_OK

    def stop(self, argv: list[str]) -> int:
        """Stop every node, and wait until it has stopped; ``-KILL`` and ``-QUIT`` do not wait for tasks."""
        self._splash()
        words = Words.of(argv)
        self._stop(list(nodes_of(words)), _signal(argv, words), lambda node: self._note(f"> {node.name}: DOWN"))
        return EX_OK

    def restart(self, argv: list[str]) -> int:
        """Stop every node and start it again."""
        self._splash()
        words, codes = Words.of(argv), [EX_OK]
        again: Callable[[Node], None] = lambda node: codes.append(  # noqa: E731 - what is done with each
            self._start(node, f"> Restarting node {node.name}: ", "blue")
        )
        self._stop(list(nodes_of(words)), _signal(argv, words), again)
        return max(codes)

    def kill(self, argv: list[str]) -> int:
        """Stop every node at once; what it was doing is done again by another one."""
        self._splash()
        for node in nodes_of(Words.of(argv)):
            worker = _running(node)
            if worker is None:
                self._note(f"> {node.name}: DOWN")
            else:
                self._note(f"Sending KILL to node {node.name}")
                current_lab().stop_worker(worker, "cold")
        return EX_OK

    def _stop(self, nodes: list[Node], name: str, then: Callable[[Node], None]) -> None:
        """Stop *nodes* by the signal called *name*; do *then* with each, first with those that are down already."""
        up = [node for node in nodes if _running(node) is not None]
        for node in nodes:
            if node not in up:
                then(node)
        if not up:
            return
        self._note("> Stopping nodes...", "blue")
        for node in up:
            self._note(f"\t> {node.name}: {name}")
            current_lab().stop_worker(_running(node), "cold" if name in COLD else "warm")
            then(node)


def _make_folder(logfile: str | None) -> None:
    """Make the folder of a log that was asked for, as Celery does; if that is impossible, the worker will say so."""
    if logfile:
        with suppress(OSError):
            Path(logfile).parent.mkdir(parents=True, exist_ok=True)


def _running(node: Node) -> Any:
    """Return the worker of the lab that *node* names, if it works."""
    worker = current_lab().world.workers.get(node.name)
    return worker if worker is not None and worker.online else None


def _signal(argv: Sequence[str], words: Words) -> str:
    """Return the name of the signal that was chosen: the last word that is one, such as ``-KILL`` or ``-9``."""
    for word in reversed(argv[len(words.values) :]):
        name = word.removeprefix("-")
        if word.startswith("-") and name.isdecimal() and len(name) == 1:
            return signal.Signals(int(name)).name.removeprefix("SIG")
        if word.startswith("-") and hasattr(signal, f"SIG{name.removeprefix('SIG')}"):
            return name.removeprefix("SIG")
    return "TERM"


def _run(ctx: click.Context, words: Sequence[str]) -> None:
    """Run another line of the group that *ctx* belongs to, without ending the process."""
    group = ctx.parent
    if group is not None:
        group.command.main([*words], "celery", standalone_mode=False, obj=ctx.obj.namespace, color=ctx.color)


@click.command(
    cls=CeleryCommand,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    help=text("Start, stop and name several workers at once."),
)
@click.pass_context
def multi(ctx: click.Context, /) -> None:
    """Run ``celery multi`` with the words of the line."""
    shared: CLIContext = ctx.obj
    place = list(shared.argv).index("multi")
    argv = [*shared.argv[place:], *shared.argv[:place]]  # what stood before goes to the workers
    run: Run = lambda words: _run(ctx, words)  # noqa: E731 - the tool knows no contexts
    tool = MultiTool(run, shared.echo, {"quiet": shared.quiet, "plain": shared.no_color})
    tool.execute_from_commandline(argv)  # as in Celery, the shell is not told how it went
