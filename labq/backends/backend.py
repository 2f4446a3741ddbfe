"""A backend: what became of a task, as one app writes and reads it.

Comes in: states, values, exceptions. Goes out: the same, after a trip through real bytes, so that a tuple comes back
a list. The bytes lie in a ``Store``; the settings are the app's. What a task's end means for others (its errbacks, the
rest of its chain, its chord) is worked out by the app's ``Aftermath``, which every backend calls by Celery's names.
Next door: ``reading`` is the client's half; ``keyvalue`` and ``rpc`` are what the lab has; ``disabled`` is none.
Celery: ``celery/backends/base.py``, whose field names and order this keeps ("Result Backends" in the user guide).
"""

from __future__ import annotations

from typing import Any

from labq import _state
from labq.backends.failures import write_exception
from labq.backends.reading import Meta, Reader
from labq.backends.store import Stored
from labq.exceptions import TaskRevokedError
from labq.pickleable import get_pickleable_exception
from labq.states import EXCEPTION_STATES, FAILURE, READY_STATES, RETRY, REVOKED, STARTED, SUCCESS
from labq.wire.saferepr import saferepr
from labq.wire.serializers import dumps

__all__ = ("Backend", "Meta", "ResultBase")

EXTENDED = (("name", "task"), ("args", "args"), ("kwargs", "kwargs"), ("worker", "hostname"), ("retries", "retries"))
"""What ``result_extended`` adds to a result, and where the request has it."""


class ResultBase:
    """Whatever stands for the result of a call: a task that returns one returns its id. See ``labq.result``."""

    parent: Any = None

    def as_tuple(self) -> Any:
        """Return the ids, for JSON."""
        raise NotImplementedError


class Backend(Reader):
    """Writes and reads results for one app; see ``Reader`` for how it is made."""

    # -- writing -----------------------------------------------------------------------------------------------
    def store_result(
        self,
        task_id: str,
        result: Any,
        state: str,
        traceback: str | None = None,
        request: Any = None,
        text: str | None = None,
        **_: Any,
    ) -> Any:
        """Write *result* and *state* of a task; return the result. *text* is the result as people see it.

        Raises:
            EncodeError: when the result serializer cannot write it.
        """
        if text is None:
            text = saferepr(result, 1024)
        if state in EXCEPTION_STATES or isinstance(result, ResultBase):
            result = self.encode_result(result, state)
        stored = self._describe(task_id, result, state, traceback, request, text)
        self.world.put_result(self.url, self._broker_url, task_id, stored)
        return result

    def _describe(
        self, task_id: str, result: Any, state: str, traceback: str | None, request: Any, text: str
    ) -> Stored:
        """Return the bytes to store for *result*."""
        asked = request if request is not None else _state.get_current_request()
        children = getattr(asked, "_children", None)
        meta: Meta = {
            "status": state,
            "result": result,
            "traceback": traceback,
            "children": [child.as_tuple() for child in children] if children else None if asked is None else [],
            "date_done": self._now() if state in READY_STATES else None,
        }
        if request is not None:
            self._add_request(meta, request)
        meta["task_id"] = task_id
        content_type, encoding, payload = dumps(meta, self.serializer)
        reply_to = None if request is None else getattr(request, "reply_to", None)
        return Stored(payload, str(state), text, reply_to, content_type, encoding)

    def _add_request(self, meta: Meta, request: Any) -> None:
        group, parent_id = getattr(request, "group", None), getattr(request, "parent_id", None)
        if group:
            meta["group_id"] = group
        if parent_id:
            meta["parent_id"] = parent_id
        if self._settings.extended:
            delivery = getattr(request, "delivery_info", None) or {}
            for name, attribute in EXTENDED:
                meta[name] = getattr(request, attribute, None)
            meta["queue"] = delivery.get("routing_key")
            if getattr(request, "stamps", None):
                meta["stamped_headers"] = named = request.stamped_headers
                meta.update({stamp: value for stamp, value in request.stamps.items() if stamp in (named or ())})

    def mark_as_started(self, task_id: str, **meta: Any) -> Any:
        """Note that the task is running."""
        return self.store_result(task_id, meta, STARTED)

    def mark_as_done(
        self,
        task_id: str,
        result: Any,
        request: Any = None,
        store_result: bool = True,
        state: str = SUCCESS,
        text: str | None = None,
    ) -> None:
        """Note that the task has succeeded, and count it if it is a part of a chord."""
        if store_result and not (request is not None and request.ignore_result):
            self.store_result(task_id, result, state, request=request, text=text)
        if request is not None and request.chord:
            self.on_chord_part_return(request, state, result)

    def mark_as_failure(
        self,
        task_id: str,
        exc: BaseException,
        traceback: str | None = None,
        request: Any = None,
        store_result: bool = True,
        call_errbacks: bool = True,
        state: str = FAILURE,
    ) -> None:
        """Note that the task has failed: its chord and the rest of its chain fail with it, its errbacks are called."""
        if store_result:
            self.store_result(task_id, exc, state, traceback=traceback, request=request)
        if request is None:
            return
        if getattr(request, "chord", None):
            self.on_chord_part_return(request, state, exc)
        chain = getattr(request, "chain", None)
        if chain:
            self._fail_chain(chain, exc, traceback, store_result=store_result, state=state)
        if call_errbacks and getattr(request, "errbacks", None):
            self._call_task_errbacks(request, exc, traceback)

    def mark_as_revoked(
        self, task_id: str, reason: str = "", request: Any = None, store_result: bool = True, state: str = REVOKED
    ) -> None:
        """Note that the task was called off; its chord counts it too."""
        exc = TaskRevokedError(reason)
        if store_result:
            self.store_result(task_id, exc, state, request=request)
        if request is not None and request.chord:
            self.on_chord_part_return(request, state, exc)

    def mark_as_retry(
        self,
        task_id: str,
        exc: BaseException | None,
        traceback: str | None = None,
        request: Any = None,
        store_result: bool = True,
        state: str = RETRY,
    ) -> Any:
        """Note that the task will be tried again, and why."""
        del store_result  # Celery takes it and writes all the same
        return self.store_result(task_id, exc, state, traceback=traceback, request=request)

    def fail_from_current_stack(self, task_id: str, exc: BaseException | None = None) -> Any:
        """Note that the task has failed with *exc*, or with what is being handled; return that with its traceback."""
        return self.app.aftermath.fail_now(self, task_id, exc)

    def _fail_chain(
        self, chain: Any, exc: BaseException, traceback: str | None = None, store_result: bool = True,
        state: str = FAILURE,
    ) -> None:  # fmt: skip
        self.app.aftermath.fail_chain(self, chain, exc, traceback, store_result, state)

    def _call_task_errbacks(self, request: Any, exc: BaseException, traceback: str | None) -> None:
        self.app.aftermath.call_errbacks(request, exc, traceback)

    def listen(self, address: str) -> None:
        """Collect the replies that are sent to *address*."""
        self.world.listen(self.url, self._broker_url, address)

    # -- chords ------------------------------------------------------------------------------------------------
    def ensure_chords_allowed(self) -> None:
        """Raise NotImplementedError when chords cannot work with this backend."""

    def apply_chord(self, header_result_args: Any, body: Any, **options: Any) -> None:
        """Prepare the start of *body* after every task of a header; here by a task that looks again and again."""
        self.ensure_chords_allowed()
        self.fallback_chord_unlock(self.app.GroupResult(*header_result_args), body, **options)

    def fallback_chord_unlock(self, header_result: Any, body: Any, countdown: float = 1, **options: Any) -> None:
        """Send ``celery.chord_unlock``, to be run in *countdown* seconds and again until the header has ended."""
        self.app.aftermath.unlock_later(self, header_result, body, countdown, options)

    def set_chord_size(self, group_id: str, chord_size: int) -> None:
        """Take note of how many parts a chord has; a counter that is asked with each part needs no note."""

    def on_chord_part_return(self, request: Any, state: str, result: Any, **_: Any) -> None:
        """Take note that a part of a chord has ended; without counters there is nothing to note."""

    def add_to_chord(self, chord_id: str, result: Any) -> None:
        """Raise NotImplementedError: only Celery's Redis backend can."""
        msg = "Backend does not support add_to_chord"
        raise NotImplementedError(msg)

    def chord_error_from_stack(self, callback: Any, exc: BaseException | None = None) -> Any:
        """Let the body of a chord fail with *exc*, or with what is being handled."""
        return self.app.aftermath.fail_chord(self, callback, exc)

    # -- forms -------------------------------------------------------------------------------------------------
    def encode(self, data: Any) -> Any:
        """Return *data* in the bytes or the text of the result serializer."""
        return dumps(data, self.serializer)[2]

    def encode_result(self, result: Any, state: str) -> Any:
        """Return *result* in the form in which it is encoded."""
        if state in EXCEPTION_STATES and isinstance(result, BaseException):
            return self.prepare_exception(result)
        return self.prepare_value(result)

    def prepare_exception(self, exc: BaseException, serializer: str | None = None) -> Any:
        """Return *exc* in a form that the serializer can write."""
        if (serializer or self.serializer) == "pickle":
            return get_pickleable_exception(exc)
        return write_exception(exc, self.encode)

    def prepare_value(self, result: Any) -> Any:
        """Return *result* in a form that the serializer can write: the result of another call becomes its ids."""
        if self.serializer != "pickle" and isinstance(result, ResultBase):
            return result.as_tuple()
        return result

    # -- the end of things -------------------------------------------------------------------------------------
    def cleanup(self) -> None:
        """Throw expired results away; the lab's stores keep what they have, as Celery's in memory do."""

    def process_cleanup(self) -> None:
        """Do nothing: there is no connection to close."""
