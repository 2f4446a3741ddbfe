"""A signal: one who sends, many who listen, and neither knows the other.

Comes in: functions that want to be called (*receivers*). Goes out: calls to them when something happens.
Next door: ``labq.signals`` is the list of Celery's signals; the rooms of ``labq.app`` and ``labq.worker`` send them.
Celery: ``celery/utils/dispatch/signal.py``.

A signal does not keep its receivers alive: it holds weak references, so a listener that nobody else needs is gone, and
a lambda given to ``connect`` is gone at once. ``weak=False`` keeps it.
"""

from __future__ import annotations

import inspect
import logging
import warnings
from collections.abc import Callable, Hashable, Iterable
from itertools import chain, repeat
from typing import Any, NamedTuple, cast
from weakref import ReferenceType, WeakMethod, ref

from labq.exceptions import CDeprecationWarning, LabError
from labq.i18n import text
from labq.local import PromiseProxy, Proxy

__all__ = ("Signal",)

Receiver = Callable[..., Any]
Key = tuple[Hashable, Hashable]
"""Which receiver, and which sender it listens to."""

logger = logging.getLogger("celery.utils.dispatch.signal")  # Celery's name, by which people filter

_WAITS = tuple(chain(range(2, 30, 2), repeat(30, 86)))
"""Seconds that Celery waits after each failure of a receiver with ``retry=True``; Celery goes on for ever."""

_RETRYING = "Could not process signal receiver %s. Retrying in %.2f seconds..."


class _Wish(NamedTuple):
    """What a receiver asks for when it is connected. Celery takes these by position as well."""

    sender: Any = None
    weak: bool = True
    dispatch_uid: Any = None
    retry: bool = False


class Signal:
    """Something that happens now and then, and that functions can be connected to.

    Arguments:
        providing_args: names of the keyword arguments that ``send`` passes on; for readers, nothing checks them.
        use_caching: accepted for Celery's sake; there is nothing here that would be worth a cache.
        name: shown by ``repr``.

    Attributes:
        receivers: empty when nobody listens, so ``if signal.receivers:`` is the cheap question before a send.
    """

    def __init__(
        self, providing_args: Iterable[str] | None = None, use_caching: bool = False, name: str | None = None
    ) -> None:
        self.receivers: list[tuple[Key, Receiver | ReferenceType[Receiver]]] = []
        self.providing_args = set(providing_args or ())
        self.use_caching = use_caching
        self.name = name
        self._some_died = False

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.name} providing_args={self.providing_args!r}>"

    def connect(self, *args: Any, **kwargs: Any) -> Any:
        """Connect a receiver: ``connect(receiver, sender=...)``, or ``@signal.connect(sender=...)`` above one.

        What can be given, in this order or by name (the receiver never by name):
            receiver: a callable that accepts any keyword argument. Connecting it twice connects it once.
            sender: listen to this one only; None listens to everybody. A task that is still a promise is waited
                for. ``before_task_publish`` and its like are sent by the task's *name*: a text, compared as such.
            weak: do not keep the receiver alive.
            dispatch_uid: of the receivers with the same one, only the first is connected.
            retry: call the receiver again when it raises. It is kept alive, and what is returned and connected is
                not the receiver but its patient double. Celery waits 2, 4, ... 30 seconds between calls and never
                gives up; a signal of the lab takes no time, so calls follow at once and end after a hundred.

        Returns:
            The receiver, or a decorator for it.

        Raises:
            ValueError: when the receiver does not accept any keyword argument.
        """
        if args and callable(args[0]):
            return self._connect(args[0], _Wish(*args[1:], **kwargs))
        wish = _Wish(*args, **kwargs)
        return lambda receiver: self._connect(receiver, wish)

    def _connect(self, receiver: Receiver, wish: _Wish) -> Receiver:
        if wish.retry:
            uid = wish.dispatch_uid or _identity(receiver)  # so that disconnect(receiver) finds its double
            receiver = _Patient(receiver, uid)
            wish = wish._replace(weak=False, dispatch_uid=uid)
        self._add(receiver, wish)
        return receiver

    def _add(self, receiver: Receiver, wish: _Wish) -> None:
        assert callable(receiver), "Signal receivers must be callable"  # noqa: S101 - an AssertionError in Celery too
        if not _accepts_any_keyword(receiver):
            raise ValueError("Signal receiver must accept keyword arguments.")
        if isinstance(wish.sender, PromiseProxy) and not wish.sender.__evaluated__():
            wish.sender.__then__(self._add, receiver, wish)
            return
        self._bury_the_dead()
        key = _key(receiver, wish.sender, wish.dispatch_uid)
        if all(known != key for known, _ in self.receivers):
            self.receivers.append((key, self._weak(receiver) if wish.weak else receiver))

    def disconnect(
        self, receiver: Any = None, sender: Any = None, weak: bool | None = None, dispatch_uid: Any = None
    ) -> bool:
        """Disconnect *receiver*, named with the same *sender* and *dispatch_uid* as when it was connected.

        Returns:
            Whether it was connected.
        """
        if weak is not None:
            warnings.warn("Passing `weak` to disconnect has no effect.", CDeprecationWarning, stacklevel=2)
        self._bury_the_dead()
        key = _key(receiver, sender, dispatch_uid)
        for place, (known, _) in enumerate(self.receivers):
            if known == key:
                del self.receivers[place]
                return True
        return False

    def has_listeners(self, sender: Any = None) -> bool:
        """Tell whether a send by *sender* would reach anybody."""
        return bool(self._listeners(sender))

    def send(self, sender: Any, **named: Any) -> list[tuple[Receiver, Any]]:
        """Call each receiver that listens to *sender* with ``signal``, ``sender`` and *named*, in order of connection.

        Returns:
            ``[(receiver, answer), ...]``. A receiver that raises is logged, and its exception is its answer: what
            listeners do wrong must not hurt what they listen to.
        """
        answers: list[tuple[Receiver, Any]] = []
        if not self.receivers:
            return answers
        for receiver in self._listeners(sender):
            try:
                answer = receiver(signal=self, sender=sender, **named)
            except Exception as error:
                logger.exception("Signal handler %r raised: %r", receiver, error)  # noqa: TRY401 - Celery's text
                answer = error
            answers.append((receiver, answer))
        return answers

    send_robust = send

    def _listeners(self, sender: Any) -> list[Receiver]:
        self._bury_the_dead()
        wanted = (None, _identity(sender))
        alive = (
            cast("Receiver | None", receiver() if isinstance(receiver, ReferenceType) else receiver)
            for (_, listens_to), receiver in self.receivers
            if listens_to in wanted
        )
        return [receiver for receiver in alive if receiver is not None]

    def _weak(self, receiver: Receiver) -> ReferenceType[Receiver]:
        is_method = hasattr(receiver, "__self__") and hasattr(receiver, "__func__")
        return WeakMethod(receiver, self._note_death) if is_method else ref(receiver, self._note_death)

    def _note_death(self, _reference: object) -> None:
        self._some_died = True  # and no more: the list may be in use by a loop at this very moment

    def _bury_the_dead(self) -> None:
        if self._some_died:
            self._some_died = False
            self.receivers[:] = [
                (key, receiver)
                for key, receiver in self.receivers
                if not (isinstance(receiver, ReferenceType) and receiver() is None)
            ]


class _Patient:
    """A receiver that is called again when it raises.

    Arguments:
        receiver: the function itself.
        dispatch_uid: what it is found by.
    """

    def __init__(self, receiver: Receiver, dispatch_uid: Any) -> None:
        self.receiver = receiver
        self.dispatch_uid = dispatch_uid

    def __call__(self, **named: Any) -> Any:
        """Call the receiver until it does not raise.

        Raises:
            LabError: when it has raised a hundred times.
        """
        failure: Exception | None = None
        for seconds in _WAITS:
            try:
                return self.receiver(**named)
            except Exception as error:  # noqa: BLE001 - retry=True means: whatever it raises
                logger.error(_RETRYING, self.receiver, seconds)  # noqa: TRY400 - Celery gives no traceback here
                failure = error
        raise LabError(
            f"signal receiver {self.receiver} raised {failure!r} at each of {len(_WAITS)} calls",
            text("Celery would call the receiver again for ever, and the sender of the signal would wait."),
        ) from failure


def _identity(target: Any) -> Hashable:
    """Return what tells *target* from others: None and text are themselves, a method is its object and function."""
    if isinstance(target, Proxy):
        target = target._get_current_object()
    if target is None or isinstance(target, bytes | str):
        return target
    if hasattr(target, "__func__"):
        return id(getattr(target, "__self__", None)), id(target.__func__)
    return id(target)


def _key(receiver: Any, sender: Any, dispatch_uid: Any) -> Key:
    if isinstance(receiver, _Patient):
        dispatch_uid = dispatch_uid or receiver.dispatch_uid
    return dispatch_uid or _identity(receiver), _identity(sender)


def _accepts_any_keyword(receiver: Receiver) -> bool:
    code = getattr(receiver, "__code__", None)
    if code is not None:
        return bool(code.co_flags & inspect.CO_VARKEYWORDS)
    return any(each.kind is each.VAR_KEYWORD for each in inspect.signature(receiver).parameters.values())
