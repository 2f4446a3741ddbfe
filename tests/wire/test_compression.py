"""Smaller bodies: by name, by content type, and back."""

from __future__ import annotations

import pytest

from labq.wire.compression import compress, decompress, encoders

BODY = b"x" * 1000


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("gzip", "application/x-gzip"),
        ("zlib", "application/x-gzip"),
        ("bzip2", "application/x-bz2"),
        ("xz", "application/x-lzma"),
        ("application/x-lzma", "application/x-lzma"),
    ],
)
def test_a_body_gets_smaller_and_comes_back(name, content_type):
    """The reader is told a content type, whatever name the sender used."""
    packed, told = compress(BODY, name)
    assert told == content_type
    assert len(packed) < len(BODY)
    assert decompress(packed, told) == BODY


def test_an_unknown_name_is_refused_with_the_known_ones():
    """A KeyError as in kombu, but one that helps."""
    with pytest.raises(KeyError, match=r"no compression is called 'nope', only .*gzip"):
        compress(BODY, "nope")


def test_each_content_type_is_listed_once():
    """Not once for each of its names."""
    assert encoders() == ["application/x-gzip", "application/x-bz2", "application/x-lzma"]
