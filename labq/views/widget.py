"""The live room: ipywidgets' slider, player and buttons over the rooms of all snapshots.

Comes in: a ``RoomPlayer``. Goes out: what Jupyter needs to show the widget. This is the only module that names
ipywidgets. Moving the slider draws another snapshot; the lab does not notice.
"""

from __future__ import annotations

from typing import Any

import ipywidgets

from labq.views.player import RoomPlayer
from labq.views.view import dress

INTERVAL = 400
"""Milliseconds between two records while the film plays."""

WIDGET = "application/vnd.jupyter.widget-view+json"


def room_widget(player: RoomPlayer) -> dict[str, Any]:
    """Make a live widget for *player*; return the part of a mime bundle that shows it."""
    bundle: dict[str, Any] = live_room(player)._repr_mimebundle_()
    return {WIDGET: bundle[WIDGET]} if WIDGET in bundle else {}


def live_room(player: RoomPlayer) -> ipywidgets.VBox:
    """Return the controls and the picture, joined to each other."""
    gettext = player.words.gettext
    last = player.length
    slider = ipywidgets.IntSlider(
        value=player.first_shown, min=0, max=last, description=gettext("record"), continuous_update=True,
        layout=ipywidgets.Layout(flex="1 1 360px", width="auto"),
    )  # fmt: skip
    film = ipywidgets.Play(value=player.first_shown, min=0, max=last, interval=INTERVAL, show_repeat=False)
    ipywidgets.jslink((film, "value"), (slider, "value"))
    picture = ipywidgets.HTML(value=_frame(player, player.first_shown))

    def draw(change: dict[str, Any]) -> None:
        picture.value = _frame(player, change["new"])

    slider.observe(draw, names="value")
    buttons = [
        _button(gettext("First"), gettext("before anything happened"), slider, lambda _: 0),
        _button(gettext("Back"), gettext("one record back"), slider, lambda n: max(0, n - 1)),
        film,
        _button(gettext("Step"), gettext("one record on"), slider, lambda n: min(last, n + 1)),
        _button(gettext("Last"), gettext("now"), slider, lambda _: last),
    ]
    controls = ipywidgets.HBox([*buttons, slider], layout=ipywidgets.Layout(flex_flow="row wrap", align_items="center"))
    return ipywidgets.VBox([controls, picture])


def _frame(player: RoomPlayer, n: int) -> str:
    return dress(player.room(n).markup(), player.words)


def _button(word: str, hint: str, slider: ipywidgets.IntSlider, target: Any) -> ipywidgets.Button:
    button = ipywidgets.Button(description=word, tooltip=hint, layout=ipywidgets.Layout(width="auto"))

    def move(_: ipywidgets.Button) -> None:
        slider.value = target(slider.value)

    button.on_click(move)
    return button
