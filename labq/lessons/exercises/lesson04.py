"""The check of lesson 4: settings in new names only, with the meaning they had.

Comes in: a learner's names. Goes out: a verdict that names the first thing that is wrong.
The check loads the answer into an app of its own, which is current nowhere.
Next door: `labq.lessons.grader`. Celery: no counterpart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labq import Celery, Lab
from labq.i18n import text
from labq.lessons.verdict import Verdict, right, wrong

WANTED: Mapping[str, object] = {
    "worker_concurrency": 4,
    "task_acks_late": True,
    "worker_prefetch_multiplier": 1,
    "task_time_limit": 30,
    "result_expires": 3600,
    "task_default_queue": "orders",
}


def check_mended(namespace: Mapping[str, Any], lab: Lab) -> Verdict:
    """Write a dictionary `mended`: the six settings of the exercise, each under its new name."""
    del lab
    mended = namespace.get("mended")
    if not isinstance(mended, Mapping):
        return wrong(text("There is no dictionary `mended` yet."))
    old = [name for name in mended if str(name).isupper()]
    if old:
        return wrong(text("{name} is an old name. Load it, read a setting, and see what Celery says.", name=old[0]))
    unknown = [name for name in mended if name not in WANTED]
    if unknown:
        return wrong(
            text("{name} is not one of the six settings. A wrong name is accepted and does nothing.", name=unknown[0])
        )
    app = Celery("check", set_as_current=False)
    app.config_from_object(dict(mended))
    for name, value in WANTED.items():
        if name not in mended:
            return wrong(text("One of the six settings is missing: where is the value {value}?", value=repr(value)))
        if app.conf[name] != value:
            shown = {"name": name, "value": repr(value), "found": repr(app.conf[name])}
            return wrong(text("{name} should be {value}, as before; it is {found}.", **shown))
    return right(text("Right: six new names, no mixture, and the same meaning."))
