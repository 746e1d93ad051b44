"""Match words to their text, so that each part of the text has a time and no character is lost.

The words of a reply are not always the words of its text: OpenAI leaves out the punctuation, whisper.cpp returns parts
of words, WhisperX and others write numbers differently. The text is authoritative; the words only provide the times.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

from anyscribe.scripts import can_part, has_unspaced_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.transcript import Segment, Word

# How far ahead in the text, in letters, a word is searched for if it is not the next one; and how many letters it must
# have, since short words occur anywhere.
_LOOKAHEAD_LETTERS = 40
_RARE_LETTERS = 4
# The times of a segment and of its words may disagree by this much.
_EDGE_MS = 500
# After this many words in a row that are not found, all of them together are searched for further on.
_LOST_WORDS = 3
_SURE_LETTERS = 10
_HOLE_LETTERS = 100_000
_MOST_SEARCHES = 500
# More than this share of the text's letters must be found in the words; otherwise the words are of another text.
_LEAST_FOUND = 0.5

# Spaces that allow no line break, as in French before `!`, belong to the word.
_FIXED = "\u00a0\u2007\u202f"
_LAST_BLANKS = re.compile(rf"[^\S{_FIXED}]+(?=[\S{_FIXED}]*\Z)")
_WORD = re.compile(rf"[\S{_FIXED}]+")
_ODD_BLANKS = re.compile(rf"(?! (?:\S|\Z))(?<![{_FIXED}])[{_FIXED}]*[^\S{_FIXED}]\s*")
_OPENING = {"Ps", "Pi"}


@dataclass(slots=True)
class TimedToken:
    """An indivisible part of a text, and when it is spoken.

    Args:
        begin: Index of its first character in the text.
        end: Index after its last character that is not whitespace.
        start_ms: Onset of its first word, in milliseconds.
        end_ms: End of its last word, in milliseconds.
    """

    begin: int
    end: int
    start_ms: int
    end_ms: int


class Anchor(NamedTuple):
    """A word that was found in a text, from the character at ``begin`` up to, but not including, that at ``end``."""

    begin: int
    end: int
    word: Word
    letters: int


def running(text: str) -> str:
    """Replace whitespace that allows a line break with single spaces, and strip the text.

    Args:
        text: Any text.
    """
    # Almost every text is fine, and this is ten times as fast as looking at each of its characters.
    return text if text == " ".join(text.split()) else _ODD_BLANKS.sub(" ", text).strip()


def lay_words(text: str, words: Sequence[Word]) -> list[TimedToken]:
    """Divide a text into tokens that match its words, and take their times from the words.

    The letters and digits of the words are searched for in those of the text, in order. A word that is not found is
    ignored, and text without a word stays with the token before it. If too little is found, but the text has exactly as
    many words separated by spaces, they are matched one to one.

    Args:
        text: The text.
        words: Its words, in order of time.

    Returns:
        The tokens in order: together they hold every character of the text except whitespace between them. Empty if the
        words do not belong to the text.
    """
    # Often the words are exactly those of the text; then no search is needed.
    if text.split(" ") == [word.text for word in words]:
        begins = accumulate((len(word.text) + 1 for word in words), initial=0)
        return [
            TimedToken(begin, begin + len(word.text), word.start_ms, word.end_ms)
            for begin, word in zip(begins, words, strict=False)
        ]
    anchors = find_words(text, words)
    if sum(anchor.letters for anchor in anchors) > len(letters_of(text)[0]) * _LEAST_FOUND:
        return _stretches(text, anchors, words)
    tokens = list(_WORD.finditer(text))
    if len(tokens) != len(words):
        return []
    return [
        TimedToken(token.start(), token.end(), word.start_ms, word.end_ms)
        for token, word in zip(tokens, words, strict=True)
    ]


def join_words(words: Sequence[Word]) -> tuple[str, list[TimedToken]]:
    """Join words to a text, with spaces between them except in scripts without spaces between words.

    Args:
        words: The words, in order of time; not empty.

    Returns:
        The text, and its tokens, one per word.
    """
    parts: list[str] = []
    tokens: list[TimedToken] = []
    length = 0
    for word in words:
        text = running(word.text)
        if parts and _needs_blank_between(parts[-1], text):
            parts.append(" ")
            length += 1
        parts.append(text)
        tokens.append(TimedToken(length, length + len(text), word.start_ms, word.end_ms))
        length += len(text)
    return "".join(parts), tokens


def estimated(text: str, start_ms: int, end_ms: int) -> list[TimedToken]:
    """Divide a text at all possible line breaks, and spread it over a span of time in proportion to its length.

    Args:
        text: The text, not empty.
        start_ms: When it begins, in milliseconds.
        end_ms: When it ends, in milliseconds.

    Returns:
        The tokens in order; each ends when the next one begins.
    """
    return _spread(text, TimedToken(0, len(text), start_ms, max(start_ms, end_ms)), in_words=True)


def refined(text: str, tokens: Sequence[TimedToken], *, max_line_chars: int) -> list[TimedToken]:
    """Divide tokens of several words, and tokens too long for a line, with estimated times; remove overlaps in time.

    Args:
        text: The text.
        tokens: Its tokens as `lay_words` returns them, ordered by start.
        max_line_chars: A longer token in a script without spaces is divided.

    Returns:
        The tokens in order; each starts at or after the end of the previous one.
    """
    fine: list[TimedToken] = []
    for token in tokens:
        is_long = token.end - token.begin > max_line_chars
        if is_long or text.find(" ", token.begin, token.end) >= 0:
            fine += _spread(text, token, in_words=is_long)
        else:
            fine.append(token)
    for left, right in pairwise(fine):
        if not left.start_ms <= left.end_ms <= right.start_ms:
            right.start_ms = max(left.start_ms, right.start_ms)
            left.end_ms = max(left.start_ms, min(left.end_ms, right.start_ms))
    if fine:
        fine[-1].end_ms = max(fine[-1].start_ms, fine[-1].end_ms)
    return fine


def _spread(text: str, token: TimedToken, *, in_words: bool) -> list[TimedToken]:
    """Divide a token at its spaces, and with ``in_words`` also inside words if a script without spaces allows it."""
    spans = [token.span() for token in _WORD.finditer(text, token.begin, token.end)]
    if in_words and not text.isascii():
        spans = [span for begin, end in spans for span in _parted(text, begin, end)]
    chars = max(1, token.end - token.begin)
    time_ms = token.end_ms - token.start_ms
    starts_ms = [token.start_ms + time_ms * (begin - token.begin) // chars for begin, _ in spans]
    ends_ms = [*starts_ms[1:], token.end_ms]
    return [TimedToken(*span, *times) for span, times in zip(spans, zip(starts_ms, ends_ms, strict=True), strict=True)]


def _parted(text: str, begin: int, end: int) -> list[tuple[int, int]]:
    edges = [begin, *(at for at in range(begin + 1, end) if can_part(text[at - 1], text[at])), end]
    return list(pairwise(edges))


def find_words(text: str, words: Sequence[Word]) -> list[Anchor]:
    """Find words in a text, in order; words that are not found are left out.

    Args:
        text: The text.
        words: The words, in order of time.
    """
    letters, positions = letters_of(text)
    anchors: list[Anchor] = []
    lost: list[tuple[Word, str]] = []
    next_letter = searches = 0
    for word in words:
        wanted = word.text.lower() if word.text.isascii() and word.text.isalnum() else letters_of(word.text)[0]
        if not wanted:
            continue
        run = [(word, wanted)]
        at = next_letter
        if not letters.startswith(wanted, at):
            at = letters.find(wanted, at, at + _LOOKAHEAD_LETTERS) if len(wanted) >= _RARE_LETTERS else -1
        if at >= 0 and at > next_letter and not _starts_word(text, positions[at]):
            at = -1
        if at < 0:
            lost = [*lost[1 - _LOST_WORDS :], (word, wanted)]
            if len(lost) < _LOST_WORDS or searches >= _MOST_SEARCHES:
                continue
            # Several in a row: a longer part of the text has no words. They are searched for together.
            searches += 1
            run, sought = lost, "".join(letters_lost for _, letters_lost in lost)
            at = letters.find(sought, next_letter, next_letter + _HOLE_LETTERS) if len(sought) >= _SURE_LETTERS else -1
            if at < 0 or not _starts_word(text, positions[at]):
                continue
        for one, its_letters in run:
            anchors.append(Anchor(positions[at], positions[at + len(its_letters) - 1] + 1, one, len(its_letters)))
            at += len(its_letters)
        next_letter = at
        lost = []
    return anchors


def words_in_segments(segments: Sequence[Segment], words: Sequence[Word]) -> dict[int, list[Word]]:
    """Divide words among segments by their times alone.

    Args:
        segments: The segments.
        words: The words, in any order.

    Returns:
        The words by the segment's identity, each in one segment at most; none for a segment in which no word lies.
    """
    in_order = sorted(segments, key=lambda segment: segment.start_ms)
    starts_ms = [segment.start_ms for segment in in_order]
    own: dict[int, list[Word]] = {id(segment): [] for segment in segments}
    for word in sorted(words, key=_middle_ms):
        middle_ms = _middle_ms(word)
        after = bisect_right(starts_ms, middle_ms)
        nearest = in_order[max(0, after - 1)]
        if not nearest.start_ms <= middle_ms < nearest.end_ms:
            near = in_order[max(0, after - 2) : after + 1]
            nearest = min(near, key=lambda segment: _distance_ms(segment, middle_ms))
            if _distance_ms(nearest, middle_ms) > _EDGE_MS:
                continue
        own[id(nearest)].append(word)
    return own


def words_of_segments(segments: Sequence[Segment], words: Sequence[Word]) -> dict[int, tuple[Word, ...]]:
    """Return the words of each segment: those in its time, if they are of its text.

    Args:
        segments: The segments.
        words: The words, in any order.

    Returns:
        The words by the segment's identity; empty for a segment whose words are missing.
    """
    own = words_in_segments(segments, words)
    found = {}
    for segment in segments:
        letters = len(letters_of(segment.text)[0])
        matched = sum(anchor.letters for anchor in find_words(segment.text, own[id(segment)]))
        found[id(segment)] = tuple(own[id(segment)]) if letters and 2 * matched >= letters else ()
    return found


def _distance_ms(segment: Segment, time_ms: int) -> int:
    """Return how far a time lies outside a segment; 0 inside, and half a millisecond is no distance."""
    return max(segment.start_ms - time_ms, time_ms + 1 - segment.end_ms, 0)


def _middle_ms(word: Word) -> int:
    return (word.start_ms + word.end_ms) // 2


def letters_of(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits of a text in lower case, and the index of each in the text.

    Args:
        text: Any text.
    """
    if text.isascii():
        positions = [index for index, character in enumerate(text) if character.isalnum()]
        return "".join(text[index] for index in positions).lower(), positions
    folded = [
        (letter, index)
        for index, character in enumerate(text)
        if character.isalnum()
        for letter in character.casefold()
    ]
    return "".join(letter for letter, _ in folded), [index for _, index in folded]


def _starts_word(text: str, index: int) -> bool:
    return index == 0 or not text[index - 1].isalnum() or has_unspaced_words(text[index])


def _stretches(text: str, anchors: Sequence[Anchor], words: Sequence[Word]) -> list[TimedToken]:
    first, last = anchors[0], anchors[-1]
    tokens = [TimedToken(len(text) - len(text.lstrip()), first.end, first.word.start_ms, first.word.end_ms)]
    if _has_letters(text[: first.begin]):
        tokens[0].start_ms = words[0].start_ms
    for previous, anchor in pairwise(anchors):
        token = tokens[-1]
        if _has_letters(text[previous.end : anchor.begin]):
            token.end_ms = max(token.end_ms, anchor.word.start_ms)
        cut = _cut(text, previous.end, anchor.begin)
        if cut is None:
            token.end_ms = max(token.end_ms, anchor.word.end_ms)
            continue
        token.end = previous.end + len(text[previous.end : cut].rstrip())
        tokens.append(TimedToken(cut, anchor.end, anchor.word.start_ms, anchor.word.end_ms))
    tokens[-1].end = len(text.rstrip())
    if _has_letters(text[last.end :]):
        tokens[-1].end_ms = max(tokens[-1].end_ms, words[-1].end_ms)
    return tokens


def _cut(text: str, begin: int, end: int) -> int | None:
    """Return the index at which the gap between two words may be cut, the start of the right part; None if nowhere."""
    gap = text[begin:end]
    if gap.isspace():
        return end
    blanks = _LAST_BLANKS.search(gap)
    if blanks:
        return begin + blanks.end()
    while gap and unicodedata.category(gap[-1]) in _OPENING:
        gap = gap[:-1]
    cut = begin + len(gap)
    return cut if 0 < cut < len(text) and can_part(text[cut - 1], text[cut]) else None


def _has_letters(text: str) -> bool:
    return not text.isspace() and any(character.isalnum() for character in text)


def _needs_blank_between(left: str, right: str) -> bool:
    return not (has_unspaced_words(left[-1]) and has_unspaced_words(right[0]))
