"""Read what is written with digits: money, dates, times, measures, ranges, fractions, telephone numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from anyscribe.alignment.sphinx.reading.abbreviations import MONTH_NAMES
from anyscribe.alignment.sphinx.reading.dates import (
    day_of_month,
    decade,
    iso_date,
    nth,
    numeric_date,
    short_year,
    time_of_day,
)
from anyscribe.alignment.sphinx.reading.numerals import (
    cardinal,
    counts,
    digits,
    number,
    ordinal,
    pairs,
    plural,
    whole_number,
)
from anyscribe.alignment.sphinx.reading.readings import Place, Readings, alongside, distinct, joined
from anyscribe.alignment.sphinx.reading.units import CURRENCIES, MAGNITUDES, UNITS

if TYPE_CHECKING:
    from collections.abc import Callable

_NUMBER: Final = r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"


def _any_of(symbols: object) -> str:
    return "|".join(re.escape(symbol) for symbol in sorted(symbols, key=len, reverse=True))  # type: ignore[call-overload]


_CURRENCY: Final = _any_of(CURRENCIES)
_MAGNITUDE: Final = _any_of(MAGNITUDES)
_UNIT: Final = _any_of(UNITS)
_LONGEST: Final = 40
"""A longer token is read in parts: it is not said as one number."""

_NIL: Final[Readings] = (("nil",), ("zero",), ("love",))
_HALVES: Final = 2
_FOURTHS: Final = 4
_LONGEST_FRACTION: Final = len("1,000,000,000")


def figure(core: str, place: Place) -> Readings:
    """Read a token that is written with digits.

    Args:
        core: The token without outer punctuation, simplified as in `anyscribe.alignment.sphinx.reading.spoken`.
        place: Its neighbours, which distinguish a day from a count.

    Returns:
        The readings; empty if the whole token is not of a known kind.
    """
    if len(core) > _LONGEST:
        return ()
    for pattern, read in _KINDS:
        if (match := pattern.fullmatch(core)) and (found := read(match, place)):
            return distinct(found)
    return ()


def is_number(core: str) -> bool:
    """Return whether a token is a plain number, so that a unit may follow it."""
    return bool(_PLAIN.fullmatch(core))


def money_of(core: str) -> str | None:
    """Find the currency of an amount whose magnitude may stand in the next token: ``$5`` of ``$5 million``.

    Returns:
        The key in `CURRENCIES`; None if it is no such amount.
    """
    match = _MONEY.fullmatch(core)
    return match["sign"] if match and not match["magnitude"] else None


_PLAIN: Final = re.compile(rf"[-+~]?{_NUMBER}(?:-{_NUMBER})?")
_MONEY: Final = re.compile(rf"-?(?P<sign>{_CURRENCY})-?(?P<amount>{_NUMBER})-?(?P<magnitude>{_MAGNITUDE}|)")
_AMOUNT: Final = re.compile(rf"{_NUMBER}(?:{_MAGNITUDE}|)")
_MEASURE: Final = re.compile(rf"({_NUMBER})-?({_UNIT})")
_ALPHA_MONEY: Final = re.compile(rf"(?P<amount>{_NUMBER})(?P<magnitude>{_MAGNITUDE}|)(?P<sign>{_CURRENCY})")


def _plain(match: re.Match[str], place: Place) -> Readings:
    text = match[0]
    if day := day_of_month(text, place):
        return day
    if place.before in CURRENCIES:
        return _money(text, place.before, "")
    return number(text, as_year=place.after.lower() not in {"people", "years", "hours", "words", "percent", "%"})


def _money_match(match: re.Match[str], place: Place) -> Readings:
    said = _money(match["amount"], match["sign"], match["magnitude"], bare=place.after.lower() in MAGNITUDES)
    return joined([(("minus",), ()), said]) if match[0].startswith("-") else said


def _money(amount: str, sign: str, magnitude: str, *, bare: bool = False) -> Readings:
    if bare:
        return number(amount, as_year=False)
    one, many, cent, cents = (tuple(name.split()) for name in CURRENCIES[sign])
    if magnitude:
        tail = (MAGNITUDES[magnitude],)
        return joined([number(amount, as_year=False), ((*tail, *many), (*tail, *one), tail)])
    whole, _, part = amount.replace(",", "").partition(".")
    name, other = (one, many) if whole == "1" else (many, one)
    if len(part) != len("50"):
        return joined([number(amount, as_year=False), (name, other, ())])
    parts = cardinal(int(part))
    subunits = (*parts, *(cent if part == "01" else cents))
    if not whole.strip("0"):
        return (subunits, parts, ("zero", "point", *digits(part), *many))
    wholes = number(amount.partition(".")[0], as_year=False)
    if part == "00":
        return joined([wholes, (name,)])
    short = ("oh", *parts) if part.startswith("0") else parts
    said = [(*wholes[0], *name, *parts), (*wholes[0], *name, "and", *subunits), (*wholes[0], *short)]
    if wholes[1:]:
        said += [(*wholes[1], *name, *parts), (*wholes[1], *name, "and", *subunits)]
    # Some voices pass over a sign that they do not know.
    return (*said, (*wholes[0], *name, *subunits), number(amount, as_year=False)[0])


def _percent(match: re.Match[str], _: Place) -> Readings:
    return joined([number(match[1], as_year=False), (("percent",),)])


def _fraction(match: re.Match[str], place: Place) -> Readings:
    """Read ``3/4``, also ``3 3/4``, which is written as one."""
    whole, *parts = match.groups()
    if max(map(len, parts)) > _LONGEST_FRACTION:
        return ()
    above, below = (int(part.replace(",", "")) for part in parts)
    top, bottom = cardinal(above), cardinal(below)
    named = _named_fraction(above, below) if above < below or whole else ()
    if whole:
        return joined([number(whole, as_year=False), tuple(("and", *reading) for reading in named[:2])])
    if named and place.before.isdigit():
        return (*(("and", *reading) for reading in named[:2]), *named[:2])
    ways = ((), ("over",), ("out", "of"), ("slash",))
    return (*named[:4], *((*top, *way, *bottom) for way in ways))


def _named_fraction(above: int, below: int) -> Readings:
    top, is_single = cardinal(above), above == 1
    if below == _HALVES:
        return (("one", "half"), ("a", "half"), ("half", "a"), ("half",)) if is_single else ((*top, "halves"),)
    which = ordinal(below)
    named = [(*top, *which) if is_single else (*top, *which[:-1], plural(which[-1]))]
    if below == _FOURTHS:
        named.insert(0, (*top, "quarter" if is_single else "quarters"))
    return distinct([*named, *(("a", *way[1:]) for way in named if is_single)])


def _feet(match: re.Match[str], _: Place) -> Readings:
    feet = number(match[1], as_year=False)[0]
    if not match[2]:
        return ((*feet, "feet"), (*feet, "foot"), (*feet, "minutes"))
    inches = cardinal(int(match[2]))
    return ((*feet, "foot", *inches), (*feet, "feet", *inches, "inches"), (*feet, *inches))


def _telephone(match: re.Match[str], _: Place) -> Readings:
    text = match[0]
    groups = [part for part in re.split(r"[^0-9]+", text) if part]
    if sum(map(len, groups)) < len("5550142") or (len(groups) == 1 and text[0] != "+"):
        return ()
    plus: Readings = (("plus",), ()) if text[0] == "+" else ()
    rows = [
        distinct([digits(group, zero="oh"), digits(group), *(counts(int(group))[:1] if group.endswith("00") else ())])
        for group in groups
    ]
    return joined([plus, *rows])


def _version(match: re.Match[str], _: Place) -> Readings:
    mark, parts = match[1], match[2].split(".")
    counted = [whole_number(part, as_year=False)[0] for part in parts]
    spelled = [digits(part) if len(part) > len("99") else cardinal(int(part)) for part in parts]
    said = tuple(
        (*first, *(word for other in others for word in (*sign, *other)))
        for sign in (("point",), ("dot",), ())
        for first, *others in (counted, spelled)
    )
    return joined([(("version",), ("v",)), said]) if mark else said


def _signed(match: re.Match[str], place: Place) -> Readings:
    signs: dict[str, Readings] = {
        "-": (("minus",), ("negative",), ()),
        "+": (("plus",), ()),
        "±": (("plus", "or", "minus"), ("plus", "minus")),
        "~": (("about",), (), ("approximately",), ("around",)),
        "≈": (("about",), ("approximately",)),
        "<": (("less", "than"), ("under",)),
        ">": (("more", "than"), ("greater", "than"), ("over",)),
        "≤": (("at", "most"), ("less", "than", "or", "equal", "to")),
        "≥": (("at", "least"), ("greater", "than", "or", "equal", "to")),
        "#": (("number",), ("hashtag",), ("pound",), ()),
        "§": (("section",),),
        "x": (("x",), ("times",), ("by",)),
        "@": (("at",),),
        "=": (("equals",),),
    }
    rest = figure(match[2], place)
    return joined([signs[match[1]], rest]) if rest else ()


def _more(match: re.Match[str], place: Place) -> Readings:
    rest = figure(match[1], place)
    return joined([rest, (("plus",), ())]) if rest else ()


def _product(match: re.Match[str], place: Place) -> Readings:
    first, second = figure(match[1], place), figure(match[2], place)
    return joined([first, (("by",), ("times",), ("x",)), second]) if first and second else ()


def _power(match: re.Match[str], place: Place) -> Readings:
    exponent = figure(match[2], place)
    return joined([number(match[1], as_year=False), (("to", "the"), ("to", "the", "power", "of")), exponent])


def _range(match: re.Match[str], place: Place) -> Readings:
    """Read ``10-20``, ``1939-45``, ``$10-20``, ``10-20km``, scores."""
    first, second = match.groups()
    near = Place("", place.after if place.after in MONTH_NAMES else "")
    money, unit = _MONEY.fullmatch(first), _MEASURE.fullmatch(second)
    if money and _AMOUNT.fullmatch(second):
        second = f"{money['sign']}{second}"
        start = distinct([*number(money["amount"], as_year=False)[:1], *figure(first, near)])
    elif unit and re.fullmatch(_NUMBER, first):
        start = number(first, as_year=False)
    else:
        start = figure(first, near)
    end = figure(second, near)
    if not start or not end:
        return ()
    between: Readings = (("to",), (), ("through",))
    if "0" in (first, second):
        # The score of a match.
        start, end = (_NIL if text == "0" else said for text, said in ((first, start), (second, end)))
        between = ((), ("to",))
    if len(start) > 1 < len(end):
        alike = [way for word in ((("to",),), ()) for way in alongside([start[:2], word, end[:2]])]
        return distinct([*alike, *joined([start, (("to",),), end])])
    return joined([start, between, end])


def _ratio(match: re.Match[str], _: Place) -> Readings:
    return joined([number(match[1], as_year=False), (("to",), ()), number(match[2], as_year=False)])


def _lines(match: re.Match[str], _: Place) -> Readings:
    """Read how fine a picture is: ``1080p``."""
    return ((*pairs(match[1]), match[2]), (*cardinal(int(match[1])), match[2]))


def _with_unit(match: re.Match[str], _: Place) -> Readings:
    return _measure(match[1], match[2])


def _measure(amount: str, unit: str) -> Readings:
    return joined([number(amount, as_year=False), unit_readings(unit, one=amount == "1")])


def unit_readings(unit: str, *, one: bool) -> Readings:
    """Say a unit after a number: ``kilometers``, ``kilometer``, then other ways.

    Args:
        unit: A key of `UNITS`.
        one: Whether the number is 1.
    """
    single, several, *others = UNITS[unit]
    return distinct([single, several, *others] if one else [several, single, *others])


_KINDS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Place], Readings]], ...]] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (r"([0-9]{4})[-/.]([0-9]{2})[-/.]([0-9]{2})", iso_date),
        (r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})", numeric_date),
        (r"[0-9]{3}[-.][0-9]{3}[-.][0-9]{4}", _telephone),
        (r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?([aApP]\.?[mM]|h|)", time_of_day),
        (r"([0-9]{1,2})\.([0-9]{2})()([aApP]\.?[mM])", time_of_day),
        (r"([0-9]{1,2})()()([aApP]\.?[mM])", time_of_day),
        (r"([0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4})(?:st|nd|rd|th|ST|ND|RD|TH)", nth),
        (r"'?([0-9]{1,4})'?s", decade),
        (r"'([0-9]{2})", short_year),
        (_NUMBER, _plain),
        (_MONEY.pattern, _money_match),
        (_ALPHA_MONEY.pattern, _money_match),
        (rf"({_NUMBER})%", _percent),
        (r"(?:([0-9]+) )?([0-9][0-9,]*)/([0-9][0-9,]*)", _fraction),
        (rf"({_NUMBER})'(?:([0-9]{{1,2}})(?:''|\")?)?", _feet),
        (r"([vV]?)([0-9]{1,5}(?:\.[0-9]{1,5}){2,5})", _version),
        (r"([vV])([0-9]{1,5}(?:\.[0-9]{1,5})*)", _version),
        (r"\+?\(?[0-9]{1,5}\)?(?:[-./()]*[0-9]{2,5}){1,5}", _telephone),
        (r"(240|360|480|720|1080|1440|2160)([pi])", _lines),
        (_MEASURE.pattern, _with_unit),
        (r"([^\s-]+)-([^\s-]+)", _range),
        (r"([0-9]+):([0-9]+)", _ratio),
        (r"([-+±~≈<>≤≥#§x@=])([^-+±~≈<>≤≥#§x@=].*)", _signed),
        (r"(.*[0-9A-Za-z%])\+", _more),
        (r"([0-9]{1,15})\^(-?[0-9]{1,15})", _power),
        (r"([0-9.,]+)[x*]([0-9.,]+[a-z]*)", _product),
    )
)
