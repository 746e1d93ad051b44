"""What the sound itself tells: where somebody speaks, when each word was said, and whether the text holds all of it."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from anyscribe.alignment import Passage, can_be_aligned, is_aligner_installed, time_words
from anyscribe.alignment.tokens import tokens_of
from anyscribe.audio import find_speech
from anyscribe.completeness import doubts_about
from anyscribe.errors import AudioError
from anyscribe.events import Aligning, Notice
from anyscribe.recording.asking import SUBTITLES, TIMED
from anyscribe.request import Granularity, ResponseFormat
from anyscribe.transcript import Span, Timing
from anyscribe.workers import are_ending

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from anyscribe.completeness import Doubt
    from anyscribe.events import Emit
    from anyscribe.recording.options import Crew, RecordingOptions
    from anyscribe.request import AudioSource, TranscriptionRequest
    from anyscribe.transcript import Segment, Transcript, Word

_MOSTLY: Final = 0.5
_SHORT_MS: Final = 60_000
"""Up to this length it takes longer to start a process than to listen."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A transcript after its sound was listened to.

    Args:
        transcript: With the times that were found.
        is_timed_here: Whether they are others than those that the engine told.
        doubts: What seems to be missing or wrong, with times from the start of the sound.
    """

    transcript: Transcript
    is_timed_here: bool = False
    doubts: tuple[Doubt, ...] = ()


class Listener:
    """Listens to recordings beside the threads that send them.

    Args:
        crew: Who does it.
        request: The form fields: which times are asked for, and which language is spoken.
        wanted: The formats to be rendered.
        options: Whether words are timed and results checked.
    """

    def __init__(
        self,
        crew: Crew,
        request: TranscriptionRequest,
        wanted: Sequence[ResponseFormat],
        options: RecordingOptions,
    ) -> None:
        self._crew = crew
        self._request = request
        self._wanted = frozenset(wanted)
        self._options = options

    def begin(self, audio: AudioSource) -> Future[tuple[Span, ...]] | None:
        """Begin to listen where somebody speaks, while the engine is still at work.

        Args:
            audio: The sound.

        Returns:
            Where, in the end; None where nobody will want to know.
        """
        may_align = self._options.align is not False and bool(TIMED & self._wanted)
        if not may_align and not self._options.is_checked:
            return None
        is_short = audio.duration_ms is not None and audio.duration_ms <= _SHORT_MS
        return (self._crew.hearing if is_short else self._crew.listening).submit(_speech_in, audio)

    def listen(
        self, audio: AudioSource, transcript: Transcript, speech: Future[tuple[Span, ...]] | None, emit: Emit
    ) -> Heard:
        """Time the words of a transcript where it needs it, and see whether it is whole.

        Args:
            audio: The sound.
            transcript: What was made of it.
            speech: What `begin` gave for it.
            emit: Takes notices.

        Returns:
            The transcript, with times where they were wanted. An answer that is there and paid for is not lost for want
            of them: where the sound cannot be decoded here, it stays as it came, and a notice says so.
        """
        if speech is None:
            return Heard(transcript)
        try:
            return self._listen(audio, transcript, speech, emit)
        except AudioError as error:
            emit(Notice(f"the answer could not be held against the sound ({error.message})", of_recording=True))
            return Heard(transcript)

    def _listen(
        self, audio: AudioSource, transcript: Transcript, speech: Future[tuple[Span, ...]], emit: Emit
    ) -> Heard:
        try:
            spans = speech.result()
        except BrokenExecutor:
            if are_ending(self._crew.listening):
                raise
            # A process that was ended from outside: this one can do it too.
            spans = _speech_in(audio)
        is_timed_here = self.lacks_times(transcript)
        if is_timed_here:
            transcript = self._timed(audio, transcript, spans, emit)
        doubts: tuple[Doubt, ...] = ()
        if self._options.is_checked:
            doubts = doubts_about(transcript, spans, duration_ms=audio.duration_ms or transcript.duration_ms)
        return Heard(transcript, is_timed_here=is_timed_here, doubts=doubts)

    def _timed(self, audio: AudioSource, transcript: Transcript, spans: Sequence[Span], emit: Emit) -> Transcript:
        emit(Aligning())
        words = time_words(
            passages_of(transcript),
            audio.pcm(),
            spans,
            language=self.language_of(transcript),
            executor=self._crew.listening,
        )
        self._tell_estimated(transcript, words, emit)
        return replace(transcript, words=words, segments=_timed_segments(transcript.segments, words))

    def lacks_times(self, transcript: Transcript) -> bool:
        """Tell whether a transcript's words are to be timed here.

        Args:
            transcript: What the engine answered.
        """
        if self._options.align is False or not transcript.text or not TIMED & self._wanted:
            return False
        if self._options.align:
            return True
        is_bare = not transcript.words and not transcript.segments
        if SUBTITLES & self._wanted and is_bare:
            return True
        if ResponseFormat.VERBOSE_JSON not in self._wanted:
            return False
        wants_words = Granularity.WORD in self._request.timestamp_granularities
        return is_bare or (wants_words and not transcript.words)

    def can_align(self, transcript: Transcript) -> bool:
        """Tell whether a transcript's words can be laid on the sound, and need not be estimated.

        Args:
            transcript: What the engine answered.
        """
        return is_aligner_installed() and can_be_aligned(transcript.text, self.language_of(transcript))

    def must_estimate(self) -> bool | None:
        """Tell, before anything was transcribed, whether words will be timed by estimate; None where that depends."""
        if not is_aligner_installed():
            return True
        return None if self._request.language is None else not can_be_aligned("", self._request.language)

    def language_of(self, transcript: Transcript) -> str | None:
        """Give the language as far as it is known: what the user said, else what the engine heard."""
        return self._request.language or transcript.language

    def _tell_estimated(self, transcript: Transcript, words: Sequence[Word], emit: Emit) -> None:
        """Tell the user once where times are worth less than they could be."""
        estimated = sum(word.timing is Timing.ESTIMATED for word in words)
        if estimated <= len(words) * _MOSTLY:
            return
        if not can_be_aligned(transcript.text, self.language_of(transcript)):
            emit(Notice("the words' times are estimated from pauses and word lengths: only English is aligned here"))
        elif not is_aligner_installed():
            message = "the words' times are estimated from pauses and word lengths; to align English with the sound"
            emit(Notice(f"{message}: pip install 'anyscribe[local]'"))
        else:
            emit(Notice("most words do not align with the sound; their times are estimated", of_recording=True))


def _speech_in(audio: AudioSource) -> tuple[Span, ...]:
    """Listen where somebody speaks; runs in a process or a thread of the crew's."""
    return find_speech(audio.pcm())


def passages_of(transcript: Transcript) -> list[Passage]:
    """Divide a text as far as it is known when its parts are spoken.

    Args:
        transcript: What the engine answered.

    Returns:
        The segments with their times where they hold the whole text, else the text alone.
    """
    segments = [segment for segment in transcript.segments if segment.text.strip()]
    if segments and tokens_of(" ".join(segment.text for segment in segments)) == tokens_of(transcript.text):
        return [
            Passage(segment.text, Span(segment.start_ms, segment.end_ms) if segment.end_ms > segment.start_ms else None)
            for segment in segments
        ]
    return [Passage(transcript.text)] if transcript.text.strip() else []


def _timed_segments(segments: Sequence[Segment], words: Sequence[Word]) -> tuple[Segment, ...]:
    """Let each segment begin with its first word and end with its last one; without segments there stay none."""
    counts = [len(tokens_of(segment.text)) for segment in segments]
    if sum(counts) != len(words):
        # The text is another one than the segments': they would be in its way.
        return ()
    timed = []
    first = 0
    for segment, count in zip(segments, counts, strict=True):
        own = words[first : first + count]
        first += count
        timed.append(replace(segment, start_ms=own[0].start_ms, end_ms=own[-1].end_ms) if own else segment)
    return tuple(timed)
