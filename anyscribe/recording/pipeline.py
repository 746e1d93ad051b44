"""Pieces on their way: cut and encoded one after the other, asked about several at a time, stitched in order."""

from __future__ import annotations

import contextlib
from concurrent.futures import FIRST_COMPLETED, CancelledError, wait
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from anyscribe.audio import Encoding, pieces
from anyscribe.config import Upload
from anyscribe.errors import AccessDeniedError, AnyscribeError, TooLargeError
from anyscribe.events import Notice, Trace
from anyscribe.recording.hearing import Heard
from anyscribe.recording.limits import plain_size
from anyscribe.recording.progress import PieceProgress
from anyscribe.recording.stitching import Part, stitch
from anyscribe.transcript import Answer, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from anyscribe.audio import Piece, PieceLimits
    from anyscribe.events import Emit
    from anyscribe.recording.asking import Asking
    from anyscribe.recording.hearing import Listener
    from anyscribe.recording.limits import Limits
    from anyscribe.recording.link import Link
    from anyscribe.recording.options import Crew
    from anyscribe.request import AudioSource

_AHEAD: Final = 1
"""So many pieces lie ready beside those that are being asked about."""

_UNHEARD: Final = 8
"""So many answered pieces may wait to be listened to, before no more are asked about."""

_DEEPEST: Final = 1
"""How often a piece that a server found too large is cut again."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Transcribes recordings in pieces.

    Args:
        crew: Who asks and who listens.
        asking: Asks the engine.
        listener: Times and checks what comes back.
        limits: How much may be sent at once.
        link: How fast the uploads are.
        upload: What a server is sent.
    """

    crew: Crew
    asking: Asking
    listener: Listener
    limits: Limits
    link: Link
    upload: Upload

    def transcribe(
        self, audio: AudioSource, folder: Path, emit: Emit, *, are_short: bool | None
    ) -> tuple[Answer, Heard]:
        """Transcribe one recording.

        Args:
            audio: The recording.
            folder: Takes the pieces' files; private.
            emit: Takes the recording's events.
            are_short: Whether pieces shall be short; None asks about a short one first, whose language decides.

        Returns:
            The answer, which is the engine's own where one piece was enough, and what the sound tells of it.

        Raises:
            AnyscribeError: What a piece met, with its time in the message; nothing is returned then.
        """
        return _Run(self, audio, folder, emit, are_short=are_short).whole()

    def cut(self, audio: AudioSource, folder: Path, limits: Callable[[], PieceLimits]) -> Iterator[Piece]:
        """Cut sound into pieces as they are asked for.

        Args:
            audio: The sound.
            folder: Takes their files.
            limits: Asked before each piece.
        """
        return pieces(audio.pcm(), limits, folder=folder, encoding=self._encoding, total_ms=audio.duration_ms)

    def ask(self, piece: Piece, emit: Emit, depth: int = 0) -> Answer:
        """Ask about one piece, in smaller ones where the server finds it too large.

        Args:
            piece: The piece.
            emit: Takes its events.
            depth: How often it was cut again.
        """
        reason = self.limits.reason_to_cut(piece)
        if not reason:
            try:
                return self.asking.ask(piece, emit, in_pieces=True)
            except TooLargeError as refusal:
                if depth >= _DEEPEST or not self.limits.learn(refusal, piece):
                    raise
                reason = refusal.message
        emit(Trace(f"it is cut again: {reason}"))
        folder = piece.path.with_suffix(".cut")
        folder.mkdir(mode=0o700)
        parts = []
        limits = self.limits.of_pieces(piece, are_short=False)
        for part in self.cut(piece, folder, lambda: limits):
            parts.append(Part(span_of(part), self.ask(part, emit, depth + 1).transcript))
            part.discard()
        return Answer(stitch(parts, duration_ms=piece.duration_ms))

    def _encoding(self) -> Encoding:
        if self.upload in (Upload.FLAC, Upload.OPUS):
            return Encoding(self.upload.value)
        return self.link.better_encoding()


def span_of(piece: Piece) -> Span:
    """Give a piece's time in the sound that it was cut from.

    Args:
        piece: The piece.
    """
    return Span(piece.start_ms, piece.end_ms)


class _Run:
    """One recording on its way; runs in the thread that the recording is transcribed in."""

    def __init__(
        self, pipeline: Pipeline, audio: AudioSource, folder: Path, emit: Emit, *, are_short: bool | None
    ) -> None:
        self._pipeline = pipeline
        self._audio = audio
        self._emit = emit
        self._are_short = are_short
        self._progress = PieceProgress(emit, pipeline.link, audio.duration_ms)
        self._cut = pipeline.cut(audio, folder, self._limits)
        self._asked: dict[Future[Answer], tuple[Piece, Future[tuple[Span, ...]] | None]] = {}
        self._answered: dict[Future[Heard], tuple[Piece, Answer]] = {}
        self._heard: dict[Span, tuple[Answer, Heard]] = {}
        self._failed: dict[Span, AnyscribeError] = {}

    def whole(self) -> tuple[Answer, Heard]:
        """Do all of it."""
        try:
            for piece in self._cut:
                self._submit(piece)
                while not self._failed and self._is_full:
                    self._collect()
                if self._failed:
                    break
            while self._asked or self._answered:
                self._collect()
        except BaseException:
            self._cancel()
            raise
        if self._failed:
            raise self._failure()
        return self._stitched()

    @property
    def _is_full(self) -> bool:
        if self._are_short is None:
            # Of the next piece nothing is known before this one's language is.
            return bool(self._asked)
        return len(self._asked) >= self._pipeline.crew.asking_at_once + _AHEAD or len(self._answered) >= _UNHEARD

    def _limits(self) -> PieceLimits:
        return self._pipeline.limits.of_pieces(self._audio, are_short=self._are_short is not False)

    def _submit(self, piece: Piece) -> None:
        span = span_of(piece)
        end = "; cut where no pause was found" if piece.cut_in_speech else ""
        self._emit(Trace(f"{span}: {piece.encoding}, {plain_size(piece.size_bytes)}{end}"))
        speech = self._pipeline.listener.begin(piece)
        self._asked[self._pipeline.crew.asking.submit(self._ask, piece)] = piece, speech

    def _ask(self, piece: Piece) -> Answer:
        """Ask about a piece; runs in a thread of the crew's."""
        span = span_of(piece)
        answer = self._pipeline.ask(piece, self._progress.of_piece(piece.number, span))
        self._progress.answer(piece.number, span)
        return answer

    def _collect(self) -> None:
        """Wait until something is done, and see to what comes after it."""
        under_way: list[Future[Any]] = [*self._asked, *self._answered]
        done, _ = wait(under_way, return_when=FIRST_COMPLETED)
        for future in [future for future in self._asked if future in done]:
            piece, speech = self._asked.pop(future)
            with self._noting_failure(piece):
                self._listen(piece, future.result(), speech)
        for heard in [future for future in self._answered if future in done]:
            piece, answer = self._answered.pop(heard)
            with self._noting_failure(piece):
                self._heard[span_of(piece)] = answer, heard.result()
                self._progress.finish(piece.number, span_of(piece))
                piece.discard()

    def _listen(self, piece: Piece, answer: Answer, speech: Future[tuple[Span, ...]] | None) -> None:
        pipeline, transcript = self._pipeline, answer.transcript
        if self._are_short is None and transcript.text:
            is_timed = bool(transcript.words or transcript.segments)
            self._are_short = not is_timed and not pipeline.listener.can_align(transcript)
        emit = self._progress.of_piece(piece.number, span_of(piece))
        heard = pipeline.crew.hearing.submit(pipeline.listener.listen, piece, transcript, speech, emit)
        self._answered[heard] = piece, answer

    @contextlib.contextmanager
    def _noting_failure(self, piece: Piece) -> Iterator[None]:
        """Keep what a piece met until the others that are under way have ended: they may be paid for."""
        try:
            yield
        except AnyscribeError as error:
            self._failed[span_of(piece)] = error
            for future in [*self._asked]:
                if future.cancel():
                    del self._asked[future]
        except CancelledError:
            pass

    def _cancel(self) -> None:
        under_way: list[Future[Any]] = [*self._asked, *self._answered]
        for future in under_way:
            future.cancel()

    def _failure(self) -> AnyscribeError:
        """Choose the failure to tell of, and say where in the recording it happened and what was done besides."""
        if self._heard:
            done = ", ".join(map(str, _merged(self._heard)))
            self._emit(Notice(f"transcribed before it failed: {done}; this will be asked for again", of_recording=True))
        denied = (span for span, error in self._failed.items() if isinstance(error, AccessDeniedError))
        span = next(denied, min(self._failed))
        error = self._failed[span]
        error.message = f"{span}: {error.message}"
        return error

    def _stitched(self) -> tuple[Answer, Heard]:
        in_order = sorted(self._heard.items())
        if len(in_order) == 1:
            ((_, (answer, heard)),) = in_order
            return answer, heard
        parts = [Part(span, heard.transcript) for span, (_, heard) in in_order]
        transcript = stitch(parts, duration_ms=self._audio.duration_ms)
        doubts = tuple(
            replace(doubt, span=_shifted(doubt.span, span)) for span, (_, heard) in in_order for doubt in heard.doubts
        )
        is_timed_here = any(heard.is_timed_here for _, (_, heard) in in_order)
        return Answer(transcript), Heard(transcript, is_timed_here=is_timed_here, doubts=doubts)


def _shifted(inner: Span | None, outer: Span) -> Span:
    """Give the place in the recording of a place in a piece; of one that has none, the piece's own."""
    if inner is None:
        return outer
    return Span(outer.start_ms + inner.start_ms, outer.start_ms + inner.end_ms)


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and merged[-1].end_ms == span.start_ms:
            merged[-1] = Span(merged[-1].start_ms, span.end_ms)
        else:
            merged.append(span)
    return merged
