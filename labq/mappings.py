"""Mappings: objects looked into like dictionaries, dictionaries like objects, several of them like one.

Comes in: objects and mappings. Goes out: views of them; nothing is copied.
Next door: ``labq.app.settings`` is the app's own such view, ``labq.buffers`` keeps what is waiting.
Celery: ``celery/utils/collections.py`` and ``celery/utils/objects.py``.
"""

from __future__ import annotations

from collections import OrderedDict as PythonsOrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any, Self

from labq.callables import first
from labq.prose import match_case
from labq.sequences import uniq

__all__ = (
    "AttributeDict", "AttributeDictMixin", "ChainMap", "ConfigurationView", "DictAttribute", "OrderedDict",
    "force_mapping", "lpmerge",
)  # fmt: skip


class OrderedDict(PythonsOrderedDict[Any, Any]):
    """A dictionary that knows which of its keys came first."""

    def _LRUkey(self) -> Any:  # noqa: N802 - Celery's name
        return next(iter(self))


class AttributeAccess:
    """What makes ``d.key`` mean ``d["key"]``."""

    def __getattr__(self, k: str) -> Any:
        """Return the entry called *k*."""
        mapping: Any = self
        try:
            return mapping[k]
        except KeyError:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {k!r}") from None

    def __setattr__(self, key: str, value: Any) -> None:
        """Set the entry called *key*."""
        mapping: Any = self
        mapping[key] = value


AttributeDictMixin = AttributeAccess


class AttributeDict(dict[str, Any], AttributeAccess):
    """A dictionary whose entries are attributes too."""


class DictAttribute:
    """An object looked into like a dictionary: ``view["name"]`` is ``obj.name``.

    Arguments:
        obj: the object; setting an entry sets its attribute.
    """

    obj: Any = None

    def __init__(self, obj: Any) -> None:
        object.__setattr__(self, "obj", obj)

    def __getattr__(self, key: str) -> Any:
        return getattr(self.obj, key)

    def __setattr__(self, key: str, value: Any) -> None:
        setattr(self.obj, key, value)

    def __getitem__(self, key: str) -> Any:
        try:
            return getattr(self.obj, key)
        except AttributeError:
            raise KeyError(key) from None

    def __setitem__(self, key: str, value: Any) -> None:
        setattr(self.obj, key, value)

    def __contains__(self, key: str) -> bool:
        return hasattr(self.obj, key)

    def __iter__(self) -> Iterator[str]:
        return iter(dir(self.obj))

    def get(self, key: str, default: Any = None) -> Any:
        """Return an attribute, or *default* when there is none."""
        return getattr(self.obj, key, default)

    def setdefault(self, key: str, default: Any = None) -> None:
        """Set an attribute that is missing."""
        if key not in self:
            self[key] = default

    def keys(self) -> Iterator[str]:
        """Yield the names of the attributes."""
        return iter(self)

    def values(self) -> Iterator[Any]:
        """Yield the attributes."""
        return (getattr(self.obj, name) for name in self)

    def iteritems(self) -> Iterator[tuple[str, Any]]:
        """Yield the attributes with their names."""
        return ((name, getattr(self.obj, name)) for name in self)

    items = iteritems
    iterkeys, itervalues = keys, values


MutableMapping.register(DictAttribute)


def force_mapping(m: Any) -> Any:
    """Return *m* as something that is looked into like a dictionary; Django's lazy settings are opened first."""
    if type(m).__name__ in {"LazyObject", "LazySettings"} and hasattr(m, "_wrapped"):
        m = m._wrapped
    return m if isinstance(m, Mapping) else DictAttribute(m)


def lpmerge(L: Any, R: Mapping[Any, Any]) -> Any:  # noqa: N803 - Celery's names
    """Put into *L* what *R* says, unless that is None, and return *L*."""
    for key, value in R.items():
        if value is not None:
            L[key] = value
    return L


class ChainMap(MutableMapping[Any, Any]):
    """Several mappings as one: the first that has a key answers, the first is the one that changes.

    Arguments:
        maps: the mappings, the most important first.
        key_t: makes the key that is looked up from the key that is asked for.
    """

    key_t: Callable[[Any], Any] | None = None
    changes: Any = None
    defaults: Any = None
    maps: Any = None
    _observers: Any = ()

    def __init__(self, *maps: Any, key_t: Callable[[Any], Any] | None = None) -> None:
        layers = list(maps or [{}])
        # past __setattr__, which a subclass may have turned into setting an entry
        self.__dict__.update(key_t=key_t, maps=layers, changes=layers[0], defaults=layers[1:], _observers=[])

    def add_defaults(self, d: Any) -> None:
        """Put a mapping right below the changes."""
        mapping = force_mapping(d)
        self.defaults.insert(0, mapping)
        self.maps.insert(1, mapping)

    def _key(self, key: Any) -> Any:
        return key if self.key_t is None else self.key_t(key)

    def __missing__(self, key: Any) -> Any:
        """Answer for a key that nobody has; for overriding."""
        raise KeyError(key)

    def __getitem__(self, key: Any) -> Any:
        wanted = self._key(key)
        for mapping in self.maps:
            try:
                return mapping[wanted]
            except KeyError:
                continue
        return self.__missing__(key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self.changes[self._key(key)] = value

    def __delitem__(self, key: Any) -> None:
        try:
            del self.changes[self._key(key)]
        except KeyError:
            raise KeyError(f"Key not found in first mapping: {key!r}") from None

    def pop(self, key: Any, *default: Any) -> Any:
        """Take an entry out of the first mapping."""
        try:
            return self.maps[0].pop(self._key(key), *default)
        except KeyError:
            raise KeyError(f"Key not found in the first mapping: {key!r}") from None

    def clear(self) -> None:
        """Forget every change; what lies below stays."""
        self.changes.clear()

    def get(self, key: Any, default: Any = None) -> Any:
        """Return an entry, or *default*."""
        try:
            return self[key]
        except KeyError:
            return default

    def setdefault(self, key: Any, default: Any = None) -> None:
        """Set an entry that is missing."""
        if key not in self:
            self[key] = default

    def update(self, *args: Any, **kwargs: Any) -> Any:
        """Change many entries at once, and tell those who are bound."""
        given = (dict(*args),) if args else ()
        changed = self.changes.update(*given, **kwargs)
        for tell in self._observers:
            tell(*given, **kwargs)
        return changed

    def bind_to(self, callback: Callable[..., Any]) -> None:
        """Call *callback* with whatever ``update`` is called with."""
        self._observers.append(callback)

    def __len__(self) -> int:
        return len(set().union(*self.maps))

    def __contains__(self, key: object) -> bool:
        wanted = self._key(key)
        return any(wanted in mapping for mapping in self.maps)

    def __bool__(self) -> bool:
        return any(self.maps)

    def __iter__(self) -> Iterator[Any]:
        return uniq(key for mapping in reversed(self.maps) for key in mapping.keys())  # noqa: SIM118 - see DictAttribute

    def keys(self) -> Any:
        """Yield each key once, those of the lowest mapping first."""
        return iter(self)

    def values(self) -> Any:
        """Yield the value of each key."""
        return (self[key] for key in self)

    def iteritems(self) -> Any:
        """Yield each key with its value."""
        return ((key, self[key]) for key in self)

    items = iteritems
    iterkeys, itervalues = keys, values

    @classmethod
    def fromkeys(cls, iterable: Iterable[Any], *args: Any) -> Self:
        """Return one over a single dictionary with those keys."""
        return cls(dict.fromkeys(iterable, *args))

    def copy(self) -> Self:
        """Return one with changes of its own over the same mappings."""
        return type(self)(self.maps[0].copy(), *self.maps[1:])

    __copy__ = copy

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.maps))})"


class ConfigurationView(ChainMap, AttributeAccess):
    """A configuration in layers, its settings attributes too.

    Arguments:
        changes: the uppermost layer.
        defaults: the layers below it.
        keys: functions from a name to another spelling of it.
        prefix: begins every name in the layers; names without it are found too.
    """

    prefix: str | None
    _keys: Sequence[Callable[[str], str]] | None

    def __init__(
        self,
        changes: Any,
        defaults: Sequence[Any] | None = None,
        keys: Sequence[Callable[[str], str]] | None = None,
        prefix: str | None = None,
    ) -> None:
        super().__init__(changes, *(defaults or ()))
        self.__dict__.update(prefix=prefix.rstrip("_") + "_" if prefix else prefix, _keys=keys)

    def _to_keys(self, key: str) -> tuple[str, ...]:
        own: tuple[str, ...] = (key,)
        if self.prefix:
            own = (match_case(key if key.startswith(self.prefix) else self.prefix + key, self.prefix), key)
        return own + tuple(spell(key) for spell in self._keys or ())

    def __getitem__(self, key: str) -> Any:
        spellings = self._to_keys(key)
        for mapping in self.maps:
            for spelling in spellings:
                try:
                    return mapping[self._key(spelling)]
                except KeyError:
                    continue
        try:
            return self.__missing__(key)
        except KeyError:
            if self.prefix and len(spellings) > 1:
                raise KeyError(f"Key not found: {spellings[1]!r} (with prefix: {spellings[0]!r})") from None
            raise

    def __contains__(self, key: object) -> bool:
        return any(ChainMap.__contains__(self, spelling) for spelling in self._to_keys(str(key)))

    def first(self, *keys: str) -> Any:
        """Return the first of those settings that is not None."""
        return first(None, map(self.get, keys))

    def copy(self) -> Self:
        """Return one with changes of its own over the same layers."""
        copied = type(self)(self.changes.copy(), self.defaults, self._keys, self.prefix)
        copied.__dict__["key_t"] = self.key_t
        return copied

    __copy__ = copy

    def swap_with(self, other: ConfigurationView) -> None:
        """Become a view of the layers of *other*."""
        theirs = other.__dict__
        taken = {name: theirs[name] for name in ("changes", "defaults", "key_t", "prefix", "_keys")}
        self.__dict__.update(taken, maps=[theirs["changes"], *theirs["defaults"]])
