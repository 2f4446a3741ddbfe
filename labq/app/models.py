"""Models: arguments and return values that are pydantic models (``@app.task(pydantic=True)``).

Comes in: a task's function. Goes out: one that makes models of the plain values that a message brings, by the
annotations of its parameters, and plain values of the model that it returns. pydantic is loaded when it is asked for.
Celery: ``pydantic_wrapper`` in ``celery/app/base.py``; its user guide, "Tasks: Argument validation with Pydantic".
"""

from __future__ import annotations

import functools
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from labq.app.sources import symbol_by_name
from labq.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from labq.app.base import Celery

POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


class Models:
    """What the annotations of one task's function say about models.

    Arguments:
        app: the app of the task; validators find it in their context as ``celery_app``.
        function: the task's function.
        name: the task's name; validators find it as ``celery_task_name``.
        strict: whether pydantic converts nothing.
        context: more for the validators' context.
        dump_options: for ``model_dump``; its ``mode`` is ``json`` unless it says otherwise.

    Raises:
        ImproperlyConfigured: when pydantic is not installed.
    """

    def __init__(
        self,
        app: Celery,
        function: Callable[..., Any],
        name: str,
        *,
        strict: bool = False,
        context: Mapping[str, Any] | None = None,
        dump_options: Mapping[str, Any] | None = None,
    ) -> None:
        try:
            self._base: Any = symbol_by_name("pydantic:BaseModel")
        except ImportError as error:
            msg = "You need to install pydantic to use pydantic model serialization."
            raise ImproperlyConfigured(msg) from error
        self._strict = strict
        self._context = {**(context or {}), "celery_app": app, "celery_task_name": name}
        self._dump_options = {"mode": "json", **(dump_options or {})}
        self._function = function
        self._signature = inspect.signature(function)
        try:
            self._hints = typing.get_type_hints(function)
        except (NameError, AttributeError, TypeError):
            self._hints = {}  # names that only a type checker sees: what the signature shows must do

    def wrap(self) -> Callable[..., Any]:
        """Return the function with models going in, and plain values coming out."""

        @functools.wraps(self._function)
        def validated(*args: Any, **kwargs: Any) -> Any:
            bound = self._signature.bind(*args, **kwargs)
            for name, value in bound.arguments.items():
                model = self._model_of(name, value)
                if model is not None:
                    bound.arguments[name] = self._made(model, value)
            return self._returned(self._function(*bound.args, **bound.kwargs))

        return validated

    def dump_arguments(self, args: Any, kwargs: Any, *, bound: bool = False) -> tuple[Any, Any]:
        """Return the arguments of a call with plain values in place of the models that the worker can make again.

        Arguments:
            args, kwargs: the arguments.
            bound: whether the function's first parameter is the task, which the caller does not give.
        """
        given, named = () if args is None else args, {} if kwargs is None else kwargs
        if not isinstance(given, list | tuple) or not isinstance(named, Mapping):
            return args, kwargs  # refused where other tasks' arguments are
        if not any(isinstance(value, self._base) for value in (*given, *named.values())):
            return args, kwargs
        try:
            self._signature.bind(*([None] if bound else []), *given, **named)
        except TypeError:
            return args, kwargs
        parameters = self._signature.parameters.values()
        positional = [each.name for each in parameters if each.kind in POSITIONAL][bool(bound) :]
        by_name = {each.name for each in parameters if each.kind in NAMED}
        names: list[str | None] = [*positional, *([None] * len(given))]
        dumped = [self._dumped(name, value) for name, value in zip(names, given, strict=False)]
        others = {name: self._dumped(name if name in by_name else None, value) for name, value in named.items()}
        if any(new is not old for new, old in zip(dumped, given, strict=True)):
            args = dumped if isinstance(given, list) else tuple(dumped)
        return args, others if any(others[name] is not named[name] for name in named) else kwargs

    def _dumped(self, name: str | None, value: Any) -> Any:
        """Return the plain values of a model if an equal model can be made of them, else the model itself."""
        if name is None or not isinstance(value, self._base) or hasattr(type(value), "__json__"):
            return value
        model = self._model_of(name, value)
        if model is None:
            return value
        try:
            dumped = value.model_dump(**self._dump_options)
            return dumped if self._made(model, dumped) == value else value
        except Exception:  # noqa: BLE001 - the model's own validators, some of which may only work on a worker
            return value

    def _model_of(self, name: str, value: Any) -> Any:
        """Return the model that the parameter called *name* is annotated with, or None."""
        annotation = self._hints.get(name, self._signature.parameters[name].annotation)
        if value is not None:
            annotation = _unless_none(annotation)
        return annotation if _is_class(annotation) and issubclass(annotation, self._base) else None

    def _made(self, model: Any, value: Any) -> Any:
        return model.model_validate(value, strict=self._strict, context=self._context)

    def _returned(self, value: Any) -> Any:
        annotation = _unless_none(self._hints.get("return", self._signature.return_annotation))
        if _is_class(annotation) and isinstance(value, self._base) and isinstance(value, annotation):
            return value.model_dump(**self._dump_options)
        return value


def _unless_none(annotation: Any) -> Any:
    """Return the type that ``Optional[type]`` stands for; any other annotation as it is."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        members = [member for member in typing.get_args(annotation) if member is not type(None)]
        if len(members) == 1:
            return members[0]
    return annotation


def _is_class(annotation: Any) -> bool:
    return inspect.isclass(annotation) and typing.get_origin(annotation) is None
