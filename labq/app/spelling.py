"""Old names and new: which of the two a project speaks.

In: a loaded source and what was set by hand. Out: the settings in layers, all spelt alike; or Celery's complaint
that the two are mixed.
Next door: ``defaults`` has the two dictionaries, ``configuration`` asks when it loads.
Celery: ``celery/app/utils.py`` (``detect_settings``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from labq.app.defaults import DEFAULTS, OLD_DEFAULTS, TO_NEW_NAME, TO_OLD_NAME
from labq.app.settings import Settings
from labq.exceptions import ImproperlyConfigured

Source = Mapping[str, Any] | None

OLD_AMONG_NEW = """

Cannot mix new and old setting keys, please rename the
following settings to the new format:

{renames}

"""

NEW_AMONG_OLD = """

Cannot mix new setting names with old setting names, please
rename the following settings to use the old format:

{renames}

Or change all of the settings to use the new format :)

"""


def to_new_name(key: str) -> str:
    """Spell *key* as Celery 4 and later do."""
    return TO_NEW_NAME.get(key, key)


def to_old_name(key: str) -> str:
    """Spell *key* as Celery 3 did."""
    return TO_OLD_NAME.get(key, key)


def detect_settings(
    source: Source,
    preset: Mapping[str, Any],
    not_counted: set[str],
    prefix: str | None,
    on_change: Callable[[], object],
) -> Settings:
    """Find out which names a project speaks, old or new, and lay its layers in that spelling.

    Arguments:
        source: the loaded configuration; None when the app was given none, then *preset* decides the spelling.
        preset: what was set before anything was read.
        not_counted: keys of *preset* that came as keyword arguments of the app; they do not decide.
        prefix: the namespace. A source with a namespace always speaks new names.
        on_change: for the settings.

    The majority wins, a tie goes to the new names. Raises ImproperlyConfigured, with the renamings that would help,
    when a name of the minority is left that does not stand there in the other spelling too.
    Source: ``celery.app.utils.detect_settings``.
    """
    have = set(preset if source is None else source) - not_counted
    new, old = have & TO_OLD_NAME.keys(), have & TO_NEW_NAME.keys()
    speaks_old = not prefix and len(old) > len(new)

    rename, minority = (TO_OLD_NAME, new) if speaks_old else (TO_NEW_NAME, old)
    misfits = set() if prefix else {key for key in minority if rename[key] not in have}
    if misfits:
        renames = "\n".join(f"{key:<36} -> {rename[key]}" for key in sorted(misfits))
        raise ImproperlyConfigured((NEW_AMONG_OLD if speaks_old else OLD_AMONG_NEW).format(renames=renames))

    return Settings(
        {rename.get(key, key): value for key, value in preset.items()},
        [{} if source is None else source, deepcopy(OLD_DEFAULTS if speaks_old else DEFAULTS)],
        (to_new_name, to_old_name),
        prefix,
        deprecated_settings=old,
        on_change=on_change,
    )
