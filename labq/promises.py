"""A promise: something that will be there later, and what shall be done with it then.

Comes in: callbacks. Goes out: calls to them, once, when the promise is kept or broken.
Next door: ``labq.result`` has one for each result that somebody wants to be called about.
Celery: ``vine.promise``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Promise:
    """Something that will be there later.

    Arguments:
        fun: called with it when it is there; what it returns is what the promises after this one get.
        on_error: called with the exception when it will never be there.
    """

    def __init__(self, fun: Callable[..., Any] | None = None, on_error: Callable[..., Any] | None = None) -> None:
        self.fun = fun
        self.on_error = on_error
        self.ready = False
        self.failed = False
        self.value: tuple[Any, ...] = ()
        """What it was kept with."""
        self.reason: BaseException | None = None
        self._waiting: list[Promise] = []

    def then(self, callback: Callable[..., Any], on_error: Callable[..., Any] | None = None) -> Promise:
        """Call *callback* when this promise is kept, at once if it is; return the promise of that."""
        next_one = callback if isinstance(callback, Promise) else Promise(callback, on_error)
        if self.failed and self.reason is not None:
            next_one.throw(self.reason, propagate=False)
        elif self.ready:
            next_one(*self.value)
        else:
            self._waiting.append(next_one)
        return next_one

    def __call__(self, *values: Any) -> Any:
        """Keep the promise; once is enough."""
        if self.ready or self.failed:
            return None
        self.ready = True
        self.value = values
        returned = None
        if self.fun is not None:
            returned = self.fun(*values)
            self.value = (returned,)
        waiting, self._waiting = self._waiting, []
        for promise in waiting:
            promise(*self.value)
        return returned

    def throw(self, exc: BaseException, *, propagate: bool = True) -> None:
        """Break the promise, and all that wait for it; raise *exc* unless somebody takes care of it."""
        self.failed, self.reason = True, exc
        if self.on_error is not None:
            self.on_error(exc)
        waiting, self._waiting = self._waiting, []
        for promise in waiting:
            promise.throw(exc, propagate=False)
        if self.on_error is None and propagate:
            raise exc
