"""The settings of an app as a learner sees them: value and the layer that answered, secrets covered as by Celery.

Comes in: an app. Goes out: text and HTML.
Next door: ``labq.app.settings`` has the layers; ``labq.app.censorship`` covers.
Celery: ``app.conf.humanize()``; ``celery report``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from labq import Celery
from labq.app.censorship import filter_hidden_settings
from labq.exceptions import LabError
from labq.i18n import Text, Words, text
from labq.views.escape import tidy
from labq.views.table import Table, facts, facts_html
from labq.views.view import View

LONGEST = 300

RUNTIME = text("changed at run time, or given to the app")
ADDED = Text("add_defaults()")  # the same in every language
SOURCE = text("the configuration that was loaded")
DEFAULT = text("Celery's default")
DERIVED = text("the environment, or derived from another setting")


def _layers(app: Celery, name: str) -> list[tuple[Text, Any]]:
    """Return the layers that have the setting called *name*, the first to be asked first, each with its value."""
    found = app.conf.values_by_layer(name)
    last = len(app.conf.maps) - 1
    names = {0: RUNTIME, last - 1: SOURCE, last: DEFAULT}
    return [(names.get(place, ADDED), value) for place, value in found]


def _value(app: Celery, name: str) -> Any:
    return getattr(app.conf, name) if hasattr(app.conf, name) else app.conf[name]


def _answering(app: Celery, name: str) -> Text:
    """Return the name of the layer that answers for *name*."""
    layers = _layers(app, name)
    return layers[0][0] if layers and layers[0][1] == _value(app, name) else DERIVED


def _shown(name: str, value: Any) -> str:
    return tidy(repr(filter_hidden_settings({name: value})[name]), LONGEST)


@dataclass(frozen=True, repr=False)
class ConfView(View):
    """Every setting that somebody set.

    Arguments:
        app: whose settings.
        words: the language.
    """

    app: Celery
    words: Words

    def text(self) -> str:
        """Return the settings as a table."""
        return self._table().text()

    def markup(self) -> str:
        """Return the settings as an HTML table."""
        return self._table().html()

    def _table(self) -> Table:
        words = self.words
        headings = (words.gettext("Setting"), words.gettext("Value"), words.gettext("Where it comes from"))
        return Table(headings, tuple(self._rows()))

    def _rows(self) -> Iterable[tuple[str, str, str]]:
        names = self.app.conf.table(with_defaults=False)
        for name in sorted(name for name in names if name != "deprecated_settings"):
            said = self.words.say(_answering(self.app, name))
            yield name, _shown(name, _value(self.app, name)), said


@dataclass(frozen=True, repr=False)
class SettingView(View):
    """One setting, with what each layer has for it.

    Arguments:
        app: whose setting.
        name: its name.
        words: the language.
    """

    app: Celery
    name: str
    words: Words

    @classmethod
    def of(cls, app: Celery, name: str, words: Words) -> SettingView:
        """Return the view of the setting called *name*.

        Raises:
            LabError: when there is no such setting, with the nearest name.
        """
        conf = app.conf
        if name not in conf and not hasattr(conf, name):
            near = get_close_matches(name, list(conf), n=1)
            hint = text("Did you mean {name}?", name=near[0]) if near else None
            raise LabError(f"there is no setting {name!r}", hint)
        return cls(app, name, words)

    def text(self) -> str:
        """Return the setting as lines."""
        return facts(self._facts())

    def markup(self) -> str:
        """Return the setting as HTML."""
        return facts_html(self._facts())

    def _facts(self) -> list[tuple[str, str]]:
        words, name = self.words, self.name
        return [
            (words.gettext("Setting"), name),
            (words.gettext("Value"), _shown(name, _value(self.app, name))),
            (words.gettext("Where it comes from"), words.say(_answering(self.app, name))),
            *((words.say(said), _shown(name, value)) for said, value in _layers(self.app, name)),
        ]
