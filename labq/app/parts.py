"""Parts: what hangs from an app and is made when somebody first asks for it, such as ``app.amqp`` and ``app.log``.

Comes in: the name of a class, which an app, or a subclass of ``Celery``, may replace by its own. Goes out: the part.
Named and not imported, because an app that only sends tasks needs none of them.
Celery: the cached properties of ``celery/app/base.py`` and its attributes ``amqp_cls``, ``control_cls`` and so on.
"""

from __future__ import annotations

from typing import Any

from labq.app.sources import symbol_by_name


class Part:
    """A part of an app, made with ``app=`` when it is first used and kept then.

    Arguments:
        chosen_by: the attribute of the app that holds the class or its name.
    """

    def __init__(self, chosen_by: str) -> None:
        self._chosen_by = chosen_by
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, app: Any, owner: type | None = None) -> Any:
        if app is None:
            return self
        # an entry of the app's own dictionary is found before this is asked again
        made = app.__dict__[self._name] = symbol_by_name(getattr(app, self._chosen_by))(app=app)
        return made
