"""Plots: what is drawn, in which words, with which glyphs."""

from __future__ import annotations

import io
import warnings

import pytest

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

from matplotlib import pyplot as plt  # noqa: E402 - the backend is chosen first

from labq import Celery, Lab, views  # noqa: E402
from labq.i18n import Words  # noqa: E402
from labq.snapshot.model import Stage  # noqa: E402
from labq.snapshot.series import OUTCOMES, Doing, Stream, depths, stream  # noqa: E402
from labq.views import plot  # noqa: E402

ENGLISH = Words("en")


@pytest.fixture(autouse=True)
def close_figures():
    """Leave no figure behind."""
    yield
    plt.close("all")


def texts(axes):
    """Return what is written on the bars."""
    return [text.get_text() for text in axes.texts]


def test_the_timeline_has_a_row_for_each_slot_and_each_queue_that_waits(lab):
    """Rows are named by where, bars by what."""
    axes = plot.timeline(stream(lab.log), words=ENGLISH)
    rows = [label.get_text() for label in axes.get_yticklabels()]
    assert rows == ["w1@lab slot 1", "w1@lab slot 2", "waiting, queue hipri", "waiting, queue celery"]
    assert {"▶ report(copies=7)", "↻ mail('ann')", "add(1, 1)", "add(9, 9)"} <= set(texts(axes))
    assert "✓ add(2, 3)" not in texts(axes)  # it took no time, and the next one stands where its label would
    assert "mail('ann'), try 2" not in texts(axes)  # it begins to wait where the picture ends


def test_labels_do_not_run_into_each_other():
    """Of many short runs on one line only those say their name that have room for it."""
    with Lab(seed=1, start="2030-01-01T09:00:00Z", lang="en") as lab:
        app = Celery("short", broker="memory://", backend="cache+memory://", set_as_current=False)

        @app.task(shared=False, bind=True, max_retries=6)
        def knock(self):
            raise self.retry(countdown=2**self.request.retries)

        lab.start_worker(app, hostname="w1@short", concurrency=1)
        knock.delay()
        lab.run()
        axes = plot.timeline(stream(lab.log), words=ENGLISH)
    shown = texts(axes)
    assert "↻ knock(), try 6" in shown  # 32 seconds before the next one
    assert not any(said.endswith(("knock()", "try 2")) for said in shown)  # one and two seconds


def test_no_label_runs_out_of_the_picture(lab):
    """The last bar of a line has room up to the end of the axis, and no further."""
    lab.run()
    axes = plot.timeline(stream(lab.log), words=ENGLISH)
    canvas = axes.figure.canvas
    canvas.draw()
    labels = [text for text in axes.texts if text.get_text()]
    assert len(labels) > 5
    assert all(text.get_window_extent().x1 <= axes.bbox.x1 for text in labels)


def test_the_legend_names_what_is_there_and_nothing_else(lab):
    """With the words that the chips have too."""
    axes = plot.timeline(stream(lab.log), words=ENGLISH)
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["queued", "waits for its ETA", "waits to be tried again", "started", "retry", "success"]


def test_plots_draw_on_axes_that_are_given(lab):
    """So that they can stand side by side."""
    _, (left, right) = plt.subplots(1, 2)
    assert plot.timeline(stream(lab.log), left, words=ENGLISH) is left
    assert plot.depth(depths(lab.log), right, words=ENGLISH) is right


def test_a_timeline_of_nothing_is_empty():
    """Zero records are a picture too."""
    assert texts(plot.timeline(Stream((), (), 0), words=ENGLISH)) == []
    assert plot.depth((), words=ENGLISH).get_legend() is None


def test_what_waits_beyond_the_last_line_is_counted():
    """Forty waiting tasks do not make a picture of forty lines."""
    with Lab(seed=1, start="2030-01-01T09:00:00Z", lang="en") as lab:
        app = Celery("many", broker="memory://", backend="cache+memory://", set_as_current=False)
        for number in range(40):
            app.send_task("many.add", (number,))
        lab.run()
        lab.advance(5)
        app.send_task("many.add", (40,))
        lab.run()
        axes = plot.timeline(stream(lab.log), words=ENGLISH)
    shown = texts(axes)
    assert len(shown) == plot.LANES
    assert shown[-1] == f"and {41 - (plot.LANES - 1)} more"


def test_the_depth_has_two_lines_for_each_queue(lab):
    """Ready, and dashed what was delivered and not acknowledged."""
    axes = plot.depth(depths(lab.log), words=ENGLISH)
    labels = [line.get_label() for line in axes.get_lines()]
    assert labels == ["celery: ready", "celery: unacked", "hipri: ready", "hipri: unacked"]
    assert [line.get_linestyle() for line in axes.get_lines()] == ["-", "--", "-", "--"]


def test_every_way_of_waiting_and_every_outcome_can_be_drawn():
    """Marks differ in more than their colour."""
    assert set(plot.WAITS) == set(Doing) - {Doing.RUNNING}
    assert set(plot.GLYPHS) == {Stage.STARTED, Stage.LOST, *OUTCOMES.values()}
    drawn = [(tone, pattern) for _, tone, pattern in plot.WAITS.values()]
    assert len(drawn) == len(set(drawn))


@pytest.mark.parametrize("lang", ["en", "ru", "zh"])
def test_every_glyph_is_really_there(lab, lang):
    """Matplotlib warns of each character that no font has."""
    if lang == "zh" and plot.fonts() == ["DejaVu Sans"]:
        pytest.skip("this system has no Chinese font")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        axes = plot.timeline(stream(lab.log), words=Words(lang))
        axes.figure.savefig(io.BytesIO(), format="png")


def test_the_plots_are_found_as_a_part_of_the_views():
    """And nothing else is invented there."""
    assert views.plot is plot
    with pytest.raises(AttributeError, match="has no attribute 'plots'"):
        views.plots  # noqa: B018 - asking is the test
