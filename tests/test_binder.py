"""Binder's steps, taken one after another in an environment that has nothing, as repo2docker takes them.

repo2docker makes an image: system packages of ``apt.txt``, the Python of ``runtime.txt``, ``requirements.txt``, then
the checkout and ``postBuild`` at its top. Here an empty virtual environment stands for the image; the system packages
are installed by ``.ci/run``. The root's ``pyproject.toml`` counts for nothing, because there is a folder ``binder``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path
from typing import NamedTuple

import pytest
from sources import ROOT, tracked_files

LANGUAGES = ("en", "ru", "zh")

pytestmark = pytest.mark.binder


class Image(NamedTuple):
    """What Binder would have built."""

    checkout: Path
    environment: dict[str, str]

    def run(self, *command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command in the image and return how it ended, with what it printed."""
        return subprocess.run(
            command,
            cwd=cwd or self.checkout,
            env=self.environment,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def _copy_of_the_repository(place: Path) -> Path:
    for path in tracked_files():
        copy = place / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    return place


@pytest.fixture(scope="module")
def bare_image(tmp_path_factory) -> Image:
    """An image with a copy of the repository and an empty environment of Python."""
    top = tmp_path_factory.mktemp("binder")
    checkout, home = top / "home", top / "srv"
    checkout.mkdir()
    venv.create(home, with_pip=True)
    kept = {name: value for name, value in os.environ.items() if name.startswith("PIP_") or name in {"LANG", "TMPDIR"}}
    path = os.pathsep.join([str(home / "bin"), "/usr/bin", "/bin"])
    return Image(_copy_of_the_repository(checkout), {**kept, "PATH": path, "HOME": str(checkout)})


@pytest.fixture(scope="module")
def image(bare_image) -> Image:
    """The image after all of Binder's steps."""
    for step in (["python", "-m", "pip", "install", "-q", "-r", "binder/requirements.txt"], ["binder/postBuild"]):
        done = bare_image.run(*step)
        if done.returncode:
            pytest.fail(f"{step} failed:\n{done.stdout[-4000:]}")
    return bare_image


def test_a_step_that_fails_fails_the_build(bare_image, tmp_path):
    """Run where there is no project, postBuild stops at its first step instead of going on to an image without labq."""
    done = bare_image.run(str(ROOT / "binder" / "postBuild"), cwd=tmp_path)
    assert done.returncode != 0
    assert "+ labq --version" not in done.stdout


def test_labq_is_installed_for_every_folder(image, tmp_path):
    """The kernel of a notebook imports labq wherever the notebook lies, and the command is there."""
    done = image.run("python", "-c", "import labq; print(labq.__file__)", cwd=tmp_path)
    assert Path(done.stdout.strip()).is_relative_to(image.checkout), done.stdout
    assert image.run("labq", "--version", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_index_of_each_language_runs(image, language, tmp_path):
    """The page that a Binder link opens runs from top to bottom in JupyterLab's own environment."""
    index = f"notebooks/{language}/00_index.ipynb"
    convert = ("jupyter", "nbconvert", "--to", "notebook", "--execute", "--output-dir", str(tmp_path), index)
    done = image.run(*convert)
    assert done.returncode == 0, done.stdout[-4000:]
    assert (tmp_path / "00_index.ipynb").is_file()


def test_jupyterlab_speaks_the_three_languages(image):
    """The packs that requirements.txt names are found by JupyterLab."""
    ask = "from jupyterlab_server.translation_utils import get_language_packs; print(sorted(get_language_packs()[0]))"
    assert image.run("python", "-c", ask).stdout.strip().splitlines()[-1] == "['en', 'ru_RU', 'zh_CN']"


def test_the_python_of_binder_is_one_that_labq_supports():
    """runtime.txt names a Python of repo2docker's form, not older than the one the project asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name, _, version = (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8").strip().partition("-")
    oldest = project["requires-python"].removeprefix(">=")
    assert name == "python"
    assert tuple(map(int, version.split("."))) >= tuple(map(int, oldest.split(".")))


def test_the_suite_itself_runs_outside_the_image(image):
    """The environment of the steps is its own: nothing that the steps needed was lent by the tests' environment."""
    asked = image.run("python", "-c", "import sys; print(sys.prefix)").stdout.strip()
    assert Path(asked) != Path(sys.prefix)
    assert image.run("python", "-c", "import pytest").returncode != 0
