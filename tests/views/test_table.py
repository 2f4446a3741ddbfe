"""Tables are aligned for eyes."""

from __future__ import annotations

from labq.views.table import Cell, Table, facts, facts_html, number_cell, width


def test_text_stands_left_and_numbers_stand_right():
    """Each column is as wide as its widest cell."""
    table = Table(("Queue", "Ready"), (("celery", 3), ("hipri", 12)))
    assert table.text().split("\n") == ["Queue   Ready", "------  -----", "celery      3", "hipri      12"]


def test_a_table_without_rows_shows_its_headings():
    """Nothing is there, and one sees of what."""
    assert Table(("Queue",), ()).text() == "Queue\n-----"


def test_chinese_counts_two_columns_for_each_character():
    """Else the columns after it would not stand in line."""
    assert width("队列 a") == 6
    assert Table(("队列", "n"), (("celery", 1),)).text().split("\n")[0] == "队列    n"


def test_combining_marks_take_no_column():
    """They stand on the letter before them."""
    assert width("e\u0301") == 1


def test_a_cell_is_escaped_in_html_unless_it_brings_its_own():
    """Cells made of markup are made by us."""
    table = Table(("<b>",), (("<script>",), (Cell("ok", "<i>ok</i>"),)))
    assert "<script>" not in table.html()
    assert "&lt;b&gt;" in table.html()
    assert "<i>ok</i>" in table.html()


def test_numbers_written_in_a_certain_way_stand_right_too():
    """Seconds with their decimals."""
    table = Table(("s",), ((number_cell("10.0"),), (number_cell("2.5"),)))
    assert table.text().split("\n")[2:] == ["10.0", " 2.5"]
    assert table.html().count('class="labq-number"') == 3


def test_facts_are_aligned_under_each_other():
    """Names left, values after the widest name."""
    assert facts([("id", "a"), ("state", "SUCCESS")]) == "id     a\nstate  SUCCESS"
    assert facts_html([("id", "<a>")]).count("&lt;a&gt;") == 1
