"""The app: ``Celery``. It owns the configuration, the registry of tasks, and the ways to send and to read.

Comes in: names, settings, functions to decorate. Goes out: tasks. Nothing is worked out before somebody needs it:
``@app.task`` promises a task, reading the registry keeps all promises.
Next door: ``labq.app.creation`` makes tasks of functions, ``labq.app.publish`` sends, ``labq.app.configuration`` reads.
Celery: ``celery/app/base.py``; its user guide, "Application".
"""

from __future__ import annotations

import functools
import os
import platform
import sys
import types
import warnings
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

from labq import _state, signals
from labq._state import set_default_app
from labq.app import creation
from labq.app.aftermath import Aftermath
from labq.app.annotations import prepare as prepare_annotations
from labq.app.backends import backend_of
from labq.app.clock import AppClock
from labq.app.configuration import Configuration
from labq.app.connections import Connections
from labq.app.delays import detect_quorum_queues
from labq.app.deprecation import find_deprecated_settings
from labq.app.header import header_of
from labq.app.loader import BaseLoader, get_loader_cls
from labq.app.names import task_name
from labq.app.parts import Part
from labq.app.periodic import PeriodicTasks
from labq.app.pickling import AppPickler, bound_class, unpickle_app, unpickle_app_of_arguments
from labq.app.publish import Publisher, Sending
from labq.app.registry import TaskRegistry, known_task
from labq.app.report import bugreport
from labq.app.sources import symbol_by_name
from labq.app.task import Task
from labq.backends.backend import Backend
from labq.calendar import timezone
from labq.callables import first
from labq.dispatch import Signal
from labq.exceptions import AlwaysEagerIgnored, LabError
from labq.i18n import text
from labq.local import PromiseProxy, maybe_evaluate
from labq.result import AsyncResult
from labq.wire.serializers import disable_insecure_serializers

if TYPE_CHECKING:
    from labq.app.settings import Settings
    from labq.app.world import World


NO_WORKER = """\
The worker sub-command must be specified in argv.
Use app.start() to programmatically start other commands."""


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

    Pickler = AppPickler
    SYSTEM = platform.system()
    IS_macOS, IS_WINDOWS = SYSTEM == "Darwin", SYSTEM == "Windows"

    amqp_cls: Any = "labq.app.amqp:AMQP"
    backend_cls: Any = None
    control_cls: Any = "labq.app.control:Control"
    events_cls: Any = "labq.app.events:Events"
    loader_cls: Any = None
    log_cls: Any = "labq.app.log:Logging"
    registry_cls: Any = TaskRegistry
    task_cls: Any = Task
    builtin_fixups: ClassVar[frozenset[str]] = frozenset({"labq.contrib.django.fixup:fixup"})

    on_configure: Any = None
    """Sent before the configuration is read; a subclass may have a method of that name instead."""

    amqp = Part("amqp_cls")
    control = Part("control_cls")
    events = Part("events_cls")
    log = Part("log_cls")

    def __init__(
        self,
        main: str | None = None,
        loader: Any = None,
        backend: Any = None,
        amqp: Any = None,
        events: Any = None,
        log: Any = None,
        control: Any = None,
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
        self.main = main
        self.set_as_current = set_as_current
        self.autofinalize = autofinalize
        self.strict_typing = strict_typing
        self._choose_classes(loader, amqp, events, log, control, task_cls)
        self._begin(tasks)
        self.configuration = Configuration(
            changes,
            keywords={"broker_url": broker, "result_backend": backend, "include": include, **settings},
            source=config_source,
            source_silent=config_source_silent,
            namespace=namespace,
            read_default=self._read_default,
            prepare=self.prepare_config,
            on_configure=self._announce_configuring,
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
        self._present: tuple[int, Any, Any, datetime] | None = None
        self._classes: dict[str, Any] = {}
        self.fixups = set(self.builtin_fixups) if fixups is None else fixups
        self._fixups = [symbol_by_name(fixup)(self) for fixup in self.fixups]
        if set_as_current:
            self.set_current()
        self.on_init()
        _state.register_app(self)

    def _choose_classes(self, loader: Any, amqp: Any, events: Any, log: Any, control: Any, task_cls: Any) -> None:
        """Note of which classes the app's parts will be made: those that were given, else those of the class."""
        self.loader_cls = loader or os.environ.get("CELERY_LOADER") or self.loader_cls or "labq.loaders.app:AppLoader"
        self.amqp_cls = amqp or self.amqp_cls
        self.events_cls = events or self.events_cls
        self.log_cls = log or self.log_cls
        self.control_cls = control or self.control_cls
        self._custom_task_cls_used = bool(task_cls) or type(self).task_cls is not Celery.task_cls
        self.task_cls = task_cls or type(self).task_cls

    def _begin(self, tasks: Any) -> None:
        """Lay out what is empty in a new app."""
        registry = symbol_by_name(self.registry_cls)
        self.finalized = False
        self._pending: deque[PromiseProxy] = deque()
        self._tasks: TaskRegistry = tasks if isinstance(tasks, TaskRegistry) else registry(tasks or {})
        self._warned_names: set[str] = set()
        self.user_options: defaultdict[str, set[Any]] = defaultdict(set)
        self.steps: defaultdict[str, set[Any]] = defaultdict(set)
        if self.on_configure is None:
            self.on_configure = Signal(name="app.on_configure")
        self.on_after_configure = Signal(name="app.on_after_configure", providing_args={"source"})
        self.on_after_finalize = Signal(name="app.on_after_finalize")
        self.on_after_fork = Signal(name="app.on_after_fork")
        self.connections = Connections(self)

    def on_init(self) -> None:
        """Be told that the app was made; for overriding."""

    # -- being current -----------------------------------------------------------------------------------------
    def set_current(self) -> None:
        """Make this the current app of this thread."""
        _state.set_current_app(self)

    def set_default(self) -> None:
        """Make this the app that is current where none was made current."""
        set_default_app(self)

    def close(self) -> None:
        """Forget the app; only needed for apps made on the fly."""
        self.connections.close()
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

    @conf.setter
    def conf(self, value: Settings) -> None:
        self.configuration.settings = value

    def _read_default(self) -> Any:
        return self.loader.read_configuration()  # asked for late: who brings a loader of its own may need the app

    def _announce_configuring(self) -> None:
        if isinstance(self.on_configure, Signal):
            self.on_configure.send(sender=self)
        else:
            self.on_configure()

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

    @namespace.setter
    def namespace(self, value: str | None) -> None:
        self.configuration.namespace = value

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
            sending = Sending.of(self.conf, self.amqp)  # which may load the configuration, and so change its version
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
        """Import ``<package>.tasks`` of each package: at once when *force*, else when a worker imports its modules.

        Arguments:
            packages: their names, or a function that gives them; without it those that the fix-ups know, as Django's
                ``INSTALLED_APPS``.
            related_name: another name than ``tasks``; None for the packages themselves.
        """
        if force:
            self._autodiscover_tasks(packages, related_name)
        else:
            discover = functools.partial(self._autodiscover_tasks, packages, related_name)
            signals.import_modules.connect(lambda **_: discover(), weak=False, sender=self)

    def _autodiscover_tasks(self, packages: Any, related_name: str | None) -> None:
        if not packages:
            knowing = (fixup for fixup in self._fixups if hasattr(fixup, "autodiscover_tasks"))
            packages = [package for fixup in knowing for package in fixup.autodiscover_tasks()]
        self.loader.autodiscover_tasks(packages() if callable(packages) else packages, related_name)

    # -- classes bound to this app -----------------------------------------------------------------------------
    def subclass_with_self(
        self,
        Class: Any,  # noqa: N803 - Celery's name
        name: str | None = None,
        attribute: str = "app",
        reverse: str | None = None,
        keep_reduce: bool = False,
        **kw: Any,
    ) -> Any:
        """Return a subclass of *Class* (or of what it names) that belongs to this app.

        Arguments:
            name: another name.
            attribute: where it keeps the app.
            reverse: how it is reached from an app, for pickles; by default by its name.
            keep_reduce: whether its objects are pickled as those of *Class*.
            kw: other attributes.
        """
        cls = symbol_by_name(Class)
        way_back = None if keep_reduce else reverse or cls.__name__
        return bound_class(self, cls, name, attribute, way_back, **kw)

    def create_task_cls(self) -> Any:
        """Return a base class for tasks that belongs to this app."""
        return self.subclass_with_self(self.task_cls, "Task", "_app", keep_reduce=True, abstract=True)

    def _bound(self, name: str, base: Any, *, keep_reduce: bool = False) -> Any:
        if name not in self._classes:
            self._classes[name] = self.subclass_with_self(base, keep_reduce=keep_reduce)
        return self._classes[name]

    @property
    def Task(self) -> Any:  # noqa: N802 - Celery's name
        """The base class of this app's tasks."""
        if "Task" not in self._classes:
            self._classes["Task"] = self.create_task_cls()
        return self._classes["Task"]

    @Task.setter
    def Task(self, value: Any) -> None:  # noqa: N802 - Celery's name
        self._classes["Task"] = value

    @property
    def AsyncResult(self) -> type[AsyncResult]:  # noqa: N802 - Celery's name
        """``AsyncResult`` for this app."""
        bound: type[AsyncResult] = self._classes.get("AsyncResult") or self._bound("AsyncResult", AsyncResult)
        return bound

    @property
    def ResultSet(self) -> Any:  # noqa: N802 - Celery's name
        """``ResultSet`` for this app."""
        return self._bound("ResultSet", "labq.result:ResultSet")

    @property
    def GroupResult(self) -> Any:  # noqa: N802 - Celery's name
        """``GroupResult`` for this app."""
        return self._bound("GroupResult", "labq.result:GroupResult")

    @property
    def Worker(self) -> Any:  # noqa: N802 - Celery's name
        """The class of this app's workers: ``app.Worker(hostname="w1@lab")`` makes one, ``start()`` lets it work.

        Its arguments are ``hostname``, ``pool``, ``concurrency``, ``queues``, ``loglevel``, and others of Celery's.
        """
        return self._bound("Worker", "labq.lab.handle:RunningWorker", keep_reduce=True)

    WorkController = Worker

    @property
    def Beat(self) -> Any:  # noqa: N802 - Celery's name
        """The class of this app's beats: ``app.Beat()`` makes one, ``run()`` or ``start()`` lets it send what is due.

        Its arguments are ``schedule`` (a file that keeps when each entry ran), ``scheduler`` (a class or its name),
        ``max_interval`` (seconds), ``hostname``, and others of Celery's beat.
        """
        return self._bound("Beat", "labq.lab.beats:RunningBeat", keep_reduce=True)

    # -- sending and reading -----------------------------------------------------------------------------------
    def send_task(
        self,
        name: str,
        args: Sequence[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
        task_id: str | None = None,
        producer: Any = None,
        link: Any = None,
        link_error: Any = None,
        shadow: str | None = None,
        result_cls: Any = None,
        task_type: Any = None,
        **options: Any,
    ) -> Any:
        """Send a call by the task's name alone; the task need not be known here. For options see ``apply_async``.

        A task that is registered here brings its own options along, unless *task_type*, the task itself, says that
        ``apply_async`` has seen to that. Every call goes through here; for overriding.
        """
        if producer is not None:
            options["producer"] = producer
        if task_type is None:
            if self.sending.always_eager:
                warnings.warn(AlwaysEagerIgnored("task_always_eager has no effect on send_task"), stacklevel=2)
            known = known_task(self._tasks, name)
            if known is not None:
                options = {**known._get_exec_options(), **options}
        if link is not None or link_error is not None:
            options.update(link=link, link_error=link_error)
        return self.publisher.send_task(
            name, args, kwargs, options, task_id=task_id, shadow=shadow, result_class=result_cls or self.AsyncResult
        )

    def delays_at_broker(self, driver_type: str) -> bool:
        """Tell whether calls with an ETA wait at the broker, as they do with quorum queues, and not in a worker."""
        return detect_quorum_queues(self, driver_type)[0]

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
            backend = backend_of(self, world)
            known = self._backend = (self.configuration.version, world, backend)
        return known[2]

    # -- talking to the broker by hand --------------------------------------------------------------------------
    def connection_for_read(self, url: str | None = None, **kwargs: Any) -> Any:
        """Return a connection for consuming; for the arguments see ``connection``."""
        return self.connections.open(url, "broker_read_url", **kwargs)

    def connection_for_write(self, url: str | None = None, **kwargs: Any) -> Any:
        """Return a connection for publishing; for the arguments see ``connection``."""
        return self.connections.open(url, "broker_write_url", **kwargs)

    def connection(self, hostname: str | None = None, **kwargs: Any) -> Any:
        """Return a connection that has not connected yet.

        Arguments:
            hostname: the broker's URL; by default the app's.
            kwargs: others of kombu's ``Connection``, as ``userid``, ``transport_options``, ``connect_timeout``.
        """
        return self.connection_for_write(hostname, **kwargs)

    broker_connection = connection

    def connection_or_acquire(self, connection: Any = None, pool: bool = True, *_: Any, **__: Any) -> Any:
        """Return a ``with`` block over *connection*, or over one of the pool when it is None."""
        return self.connections.connection_or_acquired(connection, pool)

    default_connection = connection_or_acquire

    def producer_or_acquire(self, producer: Any = None) -> Any:
        """Return a ``with`` block over *producer*, or over one of the pool when it is None."""
        return self.connections.producer_or_acquired(producer)

    default_producer = producer_or_acquire

    @property
    def pool(self) -> Any:
        """The connections kept for sending; a worker's pool is something else."""
        return self.connections.pool

    @property
    def producer_pool(self) -> Any:
        """The producers kept for sending."""
        return self.amqp.producer_pool

    def select_queues(self, queues: Any = None) -> Any:
        """Let a worker of the app consume only from those queues."""
        return self.amqp.queues.select(queues)

    # -- from the command line ----------------------------------------------------------------------------------
    def start(self, argv: Sequence[str] | None = None) -> Any:
        """Run a command line as ``celery`` would, with this app: ``app.start(["worker", "-l", "INFO"])``.

        Arguments:
            argv: its words; those of this process when None.
        """
        command = symbol_by_name("labq.bin.celery:celery")
        command.params[0].default = self
        try:
            return command.main(args=sys.argv if argv is None else argv, standalone_mode=False)
        finally:
            command.params[0].default = None

    def worker_main(self, argv: Sequence[str] | None = None) -> Any:
        """Run a command line whose command is ``worker``.

        Raises:
            ValueError: when it is another one.
        """
        words = sys.argv if argv is None else argv
        if "worker" not in words:
            raise ValueError(NO_WORKER)
        return self.start(words)

    # -- surroundings ------------------------------------------------------------------------------------------
    @functools.cached_property
    def loader(self) -> BaseLoader:
        """What imports the app's modules and reads its configuration."""
        loader: BaseLoader = get_loader_cls(self.loader_cls)(app=self)
        return loader

    @functools.cached_property
    def annotations(self) -> Sequence[Any]:
        """The setting ``task_annotations``, ready to be asked about a task."""
        return prepare_annotations(self.conf.task_annotations)

    def either(self, default_key: str, *defaults: Any) -> Any:
        """Return the first of *defaults* that is not None, else the setting *default_key*."""
        said = first(None, defaults)
        return self.conf.get(default_key) if said is None else said

    def type_checker(self, fun: Callable[..., Any], bound: bool = False) -> Any:
        """Return what checks the arguments of a call of *fun* before it is sent; for overriding."""
        return staticmethod(header_of(fun, bound=bound))

    def bugreport(self) -> str:
        """Return what a report on a bug should tell: versions, platform, settings without secrets."""
        return bugreport(self)

    def setup_security(self, allowed_serializers: Any = None, *_: Any, **__: Any) -> NoReturn:
        """Refuse to sign messages: nobody can forge one in a lab.

        Raises:
            LabError: always, after the serializers that are not *allowed_serializers* were switched off, as in Celery.
        """
        disable_insecure_serializers(["json"] if allowed_serializers is None else allowed_serializers)
        raise LabError(
            "labq does not sign messages",
            text("Try task_serializer='auth' with real Celery, certificates and a real broker."),
        )

    def uses_utc_timezone(self) -> bool:
        """Tell whether the app's time zone is UTC."""
        return bool(self.timezone == timezone.utc)

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

    @timezone.deleter
    def timezone(self) -> None:
        self._zone = None

    @functools.cached_property
    def clock(self) -> AppClock:
        """The logical clock of this client; in a worker's commands, of that worker."""
        return AppClock(self)

    def now(self) -> datetime:
        """Return the virtual present, aware, in the app's timezone."""
        clock, zone = self.world.clock, self.timezone
        known = self._present
        if known is None or known[0] != clock.us or known[1] is not clock or known[2] is not zone:
            known = self._present = (clock.us, clock, zone, clock.now.astimezone(zone))
        return known[3]

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

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what the app is made of; its tasks must be defined where it is read."""
        if type(self).__reduce_args__ is not Celery.__reduce_args__:
            return unpickle_app_of_arguments, (type(self), self.Pickler, *self.__reduce_args__())
        return unpickle_app, (type(self), self.__reduce_keys__())

    def __reduce_keys__(self) -> dict[str, Any]:
        """Return the arguments from which a like app is made; for overriding."""
        source = self.configuration
        return {
            "main": self.main,
            "changes": source.settings.changes if self.configured else source.preset,
            "loader": self.loader_cls,
            "backend": self.backend_cls,
            "amqp": self.amqp_cls,
            "events": self.events_cls,
            "log": self.log_cls,
            "control": self.control_cls,
            "fixups": self.fixups,
            "config_source": source.source,
            "config_source_silent": source.source_silent,
            "task_cls": self.task_cls,
            "namespace": self.namespace,
        }

    def __reduce_args__(self) -> tuple[Any, ...]:
        """Return those arguments in the order that Celery 2.5 had; who overrides it is asked instead of the keys."""
        keys = self.__reduce_keys__()
        changes = keys["changes"] if self.configured else {}
        parts = (keys[name] for name in ("loader", "backend", "amqp", "events", "log", "control"))
        return (self.main, changes, *parts, False, keys["config_source"], keys["config_source_silent"])

    __class_getitem__: Any = classmethod(types.GenericAlias)


_state.set_default_app_maker(lambda: Celery("default", loader="default", set_as_current=False))
