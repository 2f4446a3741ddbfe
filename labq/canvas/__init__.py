"""The canvas room: calls written down, joined, and made later.

Read ``signature`` first, then ``joining``, where ``|`` is; the kinds are ``chains``, ``groups``, ``chords``, ``maps``.
Celery: ``celery/canvas.py``.
"""

from labq.canvas.chains import _chain, chain
from labq.canvas.chains import joined as _fold_chain
from labq.canvas.chords import _chord, _maybe_group, chord
from labq.canvas.groups import group
from labq.canvas.kinds import unrolled as maybe_unroll_group
from labq.canvas.kinds import without_chord as _clear_chord_option
from labq.canvas.kinds import without_header_chords as _strip_chord_header_links
from labq.canvas.lazy import _regen, regen
from labq.canvas.maps import _basemap, chunks, xmap, xstarmap
from labq.canvas.signature import Signature, maybe_signature, maybe_subtask, signature, subtask
from labq.canvas.stamping import StampingVisitor
from labq.canvas.stamping import merge as _merge_dictionaries

__all__ = (
    "Signature",
    "StampingVisitor",
    "_basemap",
    "_chain",
    "_chord",
    "_clear_chord_option",
    "_fold_chain",
    "_maybe_group",
    "_merge_dictionaries",
    "_regen",
    "_strip_chord_header_links",
    "chain",
    "chord",
    "chunks",
    "group",
    "maybe_signature",
    "maybe_subtask",
    "maybe_unroll_group",
    "regen",
    "signature",
    "subtask",
    "xmap",
    "xstarmap",
)
