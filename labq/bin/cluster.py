"""The command line of ``celery multi``, taken apart: several workers, their names, and what each is started with.

Comes in: words such as ``3 -c 3 -c:1 10 -Q:1-2 mail``. Goes out: nodes, each with the words of a ``celery worker``.
Next door: ``multi`` does something with the nodes.
Celery: ``celery/apps/multi.py``; its reference, "celery multi".
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from labq.nodes import gethostname, host_format, node_format

Options = dict[str, str | None]

COMMAND = "-m celery worker --detach"
PROGRAM = "celery"
GLOBAL = frozenset({
    "-A", "--app", "-b", "--broker", "--result-backend", "--loader", "--config", "--workdir", "-C", "--no-color", "-q",
    "--quiet",
})  # fmt: skip
"""Options that stand before the command ``worker``."""

PIDFILE, LOGFILE, EXECUTABLE = ("--pidfile", "-p"), ("--logfile", "-f"), ("--executable",)
PIDFILE_PATH, LOGFILE_PATH = "/var/run/celery/%n.pid", "/var/log/celery/%n%I.log"
RANGE_PREFIX = "celery"
EMPTY = ('""', "''")
"""How an empty suffix is written where the shell would take real quotation marks away."""


@dataclass
class Words:
    """The words after ``multi <command>``, sorted.

    Attributes:
        values: the names of nodes, or how many there are to be; then whatever else was no option.
        options: for all nodes.
        namespaces: for some: ``-c:1,2 10`` stands under ``1,2``.
        passthrough: what stands behind ``--``, with it.
    """

    values: list[str] = field(default_factory=list)
    options: Options = field(default_factory=dict)
    namespaces: dict[str, Options] = field(default_factory=dict)
    passthrough: str = ""

    @classmethod
    def of(cls, argv: list[str]) -> Words:
        """Sort *argv*: a long option has its value behind ``=``, a short one in the next word."""
        words, rest = cls(), [word for word in argv if word]
        while rest:
            word = rest.pop(0)
            if word == "--":
                words.passthrough = " ".join([word, *rest])
                break
            if not word.startswith("-"):
                words.values.append(word)
            elif word.startswith("--"):
                name, equals, value = word.partition("=")
                words._add(name, value if equals else None)
            else:
                words._add(word, rest.pop(0) if rest and not rest[0].startswith("-") else None)
        return words

    def _add(self, name: str, value: str | None) -> None:
        name, colon, nodes = name.partition(":")
        target = self.namespaces.setdefault(nodes, {}) if colon else self.options
        target[name] = value

    def share(self, nodes: str, options: Options) -> None:
        """Add *options* for *nodes*."""
        self.namespaces.setdefault(nodes, {}).update(options)


@dataclass(frozen=True)
class Node:
    """One worker to be started.

    Attributes:
        name: its full name.
        options: what it is started with; a None is an option without a value.
        command: what is run.
        append: what stands at the end of the line.
        extra: what stands behind ``--``.
    """

    name: str
    options: Mapping[str, str | None]
    command: str = COMMAND
    append: str = ""
    extra: str = ""

    @property
    def executable(self) -> str:
        """The Python that runs it."""
        return self.all_options()[EXECUTABLE[0]] or ""

    @property
    def logfile(self) -> str | None:
        """The file that was asked for, for its log."""
        given = next((self.options[name] for name in LOGFILE if self.options.get(name)), None)
        return os.path.expanduser(self.expand(given) or "") or None  # noqa: PTH111 - a path is text here

    def expand(self, template: str | None) -> str | None:
        """Return *template* with the signs for this node's name filled in; ``%i`` and ``%I`` are the worker's."""
        if not isinstance(template, str):
            return template
        short, host = self.name.split("@", 1)
        return node_format(template, self.name, N=short, d=host, h=self.name, i="%i", I="%I")

    def all_options(self) -> Options:
        """Return the options with those that every process has."""
        options = {**self.options, "-n": self.name}
        for names, usual in ((PIDFILE, PIDFILE_PATH), (LOGFILE, LOGFILE_PATH), (EXECUTABLE, sys.executable)):
            given = next((name for name in names if name in options), None)
            if given is None:
                options[names[0]] = os.path.normpath(usual)
        return options

    def argv(self, *, as_process: bool = True) -> list[str]:
        """Return the words of its command line, behind the name of Python.

        Arguments:
            as_process: whether it names the files that a process of its own has, even where nobody asked for them.
        """
        command = (self.expand(self.command) or "").split(" ")
        before, rest = command.index(PROGRAM) + 1, []
        options = self.all_options() if as_process else {**self.options, "-n": self.name}
        for name, value in options.items():
            said = self.expand(value)
            if name in (*PIDFILE, *LOGFILE, "--workdir") and said:
                said = os.path.expanduser(said)  # noqa: PTH111 - a path is text here, and stays as it was typed
            if name in GLOBAL:
                command.insert(before, _written(name, said))
            else:
                rest.append(_written(name, said))
        return [" ".join(command), *rest, self.extra, *([self.expand(self.append) or ""] if self.append else [])]


def _written(name: str, value: str | None) -> str:
    if not value:
        return name
    return f"{name}={value}" if name.startswith("--") else f"{name} {value}"


class NoSuchNode(KeyError):
    """An option is for a node that is not there."""


def nodes_of(words: Words) -> Iterator[Node]:
    """Return the nodes that *words* describe.

    Raises:
        NoSuchNode: when an option is for the seventh of three nodes.
    """
    options = dict(words.options)
    command = options.pop("--cmd", None) or COMMAND
    append = options.pop("--append", None) or ""
    short_name = options.pop("-n", None)
    host = options.pop("--hostname", short_name) or gethostname()
    prefix = options.pop("--prefix", None) or ""
    suffix = options.pop("--suffix", None) or host
    suffix = "" if suffix in EMPTY else suffix
    range_prefix = options.pop("--range-prefix", None) or RANGE_PREFIX
    names = list(words.values)
    counted = len(names) == 1 and names[0].isdecimal()
    if counted:
        names, prefix = [str(number) for number in range(1, int(names[0]) + 1)], range_prefix
        _name_by_number(words, names)
        _split_lists(words, ranges=True)
    else:
        _split_lists(words, ranges=False)
        _name_by_number(words, names)
    for name in names:
        key, full = _full_name(name, prefix, suffix)
        own = words.namespaces.get(full) or words.namespaces.get(key, {})
        yield Node(full, {**options, **own}, command, append, words.passthrough)


def _full_name(name: str, prefix: str, suffix: str) -> tuple[str, str]:
    """Return what the node is called in options, and its full name."""
    full = host_format(name if "@" in name else f"{prefix}{name}@{suffix}")
    return (full.partition("@")[0] if "@" in name else name), full


def _name_by_number(words: Words, names: list[str]) -> None:
    """Options for a number are for the node at that place."""
    for nodes, options in list(words.namespaces.items()):
        if nodes.isdecimal():
            place = int(nodes) - 1
            if place < 0:
                raise NoSuchNode(f"Indexes start at 1 got: {nodes!r}")
            if place >= len(names):
                raise NoSuchNode(f"No node at index {nodes!r}")
            words.share(names[place], options)


def _split_lists(words: Words, *, ranges: bool) -> None:
    """Options for ``1,2`` are for both; with *ranges*, those for ``1-3`` are for all three."""
    for nodes, options in list(words.namespaces.items()):
        if "," in nodes or (ranges and "-" in nodes):
            for part in nodes.split(","):
                first, dash, last = part.partition("-") if ranges else (part, "", "")
                for node in map(str, range(int(first), int(last) + 1)) if dash else (part,):
                    words.share(node, options)
            del words.namespaces[nodes]
