"""What labq promises to export exists: each ``__all__``, and the public names that other code is written against."""

from __future__ import annotations

import importlib

import pytest
from sources import ROOT, read_package

PROMISED: dict[str, str] = {
    "labq": """
        Celery Task shared_task Signature signature maybe_signature current_app current_task
        chain group chord chunks xmap xstarmap subtask
        Lab current_lab sleep compute exceptions signals states __version__
    """,
    "labq.canvas": """
        Signature StampingVisitor chain chord chunks group maybe_signature signature subtask xmap xstarmap
    """,
    "labq.result": """
        AsyncResult EagerResult GroupResult ResultSet result_from_tuple allow_join_result denied_join_result
    """,
    "labq.testing": "start_worker advance now reset",
    "labq.app.amqp": "AMQP Queues task_message",
    "labq.app.routes": "MapRoute Router expand_router_string prepare",
    "labq.kombu": "Connection Consumer Exchange Message Producer Queue binding connections producers eventloop uuid",
    "labq.exceptions": """
        CeleryError TaskError Retry Ignore Reject NotRegistered AlreadyRegistered TimeoutError ImproperlyConfigured
        MaxRetriesExceededError TaskRevokedError WorkerLostError SoftTimeLimitExceeded TimeLimitExceeded
        EncodeError DecodeError ContentDisallowed OperationalError LabError
    """,
    "labq.states": "PENDING RECEIVED STARTED SUCCESS FAILURE REVOKED RETRY IGNORED READY_STATES UNREADY_STATES state",
    "labq.signals": """
        before_task_publish after_task_publish task_received task_prerun task_postrun task_success task_failure
        task_retry task_revoked task_unknown task_rejected worker_init worker_ready worker_shutdown celeryd_init
    """,
    "labq.local": "Proxy PromiseProxy",
}
"""The public names of this stage, module by module; a later stage adds its own."""

ON_A_LAB = """
    now time step run advance start_worker stop_worker log story why snapshot rewind room queues workers timeline depth
"""
"""What a lab can do at this stage."""


@pytest.mark.parametrize("module", PROMISED)
def test_a_public_module_has_its_promised_names(module):
    """Code that is written against the public names finds them."""
    loaded = importlib.import_module(module)
    assert [name for name in PROMISED[module].split() if not hasattr(loaded, name)] == []


def test_a_lab_has_its_promised_verbs():
    """What the documentation tells a learner to type at the lab is there."""
    lab_class = importlib.import_module("labq").Lab
    lab = lab_class(seed=1, start="2030-01-01T09:00:00Z")
    assert [name for name in ON_A_LAB.split() if not hasattr(lab, name)] == []


@pytest.mark.parametrize("name", [source.name for source in read_package(ROOT / "labq")])
def test_every_name_in_all_exists(name):
    """``from module import *`` works in every module, and its ``__all__`` is sorted and says nothing twice."""
    module = importlib.import_module(name)
    exported = getattr(module, "__all__", ())
    assert [each for each in exported if not hasattr(module, each)] == []
    assert len(set(exported)) == len(exported)


def test_every_room_says_what_it_is():
    """Each module has a sign on its door: a docstring of more than one word, ending as a sentence does."""
    unsigned = []
    for source in read_package(ROOT / "labq"):
        first = source.tree.body[0] if source.tree.body else None
        sign = getattr(getattr(first, "value", None), "value", None)
        if not isinstance(sign, str) or not sign.strip().splitlines()[0].rstrip().endswith((".", ":", "?")):
            unsigned.append(source.name)
    assert unsigned == []
