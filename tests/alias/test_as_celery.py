"""``labq.as_celery()`` puts labq's own modules under Celery's names, and takes them away again without a trace."""

from __future__ import annotations

import importlib
import importlib.util
import pickle
import sys

import pytest

import labq
from labq import alias
from labq.exceptions import LabError


@pytest.fixture(autouse=True)
def without_real_celery():
    """Other tests of this process may have imported real Celery, which the alias refuses to hide."""
    real = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in {"celery", "kombu"}}
    for name in real:
        del sys.modules[name]
    yield
    alias.stop()
    sys.modules.update(real)


# -- what is imported ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "home"),
    [
        ("celery", "labq"),
        ("celery.app.base", "labq.app.base"),
        ("celery.schedules", "labq.schedules"),
        ("celery.utils.log", "labq.utils.log"),
        ("kombu", "labq.kombu"),
    ],
)
def test_a_module_has_two_names_and_is_one(name, home):
    """No copy, no proxy: what is patched in the one is patched in the other."""
    with labq.as_celery():
        assert importlib.import_module(name) is importlib.import_module(home)
        assert sys.modules[name] is sys.modules[home]


def test_classes_are_the_same_under_both_names():
    """A task that was made by one name is an instance of the class of the other."""
    with labq.as_celery():
        from celery import Celery, Task
        from celery.exceptions import Retry
        from kombu import Exchange, Queue

    assert (Celery, Task, Retry) == (labq.Celery, labq.Task, labq.exceptions.Retry)
    assert isinstance(Queue("q", Exchange("e")), importlib.import_module("labq.kombu").Queue)


def test_every_way_to_write_an_import_works():
    """Dotted, with another name, from a package, from a module."""
    with labq.as_celery():
        scope: dict = {}
        for line in (
            "import celery.utils.time",
            "import celery.utils.time as clock",
            "from celery import signals, states",
            "from celery.utils import text",
            "from celery.result import AsyncResult",
        ):
            exec(line, scope)  # noqa: S102 - the line is the test
    assert scope["celery"].utils.time is scope["clock"] is importlib.import_module("labq.utils.time")
    assert scope["states"] is labq.states


def test_the_modules_keep_their_own_names_and_specs():
    """Reloading, pickling and tracebacks still find them where they are."""
    spec = labq.exceptions.__spec__
    with labq.as_celery():
        importlib.import_module("celery.exceptions")
        assert labq.exceptions.__spec__ is spec
        assert (labq.exceptions.__name__, labq.__name__, labq.__spec__.name) == ("labq.exceptions", "labq", "labq")
    assert labq.exceptions.__spec__ is spec


def test_a_pickle_that_names_celerys_module_finds_labqs_class():
    """Messages and results of real Celery name its classes by their modules."""
    written = b"ccelery.exceptions\nTimeoutError\n(S'late'\ntR."
    with labq.as_celery():
        read = pickle.loads(written)  # noqa: S301 - written three lines above
    assert type(read) is labq.exceptions.TimeoutError
    assert read.args == ("late",)


def test_the_version_is_celerys_while_the_alias_stands():
    """Libraries compare it; labq has its own again afterwards."""
    own = labq.__version__
    with labq.as_celery():
        import celery

        assert celery.__version__ == "5.7.0"
        assert celery.VERSION_BANNER == "5.7.0 (collider)"
        assert celery.version_info_t._fields == ("major", "minor", "micro", "releaselevel", "serial")
        assert (celery.VERSION.major, celery.VERSION.minor, celery.VERSION.micro) == (5, 7, 0)
    assert labq.__version__ == own != "5.7.0"


# -- what is missing -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("import celery.bootsteps", "celery.bootsteps"),
        ("import celery.utils.nothing", "celery.utils.nothing"),
        ("from celery import nothing", "celery.nothing"),
        ("from celery.utils import nothing", "celery.utils.nothing"),
        ("import kombu.transport.pyamqp", "kombu.transport"),
        ("import celery.lab", "celery.lab"),
        ("import celery.kernel.clock", "celery.kernel"),
    ],
)
def test_what_labq_lacks_is_named_with_one_line_of_advice(line, name):
    """Whoever runs a program sees which part of it needs real Celery."""
    with labq.as_celery(), pytest.raises(ImportError) as caught:
        exec(line, {})  # noqa: S102 - the line is the test
    said = str(caught.value).splitlines()
    assert said[0] == f"labq does not mirror {name}"
    assert len(said) == 2


def test_a_name_that_a_module_lacks_is_an_import_error_that_names_both():
    """A plain module is asked by Python itself."""
    with labq.as_celery(), pytest.raises(ImportError, match=r"'nothing' from 'labq\.exceptions'"):
        exec("from celery.exceptions import nothing", {})  # noqa: S102 - the line is the test


def test_programs_that_try_an_import_go_on():
    """The error is one that ``except ImportError`` and ``except ModuleNotFoundError`` catch."""
    with labq.as_celery():
        for kind in (ImportError, ModuleNotFoundError, LabError):
            with pytest.raises(kind):
                importlib.import_module("celery.security")


def test_other_projects_are_left_alone():
    """The finders answer for Celery and kombu, and for what is missing in labq."""
    with labq.as_celery():
        assert importlib.util.find_spec("celery_of_somebody_else") is None
        assert importlib.import_module("json") is sys.modules["json"]


# -- coming and going ------------------------------------------------------------------------------------------------
def test_the_end_leaves_no_trace():
    """``sys.modules``, ``sys.meta_path`` and the modules' own attributes are as they were."""
    importlib.import_module("labq.utils.log")
    modules, finders = dict(sys.modules), list(sys.meta_path)
    with labq.as_celery():
        importlib.import_module("celery.utils.log")
    assert {name: sys.modules.get(name) for name in modules} == modules
    assert [name for name in sys.modules if name.partition(".")[0] in {"celery", "kombu"}] == []
    assert sys.meta_path == finders


def test_a_call_lasts_until_it_is_undone():
    """Without a block it stands for the rest of the program."""
    standing = labq.as_celery()
    assert alias.is_on()
    assert repr(standing) == "<labq as celery: on>"
    standing.undo()
    assert not alias.is_on()
    standing.undo()  # twice means nothing
    assert not alias.is_on()


def test_blocks_may_stand_within_each_other():
    """The outermost one ends it."""
    with labq.as_celery():
        before = len(sys.meta_path)
        with labq.as_celery():
            assert len(sys.meta_path) == before
        assert alias.is_on()
        importlib.import_module("celery")
    assert not alias.is_on()


def test_a_block_does_not_end_what_a_call_began():
    """A library that uses a block does not take the alias from a program that wants it for good."""
    labq.as_celery()
    with labq.as_celery():
        pass
    assert alias.is_on()


def test_it_ends_when_a_block_is_left_by_an_error():
    """The error goes on, the alias does not."""
    with pytest.raises(ZeroDivisionError), labq.as_celery():
        _ = 1 / 0
    assert not alias.is_on()


@pytest.mark.parametrize("name", ["celery", "kombu", "celery.utils"])
def test_real_celery_that_is_imported_already_is_refused(name, monkeypatch):
    """Parts of the program hold on to it, and would not be in the lab."""
    monkeypatch.setitem(sys.modules, name, sys)
    with pytest.raises(LabError, match="has been imported already") as caught:
        labq.as_celery()
    assert "before" in str(caught.value)
    assert not alias.is_on()


def test_real_celery_can_be_imported_after_the_end():
    """The alias is no one-way street."""
    pytest.importorskip("celery", reason="real Celery is not installed: pip install -e '.[celery]'")
    for name in [name for name in sys.modules if name.partition(".")[0] in {"celery", "kombu"}]:
        del sys.modules[name]
    with labq.as_celery():
        importlib.import_module("celery.exceptions")
    assert importlib.import_module("celery.exceptions") is not labq.exceptions
