"""A real Django project, written as Celery's guide tells, runs in the lab and on real Celery with the same results."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

pytest.importorskip("django", reason="Django is not installed: pip install -e '.[django]'")

ROOT = Path(__file__).resolve().parents[2]

PROJECT = {
    "proj/settings.py": """
SECRET_KEY = "not secret"
INSTALLED_APPS = ["django.contrib.contenttypes", "shop", "empty.apps.EmptyConfig"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "proj.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
USE_TZ = True
TIME_ZONE = "Europe/Berlin"
CELERY_BROKER_URL = "memory://"
CELERY_RESULT_BACKEND = "cache+memory://"
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_DEFAULT_QUEUE = "shop"
CELERY_BROKER_TRANSPORT_OPTIONS = {"polling_interval": 0.01}
""",
    "proj/celery.py": """
import os
from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "proj.settings")
app = Celery("proj")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.task(bind=True, ignore_result=True)
def debug_task(self):
    print(f"Request: {self.request!r}")
""",
    "proj/__init__.py": "from .celery import app as celery_app\n\n__all__ = ('celery_app',)\n",
    "shop/__init__.py": "",
    "shop/models.py": """
from django.db import models


class Order(models.Model):
    item = models.CharField(max_length=20)
    paid = models.BooleanField(default=False)
""",
    "shop/tasks.py": """
from celery import shared_task

from shop.models import Order


@shared_task
def pay(number):
    order = Order.objects.get(pk=number)
    order.paid = True
    order.save()
    return order.item


@shared_task
def count():
    return Order.objects.filter(paid=True).count()
""",
    "empty/__init__.py": "",
    "empty/apps.py": "from django.apps import AppConfig\n\nclass EmptyConfig(AppConfig):\n    name = 'empty'\n",
    "steps.py": """
import json
import sys

if sys.argv[1] == "labq":
    import labq

    labq.as_celery()
    labq.Lab(seed=1, start="2030-01-01T09:00:00Z")

import proj
from proj.celery import app, debug_task

seen = {}
seen["settings"] = [app.conf.broker_url, app.conf.task_serializer, app.conf.task_default_queue, app.namespace]
seen["before a worker"] = sorted(name for name in app.tasks if not name.startswith("celery."))

import django
from celery.contrib.django.task import DjangoTask
from celery.contrib.testing.worker import start_worker

django.setup()
from django.core.management import call_command
from django.db import connection, transaction

call_command("migrate", run_syncdb=True, verbosity=0)
from shop.models import Order
from shop.tasks import count, pay

seen["the base of tasks"] = [isinstance(pay, DjangoTask), app.Task.__mro__[1] is DjangoTask, pay.name]
first, second = Order.objects.create(item="tea"), Order.objects.create(item="milk")
sent = []

with start_worker(app, perform_ping_check=False):
    seen["tasks of the apps"] = sorted(name for name in app.tasks if not name.startswith("celery."))
    seen["paid"] = [pay.delay(first.pk).get(timeout=20), count.delay().get(timeout=20)]
    from celery.signals import before_task_publish

    before_task_publish.connect(lambda sender=None, **_: sent.append(sender), weak=False)
    with transaction.atomic():
        pay.delay_on_commit(second.pk)
        pay.apply_async_on_commit((second.pk,), queue="shop")
        seen["in the transaction"] = list(sent)
    seen["after it"] = list(sent)
    try:
        with transaction.atomic():
            pay.delay_on_commit(second.pk)
            raise ValueError("no deal")
    except ValueError:
        pass
    seen["after one that failed"] = list(sent)
    seen["paid in the end"] = count.delay().get(timeout=20)
print(json.dumps(seen))
""",
}
"""The files of the project, and the steps that are taken with it."""

SHOWN = {
    "settings": ["memory://", "json", "shop", "CELERY"],
    "before a worker": ["proj.celery.debug_task"],
    "the base of tasks": [True, True, "shop.tasks.pay"],
    "tasks of the apps": ["proj.celery.debug_task", "shop.tasks.count", "shop.tasks.pay"],
    "paid": ["tea", 1],
    "in the transaction": [],
    "after it": ["shop.tasks.pay", "shop.tasks.pay"],
    "after one that failed": ["shop.tasks.pay", "shop.tasks.pay"],
}
"""What both sides show, but for the last count, which waits for tasks that were sent without being asked for."""


def _steps(folder: Path, side: str) -> dict:
    for name, text in PROJECT.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
    path = os.pathsep.join(filter(None, [str(ROOT), environment.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, "steps.py", side], cwd=folder, check=False, capture_output=True, text=True, timeout=120,
        env={**environment, "PYTHONPATH": path},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_a_django_project_runs_in_the_lab(tmp_path):
    """Settings, discovery, shared tasks, the base class, and calls that wait for the end of a transaction."""
    seen = _steps(tmp_path, "labq")
    assert seen.pop("paid in the end") == 2
    assert seen == SHOWN


def test_real_celery_shows_the_same(tmp_path):
    """The very same files."""
    if find_spec("celery") is None:
        pytest.skip("real Celery is not installed: pip install -e '.[celery]'")
    seen = _steps(tmp_path, "celery")
    del seen["paid in the end"]
    assert seen == SHOWN


def test_outside_of_django_no_app_is_adapted(monkeypatch):
    """The variable of the environment says whose process it is."""
    from labq import Celery, Task

    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    app = Celery(set_as_current=False)
    assert app._fixups == [None]
    assert app.Task.__mro__[1] is Task


def test_who_wants_no_fixups_has_none(monkeypatch):
    """``fixups=()`` is Celery's own way to say so."""
    from labq import Celery

    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "proj.settings")
    app = Celery(set_as_current=False, fixups=())
    assert app._fixups == []


def test_a_base_of_ones_own_is_kept(monkeypatch):
    """Django's base is for who did not choose one."""
    from labq import Celery, Task
    from labq.contrib.django.task import DjangoTask

    class Own(Task):
        pass

    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "proj.settings")
    assert not issubclass(Celery(set_as_current=False, task_cls=Own).Task, DjangoTask)
    assert issubclass(Celery(set_as_current=False).Task, DjangoTask)
