"""Find text that repeats itself, as the text of a looping model does."""

from __future__ import annotations

import operator
import re
import zlib
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from anyscribe.speaking_time import speaking_ms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LONGEST_UNIT: Final = 50
"""In words: two long sentences. The search takes this many comparisons per word."""

# How often a unit must occur in a row, by its length: a single word 16 times, two words 10, three 8, four 7, a long
# sentence 5. A looping model fills its window of 30 s, and usually several. People say "no" ten times and sing a line
# four times.
_LEAST_TIMES: Final = 4
_MORE_TIMES_SHARED: Final = 12
# It must also take this long to say: laughter ("ha ha ha ...") and "bye bye bye" are shorter.
_LEAST_MS: Final = 5_000

# A text's length divided by that of the same text deflated. Whisper decodes a window again above this.
# Source: `compression_ratio_threshold` in https://github.com/openai/whisper/blob/main/whisper/transcribe.py.
MAX_COMPRESSION: Final = 2.4
# If only this module reports repetition, the ratio must be higher: the tutorial of the editor vim, a text of many
# repetitions, mostly has 1.5 to 1.8 and at most 2.3 in 30 languages, sentences made of 40 phrases 2.6, loops over 5.
_MAX_FOUND: Final = 3.0
# A chorus of four lines briefly has more, so either the stretch must be long, in characters, or the ratio higher.
_LONG_STRETCH: Final = 900
_MAX_FOR_A_MOMENT: Final = 5.0
# Whisper's windows of 30 s have about this many characters; the ratio grows with the length of the text.
_WINDOW_CHARACTERS: Final = 500
_SHORTEST_WINDOW: Final = 200


class Loop(NamedTuple):
    """A unit of words that is repeated in a row.

    Args:
        first: Index of the first word.
        last: Index of the last word; it need not end a unit.
        unit: Number of words in the unit.
        times: How often the whole unit occurs.
    """

    first: int
    last: int
    unit: int
    times: int


def find_loops(tokens: Sequence[str]) -> list[Loop]:
    """Find units of words that are repeated more often than people repeat themselves.

    Args:
        tokens: The words, as returned by `anyscribe.words.bare_words`; case does not matter.

    Returns:
        Loops in order, not overlapping, each with its shortest possible unit.
    """
    numbers: dict[str, int] = {}
    coded = [numbers.setdefault(token.casefold(), len(numbers)) for token in tokens]
    loops: list[Loop] = []
    taken = bytearray(len(coded))
    # Shortest first: a loop of a long unit that consists of a shorter one is a loop of the shorter one, too.
    for unit in range(1, min(_LONGEST_UNIT, len(coded) // _LEAST_TIMES) + 1):
        least = _least_times(unit)
        # Whether the word `unit` places later is the same; comparing and searching run in C.
        same = bytes(map(operator.eq, coded, islice(coded, unit, None)))
        for match in re.finditer(b"\x01{%d,}" % (unit * (least - 1)), same):
            first, last = match.start(), match.end() + unit - 1
            if taken.find(1, first, last + 1) >= 0:
                continue
            loop = Loop(first, last, unit, (last - first + 1) // unit)
            if _lasts_ms(tokens, loop) >= _LEAST_MS:
                loops.append(loop)
                taken[first : last + 1] = b"\x01" * (last - first + 1)
    return sorted(loops)


def _least_times(unit: int) -> int:
    return _LEAST_TIMES + -(-_MORE_TIMES_SHARED // unit)


def _lasts_ms(tokens: Sequence[str], loop: Loop) -> float:
    return speaking_ms("".join(tokens[loop.first : loop.last + 1]))


def find_repetitive(tokens: Sequence[str], loops: Sequence[Loop] = ()) -> Iterator[tuple[int, int, float]]:
    """Find stretches of text that deflate better than speech does.

    Args:
        tokens: The words, as returned by `anyscribe.words.bare_words`.
        loops: The loops that `find_loops` found in them, which are not reported again.

    Yields:
        Indices of the first and the last word, and the highest `compression` of the stretch, which is above 3. In
        order, not overlapping.
    """
    found: list[tuple[int, int, float]] = []
    codes = _byte_codes(tokens)
    for first, last in _windows(tokens):
        ratio = _ratio(tokens[first : last + 1], codes)
        if ratio <= _MAX_FOUND or any(first <= loop.last and loop.first <= last for loop in loops):
            continue
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], last, max(ratio, found[-1][2]))
        else:
            found.append((first, last, ratio))
    for first, last, ratio in found:
        if ratio > _MAX_FOR_A_MOMENT or sum(map(len, tokens[first : last + 1])) >= _LONG_STRETCH:
            yield first, last, ratio


def _windows(tokens: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the indices of the first and the last word of windows of equal length that overlap by half."""
    first = last = characters = 0
    while last < len(tokens):
        while last < len(tokens) and characters < _WINDOW_CHARACTERS:
            characters += len(tokens[last]) + 1
            last += 1
        if characters >= _SHORTEST_WINDOW:
            yield first, last - 1
        half = characters // 2
        while characters > half:
            characters -= len(tokens[first]) + 1
            first += 1


def compression(tokens: Sequence[str]) -> float:
    """Return a text's length divided by that of the same text deflated, with one byte per character in any script.

    Args:
        tokens: The words, as returned by `anyscribe.words.bare_words`.
    """
    return _ratio(tokens, _byte_codes(tokens))


class _ByteCodes(dict[int, str]):
    """One-byte codes for `str.translate`: the most frequent characters have their own, the others share the last."""

    def __missing__(self, key: int) -> str:
        return "\xff"


def _byte_codes(tokens: Sequence[str]) -> _ByteCodes:
    """Assign a byte to each of the most frequent characters.

    UTF-8 has three bytes for a character of Hindi or Thai, and two are always the same: by Whisper's measure, any such
    text deflates by more than `MAX_COMPRESSION`.
    """
    counts: Counter[str] = Counter()
    for token in tokens:
        counts.update(token)
    # Zero separates words.
    codes = _ByteCodes({ord(character): chr(code) for code, (character, _) in enumerate(counts.most_common(254), 1)})
    codes[0] = "\0"
    return codes


def _ratio(tokens: Sequence[str], codes: _ByteCodes) -> float:
    coded = "\0".join(tokens).translate(codes).encode("latin-1")
    return len(coded) / len(zlib.compress(coded))
