"""Annotations: attributes of tasks that the setting ``task_annotations`` lays over them.

Comes in: the setting: a mapping of tasks' names (``"*"`` is every task) to attributes, an object with
``annotate(task)``, or a list of such. Goes out: what to set on one task.
Celery: ``celery/app/annotations.py``; its user guide, "Configuration: task_annotations".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from labq.app.sources import symbol_by_name
from labq.callables import maybe_evaluate, mlazy


class MapAnnotation(dict[str, Any]):
    """Attributes by the names of tasks."""

    def annotate_any(self) -> dict[str, Any] | None:
        """Return the attributes of every task."""
        return dict(self["*"]) if "*" in self else None

    def annotate(self, task: Any) -> dict[str, Any] | None:
        """Return the attributes of *task*."""
        return dict(self[task.name]) if task.name in self else None


def prepare(annotations: Any) -> Sequence[Any]:
    """Return the setting as a list of things that annotate; a text names a class, made when it is asked first."""
    if annotations is None:
        return ()
    given = annotations if isinstance(annotations, list | tuple) else [annotations]
    return [_prepared(each) for each in given]


def lay_over(cls: Any, said: Iterable[Mapping[str, Any]]) -> None:
    """Set on the task class *cls* what is *said* of it; a name like ``@run`` wraps that method."""
    for annotation in said:
        for name, value in annotation.items():
            if name.startswith("@"):
                _wrap(cls, name[1:], value)
            else:
                setattr(cls, name, value)


def _wrap(cls: Any, name: str, around: Callable[[Any], Any]) -> None:
    original = getattr(cls, name)
    original = getattr(original, "__wrapped__", None) or original
    made: Any = around(original)
    made.__wrapped__ = original
    setattr(cls, name, made)


def _prepared(annotation: Any) -> Any:
    if isinstance(annotation, str):
        return mlazy(_made, annotation)
    return MapAnnotation(annotation) if isinstance(annotation, Mapping) else annotation


def _made(name: str) -> Any:
    return symbol_by_name(name)()


def resolve_all(annotations: Iterable[Any], task: Any) -> Iterator[Mapping[str, Any]]:
    """Give what is said of *task*, then what is said of every task: the latter has the last word, as in Celery.

    Of several annotations the first that says anything counts.
    """
    made = [maybe_evaluate(each) for each in annotations]
    for ask in (lambda each: each.annotate(task), _annotate_any):
        said = _first(made, ask)
        if said:
            yield said


def _annotate_any(annotation: Any) -> Any:
    ask = getattr(annotation, "annotate_any", None)
    return None if ask is None else ask()


def _first(annotations: list[Any], ask: Callable[[Any], Any]) -> Any:
    return next((said for said in map(ask, annotations) if said is not None), None)
