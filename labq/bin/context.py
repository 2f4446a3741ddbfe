"""What a command finds in ``ctx.obj``: the app, and how to print.

Comes in: the app that ``-A`` means, and what stood before the command. Goes out: lines, in Celery's shapes.
Next door: ``celery`` makes it, every command prints with it.
Celery: ``CLIContext`` in ``celery/bin/base.py``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pprint import pformat
from typing import Any

import click

from labq._state import get_current_app
from labq.prose import indent


class CLIContext:
    """What a command finds in ``ctx.obj``: the app, and how to print.

    Arguments:
        app: the app that ``-A`` means; the current one when None.
        no_color: whether everything is printed in one colour.
        workdir: the working directory that was chosen, if one was.
        quiet: whether to say less.
        namespace: the learner's names in a notebook; None in a terminal.
        argv: the words of the whole line, without ``celery``.
    """

    def __init__(
        self,
        app: Any,
        no_color: bool,
        workdir: Any,
        quiet: bool = False,
        *,
        namespace: Mapping[str, Any] | None = None,
        argv: Sequence[str] = (),
    ) -> None:
        self.app = app or get_current_app()
        self.no_color = no_color
        self.quiet = quiet
        self.workdir = workdir
        self.namespace = namespace
        self.argv = argv

    @property
    def OK(self) -> str:  # noqa: N802 - Celery's name
        """The word ``OK``, green."""
        return self.style("OK", fg="green", bold=True)

    @property
    def ERROR(self) -> str:  # noqa: N802 - Celery's name
        """The word ``ERROR``, red."""
        return self.style("ERROR", fg="red", bold=True)

    def style(self, message: Any = None, **style: Any) -> str:
        """Return *message* with colours and the like, if there are to be any."""
        return message if self.no_color else click.style(message, **style)

    def secho(self, message: Any = None, **style: Any) -> None:
        """Print *message* with a style."""
        printing = {name: style.pop(name) for name in ("file", "nl", "err", "color") if name in style}
        self.echo(message if message is None else self.style(message, **style), **printing)

    def echo(self, message: Any = None, **printing: Any) -> None:
        """Print *message*."""
        click.echo(message, **({**printing, "color": False} if self.no_color else printing))

    def error(self, message: Any = None, **style: Any) -> None:
        """Print *message* where errors are printed."""
        self.secho(message, **{**style, "err": True})

    def pretty(self, n: Any) -> tuple[str, str]:
        """Return ``OK`` or ``ERROR`` for a worker's reply *n*, and the reply written out."""
        if isinstance(n, list):
            return self.OK, self.pretty_list(n)
        if isinstance(n, dict):
            if "ok" in n or "error" in n:
                return self.pretty_dict_ok_error(n)
            return self.OK, json.dumps(n, sort_keys=True, indent=4)
        return self.OK, n if isinstance(n, str) else pformat(n)

    def pretty_list(self, n: list[Any]) -> str:
        """Return one line for each entry."""
        return "\n".join(f"{self.style('*', fg='white')} {entry}" for entry in n) if n else "- empty -"

    def pretty_dict_ok_error(self, n: dict[str, Any]) -> tuple[str, str]:
        """Return what a reply says that is nothing but ``ok`` or ``error``."""
        verdict = (self.OK, n["ok"]) if "ok" in n else (self.ERROR, n["error"])
        return verdict[0], indent(self.pretty(verdict[1])[1], 4)

    def say_chat(self, direction: str, title: str, body: str = "", show_body: bool = False) -> None:
        """Print who said something, and with *show_body* what.

        Arguments:
            direction: ``<-`` for what goes to the workers, which is not printed when quiet; ``->`` for what comes back.
            title: who, and whether all is well.
            body: what was said.
            show_body: whether to print it.
        """
        if direction == "<-" and self.quiet:
            return
        arrow = "" if self.quiet else f"{self.style(direction, fg='white', bold=True)} "
        self.echo(f"{arrow} {title}")
        if body and show_body:
            self.echo(body)
