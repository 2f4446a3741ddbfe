"""A real Chromium in front of a real JupyterLab that ``labq lab`` started, and what a learner does there.

A ``Desk`` is one page on one JupyterLab in one language. It runs lessons through the menu, as a learner does, and
waits for what JupyterLab itself says of its cells and its kernel, never for a time to pass.
The fixtures live as long as a module: while Playwright is open, no other test may use an event loop.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
"""Chromium in a container, which speaks to nobody but the page."""

PATIENCE = 180
"""Seconds after which what should have happened will not happen any more."""

HEIGHT = 1200
"""Pixels: high enough for the whole room."""

ADDRESS = re.compile(r"http://localhost:\d+/lab/tree/\S+(?=\s)")

SETTINGS = {
    "jupyter_server_config.json": {"LabApp": {"expose_app_in_browser": True}},
    "labconfig/default_setting_overrides.json": {
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}
    },
}
"""JupyterLab shows itself to the page's scripts, and asks nobody for news."""

SCRIPT = Path(__file__).with_name("desk.js")

IN_FRONT = ".jp-NotebookPanel:not(.lm-mod-hidden)"


class Desk:
    """One JupyterLab in one language, and the page that shows it.

    Arguments:
        page: Playwright's page.
        folder: where the learner's notebooks in this language are.
        lang: the language.
    """

    def __init__(self, page, folder, lang):
        self.page = page
        self.folder = folder
        self.lang = lang
        self.complaints = []
        self.strangers = []
        self._has_run = set()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)
        page.on("request", self._look)

    def _hear(self, message):
        if message.type == "error":
            self.complaints.append(f"{message.text} ({message.location})")

    def _look(self, request):
        if not request.url.startswith(("http://localhost:", "data:", "blob:")):
            self.strangers.append(request.url)

    def ask(self, question, argument=None):
        """Return what the page's script answers."""
        return self.page.evaluate(f"argument => window.desk.{question}(argument)", argument)

    def wait_for(self, condition):
        """Wait until the page's script says yes."""
        self.page.wait_for_function(f"() => window.desk.{condition}()")

    def wait_for_notebook(self, name):
        """Wait until a notebook is in front."""
        self.page.wait_for_function("path => window.desk.current() === path", arg=f"{self.lang}/{name}.ipynb")

    def open(self, name):
        """Put a notebook in front, with its kernel ready."""
        self.ask("open", f"{self.lang}/{name}.ipynb")
        self.wait_for_notebook(name)

    def run(self, name):
        """Put a notebook in front and, unless that was done before, run it through the menu; return its code cells."""
        self.open(name)
        if name not in self._has_run:
            self._has_run.add(name)
            self.ask("clear")
            self.wait_for("cleared")
            self.complaints.clear()  # what JupyterLab said of itself while it came up
            self.page.get_by_role("menuitem", name="Run", exact=True).click()
            self.page.locator(".lm-Menu-item[data-command='runmenu:run-all']").click()
            self.wait_for("finished")
        return self.ask("cells")

    def show(self, cell):
        """Scroll to a cell; return the place of its outputs."""
        number = self.ask("show", cell)
        self.ask("painted")
        return self.page.locator(f"{IN_FRONT} [data-windowed-list-index='{number}'] .jp-Cell-outputArea")

    def dress(self, theme):
        """Give JupyterLab the theme ``Light`` or ``Dark``."""
        self.ask("theme", f"JupyterLab {theme}")
        light = str(theme == "Light").lower()
        self.page.wait_for_function("light => document.body.dataset.jpThemeLight === light", arg=light)
        self.ask("painted")

    def widen(self, pixels):
        """Make the window this wide."""
        self.page.set_viewport_size({"width": pixels, "height": HEIGHT})
        self.ask("painted")


@pytest.fixture(scope="module")
def chromium():
    """The system's Chromium."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("there is no chromium on PATH")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def desk(request, chromium, tmp_path_factory):
    """A page on ``labq lab`` in the language that the parameter names; the tests of a module share it."""
    if find_spec("jupyterlab") is None:
        pytest.skip("jupyterlab is not installed")
    lang = request.param
    home = tmp_path_factory.mktemp(lang)
    process = _labq_lab(home, lang)
    try:
        page = chromium.new_page(viewport={"width": 1280, "height": HEIGHT})
        page.set_default_timeout(1000 * PATIENCE)
        page.add_init_script(path=SCRIPT)
        desk = Desk(page, home / "lessons" / lang, lang)
        page.goto(_address(process, home))
        desk.wait_for_notebook("00_index")
        yield desk
        page.close()
    finally:
        _end(process)


def _labq_lab(home, lang):
    """Start ``labq lab`` with settings of its own."""
    for name, settings in SETTINGS.items():
        path = home / "config" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings))
    places = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    command = [sys.executable, "-c", "from labq.bin import main; main()", "lab", "--no-browser", "--port", "0"]
    with (home / "printed.txt").open("wb") as sink:
        return subprocess.Popen(
            [*command, "--dir", str(home / "lessons"), "--lang", lang],
            stdout=sink, stderr=subprocess.STDOUT, env={**os.environ, **places, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip


def _address(process, home):
    """Wait for the address that the command prints."""
    printed = home / "printed.txt"
    for _ in range(10 * PATIENCE):
        if found := ADDRESS.search(printed.read_text()):
            return found.group()
        if _has_ended(process, 0.1):
            break
    raise AssertionError(f"labq lab gave no address:\n{printed.read_text()}")


def _has_ended(process, seconds):
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _end(process):
    """End the command as a system does; what is left of it is killed."""
    if process.poll() is None:
        children = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        if not _has_ended(process, 30):
            process.kill()
            process.wait()
        for child in psutil.wait_procs(children, timeout=10)[1]:
            child.kill()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """The folder for screenshots: that of LABQ_PICTURES, else a temporary one."""
    folder = Path(os.environ.get("LABQ_PICTURES") or tmp_path_factory.mktemp("pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
