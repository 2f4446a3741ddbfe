"""JupyterLab as a process of ours: started, waited for, and ended together with us.

Comes in: a folder with notebooks. Goes out: an address, once it answers.
Next door: ``lab`` asks for it. This is the only module that names Jupyter.
Celery: no counterpart.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import quote

from jupyter_core.paths import jupyter_runtime_dir

from labq.exceptions import LabError
from labq.i18n import text

ENDING = ("SIGTERM", "SIGHUP")
"""Signals after which JupyterLab has to end with us; not every system has both."""

LOOK_EVERY = 0.1
"""Seconds between two looks whether the server has come up."""

PATIENCE = 20
"""Seconds that the server has for ending its kernels."""


class JupyterServer:
    """A JupyterLab on this computer alone.

    Arguments:
        folder: what it shows.
        index: the notebook it opens, seen from *folder*.
        lang: the language of the labs in its notebooks.
    """

    def __init__(self, folder: Path, index: str, lang: str) -> None:
        self._folder = folder
        self._page = f"lab/tree/{quote(index)}"
        self._lang = lang
        self._token = secrets.token_hex(24)

    def serve(self, port: int, *, browser: bool, announce: Callable[[str], object]) -> None:
        """Run until Ctrl-C or a signal.

        Arguments:
            port: where to listen; the next free one if it is taken; 0 for any.
            browser: whether to open one.
            announce: called with the address once the server answers.

        Raises:
            LabError: when the server ends by itself with an error.
        """
        process = self._start(port, browser=browser)
        previous = {name: signal.signal(getattr(signal, name), _leave) for name in ENDING if hasattr(signal, name)}
        try:
            announce(self._address(process))
            code = process.wait()
            if code:
                raise LabError(f"JupyterLab ended with exit code {code}")
        except KeyboardInterrupt:
            pass  # this is how one closes it
        finally:
            _end(process)
            for name, action in previous.items():
                signal.signal(getattr(signal, name), action)

    def _start(self, port: int, *, browser: bool) -> subprocess.Popen[bytes]:
        command = [
            sys.executable, "-m", "jupyterlab",
            "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", f"--ServerApp.root_dir={self._folder}",
            f"--LabApp.default_url=/{self._page}", "--Application.log_level=ERROR",
        ]  # fmt: skip
        if not browser:
            command.append("--no-browser")
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--allow-root")  # else Jupyter refuses, and a container's only user is root
        environment = {**os.environ, "JUPYTER_TOKEN": self._token, "LABQ_LANG": self._lang}
        # a session of its own: Ctrl-C reaches us alone, and Jupyter does not ask whether it was meant
        return subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603 - words of our own

    def _address(self, process: subprocess.Popen[bytes]) -> str:
        """Wait until the server has written down where it listens, and return the address of the index."""
        note = Path(jupyter_runtime_dir(), f"jpserver-{process.pid}.json")
        while (found := _read(note)) is None:
            try:
                code = process.wait(LOOK_EVERY)
            except subprocess.TimeoutExpired:
                continue
            hint = text("Run `{command}` to see why.", command=f"{Path(sys.executable).name} -m jupyterlab")
            raise LabError(f"JupyterLab did not start (exit code {code})", hint)
        return f"http://localhost:{found['port']}{found['base_url']}{self._page}?token={self._token}"


def trust(notebooks: Iterable[Path]) -> None:
    """Sign notebooks as one's own: out of a stranger's stored outputs Jupyter takes the style and the pictures.

    Arguments:
        notebooks: files that hold nothing but what this installation brought.
    """
    if paths := [str(path) for path in notebooks]:
        command = [sys.executable, "-m", "jupyter", "trust", *paths]
        # without a signature the lessons are only less pretty until they are run
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL)  # noqa: S603 - words of our own


def _read(note: Path) -> dict[str, Any] | None:
    try:
        written: dict[str, Any] = json.loads(note.read_text("utf-8"))
    except (FileNotFoundError, ValueError):  # not there, or half written
        return None
    return written


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the server and its kernels; kill it when it does not end by itself."""
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _leave(number: int, frame: FrameType | None) -> None:
    """Turn a signal into an ordinary exit, so that the server is ended on the way out."""
    del frame
    raise SystemExit(128 + number)
