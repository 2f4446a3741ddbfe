"""Canvases on paper: how they look, what ``|`` makes of them, how they are copied, frozen, stamped, written as JSON."""

from __future__ import annotations

import copy
import json
import pickle
import warnings
from typing import Any

from canvas_means import Names, canvas, tasks, tree
from core_means import Side, scenario, shown, tried, warned


@scenario
def canvases_are_shown_as_they_would_be_typed(e: Side) -> Any:
    _, add, tsum = tasks(e)
    chain, group, chord = e.root.chain, e.root.group, e.root.chord
    calls = [
        add.s(2, 2),
        add.s(2, y=3),
        add.s("a", [1]),
        add.si(),
        chain(add.s(2, 2), add.s(4)),
        chain(),
        chain([]),
        chain(add.s(1, 1)),
        group(add.s(i, i) for i in range(5)),
        group(add.s(i, i) for i in range(1)),
        group([add.s(1, 1), add.s(2, 2)]),
        group(add.s(1, 1), add.s(2, 2)),
        group(),
        group([]),
        chord([add.s(1, 1), add.s(2, 2)], tsum.s()),
        group(add.s(1, 1), add.s(2, 2)) | tsum.s(),
        chord([add.s(1, 1)]),
        chord([add.s(1, 1)], tsum.s()) | add.s(1),
        chord([add.s(1, 1)], tsum.s()) | add.s(1) | add.s(2),
        chord([], tsum.s()),
        chord((add.s(i, i) for i in range(4)), tsum.s()),
        add.starmap([(1, 2), (3, 4)]),
        tsum.map([[1, 2], [3, 4]]),
        add.starmap([(i, i) for i in range(40)]),
        add.chunks([(1, 2), (3, 4)], 2),
        add.s(1, 1) | group(add.s(2), add.s(3)) | tsum.s() | add.s(4),
    ]
    return [[type(call).__name__, repr(call)] for call in calls]


@scenario
def a_signature_is_a_dictionary_of_six_keys(e: Side) -> Any:
    app, add, _ = tasks(e)
    plain = e.root.signature("proj.add", args=(2, 2), countdown=3, app=app)
    asked = e.root.Signature("proj.add", [1], {"y": 2}, {"queue": "q"}, immutable=True, priority=5)
    return [
        dict(add.s(2, 2)),
        dict(plain),
        dict(asked),
        list(add.s(1)),
        dict(app.signature("no.such", (1,))),
        [plain.task, plain.args, plain.kwargs, plain.options, plain.subtask_type, plain.immutable, plain.name],
        [plain.id, plain.root_id, plain.parent_id],
        sorted(e.root.Signature.TYPES),
        add.s(1) == e.root.signature("proj.add", (1,)),
        e.root.signature(add.s(1)) == add.s(1),
        e.root.subtask is e.root.signature,
    ]


@scenario
def arguments_are_put_in_front_and_keywords_laid_over(e: Side) -> Any:
    _, add, _ = tasks(e)
    call = add.s(4, y=1)
    copied = call.clone((2,), {"y": 5}, countdown=3)
    fixed = add.si(2, 2)
    replaced = call.replace(args=(9,), kwargs={"z": 1}, options={"queue": "q"})
    return [
        dict(copied),
        dict(call),
        dict(fixed.clone((9,), {"x": 1}, countdown=1)),
        [add.s(4)(3), add.si(2, 3)(99, x=1), add.s(1, y=2)(y=5)],
        dict(replaced),
        dict(call.replace()),
        call.reprcall(1, z=2),
        fixed.reprcall(1),
        call.partial((1,)).args,
        call.set(immutable=True).immutable,
        call.set(countdown=1) is call,
        call.options,
    ]


@scenario
def a_signature_whose_task_is_unknown(e: Side) -> Any:
    app, _, _ = tasks(e)
    call = app.signature("no.such", (1,))
    result = call.freeze()
    return [
        tried(lambda: call.type),
        tried(call),
        tried(call.apply),
        type(result).__name__,
        call.delay().state,
    ]


@scenario
def links_are_kept_once_and_hand_back_what_they_were_given(e: Side) -> Any:
    _, add, tsum = tasks(e)
    call, callback, errback = add.s(1, 1), tsum.s(), tsum.si([1])
    answers = [
        call.link(callback) is callback,
        call.link(tsum.s()) == callback,
        call.link_error(errback) is errback,
        call.on_error(errback) is call,
    ]
    single = e.root.Signature("proj.add", link=add.s(1))
    single.link(add.s(2))
    chained = add.s(1, 1)
    chained.link(add.s(2)).link(add.s(3))
    call.extend_list_option("link", add.s(7))
    return [answers, dict(call), dict(single), [repr(each) for each in chained.flatten_links()]]


@scenario
def a_task_or_a_group_after_something(e: Side) -> Any:
    _, add, tsum = tasks(e)
    group, chain, chord = e.root.group, e.root.chain, e.root.chord
    pair = group([add.s(1, 1), add.s(2, 2)])
    made = {
        "task task": add.s(1, 1) | add.s(2),
        "task chain": add.s(1, 1) | (add.s(2) | add.s(3)),
        "task chain of one": add.s(1, 1) | chain(add.s(2)),
        "task group": add.s(1, 1) | group([add.s(2), add.s(3)]),
        "task group of one": add.s(1, 1) | group([add.s(2)]),
        "task empty group": add.s(1, 1) | group([]),
        "task chord": add.s(1, 1) | chord([add.s(2)], tsum.s()),
        "chain task": chain(add.s(1, 1), add.s(2)) | add.s(3),
        "chain chain": chain(add.s(1, 1), add.s(2)) | chain(add.s(3), add.s(4)),
        "chain group": chain(add.s(1, 1), add.s(2)) | group([add.s(3), add.s(4)]),
        "chain group of one": chain(add.s(1, 1), add.s(2)) | group([add.s(3)]),
        "chain empty group": chain(add.s(1, 1), add.s(2)) | group([]),
        "empty chain group": chain() | pair,
        "empty chain task": chain() | add.s(1, 1),
        "chain group task": add.s(1, 1) | group([add.s(2), add.s(3)]) | tsum.s(),
        "chain chord task": chain(chord([add.s(1, 1)], tsum.s())) | add.s(1),
        "group task": pair | tsum.s(),
        "group group": pair | group([tsum.s(), tsum.s()]),
        "group empty group": pair | group([]),
        "group chain": pair | (tsum.s() | add.s(1)),
        "group chord": pair | chord([tsum.s()], tsum.s()),
        "group none": group([]) | tsum.s(),
        "chord task": chord(pair, tsum.s()) | add.s(1),
        "chord chain": chord(pair, tsum.s()) | (add.s(1) | add.s(2)),
        "chord group": chord(pair, tsum.s()) | group([add.s(1), add.s(2)]),
        "chord group of one": chord(pair, tsum.s()) | group([add.s(1)]),
        "chord chord": chord(pair, tsum.s()) | chord([add.s(1)], tsum.s()),
        "chord group task": chord(pair, tsum.s()) | group([add.s(1), add.s(2)]) | tsum.s(),
        "three groups": pair | group([tsum.s(), tsum.s()]) | group([tsum.s(), tsum.s()]),
    }
    return {name: [type(call).__name__, repr(call), shown(call)] for name, call in made.items()}


@scenario
def chain_joins_as_the_bar_does(e: Side) -> Any:
    _, add, tsum = tasks(e)
    group, chain, chord = e.root.group, e.root.chain, e.root.chord
    last = add.s(9)
    made = [
        chain(add.s(1, 1), add.s(2), add.s(3)),
        chain([add.s(1, 1), add.s(2)]),
        chain(add.s(i) for i in range(4)),
        chain(chain(add.s(1, 1), add.s(2)), chain(add.s(3), add.s(4))),
        chain(group([add.s(1, 1), add.s(2, 2)]), tsum.s()),
        chain(group([add.s(1, 1), add.s(2, 2)]), tsum.s(), add.s(1)),
        chain(group([add.s(1, 1)]), add.s(2)),
        chain(add.s(1, 1), group([]), add.s(2)),
        chain(group([]), add.s(1, 1)),
        chain(group([]), group([add.s(1, 1), add.s(2, 2)])),
        chain(chord([add.s(1, 1)], tsum.s()), add.s(1), group([add.s(2), add.s(3)])),
        chain(chord([add.s(1, 1)], tsum.s()), chord([add.s(1)], tsum.s())),
        chain(add.s(1, 1), group([add.s(2), add.s(3)]), group([tsum.s(), tsum.s()]), tsum.s()),
        chain(add.s(1, 1), add.s(2), task_id="mine"),
        chain(group([add.s(1, 1), add.s(2, 2)]), tsum.s(), task_id="mine"),
    ]
    return [
        [[type(call).__name__, repr(call), shown(call)] for call in made],
        chain(add.s(1, 1), last).tasks[-1] is last,
        [tried(lambda: chain(add.s(1, 1), 3)), tried(lambda: add.s(1) | 3), tried(lambda: chain(add.s(1), None))],
    ]


@scenario
def links_of_an_inner_chain_stay_with_its_tasks(e: Side) -> Any:
    _, add, tsum = tasks(e)
    inner = e.root.chain(add.s(1, 1), add.s(2))
    inner.link(tsum.s())
    inner.link_error(tsum.si([1]))
    outer = e.root.chain(inner, add.s(3))
    front = add.s(0, 0) | inner
    return [dict(inner), dict(outer), dict(front), [dict(task) for task in inner.unchain_tasks()]]


@scenario
def canvases_go_through_json_and_come_back(e: Side) -> Any:
    app, add, tsum = tasks(e)
    group, chain, chord = e.root.group, e.root.chain, e.root.chord
    made = [
        add.s(1, 2),
        chain(add.s(1, 1), add.s(2)),
        group([add.s(1, 1), add.s(2, 2)]),
        chord([add.s(1, 1), add.s(2, 2)], tsum.s()),
        chord(group(add.s(i, i) for i in range(3)), chain(tsum.s(), add.s(1))),
        chain(add.s(1, 1), group([add.s(1), chain(add.s(2), add.s(3))]), tsum.s()),
        group([group([add.s(1, 1)]), chord([add.s(2, 2)], tsum.s())]),
        add.starmap([(1, 2)]),
        tsum.map([[1]]),
        add.chunks([(1, 2), (3, 4)], 1),
    ]
    answers = []
    for call in made:
        text = json.dumps(call)
        again = canvas(e).maybe_signature(json.loads(text), app=app)
        answers.append([json.loads(text), type(again).__name__, repr(again), json.dumps(again) == text])
    return answers


@scenario
def canvases_go_through_pickle_and_copies(e: Side) -> Any:
    _, add, tsum = tasks(e, set_as_current=True)
    group, chain, chord = e.root.group, e.root.chain, e.root.chord
    made = [
        add.s(1, 2),
        chain(add.s(1, 1), add.s(2)),
        group(add.s(i, i) for i in range(2)),
        chord([add.s(1, 1)], tsum.s()),
    ]
    answers = []
    for call in made:
        again = pickle.loads(pickle.dumps(call))  # noqa: S301 - what was pickled a moment ago
        deep = copy.deepcopy(call)
        answers.append([type(again).__name__, repr(again), type(deep).__name__, shown(deep)])
    linked = add.s(1, 1)
    linked.link(tsum.s())
    copied = linked.clone()
    copied.options["link"][0]["options"]["queue"] = "q"
    return [answers, dict(linked), dict(copied), type(copied.options["link"][0]).__name__]


@scenario
def types_of_ones_own_come_back_as_themselves(e: Side) -> Any:
    _, add, tsum = tasks(e)
    module = canvas(e)

    @e.root.Signature.register_type()
    class row(e.root.chain):  # noqa: N801 - as chain is
        def __init__(self, *tasks: Any, **options: Any) -> None:
            super().__init__(*tasks, **options)
            self.subtask_type = "row"

    @e.root.Signature.register_type("heap")
    class pile(e.root.group):  # noqa: N801 - as group is
        def __init__(self, *tasks: Any, **options: Any) -> None:
            super().__init__(*tasks, **options)
            self.subtask_type = "heap"

    try:
        first = row(add.s(1, 1), add.s(2))
        second = pile([add.s(1, 1), add.s(2, 2)])
        return [
            [type(first).__name__, repr(first), type(first | add.s(3)).__name__, type(first.clone()).__name__],
            type(module.signature(json.loads(json.dumps(first)))).__name__,
            [type(second).__name__, repr(second), type(second | tsum.s()).__name__, type(second.clone()).__name__],
            type(module.signature(json.loads(json.dumps(second)))).__name__,
            tried(lambda: e.root.Signature.from_dict({"subtask_type": "none"})),
        ]
    finally:
        del e.root.Signature.TYPES["row"], e.root.Signature.TYPES["heap"]


@scenario
def frozen_signatures_know_who_they_will_be(e: Side) -> Any:
    app, add, _ = tasks(e)
    names = Names()
    call = add.s(1, 1)
    result = call.freeze()
    same = call.freeze("other", group_id="g", root_id="r", parent_id="p", group_index=0)
    again = call.freeze(group_id="h", group_index=4, chord=add.s(3))
    given = add.s(1, 1).freeze("mine")
    return [
        type(result).__name__,
        [result.id == same.id == again.id, given.id],
        names(dict(call)),
        call.options["reply_to"] == app.thread_oid,
        [call.id == result.id, call.root_id, call.parent_id],
        tried(lambda: add.s(1).set(task_id=None).freeze()),
    ]


@scenario
def frozen_chains_are_rows_of_parents(e: Side) -> Any:
    _, add, tsum = tasks(e)
    group, chain, chord = e.root.group, e.root.chain, e.root.chord
    answers = []
    for call in (
        chain(add.s(1, 1)),
        chain(add.s(1, 1), add.s(2), add.s(3)),
        chain(add.s(1, 1), group([add.s(2), add.s(3)])),
        chain(add.s(1, 1), group([add.s(2), add.s(3)]), tsum.s()),
        chain(add.s(1, 1), group([add.s(2), add.s(3)]), tsum.s(), add.s(4)),
        chain(group([add.s(1, 1), add.s(2, 2)]), tsum.s(), add.s(4), add.s(5)),
        chain(add.s(1, 1), chord([add.s(2), add.s(3)], tsum.s() | add.s(4)), add.s(5)),
        chain(add.s(1, 1), group([add.s(2)]), group([add.s(3), add.s(4)]), group([tsum.s()]), tsum.s()),
        chain(add.s(1, 1), add.s(2), task_id="mine"),
        chain(add.s(0, 0), group([add.s(1), add.s(2)]), group([tsum.s(), tsum.s()]), tsum.s(), task_id="mine"),
    ):
        names = Names()
        written = call.id
        result = call.freeze()
        answers.append([written, tree(result, names), names(call.id), names(call), names(result.as_tuple())])
    return answers


@scenario
def frozen_groups_and_chords(e: Side) -> Any:
    _, add, tsum = tasks(e)
    group, chain, chord = e.root.group, e.root.chain, e.root.chord
    answers = []
    for call in (
        group([add.s(1, 1), add.s(2, 2)]),
        group(add.s(1, 1), add.s(2, 2)),
        group(add.s(i, i) for i in range(3)),
        group([]),
        group([group([add.s(1, 1), add.s(2, 2)]), add.s(3, 3)]),
        group([chain(), add.s(1, 1)]),
        group([chain(add.s(1, 1), add.s(2)), chord([add.s(3, 3)], tsum.s())]),
        chord([add.s(1, 1), add.s(2, 2)], tsum.s()),
        chord([add.s(1, 1), add.s(2, 2)], tsum.s() | add.s(3)),
        chord([add.s(1, 1), add.s(2, 2)], group([tsum.s(), tsum.s()])),
        chord([chord([add.s(1, 1)], tsum.s()), add.s(2, 2)], tsum.s()),
        chord([add.s(1, 1)], chord([tsum.s(), tsum.s()], tsum.s())),
        chord([add.s(1, 1)]),
        chord([], tsum.s()),
    ):
        names = Names()
        result = call.freeze(root_id="r", group_index=3)
        answers.append([tree(result, names), names(call)])
    return answers


@scenario
def what_cannot_be_frozen(e: Side) -> Any:
    _, add, tsum = tasks(e)
    module = canvas(e)
    with_none = e.root.chain(None)
    return [
        tried(lambda: e.root.chain().freeze()),
        tried(lambda: repr(with_none)),
        tried(lambda: repr(e.root.group(None))),
        tried(lambda: e.root.group([None]).freeze()),
        tried(lambda: e.root.chord(None, tsum.s())),
        tried(lambda: module.maybe_signature(None)),
        tried(lambda: module.maybe_signature(3)),
        tried(lambda: module.maybe_signature([add.s(1)])),
        tried(lambda: e.root.group([add.s(1, 1)]).apply_async(link=add.s(1))),
        tried(lambda: e.root.group([add.s(1, 1)]).apply_async(link_error=add.s(1))),
        tried(lambda: e.root.group([add.s(1, 1)]) | 3),
        tried(lambda: e.root.chord([add.s(1, 1)], tsum.s()) | 3),
    ]


@scenario
def groups_are_laid_out_in_time(e: Side) -> Any:
    _, add, _ = tasks(e)
    answers = []
    for arguments in ({}, {"start": 1, "stop": 9, "step": 3}, {"start": 2, "stop": 1}, {"stop": 2}, {"step": 0.5}):
        group = e.root.group(add.s(i, i) for i in range(4))
        same = group.skew(**arguments) is group
        answers.append([same, [task.options for task in group.tasks]])
    return answers


@scenario
def groups_hand_links_and_immutability_on(e: Side) -> Any:
    _, add, tsum = tasks(e)
    group = e.root.group([add.s(1, 1), add.s(2, 2)])
    linked = group.link(tsum.s())
    errors = group.link_error(tsum.s())
    group.set(immutable=True)
    chord = e.root.chord([add.s(1, 1), add.s(2, 2)], add.s(3))
    chord.set(immutable=True)
    back = chord.link(tsum.s())
    return [shown(group), shown(linked), shown(errors), len(group), shown(chord), shown(back)]


@scenario
def errbacks_of_a_chord_are_its_bodys(e: Side) -> Any:
    answers = []
    for allowed in (False, True):
        app, add, tsum = tasks(e)
        app.conf.task_allow_error_cb_on_chord_header = allowed
        nested = e.root.chord([add.s(1, 1), e.root.chord([add.s(2, 2)], tsum.s(), app=app)], tsum.s(), app=app)
        told = warned(lambda nested=nested, add=add: nested.link_error(add.si(0, 0)))
        answers.append([told, shown(nested)])
    return answers


@scenario
def headers_take_many_forms(e: Side) -> Any:
    app, add, tsum = tasks(e)
    group, chain, chord = e.root.group, e.root.chain, e.root.chord
    headers = [
        [add.s(1, 1)],
        (add.s(1, 1), add.s(2, 2)),
        add.s(1, 1),
        group([add.s(1, 1), add.s(2, 2)]),
        chain(add.s(1, 1), add.s(2)),
        (add.s(i, i) for i in range(2)),
        dict(add.s(1, 1)),
        dict(group([add.s(1, 1)])),
        [dict(add.s(1, 1))],
    ]
    return [
        [type(made.tasks).__name__, shown(made.tasks), made.__length_hint__()]
        for made in (chord(header, tsum.s(), app=app) for header in headers)
    ]


@scenario
def the_size_of_a_chord(e: Side) -> Any:
    _, add, tsum = tasks(e)
    group, chain, chord = e.root.group, e.root.chain, e.root.chord
    many = group([add.s()] * 4)
    headers = [
        [add.s()],
        group([add.s()] * 42),
        [chain([add.s()] * 42)],
        [add.s() | many] * 2,
        [many | add.s()] * 2,
        [chain(add.s(), many, group([]))],
        [chord([add.s()], tsum.s()), add.s()],
        [chord([add.s()], group([tsum.s(), tsum.s()]))],
        [group([add.s(), group([add.s(), add.s()])])],
        [chain()],
    ]
    return [chord(header, tsum.s()).__length_hint__() for header in headers]


class _Telling:
    """Makes a visitor that tells what it is asked, and answers with stamps."""

    def __new__(cls, e: Side, told: list[Any], answer: Any) -> Any:
        """Return the visitor."""
        base = canvas(e).StampingVisitor

        def method(name: str) -> Any:
            def visit(self: Any, part: Any, **headers: Any) -> Any:
                stamps = {key: sorted(value) if key == "stamped_headers" else value for key, value in headers.items()}
                told.append([name, repr(part), stamps])
                if name == "on_chord_header_start":
                    base.on_chord_header_start(self, part, **headers)
                return answer(name)

            return visit

        names = [name for name in vars(base) if name.startswith("on_")]
        return type("Visitor", (base,), {name: method(name) for name in names})()


def _sorted_stamps(value: Any) -> Any:
    if isinstance(value, dict):
        found = {key: _sorted_stamps(entry) for key, entry in value.items()}
        if "stamped_headers" in found:
            found["stamped_headers"] = sorted(found["stamped_headers"])
        return found
    return [_sorted_stamps(entry) for entry in value] if isinstance(value, list | tuple) else shown(value)


@scenario
def stamps_are_options_with_their_names(e: Side) -> Any:
    _, add, tsum = tasks(e)
    first = add.s(1, 1)
    back = first.stamp(a=1) is first
    first.stamp(b=[2])
    first.stamp(a=3)
    second = add.s(1, 1)
    second.stamp(a=1)
    second.stamp(append_stamps=True, a=2)
    second.stamp(append_stamps=True, a=[3], c={"d": 1})
    third = add.s(1, 1)
    third.link(tsum.s())
    third.link_error(tsum.si([1]))
    third.stamp(a=1)
    merged = first.clone(countdown=2, a=9, stamped_headers=["z"])
    return [back, *(_sorted_stamps(call) for call in (first, second, third, merged))]


@scenario
def a_visitor_is_led_through_the_whole_canvas(e: Side) -> Any:
    _, add, tsum = tasks(e)
    group, chain, chord = e.root.group, e.root.chain, e.root.chord
    answers = []

    def linked() -> Any:
        call = add.s(1, 1)
        call.link(tsum.s())
        call.link_error(tsum.si([1]))
        return call

    for make in (
        linked,
        lambda: chain(linked(), add.s(2)),
        lambda: group([linked(), add.s(2, 2)]),
        lambda: group(add.s(i, i) for i in range(2)),
        lambda: chord([add.s(1, 1), add.s(2, 2)], tsum.s()),
        lambda: chord((add.s(i, i) for i in range(2)), tsum.s() | add.s(1)),
        lambda: chain(add.s(1, 1), group([add.s(2), add.s(3)]), tsum.s()),
    ):
        told: list[Any] = []
        call = make()
        returned = call.stamp(_Telling(e, told, lambda name: {name: True}))
        answers.append([type(returned).__name__, told, _sorted_stamps(json.loads(json.dumps(call)))])
    return answers


@scenario
def a_visitor_may_say_which_stamps_travel(e: Side) -> Any:
    _, add, _ = tasks(e)
    answers = []
    for append in (False, True):
        for stamps in ({"a": 1, "b": 2, "stamped_headers": ["a"]}, {"a": [1, 2]}, {}, None, {"a": {"x": 1}}):
            call = add.s(1, 1)
            call.stamp(a=0)
            call.stamp(_Telling(e, [], lambda _, stamps=stamps: stamps and dict(stamps)), append_stamps=append, c=3)
            answers.append(_sorted_stamps(call))
    return answers


@scenario
def a_visitor_must_answer_for_signatures(e: Side) -> Any:
    base = canvas(e).StampingVisitor
    words = str(tried(base)).replace("'", "")
    return [type(tried(base)).__name__, "on_signature" in words, sorted(n for n in vars(base) if n.startswith("on_"))]


@scenario
def maps_and_chunks_are_immutable_calls(e: Side) -> Any:
    app, add, tsum = tasks(e)
    mapped, stars, parts = (
        tsum.map([[1], [2]]),
        add.starmap([(1, 2)]),
        add.chunks(zip(range(4), range(4), strict=True), 3),
    )
    group = parts.group()
    return [
        dict(mapped),
        dict(stars),
        [type(parts).__name__, parts.task, parts.immutable, parts.kwargs["n"]],
        [type(group).__name__, shown(group)],
        type(e.root.xmap.from_dict(dict(mapped))).__name__,
        dict(e.root.chunks.from_dict(dict(add.chunks([(1, 2)], 1)), app=app)),
        [type(mapped | tsum.s()).__name__, repr(mapped | tsum.s())],
    ]


@scenario
def each_canvas_finds_its_app(e: Side) -> Any:
    app, add, tsum = tasks(e)
    other = e.root.Celery("other", set_as_current=True)
    group, chain, chord = e.root.group, e.root.chain, e.root.chord
    made = [
        add.s(1),
        chain(add.s(1), add.s(2)),
        group([add.s(1)]),
        chord([add.s(1)], tsum.s()),
        chord([], tsum.s()),
        chain(chord([add.s(1)], tsum.s()), add.s(1)),
        chain(),
        group(),
        e.root.signature("proj.add"),
        chain(e.root.signature("proj.add"), app=app),
    ]
    return [[call.app.main, call._app is None] for call in made] + [other.main]


@scenario
def task_attributes_of_the_canvas(e: Side) -> Any:
    _, add, _ = tasks(e)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [
            dict(add.signature((1,), {"y": 2}, countdown=3)),
            dict(add.subtask((1,))),
            dict(add.signature((1,), immutable=True)),
            add.s(1).type is add._get_current_object() if hasattr(add, "_get_current_object") else True,
            sorted(name for name in ("s", "si", "map", "starmap", "chunks", "subtask") if hasattr(add, name)),
        ]
