"""A worker from inside: what it prefetched, what waits for its time, what runs in each slot.

Comes in: a snapshot and the worker's name. Goes out: text and HTML.
Celery: ``celery inspect active``, ``reserved`` and ``scheduled`` together.
"""

from __future__ import annotations

from dataclasses import dataclass

from labq.i18n import Words
from labq.snapshot.model import Shelved, Slot, Snapshot, Stage, Worker
from labq.snapshot.moment import seconds
from labq.views.card import card, label
from labq.views.chip import chip_line, chips, message_chip, message_label
from labq.views.escape import escape, tidy
from labq.views.mark import MARKS
from labq.views.view import View

SHOWN = 8
"""How many messages are shown one by one."""


@dataclass(frozen=True, repr=False)
class WorkerView(View):
    """One worker.

    Arguments:
        snapshot: the world.
        hostname: the worker.
        words: the language.
    """

    snapshot: Snapshot
    hostname: str
    words: Words

    @property
    def worker(self) -> Worker:
        """The worker; one that is not running if the snapshot does not know it."""
        return self.snapshot.workers.get(self.hostname) or Worker(self.hostname, online=False)

    def text(self) -> str:
        """Return the worker as lines."""
        worker, words = self.worker, self.words
        lines = [f"{tidy(worker.hostname)}   {self._about(worker)}"]
        if not worker.online:
            return "\n".join(lines)
        held = chip_line(
            (message_label(message, words) for message in worker.prefetched), len(worker.prefetched), words
        )  # fmt: skip
        lines.append(f"  {self._prefetched(worker)}{': ' if held else ''}{held}")
        if worker.shelf:
            shelf = (f"{message_label(kept.message, words)} {self._wait(kept)}" for kept in worker.shelf)
            name = words.gettext("ETA shelf")
            lines.append(f"  {name}: {chip_line(shelf, len(worker.shelf), words)}")
        lines += [f"  {self._slot_name(slot)}  {self._slot_line(slot)}" for slot in worker.slots]
        return "\n".join(lines)

    def markup(self) -> str:
        """Return the worker as a card."""
        worker, words = self.worker, self.words
        if not worker.online:
            return card(escape(worker.hostname), escape(self._about(worker)), "", off=True)
        prefetched = (message_chip(message, Stage.RESERVED, words) for message in worker.prefetched[:SHOWN])
        shelf = (
            message_chip(kept.message, self._shelf_stage(kept), words, aside=self._wait(kept))
            for kept in worker.shelf[:SHOWN]
        )
        left = label(escape(self._prefetched(worker))) + chips(prefetched, len(worker.prefetched), words)
        right = label(escape(words.gettext("ETA shelf"))) + chips(shelf, len(worker.shelf), words)
        inside = f'<div class="labq-inside"><div>{left}</div><div>{right}</div></div>'
        slots = "".join(
            f'<div class="labq-slot"><span>{escape(self._slot_name(slot))}</span>{self._lane(slot)}</div>'
            for slot in worker.slots
        )
        return card(escape(worker.hostname), escape(self._about(worker), 200), inside + slots)

    # -- what it says ------------------------------------------------------------------------------------------
    def _about(self, worker: Worker) -> str:
        if not worker.online:
            if not worker.pool:
                return self.words.gettext("not running")
            return self.words.gettext("stopped at {seconds} s").format(seconds=seconds(worker.since))
        held = len(self.snapshot.unacked(worker.hostname))
        if worker.window:
            unacked = self.words.gettext("unacked {held} of {limit}").format(held=held, limit=worker.window)
        else:
            unacked = self.words.gettext("unacked {held}, no limit").format(held=held)
        return f"{', '.join(map(tidy, worker.queues))} · {worker.pool} × {worker.concurrency} · {unacked}"

    def _prefetched(self, worker: Worker) -> str:
        return self.words.gettext("prefetched {count}").format(count=len(worker.prefetched))

    def _wait(self, kept: Shelved) -> str:
        if kept.until is None:
            return ""
        left = seconds(max(0, kept.until - self.snapshot.us))
        return self.words.gettext("in {seconds} s").format(seconds=left)

    @staticmethod
    def _shelf_stage(kept: Shelved) -> Stage:
        if kept.limited:
            return Stage.LIMITED
        return Stage.RETRY if kept.message.retries else Stage.SCHEDULED

    def _slot_name(self, slot: Slot) -> str:
        return self.words.gettext("slot {number}").format(number=slot.number)

    def _slot_line(self, slot: Slot) -> str:
        if slot.message is None:
            return self.words.gettext("idle") if slot.child is not None else self.words.gettext("no process")
        return f"{message_label(slot.message, self.words)}   {self._running(slot)}"

    def _running(self, slot: Slot) -> str:
        since = self.snapshot.us - slot.since
        if slot.until is None or slot.until <= self.snapshot.us:
            return self.words.gettext("{seconds} s").format(seconds=seconds(since))
        left = seconds(slot.until - self.snapshot.us)
        if slot.sleeping:
            return self.words.gettext("{seconds} s, sleeps {left} s more").format(seconds=seconds(since), left=left)
        return self.words.gettext("{seconds} s, computes {left} s more").format(seconds=seconds(since), left=left)

    def _elapsed(self, slot: Slot) -> str:
        since = seconds(self.snapshot.us - slot.since)
        if slot.until is None or slot.until <= self.snapshot.us:
            return self.words.gettext("{seconds} s").format(seconds=since)
        whole = seconds(slot.until - slot.since)
        return self.words.gettext("{seconds} of {whole} s").format(seconds=since, whole=whole)

    def _lane(self, slot: Slot) -> str:
        if slot.message is None:
            return f'<div class="labq-lane"><span class="labq-idle">{escape(self._slot_line(slot))}</span></div>'
        mark = MARKS[Stage.STARTED]
        word = escape(self.words.say(mark.word))
        return (
            f'<div class="labq-lane labq-{mark.tone}" title="{word}: {escape(self._running(slot))}">'
            f'<span class="labq-done" style="width:{self._progress(slot):.0f}%"></span>{mark.icon()}'
            f'<span class="labq-hidden">{word}</span>'
            f'<span class="labq-call">{escape(message_label(slot.message, self.words))}</span>'
            f'<span class="labq-mono labq-dim">{escape(self._elapsed(slot))}</span></div>'
        )

    def _progress(self, slot: Slot) -> float:
        if slot.until is None or slot.until <= slot.since:
            return 0.0
        return min(100.0, 100 * (self.snapshot.us - slot.since) / (slot.until - slot.since))
