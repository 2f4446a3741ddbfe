"""One word for each thing, none that says nothing, and no trace of anybody's machine."""

from __future__ import annotations

import ast
import re

import pytest
from sources import ROOT, Source, read_package, tracked_files

EMPTY_WORDS = {"manager", "managers", "helper", "helpers", "util", "utils", "engine", "mixin", "misc"}
"""Words that say nothing about a thing. No module, class or function of labq is called by one."""

CELERYS_NAMES = {
    "ConsumerMixin", "ConsumerProducerMixin", "Node.handler", "Signature.data", "_regen.data", "AMQP.utils", "utils",
    "__init__",
}  # fmt: skip
"""Names that a mirror of Celery has to carry, whatever they are made of: ``labq.utils`` and ``labq.app.utils`` too."""

LONELY_WORDS = {"handler", "item", "items", "data"}
"""Words that need another word beside them: ``error_handler`` says something, ``handler`` does not."""

MACHINE_TRACES = re.compile(
    r"/(?:home|Users)/\w+/|/root/|/wor[k]/|/tmp/(?!\w+\.sock)|file:///|--(?:extra-)?index-url|find-links|"
    r"https?://[^\s/'\"]*(?:p[y]pi|n[p]mjs|python[h]osted|registry)",
)
"""Paths of a developer's machine, and addresses from which packages were once fetched."""

MEANT: dict[str, str] = {
    "tests/guards/test_house_words.py": "names what it looks for",
}
"""Files in which such a trace is meant, with the reason."""

LONGEST_MODULE, LONGEST_FUNCTION = 400, 60

MIRRORS = {"labq.app.base", "labq.app.task", "labq.result", "labq.lab.lab"}
"""Modules that hold one public class whose many names are given: each method is a docstring and a line or two."""
LONGEST_MIRROR = 750


def _words(name: str) -> list[str]:
    """Split a name of Python into its words: ``TaskPool`` and ``task_pool`` are two words each."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]


def _names(source: Source) -> list[str]:
    """Return the module's own name and, with their class, those of all classes and functions in it."""
    found = [source.name.rpartition(".")[2]]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef):
            found.append(node.name)
            inside = [each for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
            found += [f"{node.name}.{each.name}" for each in inside]
    found += [each.name for each in source.tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
    return found


def _says_nothing(name: str) -> bool:
    words = _words(name.rpartition(".")[2])
    return bool(EMPTY_WORDS & set(words)) or (len(words) == 1 and words[0] in LONELY_WORDS)


def _empty_names(sources: list[Source]) -> list[str]:
    bad = [(source.name, name) for source in sources for name in _names(source) if _says_nothing(name)]
    return [f"{module}: {name}" for module, name in bad if name not in CELERYS_NAMES]


def _long_functions(sources: list[Source]) -> list[str]:
    functions = [
        (source.name, node)
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    sizes = [(module, node.name, (node.end_lineno or node.lineno) - node.lineno + 1) for module, node in functions]
    return [f"{module}.{name}: {size} lines" for module, name, size in sizes if size > LONGEST_FUNCTION]


@pytest.fixture(scope="module")
def house() -> list[Source]:
    """Every module of labq."""
    return read_package(ROOT / "labq")


def test_no_name_in_labq_says_nothing(house):
    """A manager, a helper or a utility is a thing whose name was not looked for."""
    assert _empty_names(house) == []


def test_a_module_is_one_noun_and_a_function_one_screen(house):
    """What does not fit is two things."""
    long = [f"{source.name}: {size} lines" for source in house if (size := _lines(source)) > _most_lines(source)]
    assert long + _long_functions(house) == []


def _most_lines(source: Source) -> int:
    return LONGEST_MIRROR if source.name in MIRRORS else LONGEST_MODULE


def _lines(source: Source) -> int:
    return len(source.path.read_text(encoding="utf-8").splitlines())


def test_no_file_tells_of_somebodys_machine():
    """What is in the repository is the same for everybody: no home folders, no addresses of package registries."""
    traces = []
    for path in tracked_files():
        name = path.relative_to(ROOT).as_posix()
        if name not in MEANT and path.suffix not in {".png", ".woff2", ".mo"}:
            lines = path.read_text(encoding="utf-8").splitlines()
            traces += [
                f"{name}:{number}: {line.strip()[:90]}" for number, line in enumerate(lines, 1) if _is_trace(line)
            ]
    assert traces == []


def _is_trace(line: str) -> bool:
    return bool(MACHINE_TRACES.search(line))


def test_the_top_of_the_repository_stays_small():
    """A newcomer sees five folders; what begins with a dot is for the tools."""
    folders = {path.relative_to(ROOT).parts[0] for path in tracked_files() if path.parent != ROOT}
    assert {name for name in folders if not name.startswith(".")} <= {
        "binder",
        "labq",
        "notebooks",
        "tests",
        "translations",
    }


# -- the guards can bark ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", ["class TaskManager: ...", "def data(): ...", "class A:\n    def helper(self): ..."])
def test_the_guard_sees_a_name_that_says_nothing(text, tmp_path):
    """Names of classes, functions and methods are all read."""
    assert len(_empty_names([Source("labq.pool", tmp_path, ast.parse(text))])) == 1


def test_the_guard_sees_a_long_function(tmp_path):
    """A function of one line more than a screen is seen."""
    text = "def f():\n" + "    pass\n" * LONGEST_FUNCTION
    assert len(_long_functions([Source("labq.pool", tmp_path, ast.parse(text))])) == 1


@pytest.mark.parametrize(
    "line", ["see /home/ann/labq/x.py", "in /tmp/x", "https://registry.example/simple", "File /root/a.py"]
)
def test_the_guard_sees_a_trace_of_a_machine(line):
    """The pattern finds what it was written for."""
    assert _is_trace(line)


@pytest.mark.parametrize("line", ["/usr/bin/chromium", "celery/worker/request.py", "http://127.0.0.1:8888/lab"])
def test_the_guard_lets_common_paths_pass(line):
    """What every machine has is nobody's trace."""
    assert not _is_trace(line)
