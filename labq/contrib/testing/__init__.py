"""What Celery offers for tests: workers that live as long as a block, apps with settings for tests.

``labq.testing`` has more, for tests that know they run in a lab.
Celery: ``celery/contrib/testing/``.
"""
