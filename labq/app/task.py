"""A task: a function that can be called from afar.

Comes in: a call (``delay``, ``apply_async``, ``apply``, or the task itself like a function). Goes out: a message and an
``AsyncResult``, or a value. Next door: ``labq.app.base`` makes tasks of functions, ``labq.app.publish`` sends their
messages, ``labq.app.trace`` runs them.
Celery: ``celery/app/task.py``; its user guide, "Tasks" and "Calling Tasks".
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from labq import _state
from labq._state import current_app
from labq.app import deprecation, eager, replacing
from labq.app import retries as retrying
from labq.app.annotations import lay_over, prepare
from labq.app.annotations import resolve_all as resolve_all_annotations
from labq.app.context import Context
from labq.app.registry import _unpickle_task_v2
from labq.app.request_stack import RequestStack
from labq.canvas.maps import chunks, xmap, xstarmap
from labq.canvas.signature import Signature
from labq.exceptions import Ignore, MaxRetriesExceededError, OperationalError, Retry
from labq.local import class_property
from labq.result import AsyncResult, EagerResult

if TYPE_CHECKING:
    from labq.backends.backend import Backend

EXECUTION_OPTIONS = (
    "queue", "routing_key", "exchange", "priority", "expires", "serializer", "delivery_mode", "compression",
    "time_limit", "soft_time_limit", "immediate", "mandatory",
)  # fmt: skip
"""Attributes of a task that become options of each of its calls."""

ROUTING_ATTRIBUTES = ("queue", "exchange", "exchange_type", "routing_key", "delivery_mode", "priority")
"""Attributes of a task that say where its messages go, which Celery wants to see in ``task_routes`` instead."""


class Task:
    """The base class of all tasks; ``@app.task`` makes a subclass of it for each function."""

    MaxRetriesExceededError = MaxRetriesExceededError
    OperationalError = OperationalError

    _app: ClassVar[Any] = None
    name: Any = None
    typing: Any = None
    max_retries: int | None = 3
    default_retry_delay: float = 3 * 60
    rate_limit: Any = None
    ignore_result: Any = None
    trail = True
    send_events = True
    store_errors_even_if_ignored: Any = None
    store_eager_result: Any
    serializer: Any = None
    time_limit: Any = None
    soft_time_limit: Any = None
    track_started: Any = None
    acks_late: Any = None
    acks_on_failure_or_timeout: Any = None
    acks_on_failure: Any = None
    acks_on_timeout: Any = None
    reject_on_worker_lost: Any = None
    retry_on_worker_lost: Any = None
    throws: Any = ()
    expires: Any = None
    priority: Any = None
    resultrepr_maxsize = 1024
    request_stack: RequestStack | None = None
    abstract = True
    override_max_retries: Any

    from_config = (
        ("serializer", "task_serializer"),
        ("rate_limit", "task_default_rate_limit"),
        ("priority", "task_default_priority"),
        ("time_limit", "task_time_limit"),
        ("soft_time_limit", "task_soft_time_limit"),
        ("track_started", "task_track_started"),
        ("acks_late", "task_acks_late"),
        ("acks_on_failure_or_timeout", "task_acks_on_failure_or_timeout"),
        ("acks_on_failure", "task_acks_on_failure"),
        ("acks_on_timeout", "task_acks_on_timeout"),
        ("reject_on_worker_lost", "task_reject_on_worker_lost"),
        ("retry_on_worker_lost", "task_retry_on_worker_lost"),
        ("ignore_result", "task_ignore_result"),
        ("store_eager_result", "task_store_eager_result"),
        ("store_errors_even_if_ignored", "task_store_errors_even_if_ignored"),
    )

    __bound__ = False
    __header__: Callable[..., Any] | None = None
    _dump_pydantic_arguments: Callable[..., Any] | None = None
    _default_request: ClassVar[Context | None] = None
    _exec_options: ClassVar[dict[str, Any] | None] = None
    _backend: Any = None

    # -- belonging to an app -----------------------------------------------------------------------------------
    @classmethod
    def bind(cls, app: Any) -> Any:
        """Bind the task to *app*: whatever the task leaves open is taken from the app's configuration."""
        was_bound, cls.__bound__ = cls.__bound__, True
        cls._app = app
        conf = app.conf
        cls._exec_options = None
        if not was_bound:
            for attribute in ROUTING_ATTRIBUTES:
                if attribute in vars(cls):
                    deprecation.warn(
                        f"The {attribute!r} task attribute", removal="6.0",
                        alternative="Use the task_routes setting instead.",
                    )  # fmt: skip
        if cls.typing is None:
            cls.typing = app.strict_typing
        for attribute, setting in cls.from_config:
            if getattr(cls, attribute, None) is None:
                setattr(cls, attribute, conf[setting])
        both = True if cls.acks_on_failure_or_timeout is None else cls.acks_on_failure_or_timeout
        cls.acks_on_failure = both if cls.acks_on_failure is None else cls.acks_on_failure
        cls.acks_on_timeout = both if cls.acks_on_timeout is None else cls.acks_on_timeout
        if not was_bound:
            cls.annotate()
        cls.on_bound(app)
        return app

    @classmethod
    def on_bound(cls, app: Any) -> None:
        """Be told that the class is bound to *app* now; for overriding."""

    @classmethod
    def annotate(cls) -> None:
        """Lay the app's ``task_annotations`` over the task; a name like ``@run`` wraps that method."""
        lay_over(cls, resolve_all_annotations(prepare(cls._app.conf.task_annotations), cls))

    @classmethod
    def _get_app(cls) -> Any:
        if cls._app is None:
            cls._app = current_app
        if not cls.__bound__:
            cls.bind(cls._app)
        return cls._app

    app = class_property(_get_app, bind)

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG004 - whatever the class's __init__ takes
        """Make the one instance of a task class, with a stack of its own for requests."""
        task = super().__new__(cls)
        task.request_stack = RequestStack(task)
        return task

    # -- being run ---------------------------------------------------------------------------------------------
    def run(self, *args: Any, **kwargs: Any) -> Any:
        """Do the work; the function that was decorated."""
        msg = "Tasks must define the run method."
        raise NotImplementedError(msg)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task here and now, like the function it was."""
        token = _state.push_call(self, Context(args=args, kwargs=kwargs))
        try:
            return self.run(*args, **kwargs)
        finally:
            _state.pop_call(token)

    plain_call = __call__
    """What ``__call__`` is unless a subclass says otherwise: then the worker calls it, else straight ``run``."""

    __class_getitem__: Any = classmethod(types.GenericAlias)

    @property
    def request(self) -> Context:
        """The request of the run that is going on; an empty one outside runs."""
        stack = self.request_stack
        request: Context | None = stack.top if stack is not None else None
        if request is None:
            cls = type(self)
            if cls._default_request is None:
                cls._default_request = Context()
            return cls._default_request
        return request

    def push_request(self, *args: Any, **kwargs: Any) -> None:
        """Pretend that a run with a request of these values is going on; the rest is as in the present one."""
        _state.push_call(self, Context(*args, **{**vars(self.request), **kwargs}))

    def pop_request(self) -> None:
        """End what ``push_request`` began."""
        _state.drop_call()

    # -- being called ------------------------------------------------------------------------------------------
    def delay(self, *args: Any, **kwargs: Any) -> AsyncResult:
        """Send the task with these arguments: ``apply_async`` without options."""
        return self.apply_async(args, kwargs)

    def apply_async(
        self,
        args: Sequence[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
        task_id: str | None = None,
        producer: Any = None,
        link: Any = None,
        link_error: Any = None,
        shadow: str | None = None,
        **options: Any,
    ) -> AsyncResult:
        """Send the task as a message.

        Arguments:
            args: positional arguments, a list or tuple.
            kwargs: keyword arguments.
            task_id: the id to use instead of a new one.
            producer: a producer of kombu's to send it with; the app's own way by default.
            shadow: another name for logs.
            options: ``countdown`` (seconds), ``eta`` (datetime), ``expires`` (seconds or datetime), ``queue``,
                ``exchange``, ``routing_key``, ``priority``, ``serializer``, ``compression``, ``retries``,
                ``ignore_result``, ``headers``, ``time_limit``, ``soft_time_limit`` (seconds), ``root_id``,
                ``parent_id``.

        Raises:
            TypeError: when the arguments do not fit the task's signature (unless ``typing=False``).
            ValueError: when the task's soft limit is above its hard one, or a countdown is no moment.
            EncodeError: when the serializer cannot write the arguments.
        """
        if self.soft_time_limit and self.time_limit and self.soft_time_limit > self.time_limit:
            msg = "soft_time_limit must be less than or equal to time_limit"
            raise ValueError(msg)
        if self.typing and self.__header__ is not None:
            self.__header__(*(args or ()), **(kwargs or {}))
        shadow = shadow or self.shadow_name(args, kwargs, options)
        preset = self._exec_options
        if preset is None:
            preset = self._get_exec_options()
        options = {**preset, **options}
        if "ignore_result" not in options:
            options["ignore_result"] = self.ignore_result
        if self._dump_pydantic_arguments is not None and options.get("serializer") != "pickle":
            args, kwargs = self._dump_pydantic_arguments(args, kwargs)
        app = self._get_app()
        if app.sending.always_eager:
            options.update(link=link, link_error=link_error)
            return eager.apply_as_sent(self, args, kwargs, task_id, options)
        return app.send_task(  # type: ignore[no-any-return]
            self.name, args, kwargs, task_id=task_id, producer=producer, link=link, link_error=link_error,
            result_cls=app.AsyncResult if self.__class__.AsyncResult is Task.AsyncResult else self._own_result,
            shadow=shadow, task_type=self, **options,
        )  # fmt: skip

    def shadow_name(self, args: Any, kwargs: Any, options: Any) -> str | None:
        """Return another name for logs; for overriding."""

    def _get_exec_options(self) -> dict[str, Any]:
        cls = self.__class__  # of a promised task, too
        if cls._exec_options is None:
            cls._exec_options = {name: getattr(self, name, None) for name in EXECUTION_OPTIONS}
        return cls._exec_options

    def apply(
        self,
        args: Sequence[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
        link: Any = None,
        link_error: Any = None,
        task_id: str | None = None,
        retries: int | None = None,
        throw: bool | None = None,
        headers: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> EagerResult:
        """Run the task here and now, as a worker would, and return its result.

        Arguments:
            link, link_error: what to call afterwards, as in ``apply_async``.
            throw: whether the task's exception is raised at once; ``task_eager_propagates`` by default.
            options: others of ``apply_async``; what concerns a message means nothing here.
        """
        after = {"callbacks": link, "errbacks": link_error}
        return eager.apply(self, args, kwargs, task_id, retries, throw, headers, after, options)

    # -- being called again ------------------------------------------------------------------------------------
    def retry(
        self,
        args: Sequence[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
        exc: BaseException | None = None,
        throw: bool = True,
        eta: datetime | None = None,
        countdown: float | None = None,
        max_retries: int | None = None,
        **options: Any,
    ) -> Retry:
        """Send this very call once more, to be tried later, and end the present try.

        Arguments:
            args, kwargs: other arguments for the next try.
            exc: what went wrong; raised in the end when the tries are used up.
            throw: whether to raise ``Retry``; False returns it, and the present try goes on.
            eta: when to try again.
            countdown: seconds until then; ``default_retry_delay`` by default.
            max_retries: another limit, for this try only.
            options: other options for ``apply_async``.

        Raises:
            Retry: which tells the worker that the task was sent again.
            MaxRetriesExceededError: when the limit is reached and no *exc* was given; else *exc* itself.
        """
        return retrying.retry(self, args, kwargs, exc, throw, eta, countdown, max_retries, options)

    def signature_from_request(
        self,
        request: Context | None = None,
        args: Sequence[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
        queue: str | None = None,
        **extra: Any,
    ) -> Signature:
        """Return the present call as a signature that goes where the present message went."""
        request = self.request if request is None else request
        return self.signature(
            request.args if args is None else args,
            request.kwargs if kwargs is None else kwargs,
            retrying.options_again(self, request, queue, extra),
        )

    subtask_from_request = signature_from_request

    def replace(self, sig: Any) -> Any:
        """Let *sig* take the place of the present run: it gets the task's id and whatever waits for the task.

        Use it as ``return self.replace(...)``: in a worker nothing after it runs.

        Raises:
            Ignore: in a worker, which ends the run.
            ImproperlyConfigured: when *sig* is an empty chain or belongs to a chord.
        """
        return self.on_replace(replacing.replacement(self, sig))

    def on_replace(self, sig: Any) -> Any:
        """Send *sig*, which takes the place of the present run; for overriding, with a call of this one."""
        if self.request.is_eager:
            return sig.apply().get()
        sig.delay()
        msg = "Replaced by new task"
        raise Ignore(msg)

    def add_to_chord(self, sig: Any, lazy: bool = False) -> Any:
        """Let *sig* be one more part of the chord that the present run belongs to; only Celery's Redis backend can.

        Arguments:
            lazy: True returns *sig* without sending it.
        """
        return replacing.join_chord(self, sig, lazy=lazy)

    # -- being written down ------------------------------------------------------------------------------------
    def signature(self, args: Sequence[Any] | None = None, *rest: Any, **options: Any) -> Signature:
        """Return a signature of this task."""
        options.setdefault("app", self.app)
        return Signature(self, args, *rest, **options)

    subtask = signature

    def s(self, *args: Any, **kwargs: Any) -> Signature:
        """Return a signature with these arguments."""
        return self.signature(args, kwargs)

    def si(self, *args: Any, **kwargs: Any) -> Signature:
        """Return a signature with these arguments, to which nothing will be added."""
        return self.signature(args, kwargs, immutable=True)

    def map(self, it: Iterable[Any]) -> Any:
        """Return the call that runs this task once for each value in *it*, one after the other."""
        return xmap(self.s(), it, app=self.app)

    def starmap(self, it: Iterable[Any]) -> Any:
        """Return the call that runs this task once for each list of arguments in *it*, one after the other."""
        return xstarmap(self.s(), it, app=self.app)

    def chunks(self, it: Iterable[Any], n: int) -> Any:
        """Return the calls that run this task once for each list of arguments in *it*, *n* of them in one call."""
        return chunks(self.s(), it, n, app=self.app)

    # -- results -----------------------------------------------------------------------------------------------
    def AsyncResult(self, task_id: str, **kwargs: Any) -> AsyncResult:  # noqa: N802 - Celery's name
        """Return the result of the call with that id."""
        result: AsyncResult = self._get_app().AsyncResult(task_id, backend=self.backend, **kwargs)
        return result

    def _own_result(self, task_id: str, _: Any) -> Any:
        return self.AsyncResult(task_id)  # a subclass has an AsyncResult of its own

    def update_state(self, task_id: str | None = None, state: Any = None, meta: Any = None, **options: Any) -> None:
        """Store a state of your own for the running task.

        Arguments:
            task_id: the task's id; that of the running one by default.
            state: any text; ``PROGRESS`` is usual.
            meta: what ``result.info`` shows.
            options: others of the backend's ``store_result``, such as ``traceback``.
        """
        task_id = self.request.id if task_id is None else task_id
        self.backend.store_result(task_id, meta, state, request=self.request, **options)

    def send_event(self, type_: str, retry: bool = True, retry_policy: Any = None, **fields: Any) -> Any:
        """Send a monitoring event about the running task, of a type of your own.

        Arguments:
            type_: the event's type, such as ``task-progress``.
            retry, retry_policy: accepted as in Celery; the lab's connections do not fail on the way.
            fields: what the event tells; it must be what JSON can carry.
        """
        app, request = self._get_app(), self.request
        policy = app.conf.task_publish_retry_policy if retry_policy is None else retry_policy
        with app.events.default_dispatcher(hostname=request.hostname) as dispatcher:
            return dispatcher.send(type_, uuid=request.id, retry=retry, retry_policy=policy, **fields)

    def add_trail(self, result: Any) -> Any:
        """Note that the running task has sent another one."""
        if self.trail:
            self.request.children.append(result)
        return result

    @property
    def backend(self) -> Backend:
        """Where the results of this task go."""
        backend: Backend = self._get_app().backend if self._backend is None else self._backend
        return backend

    @backend.setter
    def backend(self, value: Backend) -> None:
        self._backend = value

    # -- for overriding ----------------------------------------------------------------------------------------
    def before_start(self, task_id: str, args: Any, kwargs: Any) -> None:
        """Be called by the worker before the task runs."""

    def on_success(self, retval: Any, task_id: str, args: Any, kwargs: Any) -> None:
        """Be called by the worker when the task has succeeded."""

    def on_retry(self, exc: Any, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        """Be called by the worker when the task will be tried again."""

    def on_failure(self, exc: Any, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        """Be called by the worker when the task has failed."""

    def after_return(self, status: str, retval: Any, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        """Be called by the worker when the task has ended, well or badly."""

    @property
    def __name__(self) -> str:
        """The name of the function."""
        return str(type(self).__qualname__.rpartition(".")[2])

    def __repr__(self) -> str:
        """Return ``<@task: proj.add of proj at 0x...>``."""
        return f"<@task: {self.name} of {_state_of(self._get_app())}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the task as its name, and where it is defined: the reader's registry has the rest."""
        module = type(self).__module__
        return _unpickle_task_v2, (self.name, module if module in sys.modules else None), None


def _state_of(app: Any) -> str:
    return f"{app.main or '__main__'} at {id(app):#x}"
