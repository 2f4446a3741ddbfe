"""Lines of the command line, run in this process: as a notebook runs them, and as a terminal does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from labq.bin.celery import celery, run_celery

Type = Callable[..., str]


@pytest.fixture
def typed(app, capsys) -> Type:
    """Run a ``%celery …`` line in the lab and return what it printed; ``app`` is in the learner's namespace."""

    def run(line: str, **names: Any) -> str:
        capsys.readouterr()
        run_celery(line.split(), {"app": app, **names})
        return capsys.readouterr().out

    return run


@pytest.fixture
def terminal(app, monkeypatch, tmp_path) -> Callable[..., Result]:
    """Run a ``celery …`` line as a terminal does, for the current app, in an empty folder."""
    app.set_current()
    monkeypatch.chdir(tmp_path)
    for name in ("CELERY_BROKER_URL", "CELERY_RESULT_BACKEND", "CELERY_CONFIG_MODULE", "CELERY_SKIP_CHECKS"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)  # so that what a line writes there is forgotten with the test

    def run(*words: str, typed: str | None = None) -> Result:
        argv = words[0].split() if len(words) == 1 else list(words)
        return CliRunner().invoke(celery, argv, prog_name="celery", input=typed)

    return run
