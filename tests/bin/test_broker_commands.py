"""``celery amqp``, ``list`` and ``migrate``: what brokers have, and how it gets from one to the other."""

from __future__ import annotations

import pytest

from labq import Celery
from labq.kombu import Queue

CONNECTED = "-> connecting to amqp://guest:**@localhost:5672//.\n-> connected.\n"


@pytest.fixture
def amqp(typed):
    """Run a command of the broker and return what it printed after it has connected."""

    def run(line: str) -> str:
        said = typed(f"-C -A app amqp {line}")
        assert said.startswith(CONNECTED)
        return said.removeprefix(CONNECTED)

    return run


def test_a_message_goes_through_an_exchange_into_a_queue(amqp):
    """Each command is one line."""
    assert amqp("exchange.declare books topic") == "OK\n"
    assert amqp("queue.declare shelf false true") == "queue:shelf messages:0 consumers:0\nOK\n"
    assert amqp("queue.bind shelf books new.#") == "OK\n"
    assert amqp("basic.publish hello books new.red") == "OK\n"
    assert amqp("queue.declare shelf true true") == "queue:shelf messages:1 consumers:0\nOK\n"
    got = amqp("basic.get shelf true")
    assert "{'body': 'hello',\n" in got
    assert "'routing_key': 'new.red'" in got
    assert "'properties': {'content_encoding': 'utf-8'}}\nOK\n" in got
    assert amqp("basic.get shelf") == "No messages in queue. basic.publish something.\nOK\n"


def test_what_is_there_can_be_emptied_and_deleted(amqp):
    """With the number of messages that are gone."""
    amqp("queue.declare shelf")
    amqp("exchange.declare books direct")
    amqp("queue.bind shelf books new")
    amqp("basic.publish hello books new")
    amqp("basic.publish again books new")
    assert amqp("queue.purge shelf") == "2 messages deleted.\nOK\n"
    amqp("basic.publish hello books new")
    assert amqp("queue.delete shelf") == "1 messages deleted.\nOK\n"
    assert amqp("exchange.delete books false") == "OK\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("queue.declare nowhere true", "Queue.declare: (404) NOT_FOUND - no queue 'nowhere' in vhost '/'"),
        ("queue.bind nowhere celery x", "Queue.bind: (404) NOT_FOUND - no queue 'nowhere' in vhost '/'"),
        ("queue.purge nowhere", "Queue.purge: (404) NOT_FOUND - no queue 'nowhere' in vhost '/'"),
        ("basic.get nowhere", "Basic.get: (404) NOT_FOUND - no queue 'nowhere' in vhost '/'"),
        ("basic.ack 3", "Basic.ack: (406) PRECONDITION_FAILED - unknown delivery tag 3"),
        ("queue.declare amq.mine", "(403) ACCESS_REFUSED"),
    ],
)
def test_a_refusal_is_printed_and_the_connection_made_anew(terminal, line, said):
    """In RabbitMQ's words; the shell goes on."""
    done = terminal(f"-C amqp {line}")
    assert done.exit_code == 0
    assert said in done.stderr
    assert done.stderr.startswith("ERROR: ")
    assert done.stdout == CONNECTED * 2


def test_a_shell_keeps_one_connection(terminal):
    """So that a message that was taken can be acknowledged."""
    lines = [
        "queue.declare shelf",
        "basic.publish 'two words' '' shelf",
        "basic.get shelf",
        "basic.ack 1",
        "",
        "nonsense",
    ]
    done = terminal("-C amqp repl", typed="\n".join([*lines, "basic.get", ":q", "never read"]))
    assert done.stdout.count("-> connected.") == 1
    assert "'body': 'two words'" in done.stdout
    assert "No such command 'nonsense'" in done.stderr
    assert "Missing argument 'QUEUE'" in done.stderr


def test_bindings_are_listed(typed, app):
    """Of the app's queues, which are declared first, and of everybody else's."""
    app.conf.task_queues = {"mail": {"exchange": "post", "exchange_type": "topic", "routing_key": "mail.#"}}
    typed("-A app amqp queue.declare shelf")
    typed("-A app amqp exchange.declare books direct")
    typed("-A app amqp queue.bind shelf books new")
    lines = typed("-A app list bindings").splitlines()
    assert lines[0] == "Queue                        Exchange                     Routing Key"
    assert [line.split() for line in lines[2:]] == [["shelf", "books", "new"], ["mail", "post", "mail.#"]]


@pytest.fixture
def sent(app, lab):
    """Two tasks wait at one broker."""
    app.send_task("proj.add", (1, 2))
    app.send_task("proj.mul", (3, 4))
    lab.run()


def _waiting(lab, url: str, queue: str = "celery") -> int:
    return lab.broker(url).depth(queue)


@pytest.mark.usefixtures("sent")
def test_waiting_tasks_are_copied_to_another_broker(typed, lab):
    """And stay where they were."""
    said = typed("-A app migrate amqp:// memory://")
    lab.run()
    assert [line.split(":")[0] for line in said.splitlines()] == ["Migrating task 1/2", "Migrating task 2/2"]
    assert "[[1, 2], {}, {'callbacks': None, 'errbacks': None, 'chain': None, 'chord': None}]" in said
    assert (_waiting(lab, "amqp://"), _waiting(lab, "memory://")) == (2, 2)


@pytest.mark.usefixtures("sent")
def test_acknowledged_tasks_leave_their_broker(typed, lab):
    """They run at the other one."""
    typed("-A app migrate -a amqp:// memory://")
    lab.run()
    assert (_waiting(lab, "amqp://"), _waiting(lab, "memory://")) == (0, 2)


@pytest.mark.usefixtures("sent")
def test_tasks_are_chosen_by_name_and_number(typed, lab):
    """The others stay."""
    assert len(typed("-A app migrate -a -T proj.mul amqp:// memory://").splitlines()) == 1
    assert len(typed("-A app migrate -n 1 amqp:// memory://").splitlines()) == 1
    lab.run()
    assert (_waiting(lab, "amqp://"), _waiting(lab, "memory://")) == (1, 2)


@pytest.mark.usefixtures("sent")
def test_a_queue_may_get_another_name(typed, lab):
    """With the exchange of that name."""
    typed("-A app migrate -a -Q celery:attic amqp:// memory://")
    lab.run()
    assert (_waiting(lab, "memory://", "attic"), _waiting(lab, "memory://")) == (2, 0)


@pytest.mark.usefixtures("sent")
def test_a_migrated_task_runs(typed, lab):
    """It is the same message."""
    other = Celery("proj", broker="memory://", backend="cache+memory://", set_as_current=False)

    @other.task(name="proj.add")
    def add(x, y):
        return x + y

    typed("-A app migrate -a -T proj.add amqp:// memory://")
    lab.start_worker(other, queues=[Queue("celery")])
    lab.run()
    assert [record.kind for record in lab.log if record.kind == "task-succeeded"] == ["task-succeeded"]


@pytest.mark.usefixtures("sent")
def test_a_migration_is_repeated_by_a_rewind(typed, lab):
    """Like everything that was done to the lab."""
    typed("-A app migrate -a amqp:// memory://")
    lab.run()
    lab.rewind(to=len(lab.log))
    assert (_waiting(lab, "amqp://"), _waiting(lab, "memory://")) == (0, 2)
