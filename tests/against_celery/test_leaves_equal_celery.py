"""Errors, states, stand-ins and signals are those of real Celery 5.7, down to what they print.

Both sides answer the same expressions in processes of their own (``leaves_answers``). Where labq differs on purpose,
both answers stand in a table of their own, so that neither can change unseen.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from divergences import Divergence

ANSWERS = Path(__file__).with_name("leaves_answers.py")
ROOT = Path(__file__).resolve().parents[2]

ERRORS = (
    "sorted(set(exceptions.UNREGISTERED_FMT.split()))",
    *(f"family(exceptions.{name})" for name in ("OperationalError", "RetryTaskError", "SystemTerminate")),
    *("family(exceptions.TimeoutError)", "issubclass(exceptions.TimeoutError, TimeoutError)"),
    *("shown(exceptions.Retry())", "shown(exceptions.Retry('m', ValueError('x'), 10))"),
    "str(exceptions.Retry(exc=ValueError('x'), when=10)), str(exceptions.Retry(when=1.5))",
    "str(exceptions.Retry(when=datetime(2020, 1, 1))), str(exceptions.Retry(exc='boom'))",
    "shown(exceptions.Retry(exc='boom', is_eager=True, sig=1))",
    "exceptions.Retry('m', unheard_of=1)",
    *("exceptions.Retry(exc=Picky(1, 2)).exc", "exceptions.Retry(exc=Picky(1, 2)).excs"),
    *("exceptions.Retry(exc=Hopeless(1, 2)).exc.exc_cls_name", "exceptions.Retry(exc=Locked(1, 2)).exc"),
    "shown(pickled(exceptions.Retry('m', ValueError('x'), 10)))",
    "shown(copy.copy(exceptions.Retry('m', ValueError('x'), 10, is_eager=True)))",
    *("shown(exceptions.Reject('r', requeue=True))", "shown(pickled(exceptions.Reject()))"),
    *("shown(exceptions.Ignore())", "shown(pickled(exceptions.Ignore('why')))"),
    *("shown(exceptions.NotRegistered('nm'))", "shown(pickled(exceptions.QueueNotFound('q')))"),
    "shown(exceptions.MaxRetriesExceededError('no', task_args=[1], task_kwargs={'a': 2}))",
    "shown(pickled(exceptions.MaxRetriesExceededError('no', task_args=[1])))",
    "exceptions.MaxRetriesExceededError('no', unheard_of=1)",
    "shown(exceptions.BackendGetMetaError('lost', task_id='t'))",
    "shown(pickled(exceptions.BackendStoreError('full', task_id='t', state='SUCCESS')))",
    "shown(exceptions.BackendStoreError('full', unheard_of=1))",
    *("shown(exceptions.SoftTimeLimitExceeded())", "shown(exceptions.TimeLimitExceeded(3))"),
    *(
        "shown(exceptions.WorkerLostError('x', 1))",
        "shown(exceptions.ChordError(\"Dependency t raised ValueError('b')\"))",
    ),
    *("exceptions.WorkerShutdown(3).code", "exceptions.WorkerTerminate(None).code", "shown(exceptions.Terminated(15))"),
    "str(exceptions.CeleryCommandException('no', 64)), exceptions.CeleryCommandException('no', 64).exit_code",
    "exceptions.CeleryCommandException('no', 64).format_message(), exceptions.CeleryCommandException('no')",
    "exceptions.reraise(KeyError, ValueError('x'), None)",
    "shown(kombu_errors.ContentDisallowed('no')), shown(kombu_errors.EncodeError('no'))",
    *(f"family(kombu_errors.{name})" for name in ("ContentDisallowed", "EncodeError", "DecodeError", "LimitExceeded")),
    *(
        f"family(kombu_errors.{name})"
        for name in ("ConnectionLimitExceeded", "ChannelLimitExceeded", "VersionMismatch")
    ),
    *(f"family(kombu_errors.{name})" for name in ("NotBoundError", "MessageStateError", "BatchPublishError")),
    *(f"family(kombu_errors.{name})" for name in ("InconsistencyError", "ResourceError", "ChannelError")),
    *(
        f"family(amqp_errors.{name}), shown(amqp_errors.{name}('why', (50, 10), 'Queue.declare'))"
        for name in ("NotFound", "PreconditionFailed", "AccessRefused", "ResourceLocked", "ConnectionForced")
    ),
    "str(amqp_errors.NotFound('no queue', (50, 10), 'Queue.declare')), str(amqp_errors.NotFound('no queue'))",
    "shown(pickled(amqp_errors.NotFound('no queue', (50, 10), 'Queue.declare')))",
    "str(amqp_errors.NotFound()), amqp_errors.NotFound(reply_code=1).reply_code, amqp_errors.ConnectionError().code",
)
PICKLEABLE = (
    "pickleable.get_pickleable_exception(Picky(1, 2)), pickleable.get_pickleable_exception(KeyError('k'))",
    "pickleable.find_pickleable_exception(Hopeless(1, 2)), pickleable.find_pickleable_exception(Picky(1, 2))",
    "pickleable.get_pickleable_exception(Locked('a')).exc_args, str(pickleable.get_pickleable_exception(Locked('a')))",
    "pickled(pickleable.get_pickleable_exception(Locked('a')))",
    "pickleable.get_pickled_exception(pickleable.get_pickleable_exception(Locked('a')))",
    "pickleable.get_pickled_exception(KeyError('k'))",
    "family(pickleable.create_exception_cls('Made', 'm')), pickleable.create_exception_cls('Made', 'm').__module__",
    "family(pickleable.create_exception_cls('Made', 'some.module', KeyError))",
    "pickleable.ensure_serializable([1, Locked('a'), Real()], json.dumps)",
    "pickleable.UnpickleableExceptionWrapper('m', 'C', [1], 'text').args",
)
STATES = (
    "sorted((name, value) for name, value in vars(states).items() if name.isupper() and isinstance(value, str))",
    "[(name, sorted(getattr(states, name))) for name in dir(states) if name.endswith('_STATES')]",
    "states.PRECEDENCE, states.PRECEDENCE_LOOKUP, states.NONE_PRECEDENCE",
    "[states.precedence(name) for name in ('SUCCESS', 'PENDING', 'UPLOADING', '', 'success')]",
    *(
        f"[operator.{compare}(states.state(one), other) for one in names for other in names]".replace(
            "names", "('PENDING', 'RETRY', 'REJECTED', 'RECEIVED', 'STARTED', 'REVOKED', 'MINE', 'FAILURE', 'SUCCESS')"
        )
        for compare in ("lt", "le", "gt", "ge", "eq", "ne")
    ),
    "sorted(map(states.state, ['SUCCESS', 'PENDING', 'MINE', 'STARTED'])), hash(states.state('A')) == hash('A')",
    "states.state('SUCCESS') == 'SUCCESS', repr(states.state('SUCCESS')), isinstance(states.state('A'), str)",
)
ASKED = (
    *(
        "type(p).__name__",
        "p.__name__",
        "p.__doc__",
        "p.__custom_name__",
        "p.made_of",
        "repr(p)",
        "str(p)",
        "p(3, k=4)",
    ),
    *("p.__class__.__name__", "isinstance(p, Real)", "isinstance(p, Proxy)", "vars(p)", "dir(p) == dir(Real())"),
    *("p.nope", "hasattr(p, 'nope')", "callable(p)", "bool(p)", "p == Real(), Real() == p, p != Real()", "hash(p)"),
    *(
        "p.__qualname__",
        "len(p)",
        "list(p)",
        "p + 1",
        "p < 1",
        "int(p)",
        "p._get_current_object()",
        "p.__members__ == dir(p)",
    ),
    *("pickled(p)", "copy.copy(p)", "copy.deepcopy(p)", "type(pickled(p)).__name__", "type(p)", "p.__annotations__"),
    *("maybe_evaluate(p)", "maybe_evaluate(p) is p", "p.__evaluated__()", "p.__maybe_evaluate__()"),
)
NUMBERS = (
    *("add", "sub", "mul", "floordiv", "mod", "pow", "lshift", "rshift", "and_", "or_", "xor", "truediv", "matmul"),
    *("lt", "le", "gt", "ge", "eq", "ne"),
)
STANDINS = (
    *(
        f"use({kind}, lambda p: {ask})".replace("type(p))", "type(p).__mro__[0].__name__)")
        for kind in ("Proxy", "PromiseProxy")
        for ask in ASKED
    ),
    *(f"bare({kind}, lambda p: {ask})" for kind in ("Proxy", "PromiseProxy") for ask in ("p.__name__", "p.made_of")),
    "bare(Proxy, lambda p: (p.__doc__, p.__module__))",
    *(f"{use}({kind})" for kind in ("Proxy", "PromiseProxy") for use in ("changed", "stored")),
    *("entered()", "waited()", "waited_in_vain()", "tried_again()", "used_early()", "limited()"),
    *(f"operator.{name}(Proxy(lambda: 10), 3)" for name in NUMBERS),
    *(f"operator.{name}(3, Proxy(lambda: 10))" for name in NUMBERS),
    *(f"operator.{name}(Proxy(lambda: 10), 3.0)" for name in NUMBERS),
    *(
        f"{name}(Proxy(lambda: 10))"
        for name in ("int", "float", "complex", "oct", "hex", "abs", "divmod", "round", "bin")
    ),
    *(f"operator.{name}(Proxy(lambda: 10))" for name in ("neg", "pos", "invert", "index")),
    *(
        "divmod(Proxy(lambda: 10), 3)",
        "f'{Proxy(lambda: 10)}'",
        "f'{Proxy(lambda: 10):5d}'",
        "next(Proxy(lambda: iter('a')))",
    ),
    *(f"{ask}(PromiseProxy(unlucky))" for ask in ("repr", "str", "bool", "dir", "vars", "len", "hash", "callable")),
    *(f"PromiseProxy(unlucky).{name}" for name in ("name", "__name__", "__class__", "__dict__", "__members__")),
    "PromiseProxy(lacking).anything",
    "type(maybe_evaluate(PromiseProxy(lacking))).__name__, maybe_evaluate(3)",
    "Proxy.__name__, PromiseProxy.__name__, PromiseProxy.__qualname__, isinstance(Proxy.__doc__, str)",
    "family(PromiseProxy), isinstance(Proxy.__module__, str)",
    "weakref.ref(Proxy(Real))",
    "(lambda p: weakref.ref(p)() is p)(PromiseProxy(Real))",
    "try_import('json').__name__, try_import('no.such.module'), try_import('nor_this', 5)",
    "isinstance(Limits.__dict__['limit'], class_property), class_property[int].__args__",
)
SIGNALS = (
    "signal_list()",
    "repr(Signal()), str(Signal(['a'], name='s'))",
    "Signal().providing_args, Signal(('a', 'b')).providing_args == {'a', 'b'}",
    "Signal(use_caching=True).use_caching, Signal().name, Signal().receivers, bool(Signal().has_listeners())",
    *("Signal().send('x', a=1)", "Signal().send(sender=None)", "Signal().send()", "Signal().send('x', signal=1)"),
    *(
        "heard()",
        "heard(((one,), {}))",
        "heard(((one,), {}), ((one,), {}), ((two,), {}))",
        "heard(((failing,), {}), ((two,), {}))",
    ),
    *("heard(((one,), {'sender': 'me'}))", "heard(((one,), {'sender': 'you'}))", "heard(((one, 'me'), {}))"),
    *("heard(((one,), {'sender': 'm' + 'e'}), sender=''.join('me'))", "heard(((one,), {'sender': b'me'}))"),
    *("heard(((one,), {'sender': 5}), sender=5)", "heard(((one,), {'sender': None}), sender=5)"),
    "heard(((one,), {'sender': Real()}), sender=Real())",
    "(lambda real: heard(((one,), {'sender': real}), sender=real))(Real())",
    "(lambda real: heard(((one,), {'sender': real.__call__}), sender=real.__call__))(Real())",
    "heard(((one,), {'dispatch_uid': 'u'}), ((two,), {'dispatch_uid': 'u'}))",
    "heard(((one,), {'dispatch_uid': 'u'}), uses=lambda signal: signal.disconnect(one))",
    "heard(((one,), {'dispatch_uid': 'u'}), uses=lambda signal: signal.disconnect(dispatch_uid='u'))",
    "heard(((one,), {'sender': 'me'}), uses=lambda signal: signal.disconnect(one))",
    "heard(((one,), {'sender': 'me'}), uses=lambda signal: signal.disconnect(one, sender='me'))",
    "heard(((one, None, False, 'uid', False), {}))",
    *(
        "heard(((lambda: 1,), {}))",
        "heard(((lambda sender, **named: sender,), {'weak': False}))",
        "heard(((len,), {}))",
    ),
    *("Signal().connect(3)(one) is one", "Signal().connect()(3)", "Signal().connect(sender='x')(one) is one"),
    *("Signal().connect(one) is one", "Signal().disconnect(one)", "forgotten()", "awaited()", "persevered()"),
    "recounted(lambda: heard(((failing,), {}), ((two,), {})))",
    "recounted(persevered)",
    "warned(lambda: Signal().disconnect(one, weak=True))",
    "Signal.send_robust is Signal.send",
)
SAME = (*ERRORS, *PICKLEABLE, *STATES, *STANDINS, *SIGNALS)

DIFFERENT: dict[str, Divergence] = {
    # click would be loaded with labq, so the command line shows this error without being its parent
    "family(exceptions.CeleryCommandException)[1]": Divergence("Leaves", "'ClickException'", "'Exception'"),
    # Celery looks at the sender as a key of its cache even without a cache
    "heard(((one,), {}), sender=[])": Divergence(
        "Leaves",
        "TypeError: unhashable type: 'list'",
        "([\"(1, ['a', 'sender', 'signal'])\"], 1)",
    ),
    # whose fault it was is hard to see in Celery
    "setattr(type('C', (), {'p': class_property(lambda cls: 1)})(), 'p', 2)": Divergence(
        "Leaves",
        "AttributeError: 'NoneType' object has no attribute '__get__'",
        "AttributeError: class property '<lambda>' cannot be set",
    ),
    # a text of the class, and each has its own; Celery's shows where its texts got mixed up
    "Proxy.__qualname__": Divergence("Leaves", "'celery.local'", "'Proxy'"),
}
"""Where labq differs on purpose."""


def ask(side, questions):
    """Let one side answer in a process of its own, with labq's checkout in sight."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, str(ANSWERS), side],
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(questions, json.loads(done.stdout), strict=True))


@pytest.fixture(scope="module")
def both():
    """Celery's answers and labq's, to all questions."""
    if importlib.util.find_spec("celery") is None:
        pytest.skip("real Celery is not installed: pip install 'labq[celery]'")
    questions = [*SAME, *DIFFERENT, "families(exceptions)", "sorted(exceptions.__all__)"]
    return ask("celery", questions), ask("labq", questions)


@pytest.mark.parametrize("expression", SAME)
def test_an_expression_gives_the_same_answer(both, expression):
    """What prints, compares, raises and counts in Celery does the same in labq."""
    celerys, labqs = both
    assert labqs[expression] == celerys[expression]


@pytest.mark.parametrize("expression", DIFFERENT)
def test_a_difference_is_the_one_that_is_meant(both, expression):
    """A difference on purpose is held on both sides: should Celery change, it may be one no more."""
    celerys, labqs = both
    meant = DIFFERENT[expression]
    assert (celerys[expression], labqs[expression]) == (meant.celery, meant.labq)
    assert meant.explained


def test_every_error_of_celery_has_the_same_family(both):
    """Each class that celery.exceptions names is there with the same ancestors, in the same order."""
    celerys, labqs = (eval(answers["families(exceptions)"]) for answers in both)  # noqa: S307 - a repr made above
    meant = {"ClickException", "CeleryCommandException"}
    missing = {name: line for name, line in celerys.items() if labqs.get(name) != line}
    assert set(missing) == meant
    assert len(celerys) >= 40


def test_every_public_name_of_celerys_errors_is_public_here(both):
    """``from labq.exceptions import *`` brings at least what Celery's brings."""
    celerys, labqs = (set(eval(answers["sorted(exceptions.__all__)"])) for answers in both)  # noqa: S307
    assert celerys - labqs == set()


def test_the_comparison_asks_enough():
    """Nobody empties the tables unseen, and no question is asked twice."""
    assert len(set(SAME)) == len(SAME) > 250
