"""What is stored with a notebook can be read by anybody: no script, no trace of a kernel that is long gone."""

from __future__ import annotations

import json

import pytest
from sources import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*/*.ipynb"))

KINDS = {"text/plain", "text/html", "image/png"}
"""What a reader without a kernel can be shown. A live widget is an error text to him: its model is gone."""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_stored_notebook_needs_no_kernel_to_be_read(path):
    """Outputs are text, HTML without scripts, and pictures; each has its plain text; no state of widgets is kept."""
    notebook = json.loads(path.read_text("utf-8"))
    shown = [output["data"] for cell in notebook["cells"] for output in cell.get("outputs", []) if "data" in output]
    assert "widgets" not in notebook["metadata"]
    assert {kind for each in shown for kind in each} <= KINDS
    assert all("text/plain" in each for each in shown)
    assert not [each for each in shown if "<script" in "".join(each.get("text/html", "")).lower()]


@pytest.mark.parametrize("lang", ["en", "ru", "zh"])
def test_the_room_of_the_first_lesson_is_stored_as_a_picture_in_html(lang):
    """The cell that shows the live room when it is run shows its last moment when it is read."""
    notebook = json.loads((ROOT / "notebooks" / lang / "01_first_task.ipynb").read_text("utf-8"))
    outputs = next(cell["outputs"] for cell in notebook["cells"] if cell.get("id") == "room")
    assert len(outputs) == 1
    assert 'class="labq-room"' in "".join(outputs[0]["data"]["text/html"])
