"""Logging and requests: what handlers, formatters and listeners are shown, and what a worker knows of its tasks."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from core_means import ID, Side, got, listening, logged, masked, scenario, tried


def module(e: Side, path: str) -> Any:
    """Return the module that both sides have under *path*."""
    return import_module(f"{e.root.__name__}.{path}")


@contextmanager
def restored() -> Iterator[None]:
    """Leave logging and the standard streams as they were."""
    names = (None, "celery", "celery.task", "celery.redirected", "multiprocessing")
    chosen = [logging.getLogger(name) for name in names]
    before = [(logger, logger.handlers[:], logger.level) for logger in chosen]
    propagates = logging.getLogger("celery.task").propagate
    streams = sys.stdout, sys.stderr
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams
        for logger, handlers, level in before:
            logger.handlers[:] = handlers
            logger.setLevel(level)
        logging.getLogger("celery.task").propagate = propagates
        logging.captureWarnings(capture=False)


def setting_up(app: Any, **options: Any) -> Any:
    """Set logging up anew."""
    type(app.log)._setup = False
    try:
        return app.log.setup(**options)
    finally:
        type(app.log)._setup = False


@scenario
def setting_logging_up_tells_listeners(e: Side) -> Any:
    """Both signals, with their facts; the root logger and that of the tasks have a level and a handler then."""
    app, stream = e.app(), io.StringIO()
    with restored(), listening(e.signals, "after_setup_logger", "after_setup_task_logger") as told:
        e.signals.setup_logging.receivers[:] = []  # whoever listens does it all
        setting_up(app, loglevel="INFO", logfile=stream)
        root, tasks = logging.getLogger(), logging.getLogger("celery.task")
        shown = [[type(each).__name__ for each in logger.handlers] for logger in (root, tasks)]
        return [masked(repr(told)), shown, root.level, tasks.level, bool(tasks.propagate)]


@scenario
def who_listens_to_setup_logging_does_it(e: Side) -> Any:
    """Then Celery sets nothing up."""
    app = e.app()
    facts = []

    def receiver(**said: Any) -> None:
        facts.append(sorted(set(said) - {"signal", "sender"}))

    with restored():
        before = logging.getLogger().handlers[:]
        e.signals.setup_logging.connect(receiver)
        try:
            answer = setting_up(app, loglevel="DEBUG", logfile="x.log")
        finally:
            e.signals.setup_logging.disconnect(receiver)
        return [facts, len(answer), logging.getLogger().handlers == before]


@scenario
def lines_look_as_the_settings_say(e: Side) -> Any:
    """The worker's form for everybody, the tasks' form for theirs, inside a task and outside."""
    app, stream = e.app(), io.StringIO()
    app.conf.worker_log_format = "W %(levelname)s %(name)s %(message)s"
    app.conf.worker_task_log_format = "T %(task_name)s %(task_id)s %(message)s"
    speaker = module(e, "utils.log").get_task_logger("proj.speaker")

    @app.task(name="speak")
    def speak() -> None:
        speaker.warning("inside")

    with restored():
        setting_up(app, loglevel="WARNING", logfile=stream)
        speaker.warning("outside")
        speaker.info("not heard")
        logging.getLogger("somebody").error("else")
        module(e, "utils.log").get_logger("celery.mine").error("mine")
        speak.apply()
        return [ID.sub("ID", line) for line in stream.getvalue().splitlines()]


@scenario
def what_is_printed_can_become_lines(e: Side) -> Any:
    """After ``redirect_stdouts``, on the level it names."""
    app, stream = e.app(), io.StringIO()
    app.conf.worker_log_format = "%(levelname)s %(name)s %(message)s"
    with restored():
        setting_up(app, loglevel="INFO", logfile=stream)
        app.log.redirect_stdouts("WARNING")
        print("one")  # noqa: T201 - that is what is tried
        print("two\nthree", file=sys.stderr)  # noqa: T201 - the same
        sys.stdout.writelines(["four", "", "\n"])
        facts = [sys.stdout.isatty(), sys.stdout.write("five\n"), sys.stdout.write("")]
        sys.stdout.close()
        facts.append(sys.stdout.write("six"))
        return [stream.getvalue().splitlines(), facts]


@scenario
def loggers_have_their_places(e: Side) -> Any:
    """Whose children they are, and which names are taken."""
    log = module(e, "utils.log")
    task, plain = log.get_task_logger("proj.a"), log.get_logger("proj.b")
    taken = [tried(lambda name=name: log.get_task_logger(name)) for name in ("celery", "celery.task")]
    return [task.parent.name, plain.parent.name, log.get_logger("celery").parent.name, taken,
            log.mlevel("info"), log.mlevel(10), log.mlevel(None)]  # fmt: skip


@scenario
def formatters_colour_and_name(e: Side) -> Any:
    """Warnings are yellow; a task's line outside a task has question marks."""
    log, app_log = module(e, "utils.log"), module(e, "app.log")
    lines = []
    for kind, form in ((log.ColorFormatter, "%(message)s"), (app_log.TaskFormatter, "%(task_name)s %(message)s")):
        for color in (True, False):
            formatter = kind(form, use_color=color)
            for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL):
                record = logging.LogRecord("n", level, "p", 1, "said %s", ("x",), None)
                lines.append(formatter.format(record))
    return lines


WORDS = (
    "id", "name", "type", "task_id", "task_name", "args", "kwargs", "argsrepr", "kwargsrepr", "root_id", "parent_id",
    "hostname", "utc", "correlation_id", "store_errors", "ignore_result", "time_limits", "stamps", "stamped_headers",
    "groups", "group", "group_index", "chord", "errbacks", "replaced_task_nesting", "delivery_info", "acknowledged",
    "time_start", "worker_pid", "content_type", "content_encoding",
)  # fmt: skip


@scenario
def a_request_tells_all_about_itself(e: Side) -> Any:
    """To whoever listens to ``task_received``."""
    app = e.app()
    told = []

    @app.task(name="add")
    def add(x: int, y: int = 0) -> int:
        return x + y

    def receiver(request: Any, **_: Any) -> None:
        told.append({word: getattr(request, word) for word in WORDS})
        told.append([request.humaninfo(), str(request), repr(request), request.info(), request.info(safe=True)])
        told.append([type(request.eta).__name__, type(request.expires).__name__, request.task.name, len(request.body)])

    e.signals.task_received.connect(receiver)
    try:
        with e.working(app):
            got(add.apply_async((1,), {"y": 2}, time_limit=9, soft_time_limit=8))
            got(add.apply_async((3,), shadow="other", ignore_result=False, priority=3))
    finally:
        e.signals.task_received.disconnect(receiver)
    return ID.sub("ID", repr(told))


@scenario
def a_worker_counts_its_tasks(e: Side) -> Any:
    """What runs, what was run, by the name that logs show."""
    app, state = e.app(), module(e, "worker.state")
    seen = []

    @app.task(name="look")
    def look() -> None:
        seen.append([len(state.active_requests), len(state.reserved_requests), len(state.requests)])

    with e.working(app):
        for options in ({}, {"shadow": "other"}):
            got(look.apply_async(**options))
        done = look.delay()
        got(done)
        counts = dict(state.total_count)
        return [seen, counts, done.id in state.successful_requests]


@scenario
def a_revoked_id_is_discarded_on_arrival(e: Side) -> Any:
    """Signals, log, state."""
    app, state = e.app(), module(e, "worker.state")

    @app.task(name="add")
    def add(x: int, y: int) -> int:
        return x + y

    with (
        listening(e.signals, "task_revoked", "task_received", "task_prerun") as told,
        logged() as lines,
        e.working(app),
    ):
        state.revoked.add("11111111-1111-1111-1111-111111111111")
        result = add.apply_async((1, 2), task_id="11111111-1111-1111-1111-111111111111")
        answer = tried(lambda: got(result))
        last = got(add.delay(3, 4))
    said = [masked(line.getMessage()) for line in lines if "evoked" in line.getMessage()]
    return [answer, result.state, last, [name for name, *_ in told], said]


@scenario
def sets_with_a_limit(e: Side) -> Any:
    """What is forgotten first, and what limits make no sense."""
    kind = module(e, "utils.collections").LimitedSet
    held = kind(maxlen=3, expires=60)
    for item in "abcad":
        held.add(item)
    other = kind(maxlen=5, data={"x": 1.0, "y": 2.0})
    other.update(held)
    other.add("z", now=0.5)
    bad = [tried(lambda options=options: kind(**options)) for options in ({"minlen": 2}, {"expires": -1})]
    return [list(held), "b" in held, repr(held), list(other)[:3], other.pop(), len(other), bad,
            tried(lambda: other.update({"q": "w"})), held.pop_value("a"), list(held)]  # fmt: skip


@scenario
def what_asks_a_worker_to_stop(e: Side) -> Any:
    """The two flags and what they raise."""
    state = module(e, "worker.state")
    answers = []
    for name in ("should_stop", "should_terminate"):
        for value in (None, False, 0, 3):
            setattr(state, name, value)
            try:
                state.maybe_shutdown()
                answers.append("goes on")
            except SystemExit as exc:
                answers.append([type(exc).__name__, exc.code])
            setattr(state, name, None)
    return answers
