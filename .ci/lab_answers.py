"""Ends red unless a shell command opens JupyterLab and JupyterLab shows the index of the lessons.

Comes in: the command, as the README gives it. Goes out: exit code 1 and what the command printed when no page came.
The command is ended afterwards with all its children.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

PATIENCE = 300
"""Seconds that installing JupyterLab and starting it may take."""

ADDRESS = re.compile(r"http://(?:localhost|127\.0\.0\.1):\d+/\S*token=\w+")


def index_answers(address: str) -> bool:
    """Return whether JupyterLab at *address* serves its page and has an index of the lessons in its folder."""
    parts = urlsplit(address)
    server = f"{parts.scheme}://{parts.netloc}"
    try:
        with urlopen(address) as page:
            page_came = b"jupyter-config-data" in page.read()
        folder = re.search(r"/tree/(.*00_index\.ipynb)", parts.path)
        index = folder.group(1) if folder else "00_index.ipynb"
        with urlopen(f"{server}/api/contents/{index}?content=0&{parts.query}") as answer:
            return page_came and b"00_index.ipynb" in answer.read()
    except URLError:
        return False


def main(command: str) -> int:
    """Run *command* until the index is there, or until patience ends."""
    with tempfile.TemporaryDirectory() as home:
        printed = Path(home, "printed.txt")
        environment = {**os.environ, "HOME": home, "BROWSER": "true", "PYTHONUNBUFFERED": "1"}
        with printed.open("wb") as sink:
            shell = subprocess.Popen(
                ["bash", "-ec", command], stdout=sink, stderr=subprocess.STDOUT, env=environment, start_new_session=True
            )
        try:
            end = time.monotonic() + PATIENCE
            while time.monotonic() < end and shell.poll() is None:
                found = ADDRESS.search(printed.read_text(errors="replace"))
                if found and index_answers(found.group()):
                    print("JupyterLab shows the index of the lessons.")
                    return 0
                time.sleep(0.5)
            print(printed.read_text(errors="replace")[-4000:])
            return 1
        finally:
            if shell.poll() is None:
                os.killpg(shell.pid, signal.SIGTERM)
                shell.wait(30)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
