"""The whole way: an English lesson becomes a lesson in each language, and comes out the same each time."""

from __future__ import annotations

import os
import subprocess
import sys

import nbformat
import pytest

from labq.exceptions import LabError
from labq.lessons.checks import check
from labq.lessons.notebook import Cell, loads, tidy_outputs
from labq.lessons.sync import sync

LESSON = "01_tiny"


@pytest.fixture
def done(course, translations):
    """The course with everything translated and executed."""
    sync(shelf=course.shelf)
    for lang, words in translations.items():
        course.translate(lang, words)
    course.translate_messages("ru", {"Start a worker.": "Запустите воркер."})
    course.translate_messages("zh", {"Start a worker.": "启动 worker。"})
    sync(execute=True, shelf=course.shelf)
    return course


def test_a_lesson_goes_through_the_whole_pipeline(done):
    """Words are in the language, code is the same, each cell showed something of its own, and no check complains."""
    english, russian = done.notebook("en"), done.notebook("ru")
    assert [cell.id for cell in russian.cells] == [cell.id for cell in english.cells]
    assert (
        russian.cells[0].source
        == "# Первая задача\n\nЗадача ждёт в `queue`.\n\n- Смотрите [оглавление](00_index.ipynb)"
    )
    assert russian.cells[1].source == "import os\n\n# называем язык\nprint(os.environ['LABQ_LANG'])"
    assert russian.cells[2].source == '%load_ext autoreload\nword = "шесть"  # слово\n[word, 6 * 7]'
    assert [cell.outputs[-1].get("text") for cell in (english.cells[1], russian.cells[1])] == [["en\n"], ["ru\n"]]
    assert russian.cells[2].outputs[-1]["data"] == {"text/plain": ["['шесть', 42]"]}
    assert [cell.count for cell in russian.cells] == [None, 1, 2]
    assert check(shelf=done.shelf) == ()


def test_what_is_written_is_a_valid_notebook_without_dates_or_versions(done):
    """Jupyter opens it without converting, and nothing in it depends on the day."""
    content = done.shelf.notebook("zh", LESSON).read_text("utf-8")
    nbformat.validate(nbformat.reads(content, as_version=4))
    assert nbformat.writes(nbformat.reads(content, as_version=4)) + "\n" == content
    assert '"execution"' not in content
    assert '"version"' not in content


def test_a_second_run_writes_nothing(done):
    """Executing again gives the same bytes, so nothing is touched."""
    report = sync(execute=True, shelf=done.shelf)
    assert (report.written, report.waiting) == ((), {})


@pytest.mark.parametrize("seed", ["1", "2"])
def test_nbval_accepts_the_notebooks_of_each_language(course, translations, seed):
    """Stored outputs are what a fresh kernel shows, whatever the seed of the hashes."""
    course.change("run", "print(os.environ['LABQ_LANG'])", "print(sorted({'b', 'a'}))")
    sync(shelf=course.shelf)
    for lang, words in translations.items():
        course.translate(lang, words)
    sync(execute=True, shelf=course.shelf)
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "notebooks"], cwd=course.shelf.root, env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "6 passed" in done.stdout


def test_an_untranslated_lesson_is_english_and_the_report_says_what_waits(course):
    """A lesson can be read and run before anybody has translated it."""
    report = sync("ru", shelf=course.shelf)
    assert course.notebook("ru").without_outputs() == course.notebook("en").without_outputs()
    assert report.waiting == {"translations/ru/LC_MESSAGES/labq.po": 1, f"translations/ru/lessons/{LESSON}.po": 6}
    assert report.written[-1] == f"notebooks/ru/{LESSON}.ipynb"
    assert not course.shelf.notebook("zh", LESSON).exists()


def test_outputs_stay_while_the_code_does(done):
    """New words leave outputs alone; new code takes them away until the lesson runs again."""
    done.change("run", "say the language", "tell the language")
    sync(shelf=done.shelf)
    assert done.notebook("ru").cells[1].outputs[0]["text"] == ["ru\n"]
    done.change("run", "print(", "print(1, ")
    sync(shelf=done.shelf)
    assert [cell.count for cell in done.notebook("ru").cells] == [None, None, None]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("%labq lang en", "%labq lang ru"),
        ('lab = Lab(seed=7, lang="en")', 'lab = Lab(seed=7, lang="ru")'),
        ("lab = Lab(lang='en')", "lab = Lab(lang='ru')"),
        ("%labq lang zh", "%labq lang zh"),
        ('other_lang = "en"', 'other_lang = "en"'),
        ("%labq lang english", "%labq lang english"),
    ],
)
def test_a_notebook_names_its_own_language(course, code, expected):
    """Who opens a Russian lesson sees Russian views, whatever language the desk was started in."""
    course.write(Cell("setup", "code", code, {}))
    sync("ru", shelf=course.shelf)
    assert course.notebook("ru").cells[0].source == expected


def test_a_lesson_that_fails_stops_with_its_traceback(course):
    """Nothing is stored of a run that did not reach its end."""
    before = course.shelf.notebook("en", LESSON).read_text("utf-8")
    course.write(Cell("bad", "code", "1 / 0", {}))
    written = course.shelf.notebook("en", LESSON).read_text("utf-8")
    with pytest.raises(LabError, match="ZeroDivisionError"):
        sync("en", execute=True, shelf=course.shelf)
    assert course.shelf.notebook("en", LESSON).read_text("utf-8") == written != before


def test_an_error_that_is_the_lesson_is_stored_without_this_machines_folders(course):
    """The tag raises-exception lets a cell fail; its traceback shows files as any reader's does."""
    code = "from labq.wire.serializers import dumps\ndumps({1, 2}, 'json')"
    course.write(Cell("bad", "code", code, {"tags": ["raises-exception"]}))
    sync("en", execute=True, shelf=course.shelf)
    output = course.notebook("en").cells[0].outputs[0]
    assert output["ename"] == "EncodeError"
    assert "labq/wire/serializers.py" in "".join(output["traceback"])
    assert not [problem for problem in check("en", shelf=course.shelf) if "shows" in problem.complaint]


def test_unknown_names_are_refused_with_the_known_ones(course):
    """A typing mistake is answered with what there is."""
    with pytest.raises(LabError, match="en, ru, zh"):
        sync("de", shelf=course.shelf)
    with pytest.raises(LabError, match="no lesson 77_none"):
        sync(only=["77_none"], shelf=course.shelf)


def test_live_widgets_leave_their_static_picture():
    """A model id means something to one kernel only."""
    shown = {"application/vnd.jupyter.widget-view+json": {"model_id": "8f1c"}, "text/html": "<p>1</p>\n<p>2</p>"}
    output = {"output_type": "display_data", "data": shown, "metadata": {"x": 1}}
    assert tidy_outputs([output], {}) == (
        {"output_type": "display_data", "data": {"text/html": ["<p>1</p>\n", "<p>2</p>"]}, "metadata": {}},
    )


def test_where_a_kernel_flushes_does_not_show():
    """Neighbouring writes are one output for each stream, stdout first; anything else between them parts them."""
    writes = [("stderr", "!"), ("stdout", "a"), ("stdout", "b\n"), ("stderr", "?")]
    streams = [{"output_type": "stream", "name": name, "text": text} for name, text in writes]
    shown = {"output_type": "display_data", "data": {"text/plain": "5"}, "metadata": {}}
    assert tidy_outputs([*streams, shown, streams[1]], {}) == (
        {"output_type": "stream", "name": "stdout", "text": ["ab\n"]},
        {"output_type": "stream", "name": "stderr", "text": ["!?"]},
        {"output_type": "display_data", "data": {"text/plain": ["5"]}, "metadata": {}},
        {"output_type": "stream", "name": "stdout", "text": ["a"]},
    )


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"cells": [{"cell_type": "code"}]}', '{"cells": 3}'])
def test_what_is_no_notebook_is_refused_by_name(content):
    """The error names the file."""
    with pytest.raises(LabError, match=r"lost\.ipynb is not a notebook"):
        loads(content, "lost.ipynb")


def test_two_cells_with_one_id_are_refused():
    """Ids are how a cell is found in each language."""
    cell = '{"cell_type": "markdown", "id": "twin", "source": ""}'
    with pytest.raises(LabError, match="twin"):
        loads(f'{{"cells": [{cell}, {cell}]}}', "x.ipynb")
