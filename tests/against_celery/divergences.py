"""Divergences: what labq does otherwise than Celery on purpose, tied to the page that says so to its users.

A comparison that knows of a difference names the heading in ``labq/DIVERGENCES.md`` under which it is explained; one
without a heading there is a bug, and fails.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

PAGE = Path(__file__).resolve().parents[2] / "labq" / "DIVERGENCES.md"


class Divergence(NamedTuple):
    """A difference on purpose, held on both sides."""

    heading: str
    """Where ``labq/DIVERGENCES.md`` explains it."""
    celery: Any
    """What Celery answers."""
    labq: Any
    """What labq answers."""

    @property
    def explained(self) -> bool:
        """Whether the page has a section of that name, and says in it why."""
        return "*Why:*" in sections().get(self.heading, "")


def sections() -> dict[str, str]:
    """Return the sections of the page by their headings."""
    parts = re.split(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))
