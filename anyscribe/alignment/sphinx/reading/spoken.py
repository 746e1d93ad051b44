"""What a reader says for each token of an English text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from anyscribe.alignment.sphinx.reading.abbreviations import (
    BEFORE_NUMBER,
    ELISIONS,
    NUMBERED_BY_ROMANS,
    REGNAL,
    SIGNS,
    SPELLED_DOMAINS,
    SPOKEN_DOMAINS,
    WITH_DOT,
    WITH_OR_WITHOUT_DOT,
)
from anyscribe.alignment.sphinx.reading.figures import figure, is_number, money_of, unit_readings
from anyscribe.alignment.sphinx.reading.numerals import cardinal, digits, ordinal, roman, whole_number
from anyscribe.alignment.sphinx.reading.punctuation import core_of, simplified, stage_directions
from anyscribe.alignment.sphinx.reading.readings import Place, Reading, Readings, distinct, joined
from anyscribe.alignment.sphinx.reading.units import (
    CURRENCIES,
    MAGNITUDES,
    NOT_ALONE,
    SINGLE_THINGS,
    UNITS,
    UNMISTAKABLE,
)
from anyscribe.alignment.sphinx.reading.words import CAMEL, possessive, word_readings

if TYPE_CHECKING:
    from collections.abc import Sequence

_PIECE: Final = re.compile(
    r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?(?:st|nd|rd|th|s)?(?![^\W_])|[0-9]+|[^\W\d_]+(?:'[^\W\d_]+)*'?|[^\w\s]|_"
)
_SPLITTING: Final = re.compile(
    r"[—/\\|…]|\.{2,}|--+|(?<=[^\W\d_])-|-(?=[^\W\d_])|(?<=[^\W\d_]{2})[.,:;!?]+(?=[^\W\d_]{2})"
)
_INITIALS: Final = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?")
_ADDRESS: Final = re.compile(
    r"(?P<scheme>https?://|)(?P<user>[\w.+%-]{1,64}@|)(?P<host>(?:[\w-]{1,63}\.){1,8}(?P<top>[a-zA-Z]{2,12}))"
    r"(?:(?::[0-9]+)?(?:[/?#].*|))"
)
_NUMBERED: Final = re.compile(r"([Nn]os?|[Ff]igs?|[Vv]ol|pp?|[Cc]h)\.([0-9]{1,9})")
_TITLES: Final[dict[str, tuple[Reading, Reading]]] = {
    "Dr": (("doctor",), ("drive",)),
    "St": (("saint",), ("street",)),
}
_BETWEEN_NUMBERS: Final[dict[str, Readings]] = {
    "-": (("to",), ("minus",), ()),
    "/": (("over",), ("slash",), ()),
    "*": (("times",), ()),
}
_BEFORE_NUMBERS: Final = frozenset("<>~#^→°")
_LONGEST: Final = 400
"""The rest of a longer token is left out: such a token is not read aloud."""


def readings(tokens: Sequence[str]) -> list[Readings]:
    """Return how each token of an English text may be read aloud.

    Args:
        tokens: The text, divided at whitespace, with its case and punctuation.

    Returns:
        For each token up to six ways to read it, likeliest first, each a tuple of lower-case words of letters and
        apostrophes; spelled letters are separate words. Empty for a token that is never read (a dash, a bullet); a
        reading without words for a token that may be skipped (``[music]``).
    """
    plain = [simplified(token[:_LONGEST]) for token in tokens]
    cores = [core_of(token) for token in plain]
    silent = stage_directions(plain)
    found = []
    for at, (token, core) in enumerate(zip(plain, cores, strict=True)):
        place = Place(cores[at - 1] if at else "", cores[at + 1] if at + 1 < len(cores) else "")
        said = _clean(_of_token(token, core, place, shouted=_shouted(cores, at)))
        found.append(distinct([(), *said]) if silent[at] and said else said)
    return found


def _of_token(written: str, core: str, place: Place, *, shouted: bool) -> Readings:
    if not core:
        return _of_signs(written, place)
    dotted = written.rstrip("\"')]}").endswith(".")
    if core.lower() in ELISIONS:
        return ((core.lower(),),)
    return (
        _of_title(core, place, dotted=dotted, ends_phrase=written.endswith((",", ";")))
        or _of_abbreviation(core, place, dotted=dotted)
        or _of_magnitude(core, place)
        or _of_unit(core, place)
        or _of_roman(core, place)
        or figure(core, place)
        or _of_initials(core, dotted=dotted)
        or _of_address(core)
        or _of_parts(core, place, shouted=shouted)
    )


def _of_signs(written: str, place: Place) -> Readings:
    """Read a token without letters and digits: ``&``, ``50 %``, ``3 - 5``."""
    if written in _BETWEEN_NUMBERS and is_number(place.before) and is_number(place.after):
        return _BETWEEN_NUMBERS[written]
    if written in {"/", "\\"} and place.before and place.after:
        return ((), ("slash",))
    sign = written.rstrip(".,;:!?)")
    if sign in CURRENCIES and is_number(place.before):
        one, many = _names(sign)
        return (many, one, ())
    return SIGNS.get(sign, ()) if sign not in _BEFORE_NUMBERS or place.after[:1].isdigit() else ()


def _of_title(core: str, place: Place, *, dotted: bool, ends_phrase: bool) -> Readings:
    """Read ``Dr.`` and ``St.``, before a name or after one."""
    if core not in _TITLES and not (dotted and core.title() in _TITLES):
        return ()
    title, way = _TITLES[core.title()]
    # A word in capitals that begins the next sentence is no name.
    name_follows = place.after[:1].isupper() and place.after not in {"The", "He", "She", "It", "I"}
    return (title, way) if (name_follows and not ends_phrase) or not place.before[:1].isupper() else (way, title)


def _of_abbreviation(core: str, place: Place, *, dotted: bool) -> Readings:
    if core in WITH_OR_WITHOUT_DOT:
        return WITH_OR_WITHOUT_DOT[core]
    if numbered := _NUMBERED.fullmatch(core):
        return joined([BEFORE_NUMBER[numbered[1]], whole_number(numbered[2])])
    number_follows = place.after[:1].isdigit() or place.after.startswith("#") or roman(place.after) is not None
    if core in BEFORE_NUMBER and number_follows and (dotted or core in {"Nos", "pp"}):
        return BEFORE_NUMBER[core]
    if dotted and core in WITH_DOT and not (core in UNITS and is_number(place.before)):
        return (*WITH_DOT[core], (core.lower(),))
    return ()


def _of_magnitude(core: str, place: Place) -> Readings:
    """Read the second part of ``$5 million``, and ``a.m.``."""
    squeezed = core.replace(".", "").lower()
    if squeezed == "pm" or (squeezed == "am" and (place.before[-1:].isdigit() or "." in core)):
        return (tuple(squeezed), ("am",)) if squeezed == "am" else (tuple(squeezed),)
    currency = money_of(place.before) if core.lower() in MAGNITUDES and len(core) > 1 else None
    if not currency:
        return ()
    one, many = _names(currency)
    word = MAGNITUDES[core.lower()]
    return ((word, *many), (word, *one), (word,))


def _of_unit(core: str, place: Place) -> Readings:
    """Read what follows a number after a space: ``kg``, ``USD``; some are units anywhere: ``m²``."""
    if not is_number(place.before) and core not in UNMISTAKABLE:
        return ()
    own = (core.lower(),)
    if core in CURRENCIES and core.isalpha():
        one, many = _names(core)
        return distinct([many, one, tuple(core.lower())])
    if core not in UNITS:
        return ()
    said = unit_readings(core, one=place.before.lower() in SINGLE_THINGS)
    return distinct([own, *said]) if core == "in" or (core in NOT_ALONE and core.isupper()) else said


def _names(currency: str) -> tuple[Reading, Reading]:
    one, many, *_ = CURRENCIES[currency]
    return tuple(one.split()), tuple(many.split())


def _of_roman(core: str, place: Place) -> Readings:
    """Read a Roman numeral after a name or another word that takes one."""
    bare = core.removesuffix("'s")
    value = roman(bare)
    before = place.before
    if value is None or bare in "CDLM" or not before[:1].isupper() or not before.replace("-", "").isalpha():
        return ()
    as_count, as_ordinal = cardinal(value), ("the", *ordinal(value))
    letters = tuple(bare.lower())
    if before == "The":
        as_ordinal = as_ordinal[1:]
    if bare != core:
        as_count, as_ordinal, letters = possessive(as_count), possessive(as_ordinal), possessive(letters)
    if before in NUMBERED_BY_ROMANS:
        return (as_count, as_ordinal, letters)
    if bare == "I" and before not in REGNAL:
        return ()
    if len(bare) == 1 or bare in {"MD", "DC", "CD", "DVD", "MC", "LCD", "CV", "MIX", "DI", "LI", "CC"}:
        return (letters, as_ordinal, as_count)
    return (as_ordinal, as_count, letters)


def _of_initials(core: str, *, dotted: bool) -> Readings:
    """Read ``U.S``, ``J.R.R``, ``D.C.'s``."""
    bare = core.removesuffix("'s").removesuffix(".")
    if not _INITIALS.fullmatch(f"{bare}." if dotted or bare.count(".") else bare):
        return ()
    spelled = tuple(bare.replace(".", "").lower())
    return (possessive(spelled),) if core.endswith("'s") else (spelled,)


def _of_address(core: str) -> Readings:
    """Read ``example.com/path`` and ``help@example.com``."""
    core = core.lower() if core.isupper() else core
    match = _ADDRESS.fullmatch(core)
    if not match or not core.isascii():
        return ()
    top = match["top"].lower()
    if not (
        match["scheme"]
        or match["user"]
        or match["host"].lower().startswith("www.")
        or top in SPELLED_DOMAINS | SPOKEN_DOMAINS
    ):
        return ()
    parts: list[Readings] = []
    if match["scheme"]:
        parts.append(((), (*match["scheme"].removesuffix("://"), "colon", "slash", "slash")))
    named = {
        ".": (("dot",),),
        "/": (("slash",), ()),
        "@": (("at",),),
        "-": (("dash",), ("hyphen",), ()),
        "_": (("underscore",), ()),
        ":": (("colon",), ()),
        "?": (("question", "mark"), ()),
        "=": (("equals",), ()),
    }
    for piece in _PIECE.findall(core[len(match["scheme"]) :].rstrip("/")):
        if piece in named:
            parts.append(named[piece])
        elif piece.lower() in SPELLED_DOMAINS and piece.lower() == top:
            parts.append((tuple(piece.lower()), (piece.lower(),)))
        else:
            parts.append(_of_piece(piece, shouted=False))
    return joined(parts)


def _of_parts(core: str, place: Place, *, shouted: bool) -> Readings:
    """Read a token by its parts: ``and/or``, ``state-of-the-art``, ``MP3``, ``#EveningRound``."""
    if core[0] in "#@" and core[1:2].isalpha():
        lead: Readings = (("hashtag",), ()) if core[0] == "#" else (("at",), ())
        return joined(
            [lead, *(_of_piece(piece, shouted=False) for piece in CAMEL.findall(core[1:]) or _PIECE.findall(core[1:]))]
        )
    if re.fullmatch("[A-Z]{1,3}&[A-Z]{1,3}", core):
        return (tuple("and" if letter == "&" else letter for letter in core.lower()),)
    halves = _SPLITTING.split(core)
    signs = ["", *_SPLITTING.findall(core)]
    parts: list[Readings] = []
    for at, (sign, half) in enumerate(zip(signs, halves, strict=True)):
        before = halves[at - 1] if at else place.before
        if sign in {"/", "\\"} and half:
            is_rate = not half[0].isdigit() and (before[-1:].isdigit() or before in UNITS)
            parts.append((("per",), ("a",), ("slash",), ()) if is_rate else ((), ("slash",)))
        near = Place("per" if sign == "/" else before, halves[at + 1] if at + 1 < len(halves) else place.after)
        parts.append(_of_half(half, near, shouted=shouted))
    return joined(parts)


def _of_half(half: str, near: Place, *, shouted: bool) -> Readings:
    core = core_of(half)
    if not core:
        return ()
    return (
        WITH_OR_WITHOUT_DOT.get(core)
        or _of_unit(core, near)
        or figure(core, near)
        or _of_initials(core, dotted=half.endswith("."))
        or joined([_of_piece(piece, shouted=shouted) for piece in _PIECE.findall(core)])
    )


def _of_piece(piece: str, *, shouted: bool) -> Readings:
    """Read a run of letters, a run of digits, or one sign."""
    if piece[0].isdigit():
        if said := figure(piece, Place("", "")):
            return said
        rest = "".join(filter(str.isdigit, piece))
        return distinct([digits(rest, zero="oh"), digits(rest)])
    if piece in {"&", "+", "@", "=", "%", "°"}:
        return SIGNS[piece]
    if piece in {".", "_"}:
        return ()
    if not piece[0].isalpha():
        return ()
    return word_readings(piece, shouted=shouted)


def _shouted(cores: Sequence[str], at: int) -> bool:
    """Return whether the words around are in capitals too."""
    around = [
        core for core in (*cores[max(0, at - 3) : at], *cores[at + 1 : at + 4]) if len(core) > 1 and core.isalpha()
    ]
    return len(around) > 1 and sum(core.isupper() for core in around) * 3 > 2 * len(around)


def _clean(said: Readings) -> Readings:
    """Leave only letters and apostrophes."""
    return distinct(tuple(word for word in map(_letters, reading) if word) for reading in said)


def _letters(word: str) -> str:
    # Lower case of a letter may be the letter and a mark.
    kept = "".join(letter for letter in word.lower() if letter == "'" or letter.isalpha())
    return kept if kept.strip("'") else ""
