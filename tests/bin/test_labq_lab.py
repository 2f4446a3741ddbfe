"""``labq lab`` brings a real JupyterLab up on the index of the lessons, and takes it down again with itself."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import psutil
import pytest

PATIENCE = 60
"""Seconds that JupyterLab may take to come up."""

ADDRESS = re.compile(r"http://localhost:(\d+)/lab/tree/en/00_index\.ipynb\?token=\w+")


@pytest.fixture
def served(tmp_path):
    """A running ``labq lab``: the process, and the address that it printed."""
    printed = tmp_path / "printed.txt"
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-c", "from labq.bin import main; main()"]
    with printed.open("wb") as sink:
        process = subprocess.Popen(
            [*command, "lab", "--no-browser", "--port", "0", "--dir", str(tmp_path / "mine")],
            stdout=sink, stderr=subprocess.STDOUT, env=environment, cwd=tmp_path,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
        )  # fmt: skip
    try:
        end = time.monotonic() + PATIENCE
        while not (found := ADDRESS.search(printed.read_text())) and time.monotonic() < end and process.poll() is None:
            time.sleep(0.1)
        assert found, printed.read_text()
        yield process, found.group()
    finally:
        for each in [*psutil.Process(process.pid).children(recursive=True), process] if process.poll() is None else []:
            each.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_index_is_served_and_the_server_ends_with_the_command(served, tmp_path, number):
    """The page comes with the token alone, the copies are there, and nothing is left running."""
    process, address = served
    parts = urlsplit(address)
    content = f"{parts.scheme}://{parts.netloc}/api/contents/en/00_index.ipynb?content=0"
    assert b"jupyter-config-data" in _page(address)
    assert b"00_index.ipynb" in _page(f"{content}&{parts.query}")
    with pytest.raises(URLError):
        _page(content)
    assert (tmp_path / "mine" / "en" / "01_first_task.ipynb").is_file()

    servers = psutil.Process(process.pid).children(recursive=True)
    assert servers
    process.send_signal(number)
    assert process.wait(PATIENCE) == (0 if number == signal.SIGINT else 128 + number)
    assert not psutil.wait_procs(servers, timeout=10)[1]


def _page(address: str) -> bytes:
    with urlopen(address) as page:  # noqa: S310 - an address of our own, on this machine
        return page.read()
