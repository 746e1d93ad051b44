"""A result and its audio: where there is speech, when each word was said, and whether the text is complete."""

from __future__ import annotations

from bisect import bisect_right
from concurrent.futures import BrokenExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from anyscribe.audio import find_speech
from anyscribe.completeness import find_problems, quoted
from anyscribe.errors import AlignerUnavailableError, AudioError
from anyscribe.events import Aligning, Notice, Trace
from anyscribe.formats.prose import running_text
from anyscribe.recording.plan import BARE, WordTiming
from anyscribe.recording.times import gaps_around, judge_times, with_known_times
from anyscribe.request import PCM_BYTES_PER_MS
from anyscribe.sentence import Extra, Sentence
from anyscribe.speaking_time import speaking_ms
from anyscribe.timespan import Span, hull, union
from anyscribe.transcript import Finding, Segment, Timing
from anyscribe.words import split_words
from anyscribe.workers import are_ending

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from anyscribe.alignment.registry import Aligners
    from anyscribe.events import Emit
    from anyscribe.recording.options import Resources
    from anyscribe.recording.plan import Plan
    from anyscribe.recording.times import JudgedTimes, TextPart
    from anyscribe.request import AudioSource
    from anyscribe.result import Result, ServerRendering
    from anyscribe.transcript import Transcript, Word

_MOSTLY: Final = 0.5
_ROOM: Final = 3
"""Text is estimated between the parts around it if it fits when spoken this many times faster than usual."""

_ROUNDED_MS: Final = 1_000
_SHORT_MS: Final = 60_000
"""Up to this length, starting a process takes longer than the search for speech."""


class Heard(NamedTuple):
    """What is in a recording's sound.

    Args:
        speech: The spans of speech, in order.
        length_ms: The length of all that was decoded, in milliseconds, which the container may state wrongly.
    """

    speech: tuple[Span, ...]
    length_ms: int


class Analyzer:
    """Times and checks transcripts, beside the threads that upload.

    Args:
        resources: Where the work is done.
        plan: What is timed and checked.
        aligners: Align words with the audio.
        adjust: Changes a transcript whose words were all timed here; None changes nothing.
        is_paid: Whether answers may cost money, so that none is given up.
    """

    def __init__(
        self,
        resources: Resources,
        plan: Plan,
        aligners: Aligners,
        adjust: Callable[[Transcript], Transcript] | None = None,
        *,
        is_paid: bool = True,
    ) -> None:
        self._resources = resources
        self._plan = plan
        self._aligners = aligners
        self._adjust = adjust
        self._is_paid = is_paid

    def for_plan(self, plan: Plan) -> Analyzer:
        """Return one for another plan, with the same aligners.

        Args:
            plan: What is timed and checked.
        """
        return Analyzer(self._resources, plan, self._aligners, self._adjust, is_paid=self._is_paid)

    def detect_speech(self, audio: AudioSource) -> Future[Heard] | None:
        """Start to search for speech, while the engine is still working.

        Args:
            audio: The audio.

        Returns:
            What is heard, when it is known; None if it will not be needed.
        """
        if not self._plan.needs_speech:
            return None
        is_short = audio.duration_ms is not None and audio.duration_ms <= _SHORT_MS
        executor = self._resources.threads if is_short else self._resources.processes
        return executor.submit(_hear, audio)

    def analyze(self, audio: AudioSource, result: Result, speech: Future[Heard] | None, emit: Emit) -> Result:
        """Time the words of a transcript if it needs it, and check whether it is complete.

        Args:
            audio: The audio.
            result: What the engine answered.
            speech: What `detect_speech` returned for it.
            emit: Takes notices.

        Returns:
            The result with times and findings. If the audio cannot be decoded here, the result stays as it was and a
            notice says so: an answer that was paid for is not lost.

        Raises:
            AudioError: The audio cannot be decoded, and the answer cost nothing.
        """
        heard = None
        try:
            heard = None if speech is None else self.heard(audio, speech)
        except AudioError as error:
            if not self._is_paid:
                raise
            emit(_undecodable(error))
        judged = judge_times(result.transcript, audio.duration_ms if heard is None else heard.length_ms)
        for reason in judged.reasons:
            emit(Trace(f"! {reason}"))
        result = _without_bad_times(result, judged)
        if judged.unplaced_chars and self._plan.is_timed:
            amount = f"about {judged.unplaced_chars:,} characters of it are in no segment"
            emit(Notice(f"the transcript's text says more than its segments: {amount}", of_recording=True))
        if judged.late and not self._plan.is_checked and self._plan.is_timed:
            emit(Notice(_after_end(judged.late).message, of_recording=True))
        if heard is None:
            return result
        result = replace(result, transcript=_with_length(result.transcript, audio.duration_ms, heard.length_ms))
        try:
            return self._analyzed(audio, result, judged, heard, emit)
        except AudioError as error:
            if not self._is_paid:
                raise
            emit(_undecodable(error))
            return result

    @property
    def can_align(self) -> bool:
        """Whether words can be aligned here; otherwise they have to be timed by estimate."""
        return self._aligners.can_align()

    def heard(self, audio: AudioSource, speech: Future[Heard]) -> Heard:
        """Return what is heard, when it is known.

        Args:
            audio: The audio.
            speech: What `detect_speech` returned for it.

        Raises:
            AudioError: The audio cannot be decoded.
        """
        try:
            return speech.result()
        except BrokenExecutor:
            if are_ending(self._resources.processes):
                raise
            # The process was ended from outside: this one can do the work too.
            return _hear(audio)

    def _analyzed(self, audio: AudioSource, result: Result, judged: JudgedTimes, heard: Heard, emit: Emit) -> Result:
        transcript = result.transcript
        chosen = self._plan.timed_here(judged.parts)
        absent: tuple[Finding, ...] = ()
        if chosen and transcript.text:
            transcript, absent = self._timed(audio, judged, chosen, heard.speech, emit)
            if self._adjust is not None:
                transcript = self._adjust(transcript)
            result = replace(result, transcript=transcript, rendering=_untimed_rendering(result))
        if not self._plan.is_checked:
            return result
        findings = (*find_problems(transcript, heard.speech, duration_ms=heard.length_ms), *absent)
        if judged.late:
            findings = (*findings, _after_end(judged.late))
        return replace(result, transcript=replace(transcript, findings=findings))

    def _timed(
        self, audio: AudioSource, judged: JudgedTimes, chosen: frozenset[int], speech: Sequence[Span], emit: Emit
    ) -> tuple[Transcript, tuple[Finding, ...]]:
        """Return the transcript with times, and what of its text is not in the audio."""
        from anyscribe.alignment.passages import Passage  # noqa: PLC0415 - many answers have times
        from anyscribe.alignment.timing import time_words  # noqa: PLC0415 - likewise

        emit(Aligning())
        transcript, parts = judged.transcript, judged.parts
        language = self._plan.request.language or transcript.language
        # The words of a translation are not in the audio.
        is_translated = self._plan.request.translate
        aligner = None if is_translated else self._aligners.for_text(transcript.text, language)
        passages = [Passage(part.text, part.span) for part in parts]
        try:
            timed = time_words(passages, audio.pcm(), speech, aligner=aligner)
        except AlignerUnavailableError as error:
            emit(Notice(Sentence("word times are estimated: {}; {}", error.message, error.remedy)))
            timed = time_words(passages, audio.pcm(), speech, aligner=None)
        words = timed.words
        if self._plan.timing is WordTiming.ALWAYS:
            transcript = replace(transcript, words=words, segments=_timed_segments(parts, words))
        else:
            words, segments = _filled(judged, words, chosen, speech)
            transcript = replace(transcript, words=words, segments=segments)
        here = [word for word in words if word.timing is not Timing.SERVER]
        if sum(word.timing is Timing.ESTIMATED for word in here) > len(here) * _MOSTLY and not is_translated:
            self._explain_estimates(transcript.text, emit)
        return transcript, tuple(_not_in_audio(part) for part in timed.absent)

    def _explain_estimates(self, text: str, emit: Emit) -> None:
        """Tell the user why times are less exact than they could be."""
        if self._aligners.for_text(text, None) is not None:
            emit(Notice("most words do not align with the audio; their times are estimated", of_recording=True))
            return
        extra = self._aligners.missing_extra(text)
        message = "word times are estimated from pauses and word lengths"
        if extra is None:
            emit(Notice(f"{message}: no aligner can read this script"))
        else:
            emit(Notice(Sentence(message + "; for exact times: {}", Extra(extra))))


def _undecodable(error: AudioError) -> Notice:
    return Notice(Sentence("the transcript cannot be checked against the audio ({})", error.message), of_recording=True)


def _with_length(transcript: Transcript, stated_ms: int | None, heard_ms: int) -> Transcript:
    """Give a transcript the recording's length if it has none: as its container states it, unless that is wrong."""
    if transcript.duration_ms is not None:
        return transcript
    is_right = stated_ms is not None and abs(stated_ms - heard_ms) <= _ROUNDED_MS
    return replace(transcript, duration_ms=stated_ms if is_right else heard_ms)


def _hear(audio: AudioSource) -> Heard:
    """Search for speech; runs in another process or thread."""
    heard_bytes = 0

    def counted() -> Iterator[bytes]:
        nonlocal heard_bytes
        for chunk in audio.pcm():
            heard_bytes += len(chunk)
            yield chunk

    speech = find_speech(counted())
    return Heard(speech, heard_bytes // PCM_BYTES_PER_MS)


def _without_bad_times(result: Result, judged: JudgedTimes) -> Result:
    """Return the result with the times that carry information, and all of its text in segments if it has any."""
    transcript = with_known_times(judged)
    if not judged.reasons:
        return replace(result, transcript=transcript)
    return replace(result, transcript=transcript, rendering=_untimed_rendering(result))


def _untimed_rendering(result: Result) -> ServerRendering | None:
    """Return the server's rendering if it has no times; otherwise it has other times than the transcript."""
    return result.rendering if result.rendering is not None and result.rendering.format in BARE else None


def _not_in_audio(words: Sequence[Word]) -> Finding:
    said = quoted(running_text(word.text for word in words))
    return Finding(hull(words), f"has text that is not in the audio: {said}", "unspoken")


def _after_end(late: Sequence[Segment | Word]) -> Finding:
    text = quoted(running_text(one.text for one in late))
    return Finding(hull(late), f"has text after the recording's end: {text}", "after_end")


def _filled(
    judged: JudgedTimes, timed: Sequence[Word], chosen: frozenset[int], speech: Sequence[Span]
) -> tuple[tuple[Word, ...], tuple[Segment, ...]]:
    """Add the words of the chosen parts to those that the engine timed.

    Returns:
        All words in order of time, and the segments: those with a time of their own keep it.
    """
    from anyscribe.alignment.estimation import estimate_words  # noqa: PLC0415 - as above

    parts, transcript = judged.parts, judged.transcript
    added: list[Word] = []
    spans: list[Span] = []
    segments: list[Segment] = []
    first = 0
    for index, (part, gap) in enumerate(zip(parts, gaps_around(parts, transcript.duration_ms), strict=True)):
        tokens = split_words(part.text)
        own = timed[first : first + len(tokens)]
        first += len(tokens)
        segment = part.segment or Segment(part.text, 0, 0)
        if index in chosen and own:
            bounds = part.span or gap
            is_outside = bounds and not (bounds.start_ms <= own[0].start_ms and own[-1].end_ms <= bounds.end_ms)
            if bounds and is_outside and (part.span or bounds.length_ms * _ROOM >= speaking_ms(part.text)):
                own = estimate_words(tokens, speech, bounds)
            speaker = segment.speaker
            added += [replace(word, speaker=speaker) for word in own] if speaker else own
            spans.append(hull(own))
        if part.span is None and own:
            segment = replace(segment, start_ms=own[0].start_ms, end_ms=own[-1].end_ms)
        segments.append(segment)
    matched = {word for part in parts for word in part.words}
    # Words of another text are replaced; the others stay.
    filled = union(spans)
    starts_ms = [span.start_ms for span in filled]
    others = (word for word in transcript.words if word in matched or not _is_within(word, filled, starts_ms))
    kept = others if matched else ()
    in_order = tuple(sorted([*kept, *added], key=lambda word: word.start_ms))
    return in_order, tuple(segments) if any(part.segment for part in parts) else ()


def _is_within(word: Word, spans: Sequence[Span], starts_ms: Sequence[int]) -> bool:
    index = bisect_right(starts_ms, word.start_ms) - 1
    return index >= 0 and word.start_ms < spans[index].end_ms


def _timed_segments(parts: Sequence[TextPart], words: Sequence[Word]) -> tuple[Segment, ...]:
    """Let each segment begin with its first word and end with its last one."""
    if not any(part.segment for part in parts):
        return ()
    timed = []
    first = 0
    for part in parts:
        count = len(split_words(part.text))
        own = words[first : first + count]
        first += count
        segment = part.segment or Segment(part.text, 0, 0)
        timed.append(replace(segment, start_ms=own[0].start_ms, end_ms=own[-1].end_ms) if own else segment)
    return tuple(timed)
