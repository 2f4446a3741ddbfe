"""The exercises' checks, one module for each lesson. `labq.lessons.grader` names every check in its table.

Comes in: a learner's names and the lab. Goes out: a verdict. Celery: no counterpart.
"""
