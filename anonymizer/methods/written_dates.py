"""Dates and times as people write them: flat text in, where they stand out.

A number with a unit is a measure and no date.  A day without a year is found only where the data
set has a date of that day, or the month is written in full.
"""

from __future__ import annotations

import re
from functools import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.dicom.identity import Found

UNIT = (
    r"\s?(?:%|°|(?:mm|cm|m|um|μm|nm|ms|s|sec|min|h|hz|khz|mhz|ghz|kv|kvp|kev|mev|mv|ma|mas|t|mt|g|mg"
    r"|kg|ml|cc|l|dl|gy|cgy|mgy|msv|mbq|gbq|kbq|bq|mci|mmhg|hu|deg|grad|px|pixels?|slices?|fps|bpm"
    r"|mm2|cm2|mm3|cm3)(?![^\W_]))"
)
"""What makes a number a measure."""

_YEAR = r"(?:1[89]|2[01])\d\d"
_SHORT_YEAR = r"['’]?\d\d(?![\d])(?![.,/]\d)"
_CLOCK = r"(?:[01]?\d|2[0-3])"
_TAIL = (
    rf"(?:[t_ ]{_CLOCK}:?[0-5]\d(?::?[0-5]\d(?:[.,]\d{{1,6}})?)?"
    r"(?:\s?z\b|\s?[+-]\d\d:?\d\d)?(?!\d))?"
)
_NOT_BEFORE = r"(?<!\d)(?<!\d[.,/])"

_MONTHS = (
    "january jan januar jaenner janner janvier janv enero ene gennaio gen janeiro januari ianuarie"
    " tammikuu tammikuuta styczen stycznia sty leden ledna ocak январь января янв ιανουαριοσ"
    " ιανουαριου ιαν januar január siječanj",
    "february feb februar feber fevrier fevr fev febrero febbraio febb fevereiro februari februarie"
    " helmikuu helmikuuta luty lutego lut unor unora subat февраль февраля фев φεβρουαριοσ"
    " φεβρουαριου φεβ veljača",
    "march mar marz maerz mrz mars marzo março marco maart mrt marts martie maaliskuu maaliskuuta"
    " marzec marca brezen brezna mart март марта мар μαρτιοσ μαρτιου μαρ marcius ozujak",
    "april apr avril avr abril abr aprile aprilie huhtikuu huhtikuuta kwiecien kwietnia kwi duben"
    " dubna nisan апрель апреля апр απριλιοσ απριλιου απρ aprilis travanj",
    "may mai mayo maggio mag maio mei maj toukokuu toukokuuta maja kveten kvetna mayis май мая маи"
    " μαιοσ μαιου majus svibanj",
    "june jun juni juin junio giugno giu junho iunie kesakuu kesakuuta czerwiec czerwca cze cerven"
    " cervna haziran июнь июня июн ιουνιοσ ιουνιου ιουν junius lipanj",
    "july jul juli juillet juil julio luglio lug julho iulie heinakuu heinakuuta lipiec lipca lip"
    " cervenec cervence temmuz июль июля июл ιουλιοσ ιουλιου ιουλ julius srpanj",
    "august aug aout agosto ago augustus augusti elokuu elokuuta sierpien sierpnia sie srpen srpna"
    " agustos август августа авг αυγουστοσ αυγουστου αυγ augusztus kolovoz",
    "september sept sep septembre septiembre settembre set setembro syyskuu syyskuuta wrzesien"
    " wrzesnia wrz zari eylul сентябрь сентября сен сент σεπτεμβριοσ σεπτεμβριου σεπ szeptember"
    " septembrie rujan",
    "october oct oktober okt octobre octubre ottobre ott outubro out lokakuu lokakuuta pazdziernik"
    " pazdziernika paz rijen rijna ekim октябрь октября окт οκτωβριοσ οκτωβριου οκτ octombrie"
    " listopad",
    "november nov novembre noviembre novembro marraskuu marraskuuta listopada lis listopadu kasim"
    " ноябрь ноября ноя νοεμβριοσ νοεμβριου νοε noiembrie studeni",
    "december dec dezember dez decembre diciembre dic dicembre dezembro joulukuu joulukuuta"
    " grudzien grudnia gru prosinec prosince aralik декабрь декабря дек δεκεμβριοσ δεκεμβριου δεκ"
    " decembrie prosinac desember des",
)
"""The names of the months as flat text, of January first."""

_NO_MONTH_ALONE = frozenset("may mars mart march marco maj mai mei set out gen lis lip".split())
"""Words that also mean something else, so that a day before them does not make a date."""


@cache
def _month_numbers() -> dict[str, int]:
    return {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}


_by_year = re.compile(
    rf"(?<!\d)(?<!\d\.){_YEAR}(?P<s>[-./_ ]|\. )(?P<b>\d{{1,2}})(?P=s)(?P<a>\d{{1,2}})(?!\d){_TAIL}"
).finditer
_by_day = re.compile(
    rf"{_NOT_BEFORE}(?P<a>\d{{1,2}})(?P<s>\. |, |[-./_ ])(?P<b>\d{{1,2}})(?P=s)"
    rf"(?:{_YEAR}(?!\d)|(?<! ){_SHORT_YEAR}){_TAIL}"
).finditer
_by_month = re.compile(
    rf"(?<![\d.,/-])(?:(?:0?[1-9]|1[0-2])\s?[/-]\s?{_YEAR}|{_YEAR}[/-](?:0[1-9]|1[0-2]))(?![\d/-])"
).finditer
_without_year = re.compile(
    r"(?<![^\W_])(?<![.,/-])(?P<a>\d{1,2})[./-](?P<b>\d{1,2})\.?(?![\d/-])"
).finditer
_eastern = re.compile(
    r"(?:\d{2,4}|(?:令和|平成|昭和|大正)\s?(?:元|\d{1,2}))\s?[年년]"
    r"(?:\s?\d{1,2}\s?[月월](?:\s?\d{1,2}\s?[日일号])?)?"
    r"|\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일号]"
).finditer


@cache
def _by_name() -> re.Pattern[str]:
    month = "|".join(sorted(_month_numbers(), key=len, reverse=True))
    return re.compile(
        r"(?:(?<![^\W_])(?P<a>\d{1,2})(?:st|nd|rd|th|er|o)?[\s./-]{0,3}(?:de |of )?)?"
        rf"(?<![^\W\d_])(?P<m>{month})(?![^\W\d_])"
        rf"(?:[.\s/'’-]{{0,3}}(?P<b>\d{{1,2}})(?:st|nd|rd|th)?(?![\d/])(?![.,]\d)(?!{UNIT})"
        rf"(?:,?\s{{0,2}}(?P<z>{_YEAR}))?"
        rf"|[.,'’\s/-]{{0,3}}(?:(?:de|del) )?(?P<y>{_YEAR}))?"
        r"(?!\d)"
    )


_two_numbers = re.compile(r"\d[-./_ ,]{1,3}\d").search
_times = re.compile(
    rf"(?<![\d:.,/]){_CLOCK}(?:"
    r":[0-5]\d(?::[0-5]\d(?:[.,]\d{1,6})?)?(?:\s?[ap]\.?m\b\.?)?(?![\d:])"
    r"|\s?[ap]\.?m\b\.?"
    r"|\s?h\s?[0-5]\d(?!\d)"
    r"|(?:[.:][0-5]\d)?\s?(?:uhr|o'clock)\b"
    r"|\s?[時点시](?:\s?\d{1,2}\s?[分분](?:\s?\d{1,2}\s?[秒초])?)?)"
).finditer
_is_measure = re.compile(UNIT).match


def dates_and_times(
    flat: str, words: frozenset[str], days: frozenset[tuple[int, int]]
) -> Iterator[Found]:
    """``words`` are those of the text; ``days`` are those of the data set, (month, day)."""
    if _two_numbers(flat):
        yield from _of_numbers(flat, days)
    if not words.isdisjoint(_month_numbers()):
        for match in _by_name().finditer(flat):
            if _is_named(match, flat, days):
                yield match.span()
    if not flat.isascii():
        yield from (match.span() for match in _eastern(flat))
    yield from (match.span() for match in _times(flat))


def _of_numbers(flat: str, days: frozenset[tuple[int, int]]) -> Iterator[Found]:
    yield from (match.span() for match in _by_year(flat) if _days_of(match))
    for match in _by_day(flat):
        possible = _days_of(match)
        if possible and (possible & days or not _is_measure(flat, match.end())):
            yield match.span()
    yield from (m.span() for m in _by_month(flat) if not _is_measure(flat, m.end()))
    if days:
        yield from (m.span() for m in _without_year(flat) if _is_known(m, flat, days))


def _days_of(match: re.Match[str]) -> set[tuple[int, int]]:
    """(month, day) in either order, as far as there are such."""
    one, other = int(match["a"]), int(match["b"])
    return {(m, d) for m, d in ((one, other), (other, one)) if 1 <= m <= 12 and 1 <= d <= 31}


def _is_known(match: re.Match[str], flat: str, days: frozenset[tuple[int, int]]) -> bool:
    """Whether ``31.01.`` or ``1/31`` is a day of the data set."""
    long = len(match["a"]) + len(match["b"]) > 2
    return long and bool(_days_of(match) & days) and not _is_measure(flat, match.end())


def _is_named(match: re.Match[str], flat: str, days: frozenset[tuple[int, int]]) -> bool:
    name, day = match["m"], match["a"] or match["b"]
    if match["y"] or match["z"] or (match["a"] and match["b"]):
        return True
    if not day or not 1 <= int(day) <= 31:
        return False
    if (_month_numbers()[name], int(day)) in days:
        return True
    return len(name) > 4 and name not in _NO_MONTH_ALONE and not _is_measure(flat, match.end())
