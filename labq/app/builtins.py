"""The built-in tasks: every app has them, under names that begin with ``celery.``.

They come the way shared tasks come: as callbacks for the moment an app is finalized.
Next door: ``labq.app.unlocking`` is the task that waits for a chord's header where no counter can.
Celery: ``celery/app/builtins.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from labq import canvas, result
from labq._state import connect_on_app_finalize
from labq.app.unlocking import chord_unlock

if TYPE_CHECKING:
    from labq.app.base import Celery

Maker = Callable[["Celery"], Any]


def _builtin(make: Maker, place: int) -> None:
    make.serial = -100 + place  # type: ignore[attr-defined]  # before every task of the user, in this order
    connect_on_app_finalize(make)


def add_backend_cleanup_task(app: Celery) -> Any:
    """Give *app* the task ``celery.backend_cleanup``."""

    def backend_cleanup() -> None:
        """Let the backend throw expired results away."""
        app.backend.cleanup()

    return app._task_from_fun(backend_cleanup, name="celery.backend_cleanup")


def add_accumulate_task(app: Celery) -> Any:
    """Give *app* the task ``celery.accumulate``."""

    def accumulate(_: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the arguments, or the one at ``index``."""
        index = kwargs.get("index")
        return args[index] if index is not None else args

    return app._task_from_fun(accumulate, name="celery.accumulate", bind=True)


def add_unlock_chord_task(app: Celery) -> Any:
    """Give *app* the task ``celery.chord_unlock``."""
    return app._task_from_fun(
        chord_unlock, name="celery.chord_unlock", bind=True, max_retries=None, ignore_result=True,
        default_retry_delay=app.conf.result_chord_retry_interval,
    )  # fmt: skip


def add_map_task(app: Celery) -> Any:
    """Give *app* the task ``celery.map``."""

    def xmap(task: Any, it: Any) -> list[Any]:
        """Run one task for each value, one after the other."""
        run = canvas.signature(task, app=app).type
        return [run(value) for value in it]

    return app._task_from_fun(xmap, name="celery.map")


def add_starmap_task(app: Celery) -> Any:
    """Give *app* the task ``celery.starmap``."""

    def xstarmap(task: Any, it: Any) -> list[Any]:
        """Run one task for each list of arguments, one after the other."""
        run = canvas.signature(task, app=app).type
        return [run(*values) for values in it]

    return app._task_from_fun(xstarmap, name="celery.starmap")


def add_chunk_task(app: Celery) -> Any:
    """Give *app* the task ``celery.chunks``."""

    def chunks(task: Any, it: Any, n: int) -> Any:
        """Send one task for each *n* of the values."""
        return canvas.chunks.apply_chunks(task, it, n)

    return app._task_from_fun(chunks, name="celery.chunks")


def add_group_task(app: Celery) -> Any:
    """Give *app* the task ``celery.group``."""

    def group(self: Any, tasks: Any, result: Any, group_id: str, partial_args: Any, add_to_parent: bool = True) -> Any:
        """Send the tasks of a group, as messages of old clients ask for."""
        whole = _read(result, app)
        for task in tasks:
            canvas.maybe_signature(task, app=app).clone(partial_args).apply_async(
                group_id=group_id, add_to_parent=False
            )
        parent = self.app.current_worker_task
        if add_to_parent and parent:
            parent.add_trail(whole)
        return whole

    return app._task_from_fun(group, name="celery.group", bind=True)


def _read(written: Any, app: Celery) -> Any:
    return result.result_from_tuple(written, app)


def add_chain_task(app: Celery) -> Any:
    """Give *app* the task ``celery.chain``."""

    def chain(*_: Any, **__: Any) -> NoReturn:
        """Refuse to run: a chain is worked out by whoever sends it."""
        msg = "chain is not a real task"
        raise NotImplementedError(msg)

    return app._task_from_fun(chain, name="celery.chain")


def add_chord_task(app: Celery) -> Any:
    """Give *app* the task ``celery.chord``."""

    def chord(
        self: Any,
        header: Any,
        body: Any,
        partial_args: Any = (),
        interval: float | None = None,
        countdown: float = 1,
        max_retries: int | None = None,
        eager: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Send the header of a chord, as messages of old clients ask for."""
        del eager
        app = self.app
        tasks = header.tasks if isinstance(header, canvas.group) else header
        header = canvas.group([canvas.maybe_signature(task, app=app) for task in tasks], app=app)
        body = canvas.maybe_signature(body, app=app)
        return canvas.chord(header, body).run(
            header, body, partial_args, app, interval, countdown, max_retries, **kwargs
        )

    return app._task_from_fun(chord, name="celery.chord", bind=True, ignore_result=False)


for _place, _make in enumerate(
    (
        add_backend_cleanup_task, add_accumulate_task, add_unlock_chord_task, add_map_task, add_starmap_task,
        add_chunk_task, add_group_task, add_chain_task, add_chord_task,
    )
):  # fmt: skip
    _builtin(_make, _place)
