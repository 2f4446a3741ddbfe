"""The colours can be read by everyone, and the style sheet touches nothing but the views."""

from __future__ import annotations

import re

import pytest

from labq.views.style import DARK, LIGHT, STYLE, TONES

ENOUGH = 4.5
"""The contrast that WCAG 2 asks of text (AA)."""


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb``, as WCAG 2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def mixed(over: str, under: str, share: float) -> str:
    """Return the colour of *over* laid on *under* with an opacity of *share*."""
    parts = ((int(over[place : place + 2], 16), int(under[place : place + 2], 16)) for place in (1, 3, 5))
    return "#" + "".join(f"{round(top * share + bottom * (1 - share)):02x}" for top, bottom in parts)


def test_contrast_is_what_wcag_says_it_is():
    """Black on white is 21, and grey of #767676 is the lightest that passes on white."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["ink", "dim", "orange"])
@pytest.mark.parametrize("ground", ["page", "panel", "note"])
def test_text_can_be_read_on_every_ground(palette, ink, ground):
    """Normal text, quiet text, and the orange of reasons and of the past."""
    assert contrast(palette[ink], palette[ground]) >= ENOUGH


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("tone", TONES)
def test_the_drawing_in_a_mark_can_be_seen(palette, tone):
    """A mark is a drawing on its tone."""
    assert contrast(palette["glyph"], palette[tone]) >= ENOUGH


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["ink", "dim"])
def test_text_can_be_read_on_the_progress_of_a_slot(palette, ink):
    """The bar behind it is sixteen parts of a hundred of orange."""
    assert contrast(palette[ink], mixed(palette["orange"], palette["page"], 0.16)) >= ENOUGH


@pytest.mark.parametrize(
    ("jupyter_page", "jupyter_ink", "palette"), [("#ffffff", "#000000", LIGHT), ("#111111", "#ffffff", DARK)]
)
def test_the_palettes_fit_jupyterlabs_own_page_and_ink(jupyter_page, jupyter_ink, palette):
    """There the page and the ink are JupyterLab's, and everything else is ours."""
    for name in ("dim", "orange"):
        assert contrast(palette[name], jupyter_page) >= ENOUGH
    for name in ("panel", "note"):
        assert contrast(jupyter_ink, palette[name]) >= ENOUGH


def test_both_palettes_name_the_same_colours():
    """A colour that only one has would be missing in the other."""
    assert LIGHT.keys() == DARK.keys()


def test_every_selector_stays_within_the_views():
    """A style sheet in an output must not restyle the notebook."""
    sheet = re.sub(r"</?style>", "", STYLE)
    sheet = re.sub(r"@(media|container)[^{]*\{", "", sheet)
    for selectors in re.findall(r"([^{}]+)\{[^{}]*\}", sheet):
        for selector in re.split(r",(?![^(]*\))", selectors):
            assert ".labq" in selector, selector


def test_a_background_comes_with_its_ink():
    """On a page that is dark for another reason, inherited ink could vanish."""
    for selectors, rules in re.findall(r"([^{}]+)\{([^{}]*)\}", STYLE):
        if "background:var(--labq-" in rules and "opacity" not in rules:
            assert re.search(r"(^|;)color:", rules), selectors
