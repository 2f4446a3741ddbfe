"""Ends red when a lesson or a catalogue of the repository is missing in a wheel, or when something else got in.

Comes in: the path of a wheel; the repository is the current folder. Goes out: exit code 1 and what is wrong.
"""

from __future__ import annotations

import subprocess
import sys
from zipfile import ZipFile

PLACES = {"labq/": "labq/", "notebooks/": "labq/lessons/notebooks/", "translations/": "labq/translations/"}
"""Where the files of a folder lie in the wheel."""


def expected() -> set[str]:
    """Return what the wheel must hold beside its metadata: all tracked files of the three folders."""
    listed = subprocess.run(["git", "ls-files", "-z"], check=True, capture_output=True, text=True).stdout.split("\0")
    return {place + name.removeprefix(top) for name in listed for top, place in PLACES.items() if name.startswith(top)}


def main(wheel: str) -> int:
    """Compare *wheel* with the repository and say what differs."""
    with ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
    wanted = expected()
    lessons = [name for name in inside if name.endswith("00_index.ipynb")]
    catalogues = [name for name in inside if name.endswith("LC_MESSAGES/labq.po")]
    for name in sorted(wanted - inside):
        print(f"missing in the wheel: {name}")
    for name in sorted(inside - wanted):
        print(f"not in the repository: {name}")
    print(f"{len(inside)} files, {len(lessons)} indexes of lessons, {len(catalogues)} catalogues")
    return int(inside != wanted or len(lessons) != 3 or len(catalogues) != 2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
