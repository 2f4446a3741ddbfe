"""Chords: a header and a body that waits for it."""

from __future__ import annotations

import pytest

from labq import chain, chord, group
from labq.exceptions import CPendingDeprecationWarning
from labq.result import GroupResult


def test_the_body_gets_the_headers_results(lab, app, add, tsum):
    """Its result has the header's as parent."""
    lab.start_worker(app)
    result = chord([add.s(1, 1), add.s(2, 2)])(tsum.s())
    assert result.get() == 6
    assert isinstance(result.parent, GroupResult)
    assert result.parent.get() == [2, 4]


def test_without_a_header_the_body_runs_at_once(lab, app, tsum):
    """With an empty list."""
    lab.start_worker(app)
    assert chord([], tsum.s())().get() == 0


def test_a_chord_can_be_sent_again(lab, app, add, tsum):
    """Sending works on copies."""
    lab.start_worker(app)
    work = chord([add.s(1, 1)], tsum.s())
    assert [work().get(), work().get()] == [2, 2]
    assert (work.body.options, work.tasks[0].options) == ({}, {})


def test_a_group_at_the_end_of_a_chain_counts_all_its_members(lab, app, add):
    """One slot is enough: nobody waits inside the worker for the rest of the group."""
    lab.start_worker(app, concurrency=1)

    def flat(numbers):
        return [*numbers[:1], *sorted(numbers[1])]

    body = app.task(name="flat", shared=False)(flat)
    header = [add.si(1, 100), chain(add.si(1, 200), group(add.si(1, 1000), add.si(1, 2000)))]
    assert chord(header, body.s())().get() == [101, 1001, 2001]


def test_chords_of_chords(lab, app, add, tsum):
    """In the header, and as the body."""
    lab.start_worker(app)
    inner = chord([add.s(1, 1), add.s(2, 2)], tsum.s())
    assert chord([inner, add.s(3, 3)], tsum.s())().get() == 12
    assert chord([add.s(1, 1)], chord([tsum.s(), tsum.s()], tsum.s()))().get() == 4


def test_a_failed_header_is_told_first(lab, app, add, tsum, boom):
    """``get()`` raises what has happened; the body's own result says which part is to blame."""
    app.conf.result_cache_max = 100
    lab.start_worker(app)
    result = chord([add.s(1, 1), boom.s().set(task_id="culprit")], tsum.s())()
    with pytest.raises(ValueError, match="boom"):
        result.get()
    assert str(result.result) == "Dependency culprit raised ValueError('boom')"


def test_a_countdown_delays_the_header(lab, app, add, tsum):
    """The body follows when the header has ended."""
    lab.start_worker(app)
    result = (group(add.s(1, 1), add.s(2, 2)) | tsum.s()).apply_async(countdown=10)
    result.get()
    assert lab.time == 10


def test_links_of_a_chord_are_its_bodys(lab, app, add, tsum, note, notes):
    """Given with the call they are added to those that the body has; the written chord stays as it is."""
    lab.start_worker(app)
    body = tsum.s()
    body.link(note.si("own"))
    work = chord([add.s(1, 1)], body)
    work.apply_async(link=note.s("given")).get()
    lab.run()
    assert sorted(map(str, notes)) == ["('own',)", "(2, 'given')"]
    assert body.options["link"] == [note.si("own")]


def test_errbacks_reach_the_header_only_when_allowed(app, add, tsum):
    """Celery warns that this will change."""
    work = chord([add.s(1, 1)], tsum.s(), app=app)
    with pytest.warns(CPendingDeprecationWarning, match="pending deprecation"):
        work.link_error(add.si(0))
    assert (work.body.options["link_error"], work.tasks[0].options) == ([add.si(0)], {})
    app.conf.task_allow_error_cb_on_chord_header = True
    work.link_error(add.si(1))
    assert [(call.args, call.immutable) for call in work.tasks[0].options["link_error"]] == [((1,), True)]


def test_errbacks_given_with_the_call_go_to_each_task_of_a_body_that_is_a_group(app, add, tsum, boom, note, notes, lab):
    """Its own stay."""
    lab.start_worker(app)
    work = chord([add.s(1, 1)], group(boom.s().on_error(note.si("own")), tsum.s()))
    work.apply_async(link_error=note.si("given"))
    lab.run()
    assert sorted(notes) == [("given",), ("own",)]


def test_a_result_is_never_its_own_ancestor(add, tsum):
    """What was frozen under one id twice is refused."""
    work = chord([add.s(1, 1)], chain(tsum.s().set(task_id="same"), add.s(1).set(task_id="same")))
    with pytest.raises(RuntimeError, match="Recursive result parents"):
        work.freeze()


def test_a_task_joins_the_chord_that_it_is_a_part_of(lab, app, add, tsum):
    """With ``add_to_chord`` the body waits for one more."""

    @app.task(name="adding", bind=True, shared=False)
    def adding(self):
        self.add_to_chord(add.s(10, 10))
        return 1

    lab.start_worker(app)
    assert chord([adding.s(), add.s(2, 2)], tsum.s())().get() == 25


def test_a_chord_goes_back_in_time(lab, app, add, tsum):
    """A rewind into its middle counts on from there."""
    lab.start_worker(app)
    result = chord([add.s(1, 1), add.s(2, 2), add.s(3, 3)], tsum.s())()
    assert result.get() == 12
    log = [(record.kind, record.task_id, record.facts) for record in lab.log]
    middle = next(record.number for record in lab.log if record.kind == "chord-counted")
    lab.rewind(to=middle)
    assert len(lab.log) <= middle
    assert result.get() == 12
    lab.run()
    assert [(record.kind, record.task_id, record.facts) for record in lab.log][: len(log)] == log
