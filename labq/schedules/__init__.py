"""Schedules: when a periodic task is due, and how long it is until then.

``schedule`` counts seconds, ``crontab`` knows the hours and days of the clock on the wall, ``solar`` follows the sun.
Each says ``is_due(last_run_at)``: whether to run now, and in how many seconds to ask again.
Next door: ``labq.beat`` asks them; ``labq.calendar`` knows time zones.
Celery: ``celery/schedules.py``; its user guide, "Periodic Tasks".
"""

from labq.schedules.cron import crontab
from labq.schedules.fields import ParseException, crontab_parser
from labq.schedules.interval import BaseSchedule, maybe_schedule, schedstate, schedule
from labq.schedules.sun import solar

__all__ = (
    "BaseSchedule",
    "ParseException",
    "crontab",
    "crontab_parser",
    "maybe_schedule",
    "schedstate",
    "schedule",
    "solar",
)

for _each in (BaseSchedule, ParseException, crontab, crontab_parser, schedstate, schedule, solar):
    _each.__module__ = __name__  # pickles and texts name a class where people import it from, as in Celery
