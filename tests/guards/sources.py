"""Reads the project's own source for the guards: every module, its imports, the names it defines.

Comes in: a folder with a package in it. Goes out: ``Source`` and ``Import`` values; nothing is executed.
"""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
"""The top of the checkout."""

AT_THE_TOP, FOR_TYPES, INSIDE = "at the top", "for types", "inside a function"


class Source(NamedTuple):
    """One module of a package."""

    name: str
    """As it is imported: ``labq.kernel.clock``."""
    path: Path
    tree: ast.Module

    @property
    def room(self) -> str:
        """The folder or the single module at the top of the package; the package's own ``__init__`` is a room too."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else "__init__"


class Import(NamedTuple):
    """One import, whatever way it is written."""

    source: Source
    target: str
    """The full name of the module that is imported."""
    line: int
    place: str
    """At the top, for types, or inside a function."""

    def __str__(self) -> str:
        """Return where the import is, as an editor finds it."""
        return f"{self.source.name}:{self.line} imports {self.target} {self.place}"


def read_package(folder: Path) -> list[Source]:
    """Parse each module of the package in *folder*, in the order of their names."""
    found = []
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found.append(Source(name, path, ast.parse(path.read_text(encoding="utf-8"))))
    return found


def imports(sources: list[Source]) -> list[Import]:
    """Return every import of *sources*; ``from package import module`` counts as an import of the module."""
    modules = {source.name for source in sources}
    return [found for source in sources for found in _walk(source, source.tree, AT_THE_TOP, modules)]


def _walk(source: Source, node: ast.AST, place: str, modules: set[str]) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(source, name.name, child.lineno, place) for name in child.names)
        elif isinstance(child, ast.ImportFrom):
            for name in child.names:
                inner = f"{child.module}.{name.name}"
                yield Import(source, inner if inner in modules else child.module or ".", child.lineno, place)
        elif isinstance(child, ast.Call) and (target := _imported_by_call(child)):
            yield Import(source, target, child.lineno, place)
        yield from _walk(source, child, _place_inside(child, place), modules)


def _place_inside(node: ast.AST, place: str) -> str:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return INSIDE
    if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
        return FOR_TYPES
    return place


def _imported_by_call(call: ast.Call) -> str | None:
    """Return the module that ``import_module("name")`` or ``__import__("name")`` names in plain text, if it is one."""
    called = ast.unparse(call.func).rpartition(".")[2]
    if called in {"import_module", "__import__"} and call.args and isinstance(call.args[0], ast.Constant):
        return str(call.args[0].value)
    return None


def tracked_files() -> list[Path]:
    """Return the files that are in the repository or would be with the next commit, without what is ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return [path for name in sorted(filter(None, listed.split("\0"))) if (path := ROOT / name).is_file()]
