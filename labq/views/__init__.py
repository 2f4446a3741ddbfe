"""The views' room: what people see of the lab, as text and as HTML.

Comes in: snapshots (or records), a selection, the words of a language. Goes out: views, each a frozen value with
``text()`` and ``html()``; Jupyter shows them by itself.
Next door: below, ``labq.snapshot`` makes the snapshots; above, ``labq.lab`` makes the views. No view can
change the lab.
Celery: none; ``celery events`` and Flower show parts of this.

Two modules are opened only when somebody asks for them, because of what they load: ``plot`` (matplotlib) and ``widget``
(ipywidgets). ``labq.views.plot`` finds them all the same.
"""

from __future__ import annotations

from types import ModuleType

from labq.views.later import LATER, later
from labq.views.overview import LabView
from labq.views.player import RoomPlayer
from labq.views.queue import QueueView
from labq.views.queues import QueuesView
from labq.views.record import RecordView
from labq.views.records import RecordsView
from labq.views.room import RoomView
from labq.views.story import StoryView
from labq.views.task import TaskView
from labq.views.view import View
from labq.views.why import WhyView
from labq.views.worker import WorkerView
from labq.views.workers import WorkersView

__all__ = [
    "LabView",
    "QueueView",
    "QueuesView",
    "RecordView",
    "RecordsView",
    "RoomPlayer",
    "RoomView",
    "StoryView",
    "TaskView",
    "View",
    "WhyView",
    "WorkerView",
    "WorkersView",
]


def __getattr__(name: str) -> ModuleType:
    if name in LATER:
        return later(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
