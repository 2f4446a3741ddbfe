"""Keys as attributes: what a signature's dictionary holds, read and written by name."""

from __future__ import annotations

from labq.canvas.keys import Key


class Written(dict):
    """A dictionary with two attributes."""

    title = Key("title")
    place = Key("place", "where")


def test_a_key_is_read_and_written_by_its_attribute():
    """Also one that lies in another dictionary."""
    book = Written(title="a", where={})
    assert (book.title, book.place) == ("a", None)
    book.title, book.place = "b", 3
    assert book == {"title": "b", "where": {"place": 3}}


def test_on_the_class_a_key_is_the_class():
    """As in Celery, where code asks whether there is one."""
    assert Written.title is Written
