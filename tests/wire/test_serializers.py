"""Serializers by name and by content type: what is written, what is read, what is refused."""

from __future__ import annotations

import sys

import pytest

from labq.exceptions import ContentDisallowed, DecodeError, EncodeError, SerializerNotInstalled
from labq.wire.serializers import (
    SerializerRegistry,
    disable_insecure_serializers,
    dumps,
    enable_insecure_serializers,
    loads,
    prepare_accept_content,
    registry,
)

PICKLE = "application/x-python-serialize"


@pytest.fixture
def own():
    """Return a registry of the test's own with one serializer in it."""
    own = SerializerRegistry()
    own.register("shout", lambda value: value.upper(), lambda body: bytes(body).decode().lower(), "text/x-shout")
    return own


@pytest.fixture
def as_before():
    """Put the process's registry back to what is safe."""
    yield
    enable_insecure_serializers(list(registry.name_to_type))
    disable_insecure_serializers()


def test_json_is_the_default_and_gives_utf_8_bytes():
    """A tuple is a list to JSON."""
    assert dumps((1, "é")) == ("application/json", "utf-8", b'[1, "\\u00e9"]')


def test_text_and_bytes_without_a_serializer_go_as_they_are():
    """As in kombu: there is nothing to encode."""
    assert dumps("é") == ("text/plain", "utf-8", "é".encode())
    assert dumps(b"\xff") == ("application/data", "binary", b"\xff")
    assert dumps("é", "json")[2] == b'"\\u00e9"'


def test_a_set_fails_where_it_is_sent():
    """With the class and the words that people search for, and JSON's own error as the cause."""
    with pytest.raises(EncodeError, match=r"^Object of type set is not JSON serializable$") as caught:
        dumps([{1}], "json")
    assert isinstance(caught.value.__cause__, TypeError)


def test_raw_takes_bytes_and_text_only():
    """Else it would fail later, inside the transport, as with kombu."""
    assert dumps("é", "raw") == ("application/data", "utf-8", "é".encode())
    assert dumps(bytearray(b"x"), "raw") == ("application/data", "binary", b"x")
    with pytest.raises(EncodeError, match="raw takes bytes or text, not list"):
        dumps([1], "raw")


def test_an_unknown_serializer_is_named():
    """Not wrapped in an EncodeError: nothing was tried."""
    with pytest.raises(SerializerNotInstalled, match="No encoder installed for nope"):
        dumps([1], "nope")


def test_a_pickle_is_refused_unread_unless_it_is_accepted():
    """What is refused is not even looked at: these bytes are no pickle."""
    with pytest.raises(ContentDisallowed, match=r"^Refusing to deserialize disabled content of type pickle \(appl"):
        loads(b"no pickle", PICKLE, "binary")
    with pytest.raises(ContentDisallowed, match=r"^Refusing to deserialize untrusted content of type pickle \(appl"):
        loads(b"no pickle", PICKLE, "binary", accept=frozenset({"application/json"}))
    body = dumps({1, 2}, "pickle")[2]
    assert loads(body, PICKLE, "binary", accept=frozenset({PICKLE})) == {1, 2}
    assert loads(body, PICKLE, "binary", force=True) == {1, 2}


def test_bad_bytes_are_a_decode_error_with_its_cause():
    """Never the error of some library, which nobody would catch."""
    for body, content_type in ((b"{", "application/json"), (b"\xff", "application/json"), (b"x", "text/plain")):
        encoding = "klingon" if content_type == "text/plain" else "utf-8"
        with pytest.raises(DecodeError) as caught:
            loads(body, content_type, encoding)
        assert caught.value.__cause__ is not None


def test_content_nobody_knows_is_text_in_its_encoding_or_stays_bytes():
    """The content encoding is all there is to go by."""
    assert loads("é".encode("latin-1"), "text/x-unheard-of", "latin-1") == "é"
    assert loads(b"\xff", "image/png", "binary") == b"\xff"
    assert loads(b"", "application/json", "utf-8") == b""


def test_a_registered_serializer_works_by_name_and_by_type(own):
    """Until it is unregistered."""
    assert own.dumps("abc", "shout") == ("text/x-shout", "utf-8", b"ABC")
    assert own.loads(b"ABC", "text/x-shout", "utf-8") == "abc"
    own.unregister("shout")
    with pytest.raises(SerializerNotInstalled, match="No encoder installed for shout"):
        own.dumps("abc", "shout")
    with pytest.raises(SerializerNotInstalled, match="No encoder/decoder installed for shout"):
        own.unregister("shout")


def test_a_serializer_can_be_disabled_and_enabled_by_name_or_type(own):
    """Where the reader names what it accepts, that alone counts."""
    own.disable("shout")
    with pytest.raises(ContentDisallowed, match=r"disabled content of type shout \(text/x-shout\)"):
        own.loads(b"A", "text/x-shout", "utf-8")
    assert own.loads(b"A", "text/x-shout", "utf-8", accept={"text/x-shout"}) == "a"
    own.enable("text/x-shout")
    assert own.loads(b"A", "text/x-shout", "utf-8") == "a"


@pytest.mark.usefixtures("as_before")
def test_insecure_serializers_can_be_let_in_and_shut_out_again():
    """Names nobody knows are passed over when letting in."""
    body = dumps([1], "pickle")[2]
    enable_insecure_serializers(["pickle", "ghost"])
    assert loads(body, PICKLE, "binary") == [1]
    disable_insecure_serializers()
    with pytest.raises(ContentDisallowed):
        loads(body, PICKLE, "binary")


def test_the_setting_accept_content_becomes_content_types():
    """Names and content types may be mixed; None means that nothing was said."""
    assert prepare_accept_content(["json", "text/x-own"]) == frozenset({"application/json", "text/x-own"})
    assert prepare_accept_content(None) is None
    with pytest.raises(SerializerNotInstalled, match="No encoder/decoder installed for ghost"):
        prepare_accept_content(["ghost"])


def test_a_missing_library_is_asked_for_when_it_is_needed(monkeypatch):
    """And not before: the names are there without it."""
    monkeypatch.setitem(sys.modules, "yaml", None)  # what Python itself writes there for a module it must not find
    assert prepare_accept_content(["yaml"]) == {"application/x-yaml"}
    with pytest.raises(SerializerNotInstalled, match=r"^No decoder installed for YAML\. Install the PyYAML library$"):
        dumps([1], "yaml")
    with pytest.raises(SerializerNotInstalled, match="Install the PyYAML library"):
        loads(b"[1]", "application/x-yaml", "utf-8", accept={"application/x-yaml"})


def test_importing_the_wire_loads_no_yaml(run_python):
    """A library that is borrowed is loaded by who uses it."""
    told = run_python("import sys, labq.wire; print(sorted({'yaml', 'msgpack', 'django'} & set(sys.modules)))")
    assert told == "[]"
