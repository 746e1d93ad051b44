"""A recording in pieces: cut and encoded one after the other, transcribed several at a time, stitched in order."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from anyscribe.audio import Encoding
from anyscribe.errors import AccessDeniedError, AnyscribeError, ClosedPipeError, TooLargeError
from anyscribe.events import Delta, Notice, Trace
from anyscribe.recording.options import UploadMode
from anyscribe.recording.progress import PieceProgress
from anyscribe.recording.sections import PieceMaker, sections
from anyscribe.recording.stitching import Part, stitch
from anyscribe.recording.upload_limits import plain_size
from anyscribe.result import Result
from anyscribe.sentence import Sentence
from anyscribe.timespan import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from anyscribe.audio import Piece, PieceLimits
    from anyscribe.events import Emit
    from anyscribe.recording.analysis import Analyzer, Heard
    from anyscribe.recording.answers import RecordingAnswers
    from anyscribe.recording.bandwidth import Bandwidth
    from anyscribe.recording.options import Resources
    from anyscribe.recording.piece_voices import PieceVoices
    from anyscribe.recording.requester import Requester
    from anyscribe.recording.sections import Section
    from anyscribe.recording.upload_limits import UploadLimits
    from anyscribe.request import AudioSource
    from anyscribe.sentence import Text

_AHEAD: Final = 1
"""How many pieces are ready beside those that are being transcribed."""

_UNANALYZED: Final = 8
"""How many answered pieces may wait for analysis before no more are submitted."""

_DEEPEST: Final = 1
"""How often a piece that a server found too large is cut again."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Transcribes a recording in pieces.

    Args:
        resources: Runs requests and analyses.
        requester: Asks the engine.
        analyzer: Times and checks the answers.
        limits: How much may be uploaded at once.
        bandwidth: How fast the uploads are.
        upload: What is uploaded.
        streams: Whether the text is wanted as it comes.
        voices: Keeps the names of speakers across pieces; None if they are not wanted.
    """

    resources: Resources
    requester: Requester
    analyzer: Analyzer
    limits: UploadLimits
    bandwidth: Bandwidth
    upload: UploadMode
    streams: bool
    voices: PieceVoices | None = None

    def transcribe(self, audio: AudioSource, answers: RecordingAnswers, emit: Emit, *, are_short: bool) -> Result:
        """Transcribe a recording.

        Args:
            audio: The recording.
            answers: Keeps the answers until the results are written.
            emit: Takes the recording's events.
            are_short: Whether pieces shall be short.

        Returns:
            The result; the engine's own rendering is in it if one piece was enough.

        Raises:
            AnyscribeError: What happened to a piece, with its place; nothing is returned then.
        """
        with self.resources.scratch.folder() as folder:
            run = _PieceRun(self, audio, folder, answers, emit, are_short=are_short)
            return run.result()

    def maker(self, folder: Path, limits: Callable[[], PieceLimits]) -> PieceMaker:
        """Return what cuts audio into pieces.

        Args:
            folder: Takes their files.
            limits: Called before each piece.
        """
        return PieceMaker(folder, limits, self._encoding)

    def ask(self, section: Section, answers: RecordingAnswers, emit: Emit, depth: int = 0) -> Result:
        """Ask about one piece, in smaller ones if the server finds it too large.

        Args:
            section: The piece.
            answers: Keeps the answer.
            emit: Takes its events.
            depth: How often it was cut again.
        """
        piece = section.piece
        reason: Text = self.limits.reason_to_cut(piece)
        if not reason:
            try:
                return self.requester.ask(piece, emit, lambda result: _save(section, result, answers))
            except TooLargeError as refusal:
                if depth >= _DEEPEST or not self.limits.learn(refusal, piece):
                    raise
                reason = refusal.message
        emit(Trace(Sentence("it is cut again: {}", reason)))
        # Audio decoded from a lossy file is not the recording's own: such parts are kept together, when all are there.
        is_own_audio = piece.encoding is Encoding.FLAC
        parts = []
        for number, part in enumerate(self._smaller(piece)):
            asked = part if is_own_audio else replace(part, stretch=None)
            span = Span(part.piece.start_ms - piece.start_ms, part.piece.end_ms - piece.start_ms)
            transcript = self.ask(asked, answers, emit, depth + 1).transcript
            parts.append(Part(span, self.voices.apart(transcript, number) if self.voices and number else transcript))
            part.piece.discard()
        result = Result(stitch(parts, duration_ms=piece.duration_ms))
        if not is_own_audio:
            _save(section, result, answers)
        return result

    def _smaller(self, piece: Piece) -> Iterator[Section]:
        folder = piece.path.with_suffix(".cut")
        folder.mkdir(mode=0o700)
        limits = self.limits.of_pieces(piece, are_short=False)
        maker = self.maker(folder, lambda: limits)
        return sections(piece.pcm(), maker, start_sample=piece.start_sample, end_ms=piece.end_ms)

    def _encoding(self) -> Encoding:
        if self.upload in (UploadMode.FLAC, UploadMode.OPUS):
            return Encoding(self.upload.value)
        return self.bandwidth.better_encoding()


def _save(section: Section, result: Result, answers: RecordingAnswers) -> None:
    if section.stretch is not None:
        answers.save(section.stretch, result)


def span_of(piece: Piece) -> Span:
    """Return a piece's time in the recording.

    Args:
        piece: The piece.
    """
    return Span(piece.start_ms, piece.end_ms)


class _PieceRun:
    """One recording in progress; runs in the thread that the recording is transcribed in."""

    def __init__(  # noqa: PLR0913 - a recording and all that its pieces need
        self,
        pipeline: Pipeline,
        audio: AudioSource,
        folder: Path,
        answers: RecordingAnswers,
        emit: Emit,
        *,
        are_short: bool,
    ) -> None:
        self._pipeline = pipeline
        self._audio = audio
        self._answers = answers
        self._emit = emit
        self._are_short = are_short
        self._progress = PieceProgress(emit, pipeline.bandwidth, audio.duration_ms)
        maker = pipeline.maker(folder, self._limits)
        self._sections = sections(audio.pcm(), maker, end_ms=audio.duration_ms, answers=answers)
        self._asked: dict[Future[Result], tuple[Piece, Future[Heard] | None]] = {}
        self._answered: dict[Future[Result], Piece] = {}
        self._results: dict[Span, Result] = {}
        self._failed: dict[Span, AnyscribeError] = {}
        self._has_failed = threading.Event()

    def result(self) -> Result:
        """Do all of it."""
        try:
            for section in self._sections:
                while self._asked and not self._failed and self._awaits_voices:
                    self._collect()
                if self._failed:
                    break
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
                self._answers.report()
            raise
        if self._failed:
            self._answers.report()
            raise self._failure()
        return self._stitched()

    @property
    def _is_full(self) -> bool:
        most = self._pipeline.resources.request_count + _AHEAD
        return len(self._asked) >= most or len(self._answered) >= _UNANALYZED

    @property
    def _awaits_voices(self) -> bool:
        voices = self._pipeline.voices
        return voices is not None and voices.are_awaited

    def _limits(self) -> PieceLimits:
        return self._pipeline.limits.of_pieces(self._audio, are_short=self._are_short)

    def _submit(self, section: Section) -> None:
        piece = section.piece
        span = span_of(piece)
        speech = self._pipeline.analyzer.detect_speech(piece)
        voices = self._pipeline.voices
        # What an earlier run asked about, it asked in the same order, with the same voices known.
        known = voices.fields(piece.number) if voices else ()
        if section.kept is not None:
            self._emit(Trace(f"{span}: taken from an earlier run"))
            self._asked[self._resumed(piece, section.kept)] = piece, speech
            return
        end = "; cut where there was no pause" if piece.cut_in_speech else ""
        self._emit(Trace(f"{span}: {piece.encoding}, {plain_size(piece.size_bytes)}{end}"))
        self._asked[self._pipeline.resources.requests.submit(self._ask, section, known)] = piece, speech

    def _ask(self, section: Section, known: Sequence[tuple[str, str]]) -> Result:
        """Ask about a piece, with fields that tell which voices are known; runs in another thread."""
        if self._has_failed.is_set():
            # This thread may get here before the one that collects results knows about the failure.
            raise CancelledError
        span = span_of(section.piece)
        number = section.piece.number
        pipeline = self._pipeline
        if known:
            pipeline = replace(pipeline, requester=pipeline.requester.telling(known))
        try:
            result = pipeline.ask(section, self._answers, self._progress.of_piece(number, span))
        except AnyscribeError:
            self._has_failed.set()
            raise
        self._answers.note_answered(span)
        self._progress.note_answered(number, span)
        return result

    def _resumed(self, piece: Piece, kept: Result) -> Future[Result]:
        """Take the answer of an earlier run; it does not wait behind requests."""
        span = span_of(piece)
        if self._pipeline.streams and kept.transcript.text:
            self._progress.of_piece(piece.number, span)(Delta(kept.transcript.text))
        self._progress.note_answered(piece.number, span)
        asked = Future[Result]()
        asked.set_result(kept)
        return asked

    def _collect(self) -> None:
        """Wait until something is done, and start what comes after it."""
        in_progress: list[Future[Any]] = [*self._asked, *self._answered]
        done, _ = wait(in_progress, return_when=FIRST_COMPLETED)
        for future in [future for future in self._asked if future in done]:
            piece, speech = self._asked.pop(future)
            with self._noting_failure(piece):
                result = future.result()
                if self._pipeline.voices:
                    self._pipeline.voices.note(piece.number, piece, result.transcript)
                self._analyze(piece, result, speech)
        for analyzed in [future for future in self._answered if future in done]:
            piece = self._answered.pop(analyzed)
            with self._noting_failure(piece):
                self._results[span_of(piece)] = analyzed.result()
                self._progress.note_done(piece.number, span_of(piece))
                piece.discard()

    def _analyze(self, piece: Piece, result: Result, speech: Future[Heard] | None) -> None:
        pipeline = self._pipeline
        emit = self._progress.of_piece(piece.number, span_of(piece))
        analyzed = pipeline.resources.threads.submit(pipeline.analyzer.analyze, piece, result, speech, emit)
        self._answered[analyzed] = piece

    @contextlib.contextmanager
    def _noting_failure(self, piece: Piece) -> Iterator[None]:
        """Note a piece's failure, and wait for the others in progress: they may have been paid for."""
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
        in_progress: list[Future[Any]] = [*self._asked, *self._answered]
        for future in in_progress:
            future.cancel()

    def _failure(self) -> AnyscribeError:
        """Choose the failure to report, and say where in the recording it happened."""
        denied = (span for span, error in self._failed.items() if isinstance(error, AccessDeniedError))
        span = next(denied, min(self._failed))
        return self._failed[span].at(span)

    def _stitched(self) -> Result:
        in_order = sorted(self._results.items(), key=lambda item: item[0])
        if len(in_order) == 1:
            return in_order[0][1]
        transcripts = [result.transcript for _, result in in_order]
        if self._pipeline.voices:
            transcripts, are_strange = self._pipeline.voices.named(transcripts)
            if are_strange:
                notice = "not all speakers could be found again in its parts: A (part 2) may be A, or somebody else"
                self._emit(Notice(notice, of_recording=True))
        parts = [Part(span, one) for (span, _), one in zip(in_order, transcripts, strict=True)]
        return Result(stitch(parts, duration_ms=None))
