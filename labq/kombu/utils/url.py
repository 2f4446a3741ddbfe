"""kombu's URLs: ``from labq.kombu.utils.url import maybe_sanitize_url``.

Next door: ``labq.wire.url`` has them.
Celery: ``kombu/utils/url.py``.
"""

from __future__ import annotations

from functools import partial
from urllib.parse import quote, unquote, urlparse

from labq.wire.url import as_url, maybe_sanitize_url, parse_url, sanitize_url

__all__ = ("as_url", "maybe_sanitize_url", "parse_url", "quote", "safequote", "sanitize_url", "unquote", "urlparse")

safequote = partial(quote, safe="")
"""Quote everything that means something in a URL: passwords with slashes in them."""
