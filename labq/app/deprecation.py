"""Warnings of settings that a coming Celery will no longer know.

In: the settings in use. Out: Celery's two deprecation warnings, in Celery's words.
Next door: ``settings`` warns of old names, ``configuration`` of new names that will go.
Celery: ``celery/utils/deprecated.py``, ``celery/app/defaults.py`` (``find_deprecated_settings``).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from labq.app.defaults import OPTIONS
from labq.app.sources import Attributes
from labq.exceptions import CDeprecationWarning, CPendingDeprecationWarning

WILL_BE_DEPRECATED = (
    "\n    {description} is scheduled for deprecation in     version {deprecation} and removal in version v{removal}."
    "     {alternative}\n"
)
IS_DEPRECATED = "\n    {description} is deprecated and scheduled for removal in\n    version {removal}. {alternative}\n"


def warn(
    description: str | None = None,
    deprecation: str | None = None,
    removal: str | None = None,
    alternative: str | None = None,
) -> None:
    """Warn that *description* is deprecated, or, given the version of its *deprecation*, that it will be.

    Source: ``celery.utils.deprecated.warn``.
    """
    category = CDeprecationWarning if deprecation is None else CPendingDeprecationWarning
    sentence = IS_DEPRECATED if deprecation is None else WILL_BE_DEPRECATED
    words = {"description": description, "deprecation": deprecation, "removal": removal, "alternative": alternative}
    warnings.warn(category(sentence.format_map(words)), stacklevel=3)


def find_deprecated_settings(source: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Warn of each setting in *source* that will go, and return *source*.

    As in Celery, only a module, a class or another object is looked through, a dictionary is not.
    Source: ``celery.app.defaults.find_deprecated_settings``.
    """
    if isinstance(source, Attributes):
        for name, option in OPTIONS.items():
            if (option.deprecate_by or option.remove_by) and source.get(name) is not None:
                warn(
                    description=f"The {name!r} setting",
                    deprecation=option.deprecate_by,
                    removal=option.remove_by,
                    alternative=f"Use the {option.alt} instead",
                )
    return source
