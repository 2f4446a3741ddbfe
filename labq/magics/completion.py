"""Completion: what the Tab key offers after ``%labq`` and ``%celery``.

Comes in: the line so far. Goes out: words that may follow.
Next door: ``verbs`` and ``labq.bin.offers`` have the words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from labq import _state
from labq.bin.offers import offers
from labq.i18n import LANGUAGES
from labq.lessons.grader import EXERCISES
from labq.magics.desk import Desk
from labq.magics.verbs import VERBS
from labq.result import AsyncResult

COMMANDS = ("%labq", "%celery")
HOOK = "complete_command"


class Completion:
    """The completers in one shell.

    Arguments:
        shell: the shell.
        desk: its desk.
    """

    def __init__(self, shell: InteractiveShell, desk: Desk) -> None:
        self._shell = shell
        self._desk = desk

    def register(self) -> None:
        """Offer words from now on."""
        # IPython hands the hook over as a method of the shell, hence the two first arguments
        hook: Any = self._shell.set_hook  # IPython gives it no types
        hook(HOOK, lambda _, event: self.labq(event), str_key=COMMANDS[0])
        hook(HOOK, lambda _, event: self.celery(event), str_key=COMMANDS[1])

    def unregister(self) -> None:
        """Offer nothing any more."""
        for command in COMMANDS:
            self._shell.strdispatchers[HOOK].strs.pop(command, None)

    def labq(self, event: SimpleNamespace) -> list[str]:
        """Return the verbs, or what may follow a verb."""
        said = _before(event)
        return sorted(self._after(*said) if said else VERBS)

    def _after(self, verb: str, *more: str) -> Iterable[str]:
        namespace = self._desk.namespace
        offers: Mapping[str, Iterable[str]] = {
            "story": _names(namespace, AsyncResult),
            "why": _names(namespace, AsyncResult),
            "conf": list(_state.get_current_app().conf) if verb == "conf" else (),
            "lang": LANGUAGES,
            "check": EXERCISES,
            "as": ("on", "off") if more else ("celery",),
            "strict": ("on", "off"),
            "reset": ("--seed", "--start"),
            "help": VERBS,
        }
        return offers.get(verb, ())

    def celery(self, event: SimpleNamespace) -> list[str]:
        """Return the commands, options and names that may follow."""
        return offers(_before(event), self._desk.namespace)


def _before(event: SimpleNamespace) -> list[str]:
    """Return the words between the magic and the one that is being typed."""
    said: list[str] = event.text_until_cursor.split()[1:]
    typing = event.text_until_cursor[-1:].strip()
    return said[:-1] if typing and said else said


def _names(namespace: Mapping[str, Any], kind: type) -> list[str]:
    return [name for name, value in namespace.items() if isinstance(value, kind) and not name.startswith("_")]
