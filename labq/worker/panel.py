"""The panel: every command that workers understand, and the decorators by which more are added.

Comes in: functions. Goes out: the same, under the names by which clients ask for them. A command's first argument is
the worker's state (``state.app``, ``state.hostname``, ``state.consumer``); the others come with the message.
Next door: ``labq.worker.control`` has Celery's own commands, ``labq.worker.pidbox`` looks commands up.
Celery: ``celery/worker/control.py``; its user guide, "Workers: Writing your own remote control commands".
"""

from __future__ import annotations

from collections import UserDict
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple, TypeVar

Command = Callable[..., Any]
Written = TypeVar("Written", bound=Callable[..., Any])
ControlReply = dict[str, Any]
"""What a command answers that only says whether it went well: ``{"ok": …}`` or ``{"error": …}``."""


class controller_info_t(NamedTuple):  # noqa: N801 - Celery's name for it
    """What is known about a command."""

    alias: str | None
    type: str
    """``control`` when it changes something, ``inspect`` when it only looks."""
    visible: bool
    """Whether the command line lists it."""
    default_timeout: float
    """How many seconds the command line waits for replies."""
    help: str | None
    signature: str | None
    """Its arguments, as the command line shows them."""
    args: Any
    """Names and types of its arguments, as the command line reads them."""
    variadic: str | None
    """The argument that takes the rest of the command line."""


class Panel(UserDict[str, Command]):
    """The commands by name. There is one panel for all workers of a process."""

    data: dict[str, Command] = {}  # noqa: RUF012 - one for all is meant: there is one panel
    meta: ClassVar[dict[str, controller_info_t]] = {}

    @classmethod
    def register(cls, *args: Any, **kwargs: Any) -> Any:
        """Put a command on the panel; a decorator, with options or without.

        Arguments:
            name: another name than the function's.
            alias: one more name.
            type: ``control`` or ``inspect``.
            visible: whether the command line lists it.
            default_timeout: how many seconds the command line waits for replies.
            help: one line about it; by default the docstring's first.
            signature: its arguments, as the command line shows them.
            args: names and types of its arguments, as the command line reads them.
            variadic: the argument that takes the rest of the command line.
        """
        register = cls._register(**kwargs)
        return register(*args) if args else register

    @classmethod
    def _register(
        cls,
        name: str | None = None,
        alias: str | None = None,
        type: str = "control",
        visible: bool = True,
        default_timeout: float = 1.0,
        help: str | None = None,
        signature: str | None = None,
        args: Sequence[tuple[str, Callable[[str], Any]]] | None = None,
        variadic: str | None = None,
    ) -> Callable[[Command], Command]:
        def put(fun: Command) -> Command:
            chosen = name or fun.__name__
            said = help or (fun.__doc__ or "").strip().split("\n")[0]
            cls.data[chosen] = fun
            cls.meta[chosen] = controller_info_t(alias, type, visible, default_timeout, said, signature, args, variadic)
            if alias:
                cls.data[alias] = fun
            return fun

        return put


def control_command(**kwargs: Any) -> Callable[[Written], Written]:
    """Add a command that changes something; for the options see ``Panel.register``."""
    decorate: Callable[[Written], Written] = Panel.register(type="control", **kwargs)
    return decorate


def inspect_command(**kwargs: Any) -> Callable[[Written], Written]:
    """Add a command that only looks; for the options see ``Panel.register``."""
    decorate: Callable[[Written], Written] = Panel.register(type="inspect", **kwargs)
    return decorate


def ok(value: Any) -> ControlReply:
    """Return the reply of a command that went well."""
    return {"ok": value}


def nok(value: Any) -> ControlReply:
    """Return the reply of a command that did not."""
    return {"error": value}
