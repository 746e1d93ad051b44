"""An answer in every format that is wanted: as the engine rendered it where it did, else made here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from anyscribe import formats
from anyscribe.events import Notice
from anyscribe.recording.asking import SUBTITLES, TIMED
from anyscribe.request import Granularity, ResponseFormat
from anyscribe.subtitles import to_cues, to_segments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anyscribe.events import Emit
    from anyscribe.recording.options import RecordingOptions
    from anyscribe.request import TranscriptionRequest
    from anyscribe.transcript import Answer, Transcript


class Rendering:
    """Renders answers.

    Args:
        request: The form fields: which times are asked for.
        wanted: The formats to render, without repetition, at least one.
        options: What cues may be, and whether they are always made here.
    """

    def __init__(
        self, request: TranscriptionRequest, wanted: Sequence[ResponseFormat], options: RecordingOptions
    ) -> None:
        self._granularities = request.timestamp_granularities or (Granularity.SEGMENT,)
        self._wanted = tuple(wanted)
        self._options = options

    def render(self, answer: Answer, emit: Emit) -> Mapping[ResponseFormat, bytes]:
        """Render an answer.

        Args:
            answer: What was transcribed.
            emit: Takes a notice where a format cannot hold what it should.

        Returns:
            Each wanted format, in UTF-8.
        """
        rendered = {}
        for wanted in self._wanted:
            if self._is_rendered(answer, wanted):
                rendered[wanted] = answer.body
            else:
                rendered[wanted] = self._render(answer.transcript, wanted, emit).encode("utf-8", "replace")
        return rendered

    def _is_rendered(self, answer: Answer, wanted: ResponseFormat) -> bool:
        """Tell whether the server's own rendering is the wanted one.

        Many servers tell more in ``json`` than they need to, so that it looks like ``verbose_json``. Who wants json
        alone gets all of it; beside other formats, json is what the contract says it is.
        """
        if self._wanted == (ResponseFormat.JSON,) and answer.rendered_as is ResponseFormat.VERBOSE_JSON:
            return True
        if wanted in SUBTITLES and self._options.are_cues_own:
            return False
        return wanted is answer.rendered_as

    def _render(self, transcript: Transcript, wanted: ResponseFormat, emit: Emit) -> str:
        if wanted in TIMED and transcript.text and not (transcript.segments or transcript.words):
            rest = "one cue stands over the whole recording" if wanted in SUBTITLES else "it has no segments and words"
            emit(Notice(f"the answer tells no times; {wanted}: {rest}", of_recording=True))
        if wanted in SUBTITLES:
            return formats.render(to_cues(transcript, self._options.cues), wanted)
        if wanted is ResponseFormat.VERBOSE_JSON:
            return formats.render(self._at_granularity(transcript), wanted)
        return formats.render(transcript, wanted)

    def _at_granularity(self, transcript: Transcript) -> Transcript:
        """Keep the times that were asked for: segments unless only words were, words only if they were."""
        wants_segments = Granularity.SEGMENT in self._granularities
        segments = transcript.segments or (to_segments(transcript) if wants_segments else ())
        return replace(
            transcript,
            segments=segments if wants_segments else (),
            words=transcript.words if Granularity.WORD in self._granularities else (),
        )
