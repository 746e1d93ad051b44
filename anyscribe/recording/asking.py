"""Which format an engine is asked for, and what it is asked for next where it refuses that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from anyscribe.errors import FormatRefusedError
from anyscribe.events import Notice
from anyscribe.form import write_form
from anyscribe.request import Granularity, ResponseFormat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.engines import Abilities, Engine
    from anyscribe.events import Emit
    from anyscribe.recording.options import RecordingOptions
    from anyscribe.request import AudioSource, TranscriptionRequest
    from anyscribe.transcript import Answer

SUBTITLES: Final = frozenset({ResponseFormat.SRT, ResponseFormat.VTT})
TIMED: Final = SUBTITLES | {ResponseFormat.VERBOSE_JSON}

_NEXT_BEST: Final = {
    ResponseFormat.SRT: ResponseFormat.VERBOSE_JSON,
    ResponseFormat.VTT: ResponseFormat.VERBOSE_JSON,
    ResponseFormat.VERBOSE_JSON: ResponseFormat.JSON,
    ResponseFormat.TEXT: ResponseFormat.JSON,
}
"""What to ask for where a server refuses a format: the richest that is left and of use. Every server answers json."""


class Asking:
    """Asks an engine in the best format that it answers in, and remembers which ones it refused.

    Args:
        engine: What is asked.
        request: The form fields; the format is chosen anew for each recording.
        wanted: The formats to be rendered, without repetition, at least one.
        options: Which of them are made here in any case.
        can_align: Whether words can be timed here where the answer tells no times.
    """

    def __init__(
        self,
        engine: Engine,
        request: TranscriptionRequest,
        wanted: Sequence[ResponseFormat],
        options: RecordingOptions,
        *,
        can_align: bool,
    ) -> None:
        self._engine = engine
        self._request = request
        self._wanted = tuple(wanted)
        self._options = options
        self._can_align = can_align
        # Grows only, one element at a time, so that no lock is needed.
        self._refused: set[ResponseFormat] = set()
        self.server: Final = engine.address
        """The server that is asked; None for an engine that is built in."""
        self.form: Final = tuple(write_form(self._asking_for(self.first(in_pieces=True))))
        """The form fields with which a piece is asked about as long as nothing was refused."""

    @property
    def abilities(self) -> Abilities:
        """What is known of the engine beforehand."""
        return self._engine.abilities(self._request)

    @property
    def streams(self) -> bool:
        """Whether the text is wanted as it comes."""
        return bool(self._request.stream)

    def check(self) -> Sequence[str]:
        """Say before anything is read whether this can be answered; see `anyscribe.engines.Engine.check`."""
        return self._engine.check(self._asking_for(self.first(in_pieces=False)))

    def first(self, *, in_pieces: bool) -> ResponseFormat:
        """Choose the format to ask for, as far as is known now.

        Args:
            in_pieces: Whether the answer is one of several, which are rendered here.
        """
        asked = self._best(in_pieces=in_pieces)
        formats = self.abilities.formats - self._refused
        while asked not in formats and asked in _NEXT_BEST:
            asked = _NEXT_BEST[asked]
        return asked

    def ask(self, audio: AudioSource, emit: Emit, *, in_pieces: bool) -> Answer:
        """Ask for one format that all wanted ones can be rendered from, and for less where that is refused.

        Args:
            audio: A recording, or a piece of one.
            emit: Takes the engine's events, and what is asked for instead.
            in_pieces: As for `first`.

        Raises:
            AnyscribeError: What the engine raises.
        """
        while True:
            answer = self.ask_once(audio, emit, in_pieces=in_pieces)
            if answer is not None:
                return answer

    def ask_once(self, audio: AudioSource, emit: Emit, *, in_pieces: bool) -> Answer | None:
        """Ask once for the best format; see `ask`.

        Returns:
            None where the format was refused and another one is left to be asked for.
        """
        asked = self.first(in_pieces=in_pieces)
        try:
            return self._engine.transcribe(self._asking_for(asked), audio, emit)
        except FormatRefusedError:
            if asked not in _NEXT_BEST:
                raise
            self._refused.add(asked)
            instead = self.first(in_pieces=in_pieces)
            emit(Notice(f"the server does not answer in {asked}; asking once more for {instead}"))
            return None

    def _best(self, *, in_pieces: bool) -> ResponseFormat:
        """Choose the format that tells enough."""
        timed = TIMED.intersection(self._wanted)
        if self._request.stream:
            return self._best_of_stream() if timed or len(self._wanted) > 1 else self._wanted[0]
        is_made_here = in_pieces or self._options.align or self._options.are_cues_own
        if len(self._wanted) == 1 and not (is_made_here and self._wanted[0] in SUBTITLES):
            return self._wanted[0]
        return ResponseFormat.VERBOSE_JSON

    def _best_of_stream(self) -> ResponseFormat:
        """Choose for a stream, which is rendered here: the one that brings times, if there is any."""
        if not TIMED.intersection(self._wanted):
            return ResponseFormat.JSON
        tells_segments = Granularity.SEGMENT in self._request.timestamp_granularities
        if self._can_align and not self.abilities.streams_times and not tells_segments:
            return ResponseFormat.JSON
        return ResponseFormat.VERBOSE_JSON

    def _asking_for(self, asked: ResponseFormat) -> TranscriptionRequest:
        # The contract knows granularities for verbose_json only. With the one format that the user asked for they
        # are sent all the same, as everything that the user sets is; with one that stands in for it they are not.
        keeps = asked is ResponseFormat.VERBOSE_JSON or self._wanted == (asked,)
        granularities = self._request.timestamp_granularities if keeps else ()
        return replace(self._request, response_format=asked, timestamp_granularities=granularities)
