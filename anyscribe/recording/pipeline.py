"""Pieces on their way: cut and encoded one after the other, asked about several at a time, stitched in order."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from anyscribe.audio import Encoding
from anyscribe.config import Upload
from anyscribe.errors import AccessDeniedError, AnyscribeError, ClosedPipeError, TooLargeError
from anyscribe.events import Delta, Trace
from anyscribe.recording.hearing import Heard
from anyscribe.recording.limits import plain_size
from anyscribe.recording.progress import PieceProgress
from anyscribe.recording.sections import Cutter, sections
from anyscribe.recording.stitching import Part, stitch
from anyscribe.transcript import Answer, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from anyscribe.audio import Piece, PieceLimits
    from anyscribe.events import Emit
    from anyscribe.recording.asking import Asking
    from anyscribe.recording.hearing import Listener
    from anyscribe.recording.keeping import Keeping
    from anyscribe.recording.limits import Limits
    from anyscribe.recording.link import Link
    from anyscribe.recording.options import Crew
    from anyscribe.recording.sections import Section
    from anyscribe.request import AudioSource

_AHEAD: Final = 1
"""So many pieces lie ready beside those that are being asked about."""

_UNHEARD: Final = 8
"""So many answered pieces may wait to be listened to, before no more are asked about."""

_DEEPEST: Final = 1
"""How often a piece that a server found too large is cut again."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Transcribes a recording in pieces.

    Args:
        crew: Who asks and who listens.
        asking: Asks the engine.
        listener: Times and checks what comes back.
        limits: How much may be sent at once.
        link: How fast the uploads are.
        upload: What a server is sent.
        keeping: Keeps the answers until the recording is whole.
    """

    crew: Crew
    asking: Asking
    listener: Listener
    limits: Limits
    link: Link
    upload: Upload
    keeping: Keeping

    def transcribe(
        self, audio: AudioSource, folder: Path, emit: Emit, *, are_short: bool | None
    ) -> tuple[Answer, Heard]:
        """Transcribe the recording.

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

    def cutter(self, folder: Path, limits: Callable[[], PieceLimits]) -> Cutter:
        """Give what cuts sound into pieces.

        Args:
            folder: Takes their files.
            limits: Asked before each piece.
        """
        return Cutter(folder, limits, self._encoding)

    def ask(self, section: Section, emit: Emit, depth: int = 0) -> Answer:
        """Ask about one piece, in smaller ones where the server finds it too large.

        Args:
            section: The piece.
            emit: Takes its events.
            depth: How often it was cut again.
        """
        piece = section.piece
        reason = self.limits.reason_to_cut(piece)
        if not reason:
            try:
                return self._kept(section, self.asking.ask(piece, emit, in_pieces=True))
            except TooLargeError as refusal:
                if depth >= _DEEPEST or not self.limits.learn(refusal, piece):
                    raise
                reason = refusal.message
        emit(Trace(f"it is cut again: {reason}"))
        folder = piece.path.with_suffix(".cut")
        folder.mkdir(mode=0o700)
        limits = self.limits.of_pieces(piece, are_short=False)
        cutter = self.cutter(folder, lambda: limits)
        # What is decoded from a lossy file is not the recording's own sound: such parts are kept as one, when all came.
        is_own_sound = piece.encoding is Encoding.FLAC
        parts = []
        for part in sections(piece.pcm(), cutter, start_sample=piece.start_sample, end_ms=piece.end_ms):
            asked = part if is_own_sound else replace(part, stretch=None)
            span = Span(part.piece.start_ms - piece.start_ms, part.piece.end_ms - piece.start_ms)
            parts.append(Part(span, self.ask(asked, emit, depth + 1).transcript))
            part.piece.discard()
        answer = Answer(stitch(parts, duration_ms=piece.duration_ms))
        return answer if is_own_sound else self._kept(section, answer)

    def _kept(self, section: Section, answer: Answer) -> Answer:
        if section.stretch is not None:
            self.keeping.keep(section.stretch, answer)
        return answer

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
        self._sections = sections(
            audio.pcm(),
            pipeline.cutter(folder, self._limits),
            end_ms=audio.duration_ms,
            keeping=pipeline.keeping,
        )
        self._asked: dict[Future[Answer], tuple[Piece, Future[tuple[Span, ...]] | None]] = {}
        self._answered: dict[Future[Heard], tuple[Piece, Answer]] = {}
        self._heard: dict[Span, tuple[Answer, Heard]] = {}
        self._failed: dict[Span, AnyscribeError] = {}
        self._has_failed = threading.Event()

    def whole(self) -> tuple[Answer, Heard]:
        """Do all of it."""
        try:
            for section in self._sections:
                self._submit(section)
                while not self._failed and self._is_full:
                    self._collect()
                if self._failed:
                    break
            while self._asked or self._answered:
                self._collect()
        except BaseException as error:
            self._cancel()
            if not isinstance(error, ClosedPipeError):
                self._pipeline.keeping.tell()
            raise
        if self._failed:
            self._pipeline.keeping.tell()
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

    def _submit(self, section: Section) -> None:
        piece = section.piece
        span = span_of(piece)
        speech = self._pipeline.listener.begin(piece)
        if section.answer is not None:
            self._emit(Trace(f"{span}: taken from what was kept"))
            self._asked[self._recalled(piece, section.answer)] = piece, speech
            return
        end = "; cut where no pause was found" if piece.cut_in_speech else ""
        self._emit(Trace(f"{span}: {piece.encoding}, {plain_size(piece.size_bytes)}{end}"))
        self._asked[self._pipeline.crew.asking.submit(self._ask, section)] = piece, speech

    def _ask(self, section: Section) -> Answer:
        """Ask about a piece; runs in a thread of the crew's."""
        if self._has_failed.is_set():
            # This thread comes here before the one that collects has heard of the failure.
            raise CancelledError
        span = span_of(section.piece)
        try:
            answer = self._pipeline.ask(section, self._progress.of_piece(section.piece.number, span))
        except AnyscribeError:
            self._has_failed.set()
            raise
        self._pipeline.keeping.note_answered(span)
        self._progress.answer(section.piece.number, span)
        return answer

    def _recalled(self, piece: Piece, answer: Answer) -> Future[Answer]:
        """Have an answer that is there already; it does not wait behind those that a server is asked for."""
        span = span_of(piece)
        if self._pipeline.asking.streams and answer.transcript.text:
            self._progress.of_piece(piece.number, span)(Delta(answer.transcript.text))
        self._progress.answer(piece.number, span)
        asked = Future[Answer]()
        asked.set_result(answer)
        return asked

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
        """Choose the failure to tell of, and say where in the recording it happened."""
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
