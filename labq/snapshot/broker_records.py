"""What the broker's records change in the picture of the world: one small function for each kind.

Comes in: a record and the draft it is drawn into. Goes out: the changed draft.
Next door: ``labq.snapshot.fold`` has the table of all kinds.

A function never trusts that an earlier record was seen: a log that begins in the middle (a real cluster's events) gives
a picture with gaps, not an error. Facts added to the end of a kind later do no harm: ``*_`` takes them.
"""

from __future__ import annotations

from collections.abc import Callable

from labq.log.record import (
    EXCHANGE_DECLARED,
    EXCHANGE_DELETED,
    MESSAGE_ACKED,
    MESSAGE_DEAD_LETTERED,
    MESSAGE_DELIVERED,
    MESSAGE_PUBLISHED,
    MESSAGE_QUEUED,
    MESSAGE_REDELIVERED,
    MESSAGE_REJECTED,
    MESSAGE_REQUEUED,
    MESSAGE_ROUTED,
    MESSAGE_UNROUTABLE,
    QUEUE_BOUND,
    QUEUE_DECLARED,
    QUEUE_DELETED,
    QUEUE_PURGED,
    QUEUE_UNBOUND,
    Record,
)
from labq.snapshot.draft import Draft, QueueDraft
from labq.snapshot.model import ENDED, Binding, Message, Stage, Transit, Unacked, highest_priority

Step = Callable[[Draft, Record], None]


def _exchange_declared(draft: Draft, record: Record) -> None:
    broker, exchange, kind, *_ = record.facts
    draft.brokers[broker].exchanges[exchange] = kind


def _exchange_deleted(draft: Draft, record: Record) -> None:
    broker, exchange, *_ = record.facts
    home = draft.brokers[broker]
    home.exchanges.pop(exchange, None)
    home.bindings[:] = [binding for binding in home.bindings if exchange not in (binding.queue, binding.exchange)]


def _queue_declared(draft: Draft, record: Record) -> None:
    broker, queue, *more = record.facts
    draft.brokers[broker].queues[queue].arguments = more[0] if more else None


def _queue_deleted(draft: Draft, record: Record) -> None:
    broker, queue, *_ = record.facts
    home = draft.brokers[broker]
    home.queues.discard(queue)
    home.bindings[:] = [binding for binding in home.bindings if binding.queue != queue]


def _queue_bound(draft: Draft, record: Record) -> None:
    broker, queue, exchange, routing_key, *_ = record.facts
    draft.brokers[broker].bindings.append(Binding(queue, exchange, routing_key))


def _queue_unbound(draft: Draft, record: Record) -> None:
    broker, queue, exchange, routing_key, *_ = record.facts
    home, gone = draft.brokers[broker], Binding(queue, exchange, routing_key)
    home.bindings[:] = [binding for binding in home.bindings if binding != gone]


def _published(draft: Draft, record: Record) -> None:
    broker, serial, exchange, routing_key, name, args, kwargs, _eta, retries, origin, size, *more = record.facts
    task_id = record.task_id
    message = Message(
        broker, serial, task_id, name, args, kwargs, exchange, routing_key, retries or 0, size, record.us,
        more[0] if more else None,
    )  # fmt: skip
    home = draft.brokers[broker]
    home.published += 1
    home.transit[serial] = Transit(message, None)
    if task_id is None or name is None:
        return
    first = task_id not in draft.tasks
    task = draft.tasks[task_id]
    task.name, task.args, task.kwargs = name, args, kwargs
    task.broker, task.exchange, task.routing_key = broker, exchange, routing_key
    if first:
        task.origin = origin
    task.retries = retries or 0
    if task.stage is not Stage.STARTED:  # a retry is published while its body still runs
        task.leave(Stage.SENT, record.us, exchange)


def _routed(draft: Draft, record: Record) -> None:
    broker, serial, _exchange, _key, queues, *_ = record.facts
    transit = draft.brokers[broker].transit
    message = transit[serial].message if serial in transit else Message(broker, serial, record.task_id)
    transit[serial] = Transit(message, tuple(queues))


def _unroutable(draft: Draft, record: Record) -> None:
    broker, serial, *_ = record.facts
    home = draft.brokers[broker]
    home.transit.pop(serial, None)
    home.unroutable += 1
    task = draft.task(record.task_id)
    if task:
        task.leave(Stage.UNROUTABLE, record.us)


def _queued(draft: Draft, record: Record) -> None:
    broker, serial, name, *_ = record.facts
    home = draft.brokers[broker]
    queue = home.queues[name]
    on_its_way = home.transit.get(serial)
    message = on_its_way.message if on_its_way else Message(broker, serial, record.task_id)
    if on_its_way:
        left = tuple(other for other in on_its_way.queues or () if other != name)
        if left:
            home.transit[serial] = Transit(message, left)
        else:
            del home.transit[serial]
    queue.ready[serial] = message
    _sort(queue)
    queue.queued += 1
    task = draft.task(record.task_id)
    if task:
        task.queue = name
        if task.stage is not Stage.STARTED:  # the next try can be queued before the present one has ended
            task.leave(Stage.QUEUED, record.us, name)


def _delivered(draft: Draft, record: Record) -> None:
    broker, serial, name, consumer, tag, *_ = record.facts
    queue = draft.brokers[broker].queues[name]
    message = queue.ready.pop(serial, None) or Message(broker, serial, record.task_id)
    again = record.kind is MESSAGE_REDELIVERED
    queue.unacked[consumer, tag] = Unacked(message, consumer, tag, record.us, again)
    if consumer in draft.workers:
        worker = draft.workers[consumer]
        worker.take(serial)
        worker.prefetched[serial] = message
    task = draft.task(record.task_id)
    if task:
        task.reach(Stage.DELIVERED, record.us, consumer)
        task.queue, task.worker, task.slot = name, consumer, None


def _acked(draft: Draft, record: Record) -> None:
    broker, _serial, name, consumer, tag, *_ = record.facts
    draft.brokers[broker].queues[name].unacked.pop((consumer, tag), None)


def _rejected(draft: Draft, record: Record) -> None:
    _take_back(draft, record)
    task = draft.task(record.task_id)
    if task and task.stage not in ENDED:
        task.reason = record.fact("reason") or None
        task.leave(Stage.REJECTED, record.us)


def _requeued(draft: Draft, record: Record) -> None:
    message = _take_back(draft, record)
    queue = record.fact("queue")
    _put_back(draft.brokers[record.fact("broker")].queues[queue], message)
    task = draft.task(record.task_id)
    if task:
        task.leave(Stage.QUEUED, record.us, queue)


def _dead_lettered(draft: Draft, record: Record) -> None:
    broker, serial, name, reason, *more = record.facts
    home = draft.brokers[broker]
    message = home.queues[name].ready.pop(serial, None)
    on_its_way = home.transit.pop(serial, None)
    if more and more[0] is not None:  # its new way begins at the dead letter exchange
        if message is None:
            message = on_its_way.message if on_its_way else Message(broker, serial, record.task_id)
        home.transit[serial] = Transit(message, None)
    elif on_its_way:  # other queues may still get their copies
        left = tuple(other for other in on_its_way.queues or () if other != name)
        if left:
            home.transit[serial] = Transit(on_its_way.message, left)
    task = draft.task(record.task_id)
    if task:
        task.reason = reason
        task.leave(Stage.DEAD_LETTERED, record.us)


def _purged(draft: Draft, record: Record) -> None:
    broker, name, *_ = record.facts
    queue = draft.brokers[broker].queues[name]
    for message in queue.ready.values():
        task = draft.task(message.task_id)
        if task:
            task.leave(Stage.PURGED, record.us)
    queue.ready.clear()


def _take_back(draft: Draft, record: Record) -> Message:
    broker, serial, name, consumer, tag, *_ = record.facts
    held = draft.brokers[broker].queues[name].unacked.pop((consumer, tag), None)
    if consumer in draft.workers:
        draft.workers[consumer].take(serial)
    return held.message if held else Message(broker, serial, record.task_id)


def _put_back(queue: QueueDraft, message: Message) -> None:
    # a message that comes back goes to its old place: before all that was published after it
    before = {serial: other for serial, other in queue.ready.items() if serial < message.serial}
    after = {serial: other for serial, other in queue.ready.items() if serial > message.serial}
    queue.ready = {**before, message.serial: message, **after}
    _sort(queue)


def _sort(queue: QueueDraft) -> None:
    """Put the most urgent messages first, where the queue does so."""
    highest = highest_priority(queue.arguments)
    if highest is not None:
        rows = sorted(queue.ready.items(), key=lambda entry: -min(entry[1].priority or 0, highest))
        queue.ready = dict(rows)


BROKER_STEPS: dict[str, Step] = {
    EXCHANGE_DECLARED: _exchange_declared,
    EXCHANGE_DELETED: _exchange_deleted,
    QUEUE_DECLARED: _queue_declared,
    QUEUE_DELETED: _queue_deleted,
    QUEUE_BOUND: _queue_bound,
    QUEUE_UNBOUND: _queue_unbound,
    QUEUE_PURGED: _purged,
    MESSAGE_PUBLISHED: _published,
    MESSAGE_ROUTED: _routed,
    MESSAGE_UNROUTABLE: _unroutable,
    MESSAGE_QUEUED: _queued,
    MESSAGE_DELIVERED: _delivered,
    MESSAGE_REDELIVERED: _delivered,
    MESSAGE_ACKED: _acked,
    MESSAGE_REJECTED: _rejected,
    MESSAGE_REQUEUED: _requeued,
    MESSAGE_DEAD_LETTERED: _dead_lettered,
}
