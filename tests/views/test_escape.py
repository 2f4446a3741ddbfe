"""What users wrote is harmless and visible in every view."""

from __future__ import annotations

import pytest

from labq.views.escape import escape, mask, tidy

RIGHT_TO_LEFT = chr(0x202E)
LONE_SURROGATE = chr(0xD800)


@pytest.mark.parametrize(
    "address",
    [
        "amqp://ann:secret@host//",
        "redis://:secret@host/0",
        "db+postgresql://ann:se:cr/et@host/x",
        "x amqp://a:secret@h y",
    ],
)
def test_passwords_in_addresses_are_masked(address):
    """Wherever the address stands, and whatever the password is made of."""
    assert "se" not in mask(address)
    assert ":**@" in mask(address)


def test_text_without_a_password_stays_as_it_is():
    """Times, tuples and plain addresses have colons too."""
    for plain in ["12:30@noon", "amqp://host:5672//", "ann@host", "a: b@c"]:
        assert mask(plain) == plain


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a\nb\tc\x00", r"a\nb\tc\x00"),
        (f"abc{RIGHT_TO_LEFT}def", r"abc\u202edef"),
        (f"{LONE_SURROGATE}!", r"\ud800!"),
        ("\u2028", r"\u2028"),
        ("привет, 世界 é", "привет, 世界 é"),
    ],
)
def test_the_invisible_is_shown_and_the_visible_stays(written, shown):
    """A line says what it says, in any script."""
    assert tidy(written) == shown


def test_a_long_text_is_cut_and_says_so():
    """However long it is."""
    assert tidy("x" * 1_000_000, 10) == "xxxxxxxxx…"
    assert tidy("x" * 10, 10) == "x" * 10
    assert len(tidy("\x00" * 1_000_000, 50)) == 50


def test_a_password_behind_the_cut_is_masked_before_cutting():
    """Else its first half would be shown."""
    assert "secret" not in tidy("amqp://ann:" + "secret" * 50 + "@host", 40)


@pytest.mark.parametrize("attack", ["<script>alert(1)</script>", "</style>", '" onmouseover="x', "javascript:'&"])
def test_markup_is_only_text(attack):
    """In an element and in an attribute."""
    shown = escape(attack)
    assert not set("<>\"'") & set(shown)
