"""The states of a task, and which of two states counts more.

Comes in: names of states. Goes out: sets of them, and an order. Nobody is called; everybody may ask.
Next door: ``labq.result`` reads a state, ``labq.backends`` store one.
Celery: ``celery/states.py``.

The order says which report to believe when two arrive in the wrong sequence: a task that is known to have succeeded
cannot become "received" because an older report was late.
"""

from __future__ import annotations

__all__ = (
    "ALL_STATES",
    "EXCEPTION_STATES",
    "FAILURE",
    "IGNORED",
    "PENDING",
    "PROPAGATE_STATES",
    "READY_STATES",
    "RECEIVED",
    "REJECTED",
    "RETRY",
    "REVOKED",
    "STARTED",
    "SUCCESS",
    "UNREADY_STATES",
    "precedence",
    "state",
)

PENDING = "PENDING"
"""Nothing is known about the task: it waits, or it never existed."""

RECEIVED = "RECEIVED"
"""A worker has the message (told by monitoring events only, never stored)."""

STARTED = "STARTED"
"""The body runs (stored only with ``task_track_started``)."""

SUCCESS = "SUCCESS"
"""The body returned a value."""

FAILURE = "FAILURE"
"""The body raised, or could not be run at all."""

REVOKED = "REVOKED"
"""The task was called off, or its time to start had passed."""

REJECTED = "REJECTED"
"""The worker gave the message back to the broker (told by monitoring events only)."""

RETRY = "RETRY"
"""The body asked to be run again later."""

IGNORED = "IGNORED"
"""The body asked for no state to be stored."""

READY_STATES = frozenset({SUCCESS, FAILURE, REVOKED})
"""The task has come to its end."""

UNREADY_STATES = frozenset({PENDING, RECEIVED, STARTED, REJECTED, RETRY})
"""The task has still to come to its end."""

EXCEPTION_STATES = frozenset({RETRY, FAILURE, REVOKED})
"""The result is an exception."""

PROPAGATE_STATES = frozenset({FAILURE, REVOKED})
"""The result is an exception that ``get()`` raises."""

ALL_STATES = frozenset({PENDING, RECEIVED, STARTED, SUCCESS, FAILURE, RETRY, REVOKED})
"""The states that a result can show. REJECTED and IGNORED are not among them, as in Celery."""

PRECEDENCE: list[str | None] = [
    SUCCESS,
    FAILURE,
    None,  # the place of every state that a user made up
    REVOKED,
    STARTED,
    RECEIVED,
    REJECTED,
    RETRY,
    PENDING,
]
"""From the state that counts most to the one that counts least."""

PRECEDENCE_LOOKUP: dict[str | None, int] = {name: rank for rank, name in enumerate(PRECEDENCE)}
NONE_PRECEDENCE = PRECEDENCE_LOOKUP[None]


def precedence(state: str) -> int:
    """Return the rank of *state*: 0 counts most. A state of the user's own ranks between FAILURE and REVOKED."""
    return PRECEDENCE_LOOKUP.get(state, NONE_PRECEDENCE)


class state(str):  # noqa: N801 - Celery's name
    """The name of a state, ordered by what it counts for and not by the alphabet.

    Equality stays that of text. So two states of the user's own are each ``<=`` the other and still not equal.

    >>> state(PENDING) < state(SUCCESS)
    True
    >>> state("UPLOADING") > state(STARTED), state("UPLOADING") > state(SUCCESS)
    (True, False)
    """

    __slots__ = ()

    def __gt__(self, other: str) -> bool:
        return precedence(self) < precedence(other)

    def __ge__(self, other: str) -> bool:
        return precedence(self) <= precedence(other)

    def __lt__(self, other: str) -> bool:
        return precedence(self) > precedence(other)

    def __le__(self, other: str) -> bool:
        return precedence(self) >= precedence(other)
