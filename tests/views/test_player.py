"""The room as a film: static where nobody can move it, alive in a notebook."""

from __future__ import annotations

import pytest

from labq.i18n import Words
from labq.views import RoomPlayer, RoomView

ipywidgets = pytest.importorskip("ipywidgets")
widget = pytest.importorskip("labq.views.widget")

ENGLISH = Words("en")


@pytest.fixture
def player(lab):
    """The film of the whole lab."""
    return RoomPlayer(lab.snapshot, len(lab.log), ENGLISH)


def controls(room):
    """Return the slider, the buttons by their names, and the picture of a live room."""
    bar, picture = room.children
    buttons = {child.description: child for child in bar.children if isinstance(child, ipywidgets.Button)}
    slider = next(child for child in bar.children if isinstance(child, ipywidgets.IntSlider))
    return slider, buttons, picture


def test_without_a_kernel_the_film_is_its_last_picture(player, lab):
    """Text and HTML, and nothing that would need somebody to answer."""
    bundle = player._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    assert bundle["text/html"] == RoomView(lab.snapshot(), ENGLISH, len(lab.log)).html()


def test_the_film_can_begin_anywhere(lab):
    """What is shown first is what is asked for."""
    player = RoomPlayer(lab.snapshot, len(lab.log), ENGLISH, at=4)
    assert "record 4 of" in player.text()
    assert controls(widget.live_room(player))[0].value == 4


def test_the_slider_draws_the_room_of_each_moment(player, lab):
    """Every place of the slider is a picture."""
    slider, _, picture = controls(widget.live_room(player))
    for n in (0, 7, len(lab.log)):
        slider.value = n
        assert picture.value == player.room(n).html()


def test_the_buttons_go_to_the_ends_and_by_single_records(player, lab):
    """And stop at the ends."""
    slider, buttons, picture = controls(widget.live_room(player))
    last = len(lab.log)
    seen = []
    for name in ("Last", "Step", "Back", "First", "Back", "Step"):
        buttons[name].click()
        seen.append(slider.value)
    assert seen == [last, last, last - 1, 0, 0, 1]
    assert picture.value == player.room(1).html()


def test_moving_through_the_film_does_not_touch_the_lab(player, lab):
    """Looking is not doing."""
    before = (len(lab.log), lab.time, lab.snapshot())
    slider, *_ = controls(widget.live_room(player))
    for n in range(len(lab.log)):
        slider.value = n
    assert (len(lab.log), lab.time, lab.snapshot()) == before


def test_the_controls_have_names_in_the_language_of_the_lab(lab):
    """Buttons are words, and each says in a hint what it does."""
    for lang in ("en", "ru", "zh"):
        _, buttons, _ = controls(widget.live_room(RoomPlayer(lab.snapshot, 3, Words(lang))))
        assert len(buttons) == 4
        assert all(button.tooltip for button in buttons.values())


def test_what_jupyter_gets_of_the_live_room_is_only_its_view(player):
    """The text and the HTML beside it stay the static ones."""
    assert set(widget.room_widget(player)) == {widget.WIDGET}


CELL = """
from labq import Lab
Lab(seed=1, start="2030-01-01T09:00:00Z").room()
"""


def test_in_a_live_kernel_the_film_comes_with_its_widget_and_the_same_picture():
    """Run by a real kernel, as a notebook does."""
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    (output,) = notebook.cells[0].outputs
    assert set(output.data) == {"text/plain", "text/html", widget.WIDGET}
    assert "model_id" in output.data[widget.WIDGET]
    assert "model_id" not in output.data["text/plain"] + output.data["text/html"]
