"""Each view says what it should, as text and as HTML, and survives everything."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from labq import Celery, Lab
from labq.i18n import Words
from labq.snapshot.model import Snapshot, Stage
from labq.states import ALL_STATES
from labq.views import (
    LabView,
    QueuesView,
    QueueView,
    RecordsView,
    RecordView,
    RoomPlayer,
    RoomView,
    StoryView,
    TaskView,
    WhyView,
    WorkersView,
    WorkerView,
)
from labq.views.mark import MARKS, STATES, mark_of_state

START = datetime(2030, 1, 1, 9, tzinfo=UTC)
BROKER = "amqp://ann:**@localhost:5672//"
ENGLISH = Words("en")


class Wellformed(HTMLParser):
    """Checks that every element is closed by its own name."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag, attrs):
        """Note an element that begins."""
        del attrs
        self.seen.append(tag)
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """Note an element that is closed at once."""
        del attrs
        self.seen.append(tag)

    def handle_endtag(self, tag):
        """Check an element that ends."""
        assert self.open.pop() == tag


def elements(html):
    """Return the names of all elements, having checked that they nest."""
    parser = Wellformed()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser.seen


def every_view(lab, words=ENGLISH):
    """Return one of each view of *lab*."""
    seen, log = lab.snapshot(), lab.log
    broker = next(iter(seen.brokers))
    task_id = lab.retried.id
    return [
        LabView(seen, 7, words),
        QueueView(seen, broker, "celery", words),
        QueuesView(seen, words),
        WorkerView(seen, "w1@lab", words),
        WorkersView(seen, words),
        TaskView(seen, task_id, words),
        RecordView(log[5], lab.snapshot(at=6), words),
        RecordsView(log[:], lab.snapshot, words),
        StoryView(task_id, log.story(task_id), lab.snapshot, words),
        WhyView(lab.gallery.why(task_id), seen, words),
        RoomView(seen, words, len(log)),
        RoomPlayer(lab.snapshot, len(log), words),
    ]


# -- what holds for all of them ----------------------------------------------------------------------------------------
def test_every_view_gives_text_and_wellformed_html_with_one_style_sheet(lab):
    """Jupyter, nbconvert and a terminal each get what they can show."""
    for view in every_view(lab):
        bundle = view._repr_mimebundle_()
        assert bundle["text/plain"] == view.text() == repr(view)
        assert bundle["text/html"] == view.html()
        assert elements(view.html()).count("style") == 1


def test_no_view_needs_a_script_or_the_network(lab):
    """An output that is stored shows the same for ever."""
    for view in every_view(lab):
        html = view.html()
        assert "script" not in elements(html)
        assert not re.search(r"https?:|url\(|@import|\bon\w+=", html)


def test_no_view_uses_control_codes_or_emoji(lab):
    """Plain text in any terminal and any font."""
    for view in every_view(lab):
        for shown in (view.text(), view.html()):
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f\U0001f000-\U0001ffff]", shown)


def test_every_view_speaks_each_language(lab):
    """And says in its HTML which one it is."""
    for lang, tag in (("ru", "ru"), ("zh", "zh-Hans")):
        for view in every_view(lab, Words(lang)):
            assert view.text()
            assert f'lang="{tag}"' in view.html()


def test_the_same_moment_gives_the_same_bytes(lab):
    """Stored outputs can be compared."""
    for one, other in zip(every_view(lab), every_view(lab), strict=True):
        assert one._repr_mimebundle_() == other._repr_mimebundle_()


def test_no_view_shows_a_password(lab):
    """The broker's address has one."""
    for view in every_view(lab):
        assert "secret" not in view.text() + view.html()


def test_every_view_can_be_drawn_of_an_empty_lab():
    """Zero records, and ids and names that nobody knows."""
    nothing = Snapshot(START)
    views = [
        LabView(nothing, 0, ENGLISH), QueueView(nothing, BROKER, "celery", ENGLISH), QueuesView(nothing, ENGLISH),
        WorkerView(nothing, "w1@lab", ENGLISH), WorkersView(nothing, ENGLISH), TaskView(nothing, "a", ENGLISH),
        RecordsView((), lambda _: nothing, ENGLISH), StoryView("a", (), lambda _: nothing, ENGLISH),
        RoomView(nothing, ENGLISH, 0), RoomPlayer(lambda _: nothing, 0, ENGLISH),
    ]  # fmt: skip
    for view in views:
        assert view.text().strip()
        elements(view.html())


def test_every_view_can_be_drawn_of_every_moment_of_a_log(lab):
    """Nothing that is on its way breaks a picture."""
    for n in range(len(lab.log) + 1):
        seen = lab.snapshot(at=n)
        for view in (RoomView(seen, ENGLISH, len(lab.log)), LabView(seen, 7, ENGLISH)):
            assert view.text()
            elements(view.html())


ATTACKS = ["<script>alert(1)</script>", "</style><u>", "\u202egnp.exe", chr(0xD800), "x" * 1_000_000, "a\nb\x00"]


@pytest.mark.parametrize("attack", ATTACKS, ids=["script", "style", "direction", "surrogate", "megabyte", "control"])
def test_no_name_or_argument_breaks_a_view(attack):
    """Whoever can send a task can choose its name and its arguments."""
    with Lab(seed=1, start="2030-01-01T09:00:00Z", lang="en") as lab:
        app = Celery("evil", broker="memory://", backend="cache+memory://", set_as_current=False)
        lab.start_worker(app, hostname="w1@lab", pool="solo", concurrency=1)
        lab.retried = app.send_task(f"evil.{attack[:50]}", argsrepr=attack, kwargsrepr=attack)
        lab.run()
        for view in every_view(lab):
            seen = elements(view.html())
            assert not {"script", "u"} & set(seen)
            assert seen.count("style") == 1
            assert len(view.text()) < 20_000
            (view.text() + view.html()).encode()
            assert "\u202e" not in view.text() + view.html()


# -- each of them ------------------------------------------------------------------------------------------------------
def test_the_lab_shows_its_clock_and_counts(lab):
    """What a person wants to know first."""
    said = lab.gallery.lab().text()
    assert re.search(r"labq, seed 7   t = 00:00:\d\d\.\d{3}   2030-01-01 09:00:\d\d UTC", said)
    assert "5 tasks" in said
    assert "queued 1" in said
    assert "success 1" in said


def test_a_queue_without_a_consumer_says_so(lab):
    """The usual mistake can be seen."""
    broker = next(iter(lab.snapshot().brokers))
    said = QueueView(lab.snapshot(), broker, "hipri", ENGLISH).text()
    assert said.split("\n") == [
        "queue hipri   ready 1 · unacked 0",
        "  ready: add(1, 1)",
        "  no worker consumes from it",
    ]


def test_queues_stand_in_a_table(lab):
    """With their numbers and who reads them."""
    lines = lab.queues().text().split("\n")
    assert lines[0].split() == ["Queue", "Ready", "Unacked", "Consumers", "Broker"]
    assert [line.split()[:4] for line in lines[2:]] == [["celery", "0", "2", "w1@lab"], ["hipri", "1", "0", "–"]]


def test_a_worker_shows_its_shelf_and_its_slots(lab):
    """What runs, and how long it will; what waits, and how long."""
    lines = lab.gallery.worker("w1@lab").text().split("\n")
    assert lines[0] == "w1@lab   celery · prefork × 2 · unacked 2 of 10"
    assert lines[1] == "  prefetched 0"
    assert lines[2].startswith("  ETA shelf: add(9, 9) in ")
    assert "mail('ann'), try 2 in " in lines[2]
    assert any("report(copies=7)" in line and "sleeps" in line for line in lines[3:])
    assert any(line.endswith("idle") for line in lines[3:])


def test_a_worker_that_stopped_shows_when(lab):
    """And nothing of what was inside it."""
    lab.world.workers["w1@lab"].stop("cold")
    said = lab.gallery.worker("w1@lab").text()
    assert re.fullmatch(r"w1@lab   stopped at \d+\.\d s", said)
    assert "labq-card-off" in lab.gallery.worker("w1@lab").html()


def test_a_result_shows_its_state_and_value(lab):
    """States keep their English names."""
    facts = dict(re.split(r"\s{2,}", line, maxsplit=1) for line in lab.gallery.task(lab.done.id).text().split("\n")[1:])
    assert facts["state"] == "SUCCESS"
    assert facts["result"] == "5"
    assert facts["stage"] == "success"


def test_an_unknown_task_is_pending_and_was_not_sent_here(lab):
    """The difference that Celery cannot tell."""
    assert lab.gallery.task("nobody").text().split("\n") == [
        "nobody", "id     nobody", "state  PENDING", "stage  not sent in this lab",
    ]  # fmt: skip


def test_a_record_is_shown_with_a_sentence_and_its_facts(lab):
    """The sentence for people, the facts for those who look closer."""
    record = lab.log.select("task-succeeded")[0]
    lines = RecordView(record, lab.snapshot(at=record.number + 1), ENGLISH).text().split("\n")
    assert lines[0].endswith("task-succeeded")
    assert lines[1].startswith("add(2, 3) returned 5 after ")
    assert any(line.split() == ["worker", "'w1@lab'"] for line in lines)


def test_a_table_of_records_shows_the_last_and_counts_the_rest(lab):
    """A long log stays short on the page."""
    lines = RecordsView(lab.log[:], lab.snapshot, ENGLISH, shown=3).text().split("\n")
    assert lines[0] == f"{len(lab.log) - 3} earlier records are not shown"
    assert len(lines) == 6


def test_a_story_writes_each_moment_once(lab):
    """What happened at the same time stands together."""
    lines = lab.story(lab.retried).text().split("\n")
    moments = [line.split()[0] for line in lines[3:] if re.match(r"\s*\d+\.\d", line)]
    assert len(moments) == len(set(moments)) >= 2
    assert any("asks to be tried again in 30.0 s" in line for line in lines)


def test_a_story_of_nothing_says_so(lab):
    """An id with a typing error."""
    assert lab.story("nobody").text() == "Nothing has happened to a task nobody in this lab."


def test_the_reason_stands_after_its_steps(lab):
    """Numbered, so that they can be talked about."""
    lines = lab.why(lab.alone).text().split("\n")
    assert lines[0] == "Why is add(1, 1) not ready?"
    assert lines[1].startswith("  1 sent to the default exchange at")
    assert lines[-1] == "→ no worker consumes from queue 'hipri'; Celery would wait here for ever"
    assert lab.why(lab.done).text().startswith("How did add(2, 3) become ready?")


def test_the_room_says_the_last_step_and_whether_it_is_the_past(lab):
    """The line that a screen reader reads too."""
    length = len(lab.log)
    now, past = RoomView(lab.snapshot(), ENGLISH, length), RoomView(lab.snapshot(at=4), ENGLISH, length)
    assert f"record {length} of {length}\nStep {length}: " in now.text()
    assert f"record 4 of {length}: looking at the past" in past.text()
    assert 'role="status" aria-live="polite"' in now.html()
    assert "looking at the past" not in now.html()


def test_the_room_shows_each_station_of_a_message(lab):
    """From left to right."""
    html = RoomView(lab.snapshot(), ENGLISH).html()
    stations = [html.index(f'labq-column-{name}"') for name in ("clients", "exchanges", "queues", "workers", "results")]
    assert stations == sorted(stations)
    assert "report(copies=7)" in html
    assert "cache+memory" in html


def test_a_full_room_shows_the_first_and_counts_the_rest():
    """A thousand messages are a number, not a thousand chips."""
    with Lab(seed=1, start="2030-01-01T09:00:00Z", lang="en") as lab:
        app = Celery("many", broker="memory://", backend="cache+memory://", set_as_current=False)
        for number in range(1000):
            app.send_task("many.add", (number, 1))
        lab.run()
        html = lab.room().html()
        assert html.count("labq-chip ") < 40
        assert "and 988 more" in html
        assert "and 990 more" in html
        assert "and 99" in lab.room().text()


# -- marks -------------------------------------------------------------------------------------------------------------
def test_every_stage_has_a_mark_with_a_drawing_of_its_own_or_of_its_kind():
    """Nothing is said by colour alone: marks of one colour differ in their drawing."""
    assert set(MARKS) == set(Stage)
    told = [(mark.tone, mark.path) for stage, mark in MARKS.items() if stage is not Stage.RECEIVED]
    assert len(told) == len(set(told))
    assert len({mark.word.message for mark in MARKS.values()}) == len(Stage)


def test_green_means_done_and_nothing_else():
    """One can trust it."""
    assert [stage for stage, mark in MARKS.items() if mark.tone == "green"] == [Stage.SUCCESS]


def test_every_state_of_celery_has_a_mark_and_a_users_own_looks_under_way():
    """``update_state(state="PROGRESS")`` is a running task."""
    assert set(STATES) >= ALL_STATES
    assert mark_of_state("PROGRESS") == MARKS[Stage.STARTED]
