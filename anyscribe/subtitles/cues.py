"""Cues out of a transcript, whatever is known of it: words, segments, or only text."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from anyscribe.scripts import is_chinese_or_japanese
from anyscribe.speaking_time import speaking_ms
from anyscribe.subtitles.breaks import break_costs, favour
from anyscribe.subtitles.function_words import function_words_of
from anyscribe.subtitles.lines import break_lines
from anyscribe.subtitles.placement import Cue, place
from anyscribe.subtitles.profile import DEFAULT_PROFILE, CueProfile, limits_for
from anyscribe.subtitles.segmentation import find_cue_starts
from anyscribe.subtitles.timed_tokens import estimated, join_words, lay_words, refined, running
from anyscribe.transcript import Segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.subtitles.function_words import FunctionWords
    from anyscribe.subtitles.profile import CueLimits
    from anyscribe.subtitles.timed_tokens import TimedToken
    from anyscribe.transcript import Transcript, Word


# So long a token without the time of a word in it tells that words are missing there.
_HOLE_CHARS = 80


def to_cues(transcript: Transcript, profile: CueProfile = DEFAULT_PROFILE) -> Transcript:
    """Make cues of what is known of a recording.

    Where words cover the text, cues are made of them, whatever the segments; only where another speaker begins, a cue
    begins too. Where there are only segments, they are the cues; one that is too long is divided by its words, if some
    are known and belong to its text, and else by the length of its text. Where there is only text, it is one cue over
    the whole recording: the caller should warn. No character of the text is lost but white space.

    Args:
        transcript: What was said.
        profile: The limits of a cue.

    Returns:
        The transcript with cues for segments: by start, apart from each other, at least a millisecond long, with text
        in lines, and inside the recording if its duration is known and not 0.
    """
    segments = [segment for segment in transcript.segments if segment.text.strip()]
    words = sorted((word for word in transcript.words if word.text.strip()), key=lambda word: word.start_ms)
    if not segments and not words:
        return replace(transcript, segments=_cue_of_text(transcript))
    text, first_chars = _joined([running(segment.text) for segment in segments])
    if not segments:
        text = running(transcript.text)
    limits = limits_for(text or " ".join(word.text for word in words), profile)
    tokens = lay_words(text, words) if words else []
    if not segments and not tokens:
        # The text says something else, but the words are what was heard when: they are the cues' text then.
        text, tokens = join_words(words)
    if segments and any(token.end - token.begin > _HOLE_CHARS for token in tokens):
        # Words are missing somewhere: what the segments tell of the time is better than a guess across the hole.
        tokens = []
    maker = _CueMaker(limits, function_words_of(transcript.language, text.split()), transcript.duration_ms)
    if tokens:
        tokens = refined(text, tokens, max_line_chars=limits.max_line_chars)
        cues = list(maker.cues_of_words(text, tokens, segments, first_chars))
    else:
        cues = list(maker.cues_of_segments(segments, words))
    return replace(transcript, segments=place(cues, limits, duration_ms=transcript.duration_ms))


class _CueMaker:
    """Makes cues of the parts of a text: all that they have in common is known here.

    Args:
        limits: What a cue may be.
        grammar: The small words of the text's language.
        duration_ms: The recording's length; None where unknown.
    """

    def __init__(self, limits: CueLimits, grammar: FunctionWords, duration_ms: int | None) -> None:
        self._limits = limits
        self._grammar = grammar
        self._duration_ms = duration_ms

    def cues_of_words(
        self, text: str, tokens: Sequence[TimedToken], segments: Sequence[Segment], first_chars: Sequence[int]
    ) -> Iterator[Cue]:
        """Divide a whole text, best where segments end, and always where their speaker changes."""
        part_begins = [token.begin for token in tokens]
        borders = [bisect_left(part_begins, first_char) for first_char in first_chars]
        is_turn = [True, *(left.speaker != right.speaker for left, right in pairwise(segments))]
        turns = [border for border, begins in zip(borders, is_turn, strict=False) if begins]
        for begin, cue in self._divided(text, tokens, borders, turns):
            speaker = segments[bisect_right(borders, begin) - 1].speaker if segments else None
            yield cue if speaker is None else cue._replace(speaker=speaker)

    def cues_of_segments(self, segments: Sequence[Segment], words: Sequence[Word]) -> Iterator[Cue]:
        """Give segments as cues, and divide those that are too long."""
        middles_ms = sorted((word.start_ms + word.end_ms) // 2 for word in words)
        for segment in segments:
            given = "\n".join(line.strip() for line in segment.text.splitlines() if line.strip())
            if self._fits(given, segment.end_ms - segment.start_ms):
                yield Cue(given, segment.start_ms, segment.end_ms, segment.speaker)
                continue
            text = running(given)
            first = bisect_left(middles_ms, segment.start_ms)
            tokens = lay_words(text, words[first : bisect_right(middles_ms, segment.end_ms)])
            if not tokens:
                tokens = estimated(text, segment.start_ms, segment.end_ms)
            tokens = refined(text, tokens, max_line_chars=self._limits.max_line_chars)
            for _, cue in self._divided(text, tokens, (), ()):
                yield cue._replace(speaker=segment.speaker)

    def _fits(self, text: str, time_ms: int) -> bool:
        lines = text.splitlines()
        is_short = len(lines) <= self._limits.max_lines and time_ms <= self._limits.max_cue_ms
        return is_short and all(len(line) <= self._limits.max_line_chars for line in lines)

    def _divided(
        self, text: str, tokens: Sequence[TimedToken], may_begin: Sequence[int], must_begin: Sequence[int]
    ) -> Iterator[tuple[int, Cue]]:
        """Make cues of the parts of a text; each comes with the index of its first part."""
        limits = self._limits
        costs = break_costs(text, tokens, grammar=self._grammar, script=limits.script, pause_ms=limits.pause_ms)
        favour(costs, may_begin)
        begins = find_cue_starts(tokens, costs, must_begin, limits, end_ms=self._duration_ms)
        for begin, end in pairwise([*begins, len(tokens)]):
            parts = tokens[begin:end]
            lines = break_lines(text, parts, costs[begin:end], max_line_chars=limits.max_line_chars)
            yield begin, Cue(lines, parts[0].start_ms, parts[-1].end_ms)


def _joined(texts: Sequence[str]) -> tuple[str, list[int]]:
    """Make one text of several, and tell where each begins."""
    parts: list[str] = []
    first_chars = []
    length = 0
    for text in texts:
        if parts and not (is_chinese_or_japanese(parts[-1][-1]) and is_chinese_or_japanese(text[0])):
            parts.append(" ")
            length += 1
        first_chars.append(length)
        parts.append(text)
        length += len(text)
    return "".join(parts), first_chars


def _cue_of_text(transcript: Transcript) -> tuple[Segment, ...]:
    text = transcript.text.strip()
    return (Segment(text, 0, transcript.duration_ms or max(1, round(speaking_ms(text)))),) if text else ()
