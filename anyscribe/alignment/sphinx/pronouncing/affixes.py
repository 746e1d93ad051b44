"""How words are made of others: endings, beginnings, spellings on both sides of the Atlantic."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_VOICELESS: Final = frozenset(("P", "T", "K", "F", "TH"))
_SIBILANTS: Final = frozenset(("S", "Z", "SH", "ZH", "CH", "JH"))
_SHORT_STEM: Final = 2


def _table(text: str) -> tuple[tuple[str, str], ...]:
    rows = (row.partition(" ") for row in " ".join(text.split()).split(" ; "))
    return tuple((part, sound) for part, _, sound in rows)


ENDINGS: Final = _table("""
s ; ed ; ing IH NG ; ings IH NG Z ; in IH N ; ingly IH NG L IY ; er ER ; ers ER Z ; or ER ; ors ER Z ;
est AH S T ; ly L IY ; ness N AH S ; less L AH S ; ful F AH L ; fully F AH L IY ; ment M AH N T ; able AH B AH L ;
ably AH B L IY ; ability AH B IH L AH T IY ; ist AH S T ; ism IH Z AH M ; ish IH SH ; y IY ; ie IY ;
ship SH IH P ; hood HH UH D ; like L AY K ; wise W AY Z ; ward W ER D ; wards W ER D Z ; some S AH M ;
man M AH N ; men M AH N ; woman W UH M AH N ; women W IH M AH N ; ville V IH L ; ton T AH N ; son S AH N ;
berg B ER G ; burg B ER G ; ford F ER D ; ham HH AH M ; land L AH N D ; field F IY L D ; stein S T AY N ;
ian IY AH N ; ize AY Z ; ized AY Z D ; dom D AH M ; fold F OW L D ; most M OW S T ; ward W ER D ; worth W ER TH ;
ette EH T ; esque EH S K ; ites AY T S ; ite AY T ; e
""")
"""Endings that leave a known word's sound unchanged, with their own; `with_ending` decides how -s and -ed sound."""

BEGINNINGS: Final = _table("""
counter K AW N T ER ; electro IH L EH K T R OW ; hyper HH AY P ER ; inter IH N T ER ; macro M AE K R OW ;
micro M AY K R OW ; multi M AH L T IY ; neuro N UH R OW ; photo F OW T OW ; psycho S AY K OW ; super S UW P ER ;
trans T R AE N S ; ultra AH L T R AH ; under AH N D ER ; anti AE N T IY ; auto AO T OW ; cyber S AY B ER ;
fore F AO R ; hydro HH AY D R OW ; mega M EH G AH ; mini M IH N IY ; over OW V ER ; post P OW S T ;
semi S EH M IY ; tele T EH L AH ; bio B AY OW ; dis D IH S ; eco IY K OW ; geo JH IY OW ; mid M IH D ;
mis M IH S ; neo N IY OW ; non N AA N ; out AW T ; pre P R IY ; pro P R OW ; sub S AH B ; tri T R AY ; un AH N ;
co K OW ; de D IY ; re R IY ; in IH N ; mac M AH K ; mc M AH K ; van V AE N ; von V AA N ; saint S EY N T
""")
"""What stands before a known word, and its sound."""

_BRITISH: Final = tuple(
    (re.compile(british), american)
    for british, american in (
        (r"our(?=$|s|ed|ing|er|ful|less|abl|hood|it)", "or"),
        (r"is(?=(?:e|es|ed|ing|er|ers|ation|ations|able)$)", "iz"),
        (r"ys(?=(?:e|es|ed|ing|er|ers)$)", "yz"),
        (r"(?<=[^aeiou])re(?=s?$)", "er"),
        (r"ogue(?=s?$)", "og"),
        (r"ae|oe", "e"),
        (r"ll(?=(?:ed|ing|er|ers|or)$)", "l"),
        (r"enc(?=es?$)", "ens"),
        (r"amme(?=[sd]?$)", "am"),
        (r"mould", "mold"),
    )
)


def with_ending(way: str, ending: str, sound: str, base: str) -> str:
    """Put an ending's sound after a word's; that of -s and -ed depends on the last phone.

    Args:
        way: The word's phones.
        ending: Its letters.
        sound: Its phones in `ENDINGS`.
        base: The word's letters.
    """
    *_, last = way.split()
    if ending == "s":
        sound = "IH Z" if last in _SIBILANTS else "S" if last in _VOICELESS else "Z"
    elif ending == "ed":
        sound = "IH D" if last in ("T", "D") else "T" if last in _VOICELESS | _SIBILANTS - {"Z", "ZH", "JH"} else "D"
    elif ending in ("ly", "less") and last == "L":
        sound = sound.removeprefix("L ")
    elif ending == "y" and base.endswith("le"):
        way = way.removesuffix(" AH L") + " L"
    elif ending in ("ability", "able", "ably", "ation", "ism", "ist") and base.endswith("ate"):
        way = " ".join(way.split()[:-2])
    return f"{way} {sound}".rstrip()


def stems(stem: str, ending: str) -> list[str]:
    """Return the words from which a stem may come: ``hop`` and ``hope`` for ``hop|ing``.

    Args:
        stem: The letters before the ending.
        ending: One of `ENDINGS`.

    Returns:
        Words, likeliest first; most of them do not exist.
    """
    if ending == "s":
        return _before_s(stem)
    changed = [f"{stem[:-1]}y"] if stem.endswith("i") else []
    if ending[0] not in "aeiouy":
        return [*changed, stem]
    if len(stem) > _SHORT_STEM and stem[-1] == stem[-2]:
        return [stem, stem[:-1]] if stem[-1] in "lsfz" else [stem[:-1], stem]
    if len(stem) <= _SHORT_STEM or (stem[-1] in "aeiou" and ending in ("y", "ie", "e")):
        return changed
    with_e = f"{stem}e"
    if stem[-1] == "e" and ending[0] == "e":
        return [with_e]
    return (
        [*changed, with_e, stem] if re.search(r"[^aeiou][aeiouy][bcdgklmnprstuvz]$", stem) else [*changed, stem, with_e]
    )


def _before_s(stem: str) -> list[str]:
    if stem.endswith(("s", "u", "i")):
        return []
    if stem.endswith("ie"):
        return [stem, f"{stem[:-2]}y"]
    return [stem, stem[:-1]] if stem.endswith(("se", "xe", "ze", "che", "she", "oe")) else [stem]


def american_spellings(word: str) -> Iterator[str]:
    """Respell a British word: ``colour``, ``organised``, ``travelled``."""
    for british, american in _BRITISH:
        changed = british.sub(american, word, count=1)
        if changed != word:
            yield changed
