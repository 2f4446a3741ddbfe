"""What the tests of the wire share."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def run_python():
    """Return a function that runs a program in a Python of its own and gives back what it printed."""

    def run(program):
        root = Path(__file__).resolve().parents[2]
        child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=root, check=True)
        return child.stdout.strip()

    return run
