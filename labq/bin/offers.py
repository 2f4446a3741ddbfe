"""What may follow on a ``celery …`` line that is being typed: commands, options, and the names that the lab knows.

Comes in: the words so far, and a learner's names. Goes out: words.
Next door: ``labq.magics.completion`` shows them.
Celery: its shells complete with what ``extra/bash-completion`` knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from labq import Celery, current_lab
from labq._state import get_current_app
from labq.bin.apps import app_called
from labq.bin.celery import celery
from labq.bin.control import commands_of
from labq.bin.multi import COMMANDS

APP = ("-A", "--app")
QUEUES = ("-Q", "--queues", "-X", "--exclude-queues", "--queue")
WORKERS = ("-d", "--destination")
TASKS_FIRST = ("rate_limit", "time_limit")
QUEUES_FIRST = ("add_consumer", "cancel_consumer")
"""Commands of workers whose first argument is the name of a task, or of a queue."""


def offers(said: Sequence[str], namespace: Mapping[str, Any]) -> list[str]:
    """Return what may follow the words of a line.

    Arguments:
        said: the words before the one that is being typed, without ``celery``.
        namespace: the learner's names.
    """
    last, command = said[-1] if said else "", _command(said)
    if last in APP:
        return sorted(name for name, value in namespace.items() if isinstance(value, Celery) and name[0] != "_")
    if last in QUEUES:
        return sorted(_app(said, namespace).sending.queues)
    if last in WORKERS and command.name in ("inspect", "control", "status"):
        return sorted(current_lab().world.workers)
    option = next((param for param in command.params if last in param.opts), None)
    if option is not None and isinstance(option.type, click.Choice):
        return [str(choice) for choice in option.type.choices]
    if option is not None and not getattr(option, "is_flag", False):
        return []
    return sorted([*_names(command, said, namespace), *_options(command)])


def _command(said: Sequence[str]) -> click.Command:
    """Return the command that the words lead to, as far as they do."""
    command: click.Command = celery
    for word in said:
        if isinstance(command, click.Group) and word in command.commands:
            command = command.commands[word]
    return command


def _options(command: click.Command) -> list[str]:
    ctx = click.Context(command)
    found = [name for param in command.params if isinstance(param, click.Option)
             for name in (*param.opts, *param.secondary_opts)]  # fmt: skip
    return [*found, *command.get_help_option_names(ctx)]


def _names(command: click.Command, said: Sequence[str], namespace: Mapping[str, Any]) -> Iterable[str]:
    """Return the arguments that fit: commands of a group, of workers or of ``multi``, tasks, queues."""
    if isinstance(command, click.Group):
        return command.commands
    if command.name in ("inspect", "control"):
        return _of_workers(str(command.name), said, namespace)
    if said[-1] != command.name:
        return ()
    if command.name == "call":
        return list(_app(said, namespace).tasks)
    return COMMANDS if command.name == "multi" else ()


def _of_workers(kind: str, said: Sequence[str], namespace: Mapping[str, Any]) -> Iterable[str]:
    known = commands_of(kind)
    chosen = next((word for word in said if word in known), None)
    if chosen is None:
        return known
    if said[-1] != chosen:
        return ()
    if chosen in TASKS_FIRST:
        return list(_app(said, namespace).tasks)
    return list(_app(said, namespace).sending.queues) if chosen in QUEUES_FIRST else ()


def _app(said: Sequence[str], namespace: Mapping[str, Any]) -> Any:
    """Return the app of the line; the current one when there is none, or it cannot be found."""
    for place, word in enumerate(said[:-1]):
        if word in APP:
            try:
                return app_called(said[place + 1], namespace)
            except click.UsageError:
                break
    return get_current_app()
