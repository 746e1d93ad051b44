"""Requests to an engine about recordings and pieces, in the best format that it does not refuse."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from anyscribe.errors import FormatRefusedError, RequestRefusedError
from anyscribe.events import Notice, Sent
from anyscribe.request import ResponseFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from anyscribe.engines import Engine
    from anyscribe.events import Emit, Event
    from anyscribe.recording.plan import Plan, Query
    from anyscribe.request import AudioSource, Granularity, TranscriptionRequest
    from anyscribe.result import Result
    from anyscribe.stopping import Stop

    Keep = Callable[[Result], None]


class Requester:
    """Asks an engine as planned, and remembers which formats it refused; safe to use from several threads.

    Args:
        engine: The engine.
        plan: What to ask for.
        stop: Counts what is under way.
    """

    def __init__(self, engine: Engine, plan: Plan, stop: Stop) -> None:
        self._engine = engine
        self._stop = stop
        self._plan = plan
        # Grows only, one element at a time, so that no lock is needed.
        self._refused: set[Query] = set()

    def check(self) -> Sequence[str]:
        """Check before anything is read that this can be answered; see `anyscribe.engines.Engine.check`."""
        return self._engine.check(self._plan.request_for(self.query(in_pieces=False)))

    def asking(self, request: TranscriptionRequest) -> Requester:
        """Return one that sends other form fields, and knows what this one knows.

        Args:
            request: The form fields that the user set.
        """
        other = Requester(self._engine, replace(self._plan, request=request), self._stop)
        other._refused = self._refused
        return other

    def telling(self, fields: Sequence[tuple[str, str]]) -> Requester:
        """Return one that sends more form fields, and knows what this one knows.

        Args:
            fields: The fields, as (name, value).
        """
        request = self._plan.request
        return self.asking(replace(request, fields=(*request.fields, *fields)))

    def query(self, *, in_pieces: bool) -> Query:
        """Return what is asked for next.

        Args:
            in_pieces: Whether it is about a piece, whose answer is one of several and is rendered here.
        """
        queries = self._plan.pieces if in_pieces else self._plan.whole
        return next((query for query in queries if query not in self._refused), queries[-1])

    def kept_as(self, *, in_pieces: bool) -> tuple[ResponseFormat, Sequence[Granularity]]:
        """Return the form by which an answer is kept, and by which it is found again.

        Args:
            in_pieces: As for `query`.
        """
        if self._plan.speakers is not None:
            # Also if the server did not name them: it would not the next time.
            return ResponseFormat.DIARIZED_JSON, ()
        query = self.query(in_pieces=in_pieces)
        return query.response_format, query.granularities

    def ask(self, audio: AudioSource, emit: Emit, keep: Keep) -> Result:
        """Ask about a piece, and for a format with less in it if the first one is refused.

        Args:
            audio: The piece.
            emit: Takes the engine's events, and a notice of what is asked for instead.
            keep: Keeps the answer, before anything else is done with it.

        Raises:
            AnyscribeError: What the engine raises.
        """
        while True:
            result = self.ask_once(audio, emit, keep, in_pieces=True)
            if result is not None:
                return result

    def ask_once(self, audio: AudioSource, emit: Emit, keep: Keep, *, in_pieces: bool) -> Result | None:
        """Ask once; see `ask`.

        Args:
            audio: A recording or a piece.
            emit: As for `ask`.
            keep: As for `ask`.
            in_pieces: As for `query`.

        Returns:
            None if the format was refused and another one is left to ask for.
        """
        query = self.query(in_pieces=in_pieces)
        try:
            with self._stop.request() as note_sent:

                def pass_on(event: Event) -> None:
                    if isinstance(event, Sent) and event.done_bytes == event.total_bytes:
                        note_sent()
                    emit(event)

                result = self._engine.transcribe(self._plan.request_for(query), audio, pass_on)
                keep(result)
                return result
        except RequestRefusedError as refusal:
            if not isinstance(refusal, FormatRefusedError) and not _is_about_fields(refusal, query):
                raise
            self._refused.add(query)
            following = self.query(in_pieces=in_pieces)
            if following in self._refused:
                raise
            emit(Notice(_instead(query, following)))
            return None


def _is_about_fields(refusal: RequestRefusedError, query: Query) -> bool:
    """Return whether a server refuses a field that goes with a format."""
    said = str(refusal.message)
    return any(refusal.field == name or re.search(rf"\b{name}\b", said) for name, _ in query.fields)


def _instead(query: Query, following: Query) -> str:
    if query.response_format is following.response_format:
        return f"the server does not know {query.fields[0][0]}; asking again without it"
    notice = f"the server does not answer in {query.response_format}; asking again for"
    return f"{notice} {following.response_format}"
