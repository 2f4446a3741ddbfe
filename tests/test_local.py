"""Stand-ins: when they look for the real object, how often, and that nobody can tell them from it."""

from __future__ import annotations

import pickle
import weakref
from typing import get_args

import pytest

from labq.local import PromiseProxy, Proxy, class_property, maybe_evaluate, try_import


class Task:
    """A real object, as an app would make it from a function."""

    def __init__(self, name="proj.add"):
        self.name = name

    def __repr__(self):
        return f"<task {self.name}>"

    def __call__(self, *args, **kwargs):
        """Return what it is called with."""
        return args, kwargs

    def delay(self, *args):
        """Return the arguments."""
        return args


class Workshop:
    """Makes tasks and counts them."""

    def __init__(self):
        self.made = 0

    def __call__(self, *args):
        """Make one."""
        self.made += 1
        return Task(*args)


@pytest.fixture
def workshop():
    """A workshop that has made nothing yet."""
    return Workshop()


@pytest.fixture
def add(workshop):
    """What ``@app.task`` leaves in a module."""
    return PromiseProxy(workshop, ("proj.add",), name="add", __doc__="Add two numbers.")


def test_nothing_is_made_before_the_first_use(add, workshop):
    """Its name, its docstring, its type and the question whether it is made do not count as a use."""
    assert (add.__name__, add.__doc__, type(add), add.__evaluated__()) == (
        "add",
        "Add two numbers.",
        PromiseProxy,
        False,
    )
    assert workshop.made == 0


@pytest.mark.parametrize(
    "use",
    [repr, str, hash, bool, dir, vars, callable, *(lambda p: p.name, lambda p: p(1), lambda p: isinstance(p, Task))],
    ids=["repr", "str", "hash", "bool", "dir", "vars", "callable", "an attribute", "a call", "isinstance"],
)
def test_a_use_makes_the_real_object_once(add, workshop, use):
    """Whatever comes first makes it; callable() asks the type alone, and so does not."""
    use(add)
    assert workshop.made == (0 if use is callable else 1)
    repr(add)
    use(add)
    assert workshop.made == 1


def test_the_type_stays_what_it_was_and_the_class_is_the_real_one(add):
    """Evaluation replaces nothing: whoever imported the promise before has the same object as who imports it after."""
    before = id(add)
    repr(add)
    assert (id(add), type(add), add.__class__) == (before, PromiseProxy, Task)
    assert isinstance(add, Task)
    assert isinstance(add, PromiseProxy)


def test_a_promise_answers_as_the_real_object(add):
    """Attributes, methods, calls and comparisons go through, before and after evaluation."""
    assert add.delay(2, 3) == (2, 3)
    assert (add(2, y=3), add.name) == (((2,), {"y": 3}), "proj.add")
    real = maybe_evaluate(add)
    assert (add == real, real == add, hash(add) == hash(real), add != real) == (True, True, True, False)


def test_what_is_set_on_a_promise_is_set_on_the_real_object(add):
    """The promise keeps nothing for itself, so it cannot go stale."""
    add.rate_limit = "10/m"
    real = maybe_evaluate(add)
    assert real.rate_limit == "10/m"
    real.rate_limit = "5/m"
    assert add.rate_limit == "5/m"
    del add.rate_limit
    assert not hasattr(real, "rate_limit")


def test_a_name_that_the_real_object_lacks_is_lacking(add):
    """The error names the class of the real object, before and after evaluation."""
    for _ in range(2):
        with pytest.raises(AttributeError, match="'Task' object has no attribute 'dealy'"):
            _ = add.dealy


def test_the_annotations_are_those_of_the_real_object():
    """Typed tasks are inspected through the promise."""

    def typed(x: int) -> int:
        return x

    assert set(PromiseProxy(lambda: typed).__annotations__) == {"x", "return"}


def test_a_proxy_looks_each_time(workshop):
    """So it follows whatever is current."""
    current = [Task("first")]
    proxy = Proxy(lambda: current[-1])
    assert repr(proxy) == "<task first>"
    current.append(Task("second"))
    assert repr(proxy) == "<task second>"
    counted = Proxy(workshop)
    _ = counted.name, counted.name
    assert workshop.made == 2


def test_a_failure_to_make_is_tried_again():
    """A promise that could not be kept yet is still a promise."""
    attempts = []

    def make():
        attempts.append(1)
        if len(attempts) == 1:
            raise LookupError("not yet")
        return Task()

    promise = PromiseProxy(make)
    with pytest.raises(LookupError):
        _ = promise.name
    assert not promise.__evaluated__()
    assert promise.name == "proj.add"


def test_a_promise_without_a_real_object_is_empty_and_false():
    """A RuntimeError means that there is nothing; these two questions have an answer for that."""

    def refuse():
        raise RuntimeError("Contract breach: app not finalized")

    promise = PromiseProxy(refuse)
    assert (bool(promise), dir(promise)) == (False, [])
    with pytest.raises(RuntimeError, match="not finalized"):
        _ = promise.name


def test_those_who_wait_are_called_when_it_is_made(add):
    """In the order of their asking, once; who comes late is called at once."""
    calls = []
    add.__then__(calls.append, 1)
    add.__then__(calls.append, 2)
    assert calls == []
    repr(add)
    assert (calls, add.__then__(len, "abc")) == ([1, 2], 3)


def test_a_promise_may_be_used_while_it_is_being_made():
    """A task's ``on_bound`` may look at the module's own name for that very task."""
    registry, uses = {}, []

    def make():
        if "add" not in registry:
            registry["add"] = Task()
            uses.append(add.name)
        return registry["add"]

    add = PromiseProxy(make)
    assert (add.name, uses, maybe_evaluate(add) is registry["add"]) == ("proj.add", ["proj.add"], True)


def test_the_recipe_is_forgotten_when_the_object_is_made():
    """A promise that is kept does not keep alive what it was made from."""

    class Source:
        """Something big."""

    source = Source()
    trace = weakref.ref(source)
    promise = PromiseProxy(lambda _source: Task(), (source,))
    del source
    assert trace() is not None
    repr(promise)
    assert trace() is None


def test_a_promise_can_be_referred_to_weakly_and_a_proxy_cannot(add):
    """As in Celery, where registries hold promises weakly."""
    assert weakref.ref(add)() is add
    with pytest.raises(TypeError):
        weakref.ref(Proxy(Task))


def test_a_pickle_holds_the_real_object(add):
    """A stand-in does not travel; what it stands for does."""
    assert type(pickle.loads(pickle.dumps(add))) is Task  # noqa: S301 - what was pickled a moment ago


def test_a_child_class_of_a_promise_keeps_its_own_names():
    """The short way past __getattr__ knows what a child class adds."""

    class Labelled(PromiseProxy):
        """A promise with a label."""

        __slots__ = ()

        def label(self):
            """Say what it is."""
            return f"promise of {self.name}"

    promise = Labelled(Task)
    assert (promise.label(), promise.label(), promise.delay(1)) == ("promise of proj.add", "promise of proj.add", (1,))


@pytest.mark.parametrize("kind", [Proxy, PromiseProxy])
def test_operators_work_on_what_is_behind(kind):
    """Python looks for these on the type, where each has to be written down."""
    number, words = kind(lambda: 10), kind(lambda: ["a", "b"])
    assert (number + 1, number // 3, -number, number > 9, int(number), f"{number}") == (11, 3, -10, True, 10, "10")
    assert (len(words), list(words), "a" in words, words[1], words * 2) == (
        2,
        ["a", "b"],
        True,
        "b",
        ["a", "b", "a", "b"],
    )


def test_the_classes_speak_for_themselves():
    """help(PromiseProxy) shows its own docstring although its instances answer with another."""
    assert "first use" in PromiseProxy.__doc__
    assert (Proxy.__module__, Proxy.__name__, repr(Proxy)) == ("labq.local", "Proxy", "<class 'labq.local.Proxy'>")
    assert Proxy(lambda: Task).__doc__ == Task.__doc__


def test_what_is_no_promise_is_itself():
    """maybe_evaluate() can be used on anything."""
    assert maybe_evaluate(5) == 5


def test_a_class_property_belongs_to_the_class():
    """It is read through the class and its instances, and set through an instance for all of them."""

    class Limits:
        """Some limits."""

        soft = 3

        @class_property
        def limit(cls):  # noqa: N805 - that is the point of it
            """The limit in seconds."""
            return cls.soft

        @limit.setter
        def limit(cls, value):  # noqa: N805
            cls.soft = value

    assert (Limits.limit, Limits().limit) == (3, 3)
    Limits().limit = 9
    assert (Limits.limit, Limits.soft, vars(Limits)["limit"].__doc__) == (9, 9, "The limit in seconds.")


def test_a_class_property_without_a_setter_says_so():
    """The error names the property."""

    class Fixed:
        """A class with a constant."""

        size = class_property(lambda cls: len(cls.__name__))

    with pytest.raises(AttributeError, match="cannot be set"):
        Fixed().size = 1


def test_a_module_that_cannot_be_imported_is_none():
    """Or whatever was given in its place."""
    assert (try_import("no_such_module_anywhere"), try_import("no_such_module_anywhere", 5)) == (None, 5)
    assert try_import("json").__name__ == "json"


def test_a_class_property_tells_its_types():
    """The owner's and the value's, for who writes annotations."""
    assert get_args(class_property[int, str]) == (int, str)
    assert isinstance(class_property[int, str](lambda cls: cls.__name__), class_property)
