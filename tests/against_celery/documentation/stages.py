"""Stages: what each page takes for granted before its first line of code, such as a project with three tasks.

Nothing here is Celery's text: these are the modules and names that a reader of the page would have written already.
The project of the "next steps" comes from Celery's own examples, unedited.
"""

from __future__ import annotations

from dataclasses import dataclass, field

TASKS = """
from celery import Celery

app = Celery('tasks')

@app.task
def add(x, y):
    return x + y

@app.task
def tsum(numbers):
    return sum(numbers)
"""

PROJECT_TASKS = """
from proj.celery import app

@app.task(name='tasks.add')
def add(x, y):
    return x + y

@app.task(name='tasks.tsum')
def tsum(numbers):
    return sum(numbers)
"""

PROJECT = """
from celery import Celery, chain, chord, group, signature
from proj.celery import app
from proj.tasks import add, mul, xsum

@app.task
def tsum(numbers):
    return sum(numbers)
"""

CANVAS = """
from celery import Task
from celery.canvas import StampingVisitor
from uuid import uuid4

TIMEOUT = 10
app.conf.result_extended = True
args, kwargs, options = (2, 2), {}, {}

@app.task
def reset_buffers():
    return 'reset'

@app.task
def other_task(value):
    return value

@app.task
def log_result(value):
    return value

@app.task
def log_error(request, exc, traceback):
    return repr(exc)

@app.task
def fail():
    raise ValueError('failed')

@app.task
def raising_task():
    raise KeyError('oh')

@app.task
def import_contact(contact):
    return contact

@app.task
def notify_complete(import_id):
    return import_id

@app.task
def create_user(username, first, last, email):
    return username

@app.task
def import_contacts(user):
    return user

@app.task
def send_welcome_email(user):
    return user

def task(number):
    return number

def do_something():
    return None

contacts, import_id, result = ['ann', 'bob'], 7, 4
sig = add.si(2, 2)
"""

CALLING = """
import time

args, kwargs = (2, 2), {}
arg1, arg2 = 1, 2

@app.task
def task(*args, **kwargs):
    return None

@app.task
def other_task(value):
    return value
"""

WORDS = """
import celery
from celery import Task, shared_task
from celery.utils.log import get_task_logger

def decorator1(function):
    return function

decorator2 = decorator1

@app.task
def charge(account, card):
    return account

account = 5

class HttpNotFound(Exception):
    pass
"""

TWITTER = """
class FailWhaleError(Exception):
    pass

class LoginError(Exception):
    pass
"""

REQUESTS = """
class RequestException(Exception):
    pass
"""

CONFIGURATION = """
enable_utc = True
timezone = 'Europe/London'
"""

ROUTING = """
import re
from celery import Celery
from kombu import Exchange, Queue

app = Celery('routing')

@app.task
def task():
    return None
"""

PERIODIC = """
from celery import Celery

app = Celery('tasks')
"""

WORKERS = """
from celery import Celery
from celery.result import AsyncResult

app = Celery('myapp')
id = '32666e9b-809c-41fa-8e93-5ae0c80afbbf'

@app.task
def mytask():
    return None

result = mytask.delay()
"""


@dataclass(frozen=True)
class Stage:
    """What is there before a page's first line.

    Attributes:
        page: the page.
        before: what has been typed already.
        files: modules that lie in the folder, by their paths.
        between: what is typed before a passage, by its key: where the page has gone on to something else.
    """

    page: str
    before: str = ""
    files: dict[str, str] = field(default_factory=dict)
    between: dict[str, str] = field(default_factory=dict)


STAGES = [
    Stage("getting-started/first-steps-with-celery", "", {"tasks.py": TASKS, "celeryconfig.py": CONFIGURATION}),
    Stage("getting-started/next-steps", PROJECT),
    Stage("userguide/application", "", {"tasks.py": TASKS, "celeryconfig.py": CONFIGURATION}),
    Stage(
        "userguide/canvas",
        PROJECT + CANVAS,
        {"tasks.py": PROJECT_TASKS},
        {
            "userguide/canvas:1271": "from celery import group",  # the page has called something else a group
            "userguide/canvas:786": "import tasks; tasks.add.name",
            "userguide/canvas:983": "from proj.tasks import add",
        },
    ),
    Stage("userguide/calling", PROJECT + CALLING),
    Stage(
        "userguide/tasks",
        PROJECT + WORDS,
        {
            "tasks.py": TASKS,
            "twitter/__init__.py": "",
            "twitter/exceptions.py": TWITTER,
            "requests/__init__.py": "",
            "requests/exceptions.py": REQUESTS,
            "your/__init__.py": "",
            "your/module/__init__.py": "",
            "your/module/path.py": "from celery import Task as DatabaseTask\n",
        },
        {  # the page defines functions of one name again, which a reader does in a fresh session
            "userguide/tasks:549": "app.tasks.unregister(add.name)",
            "userguide/tasks:927": "app.tasks.unregister(x.name)",
        },
    ),
    Stage("userguide/routing", ROUTING),
    Stage("userguide/periodic-tasks", PERIODIC),
    Stage("userguide/workers", WORKERS, {"myapp.py": WORKERS}),
]
