"""One setting as Celery knows it: its type, its default, the name it once had.

In: what ``namespaces`` says of each setting. Out: ``Option``; ``ON`` and ``OFF``, the two that most settings are.
Next door: ``namespaces`` is the table built of options, ``defaults`` looks things up in it.
Celery: ``celery/app/defaults.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

BOOLEANS = {
    "false": False, "no": False, "off": False, "0": False,
    "true": True, "yes": True, "on": True, "1": True,
}  # fmt: skip


def strtobool(term: object, table: Mapping[str, bool] | None = None) -> Any:
    """Read a yes or a no from text; anything that is not text is returned as it is.

    Arguments:
        term: ``"yes"``, ``"off"``, ``"1"`` … in any case.
        table: words to know instead of the usual ones, in lower case.

    Raises TypeError for a word that is neither.
    Source: ``celery.utils.serialization.strtobool``.
    """
    if not isinstance(term, str):
        return term
    words = BOOLEANS if table is None else table
    if term.lower() not in words:
        msg = f"Cannot coerce {term!r} to type bool"
        raise TypeError(msg)
    return words[term.lower()]


@dataclass(frozen=True, repr=False)
class Option:
    """What Celery knows about one setting.

    Arguments:
        default: the value when nobody sets it.
        type: what text from the command line is turned into; a key of ``typemap`` where that is possible at all.
        old: the setting's name before Celery 4, in lower case. Empty: the new name, in capitals.
        deprecate_by: the version that will warn of the setting; *remove_by*: the one that will drop it.
        alt: what to use instead.
    """

    typemap: ClassVar[dict[Any, Callable[[Any], Any]]] = {
        "string": str, "int": int, "float": float, "any": lambda value: value,
        "bool": strtobool, "dict": dict, "tuple": tuple,
    }  # fmt: skip

    default: Any = None
    type: Any = "string"
    old: str = ""
    deprecate_by: str | None = None
    remove_by: str | None = None
    alt: str | None = None

    def once(self, old: str) -> Option:
        """Return the same option under another old name."""
        return replace(self, old=old)

    def to_python(self, value: Any) -> Any:
        """Turn *value*, a word of a command line, into the setting's type; KeyError for a type no word can give."""
        return self.typemap[self.type](value)

    def __repr__(self) -> str:
        return f"<Option: type->{self.type} default->{self.default!r}>"


ON = Option(default=True, type="bool")
OFF = Option(default=False, type="bool")

Namespace = dict[str, Option]


def namespace(old: str = "", /, **options: Option) -> Namespace:
    """Group *options*; *old* begins the old names of those that give none themselves."""
    return {key: option.once(option.old or (old and old + key)) for key, option in options.items()}
