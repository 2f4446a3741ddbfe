"""The README says only what is so: its example runs, its commands are the real ones, its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from sources import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")

LAB = "python3 -m venv .venv && .venv/bin/pip install -e '.[lab]' && .venv/bin/labq lab"
TESTS = "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest"


def _blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def test_the_two_commands_stand_alone_on_their_lines():
    """One line from an empty clone to the lessons, one to the tests: a reader copies it, and so do the checks."""
    lines = [line for block in _blocks("sh") for line in block.splitlines()]
    assert [lines.count(LAB), lines.count(TESTS)] == [1, 1]


EXAMPLES = list(zip(_blocks("python"), _blocks("text"), strict=True))


@pytest.mark.parametrize(("example", "printed"), EXAMPLES)
def test_an_example_prints_what_the_readme_says(example, printed):
    """Who types the example in sees the very lines that stand below it."""
    done = subprocess.run([sys.executable, "-c", example], check=False, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == (printed, "")


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!http|#)([^)]+)\)", README))))
def test_a_link_leads_to_a_file(target):
    """A file that was moved or never written is noticed."""
    assert (ROOT / target).is_file()


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:lab/tree/)?[\w.]+/[\w./]*)`", README))))
def test_a_path_that_is_named_is_there(path):
    """Folders of the table and addresses for Binder are real ones."""
    assert (ROOT / path.removeprefix("lab/tree/")).exists()
