"""The command line: ``labq …`` in a terminal, and ``celery …``, which notebooks run as ``%celery …``.

Comes in: words of a command line. Goes out: text, and what the commands start.
Next door: ``labq.magics`` runs the same ``celery`` commands in a notebook. This is the only room that names click and
rich.
Celery: ``celery/bin/``.
"""

from labq.bin.commands import main

__all__ = ["main"]
