"""The code of Celery's documentation runs in the lab as it stands, and prints what it prints on real Celery.

The pages come from Celery's source distribution when the test runs; the passages that need a word, each with its
reason, stand in ``documentation/lists.toml``.
"""

from __future__ import annotations

import doctest
import json
import os
import re
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from distribution import celerys_source
from divergences import Divergence

HERE = Path(__file__).with_name("documentation")
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 300
"""Seconds after which a page that hangs is given up."""

if find_spec("celery") is None:
    pytest.skip("Celery is not installed, there is nothing to compare with", allow_module_level=True)

sys.path.insert(0, str(HERE))

from passages import Passage, passages  # noqa: E402 - the path is set first
from stages import STAGES  # noqa: E402 - the same

LISTS: dict[str, dict[str, Any]] = tomllib.loads((HERE / "lists.toml").read_text(encoding="utf-8"))
PAGES = [stage.page for stage in STAGES]
LOOSE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
NAMES = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def source() -> Path:
    """The unpacked source distribution."""
    try:
        return celerys_source()
    except LookupError as exc:
        pytest.skip(str(exc))


@pytest.fixture(scope="module")
def told(source: Path) -> dict[tuple[str, str], dict[str, list[str]]]:
    """What each passage of each page prints on each side."""
    jobs = [(side, page) for page in PAGES for side in ("celery", "labq")]
    with ThreadPoolExecutor(os.cpu_count()) as crew:
        return dict(zip(jobs, crew.map(lambda job: _typed(*job, source), jobs), strict=True))


def _typed(side: str, page: str, source: Path) -> dict[str, list[str]]:
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    ended = subprocess.run(
        [sys.executable, str(HERE), side, page, str(source), *LISTS["left_out"]],
        capture_output=True, text=True, timeout=PATIENCE, env={**os.environ, "PYTHONPATH": path}, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, f"{side}, {page}: {ended.stderr[-3000:]}"
    printed: dict[str, list[str]] = json.loads(ended.stdout)
    return printed


@pytest.fixture(scope="module")
def printed(source: Path) -> list[Passage]:
    """Every passage that is typed."""
    every = [each for page in PAGES for each in passages(source / "docs", page)]
    return [each for each in every if each.key not in LISTS["left_out"]]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_prints_the_same_in_the_lab(page, told):
    """Passage by passage; what differs on purpose is on the list with labq's answer, and DIVERGENCES.md says why."""
    celery, labq = told["celery", page], told["labq", page]
    expected = {key: LISTS["different"].get(key, {}).get("labq", answer) for key, answer in celery.items()}
    assert labq == expected


def test_what_is_listed_as_different_does_differ(told):
    """A difference that has gone is taken off the list."""
    same = [
        key for key in LISTS["different"] if told["celery", _page(key)].get(key) == told["labq", _page(key)].get(key)
    ]
    assert same == []


@pytest.mark.parametrize("key", LISTS["different"])
def test_a_difference_is_explained_to_users(key):
    """The list names the section of DIVERGENCES.md that says why."""
    listed = LISTS["different"][key]
    assert Divergence(listed["heading"], None, listed["labq"]).explained


def test_the_lab_prints_what_the_pages_document(told, printed):
    """What a page shows below a line comes out, unless Celery itself prints something else today: those are listed."""
    off = set()
    for passage in printed:
        answers = told["labq", passage.page][passage.key]
        for (_, want), answer in zip(passage.examples, answers, strict=False):
            if want and not _fits(want, answer):
                off.add(passage.key)
    assert off == LISTS["printed_otherwise"].keys() | (off & LISTS["different"].keys())


def test_every_listed_passage_is_there(source):
    """The lists speak of this version of Celery."""
    every = {each.key for page in PAGES for each in passages(source / "docs", page)}
    listed = {key for name in LISTS for key in LISTS[name]}
    assert listed <= every
    assert len(every) > 250


def _page(key: str) -> str:
    return key.rpartition(":")[0]


def _fits(want: str, answer: str) -> bool:
    want = NAMES.sub("<id>", want)
    if answer == f"'{want}'":  # pages print a text without its quotes now and then
        return True
    if "Traceback (most recent call last)" in want:
        want = want.strip().splitlines()[-1].strip().rpartition(".")[2]
        return answer.partition(":")[0] == want.partition(":")[0]
    return doctest.OutputChecker().check_output(want.strip() + "\n", answer + "\n", LOOSE)
