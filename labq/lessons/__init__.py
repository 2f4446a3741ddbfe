"""The lessons' workshop: from an English notebook to three languages, to a learner's folder, to a graded exercise.

In come the notebooks that people write (`notebooks/en`) and what translators write (`translations/<lang>`). Out go
generated notebooks, problems found, copies for learners and verdicts on their answers.

Two halves, and the line between them matters because learners install only the second:

* for authors, in a checkout, with polib, Babel and nbclient: `sync`, `execute`, `catalogue`, `messages`, `checks`;
* for learners, with the standard library alone: `course`, `copying`, `grader`.

Nothing below this room imports it, and `import labq` never does.
Celery: no counterpart.
"""
