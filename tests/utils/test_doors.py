"""The doors under ``labq.utils`` lead to the rooms that hold the thing itself, and what lies behind them does its work.

That it is Celery's own behaviour is compared in ``tests/against_celery/core/surface_scenarios.py``; here is what
a lab does otherwise, and what no comparison reaches.
"""

from __future__ import annotations

import copy
import logging
import pickle

import pytest

from labq import Lab, prose
from labq.utils import collections, functional, graph, imports, log, nodenames, objects, text, time
from labq.utils.dispatch import Signal
from labq.utils.serialization import UnpickleableExceptionWrapper, raise_with_context


def test_a_door_shows_the_thing_itself():
    """What is patched behind the door is patched for everybody."""
    assert text.truncate is prose.truncate
    assert Signal.__module__ == "labq.dispatch"
    assert UnpickleableExceptionWrapper.__module__ == "labq.pickleable"


def test_nodes_of_a_lab_are_on_its_computer():
    """No name of the machine on which the lab runs gets into a lab's log."""
    with Lab(seed=1, start="2030-01-01T00:00:00Z") as lab:
        assert nodenames.gethostname() == lab.hostname == "lab"
        assert nodenames.anon_nodename() == "gen1@lab"
        assert nodenames.default_nodename(None) == "celery@lab"
        assert nodenames.node_format("%n-%h-%i%I", "w1@lab") == "w1-lab-0"


def test_jitter_throws_pythons_dice_outside_of_tasks(monkeypatch):
    """Who calls it by hand patches ``random`` in his tests; a task's own retries throw the lab's dice."""
    monkeypatch.setattr("random.randrange", lambda end: end - 1)
    assert time.get_exponential_backoff_interval(2, 3, 100, full_jitter=True) == 16


def test_a_lazy_value_is_not_copied():
    """A deep copy of settings that hold one leaves it unevaluated."""
    value = functional.lazy(lambda: 1 / 0)
    assert copy.deepcopy([value])[0] is value


def test_a_cache_survives_pickling():
    """Its lock does not."""
    cache = functional.LRUCache(limit=2)
    cache["a"] = 1
    again = pickle.loads(pickle.dumps(cache))  # noqa: S301 - written in the same line
    again["b"], again["c"] = 2, 3
    assert list(again) == ["b", "c"]


def test_a_buffer_without_a_limit_keeps_everything():
    """None is no limit."""
    buffer = collections.Messagebuffer(None, range(500))
    buffer.put(500)
    assert len(buffer) == 501
    assert collections.BufferMap(None).take("a", "nothing") == "nothing"


def test_extensions_that_are_installed_are_found():
    """Entry points, as ``celery.result_backends`` has them; one that cannot be loaded is a warning."""
    assert "pytest" in dict(imports.load_extension_class_names("console_scripts"))
    assert list(imports.load_extension_classes("labq.no.such.group")) == []


def test_an_exception_gets_what_was_handled_as_its_cause():
    """The one that is handled itself goes on as it is."""

    def fail(with_itself: bool) -> None:
        try:
            _ = 1 / 0
        except ZeroDivisionError as error:
            raise_with_context(error if with_itself else KeyError("x"))

    with pytest.raises(KeyError) as caught:
        fail(with_itself=False)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    with pytest.raises(ZeroDivisionError) as same:
        fail(with_itself=True)
    assert same.value.__cause__ is None


def test_loggers_that_go_in_a_circle_are_seen():
    """Nobody would ever come to an end of their parents."""
    one, two = (logging.getLoggerClass()(name) for name in ("one", "two"))
    one.parent, two.parent = two, one
    with pytest.raises(RuntimeError, match="parents recursive"):
        log.logger_isa(one, logging.getLogger("celery"))
    with pytest.raises(RuntimeError, match="hierarchy exceeds 1"):
        log.logger_isa(one, logging.getLogger("celery"), max=1)


def test_open_streams_of_loggers_are_told(tmp_path):
    """Each once; who has none is passed over."""
    handler = logging.FileHandler(tmp_path / "lines.log")
    logger = logging.getLogger("labq.test.streams")
    logger.addHandler(handler)
    try:
        assert list(log.iter_open_logger_fds()).count(handler.stream) == 1
    finally:
        logger.removeHandler(handler)
        handler.close()


def test_a_signal_handlers_flag_is_taken_back():
    """Also when something goes wrong."""
    with pytest.raises(ZeroDivisionError), log.in_sighandler():
        _ = 1 / 0
    with log.in_sighandler():
        pass


def test_a_graph_of_ones_own_is_drawn_by_ones_own_formatter():
    """Subclasses say what is written on a thing."""

    class Loud(graph.GraphFormatter):
        def label(self, obj):
            return obj and str(obj).upper()

    drawn = graph.DependencyGraph([("a", ["b"]), ("b", [])], formatter=Loud(root="x"))
    file = text.WhateverIO()
    drawn.to_dot(file)
    assert '"A" -> "B"' in file.getvalue()
    assert 'root="X"' in file.getvalue()


def test_a_property_of_the_class_is_itself():
    """Documentation tools look at it."""

    class Thing:
        @objects.cached_property
        def slow(self):
            """Say it is slow."""

    assert Thing.slow.__doc__ == "Say it is slow."
