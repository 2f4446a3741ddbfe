"""The app: ``Celery``. It owns the configuration, the registry of tasks, and the ways to send and to read.

Comes in: names, settings, functions to decorate. Goes out: tasks. Nothing is worked out before somebody needs it:
``@app.task`` promises a task, reading the registry keeps all promises.
Next door: ``labq.app.creation`` makes tasks of functions, ``labq.app.publish`` sends, ``labq.app.configuration`` reads.
Celery: ``celery/app/base.py``; its user guide, "Application".
"""

from __future__ import annotations

import types
import warnings
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from labq import _state
from labq.app import creation
from labq.app.aftermath import Aftermath
from labq.app.configuration import Configuration
from labq.app.deprecation import find_deprecated_settings
from labq.app.discovery import import_all_related
from labq.app.names import task_name
from labq.app.periodic import PeriodicTasks
from labq.app.publish import Publisher, Sending
from labq.app.registry import TaskRegistry
from labq.app.sources import symbol_by_name
from labq.app.task import Task
from labq.backends.backend import Backend
from labq.backends.disabled import DisabledBackend
from labq.backends.keyvalue import CacheBackend
from labq.backends.rpc import RPCBackend
from labq.dispatch import Signal
from labq.exceptions import AlwaysEagerIgnored
from labq.local import PromiseProxy, maybe_evaluate
from labq.result import AsyncResult

if TYPE_CHECKING:
    from labq.app.settings import Settings
    from labq.app.world import World


class Celery:
    """A Celery app that lives in the current lab.

    Arguments:
        main: the name that stands for ``__main__`` in names of tasks.
        broker: the broker's URL.
        backend: the result backend's URL.
        include: modules that a worker imports.
        set_as_current: whether this becomes the current app.
        autofinalize: False makes using a task before ``finalize()`` an error.
        changes: settings to start with.
        config_source: what ``config_from_object`` would be given.
        namespace: what the names of settings begin with in the source.
        task_cls: the base class of all tasks.
        strict_typing: whether arguments are checked before sending.
        tasks: a registry, or the tasks to begin with.
        settings: any other setting by its name, like ``task_always_eager=True``.
    """

    registry_cls = TaskRegistry
    task_cls: Any = Task

    def __init__(
        self,
        main: str | None = None,
        loader: Any = None,
        backend: Any = None,
        *,
        set_as_current: bool = True,
        tasks: Any = None,
        broker: str | None = None,
        include: Sequence[str] | None = None,
        changes: dict[str, Any] | None = None,
        config_source: Any = None,
        task_cls: Any = None,
        autofinalize: bool = True,
        namespace: str | None = None,
        strict_typing: bool = True,
        config_source_silent: bool = False,
        fixups: Any = None,
        **settings: Any,
    ) -> None:
        del fixups
        self.main = main
        self.set_as_current = set_as_current
        self.autofinalize = autofinalize
        self.strict_typing = strict_typing
        self.task_cls = task_cls or type(self).task_cls
        self.finalized = False
        self._pending: deque[PromiseProxy] = deque()
        self._tasks: TaskRegistry = tasks if isinstance(tasks, TaskRegistry) else self.registry_cls(tasks or {})
        self._warned_names: set[str] = set()
        self.on_configure = Signal(name="app.on_configure")
        self.on_after_configure = Signal(name="app.on_after_configure", providing_args={"source"})
        self.on_after_finalize = Signal(name="app.on_after_finalize")
        self.configuration = Configuration(
            changes,
            keywords={"broker_url": broker, "result_backend": backend, "include": include, **settings},
            source=config_source,
            source_silent=config_source_silent,
            namespace=namespace,
            default_module="celeryconfig" if loader == "default" else None,
            prepare=self.prepare_config,
            on_configure=lambda: self.on_configure.send(sender=self),
            on_configured=self._on_configured,
        )
        self.publisher = Publisher(self)
        self.aftermath = Aftermath(self)
        self._periodic_tasks = PeriodicTasks(self)
        self._zone: Any = None
        self._sending: tuple[int, Sending] | None = None
        self._backend: tuple[int, World, Backend] | None = None
        self._addresses: tuple[World, tuple[str, str]] | None = None
        self._moment: tuple[int, Any, Sending, str] | None = None
        self._classes: dict[str, Any] = {}
        if set_as_current:
            self.set_current()
        self.on_init()
        _state.register_app(self)

    def on_init(self) -> None:
        """Be told that the app was made; for overriding."""

    # -- being current -----------------------------------------------------------------------------------------
    def set_current(self) -> None:
        """Make this the current app of this thread."""
        _state.set_current_app(self)

    def set_default(self) -> None:
        """Make this the app that is current where none was made current."""
        _state.set_default_app(self)

    def close(self) -> None:
        """Forget the app; only needed for apps made on the fly."""
        _state.deregister_app(self)

    def __enter__(self) -> Self:
        """Use the app in a ``with`` block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the app."""
        self.close()

    # -- configuration -----------------------------------------------------------------------------------------
    @property
    def conf(self) -> Settings:
        """The settings; reading one loads the configuration."""
        return self.configuration.settings

    def prepare_config(self, c: Any) -> Any:
        """Look over the source of the configuration before it is used; for overriding."""
        return find_deprecated_settings(c)

    def _on_configured(self, conf: Settings) -> None:
        self._periodic_tasks.enter_pending()
        self.on_after_configure.send(sender=self, source=conf)

    @property
    def configured(self) -> bool:
        """Whether the configuration was loaded."""
        return self.configuration.configured

    @property
    def namespace(self) -> str | None:
        """What the names of settings begin with in the source."""
        return self.configuration.namespace

    def config_from_object(
        self, obj: Any, silent: bool = False, force: bool = False, namespace: str | None = None
    ) -> Any:
        """Take *obj* (an object, a class, a module, or the name of one) as the source of the configuration."""
        return self.configuration.from_object(obj, silent=silent, force=force, namespace=namespace)

    def config_from_envvar(self, variable_name: str, silent: bool = False, force: bool = False) -> Any:
        """Take the module that an environment variable names as the source of the configuration."""
        return self.configuration.from_envvar(variable_name, silent=silent, force=force)

    def config_from_cmdline(self, argv: Sequence[str], namespace: str = "celery") -> None:
        """Take settings from arguments like ``worker.prefetch_multiplier=1``."""
        self.configuration.from_cmdline(argv, namespace)

    def add_defaults(self, fun: Any) -> None:
        """Add settings that everything explicit beats; a function is called when they are needed."""
        self.configuration.add_defaults(fun)

    @property
    def sending(self) -> Sending:
        """The settings for sending, read anew whenever the configuration has changed."""
        version = self.configuration.version
        known = self._sending
        if known is None or known[0] != version:
            sending = Sending.of(self.conf)  # which may load the configuration, and so change its version
            known = self._sending = (self.configuration.version, sending)
        return known[1]

    # -- tasks -------------------------------------------------------------------------------------------------
    def task(self, *args: Any, **options: Any) -> Any:
        """Make a task of a function; a decorator, with or without options.

        Arguments:
            name: another name than the one made of module and function.
            bind: whether the function's first argument is the task.
            base: another base class.
            shared: whether apps made later get the task too.
            lazy: False makes the task at once instead of promising it.
            options: any attribute of ``Task``.
        """
        decorate = creation.decorator(self, **options)
        if len(args) == 1:
            if callable(args[0]):
                return decorate(args[0])
            msg = "argument 1 to @task() must be a callable"
            raise TypeError(msg)
        if args:
            msg = f"@task() takes exactly 1 argument ({len(args) + len(options)} given)"
            raise TypeError(msg)
        return decorate

    def _task_from_fun(self, fun: Callable[..., Any], name: str | None = None, **options: Any) -> Any:
        return creation.task_from_function(self, fun, name, **options)

    def register_task(self, task: Any, **options: Any) -> Any:
        """Register a task written as a class (or an instance of it); one of the same name is replaced."""
        return creation.register(self, task, options)

    def add_periodic_task(
        self,
        schedule: Any,
        sig: Any,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] = MappingProxyType({}),
        name: str | None = None,
        **opts: Any,
    ) -> str:
        """Let beat send a call again and again, and return the key of its entry in ``beat_schedule``.

        Arguments:
            schedule: seconds, a timedelta, a ``crontab`` or another schedule.
            sig: the call, a signature or a task.
            args: arguments in front of those of *sig*.
            kwargs: keyword arguments over those of *sig*.
            name: the key; the call as text by default, so that the same call again takes the place of the first.
            opts: options of ``apply_async``: ``expires=10``, ``queue="reports"``.
        """
        return self._periodic_tasks.add(schedule, sig, args, kwargs, name, opts)

    def gen_task_name(self, name: str, module: str | None) -> str:
        """Return the name for a function called *name* in *module*; for overriding."""
        return task_name(self.main, name, module)

    def finalize(self, auto: bool = False) -> None:
        """Keep every promise: make the tasks that were promised, the shared and the built-in ones, and bind them all.

        Raises:
            RuntimeError: when *auto* and the app wants to be finalized explicitly.
        """
        if self.finalized:
            return
        if auto and not self.autofinalize:
            msg = "Contract breach: app not finalized"
            raise RuntimeError(msg)
        self.finalized = True
        _state.announce_app_finalized(self)
        while self._pending:
            maybe_evaluate(self._pending.popleft())
        for task in self._tasks.values():
            task.bind(self)
        self.on_after_finalize.send(sender=self)

    @property
    def tasks(self) -> TaskRegistry:
        """The registry; reading it finalizes the app."""
        self.finalize(auto=True)
        return self._tasks

    @property
    def current_task(self) -> Any:
        """The task that runs now, or None."""
        return _state.get_current_task()

    @property
    def current_worker_task(self) -> Any:
        """The task that a worker runs now, passing over tasks that were merely called, or None."""
        call = _state.get_current_worker_call()
        return None if call is None else call[0]

    def autodiscover_tasks(self, packages: Any = None, related_name: str | None = "tasks", force: bool = False) -> None:
        """Import ``<package>.tasks`` of each package: at once when *force*, else when the registry is first read."""
        if force:
            import_all_related(packages, related_name)
        else:
            self.on_after_finalize.connect(lambda **_: import_all_related(packages, related_name), weak=False)

    # -- classes bound to this app -----------------------------------------------------------------------------
    def _bound(self, name: str, base: Any) -> Any:
        if name not in self._classes:
            self._classes[name] = creation.subclass(base, base.__name__, app=self)
        return self._classes[name]

    @property
    def Task(self) -> Any:  # noqa: N802 - Celery's name
        """The base class of this app's tasks."""
        if "Task" not in self._classes:
            base = symbol_by_name(self.task_cls)
            self._classes["Task"] = creation.subclass(base, "Task", _app=self, abstract=True)
        return self._classes["Task"]

    @Task.setter
    def Task(self, value: Any) -> None:  # noqa: N802 - Celery's name
        self._classes["Task"] = value

    @property
    def AsyncResult(self) -> type[AsyncResult]:  # noqa: N802 - Celery's name
        """``AsyncResult`` for this app."""
        bound: type[AsyncResult] = self._classes.get("AsyncResult") or self._bound("AsyncResult", AsyncResult)
        return bound

    def Worker(self, **options: Any) -> Any:  # noqa: N802 - Celery's name
        """Return a worker for this app; ``start()`` lets it work.

        Arguments:
            options: ``hostname``, ``pool`` (``"solo"`` or ``"prefork"``), ``concurrency``, ``queues``, ``loglevel`` and
                others of Celery's worker.
        """
        return self.world.build_worker(self, **options)

    WorkController = Worker

    def Beat(self, **options: Any) -> Any:  # noqa: N802 - Celery's name
        """Return a beat for this app; ``run()`` or ``start()`` lets it send what is due.

        Arguments:
            options: ``schedule`` (a file that keeps when each entry ran), ``scheduler`` (a class or its name),
                ``max_interval`` (seconds), ``hostname``, and others of Celery's beat.
        """
        return self.world.build_beat(self, **options)

    # -- sending and reading -----------------------------------------------------------------------------------
    def send_task(
        self,
        name: str,
        args: Sequence[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
        task_id: str | None = None,
        shadow: str | None = None,
        result_cls: Any = None,
        **options: Any,
    ) -> Any:
        """Send a call by the task's name alone; the task need not be known here. For options see ``apply_async``.

        A task that is registered here brings its own options along, as it does to ``apply_async``.
        """
        if self.sending.always_eager:
            warnings.warn(AlwaysEagerIgnored("task_always_eager has no effect on send_task"), stacklevel=2)
        known = self._tasks.get(name)
        if known is not None:
            options = {**known._get_exec_options(), **options}
        return self.publisher.send_task(
            name, args, kwargs, options, task_id=task_id, shadow=shadow, result_class=result_cls or self.AsyncResult
        )

    def signature(self, *args: Any, **kwargs: Any) -> Any:
        """Return a signature bound to this app."""
        kwargs["app"] = self
        return symbol_by_name("labq.canvas.signature:signature")(*args, **kwargs)

    @property
    def backend(self) -> Backend:
        """Where the results of this app are written and read."""
        world, version = self.world, self.configuration.version
        known = self._backend
        if known is None or known[0] != version or known[1] is not world:
            backend = self._build_backend(world)
            known = self._backend = (self.configuration.version, world, backend)
        return known[2]

    def _build_backend(self, world: World) -> Backend:
        conf = self.conf
        url, broker_url = conf.result_backend, self.sending.broker_url
        if not url or url.startswith("disabled"):
            return DisabledBackend(self, url="disabled://")
        world.store(url, broker_url)  # an unknown address is said here, not later
        return (RPCBackend if url.startswith("rpc") else CacheBackend)(self, url=url)

    # -- surroundings ------------------------------------------------------------------------------------------
    @property
    def world(self) -> World:
        """The current lab."""
        return _state.labs.current or _state.get_current_lab()

    def address(self, world: World) -> tuple[str, str]:
        """Return this client's address for replies in *world*, and the name of its node in messages."""
        if self._addresses is None or self._addresses[0] is not world:
            self._addresses = (world, (world.new_oid(), f"gen1@{world.hostname}"))
        return self._addresses[1]

    @property
    def oid(self) -> str:
        """This client's address for replies."""
        return self.address(self.world)[0]

    thread_oid = oid

    @property
    def origin(self) -> str:
        """The name of this node in messages."""
        return self.address(self.world)[1]

    @property
    def timezone(self) -> Any:
        """The setting ``timezone`` as it was when somebody first asked, as in Celery; UTC unless it says otherwise."""
        zone = self._zone
        if zone is None:
            zone = self._zone = self.sending.timezone
        return zone

    @timezone.setter
    def timezone(self, zone: tzinfo | str) -> None:
        self._zone = zone

    def now(self) -> datetime:
        """Return the virtual present, aware, in the app's timezone."""
        return self.world.clock.now.astimezone(self.timezone)

    def now_text(self) -> str:
        """Return the virtual present as ISO 8601 text; many results are stored at the same moment."""
        clock, sending = self.world.clock, self.sending
        known = self._moment
        if known is None or known[0] != clock.us or known[1] is not clock or known[2] is not sending:
            known = self._moment = (clock.us, clock, sending, self.now().isoformat())
        return known[3]

    def __repr__(self) -> str:
        """Return ``<Celery proj at 0x...>``."""
        return f"<{type(self).__name__} {self.main or '__main__'} at {id(self):#x}>"

    __class_getitem__: Any = classmethod(types.GenericAlias)


_state.set_default_app_maker(lambda: Celery("default", loader="default", set_as_current=False))
