"""Join parts of words, as models produce them, to words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from anyscribe.scripts import has_unspaced_words
from anyscribe.transcript import Timing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LONGEST_WORD: Final = 60
"""In characters. A longer word means that spaces do not mark where words begin."""


@dataclass(frozen=True, slots=True)
class PlainWord:
    """A word as a server sends it, perhaps with a space at its start; times in seconds, None if unknown."""

    text: str
    start: float | None = None
    end: float | None = None
    probability: float | None = None
    timing: Timing = Timing.SERVER
    speaker: str | None = None
    confidence: float | None = None


def joined_pieces(pieces: Sequence[PlainWord], text: str) -> list[PlainWord]:
    """Join tokens to words if a space marks where words begin: `` Un``, ``believ``, ``able``, ``.``.

    Servers that send whole words put a space before each of them, or before none. Words of scripts without spaces are
    never joined.

    Args:
        pieces: Words or tokens, in order.
        text: The text that they belong to, which shows its words; empty if unknown.

    Returns:
        The words, without whitespace around them; the pieces if they are words already.
    """
    words = [replace(piece, text=piece.text.strip()) for piece in pieces if piece.text.strip()]
    spoken = [piece for piece in pieces if piece.text.strip()]
    continues = [not (left.text[-1].isspace() or right.text[0].isspace()) for left, right in pairwise(spoken)]
    is_marked = any(piece.text != word.text for piece, word in zip(spoken, words, strict=True))
    if not is_marked or not any(continues):
        return words
    joined = words[:1]
    for continued, word in zip(continues, words[1:], strict=True):
        if continued and _belongs_to(joined[-1], word):
            joined[-1] = _joined(joined[-1], word)
        else:
            joined.append(word)
    known = set(text.split())
    gain = _known_share(joined, known) - _known_share(words, known)
    # A single mark may be an accident: then the text has to show it.
    is_better = gain > 0 if all(continues) else gain >= 0
    return joined if is_better and all(len(word.text) <= _LONGEST_WORD for word in joined) else words


def _belongs_to(left: PlainWord, right: PlainWord) -> bool:
    """Return whether a token continues the one before it: a mark does, a character of an unspaced script does not."""
    if left.speaker != right.speaker:
        return False
    is_mark = not any(character.isalnum() for character in right.text)
    return is_mark or not (has_unspaced_words(left.text[-1]) or has_unspaced_words(right.text[0]))


def _joined(left: PlainWord, right: PlainWord) -> PlainWord:
    chances = [chance for chance in (left.probability, right.probability) if chance is not None]
    return replace(
        left,
        text=left.text + right.text,
        start=right.start if left.start is None else left.start,
        end=left.end if right.end is None else right.end,
        probability=min(chances, default=None),
    )


def _known_share(words: Iterable[PlainWord], known: set[str]) -> float:
    found = [word.text in known for word in words]
    return sum(found) / len(found)
