"""Every lesson and every message speaks Russian and Chinese, completely, freshly and in the agreed words."""

from __future__ import annotations

import pytest

from labq.i18n import LANGUAGES
from labq.lessons.checks import check
from labq.lessons.course import COURSE, INDEX
from labq.lessons.shelf import checkout


@pytest.mark.parametrize("lang", LANGUAGES)
def test_lessons_and_messages_have_no_problem(lang):
    """What `labq lessons check` would say, which is nothing."""
    assert [str(problem) for problem in check(lang)] == []


def test_the_course_is_in_order_and_begins_with_its_index():
    """Names begin with two digits that grow, so that a file browser shows the lessons in their order."""
    names = [lesson.name for lesson in COURSE]
    assert names == sorted(names)
    assert len({lesson.number for lesson in COURSE}) == len(COURSE)
    assert all(lesson.number.isdigit() for lesson in COURSE)
    assert COURSE[0] is INDEX


def test_each_catalogue_belongs_to_a_lesson():
    """A lesson that is renamed or taken away leaves no catalogue behind."""
    shelf = checkout()
    found = {path for lang in shelf.translations for path in (shelf.root / "translations" / lang).rglob("*.po")}
    named = {shelf.catalogue(lang, lesson) for lang in shelf.translations for lesson in shelf.lessons}
    assert found <= named | {shelf.messages(lang) for lang in shelf.translations}
