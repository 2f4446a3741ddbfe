"""What every test starts from: no settings of the developer's own reach the lab, the kernels or Celery."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

PRIVATE = (
    "LABQ_LANG",
    "CELERY_CONFIG_MODULE",
    "CELERY_LOADER",
    "CELERY_BROKER_URL",
    "CELERY_RESULT_BACKEND",
    "C_FORCE_ROOT",
)
"""Variables that would change what a test or a lesson prints."""


def pytest_configure(config: pytest.Config) -> None:
    """Give the notebooks' kernels a home without a profile, and forget the developer's variables."""
    for name in PRIVATE:
        os.environ.pop(name, None)
    home = tempfile.TemporaryDirectory(prefix="labq-tests-")
    config.add_cleanup(home.cleanup)
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR"):
        os.environ[name] = str(Path(home.name, name.lower()))
