"""The classes that commands are made of, those of other projects too."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from labq import Celery, signals
from labq.bin.base import (
    CeleryCommand,
    CeleryDaemonCommand,
    CeleryOption,
    CLIContext,
    handle_preload_options,
    handle_remote_command_error,
)
from labq.bin.celery import celery
from labq.exceptions import CeleryCommandException, LabError, OperationalError
from labq.i18n import speak, text


@pytest.fixture
def plugin():
    """Add a command of one's own to the group, as Flower does, and take it away again."""

    def add(command: click.Command) -> click.Command:
        celery.add_command(command)
        added.append(str(command.name))
        return command

    added: list[str] = []
    yield add
    for name in added:
        del celery.commands[name]


def _run(app: Celery, *words: str):
    return CliRunner().invoke(celery, words, prog_name="celery", obj={"app": app})


def test_options_stand_under_their_headings_in_the_order_in_which_they_were_written():
    """Those without a heading stand under Options."""
    command = CeleryCommand(
        "order",
        params=[
            CeleryOption(["--late"], help_group="Times", help="When."),
            CeleryOption(["--plain"]),
            CeleryOption(["--early"], help_group="Times"),
        ],
    )
    shown = command.get_help(click.Context(command))
    assert shown.index("Times:") < shown.index("--late TEXT   When.") < shown.index("--early") < shown.index("Options:")
    assert shown.index("Options:") < shown.index("--plain")


def test_help_is_said_in_the_language_that_is_spoken_when_it_is_shown():
    """The command was made before."""
    command = CeleryCommand("worker", help=text("Start a worker in the lab."))
    english = command.get_help(click.Context(command))
    speak("ru")
    russian = command.get_help(click.Context(command))
    speak("en")
    assert "Start a worker in the lab." in english
    assert "Start a worker in the lab." not in russian
    assert command.help == "Start a worker in the lab."


def test_an_option_may_find_its_default_in_the_context():
    """As in Celery."""

    @click.command()
    @click.option("--size", cls=CeleryOption, default_value_from_context="size")
    def show(size):
        click.echo(size)

    assert CliRunner().invoke(show, obj={"size": 3}).output == "3\n"


def test_daemon_options_fall_back_on_the_apps_settings(app, plugin):
    """The setting is called like the command and the option."""
    seen = {}

    @click.command(cls=CeleryDaemonCommand)
    def worker_like(**options):
        seen.update(options)

    command = plugin(worker_like)
    command.name = "worker"
    app.conf.worker_pidfile = "from the settings"
    _run(app, "-A", "app", "worker-like", "--uid", "7")
    assert (seen["pidfile"], seen["uid"], seen["logfile"]) == ("from the settings", "7", None)


def test_a_command_gets_the_options_that_the_app_adds_for_all(app, plugin):
    """Those that it takes arrive; receivers of the signal hear all of them."""
    heard = []

    def hear(sender, app, options, **_):
        heard.append((sender, app, options))

    signals.user_preload_options.connect(hear)
    app.user_options["preload"].add(click.Option(["--ini"]))
    app.user_options["preload"].add(click.Option(["--var"]))
    given = {}

    @click.command(cls=CeleryCommand)
    @click.pass_context
    def mine(ctx, ini):
        given.update(ini=ini, app=ctx.obj.app)

    plugin(mine)
    assert _run(app, "-A", "app", "mine", "--ini", "a.ini", "--var", "x=1").exit_code == 0
    assert given == {"ini": "a.ini", "app": app}
    assert [(each[1], each[2]) for each in heard] == [(app, {"ini": "a.ini", "var": "x=1"})]
    assert heard[0][0].__name__ == "mine"


def test_the_decorator_delivers_preload_options_once(app, plugin):
    """A command that has both hears nothing twice."""
    heard = []

    def hear(**_):
        heard.append(1)

    signals.user_preload_options.connect(hear)
    app.user_options["preload"].add(click.Option(["--ini"]))

    @click.command(cls=CeleryCommand)
    @click.pass_context
    @handle_preload_options
    def decorated(ctx):
        pass

    plugin(decorated)
    assert _run(app, "-A", "app", "decorated", "--ini", "a.ini").exit_code == 0
    assert heard == [1]


def test_options_of_one_app_do_not_stay_for_the_next(app):
    """A notebook has several apps."""
    app.user_options["worker"].add(click.Option(["--fast"]))
    assert "--fast" in _run(app, "-A", "app", "worker", "--help").output
    other = Celery("other", broker="memory://", set_as_current=False)
    assert "--fast" not in _run(other, "-A", "app", "worker", "--help").output


def test_a_context_prints_in_one_colour_when_it_is_told_to(capsys, app):
    """And styles nothing."""
    assert CLIContext(app, no_color=True, workdir=None).OK == "OK"
    assert click.unstyle(CLIContext(app, no_color=False, workdir=None).ERROR) == "ERROR"
    CLIContext(app, no_color=True, workdir=None).error("no")
    assert capsys.readouterr().err == "no\n"


@pytest.mark.parametrize(
    ("reply", "verdict", "said"),
    [
        ([], "OK", "- empty -"),
        (["a", "b"], "OK", "* a\n* b"),
        ({"b": 1, "a": [2]}, "OK", '{\n    "a": [\n        2\n    ],\n    "b": 1\n}'),
        ({"ok": "pong"}, "OK", "    pong"),
        ({"error": ["x"]}, "ERROR", "    * x"),
        ("plain", "OK", "plain"),
        (3, "OK", "3"),
    ],
)
def test_replies_are_written_out(app, reply, verdict, said):
    """Lists line by line, the rest as JSON."""
    assert CLIContext(app, no_color=True, workdir=None).pretty(reply) == (verdict, said)


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (OperationalError("refused"), "Could not connect to the message broker. Please make sure"),
        (RuntimeError("boom"), "Unable to run the `inspect ping` command. Reason: boom"),
    ],
)
def test_what_goes_wrong_with_workers_is_one_line(raised, said):
    """With the exit code of what is unavailable."""
    with pytest.raises(CeleryCommandException) as caught:
        handle_remote_command_error("inspect ping", raised)
    assert caught.value.message.startswith(said)
    assert caught.value.exit_code == 69


@pytest.mark.parametrize("raised", [click.UsageError("wrong"), LabError("no", "do")])
def test_what_is_a_sentence_already_stays_as_it_is(raised):
    """Click's errors and the lab's."""
    with pytest.raises(type(raised)) as caught:
        handle_remote_command_error("inspect ping", raised)
    assert caught.value is raised
