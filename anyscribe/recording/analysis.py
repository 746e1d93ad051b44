"""A result and its audio: where there is speech, when each word was said, and whether the text is complete."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from anyscribe.audio import find_speech
from anyscribe.completeness import find_problems
from anyscribe.errors import AudioError
from anyscribe.events import Aligning, Notice
from anyscribe.recording.plan import BARE
from anyscribe.sentence import Extra, Sentence
from anyscribe.timespan import Span
from anyscribe.transcript import Timing
from anyscribe.words import split_words
from anyscribe.workers import are_ending

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from anyscribe.alignment.passages import Passage
    from anyscribe.alignment.registry import Aligners
    from anyscribe.events import Emit
    from anyscribe.recording.options import Resources
    from anyscribe.recording.plan import Plan
    from anyscribe.request import AudioSource
    from anyscribe.result import Result
    from anyscribe.transcript import Segment, Transcript, Word

_MOSTLY: Final = 0.5
_SHORT_MS: Final = 60_000
"""Up to this length, starting a process takes longer than the search for speech."""


class Analyzer:
    """Times and checks transcripts, beside the threads that upload.

    Args:
        resources: Where the work is done.
        plan: What is timed and checked.
        aligners: Align words with the audio.
    """

    def __init__(self, resources: Resources, plan: Plan, aligners: Aligners) -> None:
        self._resources = resources
        self._plan = plan
        self._aligners = aligners

    def detect_speech(self, audio: AudioSource) -> Future[tuple[Span, ...]] | None:
        """Start to search for speech, while the engine is still working.

        Args:
            audio: The audio.

        Returns:
            The stretches of speech, when they are known; None if they will not be needed.
        """
        if not self._plan.needs_speech:
            return None
        is_short = audio.duration_ms is not None and audio.duration_ms <= _SHORT_MS
        executor = self._resources.threads if is_short else self._resources.processes
        return executor.submit(_speech_in, audio)

    def analyze(
        self, audio: AudioSource, result: Result, speech: Future[tuple[Span, ...]] | None, emit: Emit
    ) -> Result:
        """Time the words of a transcript if it needs it, and check whether it is complete.

        Args:
            audio: The audio.
            result: What the engine answered.
            speech: What `detect_speech` returned for it.
            emit: Takes notices.

        Returns:
            The result with times and findings. If the audio cannot be decoded here, the result stays as it was and a
            notice says so: an answer that was paid for is not lost.
        """
        if speech is None:
            return result
        try:
            return self._analyzed(audio, result, self._spans(audio, speech), emit)
        except AudioError as error:
            emit(
                Notice(
                    Sentence("the transcript cannot be checked against the audio ({})", error.message),
                    of_recording=True,
                )
            )
            return result

    def needs_estimates(self, transcript: Transcript | None = None) -> bool | None:
        """Return whether words have to be timed by estimate, since no aligner knows the language.

        Args:
            transcript: What the engine answered; None if it has not been asked yet.

        Returns:
            None if the transcript has to tell.
        """
        language = self._plan.request.language or (transcript.language if transcript else None)
        can_align = self._aligners.can_align(transcript.text if transcript else "", language)
        return None if can_align is None else not can_align

    def _spans(self, audio: AudioSource, speech: Future[tuple[Span, ...]]) -> tuple[Span, ...]:
        try:
            return speech.result()
        except BrokenExecutor:
            if are_ending(self._resources.processes):
                raise
            # The process was ended from outside: this one can do the work too.
            return _speech_in(audio)

    def _analyzed(self, audio: AudioSource, result: Result, speech: Sequence[Span], emit: Emit) -> Result:
        transcript = result.transcript
        if self._plan.needs_timing(transcript):
            transcript = self._timed(audio, transcript, speech, emit)
            # A server's rendering has other times, or none; without times it is still right.
            is_bare = result.rendering is not None and result.rendering.format in BARE
            result = replace(result, transcript=transcript, rendering=result.rendering if is_bare else None)
        if not self._plan.is_checked:
            return result
        findings = find_problems(transcript, speech, duration_ms=audio.duration_ms or transcript.duration_ms)
        return replace(result, transcript=replace(transcript, findings=findings))

    def _timed(self, audio: AudioSource, transcript: Transcript, speech: Sequence[Span], emit: Emit) -> Transcript:
        from anyscribe.alignment.timing import time_words  # noqa: PLC0415 - many answers have times

        emit(Aligning())
        language = self._plan.request.language or transcript.language
        words = time_words(
            passages_of(transcript), audio.pcm(), speech, aligner=self._aligners.for_text(transcript.text, language)
        )
        if sum(word.timing is Timing.ESTIMATED for word in words) > len(words) * _MOSTLY:
            self._explain_estimates(transcript, emit)
        return replace(transcript, words=words, segments=_timed_segments(transcript.segments, words))

    def _explain_estimates(self, transcript: Transcript, emit: Emit) -> None:
        """Tell the user why times are less exact than they could be."""
        language = self._plan.request.language or transcript.language
        if self._aligners.for_text(transcript.text, language) is not None:
            emit(Notice("most words do not align with the audio; their times are estimated", of_recording=True))
            return
        extra = self._aligners.missing_extra(transcript.text, language)
        message = "word times are estimated from pauses and word lengths"
        if extra is None:
            emit(Notice(f"{message}: no aligner knows this language"))
        else:
            emit(Notice(Sentence(message + "; for exact times: {}", Extra(extra))))


def _speech_in(audio: AudioSource) -> tuple[Span, ...]:
    """Search for speech; runs in another process or thread."""
    return find_speech(audio.pcm())


def passages_of(transcript: Transcript) -> list[Passage]:
    """Divide a text as far as it is known when its parts are spoken.

    Args:
        transcript: What the engine answered.

    Returns:
        The segments with their times if they hold the whole text; otherwise the text alone.
    """
    from anyscribe.alignment.passages import Passage  # noqa: PLC0415 - as above

    segments = [segment for segment in transcript.segments if segment.text.strip()]
    if segments and split_words(" ".join(segment.text for segment in segments)) == split_words(transcript.text):
        return [
            Passage(segment.text, Span(segment.start_ms, segment.end_ms) if segment.end_ms > segment.start_ms else None)
            for segment in segments
        ]
    return [Passage(transcript.text)] if transcript.text.strip() else []


def _timed_segments(segments: Sequence[Segment], words: Sequence[Word]) -> tuple[Segment, ...]:
    """Let each segment begin with its first word and end with its last one."""
    counts = [len(split_words(segment.text)) for segment in segments]
    if sum(counts) != len(words):
        # The segments hold another text, so they would contradict the words.
        return ()
    timed = []
    first = 0
    for segment, count in zip(segments, counts, strict=True):
        own = words[first : first + count]
        first += count
        timed.append(replace(segment, start_ms=own[0].start_ms, end_ms=own[-1].end_ms) if own else segment)
    return tuple(timed)
