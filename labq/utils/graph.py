"""The door to graphs.

Next door: ``labq.graph``.
Celery: ``celery/utils/graph.py``.
"""

from __future__ import annotations

from labq.graph import DOT, CycleError, DependencyGraph, GraphFormatter

__all__ = ("DOT", "CycleError", "DependencyGraph", "GraphFormatter")
