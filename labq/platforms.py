"""What a program tells the shell when it ends.

Comes in: how it went. Goes out: a number.
Next door: ``labq.bin`` ends with them.
Celery: the exit codes of ``celery/platforms.py``; the rest of it is about processes, which a lab
does not have.
"""

from __future__ import annotations

__all__ = ("EX_CANTCREAT", "EX_FAILURE", "EX_OK", "EX_UNAVAILABLE", "EX_USAGE")

EX_OK = 0
EX_FAILURE = 1
EX_USAGE = 64
"""It was called in a wrong way (BSD's ``sysexits.h`` has this and the following)."""
EX_UNAVAILABLE = 69
"""Something that it needs is not there."""
EX_CANTCREAT = 73
"""A file could not be made."""
