"""Answers questions about errors, states, stand-ins and signals, with real Celery or with labq, in its own process.

Run as ``python leaves_answers.py celery`` or ``… labq``. Comes in: a JSON list of expressions on standard input.
Goes out: a JSON list of answers on standard output; every error is an answer too.
``test_leaves_equal_celery`` asks both and compares.
"""

from __future__ import annotations

import copy
import gc
import io
import json
import logging
import operator
import pickle
import sys
import warnings
import weakref
from datetime import datetime

SIDE = sys.argv[1]

if SIDE == "celery":
    import amqp.exceptions as amqp_errors
    import kombu.exceptions as kombu_errors
    import kombu.utils.functional
    from celery import exceptions, signals, states
    from celery.local import PromiseProxy, Proxy, class_property, maybe_evaluate, try_import
    from celery.utils import serialization as pickleable
    from celery.utils.dispatch import Signal

    kombu.utils.functional.sleep = float  # takes a number and does not sleep: a signal of the lab takes no time
else:
    from labq import exceptions, messaging_errors, pickleable, signals, states
    from labq.dispatch import Signal
    from labq.local import PromiseProxy, Proxy, class_property, maybe_evaluate, try_import

    amqp_errors = kombu_errors = messaging_errors

VOCABULARY = (
    copy,
    operator,
    weakref,
    datetime,
    maybe_evaluate,
    try_import,
    exceptions,
    pickleable,
    states,
    amqp_errors,
)
"""What expressions may speak of, beside what is defined here."""


def family(error):
    """Return the names of a class and of all its ancestors."""
    return [each.__name__ for each in error.__mro__]


def families(module):
    """Return the family of each exception class that *module* names."""
    found = {name: each for name, each in vars(module).items() if isinstance(each, type)}
    return {name: family(each) for name, each in sorted(found.items()) if issubclass(each, BaseException)}


def shown(error):
    """Return all that can be seen of an exception."""
    return repr(error), str(error), repr(error.args), sorted((name, repr(value)) for name, value in vars(error).items())


def pickled(value):
    """Return *value* as it comes out of a pickle."""
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - what was pickled a moment ago


class Picky(ValueError):
    """An exception that cannot be made again from its arguments."""

    def __init__(self, first, second):
        super().__init__(first)
        self.second = second


class Hopeless(Exception):
    """The same, without a relative that could stand in for it."""

    def __init__(self, first, second):
        super().__init__(first, lambda: second)


class Locked(Exception):
    """An exception that refuses to be pickled."""

    def __reduce__(self):
        raise TypeError("locked")


class Real:
    """What a stand-in stands for."""

    count = 0

    def __init__(self, *args, **kwargs):
        Real.count += 1
        self.made_of = (args, kwargs)

    def __repr__(self):
        return "<real>"

    def __call__(self, *args, **kwargs):
        """Return what it is called with."""
        return args, kwargs

    def __eq__(self, other):
        return isinstance(other, Real)

    def __hash__(self):
        return 7


def unlucky():
    """Fail to find the real object, as an app does that may not be finalized."""
    raise RuntimeError("no app")


def lacking():
    """Fail in a way that looks like a missing attribute."""
    raise AttributeError("inner")


def use(proxy_class, ask):
    """Return the answer of a new stand-in, how often the real object was made, and whether it is now known."""
    Real.count = 0
    proxy = proxy_class(Real, (1,), {"k": 2}, name="add", __doc__="adds")
    answer = repr(ask(proxy))
    return answer, Real.count, proxy.__evaluated__() if proxy_class is PromiseProxy else None


def bare(proxy_class, ask):
    """The same for a stand-in without a given name and docstring."""
    Real.count = 0
    proxy = proxy_class(Real)
    return repr(ask(proxy)), Real.count


def changed(proxy_class):
    """Set, read and delete attributes through a stand-in."""
    real = Real()
    proxy = proxy_class(lambda: real)
    proxy.rate = 5
    seen = [real.rate, proxy.rate, vars(proxy) == vars(real)]
    real.rate = 6
    seen.append(proxy.rate)
    del proxy.rate
    return [*seen, hasattr(real, "rate"), hasattr(proxy, "rate")]


def stored(proxy_class):
    """Use a stand-in for a dict as a dict."""
    real = {}
    proxy = proxy_class(lambda: real)
    proxy["a"], proxy["b"] = 1, 2
    del proxy["a"]
    return proxy["b"], list(proxy), "b" in proxy, len(proxy), bool(proxy), real


def entered():
    """Use a stand-in in a ``with`` statement."""
    with Proxy(lambda: warnings.catch_warnings(record=True)) as caught:
        warnings.warn("hidden", stacklevel=1)
    return len(caught)


def waited():
    """Wait for a promise, before and after it is made."""
    promise, calls = PromiseProxy(Real), []
    early = promise.__then__(calls.append, "early")
    before = list(calls)
    repr(promise)
    return early, before, promise.__then__(len, "late"), calls


def waited_in_vain():
    """Wait for a promise behind somebody who fails."""
    promise, calls = PromiseProxy(Real), []
    promise.__then__(calls.append, 1)
    promise.__then__(unlucky)
    promise.__then__(calls.append, 2)
    try:
        str(promise)
    except RuntimeError as error:
        calls.append(str(error))
    return calls, promise.__evaluated__(), repr(promise), calls


def tried_again():
    """Make the real object at the second attempt."""
    attempts = iter([unlucky, Real])

    def make():
        return next(attempts)()

    promise = PromiseProxy(make)
    try:
        seen = promise.made_of
    except RuntimeError as error:
        seen = error
    return repr(seen), promise.__evaluated__(), promise.made_of, promise.__evaluated__()


def used_early():
    """Use a promise while its real object is being made."""
    made = []

    def make():
        made.append(Real())
        if len(made) == 1:
            repr(promise)
        return made[0]

    promise = PromiseProxy(make)
    return promise.made_of, len(made), promise.__evaluated__()


class Limits:
    """A class with class properties."""

    soft = 3

    @classmethod
    def _read(cls):
        """The limit."""
        return cls.soft

    @classmethod
    def _write(cls, value):
        cls.soft = value

    limit = class_property(_read, _write)

    @class_property
    def doubled(cls):  # noqa: N805 - that is the point of it
        """Twice the limit."""
        return 2 * cls.soft

    @doubled.setter
    def doubled(cls, value):  # noqa: N805
        cls.soft = value // 2


def limited():
    """Read and write class properties through the class and through an instance."""
    seen = [Limits.limit, Limits().limit, Limits.doubled, Limits.__dict__["limit"].__doc__]
    one = Limits()
    one.limit = 5
    seen += [Limits.limit, one.doubled]
    one.doubled = 20
    return [*seen, Limits.limit]


def one(**named):
    """Listen."""
    return 1, sorted(named)


def two(**_named):
    """Listen as well."""
    return 2


def failing(**_named):
    """Raise, as listeners do at times."""
    raise ValueError("bad")


class Listener:
    """An object whose method listens."""

    def method(self, **_named):
        """Listen."""
        return "method"


def said(answers):
    """Return the answers to a signal without their receivers."""
    return [repr(answer) for _, answer in answers]


def heard(*connections, sender="me", uses=id):
    """Connect listeners, send once, and return the answers and how many listeners there are."""
    signal = Signal(name="s", providing_args={"a"})
    for args, kwargs in connections:
        signal.connect(*args, **kwargs)
    uses(signal)
    return said(signal.send(sender, a=1)), len(signal.receivers)


def forgotten():
    """Connect listeners that nobody keeps, weakly and strongly."""
    signal, kept, lost = Signal(), Listener(), Listener()
    signal.connect(kept.method)
    signal.connect(lost.method)
    signal.connect(lambda **_named: "strong", weak=False)
    before = said(signal.send(None))
    del lost
    gc.collect()
    after = said(signal.send(None))
    return before, after, len(signal.receivers), signal.disconnect(kept.method), said(signal.send(None))


def awaited():
    """Listen to a task that is still a promise."""
    signal, promise = Signal(), PromiseProxy(Real)
    signal.connect(one, sender=promise)
    early = len(signal.receivers), promise.__evaluated__(), signal.send(promise)
    repr(promise)
    found = len(signal.send(promise)), len(signal.send(maybe_evaluate(promise))), len(signal.send(Real()))
    return early, found, signal.disconnect(one, sender=promise), signal.receivers


def persevered():
    """Listen with ``retry``, and fail twice."""
    signal, attempts = Signal(), iter([failing, failing, one])

    def flaky(**named):
        return next(attempts)(**named)

    double = signal.connect(flaky, retry=True)
    return double is flaky, said(signal.send(None)), signal.disconnect(flaky), signal.receivers


def recounted(tell):
    """Return what is logged while *tell* runs, with the names of the loggers."""
    lines = io.StringIO()
    trace = logging.StreamHandler(lines)
    trace.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
    logging.getLogger("celery").addHandler(trace)
    tell()
    logging.getLogger("celery").removeHandler(trace)
    return [line.split(" at 0x")[0] for line in lines.getvalue().splitlines() if line.startswith("celery.")]


def warned(tell):
    """Return the warnings that *tell* causes."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        tell()
    return [(str(each.message), each.category.__name__) for each in caught]


def signal_list():
    """Return every signal by its name, and what it provides."""
    found = {name: each for name, each in vars(signals).items() if isinstance(each, Signal)}
    return {name: (each.name, sorted(each.providing_args)) for name, each in sorted(found.items())}


def answer(expression):
    """Return what *expression* gives, or the error that it raises."""
    try:
        return repr(eval(expression, globals()))  # noqa: S307 - written in the test beside this file
    except Exception as error:  # noqa: BLE001 - any error is an answer
        return f"{type(error).__name__}: {error}"


json.dump([answer(expression) for expression in json.load(sys.stdin)], sys.stdout)
