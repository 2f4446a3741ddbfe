"""The two ways to have a worker: ``celery worker`` as a process, and the lab's; both are told the same things."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

LONG = 25
FOLDER = Path(__file__).parent
LINE = re.compile(r"\[[^\]]*: (\w+)/(\w+)(?:-\d+)?\] (.*)")
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
RUNTIME = re.compile(r"succeeded in [-.e0-9]+s")
PID = re.compile(r"pid:\d+")
JOB = re.compile(r"Job: \d+")
WAYS = {"warm": signal.SIGTERM, "cold": signal.SIGQUIT}


def plain(text: str) -> str:
    """Return *text* without what differs from run to run."""
    for pattern, word in ((ID, "ID"), (RUNTIME, "succeeded"), (PID, "pid:N"), (JOB, "Job: N")):
        text = pattern.sub(word, text)
    return text


class Working:
    """A worker that works, on either side."""

    def __init__(self, app: Any, notes: Path) -> None:
        self.app = app
        self.queue = f"labq-workers-{uuid.uuid4().hex[:8]}"
        self.hostname = f"{self.queue}@lab"
        self._notes = notes

    def send(self, name: str, *args: Any, **options: Any) -> Any:
        """Send a task to this worker."""
        return self.app.send_task(name, args, queue=self.queue, **options)

    def answer(self, result: Any, timeout: float = LONG) -> list[Any]:
        """Return what the client sees of a call in the end."""
        try:
            value = result.get(timeout=timeout)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
            value = plain(f"{type(error).__name__}: {error}")
        return [value, result.state]

    def settle(self) -> None:
        """Let those who still write come to their end."""

    def notes(self, *names: str) -> list[Any]:
        """Return what was noted, sorted: several processes write at once."""
        self.settle()
        lines = self._notes.read_text().splitlines() if self._notes.exists() else []
        seen = [json.loads(line) for line in lines]
        return sorted([what for what in seen if not names or what[0] in names], key=json.dumps)

    def order(self, *names: str) -> list[str]:
        """Return the names of what was noted among *names*, in order."""
        lines = self._notes.read_text().splitlines() if self._notes.exists() else []
        return [what[0] for what in map(json.loads, lines) if what[0] in names]


class RealWorker(Working):
    """``celery worker``."""

    def begin(self, options: dict[str, Any], conf: dict[str, Any]) -> None:
        """Start it and wait until it is ready."""
        flags = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        self._log = tempfile.NamedTemporaryFile("w+", suffix=".log")  # noqa: SIM115 - closed at the end
        env = {**os.environ, "WORKERS_NOTES": str(self._notes), "WORKERS_CONF": json.dumps(conf)}
        command = [sys.executable, "-m", "celery", "-A", "worker_tasks", "worker", "-n", self.hostname, "-l", "INFO"]
        command += ["-Q", self.queue, "--without-gossip", "--without-mingle", "--without-heartbeat", *flags]
        self._process = subprocess.Popen(command, cwd=FOLDER, stdout=subprocess.DEVNULL, stderr=self._log, env=env)
        deadline = time.monotonic() + LONG
        while "ready." not in self._text() and time.monotonic() < deadline:
            time.sleep(0.05)

    def _text(self) -> str:
        return Path(self._log.name).read_text()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        time.sleep(seconds)

    def settle(self) -> None:
        """Let those who still write come to their end."""
        time.sleep(0.7)

    def revoke(self, result: Any, **options: Any) -> None:
        """Revoke a task by command."""
        self.app.control.revoke(result.id, destination=[self.hostname], reply=True, timeout=5, limit=1, **options)

    def grow(self, n: int) -> None:
        """Let the pool grow or, with a negative number, shrink."""
        self._command("pool_grow" if n > 0 else "pool_shrink", n=abs(n))

    def rate(self, name: str, said: str) -> None:
        """Set a rate limit."""
        self._command("rate_limit", task_name=name, rate_limit=said)

    def _command(self, name: str, **arguments: Any) -> Any:
        return self.app.control.broadcast(
            name, arguments=arguments, destination=[self.hostname], reply=True, timeout=5, limit=1
        )

    def stats(self) -> dict[str, Any]:
        """Return what the worker tells about itself."""
        told = self._command("stats")[0][self.hostname]
        return {"total": told["total"], "prefetch": told["prefetch_count"], "pool": told["pool"]}

    def kill_child(self, number: signal.Signals) -> None:
        """Kill the only child."""
        os.kill(self.stats()["pool"]["processes"][0], number)

    def stop(self, how: str) -> None:
        """Stop it."""
        self._process.send_signal(WAYS[how])

    def ended(self) -> None:
        """Wait until it has ended."""
        self._process.wait(LONG)

    def left(self) -> int:
        """Return how many messages wait in its queue."""
        with self.app.connection() as connection:
            return int(connection.default_channel.queue_declare(self.queue, passive=True).message_count)

    def log(self, *levels: str) -> list[str]:
        """Return what it logged on these levels, without its start."""
        lines = [match.groups() for match in map(LINE.match, self._text().splitlines()) if match]
        return [f"{level} {plain(said)}" for level, _, said in lines if level in levels]

    def close(self) -> None:
        """Leave nothing behind."""
        if self._process.poll() is None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(LONG)
            if self._process.poll() is None:
                self._process.kill()
        with self.app.connection() as connection:
            connection.default_channel.queue_delete(self.queue)
        self._log.close()


class LabsWorker(Working):
    """The lab's worker."""

    def begin(self, options: dict[str, Any], conf: dict[str, Any]) -> None:
        """Make a lab and start the worker."""
        import logging

        import labq

        os.environ["WORKERS_NOTES"] = str(self._notes)
        self._conf = {name: self.app.conf[name] for name in conf}
        self.app.conf.update(conf)
        self._lab = labq.Lab(seed=1, start="2030-01-01T09:00:00Z")
        self._lines: list[tuple[str, str]] = []
        self._listener = logging.Handler()
        self._listener.emit = lambda record: self._lines.append((record.levelname, record.getMessage()))  # type: ignore[method-assign]
        for name in ("celery", "multiprocessing"):
            logging.getLogger(name).setLevel(logging.INFO)
            logging.getLogger(name).addHandler(self._listener)
        self._worker = self._lab.start_worker(self.app, hostname=self.hostname, queues=[self.queue], **options)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self._lab.advance(seconds)

    def revoke(self, result: Any, **options: Any) -> None:
        """Revoke a task by command."""
        self._worker.tell("revoke", [result.id], **options)

    def grow(self, n: int) -> None:
        """Let the pool grow or shrink."""
        with suppress(ValueError):
            self._worker.tell("grow" if n > 0 else "shrink", abs(n))

    def rate(self, name: str, said: str) -> None:
        """Set a rate limit."""
        self._worker.tell("set_rate_limit", name, said)

    def stats(self) -> dict[str, Any]:
        """Return what the worker tells about itself."""
        told = self._worker.worker.stats()
        return {"total": told["total"], "prefetch": told["prefetch_count"], "pool": told["pool"]}

    def kill_child(self, number: signal.Signals) -> None:
        """Kill the only child."""
        self._worker.kill_child(1, number)

    def stop(self, how: str) -> None:
        """Begin to stop it."""
        self._worker.tell("stop", how)

    def ended(self) -> None:
        """Run until it has stopped."""
        self._lab.run(until=lambda: not self._worker.online)

    def left(self) -> int:
        """Return how many messages wait in its queue."""
        self._lab.run()
        return int(self._lab.world.brokers[0].depth(self.queue))

    def log(self, *levels: str) -> list[str]:
        """Return what it logged on these levels; from inside a body comes what a child would have logged."""
        return [f"{level} {plain(said).splitlines()[0]}" for level, said in self._lines if level in levels]

    def close(self) -> None:
        """Leave nothing behind."""
        import logging

        for name in ("celery", "multiprocessing"):
            logging.getLogger(name).removeHandler(self._listener)
        self._lab.close()
        self.app.conf.update(self._conf)


@contextmanager
def working(app: Any, side: str, options: dict[str, Any], conf: dict[str, Any]) -> Iterator[Any]:
    """Have a worker for a while."""
    with tempfile.TemporaryDirectory() as folder:
        worker = (RealWorker if side == "celery" else LabsWorker)(app, Path(folder, "notes"))
        worker.begin(options, conf)
        try:
            yield worker
        finally:
            worker.close()
