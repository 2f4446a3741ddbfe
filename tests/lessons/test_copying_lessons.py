"""A learner's folder gets the lessons of today, and keeps every word that the learner wrote."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from labq.exceptions import LabError
from labq.i18n import words
from labq.lessons.copying import MANIFEST, copy_lessons, shipped_lessons


def _notebook(source, outputs=()):
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": [source], "outputs": list(outputs)}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def shipped(tmp_path):
    """The lessons that labq ships: two, in English and in Russian."""
    for lang in ("en", "ru"):
        folder = tmp_path / "shipped" / lang
        folder.mkdir(parents=True)
        for name in ("00_index", "01_first"):
            (folder / f"{name}.ipynb").write_text(_notebook(f"{name} in {lang}"), "utf-8")
    return tmp_path / "shipped"


@pytest.fixture
def desk(tmp_path):
    """The learner's folder, which is not there yet."""
    return tmp_path / "desk"


def _names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_first_copy_brings_each_lesson(shipped, desk):
    """Into a folder of its language, with the index to open."""
    report = copy_lessons(desk, "ru", shipped)
    assert report.new == ("00_index.ipynb", "01_first.ipynb")
    assert report.index == desk / "ru" / "00_index.ipynb"
    assert "00_index in ru" in report.index.read_text("utf-8")
    assert _names(desk / "ru") == [MANIFEST, "00_index.ipynb", "01_first.ipynb"]


def test_copying_again_changes_nothing_and_says_nothing(shipped, desk):
    """The second morning is quiet."""
    copy_lessons(desk, "en", shipped)
    report = copy_lessons(desk, "en", shipped)
    assert report.same == ("00_index.ipynb", "01_first.ipynb")
    assert list(report.lines()) == []


def test_a_copy_that_was_only_run_is_updated(shipped, desk):
    """Outputs come back by running; words would not."""
    copy_lessons(desk, "en", shipped)
    mine = desk / "en" / "01_first.ipynb"
    mine.write_text(_notebook("01_first in en", [{"output_type": "stream", "name": "stdout", "text": "5"}]), "utf-8")
    assert copy_lessons(desk, "en", shipped).same == ("00_index.ipynb", "01_first.ipynb")
    assert "stdout" in mine.read_text("utf-8")
    (shipped / "en" / "01_first.ipynb").write_text(_notebook("better"), "utf-8")
    assert copy_lessons(desk, "en", shipped).updated == ("01_first.ipynb",)
    assert mine.read_text("utf-8") == _notebook("better")


def test_an_edited_copy_stays_while_its_lesson_does(shipped, desk):
    """Nothing has to be said about it."""
    copy_lessons(desk, "en", shipped)
    mine = desk / "en" / "01_first.ipynb"
    mine.write_text(_notebook("mine"), "utf-8")
    report = copy_lessons(desk, "en", shipped)
    assert (report.kept, list(report.lines())) == (("01_first.ipynb",), [])
    assert mine.read_text("utf-8") == _notebook("mine")


def test_an_edited_copy_stays_and_the_newer_lesson_lies_beside_it(shipped, desk):
    """The learner is told, once."""
    copy_lessons(desk, "en", shipped)
    mine = desk / "en" / "01_first.ipynb"
    mine.write_text(_notebook("mine"), "utf-8")
    (shipped / "en" / "01_first.ipynb").write_text(_notebook("better"), "utf-8")
    report = copy_lessons(desk, "en", shipped)
    assert report.beside == {"01_first.ipynb": "01_first.new.ipynb"}
    (line,) = report.lines()
    assert words("en").say(line) == (
        "You have edited 01_first.ipynb, so it stays. "
        "The lesson has changed since; its new version is 01_first.new.ipynb."
    )
    assert mine.read_text("utf-8") == _notebook("mine")
    assert (desk / "en" / "01_first.new.ipynb").read_text("utf-8") == _notebook("better")
    assert copy_lessons(desk, "en", shipped).kept == ("01_first.ipynb",)


def test_a_newer_lesson_that_was_edited_too_is_not_overwritten(shipped, desk):
    """An untouched one beside is replaced, an edited one gets a neighbour."""
    copy_lessons(desk, "en", shipped)
    (desk / "en" / "01_first.ipynb").write_text(_notebook("mine"), "utf-8")
    lesson, beside = shipped / "en" / "01_first.ipynb", desk / "en" / "01_first.new.ipynb"
    for version in ("second", "third"):
        lesson.write_text(_notebook(version), "utf-8")
        copy_lessons(desk, "en", shipped)
        assert beside.read_text("utf-8") == _notebook(version)
    beside.write_text(_notebook("mine as well"), "utf-8")
    lesson.write_text(_notebook("fourth"), "utf-8")
    assert copy_lessons(desk, "en", shipped).beside == {"01_first.ipynb": "01_first.new2.ipynb"}
    assert beside.read_text("utf-8") == _notebook("mine as well")


@pytest.mark.parametrize("found", ["no JSON at all", "[]", '{"cells": 7}'])
def test_a_file_that_was_there_before_is_the_learners(shipped, desk, found):
    """Even when it is no notebook, and nothing remembers it."""
    (desk / "en").mkdir(parents=True)
    mine = desk / "en" / "01_first.ipynb"
    mine.write_text(found, "utf-8")
    assert copy_lessons(desk, "en", shipped).beside == {"01_first.ipynb": "01_first.new.ipynb"}
    assert mine.read_text("utf-8") == found


@pytest.mark.parametrize("spoiled", ["", "[1]", '{"01_first.ipynb": '])
def test_a_spoiled_memory_loses_nothing(shipped, desk, spoiled):
    """Copies then count as edited, unless they are today's lesson."""
    copy_lessons(desk, "en", shipped)
    (desk / "en" / "01_first.ipynb").write_text(_notebook("mine"), "utf-8")
    (desk / "en" / MANIFEST).write_text(spoiled, "utf-8")
    report = copy_lessons(desk, "en", shipped)
    assert (report.same, list(report.beside)) == (("00_index.ipynb",), ["01_first.ipynb"])


def test_a_deleted_lesson_comes_back(shipped, desk):
    """Deleting is how a learner asks for a fresh copy."""
    copy_lessons(desk, "en", shipped)
    (desk / "en" / "01_first.ipynb").unlink()
    assert copy_lessons(desk, "en", shipped).new == ("01_first.ipynb",)


def test_languages_lie_side_by_side(shipped, desk):
    """Links between languages lead somewhere."""
    copy_lessons(desk, "en", shipped)
    copy_lessons(desk, "ru", shipped)
    assert _names(desk) == ["en", "ru"]


@pytest.mark.parametrize("lang", ["de", "zh", "../en"])
def test_a_language_without_lessons_is_refused(shipped, desk, lang):
    """Nothing is made for it."""
    with pytest.raises(LabError, match="no lessons in"):
        copy_lessons(desk, lang, shipped)
    assert not desk.exists()


def test_a_folder_that_cannot_be_made_is_said(shipped, desk):
    """With what to do about it."""
    desk.write_text("a file stands here", "utf-8")
    with pytest.raises(LabError, match="cannot be copied to"):
        copy_lessons(desk, "en", shipped)
    assert desk.read_text("utf-8") == "a file stands here"


def test_the_lessons_of_this_installation_are_found():
    """In a checkout they are the folders that people edit; in a wheel, those inside the package."""
    assert (shipped_lessons() / "en").is_dir()


def test_what_learners_need_loads_no_authors_library():
    """A learner has JupyterLab and neither polib nor Babel."""
    heavy = "{'polib', 'babel', 'nbclient', 'nbformat'}"
    code = f"import sys, labq.lessons.copying, labq.lessons.course; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"
