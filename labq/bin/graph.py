"""``celery graph``: pictures of workers in the language DOT, for Graphviz to draw.

Comes in: an app whose workers answer, or the names of workers. Goes out: DOT on the standard output.
Next door: ``app.control.inspect().stats()`` asks the workers.
Celery: ``celery/bin/graph.py``, ``celery/utils/graph.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from labq.app.censorship import broker_uri
from labq.bin.base import CeleryCommand, CeleryGroup, handle_remote_command_error
from labq.exceptions import CeleryCommandException
from labq.graph import GraphFormatter
from labq.i18n import spoken, text
from labq.platforms import EX_UNAVAILABLE
from labq.views.escape import mask

Look = Mapping[str, object]

DOT = GraphFormatter()
TO_CHILD: Look = {"arrowhead": "none", "arrowtail": "tee"}
WORKER: Look = {"fillcolor": "palegreen3", "color": "palegreen4"}
BROKER: Look = {"fillcolor": "cadetblue3", "color": "cadetblue4", "shape": "circle", "height": 1}
BACKEND: Look = {"fillcolor": "peachpuff3", "color": "black", "shape": "folder", "width": 2, "height": 1}
CHILD: Look = {
    "fillcolor": "lightcyan4", "color": "black", "fontcolor": "yellow", "shape": "oval", "fontsize": 10, "width": 0.3,
}  # fmt: skip

SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
MOST = {"wmax": 4, "tmax": 3}
"""How many workers, and children of each, are drawn before the middle is left out, unless the words say otherwise."""


@click.group(cls=CeleryGroup, help=text("Draw pictures of workers, for Graphviz."))
def graph() -> None:
    """Draw pictures of workers."""


@graph.command(
    cls=CeleryCommand,
    context_settings={"allow_extra_args": True},
    help=text("Draw the parts of a worker; the lab's worker has none."),
)
def bootsteps() -> None:
    """Say that a worker of the lab starts in plain order, and where there is more to see."""
    raise CeleryCommandException(
        spoken().gettext(
            "A worker of the lab starts in plain order, without bootsteps. Real Celery draws its own: "
            "celery -A proj graph bootsteps."
        ),
        EX_UNAVAILABLE,
    )


@graph.command(
    cls=CeleryCommand,
    context_settings={"allow_extra_args": True},
    help=text(
        "Draw the workers with their broker. Words such as nodes:w1,w2 threads:2,4 broker:amqp:// backend:rpc:// "
        "wmax:4 tmax:3 generic enumerate say what to draw and how."
    ),
)
@click.pass_context
def workers(ctx: click.Context, /) -> None:
    """Draw the workers that were named, else those that answer."""
    app = ctx.obj.app
    said = {name: value for name, _, value in (word.partition(":") for word in ctx.args)}
    names, sizes = _named(said) if "nodes" in said else _answering(app)
    picture = _Picture(
        broker=said.get("broker", broker_uri(app.conf.broker_url, mask="**")),
        backend=said.get("backend", mask(app.conf.result_backend or "")),
        generic="generic" in said,
    )
    for name, children in _abbreviated(names, sizes, said):
        picture.add_worker(name, children)
    print("\n".join(picture.dot()))


def _named(said: Mapping[str, str]) -> tuple[list[str], list[int]]:
    names = said["nodes"].split(",")
    sizes = [int(size) for size in said.get("threads", "").split(",") if size]
    if len(sizes) > len(names):
        raise click.UsageError(f"There are {len(sizes)} numbers of threads for {len(names)} nodes.")
    return names, sizes


def _answering(app: Any) -> tuple[list[str], list[int]]:
    try:
        replies = app.control.inspect().stats() or {}
    except Exception as error:  # noqa: BLE001 - whatever it is, one line says it
        handle_remote_command_error("graph workers", error)
    return list(replies), [reply["pool"]["max-concurrency"] for reply in replies.values()]


def _abbreviated(names: list[str], sizes: list[int], said: Mapping[str, str]) -> Iterator[tuple[str, Sequence[object]]]:
    """Return the workers to draw, with their children; in the middle of many there stands how many were left out."""
    most, most_children = (int(said.get(word, usual) or 0) for word, usual in MOST.items())
    numbered = "enumerate" in said
    if most and len(names) > most:
        sizes = sizes[:3] + sizes[-1:]
    drawn = _shortened(names, "Worker", most, numbered=numbered)
    for place, name in enumerate(drawn):
        children = range(sizes[place]) if place < len(sizes) else ()
        yield str(name), _shortened(list(children), "P", most_children, numbered=numbered)


def _shortened(things: list[Any], kind: str, most: int, *, numbered: bool) -> list[Any]:
    shown = [f"{kind}{_subscript(place)}" for place in range(1, len(things) + 1)] if numbered else things
    if not most or len(things) <= most:
        return shown
    shown = [*shown[: most - 1], shown[-1]]
    shown[most - 2] = f"{kind[0]}⎨…{_subscript(len(things) - (most - 1))}⎬"
    return shown


def _subscript(number: int) -> str:
    return str(number).translate(SUBSCRIPT)


@dataclass
class _Picture:
    """Broker, backend and workers, as DOT.

    Attributes:
        broker: the broker's address.
        backend: the backend's, if there is one.
        generic: whether only the kinds of these two are shown.
    """

    broker: str
    backend: str | None
    generic: bool
    _lines: list[str] = field(default_factory=list)
    _threads: int = 0

    def add_worker(self, name: str, children: Sequence[object]) -> None:
        """Draw a worker, with edges to broker and backend, and its children."""
        self._node(name, WORKER)
        for other in self._servers():
            self._edge(name, other)
        for child in children:
            self._threads += 1
            label = f"thr-{self._threads}"
            self._node(label, {**CHILD, "label": child})
            self._edge(label, name, TO_CHILD)

    def dot(self) -> list[str]:
        """Return the lines of the whole picture."""
        servers = [_said(DOT.draw_node(label, look)) for label, look in self._servers().items()]
        return [_said(DOT.head()), *servers, *self._lines, _said(DOT.tail())]

    def _servers(self) -> dict[str, Look]:
        servers = {self._label(self.broker, "Broker"): BROKER}
        return {**servers, self._label(self.backend, "Backend"): BACKEND} if self.backend else servers

    def _label(self, address: str, kind: str) -> str:
        return f"{kind} ({address.split('://', maxsplit=1)[0]}://)" if self.generic else address

    def _node(self, label: str, look: Look) -> None:
        self._lines.append(_said(DOT.draw_node(label, look)))

    def _edge(self, start: str, end: str, look: Look | None = None) -> None:
        self._lines.append(_said(DOT.draw_edge(start, end, DOT.edge_scheme, look or {})))


def _said(line: bytes) -> str:
    return line.decode("utf-8")
