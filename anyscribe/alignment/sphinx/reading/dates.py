"""Read days, years and times of day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anyscribe.alignment.sphinx.reading.abbreviations import MONTH_NAMES, MONTHS
from anyscribe.alignment.sphinx.reading.numerals import cardinal, digits, ordinal, plural, whole_number
from anyscribe.alignment.sphinx.reading.readings import Place, Reading, Readings, distinct, joined

if TYPE_CHECKING:
    import re

_DAYS: Final = range(1, 32)
_HOURS: Final = range(25)
_MINUTES: Final = range(60)
_NOON: Final = 12
_HALF: Final = 30
_QUARTERS: Final[dict[int, Reading]] = {15: ("quarter",), _HALF: ("half",), 45: ("quarter",)}
_SMALL: Final = range(10)


def nth(match: re.Match[str], place: Place) -> Readings:
    """Read ``21st``, beside a month as its day."""
    value = int(match[1].replace(",", ""))
    said = distinct([ordinal(value), ordinal(value, with_and=True)])
    if place.after in MONTH_NAMES:
        return (*said, ("the", *said[0], "of"), (*said[0], "of"))
    return (*said, ("the", *said[0])) if place.before in MONTH_NAMES else said


def decade(match: re.Match[str], _: Place) -> Readings:
    """Read ``1990s``, ``'90s``, ``747s``."""
    text = match[1]
    said = [(*reading[:-1], plural(reading[-1])) for reading in whole_number(text)]
    if len(text) == len("90") and text.endswith("0") and text != "00":
        said.append(("nineteen", *said[0]))
    return tuple(said)


def short_year(match: re.Match[str], _: Place) -> Readings:
    """Read ``'99``."""
    said = digits(match[1], zero="oh") if match[1][0] == "0" else cardinal(int(match[1]))
    return (said, ("nineteen", *said), ("two", "thousand", *cardinal(int(match[1]))))


def _date(day: int, month: int, year: str) -> list[Reading]:
    if day not in _DAYS or not 1 <= month <= len(MONTHS):
        return []
    name, which = MONTHS[month - 1].lower(), ordinal(day)
    said = _year_of_date(year)
    return [(name, *which, *said), ("the", *which, "of", name, *said)]


def _year_of_date(year: str) -> Reading:
    if len(year) == len("26"):
        return digits(year, zero="oh") if year[0] == "0" else cardinal(int(year))
    return whole_number(year)[0]


def iso_date(match: re.Match[str], _: Place) -> Readings:
    """Read ``2026-11-22``."""
    year, month, day = match.groups()
    said = _date(int(day), int(month), year)
    bare = joined([whole_number(year), whole_number(month), whole_number(day)])
    return (*said[:2], *bare[:2]) if said else ()


def numeric_date(match: re.Match[str], _: Place) -> Readings:
    """Read ``11/22/2026``: as Americans write dates, as others do, figure by figure."""
    first, sign, second, year = match.groups()
    american, british = _date(int(second), int(first), year), _date(int(first), int(second), year)
    if sign == "." or not american:
        american, british = british, american
    if not american:
        return ()
    figures = (cardinal(int(first)), cardinal(int(second)), _year_of_date(year))
    signs = {"/": "slash", ".": "dot", "-": "dash"}
    return distinct(
        [
            american[0],
            *british[1:2],
            figures[0] + figures[1] + figures[2],
            american[1],
            (*figures[0], signs[sign], *figures[1], signs[sign], *figures[2]),
            *british[:1],
        ]
    )


def day_of_month(number: str, place: Place) -> Readings:
    """Read the 3 of ``3 May`` or ``May 3``; nothing if no month stands beside it."""
    if not number.isdigit() or int(number) not in _DAYS:
        return ()
    which, count = ordinal(int(number)), cardinal(int(number))
    if place.after in MONTH_NAMES:
        return (("the", *which, "of"), which, count, (*which, "of"), ("the", *which))
    return (which, ("the", *which), count) if place.before in MONTH_NAMES else ()


def time_of_day(match: re.Match[str], place: Place) -> Readings:
    """Read ``9:30``, ``9.30am``, ``17:00``, ``7pm``, ``12:05:33``: hours, minutes, seconds, half of the day."""
    hours, minutes, seconds, half = match.groups()
    hour, minute = int(hours), int(minutes or 0)
    if hour not in _HOURS or minute not in _MINUTES:
        return ()
    tail: Reading = () if not half else ("hours",) if half.lower() == "h" else (half[0].lower(), "m")
    at = cardinal(hour)
    if seconds:
        past = [digits(part, zero="oh") if part[0] == "0" else cardinal(int(part)) for part in (minutes, seconds)]
        named = (*at, "hours", *cardinal(minute), "minutes", "and", *cardinal(int(seconds)), "seconds")
        return ((*at, *past[0], *past[1], *tail), named)
    if not minutes:
        return ((*at, *tail),)
    if not minute:
        sharp, *others = [(*at, *way, *tail) for way in ((), ("o'clock",), ("hundred",), ("oh", "oh"))]
        is_bare = tail or hour > _NOON or place.after.lower().replace(".", "") in {"am", "pm", "o'clock"}
        return (sharp, *others) if is_bare else (others[0], sharp, *others[1:])
    after = [("oh", *cardinal(minute)), cardinal(minute)] if minute in _SMALL else [cardinal(minute)]
    said = [(*at, *way, *tail) for way in after]
    if hours[0] == "0":
        said += [(zero, *said[0]) for zero in ("oh", "zero")]
    return (*said, *((*way, *tail) for way in _by_the_clock(hour, minute)))


def _by_the_clock(hour: int, minute: int) -> list[Reading]:
    """Say ``quarter past nine``, ``ten to four``."""
    if hour > _NOON or not hour or minute % 5:
        return []
    past_half = minute > _HALF
    words = _QUARTERS.get(minute) or cardinal(60 - minute if past_half else minute)
    way = (*words, "to" if past_half else "past", *cardinal(hour % _NOON + 1 if past_half else hour))
    return [way, ("a", *way)] if minute in (15, 45) else [way]
