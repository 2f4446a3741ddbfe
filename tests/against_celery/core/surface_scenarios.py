"""The tools under ``utils``, loaders, pickled apps, bound classes: what libraries and extensions of Celery use."""

# ruff: noqa: ARG002, FBT003 - tools take what they take; a scenario writes its steps out

from __future__ import annotations

import datetime as dt
import functools
import io
import json
import logging
import pickle
import sys
from collections import UserDict
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Any

from core_means import Side, got, scenario, tried, warned

EARLY = dt.datetime(2030, 3, 10, 9, 30, 15, 123456, tzinfo=dt.UTC)


def module(e: Side, path: str) -> Any:
    """Import a module of either side by the path that both have."""
    return import_module(f"{e.root.__name__}.{path}")


# -- text ------------------------------------------------------------------------------------------------------------
@scenario
def texts_are_cut(e: Side) -> Any:
    text = module(e, "utils.text")
    name = "proj.tasks.accounts.charge"
    words = "the quick brown fox jumps over the lazy dog"
    return [
        [text.abbr(name, size) for size in (5, 10, 26, 100)],
        [text.abbr(name, 10, False), text.abbr(None, 3), text.abbr("abc", 2, "")],
        [text.abbrtask(name, size) for size in (12, 20, 100)],
        text.abbrtask(None, 3),
        [text.truncate(words, size) for size in (5, 10, 43, 44, 0)],
        text.truncate(words, 10, "!"),
    ]


@scenario
def texts_are_indented_filled_and_joined(e: Side) -> Any:
    text = module(e, "utils.text")
    lines = "    one\n  two\n        three"
    return [
        text.dedent(lines),
        text.dedent_initial("    one"),
        text.dedent_initial(" one", 1),
        text.indent("one\ntwo", 3),
        text.fill_paragraphs("the quick brown fox\njumps over the lazy dog", 12),
        text.join(["a", "", None, "b"]),
        [text.ensure_newlines("a"), text.ensure_newlines("a\n\n"), text.ensure_sep("/", "a/", 1)],
        [text.str_to_list("a,b, c"), text.str_to_list(["a"]), text.str_to_list("")],
        [text.pluralize(number, "task") for number in (0, 1, 2, 1.5)],
        [text.match_case("Ab", "X"), text.match_case("Ab", "x")],
        [text.pretty(each) for each in ({"a": 1}, (1, 2), [1], "x")],
    ]


@scenario
def formats_are_filled_in(e: Side) -> Any:
    text = module(e, "utils.text")
    words = {"h": "host", "n": lambda: "name"}
    return [
        text.simple_format("%n@%h 100%%", dict(words)),
        text.simple_format("", {}),
        tried(lambda: text.simple_format("%x", dict(words))),
    ]


@scenario
def repeated_modules_are_printed_once(e: Side) -> Any:
    text = module(e, "utils.text")
    return [
        text.remove_repeating_from_task("proj.add", "proj.add(2, 2), proj.mul(3), myproj.div(4), proj.x"),
        text.remove_repeating_from_task("add", "add(2)"),
        text.remove_repeating("a.", "x a.b a.c a.a.d"),
        text.remove_repeating("a.", "nothing"),
    ]


@scenario
def a_file_takes_bytes_and_text(e: Side) -> Any:
    file = module(e, "utils.text").WhateverIO(b"start ")
    file.seek(0, io.SEEK_END)
    file.write(b"bytes ")
    file.write("text")
    return file.getvalue()


# -- functions and sequences -----------------------------------------------------------------------------------------
@scenario
def sequences_are_cut_and_joined(e: Side) -> Any:
    f = module(e, "utils.functional")
    return [
        list(f.chunks(iter(range(11)), 3)),
        list(f.chunks(iter([]), 3)),
        f.padlist(["George", "Costanza"], 3, "?"),
        f.padlist("abcdef", 2),
        list(f.uniq([1, 2, 1, 3, 2])),
        list(f.lookahead(x for x in range(3))),
        list(f.lookahead([])),
        [f.maybe_list(each) for each in (1, "a", None, [1], (1,), {"a": 1}, b"x")],
        [f.is_list(each) for each in ([], (), "a", {}, 1, iter([]))],
        [f.seq_concat_item([1], 2), f.seq_concat_item((1,), 2)],
        [f.seq_concat_seq([1], (2, 3)), f.seq_concat_seq((1, 2), [3]), f.seq_concat_seq([1], (2,))],
    ]


@scenario
def a_generator_can_be_read_again(e: Side) -> Any:
    f = module(e, "utils.functional")
    drawn: list[int] = []

    def draw() -> Any:
        for number in range(5):
            drawn.append(number)
            yield number

    again = f.regen(draw())
    told = [repr(again), again[0], list(drawn), repr(again), list(again), list(again), repr(again), len(again)]
    same = f.regen([1])
    return [told, again[-1], again[1:3], bool(f.regen(iter([]))), same, json.dumps(f.regen(iter([1, 2])))]


@scenario
def functions_are_asked_what_they_take(e: Side) -> Any:
    f = module(e, "utils.functional")

    def plain(a: Any, b: Any = 1) -> None: ...

    def free(*args: Any, **kwargs: Any) -> None: ...

    def named(*, key: Any) -> None: ...

    return [
        [bool(f.fun_takes_argument("b", each)) for each in (plain, free, named)],
        [bool(f.fun_takes_argument("", plain, position=count)) for count in (1, 2, 3)],
        [bool(f.fun_accepts_kwargs(each)) for each in (plain, free, named)],
        [bool(f.arity_greater(plain, count)) for count in (0, 1, 2)],
        bool(f.arity_greater(free, 9)),
    ]


@scenario
def a_header_checks_arguments(e: Side) -> Any:
    head = module(e, "utils.functional").head_from_fun

    def charge(account: Any, amount: Any = 3, *more: Any, note: Any, late: Any = False, **rest: Any) -> None: ...

    class Callable:
        def __call__(self, x: Any, y: Any = 2) -> None: ...

    @functools.wraps(charge)
    def around(*args: Any, **kwargs: Any) -> None: ...

    check, other, anything = head(charge), head(Callable()), head(around)
    return [
        tried(lambda: bool(check(1, note=2))),
        tried(lambda: check(1)),
        tried(check),
        tried(lambda: bool(other(1))),
        tried(lambda: bool(other(1, z=3))),
        tried(lambda: bool(head(Callable().__call__)(1, 2))),
        anything(1, 2, 3, 4, x=5),
        [check.__name__, other.__name__, anything.__name__],
    ]


@scenario
def promises_are_evaluated(e: Side) -> Any:
    f = module(e, "utils.functional")
    calls: list[int] = []

    def work(number: int) -> int:
        calls.append(number)
        return number * 2

    often, once = f.lazy(work, 2), f.mlazy(work, 5)
    return [
        [often(), often(), once(), once(), calls, once.evaluated],
        [f.maybe_evaluate(often), f.maybe_evaluate(3), often == 4, str(often), repr(once)],
        f.first(None, [None, 0, 1]),
        f.first(lambda x: x > 1, [0, 1, 2, 3]),
        f.first(lambda x: x > 9, [1]),
    ]


@scenario
def the_first_object_that_answers_counts(e: Side) -> Any:
    f = module(e, "utils.functional")

    class Silent:
        def tell(self, value: Any) -> None: ...

    class Loud:
        def tell(self, value: Any) -> Any:
            return [value]

    ask = f.firstmethod("tell")
    around = f.firstmethod("tell", on_call=lambda meth, value: (meth.__name__, value))
    return [ask([object(), Silent(), Loud()], 1), ask([Silent()], 1), ask([f.mlazy(Loud)], 2), around([Loud()], 3)]


@scenario
def answers_are_remembered(e: Side) -> Any:
    f = module(e, "utils.functional")
    calls: list[Any] = []

    @f.memoize(maxsize=2)
    def work(*args: Any, **kwargs: Any) -> int:
        calls.append([args, kwargs])
        return len(calls)

    told = [work(1), work(1), work(2), work(1, a=1), work(2), work(1), work.hits, work.misses]
    work.clear()
    return [told, work(1), calls, work.hits, work.misses]


@scenario
def the_least_recently_used_entry_is_forgotten(e: Side) -> Any:
    cache = module(e, "utils.functional").LRUCache(limit=3)
    for number in range(3):
        cache[number] = number
    _ = cache[0]
    cache[3] = 3
    kept = list(cache.keys())
    cache.update({4: 4, 5: 5})
    cache["n"] = "1"
    return [kept, list(cache), cache.incr("n"), cache["n"], cache.popitem(False), list(cache.items()), 9 in cache]


@scenario
def small_functions_do_what_they_say(e: Side) -> Any:
    f = module(e, "utils.functional")
    return [
        [f.noop(1, a=2), f.pass1(1, 2), f.maybe(int, "3"), f.maybe(int, None)],
        f.mattrgetter("real", "nothing")(3),
        [f.dictfilter({"a": None, "b": 0}), f.dictfilter(a=1, b=None), f.dictfilter({"a": 1}, b=2)],
        [f.is_numeric_value(each) for each in (1, 1.5, True, "1", None)],
    ]


# -- collections -----------------------------------------------------------------------------------------------------
@scenario
def objects_are_read_like_dictionaries(e: Side) -> Any:
    c, objects = module(e, "utils.collections"), module(e, "utils.objects")
    view = c.DictAttribute(objects.Bunch(a=1))
    view["b"] = 2
    view.setdefault("a", 9)
    view.c = 3
    entries = {key: view[key] for key in view if not key.startswith("_")}
    both = c.AttributeDict(x=1)
    both.y = 2
    return [
        entries,
        [view.get("z"), view.get("z", 5), "a" in view, "z" in view, view.obj.c, tried(lambda: view["z"])],
        [both.x, both["y"], tried(lambda: both.z)],
        c.force_mapping({"a": 1}),
        type(c.force_mapping(objects.Bunch(a=1))).__name__,
        c.lpmerge({"a": 1, "b": 2}, {"a": None, "b": 3, "c": 4}),
    ]


@scenario
def several_mappings_are_one(e: Side) -> Any:
    c = module(e, "utils.collections")
    chain = c.ChainMap({"a": 1}, {"a": 2, "b": 3})
    chain.add_defaults({"b": 4, "c": 5})
    heard: list[Any] = []
    chain.bind_to(lambda *args, **kwargs: heard.append([args, kwargs]))
    chain.update({"d": 6}, e=7)
    first = [chain["a"], chain["b"], list(chain), dict(chain.items()), list(chain.values()), len(chain), repr(chain)]
    copied = chain.copy()
    copied["a"] = 99
    errors = [tried(lambda: chain["z"]), tried(lambda: chain.pop("b")), tried(lambda: chain.__delitem__("b"))]
    gone = [chain.pop("d"), chain.pop("zz", 3), chain.setdefault("e", 1), "e" in chain, bool(c.ChainMap())]
    upper = c.ChainMap({"A": 1}, key_t=lambda key: key.upper())
    return [first, heard, copied["a"], chain["a"], errors, gone, upper["a"], dict(c.ChainMap.fromkeys("ab", 1).items())]


@scenario
def a_configuration_is_looked_up_in_layers(e: Side) -> Any:
    c = module(e, "utils.collections")
    view = c.ConfigurationView(
        {"changed": 1}, [{"changed": 2, "CELERY_OLD": 3}, {"default": 4}], keys=[str.lower], prefix="CELERY"
    )
    view.new = 5
    other = c.ConfigurationView({"x": 1})
    told = [
        view.changed,
        view["old"],
        view.CELERY_OLD,
        view.DEFAULT,
        view.first("nothing", "default"),
        "old" in view,
        "zz" in view,
        view.get("zz", 7),
        tried(lambda: view["zz"]),
        tried(lambda: view.zz),
        view.changes,
        sorted(view.keys()),
    ]
    view.swap_with(other)
    copied = other.copy()
    copied["x"] = 2
    other.clear()
    return [told, view.get("x"), copied.x, dict(copied), list(other)]


@scenario
def a_limited_set_forgets(e: Side) -> Any:
    kind = module(e, "utils.collections").LimitedSet
    full = kind(maxlen=3)
    for letter in "abcad":
        full.add(letter)
    old = kind(maxlen=9, expires=10, minlen=1, data={"x": 1.0, "y": 2.0, "z": 100.0})
    old.purge(now=50.0)
    again = kind(maxlen=5)
    again.update(full)
    copied = pickle.loads(pickle.dumps(full))  # noqa: S301 - written in the same line
    return [
        list(full), len(full), "a" in full, repr(full), list(old), list(again), copied == full, bool(kind()),
        again.pop(), list(again), again.discard("a"), list(again), kind().pop("none"),
        tried(lambda: kind(maxlen=1, minlen=2)), tried(lambda: kind(expires=-1)),
    ]  # fmt: skip


@scenario
def buffers_drop_what_does_not_fit(e: Side) -> Any:
    c = module(e, "utils.collections")
    buffer = c.Messagebuffer(3, [1, 2])
    buffer.put(3)
    buffer.put(4)
    buffer.extend([5, 6])
    first = [repr(buffer), buffer.take(), list(reversed(buffer)), buffer[0], 6 in buffer, list(buffer), len(buffer)]
    empty = [buffer.take("default"), type(tried(buffer.take)).__name__]
    buffers = c.BufferMap(4, {"a": [1, 2], "b": [3]})
    for number in range(3):
        buffers.put("b", number)
    rest = [repr(buffers), buffers.total, dict((key, list(value.data)) for key, value in buffers.items())]  # noqa: C402
    return [first, empty, rest, buffers.take("b"), buffers.take("zz", None), type(tried(lambda: buffers.take("z")))]


@scenario
def ordered_dictionaries_know_their_oldest_key(e: Side) -> Any:
    ordered = module(e, "utils.collections").OrderedDict([("a", 1), ("b", 2)])
    before = ordered._LRUkey()
    ordered.move_to_end("a")
    return [before, ordered._LRUkey(), list(ordered)]


# -- objects and imports ---------------------------------------------------------------------------------------------
@scenario
def attributes_are_entries(e: Side) -> Any:
    objects = module(e, "utils.objects")

    class Call(UserDict):
        queue = objects.getitem_property("options.queue", "Where it goes.")
        task = objects.getitem_property("task")

    call = Call(task="add", options={})
    call.queue = "mail"
    return [call.task, call.queue, call["options"], Call.queue, objects.getitem_property("a", "doc").__doc__]


@scenario
def a_context_is_made_when_none_is_given(e: Side) -> Any:
    objects = module(e, "utils.objects")
    told: list[Any] = []

    class Opened:
        def __init__(self, name: str) -> None:
            self.name = name

        def __enter__(self) -> Any:
            return self.name

        def __exit__(self, *error: object) -> None:
            told.append(["closed", self.name])

    with objects.FallbackContext(None, Opened, "made") as made:
        told.append(made)
    with objects.FallbackContext("given", Opened, "made") as given:
        told.append(given)
    return told


@scenario
def a_class_is_found_that_defines_a_name(e: Side) -> Any:
    look = module(e, "utils.objects").mro_lookup

    class A: ...

    class B(A):
        x = 10

    class C(B):
        def y(self) -> None: ...

    return [look(C, "x").__name__, look(C, "z"), look(C, "x", stop={A}).__name__, look(C, "x", stop={B})]


@scenario
def a_property_is_kept(e: Side) -> Any:
    cached = module(e, "utils").cached_property
    told: list[Any] = []

    class Thing:
        @cached
        def slow(self) -> int:
            told.append("made")
            return 1

        @slow.setter
        def slow(self, value: int) -> int:
            told.append(["set", value])
            return value + 1

        @slow.deleter
        def slow(self, value: int) -> None:
            told.append(["deleted", value])

    thing = Thing()
    first = [thing.slow, thing.slow]
    thing.slow = 5
    second = thing.slow
    del thing.slow
    return [first, second, thing.slow, told]


@scenario
def things_are_found_by_name(e: Side) -> Any:
    imports = module(e, "utils.imports")
    return [
        imports.qualname(dict), imports.qualname(EARLY), imports.qualname(Side.app), imports.qualname(json.dumps),
        imports.symbol_by_name("json:dumps") is json.dumps, imports.symbol_by_name("json.dumps") is json.dumps,
        imports.symbol_by_name(3), imports.instantiate("collections.OrderedDict", a=1),
        imports.find_module("json") is json, tried(lambda: imports.find_module("json.dumps.x")),
        tried(lambda: imports.find_module("no_such_module")), imports.import_from_cwd("json") is json,
        imports.module_file(json) == json.__file__, str(Path.cwd()) in sys.path,
        imports.gen_task_name(e.app(), "f", "proj.tasks"), imports.gen_task_name(e.app(), "f", "__main__"),
        imports.gen_task_name(e.app(), "f", None),
    ]  # fmt: skip


# -- time ------------------------------------------------------------------------------------------------------------
@scenario
def spans_are_said_in_words(e: Side) -> Any:
    say = module(e, "utils.time").humanize_seconds
    spans = (0, 0.5, 1, 1.5, 59, 60, 90, 3600, 86400, 100000, 1e7)
    return [[say(each) for each in spans], say(3, "in "), say(0.2, microseconds=True), say(0, now="at once")]


@scenario
def moments_are_read_and_counted(e: Side) -> Any:
    t = module(e, "utils.time")
    return [
        [t.maybe_iso8601(each).isoformat() for each in ("2030-01-02T03:04:05Z", "2030-01-02T03:04:05.5+02:00", EARLY)],
        t.maybe_iso8601(None),
        [t.maybe_timedelta(each) for each in (5, 1.5, dt.timedelta(1), None)],
        [t.rate(each) for each in ("10/m", "2/h", "0.5/s", "3", 7, None, "")],
        tried(lambda: t.rate("10/x")),
        [t.weekday("sun"), t.weekday("Monday"), tried(lambda: t.weekday("x")), t.yearmonth("Feb")],
        [t.is_naive(EARLY), t.is_naive(EARLY.replace(tzinfo=None))],
        t.to_utc(EARLY.replace(tzinfo=None)),
        t.make_aware(EARLY.replace(tzinfo=None), dt.UTC),
        t.localize(EARLY, t.timezone.get_timezone("Europe/Berlin")).isoformat(),
        t.delta_resolution(EARLY, dt.timedelta(days=2)),
        t.delta_resolution(EARLY, dt.timedelta(hours=2)),
        t.remaining(EARLY, dt.timedelta(seconds=30), EARLY + dt.timedelta(seconds=10)).total_seconds(),
        t.adjust_timestamp(1000.0, 2, here=lambda: 1),
        [t.get_exponential_backoff_interval(2, tried_, 50) for tried_ in range(7)],
    ]


# -- exceptions that travel ------------------------------------------------------------------------------------------
class Odd(Exception):
    """Cannot be made again from its arguments."""

    def __init__(self, a: Any, b: Any) -> None:
        super().__init__("odd")


class Even(ValueError):
    """Can be."""


@scenario
def exceptions_are_made_to_travel(e: Side) -> Any:
    s = module(e, "utils.serialization")
    odd, even = Odd(1, 2), Even(3)
    wrapped = s.get_pickleable_exception(odd)
    there = pickle.loads(pickle.dumps(wrapped))  # noqa: S301 - written in the same line
    back = s.get_pickled_exception(there)
    return [
        type(wrapped).__name__, str(wrapped), [there.exc_cls_name, there.exc_args], type(back).__name__, back.args,
        s.get_pickleable_exception(even) is even, s.find_pickleable_exception(even).args,
        s.find_pickleable_exception(odd), s.create_exception_cls("E", "m").__module__,
        s.subclass_exception("F", KeyError, "m").__mro__[1] is KeyError, s.get_pickleable_etype(Even) is Even,
        s.ensure_serializable([1, {2}], json.dumps), [each.__name__ for each in s.itermro(Even, {Exception, object})],
    ]  # fmt: skip


@scenario
def values_are_made_into_json(e: Side) -> Any:
    s = module(e, "utils.serialization")
    value = {
        "moment": EARLY, "plain": EARLY.replace(microsecond=0), "day": EARLY.date(), "time": EARLY.time(),
        "span": dt.timedelta(hours=1), "list": [1, (2.5, None)], "skip": 1,
    }  # fmt: skip
    return [
        s.jsonify(value, keyfilter=lambda key: key != "skip"),
        tried(lambda: s.jsonify({"x": object})),
        s.jsonify([object], unknown_type_filter=lambda each: each.__name__),
        [s.b64encode("a b"), s.b64decode(s.b64encode(b"a b"))],
        [s.strtobool(each) for each in ("yes", "OFF", "1", 3)],
        tried(lambda: s.strtobool("maybe")),
    ]


# -- names of nodes, logging, graphs ---------------------------------------------------------------------------------
@scenario
def nodes_are_named(e: Side) -> Any:
    n = module(e, "utils.nodenames")
    queue = n.worker_direct("w1@example.com")
    return [
        n.nodename("w1", "example.com"), n.nodesplit("w1@example.com"), n.nodesplit("example.com"),
        n.default_nodename("w1@example.com"), n.default_nodename("@example.com"),
        n.node_format("%n-%h-%d-%p-%i%I", "w1@box.example.com"), n.host_format("%n %h %d", "box.example.com"),
        [queue.name, queue.exchange.name, queue.routing_key], n.worker_direct(queue) is queue,
    ]  # fmt: skip


@scenario
def loggers_have_their_parents(e: Side) -> Any:
    log = module(e, "utils.log")
    mine = log.get_task_logger("surface.tasks")
    return [
        mine.name, mine.parent.name, log.get_logger("surface.other").parent.name, log.base_logger.name,
        log.logger_isa(mine, logging.getLogger("celery")), log.logger_isa(logging.getLogger("elsewhere"), mine),
        tried(lambda: log.get_task_logger("celery")), [log.mlevel(each) for each in ("info", 10, None, 0)],
        tried(lambda: log.mlevel("loud")), log.LOG_LEVELS["ERROR"], log.LOG_LEVELS[50],
    ]  # fmt: skip


@scenario
def graphs_are_sorted_and_drawn(e: Side) -> Any:
    g = module(e, "utils.graph")
    graph = g.DependencyGraph([("A", []), ("B", []), ("C", ["A"]), ("D", ["C", "B"])])
    file = io.StringIO()
    graph.to_dot(file)
    other = g.DependencyGraph()
    other.add_arc("E")
    graph.connect(other)
    knot = g.DependencyGraph([("x", ["y"]), ("y", ["x"]), ("z", ["x"])])
    own = io.StringIO()
    graph.to_dot(own, formatter=g.GraphFormatter(type="graph", id="mine", indent=1, shape="circle"))
    return [
        graph.topsort(), knot.topsort(), [graph.valency_of(each) for each in "ABCDEZ"], list(graph.edges()),
        dict(graph.items()), repr(graph), len(graph), "E" in graph, file.getvalue(), own.getvalue(),
    ]  # fmt: skip


# -- the app ---------------------------------------------------------------------------------------------------------
@scenario
def an_app_is_pickled(e: Side) -> Any:
    app = e.app(namespace="CELERY", task_serializer="yaml")
    app.conf.worker_concurrency = 3
    again = pickle.loads(pickle.dumps(app))  # noqa: S301 - written in the same line
    keys = app.__reduce_keys__()
    return [
        again.main, again.namespace, again.conf.task_serializer, again.conf.worker_concurrency, again.set_as_current,
        sorted(keys), keys["main"], keys["changes"]["worker_concurrency"],
    ]  # fmt: skip


@scenario
def classes_are_bound_to_an_app(e: Side) -> Any:
    app = e.app()
    result, group = app.AsyncResult("a"), app.GroupResult("g", [])
    return [
        app.AsyncResult.app is app, app.AsyncResult.__name__, type(result).__mro__[1] is e.results.AsyncResult,
        app.GroupResult.app is app, group.id, app.ResultSet.__name__, app.Task._app is app, app.Task.abstract,
        app.subclass_with_self(e.task.Task, name="Own", attribute="_app", keep_reduce=True, x=1).x,
        app.AsyncResult is app.AsyncResult,
    ]  # fmt: skip


@scenario
def loaders_import_and_read(e: Side) -> Any:
    base = module(e, "loaders.base")

    class Mine(base.BaseLoader):
        def read_configuration(self, env: str = "X") -> Any:
            return {"task_serializer": "yaml"}

    app = e.root.Celery("proj", loader=Mine, set_as_current=False)
    plain = e.app()
    plain.loader.import_task_module("json")
    imported = sorted(plain.loader.task_modules)
    return [
        type(app.loader).__name__, app.conf.task_serializer, type(plain.loader).__name__, imported,
        plain.loader.import_module("json") is json, plain.loader.builtin_modules, plain.loader.default_modules,
        plain.loader.cmdline_config_parser(["worker.prefetch_multiplier=2"]),
        tried(lambda: plain.loader.cmdline_config_parser(["broker.port=foobar"])),
        tried(lambda: plain.autodiscover_tasks(["no_such_package"], force=True)),
        plain.autodiscover_tasks(["json"], related_name="decoder", force=True), sorted(plain.loader.task_modules),
    ]  # fmt: skip


@scenario
def settings_are_chosen(e: Side) -> Any:
    app = e.app()
    return [
        app.either("worker_prefetch_multiplier", None, 7), app.either("worker_prefetch_multiplier", None),
        app.uses_utc_timezone(), app.strict_typing, dict(app.user_options), dict(app.steps), app.namespace,
        module(e, "app.utils").appstr(app).partition(" at ")[0], app.annotations,
    ]  # fmt: skip


@scenario
def a_report_hides_passwords(e: Side) -> Any:
    app = e.app()
    app.conf.update(result_backend="redis://user:secret@localhost:6379/0", security_key="secret")
    lines = app.bugreport().splitlines()
    told = [line for line in lines if line.startswith(("settings", "security_key"))]
    return [told, "secret" in app.bugreport().replace("security", ""), len(lines) > 6]


@scenario
def annotations_are_prepared(e: Side) -> Any:
    a = module(e, "app.annotations")
    app = e.app()
    task = app.task(name="proj.add")(lambda_free)

    class Own:
        def annotate(self, task: Any) -> Any:
            return {"own": task.name}

    prepared = a.prepare([{"proj.add": {"rate_limit": "1/s"}, "*": {"x": 1}}, Own()])
    return [
        a.prepare(None), list(a.resolve_all(prepared, task)), a.MapAnnotation({"*": {"x": 1}}).annotate_any(),
        a.MapAnnotation({"y": {"x": 1}}).annotate(task), type(a.prepare({"a": 1})[0]).__name__,
    ]  # fmt: skip


def lambda_free() -> None:
    """Do nothing under a name of its own."""


@scenario
def a_worker_for_tests_works(e: Side) -> Any:
    testing, apps = module(e, "contrib.testing.worker"), module(e, "contrib.testing.app")
    app = apps.TestApp(config={"broker_transport_options": {"polling_interval": 0.005}})
    task = app.task(name="twice")(twice)
    heard: list[Any] = []
    for name in ("starting", "started", "stopped"):
        signal = getattr(testing, f"test_worker_{name}")
        signal.connect(lambda name=name, **said: heard.append([name, sorted(said)]), weak=False, dispatch_uid=name)
    with apps.setup_default_app(app), testing.start_worker(app):
        value = got(task.delay(4))
    return [value, heard, app.conf.timezone, app.conf.accept_content]


def twice(x: int) -> int:
    """Return double the number."""
    return 2 * x


@scenario
def a_trap_catches_who_uses_the_current_app(e: Side) -> Any:
    apps = module(e, "contrib.testing.app")
    app = apps.TestApp()
    with redirect_stdout(io.StringIO()), apps.setup_default_app(app, use_trap=True):  # Celery's trap prints
        trapped = tried(lambda: e.root.current_app.conf)
    return [trapped, app.conf.broker_url]


@scenario
def a_task_can_be_asked_to_stop(e: Side) -> Any:
    abortable = module(e, "contrib.abortable")
    app = e.app()

    def work(self: Any) -> Any:
        mine = self.AsyncResult(self.request.id)
        before = self.is_aborted()
        mine.abort()
        return [before, self.is_aborted(), mine.state]

    task = app.task(name="w", bind=True, base=abortable.AbortableTask)(work)
    with e.working(app):
        result = task.delay()
        value = got(result)
    unknown = task.AsyncResult("nobody")
    unknown.abort()
    return [value, result.state, unknown.is_aborted(), type(unknown).__name__, task.is_aborted(task_id="nobody")]


@scenario
def shared_tasks_are_refused_twice(e: Side) -> Any:
    return [
        tried(lambda: e.root.shared_task(e.root.shared_task(twice))),
        warned(lambda: e.root.shared_task(name="x")(twice).name),
    ]


@scenario
def messaging_of_ones_own_is_asked_to_send(e: Side) -> Any:
    told: list[Any] = []
    app = e.app()
    send = app.amqp.send_task_message

    def tell(producer: Any, name: str, message: Any, **options: Any) -> Any:
        headers = {word: message.headers[word] for word in ("task", "eta", "retries", "shadow", "ignore_result")}
        shown = {word: getattr(value, "name", value) for word, value in options.items()}
        told.append([name, headers, message.body, dict(sorted(shown.items()))])
        return send(producer, name, message, **options)

    app.amqp.send_task_message = tell

    @app.task(name="add", serializer="json", time_limit=30)
    def add(x: int, y: int) -> int:
        return x + y

    with e.working(app):
        values = [
            got(add.delay(2, 2)),
            got(add.apply_async((2, 3), shadow="sum", priority=4, headers={"from": "here"})),
            got(app.send_task("add", (3, 3), expires=600, link=add.s(1))),
        ]
    return [values, told]


@scenario
def messages_are_mocked(e: Side) -> Any:
    mocks, app = module(e, "contrib.testing.mocks"), e.app()
    add = app.task(name="add")(twice)
    messages = (
        mocks.TaskMessage("add", id="one", args=(2, 2), kwargs={"key": 1}, shadow="sum", retries=2),
        mocks.TaskMessage1("add", id="two", args=(2, 2), callbacks=[add.s(1)], eta="soon"),
        mocks.task_message_from_sig(app, add.s(2, 2).set(task_id="three", link=[add.s(1)], queue="q", eta=EARLY)),
    )
    found = [[each.headers, each.payload, json.loads(each.body), each.content_type] for each in messages]
    with mocks.ContextMock(name="m") as entered:
        entered.greet(1)
    return [found, entered.greet.call_args.args, entered.__exit__.call_count]


@scenario
def a_task_is_made_current_by_hand(e: Side) -> Any:
    state, app = module(e, "_state"), e.app()
    task = app.task(name="t", bind=True)(twice)
    state.push_current_task(task)
    try:
        task.push_request(id="one", called_directly=False)
        current = [app.current_task.name, app.current_worker_task.name, len(state._task_stack)]
        task.pop_request()
    finally:
        ended = state.pop_current_task()
    return [current[:2], ended == task, state.get_current_task()]


@scenario
def delays_are_told_by_routing_keys(e: Side) -> Any:
    quorum = module(e, "utils.quorum_queues").detect_quorum_queues
    app = e.app(task_default_queue_type="quorum", task_default_exchange_type="topic")
    return [quorum(app, "amqp"), quorum(app, "memory"), quorum(e.app(), "amqp")]
