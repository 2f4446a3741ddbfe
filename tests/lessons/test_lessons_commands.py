"""`python -m labq.lessons`: the commands reach their functions, and failures reach the shell."""

from __future__ import annotations

import pytest

from labq.lessons.__main__ import main


def test_a_failure_is_one_sentence_and_exit_code_1(capsys):
    """No traceback: the sentence says what to do."""
    assert main(["sync", "77_none"]) == 1
    assert "There is no lesson 77_none" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["sing"], ["sync", "--lang", "de"]])
def test_what_is_no_command_is_answered_with_the_commands(words, capsys):
    """As command lines do, with exit code 2."""
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2
    assert "usage: " in capsys.readouterr().err


def test_problems_are_listed_and_counted(capsys):
    """The exit code tells a machine what the last line tells a person."""
    code = main(["check", "--lang", "en"])
    *problems, last = capsys.readouterr().out.splitlines()
    assert code == bool(problems)
    assert last == (f"problems: {len(problems)}" if problems else "Lessons and translations are complete and fresh.")
