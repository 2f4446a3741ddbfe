"""The verbs of ``%labq``: what each does, what it is told, and one sentence of help.

Comes in: the words of a line, and the desk. Goes out: what the verb gives, which IPython shows.
Next door: ``desk`` calls ``act``; ``answers`` reads words; ``conf`` is the answer to one of the verbs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from labq import Lab, _state
from labq.exceptions import LabError
from labq.i18n import LANGUAGES, Text, text
from labq.lessons.grader import check
from labq.magics.arguments import choice, options, seconds, task_id, whole
from labq.magics.conf import ConfView, SettingView
from labq.views.table import Table

if TYPE_CHECKING:
    from labq.magics.desk import Desk

Action = Callable[["Desk", list[str]], Any]


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb.

    Attributes:
        name: what is typed after ``%labq``.
        usage: the verb with its arguments, as the help shows it.
        help: one sentence.
        action: does it.
    """

    name: str
    usage: str
    help: Text
    action: Action


VERBS: dict[str, Verb] = {}
"""Every verb by its name, in the order of the help."""


def _verb(usage: str, help: Text) -> Callable[[Action], Action]:
    """Enter the function below into VERBS."""

    def enter(action: Action) -> Action:
        name = usage.split(maxsplit=1)[0]
        VERBS[name] = Verb(name, usage, help, action)
        return action

    return enter


def act(desk: Desk, said: Sequence[str]) -> Any:
    """Do what the words say; without words, help.

    Raises:
        LabError: for an unknown verb, with the nearest one; for arguments that the verb does not take.
    """
    name, *rest = said or ["help"]
    return _find(name).action(desk, rest)


def _find(name: str) -> Verb:
    verb = VERBS.get(name)
    if verb is None:
        near = get_close_matches(name, VERBS, n=1)
        hint = text("Did you mean %labq {name}?", name=near[0]) if near else text("%labq help tells the verbs.")
        raise LabError(f"%labq has no verb {name!r}", hint)
    return verb


# -- driving -----------------------------------------------------------------------------------------------------------
@_verb("step [n]", text("Run the next step, or the next n steps."))
def _step(desk: Desk, said: list[str]) -> Any:
    desk.looking_at = None
    return _happened(desk, desk.lab.step(whole(said, 1)))


@_verb("run [seconds]", text("Run until nothing is left to do, or until so many virtual seconds since the start."))
def _run(desk: Desk, said: list[str]) -> Any:
    desk.looking_at = None
    said = said[1:] if said[:1] == ["until"] else said
    return _happened(desk, desk.lab.run(until=seconds(said) if said else None))


@_verb("advance seconds", text("Let virtual time pass, doing everything that is due."))
def _advance(desk: Desk, said: list[str]) -> Any:
    desk.looking_at = None
    return _happened(desk, desk.lab.advance(seconds(said)))


def _happened(desk: Desk, records: Any) -> Any:
    """Return the records, or say that there are none."""
    if records:
        return records
    moment = f"{desk.lab.time:g}"
    desk.tell(desk.words.gettext("Nothing happened; the clock shows {seconds} s.").format(seconds=moment))
    return None


# -- looking -----------------------------------------------------------------------------------------------------------
@_verb("back [n]", text("Look at the room as it was one record earlier, or n; step and run return to the present."))
def _back(desk: Desk, said: list[str]) -> Any:
    now = len(desk.lab.log) if desk.looking_at is None else desk.looking_at
    desk.looking_at = max(0, now - whole(said, 1))
    return desk.lab.room(at=desk.looking_at).room(desk.looking_at)


@_verb("room [n]", text("Show the machine room, now or after n records."))
def _room(desk: Desk, said: list[str]) -> Any:
    length = len(desk.lab.log)
    at = whole(said, length)
    if at > length:
        raise LabError(f"the log has no {at} records", text("Choose a number from 0 to {length}.", length=length))
    return desk.lab.room(at=at if said else desk.looking_at)


@_verb("queues", text("Show the queues."))
def _queues(desk: Desk, said: list[str]) -> Any:
    options(said)
    return desk.lab.queues()


@_verb("workers", text("Show the workers."))
def _workers(desk: Desk, said: list[str]) -> Any:
    options(said)
    return desk.lab.workers()


@_verb("story task", text("Tell all that happened to one task: a variable with its result, or its id."))
def _story(desk: Desk, said: list[str]) -> Any:
    return desk.lab.story(task_id(said, desk.namespace, desk.lab))


@_verb("why task", text("Say why one task is not ready."))
def _why(desk: Desk, said: list[str]) -> Any:
    return desk.lab.why(task_id(said, desk.namespace, desk.lab))


@_verb("conf [name]", text("Show the current app's settings, or one of them, and which layer answered."))
def _conf(desk: Desk, said: list[str]) -> Any:
    app = _state.get_current_app()
    if not said:
        return ConfView(app, desk.words)
    return SettingView.of(app, said[0], desk.words)


# -- the desk itself ---------------------------------------------------------------------------------------------------
@_verb("lang en|ru|zh", text("Choose the language in which the lab speaks."))
def _lang(desk: Desk, said: list[str]) -> None:
    lang = choice(said, LANGUAGES)
    os.environ["LABQ_LANG"] = desk.lab.lang = lang  # the labs that are made later speak it too
    desk.tell(desk.words.gettext("The lab speaks English."))


@_verb("check exercise", text("Look at your answer to an exercise."))
def _check(desk: Desk, said: list[str]) -> None:
    if len(said) != 1:
        raise LabError("which exercise?", text("Its name stands in the lesson: %labq check multiply."))
    verdict = check(said[0], desk.namespace, desk.lab)
    mark = "✓" if verdict.passed else "✗"
    desk.tell(f"{mark} {desk.words.say(verdict.message)}")


@_verb("reset [--seed N] [--start ISO]", text("Begin again in a fresh lab; apps and tasks stay."))
def _reset(desk: Desk, said: list[str]) -> Any:
    given = options(said, "--seed", "--start")
    old = desk.lab
    seed = whole([given["--seed"]], 0) if "--seed" in given else old.seed
    try:
        new = Lab(seed=seed, start=given.get("--start", old.clock.start), lang=old.lang)
    except ValueError as error:
        raise LabError(str(error), text("A moment is written as in 2030-01-01T09:00:00Z.")) from None
    old.close()
    desk.looking_at = None
    if desk.has_named_lab:
        desk.name_lab(new)
    desk.adopt()
    return new


@_verb("strict on|off", text("Treat a task that is defined again as Celery does, or let its new body in."))
def _strict(desk: Desk, said: list[str]) -> None:
    desk.strict = choice(said, ("on", "off")) == "on"
    desk.adopt()
    if desk.strict:
        desk.tell(desk.words.gettext("A task that is defined again keeps its first body, as in Celery."))
    else:
        desk.tell(desk.words.gettext("A task that is defined again gets its new body."))


@_verb("as celery on|off", text("Let import celery and import kombu mean labq, or real Celery again."))
def _as(desk: Desk, said: list[str]) -> None:
    if said[:1] != ["celery"]:
        raise LabError("labq stands in for nothing but Celery", text("Say %labq as celery on, or off."))
    if choice(said[1:], ("on", "off")) == "on":
        desk.stand_in()
        desk.tell(desk.words.gettext("import celery and import kombu mean labq now."))
    else:
        desk.step_back()
        desk.tell(desk.words.gettext("import celery and import kombu mean real Celery again."))


@_verb("help [verb]", text("Tell the verbs."))
def _help(desk: Desk, said: list[str]) -> None:
    verbs = [_find(name) for name in said] or list(VERBS.values())
    words = desk.words
    headings = ("%labq …", words.gettext("What it does"))
    desk.tell(Table(headings, tuple((verb.usage, words.say(verb.help)) for verb in verbs)).text())
