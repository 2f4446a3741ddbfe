"""Graphs: who depends on whom, in which order that can be done, and the drawing for Graphviz.

Comes in: things and what each of them needs. Goes out: an order, a text, a DOT file.
Next door: ``labq.result`` draws the tree of a call's results with it.
Celery: ``celery/utils/graph.py``. Orders and the drawing are Celery's to the letter: people keep such files.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping
from typing import IO, Any, ClassVar

__all__ = ("DOT", "CycleError", "DependencyGraph", "GraphFormatter")

Need = tuple[Any, Iterable[Any]]
"""A thing and what it needs."""


class DOT:
    """The lines of a DOT file."""

    HEAD = "\n{IN}{type} {id} {{\n{INp}graph [{attrs}]\n"
    ATTR = "{name}={value}"
    NODE = '{INp}"{0}" [{attrs}]'
    EDGE = '{INp}"{0}" {dir} "{1}" [{attrs}]'
    ATTRSEP = ", "
    DIRS: ClassVar[dict[str, str]] = {"graph": "--", "digraph": "->"}
    TAIL = "{IN}}}"


class CycleError(Exception):
    """Two things need each other."""


class DependencyGraph:
    """Things, each with what it needs.

    Arguments:
        it: pairs of a thing and what it needs.
        formatter: draws it.
    """

    def __init__(self, it: Iterable[Need] | None = None, formatter: GraphFormatter | None = None) -> None:
        self.formatter = formatter or GraphFormatter()
        self.adjacent: dict[Any, list[Any]] = {}
        if it is not None:
            self.update(it)

    def add_arc(self, obj: Any) -> None:
        """Add a thing that needs nothing yet."""
        self.adjacent.setdefault(obj, [])

    def add_edge(self, A: Any, B: Any) -> None:  # noqa: N803 - Celery's names
        """Say that *A*, which is there, needs *B*."""
        self[A].append(B)

    def connect(self, graph: DependencyGraph) -> None:
        """Add what another graph knows."""
        self.adjacent.update(graph.adjacent)

    def update(self, it: Iterable[Need]) -> None:
        """Add pairs of a thing and what it needs."""
        pairs = list(it)
        for thing, _ in pairs:
            self.add_arc(thing)
        for thing, needs in pairs:
            for need in needs:
                self.add_edge(thing, need)

    def topsort(self) -> list[Any]:
        """Return the things in an order in which each comes after what it needs.

        Of things that need each other only one is named: there is no order among them.
        """
        knots = _knots(self)
        knot_of = {thing: knot for knot in knots for thing in knot}
        between: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {knot: [] for knot in knots}
        for thing in self:
            between[knot_of[thing]] += [knot_of[need] for need in self[thing] if knot_of[need] != knot_of[thing]]
        return [knot[0] for knot in _needs_first(between)]

    def valency_of(self, obj: Any) -> int:
        """Return how many needs hang from a thing, directly or not."""
        if obj not in self:
            return 0
        return len(self[obj]) + sum(self.valency_of(need) for need in self[obj])

    def edges(self) -> Iterator[Any]:
        """Yield the things that need something."""
        return (thing for thing, needs in self.adjacent.items() if needs)

    def to_dot(self, fh: IO[str], formatter: GraphFormatter | None = None) -> None:
        """Write the graph to *fh* as a DOT file."""
        draw = formatter or self.formatter
        drawn: set[Any] = set()

        def line(written: bytes) -> None:
            fh.write(written.decode() + "\n")

        def once(write: Callable[[Any], bytes], thing: Any) -> None:
            if draw.label(thing) not in drawn:
                line(write(thing))
                drawn.add(draw.label(thing))

        line(draw.head())
        for thing, needs in self.adjacent.items():
            if not needs:
                once(draw.terminal_node, thing)
            for need in needs:
                once(draw.node, thing)
                line(draw.edge(thing, need))
        line(draw.tail())

    def format(self, obj: Any) -> Any:
        """Return *obj* as the formatter, called like a function, shows it."""
        draw: Any = self.formatter  # one of the user's own can be called, ours cannot
        return draw(obj) if draw else obj

    def iteritems(self) -> ItemsView[Any, list[Any]]:
        """Return the pairs of a thing and what it needs."""
        return self.adjacent.items()

    items = iteritems

    def repr_node(self, obj: Any, level: int = 1, fmt: str = "{0}({1})") -> str:
        """Return a thing and, indented, all that hangs from it, each with its valency."""
        lines = [fmt.format(obj, self.valency_of(obj))]
        for need in self.adjacent.get(obj, ()):
            lines.append("     " * level + fmt.format(need, self.valency_of(need)))
            lines += self.repr_node(need, level + 1).split("\n")[1:]
        return "\n".join(lines)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.adjacent)

    def __getitem__(self, node: Any) -> list[Any]:
        return self.adjacent[node]

    def __len__(self) -> int:
        return len(self.adjacent)

    def __contains__(self, obj: object) -> bool:
        return obj in self.adjacent

    def __repr__(self) -> str:
        return "\n".join(self.repr_node(thing) for thing in self)


def _knots(graph: DependencyGraph) -> list[tuple[Any, ...]]:
    """Return the things in groups that need each other in a circle, most of them alone (Tarjan, 1972)."""
    knots: list[tuple[Any, ...]] = []
    path: list[Any] = []
    lowest: dict[Any, int] = {}

    def visit(thing: Any) -> None:
        if thing in lowest:
            return
        number = lowest[thing] = len(lowest)
        start = len(path)
        path.append(thing)
        for need in graph[thing]:
            visit(need)
            lowest[thing] = min(lowest[thing], lowest[need])
        if lowest[thing] == number:
            knot = tuple(path[start:])
            del path[start:]
            knots.append(knot)
            lowest.update(dict.fromkeys(knot, len(graph)))

    for thing in graph:
        visit(thing)
    return knots


def _needs_first(needs: Mapping[Any, list[Any]]) -> list[Any]:
    """Return the keys, each after its needs; there are no circles (Kahn, 1962, from the other end)."""
    waiting_for = dict.fromkeys(needs, 0)
    for wanted in needs.values():
        for need in wanted:
            waiting_for[need] += 1
    free = [thing for thing, count in waiting_for.items() if not count]
    order: list[Any] = []
    while free:
        thing = free.pop()
        order.append(thing)
        for need in needs[thing]:
            waiting_for[need] -= 1
            if not waiting_for[need]:
                free.append(need)
    return order[::-1]


class GraphFormatter:
    """Draws a graph in DOT.

    Arguments:
        root: what the graph grows from.
        type: ``digraph`` or ``graph``.
        id: the drawing's name.
        indent: how deep it is indented, in steps.
        inw: one step.
        scheme: attributes of every node and edge, above the class's own.
    """

    scheme: Any = {"shape": "box", "arrowhead": "vee", "style": "filled", "fontname": "HelveticaNeue"}  # noqa: RUF012
    edge_scheme: Any = {"color": "darkseagreen4", "arrowcolor": "black", "arrowsize": 0.7}  # noqa: RUF012
    node_scheme: Any = {"fillcolor": "palegreen3", "color": "palegreen4"}  # noqa: RUF012
    term_scheme: Any = {"fillcolor": "palegreen1", "color": "palegreen2"}  # noqa: RUF012
    graph_scheme: Any = {"bgcolor": "mintcream"}  # noqa: RUF012 - subclasses bring others, an instance its own copy

    def __init__(
        self,
        root: Any = None,
        type: str | None = None,
        id: str | None = None,
        indent: int = 0,
        inw: str = " " * 4,
        **scheme: Any,
    ) -> None:
        self.id = id or "dependencies"
        self.root = root
        self.type = type or "digraph"
        self.direction = DOT.DIRS[self.type]
        self.IN = inw * (indent or 0)
        self.INp = self.IN + inw
        self.scheme = {**self.scheme, **scheme}
        self.graph_scheme = {**self.graph_scheme, "root": self.label(self.root)}

    def attr(self, name: str, value: Any) -> bytes:
        """Return one attribute."""
        return self.FMT(DOT.ATTR, name=name, value=f'"{value}"')

    def attrs(self, d: Mapping[str, Any] | None, scheme: Mapping[str, Any] | None = None) -> str:
        """Return the attributes *d*, above those of *scheme*, above those of everything."""
        told = {**self.scheme, **(scheme or {}), **(d or {})}
        return DOT.ATTRSEP.join(self.attr(name, value).decode() for name, value in told.items())

    def head(self, **attrs: Any) -> bytes:
        """Return how the drawing begins."""
        return self.FMT(DOT.HEAD.strip(), id=self.id, type=self.type, attrs=self.attrs(attrs, self.graph_scheme))

    def tail(self) -> bytes:
        """Return how the drawing ends."""
        return self.FMT(DOT.TAIL)

    def label(self, obj: Any) -> Any:
        """Return what is written on a thing; for overriding."""
        return obj

    def node(self, obj: Any, **attrs: Any) -> bytes:
        """Return the line of a thing that needs others."""
        return self.draw_node(obj, self.node_scheme, attrs)

    def terminal_node(self, obj: Any, **attrs: Any) -> bytes:
        """Return the line of a thing that needs nothing."""
        return self.draw_node(obj, self.term_scheme, attrs)

    def edge(self, a: Any, b: Any, **attrs: Any) -> bytes:
        """Return the line that says that *a* needs *b*."""
        return self.draw_edge(a, b, **attrs)

    def draw_edge(self, a: Any, b: Any, scheme: Any = None, attrs: Mapping[str, Any] | None = None) -> bytes:
        """Return the line from *a* to *b* with attributes above those of edges."""
        del scheme  # Celery takes it and leaves it out, too
        told = self.attrs(attrs, self.edge_scheme)
        return self.FMT(DOT.EDGE.strip(), self.label(a), self.label(b), dir=self.direction, attrs=told)

    def draw_node(self, obj: Any, scheme: Mapping[str, Any] | None = None, attrs: Any = None) -> bytes:
        """Return the line of *obj* with attributes above those of *scheme*."""
        return self.FMT(DOT.NODE.strip(), self.label(obj), attrs=self.attrs(attrs, scheme))

    def FMT(self, fmt: str, *args: Any, **kwargs: Any) -> bytes:  # noqa: N802 - Celery's name
        """Return *fmt* filled in, as bytes."""
        return fmt.format(*args, **{**kwargs, "IN": self.IN, "INp": self.INp}).encode("utf-8", "ignore")
