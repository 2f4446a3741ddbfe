"""The handover: a call that goes through ``app.amqp``, because somebody has put something of their own there.

Comes in: a call that brings a producer or a connection, or one of an app whose ``app.amqp`` is not just labq's.
Goes out: what ``create_task_message`` has written, by ``send_task_message``; an ``AsyncResult``.
Next door: ``labq.app.publish`` sends all other calls by the same rules, in fewer steps.
Celery: ``send_task`` in ``celery/app/base.py``, where every call goes this way.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from labq import _state
from labq.app.delays import DIRECT_EXCHANGE, ENTRANCE, calculate_routing_key, exchange_of
from labq.app.publish import time_to_live
from labq.app.registry import known_task
from labq.sequences import maybe_list
from labq.wire.exchange import Exchange
from labq.wire.moments import seconds_until

if TYPE_CHECKING:
    from labq.app.base import Celery

logger = logging.getLogger("celery.app.base")

BEFORE_EVENT = (
    "countdown", "eta", "group_id", "group_index", "expires", "retries", "chord", "link", "link_error", "reply_to",
    "time_limit", "soft_time_limit",
)  # fmt: skip
"""What ``create_task_message`` takes in this order, after id, name and arguments, before it is asked for an event."""
AFTER_EVENT = ("root_id", "parent_id", "shadow", "chain")
"""What it takes in this order after that."""


def hand_over(
    app: Celery,
    name: str,
    args: Sequence[Any] | None,
    kwargs: Mapping[str, Any] | None,
    options: Mapping[str, Any],
    *,
    task_id: str,
    shadow: str | None,
    result_class: Any,
) -> Any:
    """Send a call of the task called *name* by the methods of ``app.amqp``; else see ``Publisher.send_task``."""
    amqp, call = app.amqp, _state.get_current_worker_call()
    chosen = dict(options, shadow=shadow)
    line, producer = chosen.pop("connection", None), chosen.pop("producer", None) or chosen.pop("publisher", None)
    add_to_parent, ignored = chosen.pop("add_to_parent", True), chosen.pop("ignore_result", None)
    nesting = chosen.pop("replaced_task_nesting", 0)
    told = {word: chosen.pop(word, None) for word in (*BEFORE_EVENT, *AFTER_EVENT)}
    router, route_name = chosen.pop("router", None) or amqp.router, chosen.pop("route_name", None) or name
    chosen = router.route(chosen, route_name, args, kwargs, known_task(app._tasks, name))
    if told["eta"] or told["countdown"]:
        _delay(app, told, chosen)
    if told["expires"] is not None:
        chosen["expiration"] = time_to_live(told["expires"], app.now, task_id)
    if call is not None:
        _inherit(app, told, chosen, call[1])
    told.update(link=maybe_list(told["link"]), link_error=maybe_list(told["link_error"]))
    told.update(reply_to=told["reply_to"] or app.thread_oid, retries=told["retries"] or 0)
    message = amqp.create_task_message(
        task_id, name, args, kwargs, *(told[word] for word in BEFORE_EVENT), app.conf.task_send_sent_event,
        *(told[word] for word in AFTER_EVENT), ignore_result=ignored, replaced_task_nesting=nesting, **chosen,
    )  # fmt: skip
    for stamp in chosen.pop("stamped_headers", ()):
        chosen.pop(stamp)
    if line is not None:
        producer = amqp.Producer(line, auto_declare=False)
    backend = app.backend
    with app.producer_or_acquire(producer) as own:
        if not ignored and backend.replies:
            backend.listen(told["reply_to"])
        amqp.send_task_message(own, name, message, **chosen)
    result = result_class(task_id)
    result.ignored = ignored
    if add_to_parent and call is not None:
        call[0].add_trail(result)
    return result


def _inherit(app: Celery, told: dict[str, Any], chosen: dict[str, Any], request: Any) -> None:
    """Let a call that a task sends know its family, and the task's priority."""
    if told["root_id"] and told["parent_id"]:
        return
    told["root_id"] = told["root_id"] or request.root_id or request.id
    told["parent_id"] = told["parent_id"] or request.id
    if app.sending.inherit_priority:
        chosen.setdefault("priority", (request.delivery_info or {}).get("priority"))


def _delay(app: Celery, told: dict[str, Any], chosen: dict[str, Any]) -> None:
    """Let a call with an ETA wait at the broker if its queues want that; a call that is due goes its way."""
    if not app.delays_at_broker(app.producer_pool.connections.connection.transport.driver_type):
        return
    exchange, kind, key = exchange_of(chosen)
    if kind == "direct":
        logger.warning(DIRECT_EXCHANGE, exchange)
        return
    if told["eta"]:
        told["eta"] = datetime.fromisoformat(told["eta"]) if isinstance(told["eta"], str) else told["eta"]
        told["countdown"] = seconds_until(told["eta"], app.now())
    if told["countdown"] > 0:
        chosen.pop("queue", None)
        chosen.update(routing_key=calculate_routing_key(int(told["countdown"]), key))
        chosen.update(exchange=Exchange(ENTRANCE, type="topic"))
