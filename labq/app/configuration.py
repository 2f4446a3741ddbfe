"""The configuration of one app: waiting until somebody reads it, then loaded.

In: what the app was made with, what is set on ``app.conf`` meanwhile, the source that ``config_from_object`` names.
Out: ``settings``, which is ``app.conf``.
Next door: ``sources`` imports and reads, ``spelling`` tells old names from new, ``settings`` looks up; ``base`` owns
one of these and sends the signals.
Celery: ``celery/app/base.py`` (``PendingConfiguration``, ``_load_config``, ``config_from_object``).

A configuration waits because it may only be read when the user's modules are there. As long as it waits, setting a
value is noted and nothing is imported; reading any value loads it, and then the layers lie like this, the first to have
a name wins::

    changes              what was set before the first reading, and what is set from now on
    added defaults       add_defaults(…), the last added first
    source               config_from_object(…), or the module that the environment names
    Celery's defaults
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from labq.app.deprecation import find_deprecated_settings
from labq.app.settings import Settings
from labq.app.sources import as_mapping, load_source, parse_command_line, read_environment
from labq.app.spelling import Source, detect_settings, to_new_name, to_old_name
from labq.exceptions import ImproperlyConfigured

VARIABLE_NOT_SET = """\
The environment variable {0!r} is not set,
and as such the configuration could not be loaded.

Please set this variable and make sure it points to
a valid configuration module.

Example:
    {0}="proj.celeryconfig\""""


class Configuration:
    """The configuration of one app.

    Arguments:
        changes: what the app starts with (``Celery(changes=…)``); kept, and added to as long as the configuration
            waits.
        keywords: settings that came as keyword arguments of the app (``broker_url``, ``result_backend``, ``include``
            …); those that are None are not set.
        source: what ``config_from_object`` would be given.
        source_silent: whether a *source* that cannot be imported is passed over.
        namespace: begins the names in the source, as ``"CELERY"`` does.
        read_default: reads what counts when there is no source: the module that the environment names.
        prepare: looks over the loaded source (None if there is none) and returns it; Celery's ``app.prepare_config``.
        on_configure: called before the source is read, at every loading.
        on_configured: called with the settings when they are complete, at every loading.
    """

    def __init__(
        self,
        changes: dict[str, Any] | None = None,
        *,
        keywords: Mapping[str, Any] | None = None,
        source: Any = None,
        source_silent: bool = False,
        namespace: str | None = None,
        read_default: Callable[[], Source] = read_environment,
        prepare: Callable[[Source], Source] = find_deprecated_settings,
        on_configure: Callable[[], object] = lambda: None,
        on_configured: Callable[[Settings], object] = lambda _: None,
    ) -> None:
        given = {key: value for key, value in (keywords or {}).items() if value is not None}
        self.preset: dict[str, Any] = {} if changes is None else changes
        self.preset.update(given)
        self.source = source
        self.source_silent = source_silent
        self.namespace = namespace
        self.configured = False
        """Whether a source was read, well or not."""
        self.version = 0
        """Grows with every change and every loading: who keeps values of the settings compares it."""
        self.override_backends: dict[str, Any] = {}
        self._keywords = set(given)
        self._read_default = read_default
        self._prepare = prepare
        self._on_configure = on_configure
        self._on_configured = on_configured
        self._loaded: Source = None
        self._was_read = False
        self._announcing = False
        self._waiting = True
        self._pending_defaults: list[Callable[[], Any]] = []
        self.settings = self._wait()
        """What ``app.conf`` is. A source that replaces a loaded one brings a new object."""

    # -- where it comes from ------------------------------------------------------------------------------------------

    def from_object(
        self, obj: Any, silent: bool = False, force: bool = False, namespace: str | None = None
    ) -> Settings | None:
        """Take *obj* as the source: at the first reading, or now if that has been.

        What was set before the first reading stays above the new source; what was set after it is dropped.

        Arguments:
            obj: a mapping, a module, a class, any object with attributes; or the name of one.
            silent: pass over a name that cannot be imported.
            force: read now in any case.
            namespace: begins the names in the source; stays when a later source gives none.

        Returns the new settings if they were read now, else None. Raises what importing raises.
        """
        self.source, self.source_silent = obj, silent
        self.namespace = namespace or self.namespace
        if (force or self.configured) and self._read_source():
            self.settings = self._wait()
            self._load()
            return self.settings
        return None

    def from_envvar(self, variable: str, silent: bool = False, force: bool = False) -> Settings | bool | None:
        """Take the module that the environment *variable* names as the source.

        The other arguments and the result are those of ``from_object``; with *silent* and no such variable it is False.
        Raises ImproperlyConfigured if the variable is not set or empty.
        """
        name = os.environ.get(variable)
        if name:
            return self.from_object(name, silent=silent, force=force)
        if silent:
            return False
        raise ImproperlyConfigured(VARIABLE_NOT_SET.format(variable))

    def from_cmdline(self, argv: Sequence[str], namespace: str = "celery") -> None:
        """Set what the words of a command line say; ``sources.parse_command_line`` tells how they read."""
        self.settings.update(parse_command_line(argv, namespace))

    def add_defaults(self, defaults: Any) -> None:
        """Add a layer under the changes and above the source.

        Arguments:
            defaults: a mapping, an object with attributes, or a function that returns one and that is called no sooner
                than the configuration is needed.
        """
        promise = defaults if callable(defaults) else lambda: defaults
        if self.configured:
            self.settings.add_defaults(promise())
        else:
            self._pending_defaults.append(promise)

    # -- loading ------------------------------------------------------------------------------------------------------

    def _wait(self) -> Settings:
        """Make settings that load themselves when the first value is read."""
        self._waiting = True
        self._changed()
        return Settings(
            self.preset,
            keys=(to_new_name, to_old_name),
            prefix=self.namespace,
            load=self._load_at_first_reading,
            on_change=self._changed,
        )

    def _changed(self) -> None:
        self.version += 1

    def _load_at_first_reading(self) -> None:
        try:
            self._load()
        except AttributeError as error:
            # within a look-up it would read as "no such setting"; Celery says it like this
            raise ModuleNotFoundError(*error.args) from error

    def _load(self) -> None:
        """Read the source, lay the layers, put them into the waiting settings, tell the app."""
        settings = self.settings
        if not self._announcing:
            self._announcing = True
            try:
                self._on_configure()
            finally:
                self._announcing = False
            if not self._waiting:  # whoever was told has read a value, and so loaded everything
                return
        if self.source:
            self._read_source()
        if not self._was_read:
            self._loaded, self._was_read = self._read_default(), True
        self.configured = True
        settings.swap_with(
            detect_settings(
                self._prepare(self._loaded), self.preset, self._keywords, self.namespace, on_change=self._changed
            )
        )
        self._waiting = False
        while self._pending_defaults:
            settings.add_defaults(self._pending_defaults.pop(0)())
        self._on_configured(settings)

    def _read_source(self) -> bool:
        """Read the source as a mapping; return False if it could not be imported and that is to be passed over."""
        obj = self.source
        if isinstance(obj, str):
            try:
                obj = load_source(obj)
            except (ImportError, AttributeError):
                if self.source_silent:
                    return False
                raise
        self._loaded, self._was_read = as_mapping(obj), True
        overridden = self._loaded.get("override_backends")
        if overridden is not None:
            self.override_backends = overridden
        return True
