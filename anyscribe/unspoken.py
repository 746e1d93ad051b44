"""What stands in scripts and subtitles and is not said: names of speakers, and descriptions of sounds."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from anyscribe.timespan import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DASHES: Final = "-\u2010\u2013\u2014"

_OPENING: Final = re.compile(rf"[^\S\n]*(?:[{DASHES}] ?)?(?:>>+ ?)?")
_NAME: Final = re.compile(
    r"(?P<name>[^\s:\uff1a,;!?\[\](){}\u3010\u3011\uff08\uff09][^:\uff1a,;!?\n]{0,30})(?::(?=\s|$)|\uff1a)"
)
_NUMBERED: Final = re.compile(r"(?:speaker|channel)[ _]?\w{1,3}", re.IGNORECASE)
_NOTE: Final = re.compile(r"\[[^\]]*\]|\u3010[^\u3011]*\u3011|\*[^*\n]+\*|\([^()]*\)|\uff08[^\uff09]*\uff09")
_ROUND: Final = "(\uff08"
_PARTICLES: Final = frozenset(
    {"and", "da", "de", "del", "der", "di", "du", "el", "la", "le", "of", "the", "van", "von", "y"}
)
"""Words of names that have small letters."""

_MOST_WORDS: Final = 4
_LEAST_TIMES: Final = 2
"""What stands before a colon is a name if it does so as often as this; once, it may be part of a sentence."""


class Named(NamedTuple):
    """What may be a speaker's name at the beginning of a line.

    Args:
        name: The name.
        end: Where the line goes on after it.
        is_plain: Whether it is one for certain: in capitals, or a number.
    """

    name: str
    end: int
    is_plain: bool


def named(line: str) -> Named | None:
    """Return the name that a line may begin with, as ``Maria:`` or ``- MARIA:``; None if there is none.

    Args:
        line: A line that is seen.
    """
    opening = _OPENING.match(line)
    found = _NAME.match(line, opening.end() if opening else 0)
    if found is None:
        return None
    name = found["name"].strip()
    words = name.split()
    is_numbered = _NUMBERED.fullmatch(name) is not None
    if len(words) > _MOST_WORDS or not (is_numbered or all(map(_is_of_name, words))):
        return None
    return Named(name, found.end(), is_numbered or (name.isupper() and len(name) > 1))


def unspoken_spans(texts: Sequence[str]) -> list[list[Span]]:
    """Return where names and descriptions stand in the parts of a text.

    Args:
        texts: The parts, such as cues, with line breaks.

    Returns:
        The stretches of characters of each part, in order.
    """
    notes = [list(_notes(text)) for text in texts]
    names = [list(_names(text, own)) for text, own in zip(texts, notes, strict=True)]
    counts = Counter(found.name for own in names for found, _ in own)
    certain = [[span for found, span in own if found.is_plain or counts[found.name] >= _LEAST_TIMES] for own in names]
    return [sorted([*one, *other]) for one, other in zip(notes, certain, strict=True)]


def spoken_texts(texts: Sequence[str]) -> list[str]:
    """Return what is said of the parts of a text.

    Args:
        texts: As for `unspoken_spans`.

    Returns:
        The parts without names and descriptions, in the same order; empty where nothing is left.
    """
    return [_without(text, spans) for text, spans in zip(texts, unspoken_spans(texts), strict=True)]


def _without(text: str, spans: Sequence[Span]) -> str:
    said, at = "", 0
    for begin, end in spans:
        said += text[at:begin]
        at = max(at, end)
    lines = (" ".join(line.split()) for line in (said + text[at:]).split("\n"))
    return "\n".join(line for line in lines if any(map(str.isalnum, line)))


def _notes(text: str) -> Iterator[Span]:
    for note in _NOTE.finditer(text):
        before = text[: note.start()].rpartition("\n")[2]
        name = named(before)
        before = before[name.end :] if name else before
        is_aside = note.group()[0] in _ROUND and before.strip(f" {DASHES}>") and not note.group().isupper()
        if not is_aside:  # In round brackets within a line there may be words that are said.
            yield Span(*note.span())


def _names(text: str, notes: Sequence[Span]) -> Iterator[tuple[Named, Span]]:
    """Yield the names that lines begin with, perhaps after a description."""
    ends = dict(notes)
    begin = 0
    for line in text.split("\n"):
        at = ends.get(begin, begin)
        found = named(text[at : begin + len(line)])
        if found is not None:
            yield found, Span(at, at + found.end)
        begin += len(line) + 1


def _is_of_name(word: str) -> bool:
    return not word[0].islower() or word in _PARTICLES
