"""Maps and chunks: one task for many values."""

from __future__ import annotations

import json

from labq import chunks, maybe_signature, xmap


def test_a_map_is_one_call_of_one_task(lab, app, add, tsum):
    """The values come one after the other in the same body."""
    lab.start_worker(app)
    assert tsum.map([[1, 2], [3]]).delay().get() == [3, 3]
    assert add.starmap((n, n) for n in range(3)).delay().get() == [0, 2, 4]
    assert sum(record.kind == "task-received" for record in lab.log) == 2


def test_chunks_are_calls_of_some_values_each(lab, app, add):
    """The last one has what is left."""
    lab.start_worker(app)
    work = add.chunks(zip(range(5), range(5), strict=True), 2)
    assert [len(task.kwargs["it"]) for task in work.group().tasks] == [2, 2, 1]
    assert add.chunks([(1, 1), (2, 2), (3, 3)], 2)().get() == [[2, 4], [6]]


def test_they_keep_the_id_and_the_links_they_were_given(lab, app, add, note, notes):
    """Like any other call."""
    lab.start_worker(app)
    call = add.starmap([(1, 1)])
    frozen = call.freeze("mine")
    call.link(note.s())
    call.apply_async().get()
    lab.run()
    assert (frozen.get(), notes) == ([2], [([2],)])


def test_they_go_through_json(app, add):
    """As dictionaries with their type."""
    for call, kind in ((add.starmap([(1, 2)]), None), (add.chunks([(1, 2)], 1), None)):
        again = maybe_signature(json.loads(json.dumps(call)), app=app)
        assert again["task"] == call["task"]
        assert call["subtask_type"] is kind
    assert isinstance(xmap.from_dict(dict(add.map([1]))), xmap)
    assert isinstance(chunks.from_dict(dict(add.chunks([(1, 2)], 1)), app=app), chunks)


def test_they_are_immutable(add):
    """What comes before them in a chain is not put in."""
    assert add.map([1]).immutable
    assert add.chunks([(1, 1)], 1).immutable
