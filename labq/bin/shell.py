"""``celery shell``: Python with the app, its tasks and the canvas at hand.

Comes in: an app. Goes out: a shell whose names are bound; in a notebook, which is a shell already, only the names.
Celery: ``celery/bin/shell.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import click

import labq
from labq.bin.base import CeleryCommand, option
from labq.i18n import spoken, text

HEADING = "Shell Options"
OF_THE_CANVAS = ("Task", "chord", "group", "chain", "chunks", "xmap", "xstarmap", "subtask", "signature")


class Kind(NamedTuple):
    """A kind of shell."""

    module: str
    """Where it is; imported when it is wanted."""
    start: Callable[[Any, dict[str, Any]], object]
    """Starts it, given the module and the names to bind."""


PYTHON = Kind("code", lambda code, names: code.interact(local=names))
IPYTHON = Kind("IPython", lambda ipython, names: ipython.start_ipython(argv=[], user_ns=names))
BPYTHON = Kind("bpython", lambda bpython, names: bpython.embed(names))


@click.command(
    cls=CeleryCommand,
    params=[
        option(HEADING, "-I", "--ipython", is_flag=True, help=text("Start IPython.")),
        option(HEADING, "-B", "--bpython", is_flag=True, help=text("Start bpython.")),
        option(HEADING, "--python", is_flag=True, help=text("Start Python's own shell.")),
        option(HEADING, "-T", "--without-tasks", is_flag=True, help=text("Give the tasks no names in the shell.")),
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
    sys.path.insert(0, str(Path.cwd()))
    chosen = [one for wanted, one in ((python, PYTHON), (bpython, BPYTHON), (ipython, IPYTHON)) if wanted]
    _start(ctx, chosen or [IPYTHON, BPYTHON, PYTHON], names)


def _names(app: Any, *, tasks: bool) -> dict[str, Any]:
    names = {"app": app, "celery": app, **{name: getattr(labq, name) for name in OF_THE_CANVAS}}
    if tasks:
        names |= {task.__name__: task for task in app.tasks.values() if not task.name.startswith("celery.")}
    return names


def _start(ctx: click.Context, kinds: Sequence[Kind], names: dict[str, Any]) -> None:
    """Start the first of *kinds* that is installed; say what is missing when none is."""
    for kind in kinds:
        try:
            module = import_module(kind.module)
        except ImportError as error:
            missing = error
        else:
            kind.start(module, names)
            return
    ctx.obj.error(f"{ctx.obj.ERROR}: {missing}")
