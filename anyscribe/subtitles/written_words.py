"""Words as they are written in the text of their segments, for documents that show the text with all its times."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

from anyscribe.scripts import is_chinese_or_japanese
from anyscribe.subtitles.timed_tokens import TimedToken, find_words, lay_words, refined, running
from anyscribe.transcript import Timing, Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.transcript import Segment, Transcript

_LONGEST_CHARS: Final = 20
"""A longer part of a text in a script without spaces is divided, with estimated times."""


def with_written_words(transcript: Transcript) -> Transcript:
    """Return a transcript whose words are those of its segments' texts.

    Args:
        transcript: A transcript with segments.

    Returns:
        It, with words in the order of its segments: those of a segment, joined, are its text without the whitespace
        between them. What has no time of its own is estimated. A voice whose words are not those of its text has one
        "word" for each of its segments. Without words, the transcript as it is.
    """
    if not transcript.words:
        return transcript
    segments = [replace(segment, text=running(segment.text)) for segment in transcript.segments]
    segments = [segment for segment in segments if segment.text]
    words: dict[int, list[Word]] = {}
    for own, spoken in _voices(segments, transcript.words):
        words.update(zip(map(id, own), _written(own, spoken), strict=True))
    return replace(
        transcript, segments=tuple(segments), words=tuple(word for segment in segments for word in words[id(segment)])
    )


def _voices(segments: Sequence[Segment], words: Sequence[Word]) -> Iterator[tuple[list[Segment], list[Word]]]:
    """Yield what each speaker says, if the words name them: two may speak at once."""
    speakers = list(dict.fromkeys(segment.speaker for segment in segments))
    if len(speakers) < 2 or not {word.speaker for word in words} <= {*speakers}:  # noqa: PLR2004 - one voice
        yield [*segments], [*words]
        return
    for speaker in speakers:
        own = [segment for segment in segments if segment.speaker == speaker]
        yield own, [word for word in words if word.speaker == speaker]


def _written(segments: Sequence[Segment], words: Sequence[Word]) -> list[list[Word]]:
    """Return the words of each segment of a voice."""
    text, begins = _joined(segments)
    tokens = lay_words(text, words)
    if not tokens:
        return [[Word(one.text, one.start_ms, one.end_ms, speaker=one.speaker)] for one in segments]
    written: list[list[Word]] = [[] for _ in segments]
    if _are_written(text, tokens, words) and {token.begin for token in tokens}.issuperset(begins):
        for token, word in zip(tokens, words, strict=True):
            written[bisect_right(begins, token.begin) - 1].append(word)
        return written
    anchors = find_words(text, words)
    at = 0
    for token in refined(text, tokens, max_line_chars=_LONGEST_CHARS):
        found = at
        while found < len(anchors) and anchors[found].begin < token.end:
            found += 1
        known = [anchor.word for anchor in anchors[at:found]]
        at = found
        for number, part in _cut(token, begins):
            speaker = segments[number].speaker
            written[number].append(_word(text[part.begin : part.end].strip(), part, known, speaker))
    return written


def _are_written(text: str, tokens: Sequence[TimedToken], words: Sequence[Word]) -> bool:
    """Return whether the words are exactly those of the text."""
    return len(tokens) == len(words) and all(
        text[token.begin : token.end] == word.text for token, word in zip(tokens, words, strict=True)
    )


def _joined(segments: Sequence[Segment]) -> tuple[str, list[int]]:
    """Join the texts of segments; return where each begins, too."""
    parts = [segments[0].text]
    for left, right in pairwise(segments):
        is_unspaced = is_chinese_or_japanese(left.text[-1]) and is_chinese_or_japanese(right.text[0])
        parts.append(right.text if is_unspaced else f" {right.text}")
    ends = accumulate(map(len, parts))
    begins = [end - len(segment.text) for end, segment in zip(ends, segments, strict=True)]
    return "".join(parts), begins


def _cut(token: TimedToken, begins: Sequence[int]) -> Iterator[tuple[int, TimedToken]]:
    """Yield a token, in parts if it goes across the end of a segment, with the number of the segment of each part."""
    number = bisect_right(begins, token.begin) - 1
    chars = max(1, token.end - token.begin)
    begin, start_ms = token.begin, token.start_ms
    while number + 1 < len(begins) and begins[number + 1] < token.end:
        cut = begins[number + 1]
        cut_ms = token.start_ms + (token.end_ms - token.start_ms) * (cut - token.begin) // chars
        yield number, TimedToken(begin, cut, start_ms, cut_ms)
        number, begin, start_ms = number + 1, cut, cut_ms
    yield number, TimedToken(begin, token.end, start_ms, token.end_ms)


def _word(text: str, token: TimedToken, known: Sequence[Word], speaker: str | None) -> Word:
    """Make a word of a token and the words that were found in it."""
    probabilities = [word.probability for word in known if word.probability is not None]
    confidences = [word.confidence for word in known if word.confidence is not None]
    return Word(
        text,
        token.start_ms,
        token.end_ms,
        min(probabilities, default=None),
        known[0].timing if known else Timing.ESTIMATED,
        speaker,
        min(confidences, default=None),
    )
