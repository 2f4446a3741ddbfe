"""Each check barks at what it was written for, and at nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from labq.lessons.checks import check
from labq.lessons.glossary import Glossary, load
from labq.lessons.notebook import Cell
from labq.lessons.sync import sync
from labq.lessons.typography import MASK, chinese, russian

LESSON = "01_tiny"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def done(course, translations):
    """The course with everything translated; its notebooks have not run, and each check says so."""
    sync(shelf=course.shelf)
    for lang, words in translations.items():
        course.translate(lang, words)
    course.translate_messages("ru", {"Start a worker.": "Запустите воркер."})
    course.translate_messages("zh", {"Start a worker.": "启动 worker。"})
    sync(shelf=course.shelf)
    return course


@pytest.fixture
def complaints(done):
    """Asks for the complaints about one language, without those about cells that did not run."""

    def ask(lang="ru"):
        return [str(problem) for problem in check(lang, done.shelf) if "--execute" not in problem.complaint]

    return ask


def _spoil(course, lang, message, said, resync=True):
    course.translate(lang, {message: said})
    if resync:
        sync(lang, shelf=course.shelf)


def test_a_finished_translation_gives_no_complaint(complaints):
    """The base on which each of the following tests spoils one thing."""
    assert (complaints("ru"), complaints("zh"), complaints("en")) == ([], [], [])


def test_cells_that_did_not_run_are_named(done):
    """Stored outputs are part of a lesson, in English as well."""
    found = [problem.place for problem in check(shelf=done.shelf)]
    assert found == [f"notebooks/{lang}/{LESSON}.ipynb" for lang in ("en", "ru", "zh")]


def test_a_missing_translation_is_named(done, complaints):
    """With the beginning of its text."""
    _spoil(done, "ru", "The first task", "")
    assert complaints() == [f"translations/ru/lessons/{LESSON}.po: “The first task”: is not translated"]


def test_a_changed_lesson_makes_catalogue_and_notebook_old(done, complaints):
    """Until somebody runs sync; then the changed paragraph is unsure until somebody corrects it."""
    done.change("title", "A task waits in", "A task stands in")
    assert [line.split("; ")[-1] for line in complaints()] == ["run `labq lessons sync`", "run `labq lessons sync`"]
    sync(shelf=done.shelf)
    assert len(complaints()) == 1
    assert "translates an older text" in complaints()[0]


def test_a_generated_notebook_that_was_edited_by_hand_is_seen(done, complaints):
    """Corrections belong into the catalogue: the next sync would wipe them out."""
    path = done.shelf.notebook("ru", LESSON)
    path.write_text(path.read_text("utf-8").replace("Первая задача", "Задача первая"), "utf-8")
    assert len(complaints()) == 1
    assert "edited by hand" in complaints()[0]


def test_a_missing_notebook_is_seen(done, complaints):
    """And so is one that the course does not name."""
    done.shelf.notebook("ru", LESSON).rename(done.shelf.notebook("ru", "99_stray"))
    assert [line.split(": ", 1)[1].split(";")[0] for line in complaints()] == [
        "the course does not name it",
        "is not generated yet",
    ]


@pytest.mark.parametrize(
    ("message", "said", "complaint"),
    [
        ("A task waits in a `queue`.", "Задача ждёт в `очереди`.", "the code `queue` is missing"),
        (
            "See [the index](00_index.ipynb)",
            "Смотрите [оглавление](index.ipynb)",
            "the address 00_index.ipynb is missing",
        ),
        ("The first task", "Первая — еще задача", "ё is missing in еще"),
        ("six", "ше'сть", "stands in a string of the code"),
    ],
)
def test_what_a_translation_lost_is_named(done, complaints, message, said, complaint):
    """Code and addresses have to arrive; typography is looked at."""
    _spoil(done, "ru", message, said)
    assert len(complaints()) == 1
    assert complaint in complaints()[0]


@pytest.mark.parametrize(
    ("source", "said", "complaints_expected"),
    [
        ('text("{name} waits")', "{name} ждёт", 0),
        ('text("{name} waits")', "{nom} ждёт", 1),
        ('text("{name} waits")', "ждёт", 1),
        ('text("{name} waits for {other}")', "{other} ждёт {name}", 0),
        ('text("send {} to it")', "отправьте {}", 0),
    ],
)
def test_the_places_of_a_message_have_to_be_its_places(done, complaints, source, said, complaints_expected):
    """A wrong name in braces would be an error on a learner's screen."""
    (done.shelf.package / "hints.py").write_text(f"HINT = {source}\n", "utf-8")
    sync("ru", shelf=done.shelf)
    done.translate_messages("ru", {source[6:-2]: said})
    sync("ru", shelf=done.shelf)
    assert len([line for line in complaints() if "has the places" in line]) == complaints_expected


def test_each_plural_form_is_looked_at(done, complaints):
    """Russian has three, and 21 tasks use the first."""
    (done.shelf.package / "hints.py").write_text('HINT = ntext("{count} task", "{count} tasks", 3)\n', "utf-8")
    sync("ru", shelf=done.shelf)
    path = done.shelf.messages("ru")
    said = {"msgstr[0] ": "одна задача", "msgstr[1] ": "{count} задачи", "msgstr[2] ": "{count} задач"}
    text = path.read_text("utf-8")
    for form, words in said.items():
        text = text.replace(f'{form}""', f'{form}"{words}"')
    path.write_text(text, "utf-8")
    assert [line.split("”: ")[1] for line in complaints()] == ["has the places none; the source has {count}"]


def test_the_glossary_is_asked_and_a_translator_may_object(done, complaints):
    """A remark in the entry says that the word is not the term here."""
    done.shelf.glossary.write_text((ROOT / "translations/glossary.toml").read_text("utf-8"), "utf-8")
    assert complaints() == []
    _spoil(done, "ru", "The first task", "Первое задание")
    assert len(complaints()) == 1
    assert "the glossary says задач for “task”" in complaints()[0]
    path = done.shelf.catalogue("ru", LESSON)
    path.write_text(
        path.read_text("utf-8").replace("#. heading\n#: title\n", "# not a term: task\n#. heading\n#: title\n")
    )
    assert complaints() == []


@pytest.mark.parametrize("trace", ["<object at 0x7f3a2b4c5d60>", "/ho" + "me/ann/x.py", "ipykernel_4711"])
def test_outputs_that_tell_of_one_run_are_seen(course, trace):
    """Addresses in memory and folders of a machine make the next run differ."""
    output = {"output_type": "stream", "name": "stdout", "text": [f"it is {trace}\n"]}
    course.write(Cell("run", "code", "print(it)", {}, (output,), 1))
    assert len(check("en", course.shelf)) == 1
    course.write(Cell("run", "code", "print(it)", {}, (output | {"text": ["it is 0x2a, in labq/app\n"]},), 1))
    assert check("en", course.shelf) == ()


def test_a_value_hidden_by_a_semicolon_is_seen(course):
    """IPython hides it from a reader and shows it to nbval, which then finds an output too many."""
    course.write(Cell("run", "code", "ax.plot([1, 2]);\n", {}, (), 1))
    assert [problem.place for problem in check("en", course.shelf)] == [f"notebooks/en/{LESSON}.ipynb: cell run"]


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("Задача «ждёт» — и ещё как.", 0),
        ('Задача "ждёт".', 2),
        ("Она еще тут.", 1),
        ("Воркер берет задачу и идет дальше.", 2),
        ("Все задачи уже узнает тот, чем бы он ни был занят; он выберет и примет.", 0),
        ("Подтвержденное сообщение", 1),
        ("Зaдача", 1),
        ("Celery-задача и ack'и", 0),
        ("задача - это функция", 1),
        (f"**{MASK}**-задача и **слово**", 0),
        ("**«слово»**ми", 1),
    ],
)
def test_russian_is_set_as_russian(words, wrong):
    """« », ё where a word demands it, a real dash, one alphabet in a word."""
    assert len(list(russian(words))) == wrong


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("任务在队列中等待，直到 worker（工作进程）取走它。", 0),
        ("任务,队列", 1),
        ("任务在等待.", 1),
        ("worker(工作进程)取走它", 2),
        ("worker （工作进程）", 1),
        ("任务。 队列", 1),
        ('这是"任务"。', 2),
        (f"{MASK}, {MASK} 和任务", 1),
        (f"{MASK}、{MASK}和 Celery 5.7, RabbitMQ 任务", 0),
        ("**任务（task）**是函数", 1),
        ("**任务**（task）是函数", 0),
        (f"先看**{MASK}**的结果", 1),
        ("just English, here.", 0),
        ("3:00 时 1.5 秒", 0),
    ],
)
def test_chinese_is_set_as_chinese(words, wrong):
    """Full-width punctuation without spaces; emphasis that markdown can see between ideographs."""
    assert len(list(chinese(words))) == wrong


@pytest.fixture(scope="module")
def terms() -> Glossary:
    """The glossary of the project."""
    return load(ROOT / "translations/glossary.toml")


@pytest.mark.parametrize(
    ("message", "said", "lang", "missing"),
    [
        ("Tasks wait.", "Задачи ждут.", "ru", []),
        ("Tasks wait.", "Задания ждут.", "ru", ["task"]),
        ("a task-received event", "событие", "ru", []),
        ("by routing key", "по ключу маршрутизации", "ru", []),
        ("It is requeued.", "Он вернёт сообщение обратно в очередь.", "ru", []),
        ("It is requeued.", "Он вернётся.", "ru", ["requeue"]),
        ("The worker waits.", "工作进程在等待。", "zh", []),
        ("The broker waits.", "服务器在等待。", "zh", ["broker"]),
        ("Retried twice", "Повторён дважды", "ru", []),
    ],
)
def test_terms_are_found_in_each_of_their_forms(terms, message, said, lang, missing):
    """Russian endings, Chinese synonyms, English plurals."""
    assert [term.english[0] for term in terms.missing(message, said, lang)] == missing


def test_what_the_glossary_prefers_is_what_it_allows(terms):
    """The translation that people read in the glossary passes its own check."""
    for term in terms.terms:
        for lang, canonical in term.preferred.items():
            assert term.is_said_in(canonical, lang), term
