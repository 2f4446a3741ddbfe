"""What is done to a configuration, and what is seen: the same steps for Celery and for labq.

``test_configuration_equals_celery`` runs the steps on labq. This folder, run as a program, runs them on real Celery and
prints what was seen as JSON.
"""

from __future__ import annotations

import json
import sys

import loading_scenarios  # noqa: F401 - puts its scenarios on the list
import reading_scenarios  # noqa: F401 - the same
import table_scenarios  # noqa: F401 - the same
from configuration_means import SCENARIOS, Side, seen

__all__ = ("SCENARIOS", "celerys_side", "labqs_side", "seen")


def celerys_side() -> Side:
    """Return real Celery's names; the only place that imports it."""
    from celery import Celery
    from celery.app import defaults
    from celery.app.utils import filter_hidden_settings, sanitize_url

    return Side(Celery, defaults, defaults._TO_OLD_KEY, filter_hidden_settings, sanitize_url)


def labqs_side() -> Side:
    """Return labq's names."""
    from labq.app import defaults
    from labq.app.base import Celery
    from labq.app.censorship import filter_hidden_settings, sanitize_url

    return Side(Celery, defaults, defaults.TO_OLD_NAME, filter_hidden_settings, sanitize_url)


if __name__ == "__main__":
    json.dump(seen(celerys_side()), sys.stdout)
