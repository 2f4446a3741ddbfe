"""The lines that both engines run, and the project in which they run."""

from __future__ import annotations

PROJECT = {
    "proj.py": """
from ENGINE import Celery
app = Celery("proj", broker="memory://", backend="cache+memory://")
app.backend.store_result("done", [1, {"a": 2}], "SUCCESS")
app.backend.store_result("lost", KeyError("no such order"), "FAILURE", traceback="the way it took")

@app.task
def add(x, y):
    return x + y

@app.task(rate_limit="10/m")
def slow():
    pass
""",
    "by_celery.py": "from ENGINE import Celery\ncelery = Celery('name', broker='memory://', set_as_current=False)\n",
    "by_type.py": "from ENGINE import Celery\nshop = Celery('by_type', broker='memory://', set_as_current=False)\n",
    "package/__init__.py": "",
    "package/celery.py": "from ENGINE import Celery\napp = Celery('name', broker='memory://', set_as_current=False)\n",
    "empty.py": "",
    "broken.py": "raise OSError('no disk')\n",
    "needs.py": "import a_library_that_is_not_here\n",
    "queues.py": """
from ENGINE import Celery
app = Celery("queues", broker="memory://", set_as_current=False)
app.conf.task_queues = {
    "mail": {"exchange": "post", "exchange_type": "direct", "routing_key": "post.mail"},
    "print": {"exchange": "post", "exchange_type": "direct", "routing_key": "post.print"},
}
""",
    "preloaded.py": """
import click
from ENGINE import Celery
app = Celery("preloaded", broker="memory://", set_as_current=False)
app.user_options["preload"].add(click.Option(["--ini"], help="A file."))
""",
    "old.py": "BROKER_URL = 'memory://'\r\nCELERY_ALWAYS_EAGER = True\nCELERY_TASK_SERIALIZER = 'json'\n# é\n",
    "django.py": "CELERY_RESULT_BACKEND = 'rpc://'\nBROKER_POOL_LIMIT = 3\n",
    "new.py": "broker_url = 'memory://'\n",
    "worker.log": """\
[2030-01-01 09:00:00,000: INFO/MainProcess] Connected to memory://localhost//
[2030-01-01 09:00:01,000: INFO/MainProcess] Received task: proj.add[a-1] at once
[2030-01-01 09:00:01,000: INFO/MainProcess] Received task: proj.add[a-2] at once
[2030-01-01 09:00:01,000: INFO/MainProcess] Received task: proj.mul[a-3] at once
[2030-01-01 09:00:01,000: INFO/MainProcess] Task proj.add[a-1] succeeded in 0.1s: 3
[2030-01-01 09:00:02,000: ERROR/MainProcess] Task proj.mul[a-3] raised exception: KeyError()
Traceback (most recent call last):
  File "proj.py", line 3, in mul
KeyError
[2030-01-01 09:00:03,000: WARNING/MainProcess] said by a task
""",
    "today.log": """\
[2030-01-01 09:00:01,000: INFO/MainProcess] Task proj.add[b-1] received
[2030-01-01 09:00:01,000: INFO/ForkPoolWorker-1] Task proj.add[b-1] succeeded in 0.1s: 3
""",
}
"""The files of the project; ENGINE is celery or labq."""

HOST = "--hostname=example.com"

LINES: dict[str, str | list[str]] = {
    # -- a report
    "a report": "-A proj report",
    # -- which app
    "an app called app": "-A proj purge -f",
    "an app by its name": "-A proj:app purge -f",
    "an app as an attribute": "-A proj.app purge -f",
    "an app called celery": "-A by_celery purge -f",
    "the only app of a module": "-A by_type purge -f",
    "a package with a module called celery": "-A package purge -f",
    "a module of a package": "-A package.celery purge -f",
    "a name in a module of a package": "-A package.celery:app purge -f",
    "no such module": "-A nowhere purge -f",
    "no such module in a package": "-A package.nowhere purge -f",
    "no app in a module": "-A empty purge -f",
    "a module that raises": "-A broken purge -f",
    "a module that needs another": "-A needs purge -f",
    "no such name in a module": "-A proj:nothing purge -f",
    # -- words that are not understood
    "a wrong command": "-A proj wrker",
    "a command that is like nothing": "-A proj qqq",
    "a wrong option": "-A proj worker --nope",
    "a wrong global option": "-Z",
    "the app behind the command": "worker -A proj",
    "a wrong command of a group": "-A proj list binding",
    "the version": "--version",
    "a pool that there is not": "-A proj worker -P gold",
    "a level that there is not": "-A proj worker -l loud",
    "a concurrency that is none": "-A proj worker -c some",
    "an autoscale that is none": "-A proj worker --autoscale=a,b",
    "three numbers to autoscale": "-A proj worker --autoscale=1,2,3",
    "a setting of the worker that is none": "-A proj worker nonsense",
    "a setting of the beat that is none": "-A proj beat nonsense",
    # -- sending and reading
    "a call": "-A proj call proj.add -a [1,2] -k {} --countdown 3 --queue celery",
    "a call in an hour": "-A proj call proj.add -a [1,2] --eta 2030-01-01T00:00:00 --expires 60",
    "a call without a name": "-A proj call",
    "arguments that are no array": "-A proj call proj.add -a 1",
    "arguments that are no JSON": "-A proj call proj.add -a [1",
    "keywords that are no object": "-A proj call proj.add -k []",
    "a countdown that is none": "-A proj call proj.add --countdown soon",
    "a result": "-A proj result done",
    "a result of a named task": "-A proj result done -t proj.add",
    "no traceback": "-A proj result done --traceback",
    "a traceback": "-A proj result lost --traceback",
    "a failure": "-A proj result lost",
    "no task": "-A proj result",
    "purging what was sent": "-A proj purge -f",
    "purging nothing": "-A proj purge -f",
    "purging all but all": "-A proj purge -f -X celery",
    "purging two": "-A proj purge -f -Q a,b,c -X c",
    "asking before purging": "-A queues purge",
    # -- the broker
    "bindings": "-A proj list bindings",
    "bindings of two queues": "-A queues list bindings",
    "a queue is declared": "-A proj amqp queue.declare shelf",
    "an exchange is declared": "-A proj amqp exchange.declare books direct",
    "they are bound": "-A proj amqp queue.bind shelf books new",
    "a message is published": "-A proj amqp basic.publish hello books new",
    "an empty queue is read": "-A proj amqp basic.get nothing_here",
    "a queue is purged": "-A proj amqp queue.purge shelf",
    "a queue is deleted": "-A proj amqp queue.delete shelf",
    # -- pictures
    "a graph of nobody": "-A proj graph workers",
    "a graph of two": "-A proj graph workers nodes:w1,w2 threads:2,5",
    "a graph of many": "-A proj graph workers nodes:a,b,c,d,e,f threads:1,2,3,4,5,6 enumerate generic",
    "a graph with less": "-A proj graph workers nodes:a,b,c wmax:0 tmax:0 threads:9,1 broker:amqp://x backend:rpc://",
    # -- the workers
    "nobody is asked": "-A proj status -t 0.1",
    "nobody answers": "-A proj inspect ping -t 0.1",
    "nobody obeys": "-A proj control shutdown -t 0.1",
    "what may be asked": "-A proj inspect --list",
    "what may be commanded": "-A proj control --list",
    "a question that there is not": "-A proj inspect nope",
    "a command that is no question": "-A proj inspect shutdown",
    "a question that is no command": "-A proj control stats",
    "too many arguments": "-A proj control time_limit a 1 2 3",
    # -- many workers
    "names of three": f"-A proj multi names 3 {HOST}",
    "names of two with names": "multi names foo@example.com bar@example.com",
    "names with pieces": f"multi names 2 --range-prefix=w {HOST}",
    "names with a prefix and a suffix": ["multi", "names", "a", "b", "--prefix=p-", '--suffix=""'],
    "expanded": ["multi", "expand", "%n-%h-%d-%N-%i-%I-%p-%%", "a@example.com", "b@x.org"],
    "shown": f"-A proj multi show 3 -c 3 -c:1 10 {HOST}",
    "shown with ranges": f"-A proj multi show 5 -l INFO -Q:1-3 images,video -Q:4,5 data -Q default -L:4,5 DEBUG {HOST}",
    "shown by names": "-A proj multi show image@h video@h -c 3 -c:image 10 -Q:2 films",
    "shown with full names": "-A proj -b redis:// multi show a@h b@h -c:a@h 4 --verbose",
    "shown with files": f"-A proj multi show 2 --pidfile=/run/%n.pid --logfile=/log/%n%I.log {HOST}",
    "shown with short files": "multi show a@h -p here.pid -f there.log -n x",
    "shown with another program": f"multi show 2 --cmd=celery --append=-E {HOST}",
    "shown with words that pass through": f"-A proj multi show 1 -E {HOST} -- worker.prefetch_multiplier=1",
    "shown with a working folder": f"-A proj --workdir=. multi show 1 {HOST}",
    "one of them": "-A proj multi get b@h a@h b@h -c 2",
    "one who is not there": "-A proj multi get c@h a@h b@h",
    "multi without a word": "-C multi",
    "multi with a wrong word": "-C multi begin 3",
    # -- files
    "old settings": "-A proj upgrade settings old.py",
    "settings of a project": "-A proj upgrade settings django.py --django --no-backup",
    "new settings": "-A proj upgrade settings new.py",
    "a log is counted": "-A proj logtool stats worker.log",
    "a log has errors": "-A proj logtool errors worker.log",
    "a log has tracebacks": "-A proj logtool traces worker.log",
    "a log has tasks that did not end": "-A proj logtool incomplete worker.log",
    "a log has other lines": "-A proj logtool debug worker.log",
    "a log of today is counted": "-A proj logtool stats today.log",
    # -- an app's own options; real Celery keeps them for the rest of the process, so this comes last
    "a preload option": "-A preloaded purge -f --ini here",
}
"""The lines, by what they show; a list where a word has spaces or quotation marks."""

WORKER = "w1@lab"
"""The worker that answers the lines below."""

ANSWERED: dict[str, str] = {
    "status": "status",
    "status as JSON": "status -j",
    "status of another": "status -d w2@lab",
    "a quiet status": "-q status",
    "a ping": "inspect ping",
    "a quiet ping": "-q inspect ping",
    "a ping of one": "inspect ping -d w1@lab,w2@lab",
    "registered tasks": "inspect registered",
    "registered tasks with an attribute": "inspect registered rate_limit max_retries",
    "queues that are read": "inspect active_queues",
    "scheduled tasks": "inspect scheduled",
    "reserved tasks": "inspect reserved",
    "active tasks": "inspect active",
    "revoked tasks": "inspect revoked",
    "an unknown task": "inspect query_task abc def",
    "a rate limit": "control rate_limit proj.add 10/m",
    "a rate limit that is missing": "control rate_limit proj.add",
    "a rate limit that is none": "control rate_limit proj.add x",
    "a rate limit of an unknown task": "control rate_limit nope 10/m",
    "a time limit": "control time_limit proj.add 1 2",
    "a time limit of an unknown task": "control time_limit nope 1 2",
    "a task is revoked": "control revoke abc",
    "an unknown task is terminated": "control terminate KILL abc",
    "tasks are revoked by stamps": "control revoke_by_stamped_headers a=b",
    "one more queue": "control add_consumer shelf",
    "one more queue again": "control add_consumer shelf",
    "one queue less": "control cancel_consumer shelf",
    "replies as JSON": "control rate_limit proj.add 5/m -j",
    "a pool that cannot start anew": "control pool_restart",
    "a pool that cannot scale": "control autoscale 3 1",
}
"""Lines for the workers' commands, by what they show."""
