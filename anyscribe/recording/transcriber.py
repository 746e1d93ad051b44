"""One recording, from its file to its transcript in every format that is wanted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from anyscribe import formats
from anyscribe.audio import probe
from anyscribe.errors import FormatRefusedError
from anyscribe.events import Notice
from anyscribe.request import Granularity, ResponseFormat
from anyscribe.subtitles import to_cues

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from anyscribe.engines import Engine
    from anyscribe.events import Emit
    from anyscribe.request import AudioSource, TranscriptionRequest
    from anyscribe.transcript import Answer, Transcript

SUBTITLES: Final = frozenset({ResponseFormat.SRT, ResponseFormat.VTT})
_TIMED: Final = SUBTITLES | {ResponseFormat.VERBOSE_JSON}

_NEXT_BEST: Final = {
    ResponseFormat.SRT: ResponseFormat.VERBOSE_JSON,
    ResponseFormat.VTT: ResponseFormat.VERBOSE_JSON,
    ResponseFormat.VERBOSE_JSON: ResponseFormat.JSON,
    ResponseFormat.TEXT: ResponseFormat.JSON,
}
"""What to ask for where a server refuses a format: the richest that is left and of use. Every server answers json."""


class Transcriber:
    """Transcribes recordings one after the other or side by side, and remembers which formats the server refused.

    Args:
        engine: What does the work.
        request: The form fields; the format is chosen anew for each recording.
        wanted: The formats to render, without repetition, at least one.
    """

    def __init__(self, engine: Engine, request: TranscriptionRequest, wanted: Sequence[ResponseFormat]) -> None:
        self._engine = engine
        self._request = request
        self._wanted = tuple(wanted)
        # Grows only, one element at a time, so that no lock is needed.
        self._refused: set[ResponseFormat] = set()

    def check(self) -> Sequence[str]:
        """Say before anything is read whether this can be answered; see `anyscribe.engines.Engine.check`."""
        return self._engine.check(self._asking_for(self._first_asked()))

    def transcribe(self, path: Path, emit: Emit, *, name: str | None = None) -> Mapping[ResponseFormat, bytes]:
        """Transcribe one recording.

        Args:
            path: Its file.
            emit: Takes the engine's events and notices.
            name: The name to tell the server; None means the file's own.

        Returns:
            Each wanted format, in UTF-8. Where the server rendered it, as the server sent it.

        Raises:
            AnyscribeError: Any of the tree's; nothing is returned for half a recording.
        """
        answer = self._ask(probe(path, name=name), emit)
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
        return wanted is answer.rendered_as

    def _ask(self, audio: AudioSource, emit: Emit) -> Answer:
        """Ask for one format that all wanted ones can be rendered from, and for less where that is refused."""
        asked = self._first_asked()
        while True:
            while asked in self._refused and asked in _NEXT_BEST:
                asked = _NEXT_BEST[asked]
            try:
                answer = self._engine.transcribe(self._asking_for(asked), audio, emit)
            except FormatRefusedError:
                if asked not in _NEXT_BEST:
                    raise
                self._refused.add(asked)
                emit(Notice(f"the server does not answer in {asked}; asking once more for {_NEXT_BEST[asked]}"))
                continue
            if answer.transcript.duration_ms is not None:
                return answer
            return replace(answer, transcript=replace(answer.transcript, duration_ms=audio.duration_ms))

    def _first_asked(self) -> ResponseFormat:
        """Choose the format to ask for; of a stream, which is rendered here, the one that tells enough."""
        if len(self._wanted) == 1 and not (self._request.stream and self._wanted[0] in SUBTITLES):
            return self._wanted[0]
        if self._request.stream and not _TIMED.intersection(self._wanted):
            return ResponseFormat.JSON
        return ResponseFormat.VERBOSE_JSON

    def _asking_for(self, asked: ResponseFormat) -> TranscriptionRequest:
        # The contract knows granularities for verbose_json only. With the one format that the user asked for they
        # are sent all the same, as everything that the user sets is; with one that stands in for it they are not.
        keeps = asked is ResponseFormat.VERBOSE_JSON or self._wanted == (asked,)
        granularities = self._request.timestamp_granularities if keeps else ()
        return replace(self._request, response_format=asked, timestamp_granularities=granularities)

    def _render(self, transcript: Transcript, wanted: ResponseFormat, emit: Emit) -> str:
        if wanted in _TIMED and transcript.text and not (transcript.segments or transcript.words):
            rest = "one cue stands over the whole recording" if wanted in SUBTITLES else "it has no segments and words"
            emit(Notice(f"the answer tells no times; {wanted}: {rest}", of_recording=True))
        if wanted in SUBTITLES:
            return formats.render(to_cues(transcript), wanted)
        if wanted is ResponseFormat.VERBOSE_JSON:
            return formats.render(self._at_granularity(transcript), wanted)
        return formats.render(transcript, wanted)

    def _at_granularity(self, transcript: Transcript) -> Transcript:
        """Keep the times that were asked for: segments unless only words were, words only if they were."""
        asked = self._request.timestamp_granularities or (Granularity.SEGMENT,)
        return replace(
            transcript,
            segments=transcript.segments if Granularity.SEGMENT in asked else (),
            words=transcript.words if Granularity.WORD in asked else (),
        )
