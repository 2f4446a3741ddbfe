"""How Russian and Chinese are set: quotation marks, ё, dashes, full-width punctuation, emphasis that renders.

In comes a translation whose code spans, addresses and tags are masked; out go sentences about what is wrong in it, for
the translator. Next door: `checks` masks and asks.
Celery: no counterpart.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping

MASK = "\ue000"
"""Stands for a code span, an address or a tag."""

# Words that ё alone makes right: spelled with е they are no other word. A star stands for any ending.
_YO_WORDS = """
    ещё её неё нём моё твоё своё моём твоём своём чьё причём вперёд вдвоём втроём трёх* четырёх* твёрд* объём*
    подъём* приём приёма приёму приёмом приёме приёмы приёмов приёмник* наёмн* серьёзн* жёстк* партнёр* самолёт*
    полёт* ребёнок счёт счёта счёту счётом счёте счётчик* подсчёт* учёт учёта учёту учётом учёте расчёт* отчёт*
    зачёт* надёжн* ненадёжн* чётк* нечётк* чётн* нечётн* лёгкий лёгкая лёгкое лёгкие лёгкого лёгкой лёгких лёгким
    зелёный зелёная зелёное зелёные зелёного зелёной зелёных зелёным чёрный чёрная чёрное чёрные чёрного чёрной
    чёрных чёрным жёлтый жёлтая жёлтое жёлтые тёмный тёмная тёмное тёмные мёртвый мёртвая мёртвое мёртвые мёртвых
    имён времён нашёл пошёл пришёл ушёл прошёл дошёл подошёл произошёл перешёл идёт найдёт найдётся пойдёт придёт
    придётся уйдёт пройдёт перейдёт зайдёт дойдёт подойдёт произойдёт войдёт обойдёт обойдётся ждёт подождёт
    дождётся шлёт пришлёт отошлёт даёт даётся создаёт создаётся передаёт передаётся отдаёт отдаётся выдаёт
    выдаётся задаёт задаётся подаёт подаётся сдаётся раздаёт удаётся остаётся достаёт достаётся перестаёт встаёт
    попадёт упадёт пропадёт совпадёт вернёт вернётся начнёт начнётся займёт поймёт возьмёт ведёт ведётся приведёт
    переведёт проведёт несёт принесёт везёт живёт умрёт врёт берёт берётся соберёт разберёт отберёт прочтёт учтёт
    сочтёт бьёт подтверждён подтверждённ* завершён завершённ* определён определённ* включён включённ* отключён
    отключённ* подключён подключённ* решён решённ* разрешён разрешённ* запрещён запрещённ* удалён удалённ*
    разделён разделённ* распределён распределённ* сохранён сохранённ* приведён приведённ* учтён учтённ* возвращён
    возвращённ* помещён помещённ* размещён размещённ* защищён защищённ* упрощён упрощённ* отклонён отклонённ*
    перенесён перенесённ* введён введённ* переведён переведённ* произведён произведённ* сокращён сокращённ*
"""
_YO = re.compile(
    r"(?<!\w)(?:" + "|".join(word.replace("ё", "е").replace("*", r"\w*") for word in _YO_WORDS.split()) + r")(?!\w)",
    re.IGNORECASE,
)
_TWO_ALPHABETS = re.compile(r"\w*(?:[а-яёА-ЯЁ][a-zA-Z]|[a-zA-Z][а-яёА-ЯЁ])\w*")
_STRAIGHT = re.compile(r"[\"”]")
_HYPHEN_AS_DASH = re.compile(r"(?<=\S) [-–] (?=\S)")

# What stands in Chinese as a word: ideographs, and masked code among them.
_CJK = rf"[\u3400-\u4dbf\u4e00-\u9fff{MASK}]"
_FULL_WIDTH = "，。；：！？、（）《》「」『』【】“”"
_LATIN_MARK = re.compile(rf"(?<={_CJK})[,;:!?](?=\s|{_CJK}|$)|(?<={_CJK})\.(?=\s|$)|[,;:!?](?={_CJK})")
_LATIN_BRACKET = re.compile(rf"(?<={_CJK})\s*\(|\((?={_CJK})|(?<={_CJK})\)|\)\s*(?={_CJK})")
_SPACED_MARK = re.compile(rf"[ \t]+[{_FULL_WIDTH}]|[{_FULL_WIDTH}][ \t]+")
_STRAIGHT_QUOTE = re.compile(r"[\"']")
_IDEOGRAPH = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")

_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", re.DOTALL)


def russian(words: str) -> Iterator[str]:
    """Say what is wrong in a Russian text."""
    yield from _found(_STRAIGHT, words, "quotation marks are « » and not {found}")
    yield from _found(_YO, words, "ё is missing in {found}")
    yield from _found(_TWO_ALPHABETS, words, "{found} mixes Russian and Latin letters")
    yield from _found(_HYPHEN_AS_DASH, words, "a dash between words is —, not{found}")
    yield from _lost_emphasis(words)


def chinese(words: str) -> Iterator[str]:
    """Say what is wrong in a Chinese text; nothing in one without any Chinese."""
    if not _IDEOGRAPH.search(words):
        return
    plain = words.replace("**", "").replace("__", "")
    yield from _found(_LATIN_MARK, plain, "punctuation in Chinese is full-width, not {found}")
    yield from _found(_LATIN_BRACKET, plain, "brackets in Chinese are （ ）, not {found}")
    yield from _found(_SPACED_MARK, plain, "no space stands beside full-width punctuation: {found}")
    yield from _found(_STRAIGHT_QUOTE, plain, "quotation marks are “ ” or 「 」 and not {found}")
    yield from _lost_emphasis(words)


RULES: Mapping[str, Callable[[str], Iterator[str]]] = {"ru": russian, "zh": chinese}


def _found(rule: re.Pattern[str], words: str, complaint: str) -> Iterator[str]:
    """One complaint for each thing that a rule finds, with a little of what stands around it."""
    for match in rule.finditer(words):
        around = words[max(0, match.start() - 12) : match.end() + 12].replace(MASK, "…").replace("\n", " ")
        yield complaint.format(found=match[0]) + f" (in “{around}”)"


def _lost_emphasis(words: str) -> Iterator[str]:
    """Bold that markdown would show as stars.

    CommonMark opens emphasis only when the mark does not stand between a letter and a punctuation mark, and
    closes it likewise. English writes spaces there; Chinese writes none, so `**任务（task）**是` stays unformatted.
    """
    for match in _BOLD.finditer(words):
        before, after = words[: match.start()][-1:], words[match.end() :][:1]
        if (_is_mark(match[1][0]) and _is_letter(before)) or (_is_mark(match[1][-1]) and _is_letter(after)):
            yield f"markdown does not make {match[0].replace(MASK, '…')} bold here: move punctuation and code out of it"


def _is_mark(sign: str) -> bool:
    return sign == MASK or unicodedata.category(sign)[0] in "PS"


def _is_letter(sign: str) -> bool:
    return bool(sign) and not sign.isspace() and not _is_mark(sign)
