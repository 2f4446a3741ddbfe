"""Ids and dice: the same seed gives the same, another one something else, whatever the process hashes like."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from uuid import RFC_4122, UUID

from labq.kernel.chance import Chance, Ids

SHOW = """
from labq.kernel.chance import Chance, Ids
ids, dice = Ids(7, "client"), Chance("7/a/0")
print([ids.next() for _ in range(3)], [dice.randrange(1000) for _ in range(5)])
"""


def test_an_id_is_shaped_like_a_random_uuid():
    """Version 4, the usual variant, lower case."""
    ids = Ids(0, "client")
    for _ in range(300):
        text = ids.next()
        assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", text)
        assert (UUID(text).version, UUID(text).variant, str(UUID(text))) == (4, RFC_4122, text)


def test_no_two_ids_are_the_same_within_a_stream_and_between_streams():
    """Nor between seeds."""
    streams = [Ids(seed, stream) for seed in (0, 1, 11) for stream in ("client", "address", "a/1", "1/1")]
    found = [ids.next() for ids in streams for _ in range(500)]
    assert len(set(found)) == len(found)


def test_an_id_depends_on_nothing_but_its_place():
    """A stream that is set to a count goes on as if it had counted."""
    counted, jumped = Ids(3, "client"), Ids(3, "client")
    for _ in range(9):
        counted.next()
    jumped.count = 9
    assert counted.next() == jumped.next()


def test_the_process_hash_seed_changes_nothing():
    """Two processes that hash text differently give the same ids and throw the same dice."""
    shown = {
        subprocess.run(
            [sys.executable, "-c", SHOW], check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("0", "1")
    }
    assert len(shown) == 1


def test_dice_of_one_seed_fall_alike_and_of_two_seeds_differently():
    """Numbers and texts are both good seeds."""
    assert Chance(1).random() == Chance(1).random() == Chance("1").random()
    assert Chance(1).random() != Chance(2).random()
