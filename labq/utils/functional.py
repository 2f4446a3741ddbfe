"""The door to functions about functions, and about what is gone through.

Next door: ``labq.callables``, ``labq.sequences``, ``labq.canvas.lazy``, ``labq.app.header``.
Celery: ``celery/utils/functional.py``.
"""

from __future__ import annotations

from labq.app.header import header_of as head_from_fun
from labq.callables import (
    DummyContext,
    LRUCache,
    arity_greater,
    dictfilter,
    evaluate_promises,
    first,
    firstmethod,
    fun_accepts_kwargs,
    fun_takes_argument,
    is_numeric_value,
    lazy,
    mattrgetter,
    maybe,
    maybe_evaluate,
    memoize,
    mlazy,
    noop,
    pass1,
)
from labq.canvas.lazy import _regen, regen
from labq.sequences import (
    chunks,
    is_list,
    lookahead,
    maybe_list,
    padlist,
    seq_concat_item,
    seq_concat_seq,
    uniq,
)

__all__ = (
    "DummyContext", "LRUCache", "_regen", "arity_greater", "chunks", "dictfilter", "evaluate_promises", "first",
    "firstmethod", "fun_accepts_kwargs", "fun_takes_argument", "head_from_fun", "is_list", "is_numeric_value", "lazy",
    "lookahead", "mattrgetter", "maybe", "maybe_evaluate", "maybe_list", "memoize", "mlazy", "noop", "padlist",
    "pass1", "regen", "seq_concat_item", "seq_concat_seq", "uniq",
)  # fmt: skip
