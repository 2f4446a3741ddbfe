"""What stood before the subcommand: the app, and how much to say. Comes from ``celery``, goes to its subcommands.

Celery: ``CLIContext`` in ``celery/bin/base.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

from labq import Celery


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a subcommand of ``celery`` gets.

    Attributes:
        app: the app that ``-A`` means, else the current one.
        quiet: whether no banner is wanted.
    """

    app: Celery
    quiet: bool
