"""Passages: the pieces of code in a page of Celery's documentation, each with the line on which it begins."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DIRECTIVE = re.compile(r"^(?P<indent>\s*)\.\. code-block:: (?:python|pycon)\s*$")
OPTION = re.compile(r"\s*:\w+:")
PROMPT = re.compile(r"\s*(?:>>>|\.\.\.) ?(?=[^.]|$)")


@dataclass(frozen=True)
class Passage:
    """A piece of code as a page prints it.

    Attributes:
        page: the page's path without its suffix, like ``userguide/canvas``.
        line: where its directive stands, from 1.
        text: the code, its indentation taken away.
    """

    page: str
    line: int
    text: str

    @property
    def key(self) -> str:
        """The passage's name in the lists of what differs."""
        return f"{self.page}:{self.line}"

    @property
    def interactive(self) -> bool:
        """Whether the passage is a session at the prompt."""
        return any(PROMPT.match(line) for line in self.text.splitlines())

    @property
    def examples(self) -> list[tuple[str, str]]:
        """What is typed in one go, and what the page says is printed then; what has no prompts is typed in one go."""
        if not self.interactive:
            return [(self.text + "\n", "")]
        found: list[tuple[list[str], list[str]]] = []
        for line in self.text.splitlines():
            typed = PROMPT.match(line)
            if typed and (not found or any(found[-1][1])):
                found.append(([], []))
            if typed:
                found[-1][0].append(line[typed.end() :])
            elif found and not line.startswith("#"):
                found[-1][1].append(line)
        return [("\n".join(source) + "\n", "\n".join(want).strip("\n")) for source, want in found]


def passages(folder: Path, page: str) -> Iterator[Passage]:
    """Give the passages of *page* in order."""
    lines = (folder / f"{page}.rst").read_text(encoding="utf-8").splitlines()
    place = 0
    while place < len(lines):
        found = DIRECTIVE.match(lines[place])
        place += 1
        if found is None:
            continue
        begin, depth = place, len(found["indent"])
        while place < len(lines) and (not lines[place].strip() or _depth(lines[place]) > depth):
            place += 1
        body = lines[begin:place]
        while body and (not body[0].strip() or OPTION.match(body[0])):
            body.pop(0)
        yield Passage(page, begin, textwrap.dedent("\n".join(body)).strip("\n"))


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
