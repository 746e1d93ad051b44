"""One recording, from its file to its transcript in every format that is wanted."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from anyscribe.audio import probe, scratch_folder
from anyscribe.errors import TooLargeError
from anyscribe.events import Doubted, Notice, Trace
from anyscribe.recording.asking import TIMED, Asking
from anyscribe.recording.delivery import Delivery
from anyscribe.recording.hearing import Listener
from anyscribe.recording.limits import SHORT_PIECE_MS, Limits
from anyscribe.recording.link import Link
from anyscribe.recording.options import RecordingOptions
from anyscribe.recording.rendering import Rendering
from anyscribe.request import ResponseFormat
from anyscribe.transcript import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from anyscribe.audio import Recording
    from anyscribe.engines import Engine
    from anyscribe.events import Emit
    from anyscribe.recording.hearing import Heard
    from anyscribe.recording.keeping import Keeper, Keeping
    from anyscribe.recording.options import Crew
    from anyscribe.request import TranscriptionRequest

_BARE: Final = frozenset({ResponseFormat.JSON, ResponseFormat.TEXT})

_WHOLE_MS: Final = 60_000
"""A recording up to this length is sent whole although its language is not known and its words may have to be timed by
estimate: two pieces would hardly be better than one."""


class Transcriber:
    """Transcribes recordings one after the other or side by side, and remembers what the server refused.

    Args:
        engine: What does the work.
        request: The form fields; the format is chosen anew for each recording.
        wanted: The formats to render, without repetition, at least one.
        options: How recordings are sent, timed, checked and rendered.
        crew: Who helps; None leaves recordings whole and takes the answer as it comes.
    """

    def __init__(
        self,
        engine: Engine,
        request: TranscriptionRequest,
        wanted: Sequence[ResponseFormat],
        options: RecordingOptions | None = None,
        crew: Crew | None = None,
    ) -> None:
        self._options = options or RecordingOptions()
        self._request = request
        self._crew = crew
        can_align = crew is not None and self._options.align is not False
        self._asking = Asking(engine, request, wanted, self._options, can_align=can_align)
        self._limits = Limits(self._asking.abilities, request, self._options)
        self._listener = Listener(crew, request, wanted, self._options) if crew else None
        self._rendering = Rendering(request, wanted, self._options)
        self._may_lack_times = can_align and bool(TIMED.intersection(wanted))
        self._link = Link()
        self._lock = threading.Lock()
        self._keeper: Keeper | None = None

    def check(self) -> Sequence[str]:
        """Say before anything is read whether this can be answered; see `anyscribe.engines.Engine.check`."""
        return self._asking.check()

    def transcribe(self, path: Path, emit: Emit, *, name: str | None = None) -> Delivery:
        """Transcribe one recording.

        Args:
            path: Its file.
            emit: Takes the engine's events and notices.
            name: The name to tell the server; None means the file's own.

        Returns:
            Each wanted format.

        Raises:
            AnyscribeError: Any of the tree's; nothing is returned for half a recording.
        """
        answer, keeping = self._answer(probe(path, name=name), emit)
        return Delivery(self._rendering.render(answer, emit), keeping)

    def tell_kept(self) -> None:
        """Say what is kept of the recordings that are under way: the run is given up, and their threads with it."""
        if self._keeper is not None:
            self._keeper.tell()

    def _answer(self, recording: Recording, emit: Emit) -> tuple[Answer, Keeping | None]:
        """Have the recording transcribed: whole where that can be, else in pieces, which are kept on the way."""
        if self._crew is None or self._listener is None:
            return _with_duration(self._asking.ask(recording, emit, in_pieces=False), recording), None
        reason = self._limits.reason_to_convert(recording)
        while True:
            are_short = self._are_pieces_short(self._listener)
            reason = reason or self._reason_to_shorten(recording, are_short=are_short)
            if reason:
                emit(Trace(f"it is converted: {reason}"))
                return self._in_pieces(recording, self._crew, self._listener, emit, are_short=are_short)
            try:
                answer = self._whole(recording, self._listener, emit)
            except TooLargeError as refusal:
                if not self._limits.learn(refusal, recording):
                    raise
                reason = self._limits.reason_to_cut(recording) or refusal.message
                emit(Notice(f"{refusal.message}; it is cut to what the server takes", of_recording=True))
            else:
                if answer is not None:
                    return answer, None

    def _are_pieces_short(self, listener: Listener) -> bool | None:
        """Tell whether pieces are to be short, since words will be timed by estimate; None where that is not known."""
        if not self._may_lack_times or self._asking.first(in_pieces=True) not in _BARE:
            return False
        return listener.must_estimate()

    def _reason_to_shorten(self, recording: Recording, *, are_short: bool | None) -> str:
        """Say why a recording that could be sent whole is better sent in pieces; empty where it is not."""
        duration_ms = recording.duration_ms or 0
        if self._limits.is_free or are_short is False:
            return ""
        if are_short and duration_ms > SHORT_PIECE_MS:
            return "its words are timed by estimate, which short pieces make better"
        if are_short is None and duration_ms > _WHOLE_MS:
            return "its beginning tells how well its words can be timed; --language would tell it too"
        return ""

    def _whole(self, recording: Recording, listener: Listener, emit: Emit) -> Answer | None:
        """Ask about the recording as it is; None where another format is to be tried."""
        speech = listener.begin(recording)
        try:
            answer = self._asking.ask_once(recording, emit, in_pieces=False)
            if answer is None:
                return None
            answer = _with_duration(answer, recording)
            return _checked(answer, listener.listen(recording, answer.transcript, speech, emit), emit)
        finally:
            if speech is not None:
                speech.cancel()

    def _in_pieces(
        self, recording: Recording, crew: Crew, listener: Listener, emit: Emit, *, are_short: bool | None
    ) -> tuple[Answer, Keeping]:
        from anyscribe.recording.pipeline import Pipeline  # noqa: PLC0415 - few recordings need it

        keeping = self._keeping(recording, emit)
        pipeline = Pipeline(crew, self._asking, listener, self._limits, self._link, self._options.upload, keeping)
        with scratch_folder() as folder:
            answer, heard = pipeline.transcribe(recording, folder, emit, are_short=are_short)
        return _checked(_with_duration(answer, recording), heard, emit), keeping

    def _keeping(self, recording: Recording, emit: Emit) -> Keeping:
        from anyscribe.recording.keeping import Asked, Keeper  # noqa: PLC0415 - it loads SQLite

        with self._lock:
            if self._keeper is None:
                self._keeper = Keeper(Asked(self._asking.server, self._asking.form))
        return self._keeper.of(recording, emit)


def _with_duration(answer: Answer, recording: Recording) -> Answer:
    """Give the answer the recording's length where it tells none."""
    if answer.transcript.duration_ms is not None:
        return answer
    return replace(answer, transcript=replace(answer.transcript, duration_ms=recording.duration_ms))


def _checked(answer: Answer, heard: Heard, emit: Emit) -> Answer:
    """Tell what seems wrong, and give the answer the times that were found here."""
    for doubt in heard.doubts:
        emit(Doubted(str(doubt)))
    if not heard.is_timed_here:
        return answer
    # What the server rendered holds no times, or others.
    rendered_as = answer.rendered_as if answer.rendered_as in _BARE else None
    duration_ms = heard.transcript.duration_ms or answer.transcript.duration_ms
    return Answer(replace(heard.transcript, duration_ms=duration_ms), rendered_as, answer.body if rendered_as else b"")
