"""Text that goes round in circles, as a model's does that has lost the thread."""

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
"""In words: two long sentences. The work is this many comparisons a word."""

# How often a unit of so many words must come in a row: a single word 16 times, two words 10, three 8, four 7, a long
# sentence 5. A model that loops fills its window of 30 s, mostly several of them. People say "no" ten times and sing a
# line four times over.
_LEAST_TIMES: Final = 4
_MORE_TIMES_SHARED: Final = 12
# And it must take so long to say: laughter ("ha ha ha ...") and "bye bye bye" are shorter.
_LEAST_MS: Final = 5_000

# A text's length over that of the same text deflated. Whisper decodes a window anew above this.
# Source: `compression_ratio_threshold` in https://github.com/openai/whisper/blob/main/whisper/transcribe.py.
MAX_COMPRESSION: Final = 2.4
# Where nobody but this module has looked, there must be more: the tutorial of the editor vim, a text of many
# repetitions, has 1.5 to 1.8 mostly and 2.3 at most in 30 languages, sentences made of 40 phrases 2.6, loops over 5.
_MAX_FOUND: Final = 3.0
# A chorus of four lines has more for a moment, so that either the stretch is long, in characters, or the ratio higher.
_LONG_STRETCH: Final = 900
_MAX_FOR_A_MOMENT: Final = 5.0
# Whisper's windows of 30 s have about as many characters; in longer texts the ratio grows by itself.
_WINDOW_CHARACTERS: Final = 500
_SHORTEST_WINDOW: Final = 200


class Loop(NamedTuple):
    """A unit of words that comes again and again.

    Args:
        first: Index of the first word.
        last: Index of the last one.
        unit: How many words the unit has.
        times: How many times it comes, the last not always to its end.
    """

    first: int
    last: int
    unit: int
    times: int


def find_loops(tokens: Sequence[str]) -> list[Loop]:
    """Find units of words that are repeated more often than people repeat themselves.

    Args:
        tokens: The words, as `anyscribe.words.bare_words` gives them; case does not matter.

    Returns:
        In order, not overlapping, each with the shortest unit that it can be made of.
    """
    numbers: dict[str, int] = {}
    coded = [numbers.setdefault(token.casefold(), len(numbers)) for token in tokens]
    loops: list[Loop] = []
    taken = bytearray(len(coded))
    # The shortest first: what is a loop of a longer unit, made of a shorter one, is a loop of the shorter one, too.
    for unit in range(1, min(_LONGEST_UNIT, len(coded) // _LEAST_TIMES) + 1):
        least = _least_times(unit)
        # Where the word `unit` places on is the same; comparing and searching is done by Python's own machinery.
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
        tokens: The words, as `anyscribe.words.bare_words` gives them.
        loops: What `find_loops` found in them, which is not found again.

    Yields:
        Indices of the first and the last word, and its highest `compression`: more than three times.
        In order, not overlapping.
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
    """Divide words into windows of equal length that overlap by half; the first and the last word of each."""
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
    """Tell how many times a text is as long as the same text deflated, its characters a byte each in any script.

    Args:
        tokens: The words, as `anyscribe.words.bare_words` gives them.
    """
    return _ratio(tokens, _byte_codes(tokens))


class _ByteCodes(dict[int, str]):
    """Characters of one byte for `str.translate`: the most frequent ones have their own, the others share the last."""

    def __missing__(self, key: int) -> str:
        return "\xff"


def _byte_codes(tokens: Sequence[str]) -> _ByteCodes:
    """Give the most frequent characters a byte each.

    UTF-8 has three bytes for a character of Hindi or Thai, two of which are always the same: any such text deflates by
    more than `MAX_COMPRESSION`, as Whisper measures it.
    """
    counts: Counter[str] = Counter()
    for token in tokens:
        counts.update(token)
    # The zero stands between words.
    codes = _ByteCodes({ord(character): chr(code) for code, (character, _) in enumerate(counts.most_common(254), 1)})
    codes[0] = "\0"
    return codes


def _ratio(tokens: Sequence[str], codes: _ByteCodes) -> float:
    coded = "\0".join(tokens).translate(codes).encode("latin-1")
    return len(coded) / len(zlib.compress(coded))
