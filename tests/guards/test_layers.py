"""Imports point down: the picture of the house, held by reading every import."""

from __future__ import annotations

import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from sources import AT_THE_TOP, FOR_TYPES, INSIDE, ROOT, Import, Source, imports, read_package

GROUND: list[set[str]] = [
    {
        "_state",
        "blocking",
        "buffers",
        "calendar",
        "callables",
        "catalogue",
        "dispatch",
        "exceptions",
        "graph",
        "i18n",
        "local",
        "mappings",
        "loggers",
        "messaging_errors",
        "nodes",
        "pickleable",
        "platforms",
        "promises",
        "prose",
        "release",
        "sequences",
        "states",
    },
    {"kernel"},
    {"log"},
]
"""What both towers stand on, lowest first."""

MACHINE: list[set[str]] = [
    {"wire"},
    {"brokers", "backends"},
    {"kombu", "result", "resultset", "schedules", "signals"},
    {"canvas"},
    {"events"},
    {"app"},
    {"worker", "beat", "faults"},
]
"""The tower that does things."""

LOOKING: list[set[str]] = [{"snapshot"}, {"views"}]
"""The tower that looks at what was done."""

ROOF: list[set[str]] = [
    {"lab"},
    {"utils", "contrib", "loaders", "alias"},
    {"__init__", "__main__", "bin", "lessons", "magics", "testing"},
]
"""The lab, where the towers meet, and the desk above it."""

STRANGERS = {frozenset({"brokers", "backends"})}
"""Neighbours on one storey who do not know each other."""

NAMED_IN_TYPES: dict[tuple[str, str], str] = {
    ("_state", "app"): "keeps the current app and task for everybody, and says in its types what it keeps",
    ("backends", "result"): "a result asks its backend to wait for it and hands itself over",
    ("result", "app"): "a result knows the app whose backend has the answer",
    ("canvas", "app"): "a signature knows the app that will send it",
}
"""Rooms that may name a higher room in annotations, which loads nothing: (room, higher room) with the reason."""

INSIDE_FUNCTIONS: dict[tuple[str, str], str] = {}
"""Imports that may wait inside a function: (module, what it imports) with the reason."""

SHARED_LIBRARIES: dict[str, set[str]] = {
    "pytest": {"contrib"},  # Celery's fixtures stand under Celery's path; the plugin that brings them is labq's own
}
"""Libraries that more than one room may name, with the rooms."""

HEAVY_STANDARD = {"asyncio", "sqlite3", "multiprocessing", "socket"}
"""Parts of the standard library that weigh as much as a library and live in one room too."""


def _storey(room: str) -> tuple[str, int]:
    for tower, storeys in (("ground", GROUND), ("machine", MACHINE), ("looking", LOOKING), ("roof", ROOF)):
        for number, rooms in enumerate(storeys):
            if room in rooms:
                return tower, number
    pytest.fail(f"the room {room!r} has no place in the picture of the house: give it one in {Path(__file__).name}")


def _may_import(room: str, other: str) -> bool:
    if room == other:
        return True
    (tower, number), (other_tower, other_number) = _storey(room), _storey(other)
    if tower == other_tower:
        return other_number <= number and frozenset({room, other}) not in STRANGERS
    return other_tower == "ground" or tower == "roof"


def _own(found: list[Import], package: str) -> list[tuple[Import, str]]:
    """Return the imports from within *package*, each with the room it goes to."""
    own = [each for each in found if each.target.split(".")[0] == package]
    return [(each, [*each.target.split("."), "__init__"][1]) for each in own]


def _upward(sources: list[Source]) -> list[str]:
    package = sources[0].name.split(".")[0]
    return [
        str(each)
        for each, room in _own(imports(sources), package)
        if not _may_import(each.source.room, room)
        and not (each.place == FOR_TYPES and (each.source.room, room) in NAMED_IN_TYPES)
    ]


def _circle(edges: list[tuple[str, str]]) -> list[str] | None:
    graph: dict[str, set[str]] = {}
    for start, end in edges:
        if start != end:
            graph.setdefault(start, set()).add(end)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        return list(circle.args[1])
    return None


def _hidden(sources: list[Source]) -> list[str]:
    hidden = [each for each in imports(sources) if each.place == INSIDE]
    return [str(each) for each in hidden if (each.source.name, each.target) not in INSIDE_FUNCTIONS]


def _crowded(sources: list[Source]) -> dict[str, set[str]]:
    """Return the libraries that more than one room names."""
    rooms: dict[str, set[str]] = {}
    own = sources[0].name.split(".")[0]
    for each in imports(sources):
        library = each.target.split(".")[0]
        if library != own and (library not in sys.stdlib_module_names or library in HEAVY_STANDARD):
            rooms.setdefault(library, set()).add(each.source.room)
    return {library: named for library, named in rooms.items() if len(named - SHARED_LIBRARIES.get(library, set())) > 1}


@pytest.fixture(scope="module")
def house() -> list[Source]:
    """Every module of labq."""
    return read_package(ROOT / "labq")


@pytest.fixture
def make_house(tmp_path):
    """Build a small package ``labq`` out of texts, to see a guard bark."""

    def make(**modules: str) -> list[Source]:
        folder = tmp_path / "labq"
        for name, text in {"__init__": "", **modules}.items():
            path = folder.joinpath(*name.split("__in__")[::-1]).with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return read_package(folder)

    return make


def test_every_room_imports_only_what_lies_below_it(house):
    """Rooms know the rooms under them, the towers meet only in the lab; an import for types is knowledge too."""
    assert _upward(house) == []


def test_no_two_rooms_go_round_in_a_circle(house):
    """Rooms of one storey may know each other, but never both ways."""
    edges = [(each.source.room, room) for each, room in _own(imports(house), "labq") if each.place != FOR_TYPES]
    assert _circle(edges) is None


def test_no_two_modules_go_round_in_a_circle(house):
    """The order in which modules are loaded never decides whether they load."""
    own = [each for each, _ in _own(imports(house), "labq") if each.place == AT_THE_TOP]
    assert _circle([(each.source.name, each.target) for each in own]) is None


def test_imports_stand_at_the_top_of_the_file(house):
    """A reader sees what a module needs on its first screen; the exceptions are listed with their reasons."""
    assert _hidden(house) == []


def test_every_listed_exception_is_still_needed(house):
    """A permission that nobody uses any more is taken back."""
    found = imports(house)
    inside = {(each.source.name, each.target) for each in found if each.place == INSIDE}
    named = {(each.source.room, room) for each, room in _own(found, "labq") if each.place == FOR_TYPES}
    assert (set(INSIDE_FUNCTIONS) - inside, set(NAMED_IN_TYPES) - named) == (set(), set())


def test_each_library_is_named_in_one_room(house):
    """To change a library, or to do without it, one room has to be opened."""
    assert _crowded(house) == {}


def test_every_room_has_a_place_in_the_picture(house):
    """A new room is drawn into the picture before it is built."""
    assert all(_storey(source.room) for source in house)


# -- the guards can bark ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("kernel", "from labq.log import Log"),
        ("wire", "import labq.brokers.memory"),
        ("brokers", "from labq.backends import Memory"),
        ("app", "from labq.snapshot import Snapshot"),
        ("views", "from labq.app import Celery"),
        ("log", "from labq import __version__"),
        ("wire", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from labq.app import Celery"),
        ("result", "def get():\n    from labq.lab import Lab"),
        ("_state", "from labq.app import Celery"),
    ],
)
def test_the_guard_sees_an_import_that_points_up(make_house, module, text):
    """The guard of the layers is tried on houses that are built wrong."""
    assert len(_upward(make_house(**{module: text}))) == 1


def test_the_guard_lets_the_desk_import_everything(make_house):
    """What the picture allows is allowed."""
    assert _upward(make_house(magics="from labq import Lab\nfrom labq.views import room\nimport labq.kernel")) == []


def test_the_guard_sees_a_circle(make_house):
    """Two modules that import each other are seen, in whatever way they write it."""
    sources = make_house(clock__in__kernel="from labq.kernel import body", body__in__kernel="import labq.kernel.clock")
    own = _own(imports(sources), "labq")
    assert _circle([(each.source.name, each.target) for each, _ in own]) is not None


@pytest.mark.parametrize(
    "text", ["import json", "from json import dumps", "__import__('json')", "import_module('json')"]
)
def test_the_guard_sees_an_import_inside_a_function(make_house, text):
    """A hidden import is seen in each of its shapes."""
    assert len(_hidden(make_house(log=f"def write():\n    {text}"))) == 1


def test_the_guard_sees_a_library_in_two_rooms(make_house):
    """A library that is named twice is seen; the standard library may be named anywhere."""
    sources = make_house(wire="import redis, json", brokers="from redis import Redis\nimport json")
    assert _crowded(sources) == {"redis": {"wire", "brokers"}}
