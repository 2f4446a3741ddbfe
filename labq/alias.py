"""The alias: labq in the place of Celery and kombu, so that code that says ``import celery`` runs in the lab unchanged.

Comes in: ``labq.as_celery()``. Goes out: ``celery.schedules`` is the module ``labq.schedules`` itself, ``kombu`` is
``labq.kombu``; there are no copies, so a class is the same class under both names.
Next door: ``labq.testing.plugin`` and ``%labq as celery`` put the alias in place before user code is imported.
Celery: none of its modules; this is Python's import system (``importlib.abc.MetaPathFinder``).

Two finders are put on ``sys.meta_path``. The first one answers for ``celery`` and ``kombu`` before a real Celery that
is installed can. The last one is asked for what nobody else has found, and says that labq does not mirror it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Self

from labq.exceptions import LabError
from labq.i18n import Text, text
from labq.release import __version__, mirrored_version

__all__ = ("NotMirrored", "as_celery", "stop")

HOMES = {"celery": "labq", "kombu": "labq.kombu"}
"""Where the modules of each project live in labq."""

MIRRORED = frozenset({
    "__main__", "_state", "app", "backends", "beat", "bin", "canvas", "contrib", "events", "exceptions", "loaders",
    "local", "platforms", "result", "schedules", "signals", "states", "utils", "worker",
})  # fmt: skip
"""Celery's own rooms among those of labq; the others are nobody's business who imports ``celery``."""

ADVICE: dict[str, Text] = {
    "celery.apps": text("Start a worker with app.Worker(...).start(), or %celery worker."),
    "celery.bootsteps": text("A worker of the lab is not built of bootsteps; run this code with real Celery."),
    "celery.concurrency": text("Choose a pool by its name: pool='prefork'."),
    "celery.fixups": text("labq.contrib.django does what Celery does for Django."),
    "celery.security": text("Messages are not signed in a lab, because nobody can forge them there."),
    "celery.worker": text("A worker of the lab is built otherwise; run this code with real Celery."),
    "kombu.transport": text("The brokers of a lab are chosen by the URL: memory://, amqp://, redis://."),
}
"""What to do instead, by the part of Celery that is not mirrored."""
RUN_WITHOUT = text("Run the code that needs it without labq.as_celery(), with real Celery.")


class NotMirrored(LabError, ModuleNotFoundError):
    """A part of Celery or kombu that labq does not have.

    Arguments:
        name: its full name, as in ``celery.bootsteps``.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"labq does not mirror {name}", _advice(name))
        self.name = name


def _advice(name: str) -> Text:
    parts = name.split(".")
    above = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((ADVICE[each] for each in above if each in ADVICE), RUN_WITHOUT)


def _home(name: str) -> str | None:
    """Return the name of the module of labq that stands in for *name*, or None if *name* is none of Celery's."""
    project, _, rest = name.partition(".")
    if project not in HOMES:
        return None
    if project == "celery" and rest and rest.partition(".")[0] not in MIRRORED:
        raise NotMirrored(name)
    return HOMES[project] + (f".{rest}" if rest else "")


def _foreign_name(home: str) -> str:
    """Return the name under which users know a module of labq."""
    for project in ("kombu", "celery"):
        if home == HOMES[project] or home.startswith(HOMES[project] + "."):
            return project + home[len(HOMES[project]) :]
    return home


class StandIn(Loader):
    """Gives out a module of labq as it is.

    Arguments:
        home: its name.
    """

    def __init__(self, home: str) -> None:
        self._home = home
        self._spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the one module there is."""
        del spec
        module = import_module(self._home)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Leave the module as it is: it was run when labq imported it, and it keeps its own name and spec."""
        module.__spec__ = self._spec


class First(MetaPathFinder):
    """Finds ``celery`` and ``kombu`` in labq."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to import *fullname*, or None if it is no part of Celery or kombu."""
        del path, target
        home = _home(fullname)
        if home is None:
            return None
        try:
            found = find_spec(home)
        except ModuleNotFoundError:  # a part of the name before the last one is a plain module
            found = None
        if found is None:
            raise NotMirrored(fullname)
        return ModuleSpec(fullname, StandIn(home), origin=found.origin, is_package=None)


class Last(MetaPathFinder):
    """Says what is missing in labq: ``from celery import nothing`` asks for ``labq.nothing`` in the end."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Raise NotMirrored for a module of labq that nobody has found, and say nothing of others."""
        del path, target
        if fullname.startswith("labq."):
            raise NotMirrored(_foreign_name(fullname))
        return None


class _place:  # noqa: N801 - a place with a name, no class to make things of
    """Who has asked for the alias, and the finders while it stands."""

    standing: int = 0
    finders: tuple[First, Last] | None = None


class Alias:
    """The alias, which stands already; in a ``with`` block it ends with the block."""

    def __init__(self) -> None:
        self._asked = True

    def undo(self) -> None:
        """Take back what asking for it did: the last one who does so ends it. A second time means nothing."""
        if self._asked:
            self._asked = False
            if _place.standing:
                _place.standing -= 1
                if not _place.standing:
                    stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.undo()

    def __repr__(self) -> str:
        return f"<labq as celery: {'on' if is_on() else 'off'}>"


def as_celery() -> Alias:
    """Let ``import celery`` and ``import kombu`` mean labq from here on.

    It may be called again, and in ``with`` blocks within each other; it ends when everybody who asked for it with a
    block has left, and no call without a block was made.

    Returns: what ends it, by ``undo()`` or at the end of a ``with`` block.

    Raises:
        LabError: when real Celery or kombu has been imported already: parts of the program hold on to it.
    """
    if not is_on():
        _refuse_real_ones()
        _place.finders = (First(), Last())
        sys.meta_path.insert(0, _place.finders[0])
        sys.meta_path.append(_place.finders[1])
        _say_version(mirrored_version)
    _place.standing += 1
    return Alias()


def is_on() -> bool:
    """Tell whether ``celery`` means labq now."""
    return _place.finders is not None


def stop() -> None:
    """End the alias, whoever asked for it: ``import celery`` finds real Celery again, if that is installed."""
    _place.standing = 0
    if _place.finders is None:
        return
    for finder in _place.finders:
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)
    _place.finders = None
    _say_version(__version__)
    for name in _names_in_use():
        del sys.modules[name]


def _say_version(version: str) -> None:
    """Let ``celery.__version__``, which is labq's own, tell Celery's version: people compare it."""
    vars(sys.modules[HOMES["celery"]])["__version__"] = version


def _names_in_use() -> list[str]:
    """Return the names of Celery's and kombu's modules that are imported now."""
    return [name for name in sys.modules if name.partition(".")[0] in HOMES]


def _refuse_real_ones() -> None:
    real = sorted({name.partition(".")[0] for name in _names_in_use()})
    if real:
        hint: Any = text(
            "Call labq.as_celery() before anything that imports it; in a notebook, restart the kernel first."
        )
        raise LabError(f"real {' and '.join(real)} has been imported already", hint)
