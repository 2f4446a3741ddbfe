"""What labq puts on the wire is what real Celery 5.7 puts there, field by field and error by error.

Both sides answer the same tables in processes of their own (``wire_answers``). Where labq differs on purpose, the
difference stands in a table of its own with both answers, so that neither can change unseen.
"""

from __future__ import annotations

import importlib.util
import os
import pickle
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from labq.wire.publishing import BASIC_PROPERTIES

ANSWERS = Path(__file__).with_name("wire_answers.py")
ROOT = Path(__file__).resolve().parents[2]
MEMORY, RABBITMQ = "memory://", "amqp://guest:guest@127.0.0.1:5672//"
MOSCOW = timezone(timedelta(hours=3))
NOW = datetime(2030, 1, 1, 9, 0, 0, 250, tzinfo=MOSCOW)
SIGNATURE = {"task": "proj.tsum", "args": [1], "kwargs": {}, "options": {}, "subtask_type": None, "immutable": False}

CALLS = {
    "two numbers": ((2, 3), {}, {}),
    "nothing at all": (None, None, {}),
    "a list of arguments": ([2, 3], {"z": 1.5}, {}),
    "text that is not ASCII": (("é", "日本", "Привет"), {"ключ": "값"}, {}),
    "nested containers": (([1, (2, [3, {"a": (4,)}])],), {"deep": {"er": {"and": {"deeper": [1]}}}}, {}),
    "dates, decimals and bytes": ((NOW, NOW.date(), b"ab", b"\xff"), {}, {}),
    "long text": (("word " * 400, 2), {"k": "x" * 3000}, {}),
    "not a number": ((float("nan"), float("inf")), {}, {}),
    "a countdown": ((2, 3), {}, {"countdown": 10}),
    "a countdown of half a second": ((2, 3), {}, {"countdown": 0.5}),
    "a countdown of nothing": ((2, 3), {}, {"countdown": 0}),
    "a countdown into the past": ((2, 3), {}, {"countdown": -5}),
    "a countdown that wins over an eta": ((2, 3), {}, {"countdown": 3, "eta": datetime(2031, 1, 1, tzinfo=UTC)}),
    "an eta": ((2, 3), {}, {"eta": datetime(2031, 1, 1, tzinfo=UTC)}),
    "an eta without a zone": ((2, 3), {}, {"eta": datetime(2031, 1, 1)}),  # noqa: DTZ001 - meant so
    "an eta in text": ((2, 3), {}, {"eta": "2031-01-01T00:00:00Z"}),
    "an eta of nonsense": ((2, 3), {}, {"eta": "rubbish"}),
    "expires in seconds": ((2, 3), {}, {"expires": 60}),
    "expires in fractions": ((2, 3), {}, {"expires": 1.2345}),
    "expires as a flag": ((2, 3), {}, {"expires": True}),
    "expires at once": ((2, 3), {}, {"expires": 0}),
    "expires at a moment": ((2, 3), {}, {"expires": NOW + timedelta(hours=2)}),
    "expires in text": ((2, 3), {}, {"expires": "2030-01-01T12:00:00"}),
    "expired long ago": ((2, 3), {}, {"expires": NOW - timedelta(hours=2)}),
    "expiration of the message alone": ((2, 3), {}, {"expiration": 2.5}),
    "a priority": ((2, 3), {}, {"priority": 7}),
    "no priority": ((2, 3), {}, {"priority": None}),
    "retries": ((2, 3), {}, {"retries": 2}),
    "a group": ((2, 3), {}, {"group_id": "g1", "group_index": 4}),
    "root and parent": ((2, 3), {}, {"root_id": "r1", "parent_id": "p1"}),
    "a shadow": ((2, 3), {}, {"shadow": "other.name"}),
    "headers of its own": ((2, 3), {}, {"headers": {"tenant": "é", "n": 2**40, "list": [1, "two"], "table": {"a": 1}}}),
    "headers that win over the task's": ((2, 3), {}, {"headers": {"lang": "xx", "shadow": "s"}}),
    "an ignored result": ((2, 3), {}, {"ignore_result": True}),
    "a kept result": ((2, 3), {}, {"ignore_result": False}),
    "time limits": ((2, 3), {}, {"time_limit": 10, "soft_time_limit": 5.5}),
    "a representation of its own": ((2, 3), {"pin": 1}, {"argsrepr": "(...)", "kwargsrepr": "{secret}"}),
    "a replaced task": ((2, 3), {}, {"replaced_task_nesting": 2}),
    "stamps": ((2, 3), {}, {"stamped_headers": ["run", "who"], "run": 7, "who": ["a", "b"]}),
    "callbacks": ((2, 3), {}, {"link": [SIGNATURE], "link_error": [SIGNATURE, SIGNATURE]}),
    "a chord and a chain": ((2, 3), {}, {"chord": SIGNATURE, "chain": [SIGNATURE]}),
    "transient by number": ((2, 3), {}, {"delivery_mode": 1}),
    "transient by name": ((2, 3), {}, {"delivery_mode": "transient"}),
    "properties of its own": ((2, 3), {}, {"message_id": "m1", "app_id": "a1", "timestamp": 5, "type": "T"}),
    "pickle": (({1}, (2, 3)), {}, {"serializer": "pickle"}),
    "yaml": (([1, "é"],), {"a": None}, {"serializer": "yaml"}),
    "gzip": (("x" * 100,), {}, {"compression": "gzip"}),
    "bzip2": (("x" * 100,), {}, {"compression": "bzip2"}),
    "an unknown serializer": ((2, 3), {}, {"serializer": "nope"}),
    "a set": (({1},), {}, {}),
    "an object": ((2,), {"k": complex(1, 2)}, {}),
    "a key that is no text": (([{(1, 2): 3}],), {}, {}),
    "text for arguments": ("ss", {}, {}),
    "a countdown too far back": ((2, 3), {}, {"countdown": -3e9}),
    "an expiry too far back": ((2, 3), {}, {"expires": -3e9}),
}

OBSCURE = {
    "a countdown that is no number": ("countdown", "10", "TypeError: countdown must be a number of seconds, not '10'"),
    "a countdown of NaN": ("countdown", float("nan"), "ValueError: countdown is out of range: nan"),
    "a countdown of ever": ("countdown", float("inf"), "ValueError: countdown is out of range: inf"),
    "a countdown of ages": ("countdown", 1e20, "ValueError: countdown is out of range: 1e+20"),
    "a countdown beyond the year 9999": ("countdown", 1e12, "ValueError: countdown is out of range: 1000000000000.0"),
    "an expiry of NaN": ("expires", float("nan"), "ValueError: expires is out of range: nan"),
    "an eta that is a number": ("eta", 5, "TypeError: eta must be a datetime or ISO 8601 text, not 5"),
    "an unknown delivery mode": (
        "delivery_mode",
        "bogus",
        "ValueError: delivery_mode must be 1, 2, 'transient' or 'persistent', not 'bogus'",
    ),
    "an unknown compression": (
        "compression",
        "nope",
        (
            "KeyError: \"no compression is called 'nope', only application/x-bz2, application/x-gzip, "
            'application/x-lzma, bzip, bzip2, gzip, lzma, xz, zlib"'
        ),
    ),
    "a header that is a set": (
        "headers",
        {"a": {1}},
        "EncodeError: header or property 'a' cannot travel in a message: {1} is of type set",
    ),
    "a header with a number too large": (
        "headers",
        {"n": 2**63},
        "EncodeError: header or property 'n' cannot travel in a message: 9223372036854775808 is of type int",
    ),
    "a header without a name": (
        "headers",
        {1: 2},
        "EncodeError: the name of a header or property must be text, not 1",
    ),
}
"""What labq says more clearly, and sooner: option, value, labq's words."""

CELERY_SAYS = {
    "a countdown that is no number": "TypeError: '<' not supported between instances of 'str' and 'int'",
    "a countdown of NaN": "ValueError: cannot convert float NaN to integer",
    "a countdown of ever": "OverflowError: cannot convert float infinity to integer",
    "a countdown of ages": "OverflowError: Python int too large to convert to C int",
    "a countdown beyond the year 9999": "OverflowError: date value out of range",
    "an expiry of NaN": "ValueError: cannot convert float NaN to integer",
    "an eta that is a number": "AttributeError: 'int' object has no attribute 'isoformat'",
    "an unknown delivery mode": "KeyError: 'bogus'",
    "an unknown compression": "KeyError: 'nope'",
    "a header that is a set": (
        "FrameSyntaxError: Table type <class 'set'> for key b'a' not handled by amqp. [value: {1}]"
    ),
    "a header with a number too large": "error: int too large to convert",
    "a header without a name": "TypeError: object of type 'int' has no len()",
}
"""Celery's own words for them, on RabbitMQ."""

EXPRESSIONS = tuple(
    line
    for line in ANSWERS.with_name("wire_expressions.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
)
"""Serializers, old messages, short texts, descriptions of queues, URLs: one a line."""


def ask(side, questions):
    """Return what *side* answers, in a process of its own."""
    child = subprocess.run(
        [sys.executable, str(ANSWERS), side],
        input=pickle.dumps(questions),
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"},
    )
    assert child.returncode == 0, child.stderr.decode()
    return pickle.loads(child.stdout)  # noqa: S301 - our own child wrote it


def addressed(name, args, kwargs, options):
    """Return a call with an id and a queue for the reply, which Celery would otherwise draw."""
    return args, kwargs, {"task_id": f"id-{name}", "reply_to": "replies", **options}


def rabbitmq_answers():
    """Tell whether somebody listens where RabbitMQ does."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", 5672)) == 0


@pytest.fixture(scope="module")
def both():
    """Return the answers of real Celery and of labq to all questions that need no server."""
    if importlib.util.find_spec("celery") is None:
        pytest.skip("real Celery is not installed: pip install 'labq[celery]'")
    calls = {
        name: (*call[:2], {"task_id": f"id-{name}", "reply_to": "replies", **call[2]}) for name, call in CALLS.items()
    }
    return [ask(side, (EXPRESSIONS, calls, NOW, [MEMORY])) for side in ("celery", "labq")]


@pytest.fixture(scope="module")
def both_on_rabbitmq():
    """Return what real Celery publishes to RabbitMQ, and what labq would."""
    if importlib.util.find_spec("celery") is None:
        pytest.skip("real Celery is not installed: pip install 'labq[celery]'")
    if not rabbitmq_answers():
        pytest.skip("no RabbitMQ answers on 127.0.0.1:5672")
    calls = {
        name: (*call[:2], {"task_id": f"id-{name}", "reply_to": "replies", **call[2]}) for name, call in CALLS.items()
    }
    calls |= {name: addressed(name, (2, 3), {}, {word: value}) for name, (word, value, _) in OBSCURE.items()}
    return [ask(side, ((), calls, NOW, [RABBITMQ]))[1][RABBITMQ] for side in ("celery", "labq")]


def comparable(sent):
    """Return a sent message without what differs from run to run, its tables as lists to compare their order too."""
    if not isinstance(sent, tuple):
        return sent
    body, content_type, encoding, headers, properties = sent[:5]
    shown = {**headers, "origin": "somebody"}
    return (
        body,
        content_type,
        encoding,
        list(shown.items()),
        {k: v for k, v in properties.items() if k in BASIC_PROPERTIES},
    )


@pytest.mark.parametrize("name", CALLS)
def test_a_call_leaves_the_same_message_in_memory(both, name):
    """Body, content type, headers in their order and AMQP's properties, or the same error."""
    real, lab = (comparable(sent[MEMORY][name]) for _, sent in both)
    assert real is not None
    assert lab == real


@pytest.mark.servers
@pytest.mark.parametrize("name", CALLS)
def test_a_call_leaves_the_same_message_in_rabbitmq(both_on_rabbitmq, name):
    """The same with a real server between; a message that expires at once never lies in its queue."""
    real, lab = (comparable(sent[name]) for sent in both_on_rabbitmq)
    if real is None:
        assert lab[4]["expiration"] == "0"
    else:
        assert lab == real


@pytest.mark.servers
@pytest.mark.parametrize("name", OBSCURE)
def test_what_celery_says_obscurely_labq_says_clearly(both_on_rabbitmq, name):
    """Both refuse; Celery's words are written down too, so that the difference stays a known one."""
    real, lab = (sent[name] for sent in both_on_rabbitmq)
    assert real.strip() == CELERY_SAYS[name]
    assert lab == OBSCURE[name][2]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_gives_the_same_text(both, expression):
    """Serializers, short texts, descriptions of queues, URLs: the same ``repr``, or the same error."""
    real, lab = (answers[expression] for answers, _ in both)
    assert lab == real


def test_the_comparison_asks_enough():
    """A table that lost its rows would compare nothing."""
    assert len(CALLS) >= 50
    assert len(EXPRESSIONS) >= 200
