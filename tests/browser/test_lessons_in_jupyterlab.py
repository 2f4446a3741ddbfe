"""The lessons in a real browser: opened, run, played and looked at, in three languages, in light and dark."""

from __future__ import annotations

import json
import re

import pytest

from labq.i18n import LANGUAGES
from labq.lessons.copying import shipped_lessons

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
expect.set_options(timeout=30_000)

pytestmark = pytest.mark.browser

FIRST = "01_first_task"

OTHERS = ("00_index", "02_laziness", "03_names_and_registry", "04_configuration", "09_retries")

every_language = pytest.mark.parametrize("desk", LANGUAGES, indirect=True, scope="module")
in_english = pytest.mark.parametrize("desk", ["en"], indirect=True, scope="module")

BUTTONS = {
    "en": ("First", "Back", "Step", "Last"),
    "ru": ("В начало", "Назад", "Шаг", "В конец"),
    "zh": ("最前", "后退", "前进", "最后"),
}
"""What stands on the room's buttons."""

BEFORE = {"en": "Nothing has happened yet.", "ru": "Пока ничего не произошло.", "zh": "还没有发生任何事。"}
"""What the room says before the first step."""

LETTERS = {"en": "Qgjy", "ru": "ЖяЩъ", "zh": "队列任务"}
"""Letters that a language needs a font for."""

LEAST_CONTRAST = 4.5

THEMES, WIDTHS = ("Light", "Dark"), (1280, 800)

LOOPING = {
    "setup": "%load_ext labq\nfrom labq import Celery, Lab\nlab = Lab(seed=1)\n"
    "app = Celery('loops', broker='amqp://', backend='cache+memory://')\nworker = lab.start_worker(app)",
    "loop": "@app.task\ndef loop():\n    print('round and round')\n    while True:\n        pass\n\n"
    "_ = loop.delay()\nlab.run()",
    "after": "@app.task\ndef add(x, y):\n    return x + y\n\nprint(add.delay(2, 3).get())",
}
"""A notebook with a task that never ends."""


def note(output):
    """Return the line in which the room says its step in words."""
    return output.locator(".labq-note")


def printed(outputs):
    """Return the kind of each output, and what was printed."""
    return [(output["output_type"], "".join(output.get("text", ()))) for output in outputs]


def views(cells):
    """Return the names of the cells that show a view."""
    return [cell["name"] for cell in cells if 'class=\\"labq\\"' in json.dumps(cell["outputs"])]


def shipped(lang, lesson):
    """Return the name of each code cell of a lesson, and what it printed when the lesson was stored."""
    content = (shipped_lessons() / lang / f"{lesson}.ipynb").read_text("utf-8")
    cells = [cell for cell in json.loads(content)["cells"] if cell["cell_type"] == "code"]
    return [(cell["id"], printed(cell["outputs"])) for cell in cells]


def assert_it_runs(desk, lesson):
    """Each code cell runs once, in order, and comes out as it is stored; none of the lessons stores an error."""
    expected = shipped(desk.lang, lesson)
    cells = desk.run(lesson)
    assert [(cell["name"], printed(cell["outputs"])) for cell in cells] == expected
    assert [cell["count"] for cell in cells] == list(range(1, len(expected) + 1))
    assert "error" not in {output["output_type"] for cell in cells for output in cell["outputs"]}


@every_language
def test_the_lab_opens_on_the_index_and_the_index_leads_to_the_first_lesson(desk):
    """The address that ``labq lab`` printed shows the index; the first link of its table opens lesson 1."""
    desk.open("00_index")
    desk.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) table a").first.click()
    desk.wait_for_notebook(FIRST)


@pytest.mark.parametrize("desk", ["ru"], indirect=True, scope="module")
def test_a_lesson_is_shown_in_its_colours_before_it_is_run(desk):
    """Its outputs are ours, and Jupyter knows it: it takes no style and no picture out of them."""
    desk.open("00_index")
    room = desk.show("tour-room").locator(".labq")
    expect(room.locator(".labq-mark svg").first).to_be_visible()
    expect(room.locator(".labq-room")).to_have_css("display", "grid")


@every_language
def test_the_first_lesson_runs_from_top_to_bottom(desk):
    """Run All Cells from the menu: all cells finish and print what is stored."""
    assert_it_runs(desk, FIRST)


@every_language
@pytest.mark.parametrize("lesson", OTHERS)
def test_every_other_lesson_runs_from_top_to_bottom(desk, lesson):
    """As the first one does."""
    assert_it_runs(desk, lesson)
    desk.ask("shutdown")


@every_language
def test_the_buttons_of_the_room_lead_through_its_moments(desk):
    """First, Step, Back and Last change the picture; each moment is said in the lab's language."""
    desk.run(FIRST)
    room = desk.show("room")
    first, back, step, last = (room.get_by_role("button", name=name, exact=True) for name in BUTTONS[desk.lang])
    said = expect(note(room))
    now = note(room).inner_text()

    first.click()
    said.to_have_text(BEFORE[desk.lang])
    step.click()
    said.to_contain_text(re.compile(r"\b1\b"))
    one = note(room).inner_text()
    step.click()
    said.not_to_have_text(one)
    back.click()
    said.to_have_text(one)
    expect(room.locator(".labq-past")).to_be_visible()
    last.click()
    said.to_have_text(now)
    expect(room.locator(".labq-past")).to_have_count(0)


@every_language
def test_the_slider_of_the_room_moves_by_the_keyboard(desk):
    """Home is the beginning, an arrow is one record, End is now."""
    desk.run(FIRST)
    room = desk.show("room")
    slider = room.get_by_role("slider")
    now = note(room).inner_text()
    slider.press("Home")
    expect(note(room)).to_have_text(BEFORE[desk.lang])
    slider.press("ArrowRight")
    expect(note(room)).to_contain_text(re.compile(r"\b1\b"))
    slider.press("End")
    expect(note(room)).to_have_text(now)


@in_english
def test_the_room_plays_by_itself(desk):
    """From two records before the end, Play goes on to the end."""
    desk.run(FIRST)
    room = desk.show("room")
    now = note(room).inner_text()
    slider = room.get_by_role("slider")
    slider.press("ArrowLeft")
    slider.press("ArrowLeft")
    expect(room.locator(".labq-past")).to_be_visible()
    room.locator(".widget-play button").first.click()
    expect(note(room)).to_have_text(now)
    expect(room.locator(".labq-past")).to_have_count(0)


@in_english
@pytest.mark.parametrize("theme", THEMES)
def test_every_text_of_the_views_stands_out_from_its_background(desk, theme):
    """As the browser has computed the colours, in JupyterLab's light and dark theme."""
    shown = views(desk.run(FIRST))
    desk.dress(theme)
    for cell in shown:
        expect(desk.show(cell).locator(".labq").first).to_be_visible()
    answer = desk.ask("faint", LEAST_CONTRAST)
    assert len(shown) > 5
    assert answer["seen"] > 10 * len(shown)
    assert answer["faint"] == []


@every_language
def test_the_language_has_its_letters(desk):
    """Different letters look different: none of them is the box that stands for a missing one."""
    desk.run(FIRST)
    desk.show("room")
    assert desk.ask("shapes", LETTERS[desk.lang]) == len(LETTERS[desk.lang])


@every_language
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_off(desk, pictures, width):
    """Each part of a view has room for what it says, and no word is broken; pictures are kept, to be looked at."""
    desk.run(FIRST)
    desk.widen(width)
    for theme in THEMES:
        desk.dress(theme)
        for cell in ("title", "room", "timeline"):
            output = desk.show(cell)
            if cell != "title":
                expect(output.locator(".labq, img").first).to_be_visible()
            desk.page.screenshot(path=pictures / f"{desk.lang}_{theme.lower()}_{width}_{cell}.png")
    for cell in views(desk.ask("cells")):
        expect(desk.show(cell).locator(".labq").first).to_be_visible()
    assert desk.ask("cut") == []
    assert desk.ask("broken") == []


@every_language
def test_a_lesson_gives_the_browser_nothing_to_complain_of(desk):
    """While a lesson runs and the room is moved there is no error on the console, and nothing is asked of strangers."""
    desk.run(FIRST)
    room = desk.show("room")
    now = note(room).inner_text()
    for key in ("Home", "ArrowRight", "End"):
        room.get_by_role("slider").press(key)
    expect(note(room)).to_have_text(now)
    assert desk.complaints == []
    assert desk.strangers == []


@in_english
def test_a_task_that_never_ends_can_be_interrupted(desk):
    """The interrupt reaches the cell, the body is dead, and the same lab runs the next task."""
    cells = [
        {"cell_type": "code", "id": name, "metadata": {}, "source": source, "execution_count": None, "outputs": []}
        for name, source in LOOPING.items()
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (desk.folder / "looping.ipynb").write_text(json.dumps(notebook), "utf-8")
    desk.open("looping")
    desk.ask("start", "setup")
    desk.ask("start", "loop")
    expect(desk.show("loop")).to_contain_text("round and round")
    desk.ask("interrupt")
    expect(desk.show("loop")).to_contain_text("KeyboardInterrupt")
    desk.wait_for("idle")
    assert desk.ask("answers")
    desk.ask("start", "after")
    expect(desk.show("after")).to_have_text("5")
    desk.ask("shutdown")
