"""Beat: it looks at the schedule again and again, and sends what is due.

``entry`` is a line of the schedule, ``scheduler`` decides, ``persistent`` remembers across restarts, ``service`` is the
loop. Beat only sends: it runs no task, and it does not look whether somebody else has sent the same one.
Next door: ``labq.schedules`` knows when; ``process`` lets the loop live in a lab's world.
Celery: ``celery/beat.py``; its user guide, "Periodic Tasks".
"""

from labq.beat.embedded import EmbeddedService
from labq.beat.entry import BeatLazyFunc, ScheduleEntry
from labq.beat.persistent import PersistentScheduler
from labq.beat.pidbox import NODENAME_DEFAULT, BeatPidbox, beat_nodename
from labq.beat.scheduler import DEFAULT_MAX_INTERVAL, Scheduler, SchedulingError, event_t
from labq.beat.service import Service

__all__ = (
    "DEFAULT_MAX_INTERVAL",
    "NODENAME_DEFAULT",
    "BeatLazyFunc",
    "BeatPidbox",
    "EmbeddedService",
    "PersistentScheduler",
    "ScheduleEntry",
    "Scheduler",
    "SchedulingError",
    "Service",
    "beat_nodename",
    "event_t",
)

for _each in (BeatLazyFunc, PersistentScheduler, ScheduleEntry, Scheduler, SchedulingError, Service, event_t):
    _each.__module__ = __name__  # pickles and texts name a class where people import it from, as in Celery
