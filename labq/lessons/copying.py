"""Puts the lessons into a learner's folder, and never takes away what a learner wrote there.

In come a folder and a language; out come notebooks in `<folder>/<language>/` and a report. A copy counts as edited when
its cells say something else than the lesson it was copied from; running it, or saving it with other outputs, edits
nothing. An untouched copy is brought up to date; an edited one stays, and a new version of its lesson is laid beside
it. What was copied is remembered by digest in a hidden file. Learners have no polib: the standard library is enough.
Next door: the command that opens the lab calls this; `course` gives the order.
Celery: no counterpart.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import count
from pathlib import Path

from labq.exceptions import LabError
from labq.i18n import LANGUAGES, Text, ntext, text
from labq.lessons.course import INDEX

MANIFEST = ".labq-lessons.json"


@dataclass(frozen=True)
class Report:
    """What happened to each lesson, by file name.

    Attributes:
        folder: where the lessons are.
        new: copied for the first time.
        updated: untouched copies replaced by a newer lesson.
        beside: edited copies that stayed, with the name under which the newer lesson lies beside each.
        kept: edited copies whose lesson has not changed.
        same: copies that say what the lesson of today says.
    """

    folder: Path
    new: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    beside: Mapping[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    same: tuple[str, ...] = ()

    @property
    def index(self) -> Path:
        """The notebook to open first."""
        return self.folder / f"{INDEX.name}.ipynb"

    def lines(self) -> Iterator[Text]:
        """Say what a learner is told: nothing about lessons that are as they were."""
        if self.new:
            yield ntext(
                "{count} lesson copied to {folder}.",
                "{count} lessons copied to {folder}.",
                len(self.new),
                folder=self.folder,
            )
        if self.updated:
            yield ntext("{count} lesson updated.", "{count} lessons updated.", len(self.updated))
        for name, newer in self.beside.items():
            yield text(
                "You have edited {name}, so it stays. The lesson has changed since; its new version is {newer}.",
                name=name,
                newer=newer,
            )


def copy_lessons(target: Path, lang: str, source: Traversable | None = None) -> Report:
    """Copy the lessons of one language into `target/<lang>/`.

    Arguments:
        target: the learner's folder; it is made when it is not there.
        lang: "en", "ru" or "zh".
        source: where the folders of the languages are; those that ship with labq when None.

    Raises:
        LabError: for a language without lessons, and for a folder that cannot be written.
    """
    if lang not in LANGUAGES:
        raise LabError(f"There are no lessons in {lang!r}; there are in {', '.join(LANGUAGES)}")
    shipped = _notebooks(shipped_lessons() if source is None else source, lang)
    folder = target / lang
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _copied(shipped, folder)
    except OSError as error:
        raise LabError(
            f"The lessons cannot be copied to {folder}: {error.strerror or error}",
            hint=text("Choose a folder that you may write to with --dir."),
        ) from error


def shipped_lessons() -> Traversable:
    """Return the folder of the notebooks: in the package when labq came as a wheel, beside it in a checkout.

    Raises:
        LabError: when there is neither.
    """
    in_wheel = files("labq.lessons") / "notebooks"
    in_checkout = Path(__file__).resolve().parents[2] / "notebooks"
    for place in (in_wheel, in_checkout):
        if place.is_dir():
            return place
    raise LabError("This installation of labq has no lessons", hint=text("Install labq again: pip install 'labq[lab]'"))


def digest(content: str) -> str:
    """Return a fingerprint of what a notebook says: the kinds and sources of its cells, not its outputs.

    What is no notebook any more gets the fingerprint of its text.
    """
    try:
        said = [[cell["cell_type"], "".join(cell["source"])] for cell in json.loads(content)["cells"]]
    except (ValueError, KeyError, TypeError):
        said = [["text", content]]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _notebooks(source: Traversable, lang: str) -> dict[str, str]:
    """The shipped notebooks of a language, by name, in order."""
    folder = source / lang
    found = [place for place in folder.iterdir() if place.name.endswith(".ipynb")] if folder.is_dir() else []
    if not found:
        raise LabError(f"This installation of labq has no lessons in {lang!r}")
    return {place.name: place.read_text("utf-8") for place in sorted(found, key=lambda place: place.name)}


def _copied(shipped: Mapping[str, str], folder: Path) -> Report:
    """Copies each notebook by the rules of this room, then remembers what was copied."""
    remembered = _remembered(folder)
    new, updated, kept, same = [], [], [], []
    beside: dict[str, str] = {}
    for name, content in shipped.items():
        path, today = folder / name, digest(content)
        mine = _digest_of(path)
        if mine is None:
            _write(path, content)
            new.append(name)
        elif mine == today:
            same.append(name)
        elif mine == remembered.get(name):
            _write(path, content)
            updated.append(name)
        elif today == remembered.get(name):
            kept.append(name)
        else:
            beside[name] = _lay_beside(path, content, remembered)
        remembered[name] = today
    _write(folder / MANIFEST, json.dumps(remembered, indent=1, sort_keys=True) + "\n")
    return Report(folder, tuple(new), tuple(updated), beside, tuple(kept), tuple(same))


def _lay_beside(path: Path, content: str, remembered: dict[str, str]) -> str:
    """Writes the newer lesson beside an edited copy, under the first name that takes nothing from the learner."""
    for number in count(1):
        newer = path.with_name(f"{path.stem}.new{'' if number == 1 else number}.ipynb")
        if _digest_of(newer) in (None, digest(content), remembered.get(newer.name)):
            break
    _write(newer, content)
    remembered[newer.name] = digest(content)
    return newer.name


def _digest_of(path: Path) -> str | None:
    """The fingerprint of a learner's file, None when there is none. Bytes that are no text are an edit too."""
    return digest(path.read_text("utf-8", errors="replace")) if path.exists() else None


def _remembered(folder: Path) -> dict[str, str]:
    """The fingerprints of what was copied here. A spoiled file remembers nothing: each copy then counts as edited."""
    try:
        stored = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return {str(name): str(fingerprint) for name, fingerprint in stored.items()} if isinstance(stored, dict) else {}


def _write(path: Path, content: str) -> None:
    path.write_text(content, "utf-8", newline="\n")
