"""Loading and unloading: what the desk brings into a shell, and takes out again to the last piece.

Comes in: an IPython shell. Goes out: a desk in it.
Next door: ``desk`` is what is brought; ``displays`` and ``completion`` are brought with it.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from IPython.core.interactiveshell import InteractiveShell

from labq.bin.worker_log import worker_log
from labq.magics.completion import Completion
from labq.magics.desk import Desk
from labq.magics.displays import Displays

MAGICS = ("labq", "celery")


class Extension:
    """Everything of labq in one shell.

    Arguments:
        shell: the shell.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._desk = Desk(shell)
        self._displays = Displays(shell)
        self._completion = Completion(shell, self._desk)

    def load(self) -> None:
        """Bring it."""
        for name, magic in zip(MAGICS, (self._desk.labq, self._desk.celery), strict=True):
            self._shell.magics_manager.register_function(magic, "line", name)
        self._desk.open()
        self._displays.register()
        self._completion.register()

    def unload(self) -> None:
        """Take it away."""
        self._completion.unregister()
        self._displays.unregister()
        self._desk.close()
        for name in MAGICS:
            self._shell.magics_manager.magics["line"].pop(name, None)
        worker_log.forget()


_loaded: WeakKeyDictionary[InteractiveShell, Extension] = WeakKeyDictionary()


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Bring labq's desk into *shell*; a second time changes nothing."""
    if shell not in _loaded:
        _loaded[shell] = Extension(shell)
        _loaded[shell].load()


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take labq's desk out of *shell*."""
    extension = _loaded.pop(shell, None)
    if extension is not None:
        extension.unload()
