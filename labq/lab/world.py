"""The world: everything that a rewind throws away and builds again. It runs; it knows no user.

Comes in: deeds, from the journal or from bodies. Goes out: records.
Next door: ``lab`` owns a world and writes the journal; brokers, stores and workers live in here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from labq.backends.store import MemoryStore, ReplyStore, Store
from labq.brokers.client import Client
from labq.brokers.inbox import Inbox
from labq.brokers.memory import MemoryBroker
from labq.kernel.asks import Compute, Poll, Sleep
from labq.kernel.body import Body, BodyPool, Raised, Returned, Running
from labq.kernel.chance import Ids
from labq.kernel.clock import Clock
from labq.kernel.kernel import Kernel
from labq.lab.addresses import backend_scheme, broker_address
from labq.lab.journal import Deed, Place, PutResult
from labq.lab.packing import LOOSE, PAGE, Packed, pack_tape, unpack_tape
from labq.lab.tape import Tape, TapedBody, TapingBody
from labq.log.log import Log
from labq.wire.clocks import LamportClock
from labq.worker.options import WorkerOptions
from labq.worker.state import WorkerState
from labq.worker.worker import Worker

if TYPE_CHECKING:
    from labq.app.base import Celery
    from labq.lab.mail import Repetition

FIRST_CHILD = 11
"""The number of the first process that a worker starts; the lab's processes are counted, not the computer's."""

Tapes = dict[tuple[str, int], Packed | Tape]


class LabWorld:
    """One run of the lab from its beginning.

    Arguments:
        seed: the lab's seed.
        start: the moment at which virtual time begins.
        earlier: the tapes of the world that this one repeats.
        until: the place up to which it repeats it: bodies that had ended by then are played, not run.
    """

    def __init__(self, seed: int, start: datetime, earlier: Tapes | None = None, until: Place | None = None) -> None:
        self.seed = seed
        self.clock = Clock(start)
        self.log = Log(self.clock)
        self.kernel = Kernel(self.clock, self.log.rows)
        self.step = self.kernel.step
        self.workers: dict[str, Worker] = {}
        self.worker_state = WorkerState()
        """What the worker that was started last knows of its tasks; before there is one, nothing."""
        self.beats: dict[str, Any] = {}
        self.shelves: dict[str, Any] = {}
        """What beats keep between one start and the next, as long as nobody names a file for it."""
        self.tapes: Tapes = {}
        self.ids = Ids(seed, "world")
        """For tasks that nobody sends but the world itself: a signal's receiver, say."""
        self.lines = 0
        """How many of the user's deeds were begun here."""
        self.actor: object = None
        """Whoever does a deed just now: what else is done meanwhile follows from that deed."""
        self.acting: str | None = None
        """The worker that works on a command just now."""
        self.clients: dict[int, Client] = {}
        """Connections of programs that use kombu by hand, by number."""
        self.inboxes: dict[tuple[str, str], Inbox] = {}
        """What clients read, by broker and queue."""
        self.repetitions: dict[str, Repetition] = {}
        """What is called again and again for clients."""
        self._clocks: dict[str, LamportClock] = {}
        self._brokers: dict[str, MemoryBroker] = {}
        self._by_url: dict[str, MemoryBroker] = {}
        self._stores: dict[tuple[str, str], Store] = {}
        self._kept: list[Tape] = []
        self._bodies = BodyPool()
        self._runs: dict[str, int] = {}
        self._children = FIRST_CHILD - 1
        self._earlier = earlier or {}
        self._until = until

    # -- running -----------------------------------------------------------------------------------------------
    @property
    def repeating(self) -> bool:
        """Whether this world still repeats what an earlier one did: then nobody is told of it a second time."""
        return self._until is not None

    @property
    def idle(self) -> bool:
        """Whether nothing will happen any more but what happens for ever: nobody has anything to do or to find."""
        return self.kernel.idle and not any(worker.pool.has_news for worker in self.workers.values())

    @property
    def busy(self) -> bool:
        """Whether the world acts by itself now: what is done meanwhile follows from that, and nobody else did it."""
        return self.kernel.stepping or self.actor is not None

    @property
    def place(self) -> Place:
        """Where in its history the world stands."""
        return Place(self.kernel.steps, self.lines)

    def act(self, deed: Deed, actor: object) -> Any:
        """Let *actor* do *deed*."""
        before, self.actor = self.actor, actor
        try:
            return deed.apply(self)
        finally:
            self.actor = before

    # -- brokers and stores ------------------------------------------------------------------------------------
    def broker(self, url: str) -> MemoryBroker:
        """Return the broker behind *url*; the same address is the same broker, however it is written."""
        known = self._by_url.get(url)
        if known is None:
            address = broker_address(url)
            known = self._brokers.get(address)
            if known is None:
                known = self._brokers[address] = MemoryBroker(address, self.kernel, self.log)
            self._by_url[url] = known
        return known

    @property
    def brokers(self) -> tuple[MemoryBroker, ...]:
        """Every broker that was asked for."""
        return tuple(self._brokers.values())

    def store(self, url: str, broker_url: str) -> Store:
        """Return the store of results behind *url*; replies travel over the broker behind *broker_url*."""
        key = (url, broker_url)
        store = self._stores.get(key)
        if store is None:
            scheme = backend_scheme(url)
            if scheme == "rpc":
                store = ReplyStore("rpc://", self.log, lambda: self.broker(broker_url))
            else:
                store = next(
                    (known for (other, _), known in self._stores.items() if other == url), None
                ) or MemoryStore("cache+memory://", self.log)
            self._stores[key] = store
        return store

    def logical_clock(self, node: str) -> LamportClock:
        """Return the logical clock of a node."""
        return self._clocks.setdefault(node, LamportClock())

    # -- bodies ------------------------------------------------------------------------------------------------
    def body(self, task_id: str, function: Callable[[], Any]) -> Running:
        """Return a body for the next run of a task: played from its tape if it had ended before, else run."""
        run = self._runs[task_id] = self._runs.get(task_id, 0) + 1
        key = (task_id, run)
        before = unpack_tape(self._earlier.get(key), Tape(self.clock, self.seed, key)) if self._earlier else None
        if before is not None and before.ended_at is not None and self._until and before.ended_at <= self._until:
            self.tapes[key] = pack_tape(before)
            return TapedBody(before, self)
        tape = self.tapes[key] = Tape(self.clock, self.seed, key, before)
        return TapingBody(self._bodies, function, tape, self)

    def keep(self, tape: Tape) -> None:
        """Put the tape of a body that has ended away; old ones are packed, a page at a time."""
        kept = self._kept
        kept.append(tape)
        if len(kept) > LOOSE:
            for old in kept[:PAGE]:
                self.tapes[old.key] = pack_tape(old)
            del kept[:PAGE]

    def suspends(self, wish: Any) -> bool:
        """Tell whether *wish* suspended the body that had it."""
        return isinstance(wish, Sleep | Compute | Poll | PutResult)

    def plain_body(self, function: Callable[[], Any]) -> Body:
        """Return a body that nobody writes down, for ``apply``."""
        return Body(self._bodies, function)

    # -- workers -----------------------------------------------------------------------------------------------
    def new_child(self) -> int:
        """Return the number of a new process."""
        self._children += 1
        return self._children

    def start_worker(self, app: Celery, options: WorkerOptions) -> Worker:
        """Make a worker and start it; one of the same name that has stopped is replaced."""
        worker = self.workers[options.hostname] = Worker(app, options, self)
        self.worker_state = worker.state
        worker.start()
        return worker

    # -- what was found outside --------------------------------------------------------------------------------
    def recall(self, name: str, function: Callable[[], Any]) -> Any:
        """Return what *function* returns, or did return at this place in the world that this one repeats.

        Arguments:
            name: under which it is remembered.
            function: asks something outside of the lab: a file, the user's code.
        """
        run = self._runs[name] = self._runs.get(name, 0) + 1
        key = (name, run)
        before = self._earlier.get(key)
        if isinstance(before, Tape) and before.ended_at and self._until and before.ended_at <= self._until:
            tape = before
        else:
            tape = Tape(self.clock, self.seed, key)
            try:
                tape.outcome = Returned(function())
            except Exception as exc:  # noqa: BLE001 - it is raised below, here and whenever this is repeated
                tape.outcome = Raised(exc)
            tape.ended_at = self.place
        self.tapes[key] = tape
        if isinstance(tape.outcome, Raised):
            raise tape.outcome.exception
        return tape.outcome.value if tape.outcome else None

    # -- while it is built again -------------------------------------------------------------------------------
    def interrupted(self, exc: KeyboardInterrupt) -> None:
        """Raise *exc*, by which the user stopped a body, unless this is the repetition of a time when they did."""
        if self._until is None:
            raise exc

    def go_live(self) -> None:
        """Stop repeating: from here on bodies may do what they want."""
        self._until, self._earlier = None, {}
        for tape in self.tapes.values():
            if isinstance(tape, Tape):
                tape.expected = None

    def close(self) -> None:
        """Give up every body that still runs; what their ``finally`` blocks do stays in this world."""
        self.kernel.stepping = True
        try:
            for worker in self.workers.values():
                worker.pool.close()
            for beat in self.beats.values():
                beat.close()
        finally:
            self.kernel.stepping = False
