"""The banner: what a beat says of itself when it starts.

Comes in: an app, a scheduler, and how the beat was started. Goes out: lines, with Celery's content in Celery's order.
The time is the lab's. Names of classes are shown as Celery's, for that is where they are found in production.
Celery: ``Beat.startup_info`` in ``celery/apps/beat.py``.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from labq.app.censorship import broker_uri
from labq.calendar import humanize_seconds

SIGNPOST = "__    -    ... __   -        _"


def startup_info(
    app: Any, scheduler: Any, now: datetime, logfile: str | None = None, loglevel: Any = "WARN", node: str | None = None
) -> str:
    """Return the lines under the drawing.

    Arguments:
        app: the app.
        scheduler: an example of the scheduler that is used, which may be a lazy one.
        now: the present.
        logfile: where beat logs to; None is the standard error.
        loglevel: from which level on, by name or number.
        node: the name under which beat answers commands; None if it does not.
    """
    level = logging.getLevelName(loglevel) if isinstance(loglevel, int) else loglevel.upper()
    lines = [
        f"LocalTime -> {now.replace(microsecond=0, tzinfo=None)}",
        "Configuration ->",
        f"    . broker -> {broker_uri(app.sending.broker_url, '**')}",
        f"    . loader -> {_named(app.loader_cls)}",
        f"    . scheduler -> {_named(scheduler)}",
        scheduler.info,
        f"    . logfile -> {logfile or '[stderr]'}@%{'WARNING' if level == 'WARN' else level}",
        f"    . maxinterval -> {humanize_seconds(scheduler.max_interval)} ({scheduler.max_interval}s)",
        f"    . remote control -> {node}" if node else "",
    ]
    return "\n".join(lines)


def banner(info: str) -> str:
    """Return *info* under the drawing."""
    return f"{SIGNPOST}\n{info}"


def _named(thing: Any) -> str:
    """Return the full name of a class, of an object's class, or of what is named already."""
    cls = thing if isinstance(thing, type) else type(thing)
    name = thing.replace(":", ".") if isinstance(thing, str) else f"{cls.__module__}.{cls.__qualname__}"
    return f"celery.{name.removeprefix('labq.')}" if name.startswith("labq.") else name
