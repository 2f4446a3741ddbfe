"""The desk: what ``%labq`` and ``%celery`` work on in one shell.

Comes in: a line. Goes out: what the line gives, for IPython to show.
Next door: ``verbs`` holds what ``%labq`` can do; ``labq.bin.celery`` what ``%celery`` can.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from labq import Lab, alias, current_lab
from labq.bin.celery import run_celery
from labq.exceptions import LabError
from labq.i18n import Words, text, words
from labq.kernel.interrupts import install
from labq.magics.verbs import act

LAB = "lab"
"""The name under which a learner finds the lab."""


class Desk:
    """One shell's desk.

    Arguments:
        shell: the shell.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self.strict = False
        """Whether a task that is defined again keeps its first body, as in Celery."""
        self.looking_at: int | None = None
        """How many records the picture of the past has that the learner looks at; None for the present."""
        self._named: Lab | None = None
        self._alias: alias.Alias | None = None

    # -- in the shell ------------------------------------------------------------------------------------------
    def open(self) -> None:
        """Give the lab its name, if nothing else has it, and let cells that run again replace their tasks."""
        if LAB not in self.namespace:
            self.name_lab(self.lab)
        self._shell.events.register("pre_run_cell", self._before_cell)
        self.adopt()

    def close(self) -> None:
        """Take the name away, if it is still ours, and leave the lab to Celery's rules."""
        self._shell.events.unregister("pre_run_cell", self._before_cell)
        if self._named is not None and self.namespace.get(LAB) is self._named:
            del self._shell.user_ns[LAB]
        self.lab.replaces_tasks = False
        self.lab.on_replaced = _say_nothing
        if self._alias is not None:
            self._alias.undo()

    def name_lab(self, lab: Lab) -> None:
        """Put *lab* into the learner's namespace."""
        self._shell.user_ns[LAB] = self._named = lab

    @property
    def has_named_lab(self) -> bool:
        """Whether the name ``lab`` means a lab, or nothing."""
        return isinstance(self.namespace.get(LAB), Lab | None)

    def _before_cell(self, *_: object) -> None:
        install()
        self.adopt()

    def adopt(self) -> None:
        """Let the current lab, which the learner may have made just now, follow this desk's rules."""
        lab = self.lab
        lab.replaces_tasks = not self.strict
        lab.on_replaced = self._tell_replaced

    def _tell_replaced(self, name: str) -> None:
        said = self.words.gettext(
            "{name}: the new body replaces the old one; Celery would keep the old one and warn (%labq strict on)."
        )
        self.tell(said.format(name=name))

    def stand_in(self) -> None:
        """Let ``import celery`` mean labq in this shell."""
        if self._alias is None or not alias.is_on():
            self._alias = alias.as_celery()

    def step_back(self) -> None:
        """Let ``import celery`` mean real Celery again, whoever wanted it otherwise."""
        self._alias = None
        alias.stop()

    # -- what verbs ask for ------------------------------------------------------------------------------------
    @property
    def lab(self) -> Lab:
        """The current lab."""
        lab: Lab = current_lab()
        return lab

    @property
    def words(self) -> Words:
        """The words of the lab's language."""
        return words(self.lab.lang)

    @property
    def namespace(self) -> Mapping[str, Any]:
        """The learner's names."""
        names: Mapping[str, Any] = self._shell.user_ns
        return names

    def tell(self, line: str) -> None:
        """Print *line* under the learner's cell."""
        sys.stdout.write(f"{line}\n")

    # -- the magics --------------------------------------------------------------------------------------------
    def labq(self, line: str) -> Any:
        """Drive the lab and look at it; `%labq help` tells the verbs."""
        self.adopt()
        return act(self, _split(line))

    def celery(self, line: str) -> None:
        """Run a command of Celery's for apps in the lab, such as `%celery -A proj worker --loglevel=INFO`."""
        self.adopt()
        run_celery(_split(line), self.namespace)


def _say_nothing(_: str) -> None:
    """Stay silent."""


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line, posix=os.name == "posix")
    except ValueError as error:
        raise LabError(f"{line!r} cannot be read: {error}", text("A quotation mark has no partner.")) from None
