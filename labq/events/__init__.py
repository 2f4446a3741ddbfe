"""Events: what workers and clients tell whoever monitors them, over the broker.

Comes in: that something happened. Goes out: messages on a topic exchange, and what a monitor makes of them.
These are Celery's monitoring events, not the lab's records: whoever listens to them sees what a real monitor would.
Next door: ``labq.app.events`` binds them to an app, ``labq.worker.monitoring`` sends a worker's.
Celery: ``celery/events/``; its user guide, "Monitoring: Events".
"""

from labq.events.dispatcher import EventDispatcher
from labq.events.event import Event, event_exchange, get_exchange, group_from
from labq.events.receiver import EventReceiver

__all__ = ("Event", "EventDispatcher", "EventReceiver", "event_exchange", "get_exchange", "group_from")
