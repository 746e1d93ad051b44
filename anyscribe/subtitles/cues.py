"""Make cues from a transcript with words, segments, or only text."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

from anyscribe.scripts import is_chinese_or_japanese
from anyscribe.speaking_time import speaking_ms
from anyscribe.subtitles.breaks import break_costs
from anyscribe.subtitles.function_words import function_words_of
from anyscribe.subtitles.lines import break_lines
from anyscribe.subtitles.placement import Cue, place
from anyscribe.subtitles.profile import DEFAULT_PROFILE, CueProfile, limits_for
from anyscribe.subtitles.segmentation import find_cue_starts
from anyscribe.subtitles.timed_tokens import estimated, join_words, lay_words, refined, running, words_in_segments
from anyscribe.subtitles.turns import with_turns
from anyscribe.transcript import Segment, Timing, Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.subtitles.function_words import FunctionWords
    from anyscribe.subtitles.profile import CueLimits
    from anyscribe.subtitles.timed_tokens import TimedToken
    from anyscribe.transcript import Transcript


# A longer segment is a window of the recording, mostly Whisper's 30 s, and ends anywhere. Other windows are all equally
# long.
_LONGEST_SENTENCE_MS = 20_000
_SHORTEST_WINDOW_MS = 5_000
_EVEN_MS = 100
_LEAST_WINDOWS = 3

# A token longer than this without a word's time inside it means that words are missing.
_HOLE_CHARS = 80


def to_cues(transcript: Transcript, profile: CueProfile = DEFAULT_PROFILE) -> Transcript:
    """Return the transcript with subtitle cues as its segments.

    If words cover the text, cues are made from the words, independently of the segments, except that a change of
    speaker always begins a cue. If there are only segments, they become the cues; a segment that is too long is divided
    by its words, if some are known and belong to its text, and otherwise in proportion to its text. If there is only
    text, it becomes one cue over the whole recording; the caller should warn. Speakers who speak at the same time have
    cues of their own. No character of the text is lost except whitespace.

    Args:
        transcript: The transcript.
        profile: The limits of a cue.

    Returns:
        The transcript with the cues: ordered by start, not overlapping, at least a millisecond long, with text broken
        into lines, and inside the recording if its duration is known and not 0.
    """
    transcript = with_turns(transcript)
    texts = [*(segment.text for segment in transcript.segments), *(word.text for word in transcript.words)]
    if not any(text.strip() for text in texts):
        return replace(transcript, segments=_cue_of_text(transcript))
    cues: list[Cue] = []
    for one in _speakers_apart(transcript):
        found, limits = _cues_of(one, profile)
        cues += found
    return replace(transcript, segments=place(cues, limits, duration_ms=transcript.duration_ms))


def _speakers_apart(transcript: Transcript) -> list[Transcript]:
    """Return a transcript for each speaker if several speak at the same time; otherwise the transcript alone."""
    segments = sorted(transcript.segments, key=lambda segment: segment.start_ms)
    is_crossed = any(one.speaker != other.speaker and other.start_ms < one.end_ms for one, other in pairwise(segments))
    if not is_crossed or not all(word.speaker for word in transcript.words):
        return [transcript]
    apart = []
    for speaker in dict.fromkeys(segment.speaker for segment in segments):
        own = tuple(segment for segment in segments if segment.speaker == speaker)
        words = tuple(word for word in transcript.words if word.speaker == speaker)
        text = " ".join(running(segment.text) for segment in own)
        apart.append(replace(transcript, text=text, segments=own, words=words))
    return apart


def _cues_of(transcript: Transcript, profile: CueProfile) -> tuple[list[Cue], CueLimits]:
    segments = [segment for segment in transcript.segments if segment.text.strip()]
    words = sorted((word for word in transcript.words if word.text.strip()), key=attrgetter("start_ms"))
    if segments and words:
        words = _with_missing(segments, words)
    text, first_chars = _joined([running(segment.text) for segment in segments], running(transcript.text))
    if not segments:
        text = running(transcript.text)
    limits = limits_for(text or " ".join(word.text for word in words), profile, transcript.language)
    tokens = lay_words(text, words) if words else []
    if not segments and not tokens:
        # The words do not match the text. The words have the times, so they become the cues' text.
        text, tokens = join_words(words)
    if segments and any(token.end - token.begin > _HOLE_CHARS for token in tokens):
        # Words are missing somewhere: the times of the segments are better than an estimate across the gap.
        tokens = []
    maker = _CueMaker(limits, function_words_of(transcript.language, text.split()), transcript.duration_ms)
    if tokens:
        tokens = refined(text, tokens, max_line_chars=limits.max_line_chars)
        return list(maker.cues_of_words(text, tokens, segments, first_chars)), limits
    return list(maker.cues_of_segments(segments, words)), limits


class _CueMaker:
    """Makes the cues of one text; holds what is common to all of them.

    Args:
        limits: The limits of a cue.
        grammar: The function words of the text's language.
        duration_ms: The recording's length in milliseconds; None if unknown.
    """

    def __init__(self, limits: CueLimits, grammar: FunctionWords, duration_ms: int | None) -> None:
        self._limits = limits
        self._grammar = grammar
        self._duration_ms = duration_ms

    def cues_of_words(
        self, text: str, tokens: Sequence[TimedToken], segments: Sequence[Segment], first_chars: Sequence[int]
    ) -> Iterator[Cue]:
        """Divide a whole text: preferably where a segment ends a sentence, and always when the speaker changes."""
        part_begins = [token.begin for token in tokens]
        borders = [bisect_left(part_begins, first_char) for first_char in first_chars]
        sentences = [
            border
            for border, first_char, ends in zip(borders[1:], first_chars[1:], _end_sentences(segments), strict=True)
            if ends and border < len(tokens) and part_begins[border] == first_char
        ]
        is_turn = [True, *(left.speaker != right.speaker for left, right in pairwise(segments))]
        turns = [border for border, begins in zip(borders, is_turn, strict=False) if begins]
        for begin, cue in self._divided(text, tokens, sentences, turns):
            speaker = segments[bisect_right(borders, begin) - 1].speaker if segments else None
            yield cue if speaker is None else cue._replace(speaker=speaker)

    def cues_of_segments(self, segments: Sequence[Segment], words: Sequence[Word]) -> Iterator[Cue]:
        """Yield segments as cues, and divide those that are too long."""
        middles_ms = sorted((word.start_ms + word.end_ms) // 2 for word in words)
        for segment in segments:
            given = _lines(segment.text)
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
        """Divide a text into cues; yield each with the index of its first token."""
        limits = self._limits
        costs = break_costs(text, tokens, grammar=self._grammar, limits=limits, borders=may_begin)
        begins = find_cue_starts(tokens, costs, must_begin, limits, end_ms=self._duration_ms)
        for begin, end in pairwise([*begins, len(tokens)]):
            parts = tokens[begin:end]
            lines = break_lines(text, parts, costs[begin:end], max_line_chars=limits.max_line_chars)
            yield begin, Cue(lines, parts[0].start_ms, parts[-1].end_ms)


def _end_sentences(segments: Sequence[Segment]) -> list[bool]:
    """Return for each segment but the last one whether it may end where a sentence ends."""
    starts_ms = [segment.start_ms for segment in segments]
    steps_ms = [right - left for left, right in pairwise(starts_ms)]
    are_even = len(steps_ms) >= _LEAST_WINDOWS and max(steps_ms) - min(steps_ms) <= _EVEN_MS
    are_windows = are_even and min(steps_ms) >= _SHORTEST_WINDOW_MS
    return [not are_windows and segment.end_ms - segment.start_ms <= _LONGEST_SENTENCE_MS for segment in segments[:-1]]


def _joined(texts: Sequence[str], whole: str) -> tuple[str, list[int]]:
    """Join the texts of segments; return the joined text and the index at which each begins.

    Args:
        texts: The texts, not empty.
        whole: The text of the reply. If it is the same text, it says whether a segment begins inside a word.
    """
    inside = _inside_words(texts, whole)
    parts: list[str] = []
    first_chars = []
    length = 0
    for index, text in enumerate(texts):
        is_unspaced = parts and is_chinese_or_japanese(parts[-1][-1]) and is_chinese_or_japanese(text[0])
        if parts and not is_unspaced and index not in inside:
            parts.append(" ")
            length += 1
        first_chars.append(length)
        parts.append(text)
        length += len(text)
    return "".join(parts), first_chars


def _with_missing(segments: Sequence[Segment], words: Sequence[Word]) -> list[Word]:
    """Add estimated words for segments without words, within their time, if others have words."""
    starts_ms = [word.start_ms for word in words]
    if all(bisect_left(starts_ms, one.start_ms) < bisect_left(starts_ms, one.end_ms) for one in segments):
        return list(words)
    own = words_in_segments(segments, words)
    missing = [segment for segment in segments if not own[id(segment)] and segment.end_ms > segment.start_ms]
    if len(missing) == len(segments) or not missing:
        return list(words)
    added = [
        Word(text[token.begin : token.end], token.start_ms, token.end_ms, timing=Timing.ESTIMATED)
        for segment in missing
        for text in [running(segment.text)]
        for token in estimated(text, segment.start_ms, segment.end_ms)
    ]
    return sorted([*words, *added], key=lambda word: word.start_ms)


def _inside_words(texts: Sequence[str], whole: str) -> set[int]:
    """Return the indices of the texts that begin inside a word of the whole text."""
    if not whole or whole == " ".join(texts):
        return set()
    at = 0
    inside = set()
    for index, text in enumerate(texts):
        is_apart = whole.startswith(" ", at)
        at += is_apart
        if not whole.startswith(text, at):
            # Another text.
            return set()
        if index and not is_apart:
            inside.add(index)
        at += len(text)
    return inside if at == len(whole) else set()


def _lines(text: str) -> str:
    """Return a text with its line breaks, and without empty lines, which would end a cue."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _cue_of_text(transcript: Transcript) -> tuple[Segment, ...]:
    text = _lines(transcript.text)
    return (Segment(text, 0, transcript.duration_ms or max(1, round(speaking_ms(text)))),) if text else ()
