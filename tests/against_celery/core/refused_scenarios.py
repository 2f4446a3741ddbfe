"""Bad input: calls that are refused where they are made, and with which words."""

# ruff: noqa: PLW0108, S102 - tasks take what is sent; a scenario writes its steps out

from __future__ import annotations

import datetime as dt
from typing import Any

from core_means import Side, scenario, tried


def plain(x: int, y: int = 0) -> int:
    """Add two numbers."""
    return x + y


@scenario
def wrong_arguments_are_refused_where_the_call_is_made(e: Side) -> Any:
    app = e.app()
    ran: dict[str, Any] = {}
    exec(
        "def add(x, y): pass\n"
        "def named(*, key): pass\n"
        "def places(a, /, b=1, *rest, c, d=2, **more): pass\n"
        "def bound(self, x): pass\n"
        "def nothing(): pass\n",
        ran,
    )
    add, named, places, nothing = (app.task(name=each)(ran[each]) for each in ("add", "named", "places", "nothing"))
    bound = app.task(name="bound", bind=True)(ran["bound"])
    calls = [
        lambda: add.delay(1),
        lambda: add.delay(1, 2, 3),
        lambda: add.delay(1, y=2, z=3),
        lambda: add.delay(1, x=1),
        lambda: named.delay(),
        lambda: named.delay(1),
        lambda: named.delay(key=1).state,
        lambda: places.delay(),
        lambda: places.delay(1, 2, 3, c=4, e=5).state,
        lambda: places.delay(a=1, c=2),
        lambda: bound.delay(),
        lambda: bound.delay(1, 2),
        lambda: nothing.delay(1),
        lambda: add.apply_async(kwargs={"x": 1}),
        lambda: add.apply_async((1,), {"y": 2}).state,
        lambda: bound.apply_async((1,)).state,
    ]
    return [tried(call) for call in calls]


@scenario
def arguments_are_not_checked_when_nobody_wants_it(e: Side) -> Any:
    app, loose = e.app(), e.app(strict_typing=False)
    unchecked = app.task(name="u", typing=False)(plain)
    other = loose.task(name="o", shared=False)(plain)
    return [unchecked.delay().state, other.delay(1, 2, 3).state, other.typing, unchecked.typing]


@scenario
def arguments_of_the_wrong_kind_are_refused(e: Side) -> Any:
    app = e.app()
    loose = app.task(name="t", typing=False)(plain)
    calls = [
        lambda: loose.apply_async("ss"),
        lambda: loose.apply_async(5),
        lambda: loose.apply_async((), [1]),
        lambda: loose.apply_async((), "ss"),
        lambda: loose.apply_async({1}),
        lambda: loose.apply_async(None, None).state,
        lambda: app.send_task("t", "ss"),
        lambda: loose.apply_async((), 5),
    ]
    return [tried(call) for call in calls]


@scenario
def what_json_cannot_carry_is_refused_where_the_call_is_made(e: Side) -> Any:
    app = e.app()
    add = app.task(name="t")(plain)

    class Own:
        def __repr__(self) -> str:
            return "<Own>"

    values = [
        Own(),
        {1, 2},
        lambda: 1,
        b"bytes",
        (1, 2),
        dt.datetime(2030, 1, 1, tzinfo=dt.UTC),
        1 + 2j,
        ValueError("x"),
        {Own(): 1},
        {(1, 2): 1},
        float("nan"),
        frozenset([1]),
    ]
    answers = [tried(lambda value=value: add.delay(value).state) for value in values]
    return [answers, tried(lambda: add.apply_async((1,), serializer="nope")), e.messaging_errors.EncodeError.__mro__[1]]


@scenario
def limits_the_wrong_way_round_are_refused(e: Side) -> Any:
    app = e.app()
    add = app.task(name="t", soft_time_limit=9, time_limit=8)(plain)
    return [tried(lambda: add.delay(1)), tried(lambda: add.apply(args=(1,)).get())]


@scenario
def countdowns_that_are_no_moment(e: Side) -> Any:
    app = e.app()
    add = app.task(name="t")(plain)
    calls: list[dict[str, Any]] = [
        {"countdown": float("nan")},
        {"countdown": float("inf")},
        {"countdown": 10**12},
        {"expires": float("nan")},
        {"eta": 5},
        {"countdown": "soon"},
    ]
    answers = {}
    for each in calls:
        answers[repr(each)] = tried(lambda each=each: add.apply_async((1,), **each))
    return answers
