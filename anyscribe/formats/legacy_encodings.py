"""Which old encoding a text file is in, told by the letters and signs that are frequent in a language."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_SEEN_BYTES: Final = 20_000
_ASCII: Final = 0x80
_WESTERN: Final = "cp1252"
_CENTRAL: Final = "cp1250"
_INSIDE_WORDS: Final = re.compile(r"[a-z][\u00b9\u00b3\u00ba\u00be\u00bf][a-z]")
"""Small digits, fractions and question marks on their heads: in Polish, Slovak and Romanian they are letters."""
_MOST_OF_WESTERN: Final = 0.3
"""In languages with Latin letters, so many of them have accents at most."""

_LEAST: Final = 0.6
"""So much of what is usual must be there."""


class _Candidate(NamedTuple):
    """An encoding, the letters or signs that are frequent in its languages, and how much of a text they usually are."""

    encoding: str
    frequent: str
    usual: float


_CANDIDATES: Final = (
    _Candidate("cp1251", "оеаинтсрвлкмдпі", 0.75),
    _Candidate("cp1253", "αοιετσνηυρπκμλςά", 0.8),
    _Candidate("cp1255", "יולהאתמרבשנ", 0.75),
    _Candidate("cp1256", "اليمونرتبدهعسة", 0.8),
    _Candidate("cp874", "านรกอเงมยลวดทตสะ่้ี", 0.65),
    _Candidate("shift_jis", "のにはをたがでてとしれさるいなもかすっこだまんりうくよあ、。", 0.5),
    _Candidate("euc_jp", "のにはをたがでてとしれさるいなもかすっこだまんりうくよあ、。", 0.5),
    _Candidate("gb18030", "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能那得着下。", 0.35),
    _Candidate("big5", "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能那得著下。", 0.35),
    _Candidate("euc_kr", "이다는에가고을은의지로도하서나한기있어사리아요니습", 0.4),
)


def legacy_encoding(content: bytes) -> str:
    """Return the encoding of a text that is not Unicode, as Python names it.

    Args:
        content: The text's bytes.

    Returns:
        That of Western Europe if no other one makes the text look like one of its languages.
    """
    seen = content[:_SEEN_BYTES]
    # Not inside a sign of several bytes.
    seen = seen[: seen.rfind(b"\n")] if len(content) > len(seen) and b"\n" in seen else seen
    high = sum(byte >= _ASCII for byte in seen)
    letters = high + sum(chr(byte).isalpha() for byte in seen if byte < _ASCII)
    if high <= _MOST_OF_WESTERN * letters:
        return _CENTRAL if _is_central(seen.decode(_WESTERN, "replace")) else _WESTERN
    scores = {candidate.encoding: _score(seen, candidate) for candidate in _CANDIDATES}
    best = max(scores, key=lambda encoding: scores[encoding])
    return best if scores[best] >= _LEAST else _WESTERN


def _is_central(text: str) -> bool:
    """Return whether a text that was read as Western European has letters that no language there has together."""
    letters = set(text.lower())
    is_czech = "ø" in letters and bool(letters & set("ìè")) and not letters & set("åæ")
    is_slavic = "è" in letters and bool(letters & set("šž")) and "å" not in letters
    is_hungarian = (
        bool(letters & set("õû"))
        and bool(letters & set("öü"))
        and bool(letters & set("áí"))
        and not letters & set("ãêèñç")
    )
    return is_czech or is_slavic or is_hungarian or _INSIDE_WORDS.search(text) is not None


def _score(content: bytes, candidate: _Candidate) -> float:
    """Return how much of what is usual in an encoding's languages is there."""
    try:
        text = content.decode(candidate.encoding).lower()
    except UnicodeDecodeError:
        return 0.0
    own = [character for character in text if ord(character) >= _ASCII]
    frequent = sum(character in candidate.frequent for character in own)
    return min(1.0, frequent / max(1, len(own)) / candidate.usual)
