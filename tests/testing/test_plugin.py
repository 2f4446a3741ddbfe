"""``pytest --labq`` runs a project's own tests in the lab: its imports of Celery give labq, its fixtures too."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

TASKS = """
from celery import Celery, shared_task
from celery.exceptions import Retry

app = Celery("shop", broker="amqp://", backend="rpc://")

@app.task
def add(x, y):
    return x + y

@shared_task(bind=True, max_retries=2)
def later(self):
    raise self.retry(countdown=3600)
"""

ENTERED = any(point.value == "labq.testing.plugin" for point in entry_points(group="pytest11"))
"""Whether labq is installed together with its entry point, so that pytest finds the plugin by itself."""


@pytest.fixture
def project(tmp_path):
    """Run pytest on a project of one module of tasks and one of tests, in a process of its own."""

    def run(tests: str, *arguments: str, **files: str) -> tuple[int, str]:
        for name, text in {"shop_tasks": TASKS, "test_shop": tests, **files}.items():
            tmp_path.joinpath(f"{name}.py").write_text(text, encoding="utf-8")
        plugin = [] if ENTERED else ["-p", "labq.testing.plugin"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *plugin, *arguments, "."],
            cwd=tmp_path, check=False, capture_output=True, text=True, timeout=120, env=environment,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    return run


def test_a_projects_tests_run_in_the_lab(project):
    """The fixtures are those of Celery's own plugin, whether that is installed or not; an hour passes at once."""
    code, said = project(
        """
import celery, labq, pytest, time
from shop_tasks import add

def test_it_is_labq():
    assert celery is labq

def test_an_app_of_its_own(celery_app, celery_worker):
    @celery_app.task
    def mul(x, y):
        time.sleep(3600)
        return x * y
    assert mul.delay(4, 4).get(timeout=4000) == 16

@pytest.mark.celery(result_backend="cache+memory://", task_serializer="yaml")
def test_settings_of_one_test(celery_app):
    assert celery_app.conf.task_serializer == "yaml"

def test_the_projects_settings(celery_app):
    assert celery_app.conf.worker_concurrency == 3

def test_the_session(celery_session_app, celery_session_worker):
    assert celery_session_app.send_task("celery.ping").get() == "pong"

@pytest.mark.usefixtures("depends_on_current_app")
def test_the_current_app(celery_app):
    assert celery.current_app.main == celery_app.main
""",
        "--labq",
        conftest="import pytest\n\n@pytest.fixture(scope='session')\ndef celery_config():\n"
        "    return {'worker_concurrency': 3}\n",
    )
    assert code == 0, said
    assert "6 passed" in said


def test_the_alias_stands_before_the_first_conftest(project):
    """A project imports Celery there."""
    code, said = project("def test(): pass\n", "--labq", conftest="import celery, labq\nassert celery is labq\n")
    assert code == 0, said


@pytest.mark.parametrize("name", ["celery.contrib.pytest", "labq.contrib.pytest"])
def test_a_project_may_ask_for_the_fixtures_by_their_module(project, name):
    """As the documentation of Celery tells it to."""
    code, said = project(
        "def test(celery_app): assert celery_app.conf.timezone == 'UTC'\n",
        "--labq",
        conftest=f"pytest_plugins = ({name!r},)\n",
    )
    assert code == 0, said


def test_without_the_option_nothing_changes(project):
    """The plugin is found in every environment that has labq, and must not be felt there."""
    pytest.importorskip("celery", reason="real Celery is not installed: pip install -e '.[celery]'")
    code, said = project("import celery, labq\n\ndef test(): assert celery is not labq\n")
    assert code == 0, said


def test_the_fixtures_can_be_had_without_the_alias(project):
    """A project that imports labq by its own name needs no option."""
    code, said = project(
        """
def test(celery_app, celery_worker):
    @celery_app.task
    def mul(x, y): return x * y
    assert mul.delay(4, 4).get() == 16
""",
        "-p", "no:celery",
        conftest="pytest_plugins = ('labq.contrib.pytest',)\n",
    )  # fmt: skip
    assert code == 0, said


def test_real_celery_that_came_first_is_a_clear_error(project):
    """A plugin of the user's that imports Celery before anything else can be helped."""
    code, said = project(
        "def test(): pass\n", "-p", "early", "--labq", early="import sys, types\nsys.modules['kombu'] = types\n"
    )
    assert code == pytest.ExitCode.USAGE_ERROR
    assert "real kombu has been imported already" in said


def test_a_trap_may_be_set(project):
    """The fixture that a project overrides to find code that depends on the current app."""
    code, said = project(
        """
import celery, pytest

def test(celery_app):
    with pytest.raises(RuntimeError, match="Test depends on current_app"):
        celery.current_app.conf
""",
        "--labq",
        conftest="import pytest\n\n@pytest.fixture(scope='session')\ndef use_celery_app_trap(): return True\n",
    )
    assert code == 0, said
