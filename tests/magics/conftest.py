"""A real IPython shell in this process, and what a cell in it gave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from IPython.core.displayhook import DisplayHook
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from labq import _state
from labq.i18n import speak


class SilentHook(DisplayHook):
    """Keeps what a cell gives and prints nothing of it: tests look at printed lines and at values apart."""

    def write_output_prompt(self):
        """Print no ``Out[1]:``."""

    def write_format_data(self, format_dict, md_dict=None):
        """Print no text of the value."""


class Gave(NamedTuple):
    """What a cell gave."""

    result: Any
    printed: str
    error: BaseException | None


@pytest.fixture
def shell(monkeypatch) -> Iterator[InteractiveShell]:
    """A shell without labq, in a process without a lab."""
    monkeypatch.setenv("LABQ_LANG", "en")
    before = _state.get_current_app(), _state.get_current_lab() if _state.has_current_lab() else None
    _state.set_current_lab(None)
    _state.forget_shared_tasks()
    speak("en")
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell(config=config, displayhook_class=SilentHook)
    yield shell
    shell.run_line_magic("unload_ext", "labq")
    shell.restore_sys_module_state()
    _state.set_current_app(before[0])
    _state.set_current_lab(before[1])
    speak("en")


Run = Callable[[str], Gave]


@pytest.fixture
def bare(shell, capsys) -> Run:
    """Run cells in the shell as it is."""

    def run(code: str) -> Gave:
        capsys.readouterr()
        done = shell.run_cell(code, store_history=False)
        return Gave(done.result, capsys.readouterr().out, done.error_before_exec or done.error_in_exec)

    return run


@pytest.fixture
def run(bare) -> Run:
    """Run cells in a shell with labq's desk; a seeded lab, an app and two tasks are there."""
    assert bare("%load_ext labq").error is None
    made = bare(
        """
from labq import Celery, Lab
lab = Lab(seed=7, start="2030-01-01T09:00:00Z")
app = Celery("proj", broker="amqp://ann:secret@localhost//", backend="cache+memory://")

@app.task
def add(x, y):
    return x + y

@app.task
def broken():
    raise KeyError("no such order")
"""
    )
    assert made.error is None
    return bare
