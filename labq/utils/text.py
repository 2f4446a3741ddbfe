"""The door to texts made shorter, indented, filled in.

Next door: ``labq.prose``.
Celery: ``celery/utils/text.py``.
"""

from __future__ import annotations

from labq.prose import (
    RE_FORMAT,
    WhateverIO,
    abbr,
    abbrtask,
    dedent,
    dedent_initial,
    ensure_newlines,
    ensure_sep,
    fill_paragraphs,
    indent,
    join,
    match_case,
    pluralize,
    pretty,
    remove_repeating,
    remove_repeating_from_task,
    simple_format,
    str_to_list,
    truncate,
)

__all__ = (
    "RE_FORMAT", "WhateverIO", "abbr", "abbrtask", "dedent", "dedent_initial", "ensure_newlines", "ensure_sep",
    "fill_paragraphs", "indent", "join", "match_case", "pluralize", "pretty", "remove_repeating",
    "remove_repeating_from_task", "simple_format", "str_to_list", "truncate",
)  # fmt: skip
