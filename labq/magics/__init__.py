"""The learner's desk in a notebook: ``%load_ext labq`` brings ``%labq``, ``%celery``, ``lab`` and rich displays.

Comes in: lines that a learner types. Goes out: steps of the lab, views, and errors that say what to do.
Next door: ``labq.bin`` holds the commands of ``%celery``. This is the only room that names IPython.
Celery: nothing; its users have a terminal for each process.
"""

from labq.magics.extension import load_ipython_extension, unload_ipython_extension

__all__ = ["load_ipython_extension", "unload_ipython_extension"]
