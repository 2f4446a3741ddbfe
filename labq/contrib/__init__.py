"""What Celery offers for pytest, for Django and for tasks that can be aborted.

Celery: ``celery/contrib/``.
"""
