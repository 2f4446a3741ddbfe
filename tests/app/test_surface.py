"""What Celery's app offers beside tasks and settings: loader, pickles, classes bound to it, reports, discovery."""

from __future__ import annotations

import copy
import pickle
import sys
import warnings

import pytest

from labq import Celery, Lab, Task, bugreport, signals, uuid
from labq.app.loader import AppLoader, BaseLoader, Loader, get_loader_cls
from labq.app.registry import _unpickle_task_v2
from labq.app.utils import appstr, find_app
from labq.exceptions import DuplicateTaskNameWarning, LabError
from labq.result import AsyncResult


@pytest.fixture
def on_path(tmp_path, monkeypatch):
    """A folder with modules that can be imported, and that nobody remembers afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def write(name: str, text: str = "") -> None:
        path = tmp_path.joinpath(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    yield write
    for name in set(sys.modules) - before:
        del sys.modules[name]


# -- modules ---------------------------------------------------------------------------------------------------------
def test_a_worker_imports_what_the_settings_name(lab, app, on_path):
    """``include`` and ``imports`` are read when a worker starts, not before."""
    on_path("tasks_here", "from labq import shared_task\n\n@shared_task(name='here')\ndef here(): return 'here'\n")
    app.conf.include = ["tasks_here"]
    assert "here" not in app.tasks
    lab.start_worker(app)
    assert app.send_task("here").get() == "here"


def test_autodiscovery_waits_for_a_worker(lab, app, on_path):
    """A client that only sends needs none of the packages."""
    on_path("shop.__init__")
    on_path("shop.tasks", "from labq import shared_task\n\n@shared_task(name='shop.pay')\ndef pay(): return 'paid'\n")
    on_path("empty.__init__")
    app.autodiscover_tasks(["shop", "empty"])
    assert "shop.pay" not in app.tasks
    lab.start_worker(app)
    assert "shop.pay" in app.tasks
    assert app.loader.task_modules == {"shop.tasks"}


def test_autodiscovery_may_be_forced_and_lazy_in_its_packages(app, on_path):
    """``force`` imports now; a function gives the packages; another name may be asked for."""
    on_path("shop.__init__")
    on_path("shop.jobs", "FOUND = True\n")
    app.autodiscover_tasks(lambda: ["shop"], related_name="jobs", force=True)
    assert sys.modules["shop.jobs"].FOUND


def test_autodiscovery_tells_of_a_package_that_is_missing(app):
    """As Celery does."""
    with pytest.raises(ModuleNotFoundError, match="nope_pkg"):
        app.autodiscover_tasks(["nope_pkg"], force=True)


def test_autodiscovery_takes_the_name_of_a_class_for_its_package(app, on_path):
    """Django's INSTALLED_APPS may name a class."""
    on_path("shop.__init__")
    on_path("shop.tasks", "FOUND = True\n")
    app.autodiscover_tasks(["shop.ShopConfig"], force=True)
    assert sys.modules["shop.tasks"].FOUND


def test_autodiscovery_passes_on_what_a_module_of_tasks_misses(app, on_path):
    """A typing error in an import is no missing module of tasks."""
    on_path("shop.__init__")
    on_path("shop.tasks", "import no_such_library\n")
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        app.autodiscover_tasks(["shop"], force=True)


def test_what_a_receiver_of_import_modules_raises_reaches_whoever_starts_the_worker(lab, app):
    """Else a missing module would be one line in a log."""

    def fail(**_):
        raise ImportError("no tasks today")

    signals.import_modules.connect(fail, sender=app, weak=False)
    with pytest.raises(ImportError, match="no tasks today"):
        lab.start_worker(app)


# -- loaders ---------------------------------------------------------------------------------------------------------
def test_an_app_has_the_loader_it_was_given(monkeypatch):
    """By its class, by the name of the class, by a short name, by the environment."""

    class Mine(BaseLoader):
        pass

    assert type(Celery(set_as_current=False, loader=Mine).loader) is Mine
    assert type(Celery(set_as_current=False).loader) is AppLoader
    assert type(Celery(set_as_current=False, loader="default").loader) is Loader
    assert get_loader_cls("labq.loaders.app:AppLoader") is AppLoader
    monkeypatch.setenv("CELERY_LOADER", "default")
    assert type(Celery(set_as_current=False).loader) is Loader


def test_a_loader_of_ones_own_reads_the_configuration():
    """Where nobody gave the app a source, its loader is asked."""

    class Mine(BaseLoader):
        def read_configuration(self):
            return {"task_serializer": "yaml"}

    app = Celery(set_as_current=False, loader=Mine)
    assert app.conf.task_serializer == "yaml"
    assert app.loader.conf == {"task_serializer": "yaml"}


def test_a_loader_reads_a_command_line(app):
    """``app.loader.cmdline_config_parser`` is what ``--`` on a command line is read with."""
    parsed = app.loader.cmdline_config_parser(["worker.prefetch_multiplier=1", ".default_queue=x"], namespace="task")
    assert parsed == {"worker_prefetch_multiplier": 1, "task_default_queue": "x"}


def test_a_loader_tells_virtual_time(lab, app):
    """Celery's asks the computer's clock."""
    lab.advance(90)
    assert app.loader.now().isoformat() == "2030-01-01T09:01:30+00:00"
    assert app.loader.now(utc=False).tzinfo is None


# -- copies ----------------------------------------------------------------------------------------------------------
def test_a_pickled_app_comes_back_with_its_settings_and_without_its_tasks():
    """It is what a child process would be given."""
    app = Celery("proj", broker="amqp://", set_as_current=False, task_serializer="yaml", namespace="CELERY")
    app.conf.worker_concurrency = 7
    again = pickle.loads(pickle.dumps(app))  # noqa: S301 - written in the same line
    assert (again.main, again.namespace, again.conf.task_serializer) == ("proj", "CELERY", "yaml")
    assert again.conf.worker_concurrency == 7
    assert again is not app
    assert not again.set_as_current


def test_a_deep_copy_of_an_app_is_an_app_of_its_own():
    """Settings are copied."""
    app = Celery("proj", set_as_current=False)
    other = copy.deepcopy(app)
    other.conf.worker_concurrency = 9
    assert other.main == "proj"
    assert app.conf.worker_concurrency is None


def test_a_class_may_say_what_its_apps_are_pickled_as():
    """``__reduce_keys__`` is Celery's way, ``__reduce_args__`` its older one."""

    class Named(Celery):
        def __reduce_keys__(self):
            return {**super().__reduce_keys__(), "main": "again"}

    make, (cls, keys) = Named("proj", set_as_current=False).__reduce__()
    assert make(cls, keys).main == "again"


def test_apps_that_give_arguments_are_made_of_them():
    """The order is that of Celery 2.5."""

    class Old(Celery):
        def __reduce_args__(self):
            return super().__reduce_args__()

    make, arguments = Old("proj", set_as_current=False, task_serializer="yaml").__reduce__()
    again = make(*arguments)
    assert (type(again), again.main) == (Old, "proj")


# -- classes that belong to an app -----------------------------------------------------------------------------------
def test_a_class_bound_to_an_app_knows_it(app):
    """``app.AsyncResult``, ``app.GroupResult`` and ``app.Task`` are subclasses."""
    assert issubclass(app.AsyncResult, AsyncResult)
    assert app.AsyncResult.app is app
    assert app.GroupResult.app is app
    assert app.ResultSet.app is app
    assert issubclass(app.Task, Task)
    assert app.Task._app is app
    assert app.AsyncResult is app.AsyncResult


def test_any_class_can_be_bound(app):
    """Extensions of Celery use it for their own."""

    class Tool:
        app = None

        def __reduce_args__(self):
            return ()

    bound = app.subclass_with_self(Tool, name="BoundTool", attribute="app", reverse="Tool", colour="red")
    assert (bound.__name__, bound.app, bound.colour, bound.__module__) == ("BoundTool", app, "red", Tool.__module__)
    app.Tool = bound
    make, arguments = bound().__reduce__()
    assert type(make(*arguments)) is bound  # the app is the current one


def test_another_base_class_may_be_named():
    """``task_cls`` takes a class or its name."""

    class Base(Task):
        colour = "red"

    assert Celery(set_as_current=False, task_cls=Base).Task.colour == "red"
    assert Celery(set_as_current=False, task_cls="labq.app.task:Task").Task.__mro__[1] is Task


# -- smaller things --------------------------------------------------------------------------------------------------
def test_a_report_tells_versions_and_hides_passwords(app):
    """It may be pasted into a public tracker."""
    app.conf.result_backend = "redis://:secret@localhost:6379/0"
    report = app.bugreport()
    assert report.splitlines()[1].startswith("software -> celery:5.7.0 (collider) kombu:labq-")
    assert "settings -> transport:amqp results:redis://:********@localhost:6379/0" in report
    assert "secret" not in report
    assert bugreport() == report  # the app is the current one


def test_the_first_value_that_was_said_counts(app):
    """``either`` is how extensions let an argument win over a setting."""
    app.conf.worker_concurrency = 4
    assert app.either("worker_concurrency", None, 3) == 3
    assert app.either("worker_concurrency", None) == 4


def test_messages_are_not_signed(app):
    """Nothing in a lab can be forged, and nothing pretends otherwise."""
    with pytest.raises(LabError, match="does not sign"):
        app.setup_security(["json"])


def test_a_command_line_for_workers_says_so(app):
    """``worker_main`` is for one command."""
    with pytest.raises(ValueError, match="The worker sub-command must be specified in argv"):
        app.worker_main(["beat"])


def test_an_app_runs_command_lines(app, capsys):
    """``app.start([...])`` is ``celery -A this_app ...`` without a search for the app."""
    app.start(["report"])
    assert "software -> celery:5.7.0 (collider)" in capsys.readouterr().out
    app.worker_main(["worker", "--help"])
    assert "--concurrency" in capsys.readouterr().out


def test_ids_come_from_the_labs_seed():
    """``uuid()`` has a UUID's shape and the seed's order."""
    ids = []
    for _ in range(2):
        with Lab(seed=5, start="2030-01-01T00:00:00Z"):
            ids.append([uuid(), uuid()])
    assert ids[0] == ids[1]
    assert len({*ids[0]}) == 2
    assert uuid(lambda: "mine") == "mine"


def test_an_app_is_found_by_what_is_written_after_a(on_path, app):
    """A module, an attribute, a package with a module ``celery``."""
    on_path("made", "from labq import Celery\nother = 1\nmine = Celery('made', set_as_current=False)\n")
    on_path("boxed.__init__")
    on_path("boxed.celery", "from labq import Celery\napp = Celery('boxed', set_as_current=False)\n")
    assert (find_app("made").main, find_app("made:mine").main, find_app("boxed").main) == ("made", "made", "boxed")
    on_path("none", "x = 1\n")
    with pytest.raises(AttributeError):
        find_app("none")
    assert appstr(app) == f"proj at {id(app):#x}"


def test_a_warning_of_a_second_task_names_the_line_that_made_it(app):
    """However deep in labq it was noticed."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")

        def first():
            return 1

        def second():
            return 2

        app.task(first, name="twice", shared=False, lazy=False)
        app.task(second, name="twice", shared=False, lazy=False)
    assert [(each.category, each.filename) for each in caught] == [(DuplicateTaskNameWarning, __file__)]


def test_a_method_may_stand_where_the_signal_of_configuring_is():
    """Celery before 4.0 had a method."""
    told = []

    class Old(Celery):
        def on_configure(self):
            told.append(self.main)

    assert Old("proj", set_as_current=False).conf.task_serializer == "json"
    assert told == ["proj"]


def test_options_of_commands_and_steps_of_workers_can_be_added(app):
    """Both are sets by name; a lab runs no bootsteps."""
    app.user_options["worker"].add("--colour")
    assert app.user_options["beat"] == set()
    assert app.steps["worker"] == set()


def test_local_time_is_not_utc(app):
    """A lab's computer shows UTC's hours; who asks for local time can still be told from who asks for UTC."""
    assert app.uses_utc_timezone()
    app.conf.enable_utc = False
    del app.timezone
    assert not app.uses_utc_timezone()


def test_a_pickled_task_is_found_by_its_name_where_it_is_defined(app):
    """The module is imported first: who reads the pickle may not have done so."""
    app.set_default()
    task = app.task(name="brew")(len)
    again = pickle.loads(pickle.dumps(task))  # noqa: S301 - written in the same line
    assert again is app.tasks["brew"]
    with pytest.raises(ModuleNotFoundError):
        _unpickle_task_v2("brew", "no_such_module")


def test_the_class_takes_a_promised_task_for_itself(lab, app):
    """``Task.apply_async(brew)`` is ``brew.apply_async()``."""
    task = app.task(name="brew")(abs)
    lab.start_worker(app)
    assert Task.apply_async(task, (-2,)).get() == 2


def test_the_annotations_of_a_task_are_laid_over_it_again(app):
    """By ``annotate()``, when the setting has changed."""
    task = app.task(name="brew")(abs)
    app.finalize()
    app.conf.task_annotations = {"brew": {"rate_limit": "3/m"}}
    task.annotate()
    assert task.rate_limit == "3/m"


def test_workers_and_beats_are_classes_of_the_app(lab, app):
    """They know their app, and may be refined; the lab can be another one than the current one."""
    assert (app.Worker.app, app.WorkController, app.Beat.app) == (app, app.Worker, app)

    class Barista(app.Worker):
        """A worker with a method of its own."""

        def greet(self):
            return f"{self.hostname} of {self.app.main}"

    worker = Barista(hostname="b1@lab")
    assert (worker.greet(), isinstance(worker, app.Worker)) == ("b1@lab of proj", True)
    assert worker.start().online
    assert list(lab.world.workers) == ["b1@lab"]
    assert isinstance(app.Beat(max_interval=3), app.Beat)
    worker.stop()
