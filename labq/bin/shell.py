"""``celery shell``: Python with the app, its tasks and the canvas at hand.

Comes in: an app. Goes out: a shell whose names are bound; in a notebook, which is a shell already, only the names.
Celery: ``celery/bin/shell.py``.
"""

from __future__ import annotations

import code
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import click

import labq
from labq.bin.base import CeleryCommand, option
from labq.i18n import spoken, text

HEADING = "Shell Options"
OF_THE_CANVAS = ("Task", "chord", "group", "chain", "chunks", "xmap", "xstarmap", "subtask", "signature")

Names = Mapping[str, Any]


@click.command(
    cls=CeleryCommand,
    params=[
        option(HEADING, "-I", "--ipython", is_flag=True, help=text("Start IPython.")),
        option(HEADING, "-B", "--bpython", is_flag=True, help=text("Start bpython.")),
        option(HEADING, "--python", is_flag=True, help=text("Start Python's own shell.")),
        option(HEADING, "-T", "--without-tasks", is_flag=True, help=text("Bind no tasks.")),
        option(HEADING, "--eventlet", is_flag=True, help=text("Accepted: nothing in the lab waits for a network.")),
        option(HEADING, "--gevent", is_flag=True, help=text("Accepted: nothing in the lab waits for a network.")),
    ],
    context_settings={"allow_extra_args": True},
    help=text("Start a Python shell in which the app, its tasks and the canvas are at hand."),
)
@click.pass_context
def shell(ctx: click.Context, /, *, ipython: bool, bpython: bool, python: bool, without_tasks: bool, **_: bool) -> None:
    """Bind the names, and start a shell; the lab stays this one."""
    app = ctx.obj.app
    names = _names(app, tasks=not without_tasks)
    if ctx.obj.namespace is not None:
        said = spoken().gettext("This is a shell already; %celery shell would bind {names}.")
        ctx.obj.echo(said.format(names=", ".join(names)))
        return
    sys.path.insert(0, str(os.getcwd()))  # noqa: PTH109 - as a shell has it
    chosen = [start for wanted, start in ((python, _python), (bpython, _bpython), (ipython, _ipython)) if wanted]
    _start(ctx, chosen or [_ipython, _bpython, _python], names)


def _names(app: Any, *, tasks: bool) -> dict[str, Any]:
    names = {"app": app, "celery": app, **{name: getattr(labq, name) for name in OF_THE_CANVAS if hasattr(labq, name)}}
    if tasks:
        names |= {task.__name__: task for task in app.tasks.values() if not task.name.startswith("celery.")}
    return names


def _start(ctx: click.Context, shells: Sequence[Callable[[Names], None]], names: Names) -> None:
    """Start the first of *shells* that is installed."""
    for start in shells:
        try:
            return start(names)
        except ImportError as error:
            missing = error
    ctx.obj.echo(f"{ctx.obj.ERROR}: {missing}")
    return None


def _python(names: Names) -> None:
    code.interact(local=dict(names))


def _ipython(names: Names) -> None:
    import_module("IPython").start_ipython(argv=[], user_ns=dict(names))


def _bpython(names: Names) -> None:
    import_module("bpython").embed(dict(names))
