"""Dates as people and systems write them: read without a guess, in the zone that they are of.

What a text does not say for certain is refused: which of 12/11 is the month is decided by a whole
column or by whoever gives the command, and an abbreviation such as EST counts only in a time zone
that uses it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache

from babel import Locale
from dateutil import tz

from nbexaminer.text import shown

# Moodle's languages with month names of their own; English is tried first.
LANGUAGES = (
    "en", "ar", "bg", "ca", "cs", "da", "de", "el", "es", "et", "eu", "fa", "fi", "fr", "gl", "he",
    "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "nb", "nl", "nn", "pl", "pt", "ro", "ru", "sk",
    "sl", "sr", "sv", "th", "tr", "uk", "vi", "zh",
)  # fmt: skip
FILLERS = frozenset({"at", "e", "h", "hrs", "t", "tan", "uhr", "um"})
TIME = re.compile(
    r"(?<!\d)(?P<hour>\d{1,2})[:h時点點시]\s?(?P<minute>\d{2})[分분]?"
    r"(:(?P<second>\d{2})([.,](?P<part>\d{1,6})\d*)?)?(?!\d)"
)
DOTTED_TIME = re.compile(
    r"(?<![\d.])(?P<hour>\d{1,2})\.(?P<minute>\d{2})(\.(?P<second>\d{2}))?(?P<part>(?!))?(?![\d.])"
)
MORNING = r"a\.?\s?m\.?|上午|午前|오전|ص|π\.?μ\.?|öö|до полудня|vormittags|öğleden önce"
EVENING = r"p\.?\s?m\.?|下午|午後|오후|م|μ\.?μ\.?|ös|после полудня|nachmittags|öğleden sonra"
HALF = re.compile(rf"(?<!\w)(?:(?P<morning>{MORNING})|(?P<evening>{EVENING}))(?!\w)", re.IGNORECASE)
OFFSET = re.compile(
    r"(?:\b(?:UTC|GMT)\s?)?(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?\s*$"
)
PLACE = re.compile(r"[A-Za-z]+(/[A-Za-z0-9_+-]+)+\s*$")
YEAR_FIRST = re.compile(
    r"(?<!\d)(?P<year>\d{4})\s?[-/.年년]\s?(?P<month>\d{1,2})\s?[-/.月월]\s?(?P<day>\d{1,2})(?!\d)"
)
YEAR_LAST = re.compile(
    r"(?<!\d)(?P<one>\d{1,2})(?P<sign>[-/.])\s?(?P<two>\d{1,2})(?P=sign)\s?"
    r"(?P<year>\d{4}|(?<![-])\d{2})(?![\d.])"
)

YEARS = range(1990, 2200)  # another is a slip, or of another calendar (2569 is 2026 in Thailand)
COUNTED_MONTH = re.compile(r"(\d{1,2})\s?[月월]|tháng\s?(\d{1,2})(?!\d)", re.IGNORECASE)


class UnclearTimeError(ValueError):
    """A text names no moment for certain; the message says why, after the text itself."""


def order_of(texts: Iterable[str]) -> bool | None:
    """Return whether the day comes before the month in a column of dates; None if nothing says so.

    Dots mean day first; a number above 12 says which one is the day.

    Raises
    ------
    UnclearTimeError
        If one row says the one, and another the other.

    Examples
    --------
    >>> order_of(["12/11/2026", "13/11/2026"]), order_of(["12/11/2026"]), order_of(["12.11.2026"])
    (True, None, True)
    """
    said: dict[bool, str] = {}
    for text in texts:
        found = YEAR_LAST.search(text)
        if found and (found["sign"] == "." or int(found["one"]) > 12):
            said.setdefault(True, text)
        elif found and int(found["two"]) > 12:
            said.setdefault(False, text)
    if len(said) == 2:
        raise UnclearTimeError(
            f"{shown(said[True])!r} has the day first and {shown(said[False])!r} the month"
        )
    return next(iter(said), None)


def is_unclear(text: str) -> bool:
    """Whether the order of day and month decides what a text says.

    Examples
    --------
    >>> is_unclear("12/11/2026"), is_unclear("12.11.2026"), is_unclear("2026-11-12")
    (True, False, False)
    """
    found = YEAR_LAST.search(text)
    if not found or found["sign"] == ".":
        return False
    return found["one"] != found["two"] and max(int(found["one"]), int(found["two"])) <= 12


def moment(text: str, zone: str = "UTC", *, day_first: bool | None = None) -> datetime:
    """Return the moment that a text names, in UTC.

    Parameters
    ----------
    text : str
        As ISO 8601, in numbers, or as an LMS writes it in its language ("Friday, 20 November 2026,
        3:58 PM").
    zone : str
        Time zone of texts that name none, such as ``Europe/Berlin``.
    day_first : bool, optional
        Whether 12/11/2026 is in November; without it, such a text is refused.

    Raises
    ------
    UnclearTimeError
        If it names none for certain.

    Examples
    --------
    >>> moment("Freitag, 20. November 2026, 15:58", "Europe/Berlin").isoformat()
    '2026-11-20T14:58:00+00:00'
    """
    clean = unicodedata.normalize("NFKC", text)
    clean = "".join(c for c in clean if unicodedata.category(c) != "Cf").strip()
    date, time, rest = _parted(clean)
    naive = _day(date, day_first) + _since_midnight(time, date + " " + rest)
    rest = HALF.sub(" ", rest).strip(" ,.;)")
    place = _zone_of(rest, zone, naive)
    try:
        return naive.replace(tzinfo=place).astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise UnclearTimeError("is no time that can be read; 2026-11-20 15:58 is one") from error


def instant(text: str, zone: str = "UTC") -> datetime | None:
    """Return the moment that a text names, in UTC; None if it names none for certain.

    Examples
    --------
    >>> instant("Friday, 20 November 2026, 3:58 PM", "Europe/Berlin").isoformat()
    '2026-11-20T14:58:00+00:00'
    """
    try:
        return moment(text, zone)
    except UnclearTimeError:
        return None


def is_zone(name: str) -> bool:
    """Whether a time zone of this name is known."""
    try:
        return bool(name.strip()) and tz.gettz(name) is not None
    except (ValueError, OSError):
        return False


def local(when: datetime, zone: str) -> str:
    """Return a moment as people of a time zone write it, with the zone.

    Examples
    --------
    >>> local(datetime(2026, 11, 20, 14, 58, tzinfo=UTC), "Europe/Berlin")
    '2026-11-20 15:58 Europe/Berlin'
    """
    return f"{when.astimezone(tz.gettz(zone)):%Y-%m-%d %H:%M} {zone}"


def _parted(text: str) -> tuple[str, re.Match[str] | None, str]:
    """Return the date's words, the time of day, and what follows it: a half of the day, a zone."""
    found = TIME.search(text)
    if not found:
        days = YEAR_FIRST.search(text) or YEAR_LAST.search(text)
        found = DOTTED_TIME.search(text, days.end() if days else 0)
    if not found:
        return text, None, ""
    before, after = text[: found.start()], text[found.end() :]
    if re.search(r"\d", before):
        return before, found, after
    ahead = HALF.match(after.lstrip())  # "3:58 PM, 20 November 2026"
    return (after, found, ahead[0] if ahead else "") if after.strip() else (before, found, after)


def _since_midnight(time: re.Match[str] | None, words: str) -> timedelta:
    if time is None:
        return timedelta()
    hour, half = int(time["hour"]), HALF.search(words)
    if half and half["evening"] and hour < 12:
        hour += 12
    elif half and half["morning"] and hour == 12:
        hour = 0
    minute, second = int(time["minute"]), int(time["second"] or 0)
    if hour > 23 or minute > 59 or second > 59:
        raise UnclearTimeError("is no time of a day")
    part = int((time["part"] or "0").ljust(6, "0"))
    return timedelta(hours=hour, minutes=minute, seconds=second, microseconds=part)


def _day(text: str, day_first: bool | None) -> datetime:
    """Return midnight of the day that a text names, without a zone."""
    numbers = YEAR_FIRST.search(text)
    if numbers:
        return _midnight(int(numbers["year"]), int(numbers["month"]), int(numbers["day"]))
    found = YEAR_LAST.search(text)
    if not found:
        return _named_day(text)
    one, two, year = int(found["one"]), int(found["two"]), int(found["year"])
    first = True if day_first is None and found["sign"] == "." else day_first
    if first is None and one <= 12 and two <= 12 and one != two:
        raise UnclearTimeError("has its day first or its month: nothing says which")
    if first is None:
        first = two <= 12
    day, month = (one, two) if first else (two, one)
    return _midnight(year if year > 99 else 2000 + year, month, day)


def _named_day(text: str) -> datetime:
    """Return midnight of a day whose month has a name, in any of the languages."""
    numbers = re.findall(r"\d+", text)
    years = [int(n) for n in numbers if len(n) == 4]
    days = [int(n) for n in numbers if len(n) < 3]
    month = _month(_words(text))
    if len(numbers) == 1 and len(numbers[0]) == 8:
        whole = numbers[0]
        return _midnight(int(whole[:4]), int(whole[4:6]), int(whole[6:]))
    counted = COUNTED_MONTH.search(text)
    if counted and len(days) == 2:
        month = int(counted[1] or counted[2])
        days.remove(month)
    if len(years) != 1 or len(days) != 1 or not month:
        raise UnclearTimeError("is no time that can be read; 2026-11-20 15:58 is one")
    return _midnight(years[0], month, days[0])


def _midnight(year: int, month: int, day: int) -> datetime:
    if year not in YEARS:
        raise UnclearTimeError(f"is in the year {year}, in which no course is; write 2026-11-20")
    try:
        return datetime(year, month, day)
    except ValueError as error:
        raise UnclearTimeError("is no day of the calendar") from error


def _month(words: Sequence[str]) -> int:
    """Return the month that is among words; 0 if none is, or it depends on the language.

    The language that knows most of the words is right: listopada is November in Polish, beside
    piątek, and October in Croatian, beside petak.
    """
    english, *others = LANGUAGES
    best: dict[int, set[int]] = {}
    for language in (english, *others):
        months, days = _names(language)
        known = [w for w in words if _number(months, w) or w in days]
        numbers = {_number(months, w) for w in known if w not in days} or {
            _number(months, w) for w in known
        }
        if len(numbers - {0}) == 1:
            best.setdefault(len(known), set()).update(numbers - {0})
        if language == english and best and len(known) == len(set(words) - FILLERS):
            break
    likely = best[max(best)] if best else set()
    return likely.pop() if len(likely) == 1 else 0


def _number(months: Mapping[str, int], word: str) -> int:
    """Return the number of a month's name, which may have an ending of its language."""
    if word in months:
        return months[word]
    ends = [name for name in months if len(name) > 4 and word.startswith(name)]
    return months.get(max(ends, key=len, default=""), 0)


@cache
def _names(language: str) -> tuple[dict[str, int], frozenset[str]]:
    """Return a language's names of the months, with their numbers, and those of the weekdays."""
    locale = Locale.parse(language)
    months: dict[str, set[int]] = {}
    days: set[str] = set()
    for use in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in locale.months[use][width].items():
                for word in _words(name):
                    months.setdefault(word, set()).add(number)
            days.update(w for name in locale.days[use][width].values() for w in _words(name))
    sure = {word: numbers.pop() for word, numbers in months.items() if len(numbers) == 1}
    return sure, frozenset(days)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", unicodedata.normalize("NFKC", text).casefold())


def _zone_of(text: str, zone: str, naive: datetime) -> tzinfo:
    """Return the zone that stands at the end of a text, else the one of the table."""
    own: tzinfo | None = tz.gettz(zone)
    assert own is not None  # the command line refuses names of no zone
    offset, place = OFFSET.search(text), PLACE.search(text)
    named = offset or place
    words = [w for w in _words(text[: named.start()] if named else text) if w not in FILLERS]
    if len(words) + bool(named) > 1:
        raise UnclearTimeError(f"ends in {shown(text)!r}, which names no zone")
    if offset:
        span = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"] or 0))
        if span > timedelta(hours=14):
            raise UnclearTimeError(f"has an offset of {offset[0].strip()}, and none exceeds 14 h")
        return timezone(span if offset["sign"] == "+" else -span)
    if place:
        zone_there: tzinfo | None = tz.gettz(place[0].strip())
        if zone_there is None:
            raise UnclearTimeError(f"is in {shown(place[0].strip())}, which is no time zone")
        return zone_there
    return _abbreviated(words[0].upper(), own, zone, naive) if words else own


def _abbreviated(name: str, own: tzinfo, zone: str, naive: datetime) -> tzinfo:
    """Return the zone of an abbreviation: the table's own, at a time at which it uses it."""
    if name in ("UTC", "GMT", "Z"):
        return UTC
    for fold in (0, 1):
        there = naive.replace(tzinfo=own, fold=fold)
        if there.tzname() == name:
            return timezone(there.utcoffset() or timedelta())
    raise UnclearTimeError(
        f"is in {name}, which {zone} does not use then: --timezone names the zone, or write +0100"
    )
