"""The callbacks of a chord that is sent: they are its body's, for only the body has a result to hand on.

Comes in: a body, and options with ``link`` and ``link_error``. Goes out: a body that has them.
Next door: ``chords`` asks for it before it sends.
Celery: ``_add_body_callbacks`` in ``celery/canvas.py``.
"""

from __future__ import annotations

from typing import Any

from labq.canvas.entries import listed
from labq.canvas.kinds import is_chord, is_group
from labq.canvas.signature import maybe_signature


def copied(call: Any) -> Any:
    """Return a copy of *call* that may be linked to: a group's members and a chord's body are copied too."""
    call = maybe_signature(call, clone=True)
    if is_group(call):
        call.tasks = [copied(task) for task in call.tasks]
    elif is_chord(call):
        call.body = copied(call.body)
    return call


def with_callbacks(body: Any, options: dict[str, Any]) -> Any:
    """Return *body* with the callbacks and errbacks that are taken out of *options*: a copy, if there are any."""
    callbacks, errbacks = listed(options.pop("link", None)), listed(options.pop("link_error", None))
    if callbacks or errbacks:
        body = copied(body)
    for callback in callbacks:
        call = copied(maybe_signature(callback, app=body._app))
        if is_group(body) and not body.tasks:
            body.append_to_list_option("link", call)
        else:
            body.link(call)
    for errback in errbacks:
        if is_group(body):
            _link_errors_to_members(body, maybe_signature(errback, app=body._app), runs=True)
        else:
            body.append_to_list_option("link_error", errback)  # where a failed header looks for it
    return body


def _link_errors_to_members(call: Any, errback: Any, *, runs: bool) -> None:
    """Link *errback* to each task of a group: to the body of a chord among them, but not to its header.

    Arguments:
        call: the group, or a task of it.
        errback: what to link.
        runs: whether *call* runs as a group; one inside another is flattened, and its options are dropped. Errbacks
            of a group that runs take the place of its members', so it gets *errback* there if it has any.
    """
    if is_chord(call):
        _link_errors_to_members(call.body, errback, runs=True)
    elif not is_group(call):
        call.link_error(errback.clone())
    elif runs and call.options.get("link_error") is not None:
        call.append_to_list_option("link_error", errback.clone())
    else:
        for task in call.tasks:
            _link_errors_to_members(task, errback, runs=False)
