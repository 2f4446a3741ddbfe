"""Celery's example programs, unedited, in the lab: one a process, because they all call their modules ``tasks``.

Called with an example's name and the folder in which the example's own lies, it uses the example as its comments say,
and prints as JSON what came out. With no argument it prints the names.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

import labq

EXAMPLES: dict[str, Callable[[labq.Lab], Any]] = {}
"""The ways to use the examples, by the examples' names."""


def example(use: Callable[[labq.Lab], Any]) -> Callable[[labq.Lab], Any]:
    """Put a way to use an example on the list; its name is the folder's."""
    EXAMPLES[use.__name__.replace("_", "-")] = use
    return use


@example
def app(lab: labq.Lab) -> Any:
    """An app in one file, with tasks that take ten seconds."""
    import myapp

    lab.start_worker(myapp.app)
    return [myapp.add.delay(16, 16).get(), lab.time]


@example
def tutorial(lab: labq.Lab) -> Any:
    """The first app of all."""
    import tasks

    lab.start_worker(tasks.app)
    return [tasks.add.name, tasks.add.delay(4, 4).get()]


@example
def next_steps(lab: labq.Lab) -> Any:
    """A project: an app in one module, tasks in another."""
    from proj.celery import app
    from proj.tasks import add, mul, xsum

    lab.start_worker(app)
    return [
        add.delay(2, 2).get(),
        (add.s(4, 4) | mul.s(8))().get(),
        labq.chord([add.s(1, 1), add.s(2, 2)], xsum.s())().get(),
    ]


@example
def pydantic(lab: labq.Lab) -> Any:
    """Arguments and results that are models."""
    import tasks

    lab.start_worker(tasks.app)
    return [tasks.x.delay({"value": 1}).get(), tasks.x.delay(tasks.ArgModel(value=2)).get()]


@example
def periodic_tasks(lab: labq.Lab) -> Any:
    """A task every ten seconds."""
    import myapp

    lab.start_worker(myapp.app)
    lab.start_beat(myapp.app)
    out = io.StringIO()
    with redirect_stdout(out):
        lab.advance(35)
    return out.getvalue().split()


@example
def stamping(lab: labq.Lab) -> Any:
    """Stamps on a workflow, and a task that is revoked by its stamp before it runs."""
    import examples
    import myapp
    import revoke_example

    lab.start_worker(myapp.app, concurrency=2)
    out = io.StringIO()
    with redirect_stdout(out):
        for run in (
            examples.run_example1,
            examples.run_example2,
            examples.run_example3,
            examples.run_example_with_replace,
        ):
            run()
            lab.run()
        revoke_example.revoke_then_run()
        lab.run()
    lines = out.getvalue().splitlines()
    return {
        "received": sum(line.startswith("In task_received for:") for line in lines),
        "stamped": sum(line.startswith("Found stamps:") for line in lines),
        "waited": sum(line.startswith("Waiting for") for line in lines),
        "failed": sorted({str(record["exception"]) for record in lab.log.select(kind="task-failed")}),
        "revoked": len(list(lab.log.select(kind="task-revoked"))),
    }


@example
def quorum_queues(lab: labq.Lab) -> Any:
    """Tasks over a quorum queue, chosen from a menu."""
    import myapp

    lab.start_worker(myapp.app)
    out = io.StringIO()
    with redirect_stdout(out), patch("builtins.input", side_effect=["1", "2", "3", "Q"]):
        myapp.example()
    lab.run()
    shown = ("Task type", "Task 1", "Task 2", "Task 3", "Group of", "  - ", "Payload")
    told = [line for line in out.getvalue().splitlines() if line.startswith(shown)]
    return [told, sorted(str(record["result"]) for record in lab.log.select(kind="task-succeeded"))]


@example
def django(lab: labq.Lab) -> Any:
    """A Django project whose apps share tasks."""
    import django as framework

    os.environ["DJANGO_SETTINGS_MODULE"] = "proj.settings"
    framework.setup()
    from demoapp import models, tasks
    from django.core.management import call_command
    from proj.celery import app

    call_command("migrate", verbosity=0)
    lab.start_worker(app)
    models.Widget.objects.create(name="first")
    counted = tasks.count_widgets.delay().get()
    tasks.rename_widget.delay(models.Widget.objects.get().id, "second").get()
    error = tasks.error_backoff_test.delay()
    lab.run()
    return [tasks.add.delay(2, 2).get(), counted, models.Widget.objects.get().name, error.state, lab.time]


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.stdout.write("\n".join(EXAMPLES))
    else:
        chosen, folder = sys.argv[1], Path(sys.argv[2])
        os.chdir(folder / chosen)
        sys.path[0] = str(folder / chosen)
        os.environ.update(CELERY_BROKER_URL="amqp://", CELERY_RESULT_BACKEND="cache+memory://")
        labq.as_celery()
        with labq.Lab(seed=1, start="2030-01-01T09:00:00Z") as lab:
            json.dump(EXAMPLES[chosen](lab), sys.stdout)
