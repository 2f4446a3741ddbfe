"""The code of Celery's documentation, run as it stands, on one side: ``celery`` or ``labq``.

Called as a program with the side, a page, the folder of Celery's source distribution and the keys of passages to leave
out, it types every other passage of the page in order and prints, as JSON, what came out of each.
"""

from __future__ import annotations

import ast
import io
import json
import logging
import os
import re
import shutil
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from types import CodeType
from typing import Any

from passages import Passage, passages
from stages import STAGES, Stage

PATIENCE = 8
"""Real seconds after which a passage that waits for something is given up."""

WAITS = re.compile(r"\.get\(|~|\.control\.|inspect|collect|\bi\.\w+\(|\.state\b|\.failed\(|ping\(|graph|\.children")
"""What only a worker can answer; a passage without it needs none."""

NAMES = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ADDRESSES = re.compile(r"0x[0-9a-f]+")
STAMPED = re.compile(r"'stamped_headers': (\[[^]]*\])")
Working = Callable[[Any], Any]


def normal(text: str) -> str:
    """Return *text* without what is another one in each process, ids, addresses, the order of a set; or the package."""
    text = STAMPED.sub(lambda found: f"'stamped_headers': {sorted(ast.literal_eval(found[1]))}", text)
    text = text.replace("<class 'labq.", "<class 'celery.")  # the house of the mirrored classes
    return ADDRESSES.sub("0x", NAMES.sub("<id>", text)).rstrip()


def pieces(source: str, passage: Passage) -> list[CodeType]:
    """Return what is typed as code: at the prompt each statement shows its value, in a program none does."""
    tree = ast.parse(source, passage.key)
    if not passage.interactive:
        return [compile(tree, passage.key, "exec")]
    return [compile(ast.Interactive([statement]), passage.key, "single") for statement in tree.body]


class Typist:
    """Types the passages of one page.

    Arguments:
        namespace: the names of the reader's session.
        between: what is typed before a passage, by its key.
        working: starts a worker for an app and returns what stops it.
    """

    def __init__(self, namespace: dict[str, Any], between: dict[str, str], working: Working) -> None:
        self._namespace = namespace
        self._between = between
        self._working = working
        self._employed: tuple[Any, set[str]] | None = None
        self._stop: Callable[[], Any] = lambda: None

    def type(self, passage: Passage) -> list[str]:
        """Type a passage and return what each of its lines printed, or the error with which it ended."""
        exec(self._between.get(passage.key, ""), self._namespace)  # noqa: S102 - our own text
        if WAITS.search(passage.text):
            self._employ()
        return [self._run(source, passage) for source, _ in passage.examples]

    def _run(self, source: str, passage: Passage) -> str:
        out = io.StringIO()
        try:
            with redirect_stdout(out), redirect_stderr(io.StringIO()), patience():
                for piece in pieces(source, passage):
                    exec(piece, self._namespace)  # noqa: S102 - running the page is the test
        except (Exception, SystemExit) as exc:  # noqa: BLE001 - whatever comes out is the answer
            return normal(f"{out.getvalue()}{type(exc).__name__}: {exc}")
        return normal(out.getvalue())

    def _employ(self) -> None:
        """See that a worker works for the session's app and knows all of its tasks."""
        app = self._namespace.get("app")
        if not hasattr(app, "tasks") or not hasattr(app, "send_task"):
            return
        known = set(app.tasks)
        if self._employed is None or self._employed[0] is not app or self._employed[1] != known:
            self._stop()
            self._employed, self._stop = (app, known), self._working(app)

    def leave(self) -> None:
        """Send the worker home."""
        self._stop()


@contextmanager
def patience() -> Iterator[None]:
    """Give up what takes too long in real time."""

    def give_up(*_: Any) -> None:
        raise TimeoutError("nothing came")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def celerys_worker() -> Working:
    """Return what starts a real worker."""
    from celery.contrib.testing.worker import start_worker

    def working(app: Any) -> Callable[[], Any]:
        app.conf.broker_transport_options = {"polling_interval": 0.01}  # the pages wait for one second at most
        worker = start_worker(app, perform_ping_check=False, pool="solo", hostname="w1@lab", shutdown_timeout=30)
        worker.__enter__()
        return lambda: worker.__exit__(None, None, None)

    return working


def labqs_worker() -> Working:
    """Return what starts a worker in the lab; `celery` means labq from here on."""
    import labq

    labq.as_celery()

    def working(app: Any) -> Callable[[], Any]:
        worker = app.Worker(hostname="w1@lab", pool="solo")
        worker.start()
        return worker.stop

    return working


def session(stage: Stage, examples: Path, folder: Path) -> dict[str, Any]:
    """Set the stage in *folder*, go there, and return the names of a session that begins."""
    shutil.copytree(examples / "next-steps" / "proj", folder / "proj")
    for name, text in stage.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(stage.before, f"before {stage.page}", "exec"), namespace)  # noqa: S102 - our own text
    return namespace


def answers(side: str, page: str, distribution: Path, left_out: set[str]) -> dict[str, list[str]]:
    """Return what every passage of *page* prints on this side."""
    working = {"celery": celerys_worker, "labq": labqs_worker}[side]()
    stage = next(stage for stage in STAGES if stage.page == page)
    home = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        typist = Typist(session(stage, distribution / "examples", Path(folder)), stage.between, working)
        read = [each for each in passages(distribution / "docs", page) if each.key not in left_out]
        told = {passage.key: typist.type(passage) for passage in read}
        typist.leave()
        os.chdir(home)
    return told


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    os.environ.update(CELERY_BROKER_URL="memory://", CELERY_RESULT_BACKEND="cache+memory://")
    json.dump(answers(sys.argv[1], sys.argv[2], Path(sys.argv[3]), set(sys.argv[4:])), sys.stdout)
