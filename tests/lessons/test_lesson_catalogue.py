"""What translators wrote survives each change of the English text, and is never taken for a translation of another."""

from __future__ import annotations

import polib
import pytest

from labq.lessons.catalogue import Fresh, gathered, merged, read, translator


def _translated(lang="ru", **texts):
    catalogue = merged(polib.POFile(), [Fresh(message) for message in texts.values()], lang)
    for entry in catalogue:
        entry.msgstr = f"<{entry.msgid}>"
    return catalogue


def test_an_unchanged_text_keeps_its_translation_and_its_translators_remark():
    """Other entries may come and go around it."""
    old = _translated(a="The worker takes a task.")
    old[0].tcomment = "not a term: task"
    new = merged(old, [Fresh("Something new entirely"), Fresh("The worker takes a task.")], "ru")
    assert [(entry.msgstr, entry.flags, entry.tcomment) for entry in new] == [
        ("", [], ""),
        ("<The worker takes a task.>", [], "not a term: task"),
    ]


def test_a_changed_text_gets_the_old_translation_as_fuzzy():
    """The translator sees what the translation was made for."""
    old = _translated(a="The worker takes a task from the queue.")
    entry = merged(old, [Fresh("The worker takes one task from the queue.")], "ru")[0]
    assert entry.msgstr == "<The worker takes a task from the queue.>"
    assert (entry.flags, entry.previous_msgid) == (["fuzzy"], "The worker takes a task from the queue.")


def test_a_fuzzy_entry_stays_fuzzy_until_a_person_says_otherwise():
    """Running it again, or changing the text back and forth, makes nobody sure."""
    old = _translated(a="The worker takes a task from the queue.")
    once = merged(old, [Fresh("The worker takes one task from the queue.")], "ru")
    twice = merged(once, [Fresh("The worker takes one task from the queue.")], "ru")
    back = merged(twice, [Fresh("The worker takes two tasks from the queue.")], "ru")
    assert str(twice) == str(once)
    assert (back[0].flags, back[0].previous_msgid) == (["fuzzy"], "The worker takes a task from the queue.")


def test_a_vanished_text_leaves_and_a_different_one_inherits_nothing():
    """No obsolete entries stay in the file."""
    new = merged(_translated(a="The worker takes a task."), [Fresh("Beat keeps a calendar of its own.")], "ru")
    assert [(entry.msgid, entry.msgstr) for entry in new] == [("Beat keeps a calendar of its own.", "")]


def test_the_most_similar_vanished_text_gives_its_translation():
    """Between two that would do, likeness decides."""
    old = _translated(a="The worker takes a task.", b="The worker takes a message.")
    assert merged(old, [Fresh("The worker takes the message.")], "ru")[0].msgstr == "<The worker takes a message.>"


def test_a_text_that_begins_to_count_starts_anew():
    """A sentence without plural forms gives nothing to one with them."""
    old = _translated(a="{count} tasks wait")
    entry = merged(old, [Fresh("{count} tasks wait", "{count} tasks wait here")], "ru")[0]
    assert entry.msgstr_plural == {0: "", 1: "", 2: ""}


def test_plural_forms_are_kept_and_changed_plurals_are_fuzzy():
    """Russian has three forms; a change of the plural alone is a change."""
    fresh = Fresh("{count} task", "{count} tasks")
    old = merged(polib.POFile(), [fresh], "ru")
    old[0].msgstr_plural = {0: "{count} задача", 1: "{count} задачи", 2: "{count} задач"}
    same = merged(old, [fresh], "ru")[0]
    changed = merged(old, [Fresh("{count} task", "{count} tasks now")], "ru")[0]
    assert (same.msgstr_plural[1], same.flags) == ("{count} задачи", [])
    assert (changed.msgstr_plural[2], changed.flags) == ("{count} задач", ["fuzzy"])


@pytest.mark.parametrize("lang", ["ru", "zh"])
def test_a_catalogue_reads_back_as_it_was_written(lang, tmp_path):
    """Long texts, quotes, line ends and Chinese come back, and writing again writes the same."""
    fresh = [Fresh('Long "words" \\ here. ' * 12, places=("a-cell",), notes=("paragraph",)), Fresh("one\ntwo")]
    catalogue = merged(polib.POFile(), fresh, lang)
    for entry in catalogue:
        entry.msgstr = "任务在队列中等待，" * 20
    path = tmp_path / "x.po"
    path.write_text(str(catalogue), "utf-8")
    assert [entry.msgid for entry in read(path)] == [entry.message for entry in fresh]
    assert str(merged(read(path), fresh, lang)) == path.read_text("utf-8")
    assert "POT-Creation-Date" not in path.read_text("utf-8")


def test_one_text_at_two_places_is_one_entry():
    """A translator answers once."""
    twice = gathered(
        [Fresh("Look", places=("a",), notes=("heading",)), Fresh("Look", places=("b",), notes=("comment",))]
    )
    assert twice == (Fresh("Look", "", ("a", "b"), ("heading", "comment")),)


def test_only_sure_translations_are_used():
    """Fuzzy and missing ones stay English."""
    catalogue = _translated(a="sure", b="unsure")
    catalogue[1].flags = ["fuzzy"]
    translate = translator(catalogue)
    assert [translate(word) for word in ("sure", "unsure", "unknown")] == ["<sure>", "unsure", "unknown"]
