"""For the tests of a project's tasks: a worker, virtual time, a fresh lab.

Comes in: an app, seconds. Goes out: a worker that works while a block runs; a clock that a test moves.
Next door: everything here acts on the current lab, see ``labq.lab``.
Celery: ``celery/contrib/testing/worker.py``; its user guide, "Testing with Celery".
"""

from labq.testing.hooks import advance, now, reset, start_worker

__all__ = ["advance", "now", "reset", "start_worker"]
