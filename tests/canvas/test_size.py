"""The size of a chord: for how many results its body waits."""

from __future__ import annotations

import json

from labq import chain, chord, group
from labq.canvas.size import size_of


def test_sizes_of_all_kinds(add, tsum):
    """A task one, a group its members, a chain its end, a chord its body."""
    task, many = add.s(), group([add.s()] * 4)
    assert size_of(task) == 1
    assert size_of(many) == 4
    assert size_of(group([many, task])) == 5
    assert size_of(chain(task, many)) == 4
    assert size_of(many | tsum.s()) == 1
    assert size_of(chord([task, task], group([tsum.s(), tsum.s()]))) == 2
    assert size_of(chain()) == 0
    assert size_of(json.loads(json.dumps(many))) == 4


def test_an_empty_end_of_a_chain_does_not_count(add):
    """The step before it does."""
    work = chain(add.s(), task_id="x")
    work.tasks = [add.s(), group([add.s(), add.s()]), group([])]
    assert size_of(work) == 2
