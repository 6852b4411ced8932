"""Dates in numbers, in words of any language and in any zone: read for certain, or refused."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_datetime
from hypothesis import given, settings
from hypothesis import strategies as st

from nbexaminer.lms.dates import LANGUAGES, UnclearTimeError, instant, moment, order_of
from nbexaminer.lms.systems.exchange import read as exchange

# As Moodle's language packs have it, for 20 November 2026, 15:58.
MOODLE = {
    "en": "Friday, 20 November 2026, 3:58 PM",
    "de": "Freitag, 20. November 2026, 15:58",
    "fr": "vendredi 20 novembre 2026, 15:58",
    "es": "viernes, 20 de noviembre de 2026, 15:58",
    "it": "venerdì, 20 novembre 2026, 15:58",
    "pt": "sexta-feira, 20 de novembro de 2026 às 15:58",
    "nl": "vrijdag, 20 november 2026, 15:58",
    "pl": "piątek, 20 listopada 2026, 15:58",
    "ru": "пятница, 20 ноября 2026, 15:58",
    "uk": "пʼятниця 20 листопада 2026 15:58 PM",
    "zh": "2026年11月20日 星期五 15:58",
    "ja": "2026年 11月 20日(金曜日) 15:58",
    "ko": "금요일, 20 11월 2026, 03:58 오후",
    "tr": "Cuma, 20 Kasım 2026, 3:58 Öğleden sonra",
    "sv": "fredag, 20 november 2026, 15:58",
    "da": "fredag, 20. november 2026, 15:58",
    "fi": "perjantai, 20 marraskuuta 2026, 15:58",
    "cs": "pátek, 20. listopadu 2026, 15.58",
    "hu": "2026. november 20., péntek, 15:58",
    "ca": "divendres, 20 de novembre de 2026, 15:58",
    "el": "Παρασκευή, 20 Νοεμβρίου 2026, 03:58 μμ",
    "eu": "ostirala, 2026(e)ko azaroaren 20(e)an, 15:58(e)tan",
    "lt": "penktadienis, 2026 lapkričio 20, 15:58",
    "ar": "الجمعة، 20 نوفمبر 2026، 03:58 م",
    "hr": "petak, 20. studenoga 2026, 15:58",
}


@pytest.mark.parametrize("text", MOODLE.values(), ids=list(MOODLE))
def test_moodles_dates_are_read_in_its_languages(text: str) -> None:
    """Whatever stands between the day, the month and the time."""
    read = moment(text, "Europe/Berlin").isoformat()

    assert read == "2026-11-20T14:58:00+00:00"


@settings(deadline=None, max_examples=60)
@given(
    language=st.sampled_from([code for code in LANGUAGES if code not in ("ar", "fa", "he", "th")]),
    when=st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)),
)
def test_every_month_of_every_language_is_its_own(language: str, when: datetime) -> None:
    """Listopada is November in Polish and October in Croatian; the weekday tells the language."""
    text = format_datetime(when, "EEEE, d. MMMM y, HH:mm", locale=language)

    assert moment(text) == when.replace(second=0, microsecond=0, tzinfo=ZoneInfo("UTC"))


NUMBERS = {
    "ISO": ("2026-11-12T10:00:00Z", "2026-11-12T10:00"),
    "ISO with an offset": ("2026-11-12 10:00 +0100", "2026-11-12T09:00"),
    "an hour's offset": ("2026-11-12 10:00:00 -03", "2026-11-12T13:00"),
    "dots": ("12.11.2026 10:00", "2026-11-12T10:00"),
    "a day above 12": ("13/11/2026 10:00", "2026-11-13T10:00"),
    "a month second": ("11/13/2026 10:00 AM", "2026-11-13T10:00"),
    "two digits": ("12.11.26 10:00", "2026-11-12T10:00"),
    "midnight": ("Thu, 12 Nov 2026 12:00 AM GMT", "2026-11-12T00:00"),
    "a place": ("2026-11-12 10:00 Asia/Shanghai", "2026-11-12T02:00"),
}


@pytest.mark.parametrize(("text", "right"), NUMBERS.values(), ids=list(NUMBERS))
def test_dates_in_numbers_are_read_as_they_say(text: str, right: str) -> None:
    """A four-digit year in front, dots, or a number above 12 decides."""
    assert moment(text).isoformat().startswith(right)


def test_a_column_decides_for_its_rows() -> None:
    """One row above 12 is enough; a contradiction is none."""
    assert order_of(["12/11/2026", "13/11/2026"]) is True
    assert order_of(["12/11/2026", "11/13/2026"]) is False
    assert order_of(["12/11/2026", "2026-11-13"]) is None
    assert moment("12/11/2026", day_first=True).month == 11
    assert moment("12/11/2026", day_first=False).month == 12
    with pytest.raises(UnclearTimeError, match="has the day first and"):
        order_of(["13/11/2026", "11/13/2026"])


UNCLEAR = {
    "day or month": ("12/11/2026 10:00", "nothing says which"),
    "Central European Time": ("2026-11-20 10:00 CET", "is in CET, which UTC does not use then"),
    "in small letters": ("2026-11-20 10:00 est", "is in EST"),
    "words after it": ("2026-11-20 10:00 UTC or so", "ends in 'UTC or so'"),
    "no such place": ("2026-11-20 10:00 Mars/Olympus", "is no time zone"),
    "no such day": ("2026-02-30 10:00", "is no day of the calendar"),
    "no such hour": ("2026-11-20 25:00", "is no time of a day"),
    "no year": ("Friday, 3:58 PM", "is no time that can be read"),
    "no date": ("soon", "is no time that can be read"),
    "half a year": ("26-11-20", "is no time that can be read"),
    "a year of another calendar": ("20 พฤศจิกายน 2569, 15:58", "is in the year 2569"),
    "a slip in the year": ("0226-11-20 10:00", "is in the year 226"),
    "an offset too far": ("2026-11-20 10:00 +9900", "none exceeds 14 h"),
}


@pytest.mark.parametrize(("text", "says"), UNCLEAR.values(), ids=list(UNCLEAR))
@pytest.mark.filterwarnings("error")
def test_what_is_not_certain_is_refused(text: str, says: str) -> None:
    """No guess, no warning of Python's, and nothing is filled in from today."""
    with pytest.raises(UnclearTimeError, match=re.escape(says)):
        moment(text)
    assert instant(text) is None


def test_spain_s_half_of_the_day_is_no_zone() -> None:
    """The CLDR writes it with a no-break space: p. m."""
    for space in (" ", "\u00a0", "\u202f", ""):
        assert moment(f"viernes, 20 de noviembre de 2026, 3:58 p.{space}m.").hour == 15
        assert moment(f"20/11/2026 12:05 a.{space}m.").hour == 0


def test_an_abbreviation_counts_in_the_zone_that_uses_it() -> None:
    """CET is Berlin's in November, CEST in July; neither is a guess there."""
    assert moment("2026-11-20 10:00 CET", "Europe/Berlin").hour == 9
    assert moment("2026-07-20 10:00 CEST", "Europe/Berlin").hour == 8
    assert moment("2026-11-20 10:00 EST", "America/New_York").hour == 15
    assert moment("2026-11-20 10:00 CST", "Asia/Shanghai").hour == 2
    with pytest.raises(UnclearTimeError, match="is in CEST"):
        moment("2026-11-20 10:00 CEST", "Europe/Berlin")


def test_the_hour_that_comes_twice_is_told_apart_by_its_zone() -> None:
    """In October the clocks go back, and the abbreviation says which of the two it is."""
    early, late = (moment(f"2026-10-25 02:30 {zone}", "Europe/Berlin") for zone in ("CEST", "CET"))

    assert late - early == timedelta(hours=1)


STAMPS = {
    "with microseconds": ("2026-11-20 15:58:23.948203 CET", "2026-11-20T14:58:23"),
    "of older releases": ("2026-11-20 15:58:23 CET", "2026-11-20T14:58:23"),
    "without a zone": ("2026-11-20 15:58:23", "2026-11-20T14:58:23"),
    "with an offset": ("2026-11-20 15:58:23.948203 +0100", "2026-11-20T14:58:23"),
    "of a zone without a name": ("2026-11-20 15:58:23.948203 +03", "2026-11-20T12:58:23"),
    "west": ("2026-11-20 15:58:23.948203 -03", "2026-11-20T18:58:23"),
    "in UTC all the same": ("2026-11-20 15:58:23.948203 UTC", "2026-11-20T15:58:23"),
}


@pytest.mark.parametrize(("stamp", "right"), STAMPS.values(), ids=list(STAMPS))
@pytest.mark.parametrize("random", ["", "+x9-_A"])
def test_times_of_the_exchange_are_in_its_zone(stamp: str, right: str, random: str) -> None:
    """As nbgrader writes %Z and %z, with the random part and without."""
    label = exchange((f"a+b+sums+{stamp}{random}", "sums.ipynb"), "Europe/Berlin")

    assert label and label.time and label.time.isoformat().startswith(right)
    assert (label.number, label.assignment) == ("a+b", "sums")
