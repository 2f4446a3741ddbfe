"""The settings of one app, in layers: what changed at run time, then what was loaded, then Celery's defaults.

In: the layers, and functions from one spelling of a name to another. Out: a value by name, read as an item or as an
attribute; tables and texts of the whole with the secrets covered.
Next door: ``configuration`` lays the layers and, as long as nothing was read, lets them wait; ``censorship`` covers.
Celery: ``celery/app/utils.py`` (``Settings``), ``celery/utils/collections.py`` (``ConfigurationView``, ``ChainMap``).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from pprint import pformat
from typing import Any

from labq.app import censorship, deprecation
from labq.app.defaults import TO_NEW_NAME, find, searchresult
from labq.app.sources import as_mapping

MISSING = object()


class Settings(MutableMapping[str, Any]):
    """A mapping that is also an object: ``conf["task_serializer"]`` and ``conf.task_serializer`` are one.

    Arguments:
        changes: the uppermost layer; what is set goes there.
        defaults: the layers under it, the most important first.
        keys: functions from a name to other spellings of it; a layer is searched for each.
        prefix: begins every name of a loaded configuration (``"CELERY"``); names without it are found too.
        deprecated_settings: old names that the loaded configuration uses.
        load: lays the true layers; called once, before the first value is read. Setting does not call it.
        on_change: called after every change made through this object.

    Source: Celery's ``app.conf``; documentation, "Application", "Configuration".
    """

    maps: list[Any]
    prefix: str | None

    def __init__(
        self,
        changes: MutableMapping[str, Any],
        defaults: Sequence[Mapping[str, Any]] | None = None,
        keys: Sequence[Callable[[str], str]] | None = None,
        prefix: str | None = None,
        *,
        deprecated_settings: set[str] | None = None,
        load: Callable[[], object] | None = None,
        on_change: Callable[[], object] | None = None,
    ) -> None:
        # an attribute that is set is a setting, so the object's own state goes past __setattr__
        self.__dict__.update(
            maps=[changes, *(defaults or ())],
            prefix=prefix.rstrip("_") + "_" if prefix else prefix,
            _keys=tuple(keys or ()),
            _spellings={},
            _load=load,
            _on_change=on_change,
            _observers=[],
        )
        self["deprecated_settings"] = deprecated_settings

    @property
    def changes(self) -> Any:
        """The uppermost layer: what was set at run time."""
        return self.maps[0]

    @property
    def defaults(self) -> list[Any]:
        """The layers under the changes; Celery's own defaults are the last."""
        return self.maps[1:]

    # -- reading ------------------------------------------------------------------------------------------------------

    def __getitem__(self, key: str) -> Any:
        if self._load is not None:
            self._load_for(key)
        spellings = self._spellings.get(key) or self._spell(key)
        for layer in self.maps:
            for spelling in spellings:
                value = layer.get(spelling, MISSING)
                if value is not MISSING:
                    return value
        if self.prefix:
            raise KeyError(f"Key not found: {key!r} (with prefix: {spellings[0]!r})")
        raise KeyError(key)

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}") from error

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of *key*, or *default* when no layer has it."""
        try:
            return self[key]
        except KeyError:
            return default

    def first(self, *keys: str) -> Any:
        """Return the first value among *keys* that is not None."""
        return next((value for value in map(self.get, keys) if value is not None), None)

    def __contains__(self, key: object) -> bool:
        """Say whether a layer has *key*; before the configuration is loaded, whether it was set by hand."""
        spellings = self._spellings.get(key) or self._spell(key)
        return any(spelling in layer for spelling in spellings for layer in self.maps)

    def __iter__(self) -> Iterator[str]:
        """Name each setting once, defaults first."""
        self.finalize()
        return iter(dict.fromkeys(key for layer in reversed(self.maps) for key in layer))

    def __len__(self) -> int:
        self.finalize()
        return len(set().union(*self.maps))

    def __bool__(self) -> bool:
        self.finalize()
        return any(self.maps)

    def __repr__(self) -> str:
        """Show the layers as Celery does, passwords covered."""
        self.finalize()
        layers = [repr(censorship.veil(layer) if isinstance(layer, dict) else layer) for layer in self.maps]
        return f"{type(self).__name__}({', '.join(layers)})"

    def _spell(self, key: Any) -> tuple[Any, ...]:
        """Work out, once for each name, under which spellings it may stand in a layer."""
        own: tuple[Any, ...] = (key,)
        if self.prefix:
            prefixed = key if key.startswith(self.prefix) else self.prefix + key
            own = (prefixed.upper() if self.prefix.isupper() else prefixed.lower(), key)
        spellings = own + tuple(convert(key) for convert in self._keys)
        self._spellings[key] = spellings = tuple(dict.fromkeys(spellings))
        return spellings

    # -- changing -----------------------------------------------------------------------------------------------------

    def __setitem__(self, key: str, value: Any) -> None:
        self.changes[key] = value
        self._changed()

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delitem__(self, key: str) -> None:
        self.finalize()
        if key not in self.changes:
            raise KeyError(f"Key not found in first mapping: {key!r}")
        del self.changes[key]
        self._changed()

    def pop(self, key: str, *default: Any) -> Any:
        """Take *key* out of the changes and return its value, or *default*; raise KeyError if neither is there."""
        self.finalize()
        if key not in self.changes and not default:
            raise KeyError(f"Key not found in the first mapping: {key!r}")
        value = self.changes.pop(key, *default)
        self._changed()
        return value

    def clear(self) -> None:
        """Forget every change and keep the layers under them."""
        self.changes.clear()
        self._changed()

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Change several settings at once; names are kept as they are spelt, and who is bound is told."""
        changes = (dict(*args),) if args else ()
        self.changes.update(*changes, **kwargs)
        for observer in self._observers:
            observer(*changes, **kwargs)
        self._changed()

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Set *key* to *default* unless it is there already. As in Celery, nothing is returned."""
        if key not in self:
            self[key] = default

    def add_defaults(self, defaults: Any) -> None:
        """Put *defaults*, a mapping or an object with attributes, right under the changes."""
        self.maps.insert(1, as_mapping(defaults))
        self._changed()

    def bind_to(self, observer: Callable[..., object]) -> None:
        """Call *observer* with the arguments of each coming ``update``."""
        self._observers.append(observer)

    def _changed(self) -> None:
        if self._on_change is not None:
            self._on_change()

    # -- waiting and being loaded -------------------------------------------------------------------------------------

    def _load_for(self, key: object) -> None:
        # Celery's look-up takes a KeyError of the loading for "no such setting"; the cause at least stays with it
        try:
            self._load()
        except KeyError as error:
            raise KeyError(key) from error

    def finalize(self) -> Settings:
        """Load the configuration if it waits, and return the settings."""
        if self._load is not None:
            try:
                self._load()
            except KeyError:  # as in Celery: the settings stay as they were, and wait on
                return self
        return self

    def swap_with(self, other: Settings) -> None:
        """Take over the layers of *other*; whoever holds this object sees them from now on."""
        taken = ("maps", "prefix", "_keys", "_spellings", "_load", "_on_change")
        self.__dict__.update({name: other.__dict__[name] for name in taken})
        self._changed()

    def copy(self) -> Settings:
        """Return settings with changes of their own over the same layers."""
        self.finalize()
        copied = type(self)(self.changes.copy(), self.defaults, self._keys, self.prefix)
        copied.changes.pop("deprecated_settings")
        if "deprecated_settings" in self.changes:
            copied.changes["deprecated_settings"] = self.changes["deprecated_settings"]
        return copied

    __copy__ = copy

    # -- settings that depend on others -------------------------------------------------------------------------------

    @property
    def broker_url(self) -> Any:
        """Where messages go; the environment's ``CELERY_BROKER_URL`` is stronger than any layer."""
        return os.environ.get("CELERY_BROKER_URL") or self.first("broker_url", "broker_host")

    @property
    def broker_read_url(self) -> Any:
        """Where workers read: ``broker_url`` unless it is set apart."""
        return os.environ.get("CELERY_BROKER_READ_URL") or self.get("broker_read_url") or self.broker_url

    @property
    def broker_write_url(self) -> Any:
        """Where clients write: ``broker_url`` unless it is set apart."""
        return os.environ.get("CELERY_BROKER_WRITE_URL") or self.get("broker_write_url") or self.broker_url

    @property
    def result_backend(self) -> Any:
        """Where results are kept; the environment's ``CELERY_RESULT_BACKEND`` is stronger than any layer."""
        return os.environ.get("CELERY_RESULT_BACKEND") or self.first("result_backend", "CELERY_RESULT_BACKEND")

    @property
    def task_default_exchange(self) -> Any:
        """The exchange of tasks without a route; it is called as the default queue unless it is set."""
        return self.first("task_default_exchange", "task_default_queue")

    @property
    def task_default_routing_key(self) -> Any:
        """The routing key of tasks without a route; it reads as the default queue's name unless it is set."""
        return self.first("task_default_routing_key", "task_default_queue")

    @property
    def timezone(self) -> Any:
        """The time zone of schedules; Django's ``TIME_ZONE`` is heard too."""
        return self.first("timezone", "TIME_ZONE")

    # -- asking about settings ----------------------------------------------------------------------------------------

    def values_by_layer(self, key: str) -> list[tuple[int, Any]]:
        """Return place and value of each layer that has *key* under any spelling, the first to be asked first."""
        self.finalize()
        spellings = self._spellings.get(key) or self._spell(key)
        found = ((next((name for name in spellings if name in layer), MISSING), layer) for layer in self.maps)
        return [(place, layer[name]) for place, (name, layer) in enumerate(found) if name is not MISSING]

    def without_defaults(self) -> Settings:
        """Return the settings without the last layer, Celery's defaults."""
        return Settings({}, self.maps[:-1])

    def value_set_for(self, key: str) -> bool:
        """Say whether anybody set *key*, under any of its spellings."""
        self.finalize()
        return key in Settings({}, self.maps[:-1], self._keys, self.prefix)

    def find_option(self, name: str, namespace: str = "") -> searchresult:
        """Find a setting by its name in full or within a namespace; raise KeyError if there is none."""
        return find(name, namespace)

    def find_value_for_key(self, name: str, namespace: str = "celery") -> Any:
        """Return the value of the setting that ``find_option`` finds."""
        where = self.find_option(name, namespace)
        return self.get_by_parts(where.namespace, where.key)

    def get_by_parts(self, *parts: str | None) -> Any:
        """Return the value of the setting whose name is *parts* joined; empty ones are left out."""
        return self["_".join(part for part in parts if part)]

    def table(self, with_defaults: bool = False, censored: bool = True) -> dict[str, Any]:
        """Return the settings as a dictionary.

        Arguments:
            with_defaults: also those that nobody set.
            censored: with the secrets covered.
        """
        self.finalize()
        source = self if with_defaults else self.without_defaults()
        methods = dir(dict)  # a source that is itself some kind of dictionary shows its methods as attributes
        shown = {key: value for key, value in source.items() if not key.startswith("_") and key not in methods}
        return censorship.filter_hidden_settings(shown) if censored else shown

    def humanize(self, with_defaults: bool = False, censored: bool = True) -> str:
        """Return the settings as text, one in a line; the arguments are those of ``table``."""
        return "\n".join(f"{key}: {_pretty(value)}" for key, value in self.table(with_defaults, censored).items())

    def maybe_warn_deprecated_settings(self) -> bool:
        """Warn of each old name in use; return whether there was any."""
        for old_name in self.deprecated_settings or ():
            deprecation.warn(
                description=f"The {old_name!r} setting",
                removal="6.0.0",
                alternative=f"Use the {TO_NEW_NAME[old_name]} instead",
            )
        return bool(self.deprecated_settings)


def _pretty(value: object) -> str:
    if isinstance(value, dict):
        return f"\n {pformat(value, 4, 80)[1:]}"
    if isinstance(value, tuple):
        return f"\n    {pformat(value, width=80)}"
    return pformat(value, width=50)
