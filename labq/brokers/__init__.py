"""The brokers' room: exchanges, queues and channels, as RabbitMQ has them.

Comes in: messages, from whoever publishes. Goes out: deliveries, to whoever consumes, one kernel step later.
Next door: ``labq.wire`` says what a message is; ``labq.worker`` and the clients publish and consume.
Celery: kombu's transports, ``kombu/transport/pyamqp.py`` and the server behind it.
"""

from labq.brokers.broker import Broker, Delivery, Held
from labq.brokers.channel import Channel
from labq.brokers.memory import MemoryBroker

__all__ = ["Broker", "Channel", "Delivery", "Held", "MemoryBroker"]
