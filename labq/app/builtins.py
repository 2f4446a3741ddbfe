"""The built-in tasks: every app has them, under names that begin with ``celery.``.

They come the way shared tasks come: as callbacks for the moment an app is finalized.
Celery: ``celery/app/builtins.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from labq._state import connect_on_app_finalize

if TYPE_CHECKING:
    from labq.app.base import Celery

Maker = Callable[["Celery"], Any]


def _builtin(make: Maker, place: int) -> None:
    make.serial = -100 + place  # type: ignore[attr-defined]  # before every task of the user, in this order
    connect_on_app_finalize(make)


def _backend_cleanup(app: Celery) -> Any:
    def backend_cleanup() -> None:
        """Throw expired results away; the lab's stores keep none that could expire."""

    return app._task_from_fun(backend_cleanup, name="celery.backend_cleanup")


def _accumulate(app: Celery) -> Any:
    def accumulate(_: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the arguments, or the one at ``index``."""
        index = kwargs.get("index")
        return args[index] if index is not None else args

    return app._task_from_fun(accumulate, name="celery.accumulate", bind=True)


def _map(app: Celery) -> Any:
    def xmap(task: Any, it: Any) -> list[Any]:
        """Run one task for each value, one after the other."""
        run = app.tasks[task["task"]]
        return [run(value) for value in it]

    return app._task_from_fun(xmap, name="celery.map")


def _starmap(app: Celery) -> Any:
    def xstarmap(task: Any, it: Any) -> list[Any]:
        """Run one task for each list of arguments, one after the other."""
        run = app.tasks[task["task"]]
        return [run(*values) for values in it]

    return app._task_from_fun(xstarmap, name="celery.starmap")


def _name_only(name: str) -> Maker:
    """Return the maker of a task that only holds a name: the client works such a call out, no worker runs it."""

    def make(app: Celery) -> Any:
        def task(*_: Any, **__: Any) -> NoReturn:
            """Refuse to run."""
            msg = f"{name} is not a real task"
            raise NotImplementedError(msg)

        return app._task_from_fun(task, name=f"celery.{name}")

    return make


for _place, _make in enumerate(
    (
        _backend_cleanup, _accumulate, _map, _starmap, _name_only("chain"), _name_only("chord"),
        _name_only("chord_unlock"), _name_only("chunks"), _name_only("group"),
    )
):  # fmt: skip
    _builtin(_make, _place)
