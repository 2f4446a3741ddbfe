"""``%load_ext labq`` brings the desk, ``%unload_ext labq`` leaves nothing behind."""

from __future__ import annotations

from labq import Lab, current_lab
from labq.result import AsyncResult


def test_the_extension_brings_the_current_lab_under_a_free_name(bare):
    """A learner who has made no lab finds one."""
    assert bare("%load_ext labq").error is None
    assert bare("lab").result is current_lab()


def test_the_extension_takes_the_lab_that_is_there(bare):
    """A lab made before the extension was loaded stays the current one."""
    mine = bare("import labq; labq.Lab(seed=5)").result
    bare("%load_ext labq")
    assert bare("lab").result is mine


def test_a_name_that_is_taken_stays(bare):
    """What a learner calls lab is theirs."""
    bare("lab = 'mine'")
    bare("%load_ext labq")
    bare("%unload_ext labq")
    assert bare("lab").result == "mine"


def test_loading_twice_changes_nothing(bare, shell):
    """A cell that loads the extension may run again."""
    bare("%load_ext labq")
    first = bare("lab").result
    again = bare("%load_ext labq\n%reload_ext labq\nimport labq\nlabq.load_ipython_extension(get_ipython())")
    assert again.error is None
    assert bare("lab").result is first
    assert len(shell.events.callbacks["pre_run_cell"]) == 1


def test_unloading_leaves_nothing_behind(bare, shell):
    """Magics, completers, displays, events and the name are gone."""
    html = shell.display_formatter.formatters["text/html"]
    bare("%load_ext labq")
    assert AsyncResult in html.type_printers
    lab = current_lab()
    bare("%unload_ext labq")
    assert not {"labq", "celery"} & set(shell.magics_manager.magics["line"])
    assert not {"%labq", "%celery"} & set(shell.strdispatchers["complete_command"].strs)
    assert AsyncResult not in html.type_printers
    assert shell.events.callbacks["pre_run_cell"] == []
    assert "lab" not in shell.user_ns
    assert not lab.replaces_tasks


def test_a_lab_that_the_learner_named_stays_after_unloading(run, shell):
    """Only the name that the extension gave is taken away."""
    assert isinstance(shell.user_ns["lab"], Lab)
    mine = shell.user_ns["lab"]
    run("%unload_ext labq")
    assert shell.user_ns["lab"] is mine
