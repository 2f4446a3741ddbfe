"""Secrets are covered wherever settings are shown."""

from __future__ import annotations

import pytest

from labq.app.censorship import sanitize_url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://h:1/0?password=geheim&db=2", "redis://h:1/0?password=********&db=2"),
        ("mongodb://h/?tlsCertificateKeyFilePassword=x#f", "mongodb://h/?tlsCertificateKeyFilePassword=********#f"),
        ("rediss://h/0?ssl_keyfile=/a&passive=1", "rediss://h/0?ssl_keyfile=/a&passive=1"),
    ],
)
def test_a_secret_among_the_options_of_a_url_is_covered(url, shown):
    """A name that says it is secret is believed; what is none stays readable."""
    assert sanitize_url(url) == shown
