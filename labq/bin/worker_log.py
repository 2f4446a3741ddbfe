"""The worker's log as Celery's terminal shows it, at virtual time.

Comes in: what the rooms tell the logger ``celery`` and its children. Goes out: lines on the standard output, so that a
notebook keeps them with its cell; Celery writes them to the standard error.
Only workers started by a ``celery worker`` command are heard, each from its own level on.
Celery: ``celery/app/log.py``, ``celery/utils/log.py`` (``ProcessAwareFormatter``); settings ``worker_log_format``.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from types import TracebackType
from typing import NamedTuple
from weakref import WeakKeyDictionary

from labq import Celery, Lab, current_lab
from labq.app.lines import TaskFormatter
from labq.app.tracebacks import format_traceback
from labq.exceptions import LabError
from labq.i18n import text
from labq.kernel.body import current_body
from labq.log.record import CHILD_STARTED
from labq.loggers import logger_isa, task_logger
from labq.worker.pools import Slot
from labq.worker.worker import Worker

LOGGER = logging.getLogger("celery")
MAIN = "MainProcess"
CHILD = "ForkPoolWorker-{number}"
BEAT = "celery.beat"
"""The logger of beats; it stands for all beats of a lab."""
EMBEDDED = "Beat"
"""The process of a beat that belongs to a worker."""
FORKING = "prefork"
"""The pool whose bodies run in processes of their own; others run in the worker's."""

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class _Heard(NamedTuple):
    """How one worker is heard."""

    level: int
    formatter: logging.Formatter
    task_formatter: logging.Formatter
    logfile: Path | None
    process: str | None = None
    """In which process it is said that something happens; None where that has to be found out."""


class _VirtualTime(logging.Formatter):
    """Dates lines by the lab's clock, and shows tracebacks from the user's first frame on."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - logging's name
        del record
        now = current_lab().now
        return str(now.strftime(datefmt) if datefmt else f"{now:%Y-%m-%d %H:%M:%S},{now.microsecond // 1000:03}")

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - logging's name
        return format_traceback(ei[1]).rstrip("\n") if ei[1] is not None else ""


class _TaskTime(_VirtualTime, TaskFormatter):
    """The same for what tasks log, which says which task it is."""


class WorkerLog(logging.Handler):
    """Prints what the workers of the current lab log."""

    def __init__(self) -> None:
        super().__init__()
        self._heard: WeakKeyDictionary[Lab, dict[str, _Heard]] = WeakKeyDictionary()

    def hear(self, lab: Lab, app: Celery, hostname: str, level: int, logfile: str | None = None) -> None:
        """Print what the worker *hostname* logs from now on.

        Arguments:
            lab: where it works.
            app: whose settings say how a line looks.
            hostname: its name.
            level: a level of ``logging``; what is below is not printed.
            logfile: the file to which the lines are added instead of being printed.

        Raises:
            LabError: when that file cannot be written.
        """
        self._hear(lab, app, hostname, level, logfile)

    def hear_beat(self, lab: Lab, app: Celery, level: int, logfile: str | None = None, process: str = MAIN) -> None:
        """Print what the beats of *lab* log from now on; *process* is where they run, see ``hear`` for the rest."""
        self._hear(lab, app, BEAT, level, logfile, process)

    def _hear(
        self, lab: Lab, app: Celery, name: str, level: int, logfile: str | None, process: str | None = None
    ) -> None:
        conf, file = app.conf, _writable(logfile) if logfile else None
        formatter = _VirtualTime(conf.worker_log_format, conf.worker_log_datefmt)
        of_tasks = _TaskTime(conf.worker_task_log_format, use_color=False, datefmt=conf.worker_task_log_datefmt)
        heard = self._heard.setdefault(lab, {})
        heard[name] = _Heard(level, formatter, of_tasks, file, process)
        if self not in LOGGER.handlers:
            LOGGER.addHandler(self)
        LOGGER.propagate = False  # Celery's worker takes the root's handlers away: no line comes twice
        LOGGER.setLevel(min(each.level for each in heard.values()))

    def forget(self) -> None:
        """Print nothing any more, and leave the logger as it was found."""
        self._heard.clear()
        LOGGER.removeHandler(self)
        LOGGER.propagate = True
        LOGGER.setLevel(logging.NOTSET)

    def emit(self, record: logging.LogRecord) -> None:
        """Print one line, if the worker that it is about is heard at its level."""
        lab = current_lab()
        heard = self._heard.get(lab)
        if not heard or lab.world.repeating:
            return
        if record.name == BEAT:
            worker, record.processName = BEAT, MAIN
        else:
            worker, record.processName = _origin(lab)
        teller = heard.get(getattr(record, "data", {}).get("hostname") or worker)
        if teller is not None and record.levelno >= teller.level:
            record.processName = teller.process or record.processName
            by_task = logger_isa(logging.getLogger(record.name), task_logger)
            line = f"{(teller.task_formatter if by_task else teller.formatter).format(record)}\n"
            if teller.logfile is None:
                sys.stdout.write(line)
            else:
                with teller.logfile.open("a", encoding="utf-8") as file:
                    file.write(line)


def _writable(logfile: str) -> Path:
    """Return the path of *logfile*, after trying to write there."""
    path = Path(logfile)
    try:
        path.open("a", encoding="utf-8").close()
    except OSError as error:
        msg = f"the log cannot be written to {logfile!r}: {error.strerror}"
        raise LabError(msg, text("Choose a file in a folder that is there: --logfile=w1.log")) from None
    return path


def _origin(lab: Lab) -> tuple[str, str]:
    """Return in which worker and in which of its processes something is logged now."""
    key = getattr(getattr(current_body(), "owner", None), "key", None)
    if key is not None:
        for worker in lab.world.workers.values():
            for slot in worker.pool.slots:
                if slot.body is not None and slot.request is not None and slot.request.id == key[0]:
                    return worker.hostname, _process_name(lab, worker, slot)
    # a worker writes down what it does before it tells of it, so the last record says who speaks
    facts = lab.log[-1].named() if len(lab.log) else {}
    return str(facts.get("worker") or facts.get("consumer")), MAIN


def _process_name(lab: Lab, worker: Worker, slot: Slot) -> str:
    """Return the name of the child in *slot*: a pool counts its children in the order in which they were started."""
    if worker.pool.name != FORKING:
        return MAIN
    number = slot.number
    if slot.generation > 1:
        later = [each.fact("child") for each in lab.log.select(CHILD_STARTED) if each.fact("worker") == worker.hostname]
        number = len(worker.pool.slots) + 1 + later.index(slot.child)
    return CHILD.format(number=number)


worker_log = WorkerLog()
"""The one that prints: a process has one log, as Celery's has."""
