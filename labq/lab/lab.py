"""The lab: a world, the journal of what was done to it, and the ways to drive it and to look at it.

Comes in: what the user does. Goes out: records, views, results. To the apps below it is the ``World`` they live in.
Next door: ``labq.lab.world`` runs, ``labq.lab.rewind`` builds it again, ``labq.lab.gallery`` draws it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from labq import _state
from labq.backends.backend import ResultBase
from labq.backends.changes import Change
from labq.backends.store import Store, Stored
from labq.exceptions import LabError, NeverReady
from labq.i18n import Words, default_language, speak, text, words
from labq.kernel.body import ask, current_body
from labq.kernel.chance import Chance, Ids
from labq.kernel.clock import Clock
from labq.kernel.interrupts import install
from labq.lab.beats import RunningBeat, StartBeat
from labq.lab.collector import Collector
from labq.lab.driver import Driver
from labq.lab.gallery import Gallery
from labq.lab.handle import RunningWorker
from labq.lab.happened import Happened, Stretch
from labq.lab.history import History
from labq.lab.journal import ChangeStore, ForgetResult, Line, Listen, Publish, Purge, PutResult, StartWorker, StopWorker
from labq.lab.lines import ClientLine
from labq.lab.post import Post
from labq.lab.reading import microseconds, moment_until, place, start_moment, steps
from labq.lab.tape import Tape
from labq.lab.world import LabWorld
from labq.log.log import Log
from labq.resultset import hindrance
from labq.worker.state import WorkerState

if TYPE_CHECKING:
    from labq.app.base import Celery
    from labq.brokers.memory import MemoryBroker
    from labq.snapshot.model import Snapshot
    from labq.views import QueuesView, RoomPlayer, StoryView, WhyView, WorkersView
    from labq.wire.message import Message

STOPS = ("warm", "cold", "soft")
"""How a worker may be stopped."""

Until = float | datetime | Callable[[], object] | None


class Lab:
    """A laboratory for Celery apps; making one makes it the current one.

    Arguments:
        seed: where every id and every throw of dice comes from.
        start: when virtual time begins: ISO 8601 text or a datetime; the wall clock's present by default.
        lang: the language of what the lab says: ``en``, ``ru`` or ``zh``; by default ``LABQ_LANG``, else English.
    """

    hostname = "lab"

    def __init__(self, seed: int = 0, start: str | datetime | None = None, lang: str | None = None) -> None:
        moment = start_moment(start)
        self.seed = seed
        self.replaces_tasks = False
        self.history = History(seed, moment)
        self.driver = Driver(self.history)
        self.post = Post(self)
        self.on_replaced: Callable[[str], object] = lambda _: None
        self._words: Words = words(lang or default_language())
        self._oids = Ids(seed, "address")
        self.gallery = Gallery(lambda: self.log, lambda: self._words, seed, lambda: self.clock)
        self._collector = Collector()
        self._collector.come_rarely()
        install()
        self._entered = False
        self._previous: Any = None
        self._become_current()

    def _become_current(self) -> None:
        previous: Any = _state.get_current_lab() if _state.has_current_lab() else None
        if isinstance(previous, Lab) and not previous._entered:
            previous._previous = None  # it will never be left, so it need not keep alive what was before it
        self._previous = previous
        _state.set_current_lab(self)
        speak(self._words.lang)

    def __enter__(self) -> Self:
        """Use the lab in a ``with`` block; it is the current one there."""
        if _state.get_current_lab() is not self:
            self._become_current()
        self._entered = True
        return self

    def __exit__(self, *_: object) -> None:
        """Close the lab; the one before it is current again."""
        self.close()
        if _state.has_current_lab() and _state.get_current_lab() is self:
            _state.set_current_lab(self._previous)
            if self._previous is not None:
                speak(self._previous.lang)

    def close(self) -> None:
        """Give up every body that still runs. What happened can still be looked at."""
        with _state.inside_lab(self):
            self.history.close()
        self._collector.come_as_before()

    # -- what it is --------------------------------------------------------------------------------------------
    @property
    def lang(self) -> str:
        """The language of what the lab says; set it to change it."""
        return self._words.lang

    @lang.setter
    def lang(self, lang: str) -> None:
        self._words = words(lang)
        speak(lang)

    @property
    def world(self) -> LabWorld:
        """The world as it is now; a rewind makes another one."""
        return self.history.world

    @property
    def worker_state(self) -> WorkerState:
        """What the worker that was started last knows of its tasks."""
        return self.world.worker_state

    @property
    def generation(self) -> int:
        """How often the world was built again."""
        return self.history.generation

    @property
    def journal(self) -> Sequence[Line]:
        """What was done to the world from outside, in order."""
        return self.history.journal

    @property
    def closed(self) -> bool:
        """Whether the lab was closed."""
        return self.history.closed

    @property
    def clock(self) -> Clock:
        """The virtual clock."""
        return self.world.clock

    @property
    def now(self) -> datetime:
        """The virtual present, an aware datetime."""
        return self.world.clock.now

    @property
    def time(self) -> float:
        """Virtual seconds since the start."""
        return self.world.clock.time

    @property
    def log(self) -> Log:
        """Everything that has happened."""
        return self.world.log

    # -- driving -----------------------------------------------------------------------------------------------
    def step(self, n: int = 1) -> Happened:
        """Run the next *n* steps and return the records they wrote.

        Raises:
            LabError: when *n* is no number of steps.
            ReentrantStep: when called from a task's body.
        """
        before, most = len(self.log), steps(n)
        with _state.inside_lab(self):
            self.driver.steps(most)
        return Happened(self.log[before:], self.gallery)

    def run(self, until: Until = None) -> Stretch:
        """Run until nothing is left to do, or until something is reached; return the records that were written.

        Arguments:
            until: a moment (datetime), virtual seconds since the start, or a function that says when it is enough.

        Raises:
            ReentrantStep: when called from a task's body.
        """
        before = len(self.log)
        with _state.inside_lab(self):
            if until is None or callable(until):
                self.driver.until_idle(until)
            else:
                self.driver.until_moment(moment_until(until, self.clock))
        return self._since(before)

    def advance(self, seconds: float) -> Stretch:
        """Let *seconds* of virtual time pass, doing everything that is due, and return the records that were written.

        Raises:
            LabError: when *seconds* is negative: to go back, use ``rewind`` or look with ``snapshot``.
        """
        us = microseconds(seconds, f"{seconds!r} is no number of seconds")
        if us < 0:
            msg = f"time cannot go back by {-seconds} seconds"
            raise LabError(msg, text("Look at the past with lab.snapshot(at=n), or go there with lab.rewind(to=n)."))
        before = len(self.log)
        with _state.inside_lab(self):
            self.driver.until_moment(self.clock.us + us)
        return self._since(before)

    def _since(self, before: int) -> Stretch:
        return Stretch(self.log, before, len(self.log), self.gallery)

    def wait(
        self, ready: Callable[[], bool], timeout: float | None, why: Callable[[], Exception], *, at_once: bool = False
    ) -> bool:
        """Run until *ready* says so; return False after *timeout* seconds; raise ``why()`` when nothing can help."""
        if _state.get_current_lab() is self:
            return self.driver.wait(ready, timeout, why, at_once=at_once)
        with _state.inside_lab(self):
            return self.driver.wait(ready, timeout, why, at_once=at_once)

    def call_eagerly(self, function: Callable[[], Any]) -> Any:
        """Call *function* as a body of its own, so that its sleeping costs virtual time only."""
        with _state.inside_lab(self):
            return self.driver.call_eagerly(function)

    # -- workers -----------------------------------------------------------------------------------------------
    def build_worker(self, app: Celery, **options: Any) -> RunningWorker:
        """Return a worker for *app* that is not started yet.

        Arguments:
            options: ``hostname``, ``pool`` (``"prefork"`` or ``"solo"``), ``concurrency``, ``queues`` (names or
                queues), ``prefetch_multiplier``.
        """
        return RunningWorker(app, lab=self, **options)

    def start_worker(self, app: Celery, **options: Any) -> RunningWorker:
        """Start a worker for *app* and return it; for the options see ``build_worker``."""
        return self.build_worker(app, **options).start()

    def start(self, worker: RunningWorker) -> None:
        """Start *worker*.

        Raises:
            LabError: when one of that name works already.
        """
        self.history.check_open()
        if worker.online:
            msg = f"a worker called {worker.hostname!r} is running already"
            raise LabError(msg, text("Give each worker a name of its own: hostname='w2@lab'."))
        with _state.inside_lab(self):
            self.do(StartWorker(worker.app, worker.options))

    def stop_worker(self, worker: RunningWorker, how: str = "warm") -> None:
        """Stop *worker*, and run until it has stopped.

        Raises:
            LabError: when *how* is neither ``warm`` nor ``cold``.
        """
        if how not in STOPS:
            raise LabError(f"no worker stops {how!r}", text("The ways are warm, cold and soft."))
        with _state.inside_lab(self):
            if worker.online:
                self.do(StopWorker(worker.hostname, how))
                self.driver.until_idle(lambda: not worker.online)

    # -- beats -------------------------------------------------------------------------------------------------
    def build_beat(self, app: Celery, **options: Any) -> RunningBeat:
        """Return a beat for *app* that is not started yet.

        Arguments:
            options: ``max_interval`` (seconds), ``schedule`` (a file), ``scheduler`` (a class or its name),
                ``hostname``.
        """
        return RunningBeat(app=app, lab=self, **options)

    def start_beat(self, app: Celery, **options: Any) -> RunningBeat:
        """Start a beat for *app* and return it; for the options see ``build_beat``.

        A beat does not keep ``run()`` going: let time pass with ``advance(seconds)``.
        """
        return self.build_beat(app, **options).start()

    def run_beat(self, service: Any, embedded: bool = False) -> None:
        """Let the loop of *service* run as a beat; after a rewind another one takes its place."""
        make, parts = service.__reduce__()
        name = RunningBeat(app=service.app, lab=self, hostname=service.hostname).name
        self.act(StartBeat(name, lambda world: make(*parts) if world.repeating else service, embedded))

    @property
    def shelves(self) -> dict[str, Any]:
        """What beats keep in the lab between one start and the next."""
        return self.world.shelves

    @property
    def repeating(self) -> bool:
        """Whether a rewind is under way."""
        return self.world.repeating

    def recall(self, name: str, function: Callable[[], Any]) -> Any:
        """Return what *function* returns; while a rewind repeats the past, what it returned then."""
        return self.world.recall(name, function)

    # -- the world, as apps see it -----------------------------------------------------------------------------
    def act(self, deed: Any) -> Any:
        """Do something to the world as the user: as ``do``, with this lab as the current one meanwhile."""
        self.history.check_open()
        with _state.inside_lab(self):
            return self.do(deed)

    def do(self, deed: Any) -> Any:
        """Do something to the world: a body's deed goes on its tape, the user's into the journal."""
        return self.history.do(deed)

    def new_id(self) -> str:
        """Return a new task id."""
        return self.history.new_id()

    def new_oid(self) -> str:
        """Return a new client's address for replies."""
        return self._oids.next()

    def dice(self, task_id: str, retries: int) -> Chance:
        """Return seeded dice for one attempt of one task."""
        return Chance(f"{self.seed}/{task_id}/{retries}")

    def broker(self, url: str) -> MemoryBroker:
        """Return the broker behind *url*."""
        return self.world.broker(url)

    def line(self, url: str) -> ClientLine:
        """Return a new line to the broker behind *url*, for programs that use kombu by hand."""
        with _state.inside_lab(self):
            return ClientLine(self, url)

    def store(self, url: str, broker_url: str) -> Store:
        """Return the store of results behind *url*."""
        return self.world.store(url, broker_url)

    def send(self, url: str, queue: Any, exchange: str, routing_key: str, message: Message) -> None:
        """Publish *message*, declaring *queue* first when there is one."""
        self.history.do(Publish(url, queue, exchange, routing_key, message))

    def listen(self, url: str, broker_url: str, address: str) -> None:
        """Start to collect the replies sent to *address*."""
        if not self.world.store(url, broker_url).listens(address):
            self.do(Listen(url, broker_url, address))

    def put_result(self, url: str, broker_url: str, task_id: str, stored: Stored) -> None:
        """Write a result; for a body that is a step of its own."""
        deed = PutResult(url, broker_url, task_id, stored)
        body = current_body()
        if body is not None and type(body.owner) is Tape:
            ask(deed)
        else:
            self.do(deed)

    def change_store(self, url: str, broker_url: str, change: Change) -> Any:
        """Do something else to a store of results: keep a group, count a chord's part."""
        return self.do(ChangeStore(url, broker_url, change))

    def forget_result(self, url: str, broker_url: str, task_id: str) -> None:
        """Take a result away."""
        self.do(ForgetResult(url, broker_url, task_id))

    def purge(self, queue: str = "celery", url: str | None = None) -> int:
        """Throw away what waits in *queue*, and return how many messages that were."""
        if url is None:
            if not self.world.brokers:
                msg = f"there is no queue {queue!r}: nobody has used a broker yet"
                raise LabError(msg, text("Send a task or start a worker first."))
            url = self.world.brokers[0].url
        return int(self.do(Purge(url, queue)))

    def explain(self, task_id: str, extra: Any = None) -> Exception:
        """Return the error that says why the result of a task will never come."""
        del extra
        reason = self.gallery.why(task_id).reason
        said = words("en").say(reason)
        if "for ever" not in said:
            said = f"{said}; Celery would wait here for ever"
        hint = reason if self.lang != "en" else text("lab.why({id!r}) tells the whole way.", id=task_id)
        return NeverReady(said, hint)

    def on_task_replaced(self, name: str) -> None:
        """Be told that a task's body was replaced."""
        self.on_replaced(name)

    # -- back in time ------------------------------------------------------------------------------------------
    def snapshot(self, at: int | None = None) -> Snapshot:
        """Return what the world looked like after the first *at* records; no user code runs."""
        return self.gallery.snapshot(at)

    def rewind(self, to: int) -> int:
        """Go back: build the world again as it was when the log had at most *to* records.

        Bodies that had ended by then repeat no side effects; bodies in the middle run again up to where they were. The
        future is dropped. Files, notebook variables and unseeded randomness are not restored.

        Returns: how many records the log has now.

        Raises:
            Diverged: when a body that runs again does something else than before.
        """
        with _state.inside_lab(self):
            self.history.rewind(place(to))
        return len(self.log)

    # -- looking -----------------------------------------------------------------------------------------------
    def story(self, task_id: Any) -> StoryView:
        """Return everything that happened to one task (a result, or its id)."""
        return self.gallery.story(str(task_id))

    def why(self, task_id: Any) -> WhyView:
        """Return the reason why a task (a result, or its id) is not ready; of a chain or a group, what comes first."""
        return self.gallery.reason(str(hindrance(task_id) if isinstance(task_id, ResultBase) else task_id))

    def queues(self) -> QueuesView:
        """Return a table of the queues."""
        return self.gallery.queues()

    def workers(self) -> WorkersView:
        """Return a table of the workers."""
        return self.gallery.workers()

    def room(self, at: int | None = None) -> RoomPlayer:
        """Return the machine room: a slider over everything that has happened."""
        return self.gallery.room(at)

    def timeline(self, ax: Any = None) -> Any:
        """Draw the task stream: one row for each slot, one bar for each run."""
        return self.gallery.timeline(ax)

    def depth(self, ax: Any = None) -> Any:
        """Draw how many messages waited in each queue over time."""
        return self.gallery.depth(ax)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Show the lab in short."""
        bundle: dict[str, Any] = self.gallery.lab()._repr_mimebundle_(include, exclude)
        return bundle

    def __repr__(self) -> str:
        """Return one line: seed, time, records."""
        return f"<Lab seed={self.seed} t={self.time:g} records={len(self.log)}>"


def current_lab() -> Any:
    """Return the current lab, making one if there is none yet."""
    return _state.get_current_lab()


_state.set_lab_maker(Lab)
