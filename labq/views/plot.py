"""Plots: the task stream and the depth of queues, with matplotlib. This is the only module that names it.

Comes in: series, and words. Goes out: matplotlib's ``Axes``, to be changed further by whoever asked.

The fonts include Cyrillic and Chinese where the system has them. A bar says in its colour, its pattern and its label
what it is; green always means done.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import matplotlib.pyplot as plt
from matplotlib import font_manager
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from labq.i18n import Text, Words, text
from labq.kernel.clock import MICROSECONDS
from labq.snapshot.model import Stage
from labq.snapshot.series import Bar, Depth, Doing, Row, Stream
from labq.views.chip import label, more_words
from labq.views.escape import tidy
from labq.views.mark import MARKS
from labq.views.style import LIGHT

FONTS = (
    "DejaVu Sans", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "PingFang SC",
    "Microsoft YaHei", "SimHei",
)  # fmt: skip
"""Fonts to take glyphs from, the first that has them; the later ones are for Chinese."""

WAITS: dict[Doing, tuple[Text, str, str]] = {
    Doing.QUEUED: (text("queued"), "gray", "...."),
    Doing.PREFETCHED: (text("prefetched"), "blue", ""),
    Doing.ETA_WAIT: (text("waits for its ETA"), "teal", "////"),
    Doing.RETRY_WAIT: (text("waits to be tried again"), "violet", "\\\\\\\\"),
    Doing.RATE_WAIT: (text("rate limited"), "teal", "xxxx"),
}
"""How each wait is called and drawn: word, tone, pattern."""

HEIGHT = 0.78
"""How much of its line a bar fills."""

LETTER = 0.009
"""How much of a picture's width one letter of a label takes."""

MARGIN = 1.03
"""How far the axis goes, as a part of the time shown: a run that ends last has room for its mark."""

LEGEND = 5
"""How many entries of the legend stand side by side."""

LANES = 8
"""How many lines one row has at most; on the last stands how many more tasks wait."""

GLYPHS = {
    Stage.STARTED: "▶", Stage.SUCCESS: "✓", Stage.FAILURE: "✕", Stage.RETRY: "↻", Stage.REJECTED: "↩",
    Stage.IGNORED: "–", Stage.LOST: "✕",
}  # fmt: skip
"""The mark of a run's outcome, in characters that matplotlib's own font has."""


@cache
def fonts() -> list[str]:
    """Return those of ``FONTS`` that this system has."""
    present = {font.name for font in font_manager.fontManager.ttflist}
    return [name for name in FONTS if name in present]


def timeline(stream: Stream, ax: Axes | None = None, *, words: Words) -> Axes:
    """Draw the task stream: a row for each slot and for what waits behind each queue.

    Arguments:
        stream: rows and bars.
        ax: where to draw; a new figure when None.
        words: the language.

    Returns:
        The axes that were drawn on.
    """
    with plt.rc_context(_look()):
        lanes = stream.lanes()
        places, total = _places(lanes)
        axes = ax or _new_axes(height=1.3 + 0.34 * total)
        end = max([stream.us, *(bar.end or 0 for bar in stream.bars)]) / MICROSECONDS or 1.0
        for bar, room in zip(stream.bars, _rooms(stream.bars, end * MARGIN), strict=True):
            if bar.lane < LANES - 1 or lanes[bar.row] <= LANES:
                said = _label(bar, room / end / LETTER, words)
                _draw_bar(axes, bar, places[bar.row] + bar.lane + 0.5, end, said)
        _draw_rows(axes, lanes, places, words)
        for row in (row for row in stream.rows if lanes[row] > LANES):
            _draw_more(axes, stream, row, places[row] + LANES - 0.5, words)
        axes.set_xlim(0, end * MARGIN)
        axes.set_ylim(total, 0)
        axes.set_xlabel(words.gettext("virtual seconds"))
        _draw_legend(axes, stream, words)
    return axes


def depth(depths: Sequence[Depth], ax: Axes | None = None, *, words: Words) -> Axes:
    """Draw how full each queue was: ready messages, and with a dashed line the unacknowledged ones.

    Arguments:
        depths: one line for each queue.
        ax: where to draw; a new figure when None.
        words: the language.

    Returns:
        The axes that were drawn on.
    """
    with plt.rc_context(_look()):
        axes = ax or _new_axes(height=3.2)
        tones = ("blue", "orange", "teal", "violet", "gray")
        for number, series in enumerate(depths):
            colour = LIGHT[tones[number % len(tones)]]
            times = [us / MICROSECONDS for us, _, _ in series.points]
            ready = [count for _, count, _ in series.points]
            unacked = [count for _, _, count in series.points]
            name = tidy(series.queue, 30)
            axes.step(
                times, ready, where="post", color=colour, label=words.gettext("{queue}: ready").format(queue=name)
            )  # fmt: skip
            axes.step(
                times, unacked, where="post", color=colour, linestyle="--",
                label=words.gettext("{queue}: unacked").format(queue=name),
            )  # fmt: skip
        axes.set_xlabel(words.gettext("virtual seconds"))
        axes.set_ylabel(words.gettext("messages"))
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        if depths:
            axes.legend(frameon=False)
    return axes


def _look() -> dict[Any, Any]:
    return {
        "font.family": fonts(),
        "font.size": 9.5,
        "axes.edgecolor": LIGHT["line"],
        "axes.labelcolor": LIGHT["dim"],
        "axes.facecolor": LIGHT["page"],
        "figure.facecolor": LIGHT["page"],
        "text.color": LIGHT["ink"],
        "xtick.color": LIGHT["dim"],
        "ytick.color": LIGHT["ink"],
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.unicode_minus": False,
        "hatch.linewidth": 0.6,
    }


def _new_axes(height: float) -> Axes:
    _, axes = plt.subplots(figsize=(10, height), layout="constrained")
    return axes


def _places(lanes: dict[Row, int]) -> tuple[dict[Row, int], int]:
    """Return the first line of each row, and how many lines there are."""
    places: dict[Row, int] = {}
    line = 0
    for row, needed in lanes.items():
        places[row] = line
        line += min(needed, LANES)
    return places, max(line, 1)


def _draw_rows(axes: Axes, lanes: dict[Row, int], places: dict[Row, int], words: Words) -> None:
    ticks: list[float] = []
    for row, needed in lanes.items():
        lines = min(needed, LANES)
        axes.axhspan(places[row] + 0.06, places[row] + lines - 0.06, color=LIGHT["panel"], zorder=0)
        ticks.append(places[row] + lines / 2)
    axes.set_yticks(ticks, [_row_name(row, words) for row in lanes])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _row_name(row: Row, words: Words) -> str:
    if row.worker is not None:
        return words.gettext("{worker} slot {number}").format(worker=tidy(row.worker, 30), number=row.slot)
    return words.gettext("waiting, queue {queue}").format(queue=tidy(row.queue, 30))


def _draw_more(axes: Axes, stream: Stream, row: Row, line: float, words: Words) -> None:
    hidden = [bar for bar in stream.bars if bar.row == row and bar.lane >= LANES - 1]
    _write(axes, min(bar.start for bar in hidden) / MICROSECONDS, line, more_words(len(hidden), words))


def _rooms(bars: Sequence[Bar], end: float) -> list[float]:
    """Return for each bar the seconds from its start to the start of the next one on its line, or to the *end*."""
    rooms = [0.0] * len(bars)
    following: dict[tuple[Row, int], float] = {}
    for number in sorted(range(len(bars)), key=lambda number: (bars[number].start, number), reverse=True):
        bar = bars[number]
        start = bar.start / MICROSECONDS
        rooms[number] = following.get((bar.row, bar.lane), end) - start
        following[bar.row, bar.lane] = start
    return rooms


def _label(bar: Bar, letters: float, words: Words) -> str:
    """Return what stands on a bar with room for so many letters: the call, or its mark, or nothing."""
    said = label(bar.call, bar.retries, words)
    mark = GLYPHS[bar.outcome or Stage.STARTED] if bar.doing is Doing.RUNNING else ""
    said = f"{mark} {said}".strip()
    if len(said) < letters:
        return said
    return mark if letters > 2 else ""


def _draw_bar(axes: Axes, bar: Bar, line: float, end: float, said: str) -> None:
    tone, pattern = _tone(bar)
    start = bar.start / MICROSECONDS
    stop = bar.end / MICROSECONDS if bar.end is not None else end
    wide = max(stop - start, end * 0.003)  # a run of no time is still to be seen
    axes.barh(
        line, wide, left=start, height=HEIGHT, color=_light(tone), edgecolor=LIGHT[tone], hatch=pattern, linewidth=1.1,
        zorder=2,
    )  # fmt: skip
    if said:
        _write(axes, start + end * 0.006, line, said)


def _write(axes: Axes, place: float, line: float, said: str) -> None:
    halo = withStroke(linewidth=2.5, foreground=LIGHT["page"])  # readable on any pattern
    axes.text(place, line, said, va="center", ha="left", clip_on=True, zorder=3, path_effects=[halo])


def _tone(bar: Bar) -> tuple[str, str]:
    if bar.doing is not Doing.RUNNING:
        _, tone, pattern = WAITS[bar.doing]
        return tone, pattern
    return MARKS[bar.outcome or Stage.STARTED].tone, ""


def _draw_legend(axes: Axes, stream: Stream, words: Words) -> None:
    waits = {bar.doing for bar in stream.bars if bar.doing is not Doing.RUNNING}
    runs = {bar.outcome or Stage.STARTED for bar in stream.bars if bar.doing is Doing.RUNNING}
    shown = [(words.say(WAITS[doing][0]), WAITS[doing][1], WAITS[doing][2]) for doing in Doing if doing in waits]
    shown += [(words.say(MARKS[stage].word), MARKS[stage].tone, "") for stage in Stage if stage in runs]
    patches: list[Artist] = [
        Patch(facecolor=_light(tone), edgecolor=LIGHT[tone], hatch=hatch, label=word) for word, tone, hatch in shown
    ]
    if patches:
        axes.legend(
            handles=patches, loc="lower left", bbox_to_anchor=(0.0, 1.0), frameon=False, ncols=LEGEND,
            borderaxespad=0.3, handlelength=1.4, columnspacing=1.6,
        )  # fmt: skip


def _light(tone: str) -> str:
    return f"{LIGHT[tone]}2e"  # the last two digits make it transparent
