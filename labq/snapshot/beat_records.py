"""What the records about beats change in the picture.

Comes in: a record about a beat. Goes out: the beat as it is then.
Next door: ``fold`` calls this; ``broker_records`` and ``worker_records`` are the same for brokers and workers.
Celery: nothing; a beat sends no events.
"""

from __future__ import annotations

from dataclasses import replace

from labq.log.record import BEAT_STARTED, BEAT_STOPPED, SCHEDULE_DUE, Record
from labq.snapshot.broker_records import Step
from labq.snapshot.draft import Draft
from labq.snapshot.model import Beat


def _started(draft: Draft, record: Record) -> None:
    name = record.facts[0]
    draft.beats[name] = Beat(name, since=record.us)


def _stopped(draft: Draft, record: Record) -> None:
    name, how, *_ = record.facts
    draft.beats[name] = replace(_beat(draft, name), online=False, since=record.us, how=how)


def _due(draft: Draft, record: Record) -> None:
    name, entry, _, sent, *_ = record.facts
    beat = _beat(draft, name)
    draft.beats[name] = replace(beat, sent=beat.sent + bool(sent), entry=entry, last=record.us)


def _beat(draft: Draft, name: str) -> Beat:
    return draft.beats.get(name) or Beat(name)  # only for a log that begins in the middle


BEAT_STEPS: dict[str, Step] = {BEAT_STARTED: _started, BEAT_STOPPED: _stopped, SCHEDULE_DUE: _due}
