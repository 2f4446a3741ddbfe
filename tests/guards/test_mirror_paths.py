"""Every import path that people type in Celery exists in labq, with the names that they import from it."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest
from sources import ROOT, read_package

from labq.alias import HOMES, MIRRORED

PATHS: dict[str, str] = {
    "celery": """
        Celery Task chain chord group chunks xmap xstarmap shared_task signature subtask maybe_signature Signature uuid
        current_app current_task bugreport __version__ VERSION VERSION_BANNER version_info version_info_t SERIES
    """,
    "celery._state": "get_current_app set_default_app get_current_task current_app current_task",
    "celery.app": """
        Celery AppPickler app_or_default default_app bugreport shared_task
        enable_trace disable_trace push_current_task pop_current_task
    """,
    "celery.app.amqp": "AMQP Queues task_message",
    "celery.app.annotations": "MapAnnotation prepare resolve_all",
    "celery.app.base": "Celery",
    "celery.app.builtins": "",
    "celery.app.control": "Inspect Control flatten_reply",
    "celery.app.defaults": "NAMESPACES Option flatten find strtobool searchresult",
    "celery.app.events": "Events",
    "celery.app.log": "TaskFormatter Logging",
    "celery.app.registry": "TaskRegistry",
    "celery.app.routes": "MapRoute Router expand_router_string prepare",
    "celery.app.task": "Context Task",
    "celery.app.trace": "",
    "celery.app.utils": "Settings appstr bugreport detect_settings filter_hidden_settings find_app sanitize_url",
    "celery.backends.base": "BaseBackend Backend KeyValueStoreBackend DisabledBackend SyncBackendMixin",
    "celery.beat": """
        SchedulingError ScheduleEntry Scheduler PersistentScheduler Service EmbeddedService BeatLazyFunc
    """,
    "celery.bin.base": """
        CLIContext CeleryCommand CeleryDaemonCommand CeleryOption handle_preload_options CommaSeparatedList LogLevel
        JsonArray JsonObject ISO8601DateTime ISO8601DateTimeOrFloat
    """,
    "celery.bin.celery": "celery main",
    "celery.canvas": """
        Signature StampingVisitor chain chord chunks group maybe_signature signature subtask xmap xstarmap
    """,
    "celery.contrib.abortable": "AbortableAsyncResult AbortableTask",
    "celery.contrib.django.task": "DjangoTask",
    "celery.contrib.pytest": """
        celery_app celery_class_tasks celery_config celery_enable_logging celery_includes celery_parameters
        celery_session_app celery_session_worker celery_worker celery_worker_parameters celery_worker_pool
        depends_on_current_app use_celery_app_trap
    """,
    "celery.contrib.testing.app": "DEFAULT_TEST_CONFIG TestApp Trap UnitLogging set_trap setup_default_app",
    "celery.contrib.testing.mocks": "ContextMock TaskMessage TaskMessage1 task_message_from_sig",
    "celery.contrib.testing.tasks": "ping",
    "celery.contrib.testing.worker": """
        start_worker setup_app_for_worker test_worker_starting test_worker_started test_worker_stopped
    """,
    "celery.events": "Event EventDispatcher EventReceiver event_exchange get_exchange group_from",
    "celery.events.dispatcher": "EventDispatcher",
    "celery.events.event": "Event event_exchange get_exchange group_from",
    "celery.events.receiver": "EventReceiver",
    "celery.events.snapshot": "Polaroid evcam",
    "celery.events.state": "Worker Task State heartbeat_expires",
    "celery.exceptions": """
        CeleryWarning AlwaysEagerIgnored DuplicateNodenameWarning DuplicateTaskNameWarning FixupWarning NotConfigured
        SecurityWarning CeleryError ImproperlyConfigured SecurityError OperationalError TaskPredicate Ignore Reject
        Retry TaskError QueueNotFound IncompleteStream NotRegistered AlreadyRegistered TimeoutError
        MaxRetriesExceededError
        TaskRevokedError InvalidTaskError ChordError BackendError BackendGetMetaError BackendStoreError
        SoftTimeLimitExceeded TimeLimitExceeded WorkerLostError Terminated CPendingDeprecationWarning
        CDeprecationWarning WorkerShutdown WorkerTerminate CeleryCommandException reraise
    """,
    "celery.loaders": "get_loader_cls",
    "celery.loaders.app": "AppLoader",
    "celery.loaders.base": "BaseLoader find_related_module",
    "celery.loaders.default": "Loader DEFAULT_CONFIG_MODULE",
    "celery.local": "Proxy PromiseProxy class_property maybe_evaluate try_import",
    "celery.platforms": "EX_OK EX_FAILURE EX_UNAVAILABLE EX_USAGE",
    "celery.result": """
        ResultBase AsyncResult ResultSet GroupResult EagerResult result_from_tuple allow_join_result denied_join_result
    """,
    "celery.schedules": "ParseException BaseSchedule schedule crontab crontab_parser maybe_schedule solar schedstate",
    "celery.signals": """
        before_task_publish after_task_publish task_internal_error task_prerun task_postrun task_success task_received
        task_rejected task_unknown task_retry task_failure task_revoked celeryd_init celeryd_after_setup worker_init
        worker_before_create_process worker_process_init worker_process_shutdown worker_ready worker_shutdown
        worker_shutting_down setup_logging after_setup_logger after_setup_task_logger beat_init beat_embedded_init
        heartbeat_sent eventlet_pool_started eventlet_pool_preshutdown eventlet_pool_postshutdown eventlet_pool_apply
        import_modules user_preload_options
    """,
    "celery.states": """
        PENDING RECEIVED STARTED SUCCESS FAILURE REVOKED REJECTED RETRY IGNORED READY_STATES UNREADY_STATES
        EXCEPTION_STATES PROPAGATE_STATES ALL_STATES precedence state
    """,
    "celery.utils": """
        LOG_LEVELS cached_property chunks gen_task_name gen_unique_id get_cls_by_name get_full_cls_name import_from_cwd
        instantiate memoize nodename nodesplit noop uuid worker_direct
    """,
    "celery.utils.collections": """
        AttributeDictMixin AttributeDict BufferMap ChainMap ConfigurationView DictAttribute Evictable LimitedSet
        Messagebuffer OrderedDict force_mapping lpmerge
    """,
    "celery.utils.dispatch": "Signal",
    "celery.utils.dispatch.signal": "Signal",
    "celery.utils.functional": """
        LRUCache is_list maybe_list memoize mlazy noop first firstmethod chunks padlist mattrgetter uniq regen
        dictfilter lazy maybe_evaluate head_from_fun maybe fun_accepts_kwargs fun_takes_argument arity_greater lookahead
        pass1 seq_concat_item seq_concat_seq is_numeric_value DummyContext
    """,
    "celery.utils.graph": "DOT CycleError DependencyGraph GraphFormatter",
    "celery.utils.imports": """
        NotAPackage qualname instantiate symbol_by_name cwd_in_path find_module import_from_cwd reload_from_cwd
        module_file gen_task_name load_extension_class_names load_extension_classes
    """,
    "celery.utils.log": """
        ColorFormatter LoggingProxy base_logger set_in_sighandler in_sighandler get_logger get_task_logger mlevel
        LOG_LEVELS iter_open_logger_fds logger_isa
    """,
    "celery.utils.nodenames": """
        worker_direct gethostname nodename anon_nodename nodesplit default_nodename node_format host_format
    """,
    "celery.utils.objects": "Bunch FallbackContext getitem_property mro_lookup",
    "celery.utils.quorum_queues": "detect_quorum_queues",
    "celery.utils.saferepr": "saferepr",
    "celery.utils.serialization": """
        UnpickleableExceptionWrapper subclass_exception find_pickleable_exception create_exception_cls pickle
        get_pickleable_exception get_pickleable_etype get_pickled_exception strtobool jsonify b64encode b64decode
        ensure_serializable itermro raise_with_context
    """,
    "celery.utils.text": """
        abbr abbrtask dedent dedent_initial ensure_newlines ensure_sep fill_paragraphs indent join pluralize pretty
        str_to_list simple_format truncate WhateverIO match_case remove_repeating remove_repeating_from_task
    """,
    "celery.utils.time": """
        LocalTimezone timezone maybe_timedelta delta_resolution remaining rate weekday yearmonth humanize_seconds
        maybe_iso8601 is_naive add_seconds_to_datetime subtract_datetimes make_aware localize to_utc maybe_make_aware
        ffwd utcoffset adjust_timestamp get_exponential_backoff_interval
    """,
    "celery.worker.control": """
        Panel control_command inspect_command add_consumer cancel_consumer ping revoke rate_limit time_limit stats
    """,
    "celery.worker.request": "Request",
    "celery.worker.state": """
        SOFTWARE_INFO reserved_requests active_requests scheduled_requests total_count revoked task_reserved
        task_accepted task_ready maybe_shutdown Persistent
    """,
    "kombu": "Connection Exchange Queue binding Consumer Producer uuid",
    "kombu.common": "Broadcast maybe_declare",
    "kombu.exceptions": "KombuError OperationalError EncodeError DecodeError ContentDisallowed SerializerNotInstalled",
    "kombu.pools": "connections producers",
    "kombu.serialization": "register unregister loads dumps registry",
    "kombu.utils.json": "dumps loads register_type JSONEncoder",
}
"""Paths as people type them, each with the names that tutorials, libraries and Celery's own tests import."""


def home(path: str) -> str:
    """Return the module of labq under which *path* of Celery or kombu is found."""
    project, dot, rest = path.partition(".")
    return HOMES[project] + dot + rest


@pytest.mark.parametrize("path", PATHS)
def test_a_path_of_celery_has_its_names_in_labq(path):
    """``s/celery/labq/`` turns an import of a tutorial into one of the lab's."""
    module = importlib.import_module(home(path))
    assert [name for name in PATHS[path].split() if not hasattr(module, name)] == []


@pytest.mark.parametrize("path", PATHS)
def test_celery_itself_has_the_path_and_the_names(path):
    """The table says nothing that is not so: a name that Celery lacks is no mirror's business."""
    pytest.importorskip("celery", reason="real Celery is not installed: pip install -e '.[celery]'")
    if path == "celery.contrib.django.task":
        pytest.importorskip("django", reason="Django is not installed: pip install -e '.[django]'")
    module = importlib.import_module(path)
    assert [name for name in PATHS[path].split() if not hasattr(module, name)] == []


ONE_MODULE = """
import importlib, sys
import labq
with labq.as_celery():
    for path, home in {pairs!r}:
        if importlib.import_module(path) is not importlib.import_module(home):
            print(path)
"""


def test_under_the_alias_each_path_is_the_very_module_of_labq():
    """There is one of each, so ``isinstance`` never lies."""
    code = ONE_MODULE.format(pairs=[(path, home(path)) for path in PATHS])
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_the_alias_lets_in_celerys_own_rooms_and_no_others():
    """What is in labq and not in Celery cannot be imported from ``celery``."""
    celery = pytest.importorskip("celery", reason="real Celery is not installed: pip install -e '.[celery]'")
    theirs = {path.stem for folder in celery.__path__ for path in type(ROOT)(folder).iterdir()}
    ours = {source.room for source in read_package(ROOT / "labq")} - {"__init__"}
    assert ours & theirs == MIRRORED & ours
