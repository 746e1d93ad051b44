"""Numbers in English words: counts, ordinals, years, digits one by one, Roman numerals."""

from __future__ import annotations

import re
from typing import Final

from anyscribe.alignment.sphinx.reading.readings import Reading, Readings, distinct

_ONES: Final = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS: Final = ["_", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_THOUSANDS: Final = ("", "thousand", "million", "billion", "trillion", "quadrillion")
_LONGEST_COUNT: Final = 3 * len(_THOUSANDS)
_IRREGULAR_ORDINALS: Final = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_ROMAN: Final = re.compile(r"M{0,3}(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})")
_ROMAN_VALUES: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_PAIRED_DIGITS: Final = (3, 4)
_HUNDREDS_UNTIL: Final = 10_000
_YEARS: Final = range(1100, 2100)
_FEW_DIGITS: Final = 6
"""A row of more digits than these is rarely a count, unless it ends in zeros."""


def plural(word: str) -> str:
    """Say more than one of a number word: ``nineties``, ``sixes``, ``hundreds``."""
    if word.endswith("y") and not word.endswith(("ay", "ey", "oy", "uy")):
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s"


def cardinal(number: int, *, with_and: bool = False) -> Reading:
    """Say how many.

    Args:
        number: From 0 up to, not including, 10 to the power of 18.
        with_and: Whether to say it as the British do: ``one hundred and five``.
    """
    if number == 0:
        return ("zero",)
    words: list[str] = []
    for power in reversed(range(len(_THOUSANDS))):
        group = number // 1000**power % 1000
        if not group:
            continue
        hundreds, rest = divmod(group, 100)
        if hundreds:
            words += [_ONES[hundreds], "hundred"]
        if rest and with_and and (hundreds or (words and power == 0)):
            words.append("and")
        words += _below_hundred(rest)
        if power:
            words.append(_THOUSANDS[power])
    return tuple(words)


def ordinal(number: int, *, with_and: bool = False) -> Reading:
    """Say which one in a row: ``twenty first``; the arguments are those of `cardinal`."""
    *before, last = cardinal(number, with_and=with_and)
    if last in _IRREGULAR_ORDINALS:
        return (*before, _IRREGULAR_ORDINALS[last])
    return (*before, f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")


def digits(text: str, *, zero: str = "zero") -> Reading:
    """Say digits one by one.

    Args:
        text: Characters 0 to 9; any others are left out.
        zero: What the digit 0 is called.
    """
    return tuple(zero if digit == "0" else _ONES[int(digit)] for digit in text if digit.isascii() and digit.isdigit())


def pairs(text: str) -> Reading:
    """Say three or four digits as house numbers and years are said: ``three eighteen``, ``nineteen oh five``."""
    head, tail = text[:-2], text[-2:]
    last = ("hundred",) if tail == "00" else ("oh", *cardinal(int(tail))) if tail[0] == "0" else cardinal(int(tail))
    return (*cardinal(int(head)), *last)


def years(number: int) -> Readings:
    """Say a year of four digits: ``twenty twenty six``, ``two thousand twenty six``."""
    counts = (cardinal(number), cardinal(number, with_and=True))
    century, rest = divmod(number, 100)
    if century % 10 == 0 and rest < len("0123456789"):
        return distinct([*counts, pairs(str(number))] if rest else counts)
    if rest and century % 10:
        hundreds = (*cardinal(century), "hundred")
        return distinct(
            [pairs(str(number)), (*hundreds, "and", *cardinal(rest)), *counts, (*hundreds, *cardinal(rest))]
        )
    return distinct([pairs(str(number)), *counts])


def counts(number: int) -> Readings:
    """Say a count in American, British and careless ways: ``one hundred five``, ``a hundred and five``."""
    plain, british = cardinal(number), cardinal(number, with_and=True)
    found = [plain, british]
    if plain[0] == "one" and len(plain) > 1:
        found.append(("a", *british[1:]))
    hundreds, rest = divmod(number, 100)
    if number in range(1100, _HUNDREDS_UNTIL) and hundreds % 10:
        found.append((*cardinal(hundreds), "hundred", *(cardinal(rest) if rest else ())))
    return distinct(found)


def whole_number(text: str, *, as_year: bool = True) -> Readings:
    """Say a row of digits that has no thousands separators: a count, a year, or digit by digit.

    Args:
        text: Digits 0 to 9, at least one.
        as_year: Whether four of them may be a year.
    """
    if len(text) > _LONGEST_COUNT or (len(text) > 1 and text[0] == "0"):
        return distinct([digits(text, zero="oh"), digits(text)])
    number = int(text)
    if as_year and len(text) == len("2026") and number in _YEARS:
        return years(number)
    count = counts(number)
    if len(text) in _PAIRED_DIGITS and text[-2:] != "00":
        return distinct([*count, pairs(text), digits(text, zero="oh"), digits(text)])
    if len(text) < max(_PAIRED_DIGITS) or text.endswith("000"):
        return count
    one_by_one = [digits(text, zero="oh"), digits(text)]
    return distinct([*one_by_one, *count] if len(text) > _FEW_DIGITS else [*count[:2], *one_by_one])


def number(text: str, *, as_year: bool = True) -> Readings:
    """Say a number written with digits, thousands separators and a decimal point.

    Args:
        text: Such as ``1,250``, ``0.75`` or ``.5``.
        as_year: Whether four digits may be a year.
    """
    head, point, tail = text.partition(".")
    separated = "," in head
    head = head.replace(",", "")
    if not point:
        if separated and len(head) <= _LONGEST_COUNT:
            return counts(int(head))
        return whole_number(head, as_year=as_year)
    fraction = digits(tail)
    if head.strip("0") == "":
        oh = digits(tail, zero="oh")
        zero: list[Reading] = [("zero",), (), ("oh",), ("nought",)] if head else [(), ("zero",)]
        return distinct([(*zero[0], "point", *fraction), *((*before, "point", *oh) for before in zero)])
    whole = whole_number(head, as_year=False)
    found = [(*before, "point", *fraction) for before in whole[:2]]
    if "0" in tail:
        found.append((*whole[0], "point", *digits(tail, zero="oh")))
    if len(tail) == len("50") and tail[0] != "0":
        found += [(*whole[0], "point", *cardinal(int(tail))), (*whole[0], *cardinal(int(tail)))]
    return distinct(found)


def roman(text: str) -> int | None:
    """Value a Roman numeral in capitals, below 4000.

    Returns:
        None if it is not one.
    """
    if not text or not _ROMAN.fullmatch(text):
        return None
    values = [_ROMAN_VALUES[letter] for letter in text]
    return sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True))


def _below_hundred(number: int) -> list[str]:
    if number < len(_ONES):
        return [_ONES[number]] if number else []
    tens, ones = divmod(number, 10)
    return [_TENS[tens], *([_ONES[ones]] if ones else [])]
