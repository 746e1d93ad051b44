"""The words of a transcript's text, each with its place in the text and its time."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from anyscribe.subtitles.timed_tokens import find_words, letters_of, words_of_segments
from anyscribe.transcript import Segment
from anyscribe.words import split_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.transcript import Transcript, Word


@dataclass(slots=True)
class Token:
    """A word of a text.

    Args:
        text: The word, with its punctuation.
        part: Index of the segment that it is in; 0 if there are no segments.
        begin: Index of its first character in the text of the part.
        end: Index after its last character.
        start_ms: When it is spoken, in milliseconds; between its neighbours if that is not known.
        end_ms: When it ends.
        words: The words of the transcript that it consists of; empty if they are not known.
    """

    text: str
    part: int
    begin: int
    end: int
    start_ms: int = -1
    end_ms: int = -1
    words: list[Word] = field(default_factory=list)

    @property
    def letters(self) -> str:
        """What two spellings of it have in common; empty for punctuation."""
        return letters_of(self.text)[0]

    @property
    def middle_ms(self) -> int:
        """The middle of its time, in milliseconds."""
        return (self.start_ms + self.end_ms) // 2


def tokens_of(transcript: Transcript) -> list[Token]:
    """Divide the text of a transcript into words.

    Args:
        transcript: A transcript with words or segments.

    Returns:
        The words, in order of the text. Those of the transcript that are not found in the text belong to the token
        before them. Empty if there are neither words nor segments.
    """
    segments = transcript.segments
    if segments:
        own = words_of_segments(segments, transcript.words)
        tokens = [token for part, one in enumerate(segments) for token in _laid(part, one, own[id(one)])]
    elif transcript.words:
        whole = Segment(transcript.text, 0, transcript.duration_ms or transcript.words[-1].end_ms)
        tokens = _laid(0, whole, transcript.words)
    else:
        return []
    taken = {id(word) for token in tokens for word in token.words}
    starts_ms = [token.start_ms for token in tokens]
    for word in transcript.words:
        if tokens and id(word) not in taken:
            tokens[max(0, bisect_right(starts_ms, word.start_ms) - 1)].words.append(word)
    return tokens


def places_of(text: str) -> list[tuple[int, int]]:
    """Return where each word of a text begins and ends.

    Args:
        text: Any text.
    """
    places = []
    at = 0
    for word in split_words(text):
        begin = text.index(word, at)
        at = begin + len(word)
        places.append((begin, at))
    return places


def _laid(part: int, segment: Segment, words: Sequence[Word]) -> list[Token]:
    """Divide the text of a segment, and give each token the times of its words."""
    tokens = [Token(segment.text[begin:end], part, begin, end) for begin, end in places_of(segment.text)]
    begins = [token.begin for token in tokens]
    for anchor in find_words(segment.text, words):
        token = tokens[bisect_right(begins, anchor.begin) - 1]
        if not token.words:
            token.start_ms = anchor.word.start_ms
        token.end_ms = max(token.end_ms, anchor.word.end_ms)
        token.words.append(anchor.word)
    _spread(tokens, segment)
    return tokens


def _spread(tokens: Sequence[Token], segment: Segment) -> None:
    """Give tokens without words the time between their neighbours, in proportion to their lengths."""
    first = 0
    while first < len(tokens):
        after = first + 1
        if tokens[first].words:
            first = after
            continue
        while after < len(tokens) and not tokens[after].words:
            after += 1
        from_ms = tokens[first - 1].end_ms if first else segment.start_ms
        until_ms = max(from_ms, tokens[after].start_ms if after < len(tokens) else segment.end_ms)
        begin, chars = tokens[first].begin, max(1, tokens[after - 1].end - tokens[first].begin)
        for token in tokens[first:after]:
            token.start_ms = from_ms + (until_ms - from_ms) * (token.begin - begin) // chars
            token.end_ms = from_ms + (until_ms - from_ms) * (token.end - begin) // chars
        first = after
