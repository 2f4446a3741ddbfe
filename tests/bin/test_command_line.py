"""``labq`` in a terminal: its story, its lessons, its help, and clear sentences when something is missing."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from labq import __version__, _state
from labq.bin.commands import commands
from labq.i18n import LANGUAGES, words
from labq.lessons.course import COURSE

WITHOUT = "import sys; sys.modules.update(dict.fromkeys({missing!r}))\nfrom labq.bin import main; main({argv!r})"
"""Runs the command line in a process in which some libraries are not installed."""

OF_THE_DESK = ["IPython", "ipywidgets", "ipykernel", "jupyter_core", "matplotlib", "nbformat"]
OF_AUTHORS = ["babel", "nbclient", "nbformat", "polib"]


@pytest.fixture
def labq():
    """Run the command line here, and give back the lab that was current."""
    before = _state.get_current_lab() if _state.has_current_lab() else None

    def run(*argv, lang="en"):
        _state.forget_shared_tasks()  # a terminal's process has told no story before
        return CliRunner().invoke(commands(words(lang)), argv, prog_name="labq")

    yield run
    _state.set_current_lab(before)


def _elsewhere(*argv: str, missing: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    script = WITHOUT.format(missing=missing, argv=list(argv))
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


def test_the_version_is_said(labq):
    """Scripts read it."""
    done = labq("--version")
    assert (done.exit_code, done.output) == (0, f"labq {__version__}\n")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_command_explains_itself_in_each_language(labq, lang):
    """The help of a translated command has no English sentence of ours in it."""
    done = labq("--help", lang=lang)
    assert done.exit_code == 0
    assert all(name in done.output for name in ("celery", "demo", "lab", "lessons"))
    for command in ("lab", "demo", "lessons", "celery", "celery worker"):
        name = command.split()
        shown = labq(*name, "--help", lang=lang)
        assert shown.exit_code == 0
        assert lang == "en" or not {"The", "How", "Print", "Copy", "Start"} & set(shown.output.split())


def test_the_language_is_that_of_the_option_or_of_the_environment():
    """``--lang`` is stronger than LABQ_LANG."""
    by_variable = _elsewhere("lessons", "list", missing=[], LABQ_LANG="zh").stdout
    by_option = _elsewhere("lessons", "list", "--lang", "ru", missing=[], LABQ_LANG="zh").stdout
    assert by_variable != by_option
    assert any("а" <= letter <= "я" for letter in by_option)


# -- the story -------------------------------------------------------------------------------------------------------
def test_the_demo_tells_the_first_story_step_by_step(labq):
    """From the promise to the result, with the reason why nothing happened before a worker was there."""
    done = labq("demo")
    assert done.exit_code == 0
    places = [
        done.output.index(said)
        for said in (
            "deliver.delay(",
            "'PENDING'",
            "waits in queue celery",
            "NeverReady: no worker consumes from queue 'celery'",
            "lab.start_worker(app",
            "sleeps for 3600",
            "'a book delivered'",
            "datetime.datetime(2030, 1, 1, 10, 0",
            "labq lab",
        )
    ]
    assert places == sorted(places)
    assert "Traceback" not in done.output


def test_the_demo_is_the_same_each_time(labq):
    """Same seed, same world."""
    assert labq("demo").output == labq("demo").output


@pytest.mark.parametrize("lang", ["ru", "zh"])
def test_the_demo_speaks_the_readers_language(labq, lang):
    """Sentences and views are translated, the code is not."""
    told = labq("demo", "--lang", lang, lang=lang).output
    assert "does not run the task" not in told
    assert "What happened" not in told
    assert "deliver.delay(" in told


def test_the_demo_needs_neither_jupyter_nor_the_authors_libraries():
    """A plain installation tells the story, on a terminal that knows no more than ASCII too."""
    done = _elsewhere("demo", missing=[*OF_THE_DESK, *OF_AUTHORS], PYTHONIOENCODING="ascii", LABQ_LANG="ru")
    assert (done.returncode, done.stderr) == (0, "")
    assert "'a book delivered'" in done.stdout


# -- the lessons -----------------------------------------------------------------------------------------------------
def test_lessons_are_listed_in_their_order(labq):
    """By number and title."""
    lines = labq("lessons", "list").output.splitlines()
    assert [line.split()[0] for line in lines] == [lesson.number for lesson in COURSE]
    assert lines[1] == "01  Your first task"


def test_lessons_are_copied_once_and_an_edited_copy_stays(labq, tmp_path):
    """The command says what it did."""
    first = labq("lessons", "copy", "--dir", str(tmp_path / "mine"))
    assert first.exit_code == 0
    assert f"copied to {tmp_path / 'mine' / 'en'}" in first.output
    mine = tmp_path / "mine" / "en" / "01_first_task.ipynb"
    mine.write_text('{"cells": []}', "utf-8")
    again = labq("lessons", "copy", "--dir", str(tmp_path / "mine"))
    assert "up to date" in again.output
    assert mine.read_text("utf-8") == '{"cells": []}'


def test_authors_commands_hand_their_words_on():
    """The help of the authors' half is its own."""
    done = _elsewhere("lessons", "sync", "--help", missing=[])
    assert done.returncode == 0
    assert "usage: labq lessons sync" in done.stdout
    assert "--execute" in done.stdout


def test_authors_commands_say_which_library_they_need():
    """A learner who types one gets a sentence and no traceback."""
    done = _elsewhere("lessons", "check", missing=OF_AUTHORS)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "Install what writing lessons needs: `pip install 'labq[test]'`."
    assert "Traceback" not in done.stderr


# -- what cannot be done ---------------------------------------------------------------------------------------------
def test_without_jupyterlab_the_lab_says_how_to_install_it(tmp_path):
    """And copies nothing."""
    script = (
        "import importlib.util as u, sys; find = u.find_spec; "
        "u.find_spec = lambda name, *rest: None if name == 'jupyterlab' else find(name, *rest)\n"
        f"from labq.bin import main; main(['lab', '--dir', {str(tmp_path / 'mine')!r}])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("JupyterLab is not installed here\nInstall it together with labq: `pip install")
    assert not (tmp_path / "mine").exists()


def test_a_language_that_labq_does_not_speak_is_a_usage_error(labq):
    """Click names those that there are."""
    done = labq("demo", "--lang", "fr")
    assert done.exit_code == 2
    assert "'en', 'ru', 'zh'" in done.output


def test_celery_in_a_terminal_works_and_says_that_the_lab_ends(tmp_path):
    """The banner is the same as in a notebook; the app comes from the working directory."""
    (tmp_path / "proj.py").write_text('from labq import Celery\napp = Celery("proj", broker="memory://")\n', "utf-8")
    script = "from labq.bin import main; main(['celery', '-A', 'proj', 'worker'])"
    command = [sys.executable, "-P", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0
    assert ".> app:         proj:0x…" in done.stdout
    assert done.stderr.startswith("This lab lived in this command alone")
