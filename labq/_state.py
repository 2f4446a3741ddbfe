"""What is current: the app, the lab, the task that runs now, and who waits for apps to be finalized.

Everybody may ask, so this is a leaf: it knows none of those things, it only keeps them. The current lab is the
project's one global; the current app follows Celery's rules (the last app made, else the default app).
Celery: ``celery/_state.py``.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from traceback import print_stack
from typing import TYPE_CHECKING, Any, ClassVar

from labq.exceptions import LabError
from labq.i18n import text
from labq.local import Proxy

if TYPE_CHECKING:
    from labq.app.base import Celery
    from labq.app.task import Task
    from labq.app.world import World

# -- the current lab -----------------------------------------------------------------------------------------------


class labs:  # noqa: N801 - a place with a name, no class to make things of
    """Where the current lab is kept, and how one is made when nobody has made one."""

    current: World | None = None
    make: Callable[[], World] | None = None


def set_current_lab(lab: World | None) -> None:
    """Make *lab* the lab in which every app sends and works; None forgets the present one."""
    labs.current = lab


def set_lab_maker(make: Callable[[], World]) -> None:
    """Tell how to make a lab when one is needed and none is there."""
    labs.make = make


def get_current_lab() -> World:
    """Return the current lab, making one if there is none yet.

    Raises:
        LabError: when the rooms above were never imported.
    """
    if labs.current is None:
        if labs.make is None:
            msg = "there is no lab"
            raise LabError(msg, text("import labq, which brings one, instead of one of its rooms."))
        labs.current = labs.make()
    return labs.current


def has_current_lab() -> bool:
    """Tell whether a lab has been made or asked for."""
    return labs.current is not None


@contextmanager
def inside_lab(lab: World) -> Iterator[None]:
    """Make *lab* the current one for a while, so that its bodies find themselves in it whichever lab the user holds."""
    before, labs.current = labs.current, lab
    try:
        yield
    finally:
        if labs.current is lab:
            labs.current = before


# -- the current app -----------------------------------------------------------------------------------------------


class _TLS(threading.local):
    current_app: Celery | None = None


class _Apps:
    """How the default app is made, and every app that lives."""

    make_default: Callable[[], Celery] | None = None
    alive: ClassVar[weakref.WeakSet[Celery]] = weakref.WeakSet()


_tls = _TLS()
default_app: Celery | None = None
"""The app that is current where none was made current; None as long as there was no need for one."""
_on_app_finalizers: set[Callable[[Celery], Any]] = set()


def set_default_app(app: Celery | None) -> None:
    """Make *app* the one that is current where none was made current."""
    global default_app  # noqa: PLW0603 - programs look for it under this name
    default_app = app


def get_default_app() -> Celery | None:
    """Return the app that is current where none was made current, or None if there was no need for one yet."""
    return default_app


def set_default_app_maker(make: Callable[[], Celery]) -> None:
    """Tell how to make the app called 'default' that stands in when there is none."""
    _Apps.make_default = make


def set_current_app(app: Celery | None) -> None:
    """Make *app* current in this thread."""
    _tls.current_app = app


def get_current_app() -> Celery:
    """Return the current app of this thread, else the default app, which is made when first needed."""
    if _tls.current_app is not None:
        return _tls.current_app
    if default_app is None:
        assert _Apps.make_default is not None, "the app room sets it when it is imported"  # noqa: S101
        set_default_app(_Apps.make_default())
    return default_app  # type: ignore[return-value]  # it was made just now


def _app_or_default(app: Celery | None = None) -> Celery:
    """Return *app*, or the current one when it is None."""
    return get_current_app() if app is None else app


def _app_or_default_trace(app: Celery | None = None) -> Celery:
    """Return *app*; when it is None, show who relies on the current one, and refuse to bring in the default app."""
    if app is not None:
        return app
    if _tls.current_app is None:
        raise Exception("DEFAULT APP")  # noqa: TRY002 - Celery's error, for who looks for such places
    print("-- RETURNING TO CURRENT APP --")  # noqa: T201 - asked for by enable_trace
    print_stack()
    return _tls.current_app


app_or_default: Callable[..., Celery] = _app_or_default
"""What is asked for an app wherever none was given."""


def enable_trace() -> None:
    """Show from now on where an app is missing and the current one is taken."""
    global app_or_default  # noqa: PLW0603 - it is looked for under this name
    app_or_default = _app_or_default_trace


def disable_trace() -> None:
    """End what ``enable_trace`` began."""
    global app_or_default  # noqa: PLW0603 - as above
    app_or_default = _app_or_default


def register_app(app: Celery) -> None:
    """Remember that *app* lives."""
    _Apps.alive.add(app)


def deregister_app(app: Celery) -> None:
    """Forget *app*."""
    _Apps.alive.discard(app)


def get_active_apps() -> weakref.WeakSet[Celery]:
    """Return every app that was made and is still alive."""
    return _Apps.alive


_get_active_apps = get_active_apps  # Celery's name for it


def connect_on_app_finalize(callback: Callable[[Celery], Any]) -> Callable[[Celery], Any]:
    """Call *callback* with every app that is finalized from now on: this is how shared tasks reach apps."""
    _on_app_finalizers.add(callback)
    return callback


def forget_shared_tasks() -> None:
    """Forget what functions promised to later apps; the built-in tasks and those that modules share stay.

    A module is imported once and shares its tasks once; a test's function shares a new one each time it runs.
    """
    lasting = {callback for callback in _on_app_finalizers if not getattr(callback, "passing", False)}
    _on_app_finalizers.intersection_update(lasting)


def announce_app_finalized(app: Celery) -> None:
    """Let everybody who waits for it know that *app* is finalized."""
    # sorted by the order of definition: a set's own order changes with the process's hash seed
    for callback in sorted(_on_app_finalizers, key=lambda callback: getattr(callback, "serial", 0)):
        callback(app)


# -- the current task ----------------------------------------------------------------------------------------------

Call = tuple["Task", Any]
"""A task that is running, with its request."""

_calls: ContextVar[tuple[Call, ...]] = ContextVar("labq_calls", default=())
# every body has context variables of its own, so a suspended body's calls are not mixed with another's


def push_call(task: Task, request: Any) -> Token[tuple[Call, ...]]:
    """Note that *task* runs now with *request*; give the token back to ``pop_call``."""
    return _calls.set((*_calls.get(), (task, request)))


def pop_call(token: Token[tuple[Call, ...]]) -> None:
    """Note that what ``push_call`` noted has ended."""
    _calls.reset(token)


def drop_call() -> None:
    """Take the innermost call away, for who pushed without keeping the token."""
    _calls.set(_calls.get()[:-1])


def calls() -> tuple[Call, ...]:
    """Return the tasks that run now, the innermost last."""
    return _calls.get()


def get_current_task() -> Task | None:
    """Return the innermost task that runs now, or None."""
    running = _calls.get()
    return running[-1][0] if running else None


def get_current_request() -> Any:
    """Return the request of the innermost task that runs now, or None."""
    running = _calls.get()
    return running[-1][1] if running else None


def get_current_worker_call() -> Call | None:
    """Return the task that a worker runs now, with its request, passing over tasks that were merely called."""
    running = _calls.get()
    if not running:
        return None
    for call in reversed(running):
        if not call[1].called_directly:
            return call
    return None


class TaskStack:
    """The tasks that run now, for who runs one by hand: ``push_current_task(task)``, and ``pop_current_task()`` after.

    Its request is the one that the task has at that moment; ``task.push_request(...)`` gives it another one.
    """

    @property
    def top(self) -> Task | None:
        """The innermost task, or None."""
        return get_current_task()

    @property
    def stack(self) -> list[Task]:
        """All of them, the innermost last."""
        return [task for task, _ in _calls.get()]

    def push(self, task: Task) -> list[Task]:
        """Note that *task* runs now; return all that do."""
        push_call(task, task.request)
        return self.stack

    def pop(self) -> Task | None:
        """Take the innermost task away and return it; None when there is none."""
        task = self.top
        drop_call()
        return task

    def __len__(self) -> int:
        return len(_calls.get())


_task_stack = TaskStack()
push_current_task = _task_stack.push
pop_current_task = _task_stack.pop

current_app: Celery = Proxy(get_current_app)  # type: ignore[assignment]
current_task: Task = Proxy(get_current_task)  # type: ignore[assignment]

# -- joining inside a task -----------------------------------------------------------------------------------------

_join_blocks: ContextVar[bool | None] = ContextVar("labq_join_blocks", default=None)


def task_join_will_block() -> bool:
    """Tell whether waiting for a result here could lock a worker up: in a worker's task, unless it is allowed."""
    said = _join_blocks.get()
    if said is None:
        return any(not request.called_directly and not request.is_eager for _, request in _calls.get())
    return said


def set_task_join_will_block(blocks: bool) -> Token[bool | None]:
    """Say whether waiting for a result here could lock a worker up."""
    return _join_blocks.set(blocks)


def reset_task_join_will_block(token: Token[bool | None]) -> None:
    """Take back what ``set_task_join_will_block`` said."""
    _join_blocks.reset(token)
