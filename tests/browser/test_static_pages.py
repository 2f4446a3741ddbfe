"""A lesson as a page that is only read: nbconvert's HTML, in a browser that runs no scripts."""

from __future__ import annotations

import subprocess
import sys

import pytest

from labq.i18n import LANGUAGES
from labq.lessons.copying import shipped_lessons

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

pytestmark = pytest.mark.browser

NOW = {"en": "returned 5", "ru": "вернула 5", "zh": "返回 5"}
"""How the room says its last step."""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_exported_lesson_shows_the_room_without_scripts(chromium, tmp_path, pictures, lang):
    """The last moment of the room is drawn: its step in words, a queue, a worker, the result, each in its place."""
    pytest.importorskip("nbconvert", reason="nbconvert, which comes with jupyterlab, is not installed")
    lesson = tmp_path / "01_first_task.ipynb"
    lesson.write_text((shipped_lessons() / lang / lesson.name).read_text("utf-8"), "utf-8")
    command = [sys.executable, "-m", "jupyter", "nbconvert", "--to", "html", "--log-level", "ERROR", lesson.name]
    subprocess.run(command, cwd=tmp_path, check=True)

    page = chromium.new_page(java_script_enabled=False, viewport={"width": 1280, "height": 1200})
    page.route("**/*", lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort())
    page.goto(lesson.with_suffix(".html").as_uri(), wait_until="domcontentloaded")
    room = page.locator(".labq:has(> .labq-room)")
    expect(room).to_have_count(1)
    expect(room.locator(".labq-note")).to_contain_text(NOW[lang])
    for part in ("clients", "exchanges", "queues", "workers", "results"):
        expect(room.locator(f".labq-column-{part}")).to_be_visible()
    left, right = (room.locator(f".labq-column-{part}").bounding_box()["x"] for part in ("clients", "queues"))
    assert left < right
    room.screenshot(path=pictures / f"{lang}_static_room.png")
    page.close()
