"""The verbs of ``%labq`` drive the lab, look at it, and say what they do not understand."""

from __future__ import annotations

import pytest

from labq import current_lab
from labq.exceptions import DuplicateTaskNameWarning, LabError
from labq.magics.verbs import VERBS
from labq.views import RoomPlayer, RoomView


def _text(gave) -> str:
    assert gave.error is None
    return gave.result._repr_mimebundle_()["text/plain"]


# -- driving ---------------------------------------------------------------------------------------------------------
def test_step_runs_one_step_or_as_many_as_are_said(run):
    """A step gives the records that it wrote, as a table."""
    run("result = add.delay(2, 3)")
    one = run("%labq step")
    assert [str(record.kind) for record in one.result] == ["message-routed", "message-queued"]
    assert "waits in queue celery" in _text(one)
    run("lab.start_worker(app, hostname='w1@lab')")
    more = run("%labq step 3")
    assert [record.number for record in more.result] == list(range(one.result[-1].number + 2, len(current_lab().log)))


def test_run_goes_on_until_nothing_is_left(run):
    """What was sent is done."""
    run("lab.start_worker(app); result = add.delay(2, 3)")
    assert "task-succeeded" in [record.kind for record in run("%labq run").result]
    assert run("result.result").result == 5


@pytest.mark.parametrize("line", ["run 100", "run until 100"])
def test_run_stops_at_a_moment(run, line):
    """The number is a moment of virtual time, in seconds since the start."""
    run("lab.start_worker(app); result = add.apply_async((2, 3), countdown=200)")
    run("lab.advance(30)")
    assert run(f"%labq {line}").error is None
    assert (current_lab().time, run("result.state").result) == (100, "PENDING")


def test_advance_lets_time_pass(run):
    """What is due is done, and an empty stretch of time says so."""
    run("lab.start_worker(app); result = add.apply_async((2, 3), countdown=200)")
    run("%labq run 0")
    quiet = run("%labq advance 50.5")
    assert quiet.printed == "Nothing happened; the clock shows 50.5 s.\n"
    assert "task-succeeded" in [record.kind for record in run("%labq advance 149.5").result]


# -- looking ---------------------------------------------------------------------------------------------------------
def test_back_looks_at_earlier_records_and_changes_nothing(run):
    """Going back again goes further; the world stays where it is."""
    run("result = add.delay(2, 3); lab.run()")
    length = len(current_lab().log)
    first, second = run("%labq back").result, run("%labq back 2").result
    assert isinstance(first, RoomView)
    assert (first.snapshot.records, second.snapshot.records) == (length - 1, length - 3)
    assert "looking at the past" in second.text()
    assert len(current_lab().log) == length
    assert run("%labq back 1000").result.snapshot.records == 0


def test_a_step_returns_to_the_present(run):
    """After a step, back begins at the end of the log again."""
    run("result = add.delay(2, 3)")
    run("%labq back 3")
    run("%labq step")
    assert run("%labq back").result.snapshot.records == len(current_lab().log) - 1


def test_room_shows_the_machine_room_now_or_at_a_record(run):
    """The room is a player over the whole log."""
    run("result = add.delay(2, 3); lab.run()")
    assert isinstance(run("%labq room").result, RoomPlayer)
    assert run("%labq room 2").result.first_shown == 2
    assert "there is no record 999" not in run("%labq room").printed
    assert isinstance(run("%labq room 999").error, LabError)


def test_queues_and_workers_are_tables(run):
    """What waits where, and who works."""
    run("lab.start_worker(app, hostname='w1@lab'); result = add.delay(2, 3)")
    assert "celery" in _text(run("%labq queues"))
    assert "w1@lab" in _text(run("%labq workers"))


def test_a_story_is_found_by_variable_id_and_beginning_of_an_id(run):
    """Three ways to say which task is meant give one story."""
    run("result = add.delay(2, 3); lab.run()")
    task_id = run("result.id").result
    stories = {_text(run(f"%labq story {said}")) for said in ("result", task_id, task_id[:8])}
    assert len(stories) == 1
    assert "waits in queue celery" in stories.pop()


@pytest.mark.parametrize(
    ("line", "message"),
    [("story", "which task?"), ("story nobody", "'nobody' is no result"), ("why a b", "'b' is one word too many")],
)
def test_a_task_that_is_not_there_is_said(run, line, message):
    """The sentence names what was typed."""
    assert message in str(run(f"%labq {line}").error)


def test_an_ambiguous_beginning_of_an_id_is_said(run):
    """Nothing is guessed."""
    run("results = [add.delay(1, 1) for _ in range(40)]")
    first = run("results[0].id").result[0]
    same = [each for each in run("[r.id for r in results]").result if each.startswith(first)]
    assert len(same) > 1
    assert str(run(f"%labq story {first}").error).startswith(f"{len(same)} tasks have an id that begins with {first!r}")


def test_why_says_what_a_task_waits_for(run):
    """The reason names the queue that nobody reads."""
    run("result = add.delay(2, 3); lab.run()")
    assert "no worker consumes from queue celery" in _text(run("%labq why result")).replace("'", "")


# -- settings --------------------------------------------------------------------------------------------------------
def test_conf_shows_what_was_set_and_where_without_passwords(run):
    """Secrets are covered; each setting says which layer answered."""
    run("app.conf.task_serializer = 'pickle'\napp.add_defaults({'result_expires': 60, 'security_key': 'hush'})")
    shown = _text(run("%labq conf"))
    assert "secret" not in shown
    assert "hush" not in shown
    rows = {line.split()[0]: line for line in shown.splitlines()[2:]}
    assert rows["task_serializer"].endswith("changed at run time, or given to the app")
    assert rows["result_expires"].endswith("add_defaults()")
    assert "Celery's default" not in shown


def test_conf_shows_one_setting_through_all_its_layers(run):
    """The first layer that has the name answers."""
    run("app.conf.task_serializer = 'pickle'")
    shown = _text(run("%labq conf task_serializer")).splitlines()
    assert [line.split()[-1] for line in shown if "'" in line and "Celery" not in line] == ["'pickle'", "'pickle'"]
    assert shown[-1].split() == ["Celery's", "default", "'json'"]
    assert "Celery's default" in _text(run("%labq conf enable_utc"))


def test_conf_finds_a_setting_under_its_spelling_in_the_source(run):
    """A namespace and upper case are Celery's ways to write a name; a derived value says that it is one."""
    run("class Theirs:\n    CELERY_TASK_SERIALIZER = 'yaml'\n")
    run("app.config_from_object(Theirs, namespace='CELERY')")
    assert "the configuration that was loaded" in _text(run("%labq conf task_serializer"))
    assert "yaml" in _text(run("%labq conf"))
    assert "derived from another setting" in _text(run("%labq conf task_default_exchange"))


def test_conf_names_the_nearest_setting(run):
    """A slip of the finger is answered with the name that was meant."""
    assert "task_serializer" in str(run("%labq conf task_serialiser").error)


# -- the desk itself -------------------------------------------------------------------------------------------------
def test_lang_changes_the_lab_and_those_made_later(run):
    """Views and hints speak the language at once."""
    assert run("%labq lang ru").error is None
    assert current_lab().lang == "ru"
    assert run("Lab(seed=1).lang").result == "ru"
    assert "is none of en, ru, zh" in str(run("%labq lang fr").error)


def test_check_gives_the_verdict_of_the_grader(run):
    """A wrong answer is told the next step, a right one is told so."""
    wrong = run("%labq check multiply")
    assert wrong.printed.startswith("✗ There is no `multiply` yet.")
    run("@app.task\ndef multiply(x, y):\n    return x * y\n")
    run("lab.start_worker(app); answer = multiply.delay(6, 7); lab.run()")
    assert run("%labq check multiply").printed.startswith("✓ ")
    assert "multiply" in str(run("%labq check multiplu").error)


def test_reset_begins_again_with_the_same_apps(run):
    """Queues, workers and records are gone, the app sends into the new lab, the old one is closed."""
    run("lab.start_worker(app); add.delay(1, 1).get()")
    old = current_lab()
    assert run("%labq reset").error is None
    new = current_lab()
    assert new is not old
    assert old.closed
    assert (new.seed, new.clock.start, len(new.log)) == (7, old.clock.start, 0)
    assert run("lab").result is new
    run("lab.start_worker(app)")
    assert run("add.delay(2, 3).get()").result == 5


def test_reset_takes_a_seed_and_a_start(run):
    """The new world is the one that was asked for."""
    run("%labq reset --seed 9 --start=2031-05-01T00:00:00Z")
    assert (current_lab().seed, current_lab().now.isoformat()) == (9, "2031-05-01T00:00:00+00:00")


@pytest.mark.parametrize("line", ["reset --seed x", "reset --start noon", "reset --sed 3", "reset --seed", "reset 5"])
def test_reset_says_what_it_does_not_understand_and_keeps_the_lab(run, line):
    """A slip of the finger loses nothing."""
    before = current_lab()
    assert isinstance(run(f"%labq {line}").error, LabError)
    assert current_lab() is before
    assert not before.closed


REDEFINED = "@app.task\ndef add(x, y):\n    return x * y\n"


def test_a_cell_that_runs_again_replaces_the_body_and_says_so(run):
    """One line says what happened and what Celery would have done."""
    run("add(2, 3); app.finalize()")
    again = run(REDEFINED)
    assert again.printed == (
        "proj.add: the new body replaces the old one; Celery would keep the old one and warn (%labq strict on).\n"
    )
    assert run("add(2, 3)").result == 6


def test_a_lab_made_in_a_cell_follows_the_same_rule(run):
    """The rule belongs to the desk, not to one lab."""
    run("app.finalize(); lab = Lab(seed=8)")
    run(REDEFINED)
    assert run("add(2, 3)").result == 6


def test_strict_keeps_the_old_body_and_warns_as_celery(run):
    """With strict on nothing is replaced; with strict off it is again."""
    run("add(2, 3); app.finalize()")
    assert run("%labq strict on").printed.startswith("A task that is defined again keeps its first body")
    with pytest.warns(DuplicateTaskNameWarning):
        run(REDEFINED)
    assert run("add(2, 3)").result == 5
    run("%labq strict off")
    run(REDEFINED)
    assert run("add(2, 3)").result == 6


def test_help_tells_every_verb_in_the_labs_language(run):
    """Each verb stands in the table with its arguments and a sentence."""
    printed = run("%labq help").printed
    assert run("%labq").printed == printed
    assert [line.split()[0] for line in printed.splitlines()[2:]] == list(VERBS)
    run("%labq lang ru")
    russian = run("%labq help").printed.splitlines()[2:]
    assert all(any("а" <= letter <= "я" for letter in line) for line in russian)
    assert len(run("%labq help step").printed.splitlines()) == 3


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("stp", "%labq has no verb 'stp'\nDid you mean %labq step?"),
        ("xyzzy", "%labq has no verb 'xyzzy'\n%labq help tells the verbs."),
        ("help stp", "%labq has no verb 'stp'\nDid you mean %labq step?"),
        ("step many", "'many' is no whole number\nWrite a number such as 3."),
        ("step -1", "'-1' is no whole number\nWrite a number such as 3."),
        ("step 1 2", "'2' is one word too many\nThe verb takes one argument."),
        ("advance", "'' is no number of seconds\nWrite seconds, such as 60 or 0.5."),
        ("advance nan", "'nan' is no number of seconds\nWrite seconds, such as 60 or 0.5."),
        ("queues all", "'all' is not understood\nIt takes no arguments."),
        ("story 'a", '"story \'a" cannot be read: No closing quotation\nA quotation mark has no partner.'),
    ],
)
def test_what_is_not_understood_is_said_in_two_sentences(run, line, message):
    """What is wrong, then what to do."""
    assert str(run(f"%labq {line}").error) == message
