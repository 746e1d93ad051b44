"""Words from tokens: parts of words, words, marks and spaces that make the text if they are put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anyscribe.scripts import has_unspaced_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from anyscribe.formats.dialects.members import Members


_PAUSE_S: Final = 1.0
"""After a longer pause begins another segment."""


@dataclass(frozen=True, slots=True)
class TextToken:
    """A part of a text.

    Args:
        text: The characters, with their spaces.
        start: When it begins, in seconds; None if that is not known, as for marks.
        end: When it ends, likewise.
        probability: How probable it is; None if that is not known.
        speaker: Who speaks; None if that is not known.
    """

    text: str
    start: float | None = None
    end: float | None = None
    probability: float | None = None
    speaker: str | None = None


def words_of(tokens: Iterable[TextToken]) -> list[Members]:
    """Return the words that tokens make, as the contract has them.

    A word ends at a space, where another one speaks, and between tokens of a script without spaces. A token with spaces
    inside is divided, and so is its time.

    Args:
        tokens: The tokens, in the order of the text.
    """
    words: list[list[TextToken]] = []
    is_open = False
    for token in tokens:
        for part, is_glued in _parts(token):
            last = words[-1][-1] if words else None
            if is_open and is_glued and last is not None and _continues(last, part):
                words[-1].append(part)
            else:
                words.append([part])
            is_open = True
        if token.text[-1:].isspace():
            is_open = False
    return [_word(parts) for parts in words]


def turns_of(tokens: Iterable[TextToken]) -> list[Members]:
    """Return tokens as segments of the contract: one for each turn of a speaker, and for what is after a pause.

    Args:
        tokens: As for `words_of`.
    """
    turns: list[list[TextToken]] = []
    speaker: str | None = None
    end: float | None = None
    for token in tokens:
        is_other = token.speaker is not None and token.speaker != speaker
        is_later = token.start is not None and end is not None and token.start - end > _PAUSE_S
        if not turns or is_other or is_later:
            turns.append([])
        turns[-1].append(token)
        speaker = token.speaker or speaker
        end = token.end or end
    return [_turn(turn) for turn in turns if any(token.text.strip() for token in turn)]


def _turn(tokens: Sequence[TextToken]) -> Members:
    words = words_of(tokens)
    speaker = next((token.speaker for token in tokens if token.speaker is not None), None)
    text = "".join(token.text for token in tokens)
    return {
        "text": text.strip(),
        "start": next((word["start"] for word in words if word["start"] is not None), None),
        "end": next((word["end"] for word in reversed(words) if word["end"] is not None), None),
        "speaker": speaker,
        "words": words,
    }


def _parts(token: TextToken) -> Iterator[tuple[TextToken, bool]]:
    """Yield a token without its spaces, in parts if some are inside, each with whether it may continue a word."""
    text = token.text
    at = 0
    for part in text.split():
        begin = text.index(part, at)
        at = begin + len(part)
        start, end = token.start, token.end
        if part != text.strip() and start is not None and end is not None:
            length = (end - start) / len(text)
            start, end = start + begin * length, start + at * length
        yield TextToken(part, start, end, token.probability, token.speaker), begin == 0


def _continues(left: TextToken, right: TextToken) -> bool:
    if right.speaker is not None and left.speaker is not None and left.speaker != right.speaker:
        return False
    if not any(character.isalnum() for character in right.text):
        return True
    return not (has_unspaced_words(left.text[-1]) or has_unspaced_words(right.text[0]))


def _word(parts: Sequence[TextToken]) -> Members:
    starts = [part.start for part in parts if part.start is not None]
    ends = [part.end for part in parts if part.end is not None]
    chances = [part.probability for part in parts if part.probability is not None]
    return {
        "word": "".join(part.text for part in parts),
        "start": min(starts, default=None),
        "end": max(ends, default=None),
        "probability": min(chances, default=None),
        "speaker": next((part.speaker for part in parts if part.speaker is not None), None),
    }
