"""Puts the lessons and the catalogues into the wheel.

Comes in: ``notebooks/`` and ``translations/`` at the top of the repository, where people look for them.
Goes out: ``labq/lessons/notebooks/`` and ``labq/translations/`` inside the wheel. An editable install gets no copies:
it reads the folders in their own place, so that an edited lesson is the lesson.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TRAVELLERS = {"notebooks": "labq/lessons/notebooks", "translations": "labq/translations"}
"""What goes into the wheel, and where."""


class Travellers(BuildHookInterface[Any]):
    """Adds the files of the two folders to a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name each file with its place in the wheel; *version* is ``standard`` or ``editable``."""
        if version == "editable":
            return
        for folder, place in TRAVELLERS.items():
            top = Path(self.root, folder)
            for path in sorted(top.rglob("*")):
                inside = path.relative_to(top)
                if path.is_file() and not any(part.startswith((".", "__")) for part in inside.parts):
                    build_data["force_include"][str(path)] = f"{place}/{inside.as_posix()}"
