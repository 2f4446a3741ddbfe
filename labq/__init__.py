"""labq: a flight simulator for Celery — one process, one thread, a virtual clock."""

__version__ = "0.1.0"
