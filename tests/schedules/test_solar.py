"""A solar schedule: it needs a library, and says so; it follows the sun of the lab's days."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest

from labq.exceptions import ImproperlyConfigured
from labq.schedules import solar


def test_without_ephem_a_solar_schedule_says_what_to_install(monkeypatch):
    """The words are Celery's."""
    monkeypatch.setitem(sys.modules, "ephem", None)
    with pytest.raises(ImproperlyConfigured, match="You need to install the ephem library"):
        solar("sunrise", 60, 30)


def test_the_sun_rises_in_the_lab(app):
    """At the equator, on the meridian of Greenwich, that is about six in the morning."""
    noon = datetime(2030, 3, 21, 12, tzinfo=UTC)
    due, seconds = solar("sunrise", 0, 0, nowfun=lambda: noon, app=app).is_due(noon)
    assert not due
    assert seconds == pytest.approx(18 * 3600, abs=900)


def test_in_the_polar_night_the_search_goes_on_for_days(app):
    """The sun comes back in January."""
    december = datetime(2030, 12, 1, tzinfo=UTC)
    left = solar("sunrise", 69.6, 18.9, nowfun=lambda: december, app=app).remaining_estimate(december)
    assert 40 < left.days < 50


@pytest.mark.parametrize("place", [(91, 0), (0, 181)])
def test_places_that_are_not_on_earth_are_refused(place):
    """A latitude has ninety degrees, a longitude a hundred and eighty."""
    with pytest.raises(ValueError, match="is invalid, must be between"):
        solar("sunrise", *place)
