"""What ``labq.app.configuration`` promises the app that owns it. What a user sees is compared with Celery elsewhere."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import warnings
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labq.app.configuration import Configuration
from labq.app.settings import Settings
from labq.app.sources import load_source, read_environment, symbol_by_name
from labq.exceptions import ImproperlyConfigured, NotConfigured


def test_the_settings_are_settings_from_the_beginning() -> None:
    """``app.conf`` has one type before, while and after the configuration is read."""
    configuration = Configuration()
    before = configuration.settings
    assert isinstance(before, Settings)
    assert before.task_serializer == "json"
    assert configuration.settings is before
    assert isinstance(configuration.from_object({"task_serializer": "yaml"}), Settings)


def test_keywords_that_are_none_are_not_set() -> None:
    """``Celery(broker=None)`` leaves the broker to the source."""
    configuration = Configuration(keywords={"broker_url": None, "include": ["m"]}, source={"broker_url": "memory://"})
    assert configuration.preset["include"] == ["m"]
    assert configuration.settings.broker_url == "memory://"


def test_the_app_is_told_before_the_source_is_read_and_when_all_is_there() -> None:
    """Each loading calls the two functions once, in this order, and the second has the whole settings."""
    told: list[Any] = []
    configuration = Configuration(
        source={"x": 1},
        on_configure=lambda: told.append(("before", configuration.configured)),
        on_configured=lambda settings: told.append((settings is configuration.settings, settings.x, settings.y)),
    )
    configuration.add_defaults({"y": 2})
    configuration.settings.finalize()
    configuration.settings.finalize()
    assert told == [("before", False), (True, 1, 2)]
    told.clear()
    configuration.from_object({"x": 3, "y": 4})
    assert told == [("before", True), (True, 3, 4)]


def test_who_reads_a_setting_when_told_of_the_loading_gets_it_and_all_is_loaded_once() -> None:
    """Celery calls itself here until Python stops it; labq loads at once and does not load again."""
    read: list[Any] = []
    loaded: list[Settings] = []
    configuration = Configuration(
        source={"x": 1},
        on_configure=lambda: read.append(configuration.settings.x),
        on_configured=loaded.append,
    )
    assert configuration.settings.x == 1
    assert (read, len(loaded)) == ([1], 1)


# -- the version ------------------------------------------------------------------------------------------------------


def test_the_version_grows_with_every_change_and_every_loading() -> None:
    """A cached value is fresh as long as the version is the one it was read at."""
    configuration = Configuration()
    versions = [configuration.version]
    for change in (
        lambda: setattr(configuration.settings, "x", 1),
        configuration.settings.finalize,
        lambda: configuration.settings.update(x=2),
        lambda: configuration.add_defaults({"y": 1}),
        lambda: configuration.from_cmdline(["own.x=(int)1"]),
        lambda: configuration.from_object({"x": 1}),
        lambda: configuration.settings.pop("x", None),
    ):
        change()
        versions.append(configuration.version)
    assert versions == sorted(set(versions))


def test_the_version_rests_while_settings_are_read() -> None:
    """Reading, even of what is not there, makes no cached value stale."""
    configuration = Configuration()
    configuration.settings.finalize()
    version = configuration.version
    assert configuration.settings.task_serializer == "json"
    assert configuration.settings.get("nope") is None
    assert "x" not in configuration.settings
    assert configuration.settings.humanize() == "deprecated_settings: None"
    assert configuration.version == version


# -- when loading fails -----------------------------------------------------------------------------------------------


def test_after_a_failed_loading_another_source_can_be_given() -> None:
    """The settings wait on, keep what was set, and load from the new source."""
    configuration = Configuration(source="proj_that_is_not_there")
    configuration.settings.x = 1
    with pytest.raises(ModuleNotFoundError, match="proj_that_is_not_there"):
        configuration.settings.get("x")
    configuration.from_object({"y": 2})
    assert (configuration.settings.x, configuration.settings.y) == (1, 2)


def test_after_mixed_names_another_source_can_be_given() -> None:
    """Celery counts the app as configured although its names were mixed; the next source is read at once."""
    configuration = Configuration(source={"task_serializer": "yaml", "CELERYD_POOL": "solo"})
    with pytest.raises(ImproperlyConfigured, match=r"CELERYD_POOL +-> worker_pool"):
        configuration.settings.finalize()
    assert configuration.configured
    assert configuration.from_object({"worker_pool": "solo"}) is configuration.settings
    assert configuration.settings.worker_pool == "solo"


def test_a_key_error_of_the_source_stays_as_the_cause() -> None:
    """Celery says "no such setting" and hides why; labq says the same and keeps the reason with it."""

    def careless() -> dict[str, Any]:
        raise KeyError("PROJ_DATABASE")

    configuration = Configuration()
    configuration.add_defaults(careless)
    with pytest.raises(KeyError, match="task_serializer") as caught:
        configuration.settings["task_serializer"]
    assert repr(caught.value.__cause__) == "KeyError('PROJ_DATABASE')"


# -- where it comes from ----------------------------------------------------------------------------------------------


def test_the_default_app_reads_celeryconfig_from_the_working_directory(tmp_path: Path) -> None:
    """Only an app that is given a default module looks for it; an app of the user's own does not."""
    tmp_path.joinpath("proj_default.py").write_text("task_serializer = 'yaml'\n", encoding="utf-8")
    with contextlib.chdir(tmp_path):
        assert Configuration(read_default=partial(read_environment, "proj_default")).settings.task_serializer == "yaml"
        assert Configuration().settings.task_serializer == "json"


def test_a_default_module_need_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is passed over in silence, or with a warning when the environment asks for one."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Configuration(read_default=partial(read_environment, "proj_nowhere")).settings.task_serializer == "json"
    monkeypatch.setenv("C_WNOCONF", "yes")
    with pytest.warns(NotConfigured, match="No proj_nowhere module found!"):
        assert Configuration(read_default=partial(read_environment, "proj_nowhere")).settings.task_serializer == "json"


def test_the_loaded_source_goes_through_the_app_s_hands() -> None:
    """``prepare`` sees the source, or None, and what it returns is used."""
    seen: list[Any] = []

    def prepare(source: Any) -> Any:
        seen.append(source)
        return {"x": 2}

    assert Configuration(source={"x": 1}, prepare=prepare).settings.x == 2
    assert Configuration(prepare=prepare).settings.x == 2
    assert seen == [{"x": 1}, None]


def test_a_source_may_replace_backends() -> None:
    """``override_backends`` is kept where the app finds it, and a source without it leaves the last one."""
    configuration = Configuration(source=SimpleNamespace(override_backends={"db": "proj.backend"}))
    configuration.settings.finalize()
    configuration.from_object({"x": 1})
    assert configuration.override_backends == {"db": "proj.backend"}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("os.path:join", "join"),
        ("os.path.join", "join"),
        ("posixpath", "posixpath"),
        (len, "len"),
        ("os:path", "posixpath"),
    ],
)
def test_a_name_leads_to_its_object(name: Any, found: str) -> None:
    """With a colon, with a dot, without either; what is no name is there already."""
    assert symbol_by_name(name).__name__ == found


@pytest.mark.parametrize(
    ("name", "error"),
    [("os:nope", AttributeError), ("nope.nope", ImportError), (":join", ImportError), (".a:b", TypeError)],
)
def test_a_name_that_leads_nowhere_is_refused(name: str, error: type[Exception]) -> None:
    """The error is the one that importing or looking gave."""
    with pytest.raises(error):
        symbol_by_name(name)


def test_a_module_goes_before_an_attribute_of_the_same_name() -> None:
    """``os.path`` could be either; it is imported."""
    assert load_source("os.path") is sys.modules["os.path"]


def test_neither_celery_nor_kombu_is_needed() -> None:
    """The rooms of the configuration import no line of what they mirror."""
    program = "import labq.app.configuration, sys; print({'celery', 'kombu'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
