"""The kernel room: virtual time, chance, and the bodies of tasks. Nothing here knows what a message is.

Comes in: callbacks with a moment to run them, and user functions to run as bodies.
Goes out: one callback at a time, in one order that depends on nothing but the lab's seed.
Next door: ``labq.log`` writes down what the callbacks report.
Celery: the event loop of ``kombu/asynchronous/hub.py`` with ``kombu/asynchronous/timer.py``.
"""

from labq.kernel.asks import Ask, Compute, Poll, Sleep, compute, sleep
from labq.kernel.body import Body, BodyPool, Raised, Returned, current_body
from labq.kernel.chance import Chance, Ids
from labq.kernel.clock import Clock
from labq.kernel.kernel import Kernel, Timer

__all__ = [
    "Ask",
    "Body",
    "BodyPool",
    "Chance",
    "Clock",
    "Compute",
    "Ids",
    "Kernel",
    "Poll",
    "Raised",
    "Returned",
    "Sleep",
    "Timer",
    "compute",
    "current_body",
    "sleep",
]
