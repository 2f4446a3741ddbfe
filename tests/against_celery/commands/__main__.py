"""Runs lines of the command line in one engine and prints what each gave: ``python commands labq alone folder``.

Both engines are driven through click's own runner, in one process each: what a line sends, a later line finds.
"""

from __future__ import annotations

import json
import os
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner
from lines import ANSWERED, LINES, PROJECT, WORKER

DECORATION = re.compile(r"\x1b\[[0-9;]*m")
TRACEBACK = re.compile(r"Traceback \(most recent call last\):\n(?:  .*\n)+")
PATIENCE = "0.3"
"""Seconds to wait for the next reply of a worker."""
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def main(engine: str, part: str, folder: str) -> None:
    """Write the project into *folder*, run every line of one *part* there, and print what came of it."""
    os.chdir(folder)
    sys.path.insert(0, folder)
    for name, text in PROJECT.items():
        path = Path(name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.replace("ENGINE", engine).encode())
    celery = import_module(f"{engine}.bin.celery").celery
    json.dump(_answered(engine, celery) if part == "answered" else _alone(celery), sys.stdout)


def _alone(celery: Any) -> dict[str, Any]:
    """Return the options of all commands, and what each line gives where no worker is."""
    answers: dict[str, Any] = {f"options of {name}": _options(celery, name) for name in _commands(celery)}
    for name, line in LINES.items():
        answers[name] = _run(celery, line if isinstance(line, list) else line.split())
    return answers


def _answered(engine: str, celery: Any) -> dict[str, Any]:
    """Return what each line gives to which a worker answers."""
    app = import_module("proj").app
    app.conf.broker_transport_options = {"polling_interval": 0.01}  # else Celery looks into its memory once a second
    with import_module(f"{engine}.contrib.testing.worker").start_worker(
        app, hostname=WORKER, pool="solo", perform_ping_check=False
    ):
        return {
            name: _run(celery, ["-C", "-A", "proj", *line.split(), "-t", PATIENCE]) for name, line in ANSWERED.items()
        }


def _commands(group: Any, before: str = "celery") -> list[str]:
    """Return the names of all commands, and of the commands in them."""
    found = [before]
    for name, command in sorted(getattr(group, "commands", {}).items()):
        found += _commands(command, f"{before} {name}")
    return found


def _options(celery: Any, name: str) -> list[list[str]]:
    """Return each option with its heading, as the help writes it."""
    command = celery
    for word in name.split()[1:]:
        command = command.commands[word]
    ctx = click.Context(command)
    shown = [[str(getattr(param, "help_group", None)), (param.get_help_record(ctx) or [param.human_readable_name])[0]]
             for param in command.params]  # fmt: skip
    return sorted(shown)


def _run(celery: Any, argv: list[str]) -> dict[str, Any]:
    sys.argv = ["celery", *argv]  # from which Celery's multi reads
    before = dict(os.environ)
    done = CliRunner().invoke(celery, argv, prog_name="celery", input="n\n")
    os.environ.clear()
    os.environ.update(before)
    raised = done.exception
    return {
        "exit": done.exit_code,
        "out": _plain(done.stdout),
        "err": _plain(done.stderr),
        "raised": None if raised is None or isinstance(raised, SystemExit) else type(raised).__name__,
    }


def _plain(said: str) -> str:
    """Return *said* without colours, and with what differs on every run made equal."""
    said = UUID.sub("<id>", TRACEBACK.sub("<traceback>\n", DECORATION.sub("", said)))
    if "Commands:\n  a" in said:  # what commands of workers do is told in words of one's own
        said = "\n".join(re.split(r" {2,}", row[2:])[0] for row in said.splitlines() if re.match(r"  \S", row))
    said = re.sub(r"(kombu|billiard|memory|labq):(?!/)\S+", r"\1:<version>", said).replace(
        "labq:<version>", "memory:<version>"
    )
    said = re.sub(r"(loader   -> )[\w.]+\.", r"\1", said)
    return said.replace(sys.executable, "python").replace(os.path.realpath(sys.executable), "python")


main(*sys.argv[1:])
