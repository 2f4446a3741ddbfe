"""Making tasks: from a function with options to an instance of a class of its own, registered under its name.

Comes in: what stood under ``@app.task``. Goes out: a promise (lazy) or a task.
Celery: ``Celery.task`` and ``_task_from_fun`` in ``celery/app/base.py``.
"""

from __future__ import annotations

import inspect
import itertools
import sys
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any

from labq import _state
from labq.app.header import header_of
from labq.app.models import Models
from labq.app.names import callable_name
from labq.app.retries import add_autoretry
from labq.exceptions import DuplicateTaskNameWarning
from labq.kernel.timemodule import real_sleep_in
from labq.local import PromiseProxy, Proxy

if TYPE_CHECKING:
    from labq.app.base import Celery

DUPLICATE = """\
Task name {name!r} is already registered to a different callable.

Existing: {first}
New:      {second}

{consequence}

Every task must have a unique name. Pass an explicit name= to the task decorator, or rename one of the callables."""
TWICE_SHARED = "@shared_task was applied more than once to the same function. Remove the extra @shared_task decorator."
KEPT = "The new callable was not registered; calls under this name reach the callable registered first."
REPLACED = "The new callable replaced the existing one; calls under this name now reach the new callable."
REALLY_SLEEPS = (
    "Task {name!r} calls {sleep}(), which is the real time.sleep taken before labq was imported: the lab would wait "
    "with it. Import labq first, or call time.sleep()."
)

_serial = itertools.count(1)


def decorator(
    app: Celery,
    *,
    shared: bool = True,
    filter: Callable[[Any], Any] | None = None,
    lazy: bool = True,
    **options: Any,
) -> Callable[[Callable[..., Any]], Any]:
    """Return what ``@app.task(...)`` does to a function."""

    def decorate(fun: Callable[..., Any]) -> Any:
        if shared:
            _share(fun, options)
        made: Any
        if lazy and not app.finalized:
            made = PromiseProxy(app._task_from_fun, (fun,), options, __doc__=fun.__doc__)
            app._pending.append(made)
        else:
            made = app._task_from_fun(fun, **options)
        return filter(made) if filter is not None else made

    return decorate


def _share(fun: Callable[..., Any], options: Mapping[str, Any]) -> None:
    """Let every app that is finalized later have the task too."""

    def construct(app: Celery) -> Any:
        return app._task_from_fun(fun, **options)

    construct.__name__ = getattr(fun, "__name__", "task")
    construct.serial = next(_serial)  # type: ignore[attr-defined]
    # what a function promises ends with that function's test; what a module promises stays as long as the module
    construct.passing = "<locals>" in getattr(fun, "__qualname__", "")  # type: ignore[attr-defined]
    _state.connect_on_app_finalize(construct)


def shared_task(*args: Any, **kwargs: Any) -> Any:
    """Make a task that belongs to no app in particular: it is the current app's wherever it is used.

    Celery: its user guide, "First steps with Django: using the @shared_task decorator".
    """

    def create(**options: Any) -> Callable[[Callable[..., Any]], Any]:
        def decorate(fun: Callable[..., Any]) -> Any:
            if type(fun) is Proxy:
                raise TypeError(TWICE_SHARED)
            name = options.get("name")
            _share(fun, options)
            for app in tuple(_state.get_active_apps()):
                if app.finalized:
                    app._task_from_fun(fun, **options)

            def current() -> Any:
                app = _state.get_current_app()
                return app.tasks[name or app.gen_task_name(fun.__name__, fun.__module__)]

            return Proxy(current)

        return decorate

    if len(args) == 1 and callable(args[0]):
        return create(**kwargs)(args[0])
    return create(*args, **kwargs)


def subclass(base: Any, name: str, **attributes: Any) -> Any:
    """Return a class below *base* that belongs to one app and looks as if it stood where *base* stands."""
    return type(name, (base,), {"__module__": base.__module__, "__doc__": base.__doc__, **attributes})


def task_from_function(
    app: Celery,
    fun: Callable[..., Any],
    name: str | None = None,
    base: Any = None,
    bind: bool = False,
    pydantic: bool = False,
    pydantic_strict: bool = False,
    pydantic_context: Mapping[str, Any] | None = None,
    pydantic_dump_kwargs: Mapping[str, Any] | None = None,
    **options: Any,
) -> Any:
    """Return the task of *fun*, made and registered now; a name that is taken keeps its first task.

    Raises:
        RuntimeError: when the app wants to be finalized explicitly and was not.
        SyntaxError: when *fun* has no name that can be written in a ``def``.
    """
    if not app.finalized and not app.autofinalize:
        msg = "Contract breach: app not finalized"
        raise RuntimeError(msg)
    name = name or app.gen_task_name(fun.__name__, fun.__module__)
    present = app._tasks.get(name)
    if present is not None and not _replace(app, present, fun, name):
        return present
    _warn_of_real_sleep(fun, name)
    written, dump = fun, None
    if pydantic is True:
        models = Models(
            app, fun, name, strict=pydantic_strict, context=pydantic_context, dump_options=pydantic_dump_kwargs
        )
        fun, dump = models.wrap(), staticmethod(partial(models.dump_arguments, bound=bind))
    run = fun if bind else staticmethod(fun)
    cls = type(
        fun.__name__,
        (base or app.Task,),
        {
            "_app": app,
            "name": name,
            "run": run,
            "_decorated": True,
            "_decorated_fun": staticmethod(written),
            "_dump_pydantic_arguments": dump,
            "__doc__": fun.__doc__,
            "__module__": fun.__module__,
            "__annotations__": getattr(fun, "__annotations__", {}),
            "__header__": staticmethod(header_of(fun, bound=bind)),
            "__wrapped__": run,
            **options,
        },
    )
    task = cls()
    task.__qualname__ = fun.__qualname__
    app._tasks[name] = task
    task.bind(app)
    add_autoretry(task, options)
    return task


def register(app: Celery, task: Any, options: Mapping[str, Any]) -> Any:
    """Register a task written as a class, replacing one of the same name."""
    task = task() if inspect.isclass(task) else task
    if not task.name:
        cls = type(task)
        task.name = app.gen_task_name(cls.__name__, cls.__module__)
    present = app.tasks.get(task.name)
    if present is not None and present is not task:
        _warn(app, task.name, _origin(present), _origin(task), REPLACED)
    add_autoretry(task, options)
    app.tasks[task.name] = task
    type(task)._app = app
    task.bind(app)
    return task


def _replace(app: Celery, present: Any, fun: Callable[..., Any], name: str) -> bool:
    """Decide what a second function of the same name means; True lets it take the place of the first.

    Celery keeps the first and warns. In a notebook, where running a cell again is how one edits, the lab lets the new
    body in and says so; ``%labq strict on`` gives Celery's behaviour.
    """
    first = getattr(present, "_decorated_fun", None)
    if first is None or first is fun:
        return False
    if _state.has_current_lab() and app.world.replaces_tasks:
        app.world.on_task_replaced(name)
        return True
    _warn(app, name, callable_name(first), callable_name(fun), KEPT)
    return False


def _origin(task: Any) -> str:
    return callable_name(getattr(task, "_decorated_fun", None) or type(task))


def _warn(app: Celery, name: str, first: str, second: str, consequence: str) -> None:
    if name not in app._warned_names:
        app._warned_names.add(name)
        told = DUPLICATE.format(name=name, first=first, second=second, consequence=consequence)
        warnings.warn(DuplicateTaskNameWarning(told), stacklevel=_callers_level())


def _warn_of_real_sleep(fun: Callable[..., Any], name: str) -> None:
    sleep = real_sleep_in(fun)
    if sleep is not None:
        warnings.warn(REALLY_SLEEPS.format(name=name, sleep=sleep), stacklevel=_callers_level())


def _callers_level() -> int:
    """Return how far above the caller of this function the user's own code is, as ``warnings`` counts it.

    A task may be made by the decorator or later, when a promise is kept: those ways differ in their length.
    """
    frame: FrameType | None = sys._getframe(1)
    level = 1
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == __name__.partition(".")[0]:
        frame, level = frame.f_back, level + 1
    return level
