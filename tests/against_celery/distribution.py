"""Celery's source distribution: documentation, examples and its own tests, none of which are installed with Celery.

It is fetched with pip when a test first asks for it, in the version that is installed, and kept in the computer's
folder for temporary files. ``CELERY_CORPUS`` names a checkout to use instead.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path

PATIENCE = 300
"""Seconds after which a download is given up."""


def celerys_source() -> Path:
    """Return the folder of the unpacked distribution.

    Raises:
        LookupError: when it cannot be fetched; says what pip said.
    """
    given = os.environ.get("CELERY_CORPUS")
    if given and Path(given, "docs").is_dir():
        return Path(given)
    release = version("celery")
    place = Path(tempfile.gettempdir()) / f"labq-celery-{release}"
    if not (place / "docs").is_dir():
        _fetch(release, place)
    return place


def _fetch(release: str, place: Path) -> None:
    with tempfile.TemporaryDirectory(dir=place.parent) as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
        try:
            subprocess.run(
                [*command, "--dest", folder, f"celery=={release}"],
                check=True, capture_output=True, text=True, timeout=PATIENCE,
            )  # fmt: skip
        except subprocess.CalledProcessError as exc:
            raise LookupError(f"pip cannot fetch the source of Celery {release}: {exc.stderr[-500:]}") from exc
        except subprocess.TimeoutExpired as exc:
            raise LookupError(f"the source of Celery {release} did not come within {PATIENCE} seconds") from exc
        (archive,) = Path(folder).glob("celery-*.tar.gz")
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
        unpacked = next(path for path in Path(folder).iterdir() if path.is_dir())
        try:
            unpacked.rename(place)
        except OSError:
            if not (place / "docs").is_dir():  # somebody else was faster, unless it is not there now
                raise
