"""The dumper: it prints events as they come, a line each.

Comes in: events. Goes out: text.
Next door: ``labq.events.receiver`` brings the events.
Celery: ``celery/events/dumper.py``, what ``celery events --dump`` runs.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any

from labq import _state
from labq.callables import LRUCache

__all__ = ("Dumper", "evdump")

TASKS_KNOWN = 0xFFF
"""How many tasks are known by what was said when they were received."""

HUMAN_TYPES = {"worker-offline": "shutdown", "worker-online": "started", "worker-heartbeat": "heartbeat"}


def humanize_type(type: str) -> str:
    """Return a type of event as people say it.

    >>> humanize_type("worker-online"), humanize_type("task-received")
    ('started', 'task received')
    """
    return HUMAN_TYPES.get(type.lower()) or type.lower().replace("-", " ")


class Dumper:
    """Prints events.

    Arguments:
        out: where to; by default the standard output.
    """

    def __init__(self, out: Any = None) -> None:
        self.out = out or sys.stdout
        self._tasks = LRUCache(TASKS_KNOWN)

    def say(self, msg: str) -> None:
        """Print a line."""
        print(msg, file=self.out)

    def on_event(self, ev: dict[str, Any]) -> None:
        """Print an event; it is used up by that."""
        when = datetime.fromtimestamp(ev.pop("timestamp"), UTC)
        kind, hostname = ev.pop("type").lower(), ev.pop("hostname")
        about = ""
        if kind.startswith("task-"):
            uuid = ev.pop("uuid")
            if kind in ("task-received", "task-sent"):
                self._tasks[uuid] = f"{ev.pop('name')}({uuid}) args={ev.pop('args')} kwargs={ev.pop('kwargs')}"
            about = f" {self._tasks.get(uuid, '')}"
        self._line(hostname, when, kind, about, ev)

    def format_task_event(self, hostname: str, timestamp: Any, type: str, task: str, event: dict[str, Any]) -> None:
        """Print an event about *task*, which is described already; *event* has the fields that are left."""
        self._line(hostname, timestamp, type, f" {task}", event)

    def _line(self, hostname: str, when: Any, kind: str, about: str, left: dict[str, Any]) -> None:
        fields = ", ".join(f"{name}={left[name]}" for name in sorted(left))
        self.say(f"{hostname} [{when}] {humanize_type(kind)}{':' if fields else ''}{about} {fields}")


def evdump(app: Any = None, out: Any = None) -> None:
    """Print events as they come, until nothing will happen in the lab any more."""
    app = _state.app_or_default(app)
    dumper = Dumper(out=out)
    dumper.say("-> evdump: starting capture...")
    app.events.Receiver(None, handlers={"*": dumper.on_event}).capture()
