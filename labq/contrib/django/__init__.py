"""Celery in a Django project: its settings, the tasks of its apps, and calls that wait for the end of a transaction.

Nothing here is loaded but ``fixup``, which looks whether the process is Django's, until Django is there.
Celery: ``celery/contrib/django/``, ``celery/fixups/django.py``; its user guide, "First steps with Django".
"""
