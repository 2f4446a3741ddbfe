"""From values to bytes and back, by name and by content type.

In goes a value and the name of a serializer; out come a content type, a content encoding and bytes. The other way the
reader says which content types it accepts, and the rest is refused unread: a pickle runs code when it is opened.
Next door: ``publishing`` and the backends write, ``protocol`` and the backends read; ``jsontypes`` is the JSON inside.
Celery: ``kombu/serialization.py``.
"""

from __future__ import annotations

import codecs
import importlib
import pickle
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from labq.exceptions import ContentDisallowed, DecodeError, EncodeError, SerializerNotInstalled
from labq.wire import jsontypes

Encoder = Callable[[Any], str | bytes]
Decoder = Callable[[Any], Any]

PICKLE_PROTOCOL = 4
"""kombu's, so that a pickle has the same bytes here and there."""

_UNREAD_ENCODINGS = frozenset({"binary", "ascii-8bit"})
_HARMLESS = frozenset({"application/data", "application/text"})
"""Content types that need not be accepted: nothing is decoded from them but text."""


class Codec(NamedTuple):
    """One way to write a value."""

    content_type: str
    content_encoding: str
    encode: Encoder


class SerializerRegistry:
    """The serializers of the process, by name (``json``) and by content type (``application/json``).

    Attributes:
        type_to_name: the name of each content type.
        name_to_type: the content type of each name.
    """

    def __init__(self) -> None:
        self.type_to_name: dict[str, str] = {}
        self.name_to_type: dict[str, str] = {}
        self._codecs: dict[str, Codec] = {}
        self._decoders: dict[str, Decoder] = {}
        self._disabled: set[str] = set()

    def register(
        self,
        name: str,
        encoder: Encoder | None,
        decoder: Decoder | None,
        content_type: str,
        content_encoding: str = "utf-8",
    ) -> None:
        """Add a serializer; without *encoder* it only reads, without *decoder* it only writes."""
        if encoder is not None:
            self._codecs[name] = Codec(content_type, content_encoding, encoder)
        if decoder is not None:
            self._decoders[content_type] = decoder
        self.type_to_name[content_type] = name
        self.name_to_type[name] = content_type

    def unregister(self, name: str) -> None:
        """Forget the serializer *name*; SerializerNotInstalled when there is none."""
        content_type = self.name_to_type.pop(name, None)
        if content_type is None:
            raise SerializerNotInstalled(f"No encoder/decoder installed for {name}")
        self._decoders.pop(content_type, None)
        self._codecs.pop(name, None)
        self.type_to_name.pop(content_type, None)

    def enable(self, name: str) -> None:
        """Read *name* (or a content type) again also where the reader names nothing it accepts."""
        self._disabled.discard(self._content_type(name))

    def disable(self, name: str) -> None:
        """Refuse *name* (or a content type) where the reader names nothing it accepts."""
        self._disabled.add(self._content_type(name))

    def _content_type(self, name: str) -> str:
        return name if "/" in name else self.name_to_type[name]

    def dumps(self, value: Any, serializer: str | None = None) -> tuple[str, str, bytes]:
        """Write *value*.

        Arguments:
            value: anything the serializer can write.
            serializer: its name. None means json, but bytes then go as they are and text as UTF-8; ``raw`` too takes
                bytes and text and writes nothing else.

        Returns: content type, content encoding, bytes.
        Raises SerializerNotInstalled for an unknown name, EncodeError for a value it cannot write.
        """
        if serializer == "raw":
            return _raw(value)
        if not serializer:
            if isinstance(value, bytes):
                return "application/data", "binary", value
            if isinstance(value, str):
                return "text/plain", "utf-8", _utf8(value)
        codec = self._codecs.get(serializer or "json")
        if codec is None:
            raise SerializerNotInstalled(f"No encoder installed for {serializer}")
        content_type, content_encoding, encode = codec
        try:
            written = encode(value)
            return content_type, content_encoding, written.encode() if isinstance(written, str) else written
        except SerializerNotInstalled:
            raise
        except Exception as error:
            raise EncodeError(error) from error

    def loads(
        self,
        body: Any,
        content_type: str | None,
        content_encoding: str | None,
        accept: Iterable[str] | None = None,
        force: bool = False,
    ) -> Any:
        """Read *body*.

        Arguments:
            body: bytes; text is taken as decoded already.
            content_type: what the message says it is; None means plain bytes.
            content_encoding: used where no serializer knows the content type.
            accept: the content types to accept; None accepts all that are not disabled.
            force: with no *accept*, read disabled content too.

        Raises ContentDisallowed for what is refused, DecodeError for what cannot be read.
        """
        content_type = content_type or "application/data"
        if accept is not None:
            if content_type not in accept and content_type not in _HARMLESS:
                raise self._refused(content_type, "untrusted")
        elif content_type in self._disabled and not force:
            raise self._refused(content_type, "disabled")
        if not body:
            return body
        decode = self._decoders.get(content_type)
        try:
            if decode is not None:
                return decode(body)
            encoding = (content_encoding or "utf-8").lower()
            if encoding in _UNREAD_ENCODINGS or isinstance(body, str):
                return body
            return codecs.decode(body, encoding)
        except SerializerNotInstalled:
            raise
        except Exception as error:
            raise DecodeError(error) from error

    def _refused(self, content_type: str, why: str) -> ContentDisallowed:
        name = self.type_to_name.get(content_type, content_type)
        return ContentDisallowed(f"Refusing to deserialize {why} content of type {name} ({content_type})")


def _utf8(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise EncodeError(error) from error


def _raw(value: Any) -> tuple[str, str, bytes]:
    """Write bytes as they are. kombu passes anything on and fails in the transport; here it fails at once."""
    if isinstance(value, str):
        return "application/data", "utf-8", _utf8(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return "application/data", "binary", bytes(value)
    raise EncodeError(f"the serializer raw takes bytes or text, not {type(value).__name__}")


def _pickled(value: Any) -> bytes:
    return pickle.dumps(value, protocol=PICKLE_PROTOCOL)


def _unpickled(body: bytes | str) -> Any:
    return pickle.loads(body.encode() if isinstance(body, str) else body)  # noqa: S301 - only where accepted


class Borrowed:
    """A serializer whose library is loaded when it is first used, and may be missing.

    Arguments:
        library: the module to import.
        write, read: the names of its functions.
        advice: what SerializerNotInstalled says when the module is not there.
        options: keyword arguments of *write* and of *read*.
    """

    def __init__(self, library: str, write: str, read: str, advice: str, *options: Mapping[str, Any]) -> None:
        self._library, self._write, self._read, self._advice = library, write, read, advice
        self._write_options, self._read_options = options or ({}, {})

    def encode(self, value: Any) -> str | bytes:
        """Write *value* with the library."""
        written: str | bytes = self._function(self._write)(value, **self._write_options)
        return written

    def decode(self, body: Any) -> Any:
        """Read *body* with the library."""
        source = bytes(body) if isinstance(body, bytearray | memoryview) else body
        return self._function(self._read)(source, **self._read_options)

    def _function(self, name: str) -> Callable[..., Any]:
        try:
            found: Callable[..., Any] = getattr(importlib.import_module(self._library), name)
        except ImportError as error:
            raise SerializerNotInstalled(self._advice) from error
        return found


registry = SerializerRegistry()
dumps = registry.dumps
loads = registry.loads
register = registry.register
unregister = registry.unregister

_yaml = Borrowed("yaml", "safe_dump", "safe_load", "No decoder installed for YAML. Install the PyYAML library")
_msgpack = Borrowed(
    "msgpack",
    "packb",
    "unpackb",
    "No decoder installed for msgpack. Please install the msgpack-python library",
    {"use_bin_type": True},
    {"raw": False},
)

register("json", jsontypes.dumps, jsontypes.loads, "application/json")
register("pickle", _pickled, _unpickled, "application/x-python-serialize", "binary")
register("yaml", _yaml.encode, _yaml.decode, "application/x-yaml")
register("msgpack", _msgpack.encode, _msgpack.decode, "application/x-msgpack", "binary")
# Safe by default since Celery 4: only JSON is read where a reader does not say what it accepts.
for _insecure in ("pickle", "yaml", "msgpack"):
    registry.disable(_insecure)


def enable_insecure_serializers(choices: Iterable[str] | None = ("pickle", "yaml", "msgpack")) -> None:
    """Read *choices* (names or content types) also without ``accept``; names nobody knows are passed over."""
    for name in choices or ():
        if "/" in name or name in registry.name_to_type:
            registry.enable(name)


def disable_insecure_serializers(allowed: Iterable[str] | None = ("json",)) -> None:
    """Without ``accept``, read only what is *allowed* from now on."""
    for content_type in registry.type_to_name:
        registry.disable(content_type)
    for name in allowed or ():
        registry.enable(name)


def prepare_accept_content(
    names: Iterable[str] | None, name_to_type: Mapping[str, str] | None = None
) -> frozenset[str] | None:
    """Turn the setting ``accept_content``, names and content types mixed, into content types; None stays None.

    Raises SerializerNotInstalled for a name nobody knows.
    """
    if names is None:
        return None
    known = name_to_type or registry.name_to_type
    try:
        return frozenset(name if "/" in name else known[name] for name in names)
    except KeyError as error:
        raise SerializerNotInstalled(f"No encoder/decoder installed for {error.args[0]}") from None
