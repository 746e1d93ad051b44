"""Answers that were paid for are kept on disk until the results are written; a second run continues from them."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anyscribe.events import Notice
from anyscribe.request import PCM_RATE_HZ
from anyscribe.store import KeptAnswer, KeptAnswers, StoreError, store_path
from anyscribe.timespan import Span, union

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from anyscribe.audio import Recording
    from anyscribe.events import Emit
    from anyscribe.result import Result
    from anyscribe.store import Stretch

_SAMPLES_OF_FILE: Final = 16
_SAMPLE_BYTES: Final = 16 << 10
"""A file is identified by its size and these samples of it. The audio of each piece is compared in any case."""


@dataclass(frozen=True, slots=True)
class Question:
    """Everything that decides an answer except the audio.

    Args:
        server: The server's address; None for a built-in engine, whose answers cost nothing and are not kept.
        form: The form fields of the first request about a piece.
    """

    server: str | None
    form: Sequence[tuple[str, str]]


class AnswerCache:
    """Keeps the answers of one run while the store can be used; says once if it cannot.

    Args:
        question: Who is asked, and for what.
    """

    def __init__(self, question: Question) -> None:
        self._question = question
        self._lock = threading.Lock()
        self._is_open = False
        self._in_progress: set[RecordingAnswers] = set()
        self.answers: KeptAnswers | None = None
        """The store; None if there is none that can be used."""

    def of(self, audio: Recording, emit: Emit) -> RecordingAnswers:
        """Start with a recording.

        Args:
            audio: The recording.
            emit: Takes notices about it.
        """
        with self._lock:
            if not self._is_open and self._question.server is not None:
                try:
                    self.answers = KeptAnswers(store_path())
                except StoreError as error:
                    emit(Notice(f"answers to pieces cannot be kept for a second run ({error})"))
            self._is_open = True
        answers = RecordingAnswers(self, self._digest(audio), emit)
        with self._lock:
            self._in_progress.add(answers)
        return answers

    def end(self, answers: RecordingAnswers) -> None:
        """Finish with a recording.

        Args:
            answers: What `of` returned for it.
        """
        with self._lock:
            self._in_progress.discard(answers)

    def report(self) -> None:
        """Tell the user what is kept of each recording in progress: the run was cancelled."""
        with self._lock:
            in_progress = list(self._in_progress)
        for answers in in_progress:
            answers.report()

    def give_up(self, error: StoreError, emit: Emit) -> None:
        """Stop using the store, so that no later piece waits for it in vain.

        Args:
            error: What is wrong with it.
            emit: Takes a notice.
        """
        with self._lock:
            if self.answers is not None:
                self.answers = None
                emit(Notice(f"answers to pieces can no longer be kept ({error})"))

    def _digest(self, audio: Recording) -> bytes:
        """Identify this recording together with the question."""
        told = json.dumps([self._question.server, list(self._question.form), audio.size_bytes, *_choices(audio)])
        hashed = hashlib.blake2b(told.encode(), digest_size=32)
        with audio.open() as file:
            for number in range(_SAMPLES_OF_FILE):
                file.seek(max(0, audio.size_bytes - _SAMPLE_BYTES) * number // (_SAMPLES_OF_FILE - 1))
                hashed.update(file.read(_SAMPLE_BYTES))
        return hashed.digest()


class RecordingAnswers:
    """The answers to the pieces of one recording; safe to use from any thread.

    Args:
        cache: The run that it belongs to.
        digest: What identifies the recording.
        emit: Takes notices.
    """

    def __init__(self, cache: AnswerCache, digest: bytes, emit: Emit) -> None:
        self._cache = cache
        self._digest = digest
        self._emit = emit
        self._lock = threading.Lock()
        self._loaded: list[Span] = []
        self._saved: list[Span] = []
        self._answered: list[Span] = []

    def load(self) -> Sequence[KeptAnswer]:
        """Return the answers of earlier runs, in order, not overlapping."""
        store = self._cache.answers
        if store is None:
            return ()
        try:
            found = store.of(self._digest)
        except StoreError as error:
            self._cache.give_up(error, self._emit)
            return ()
        loaded: list[KeptAnswer] = []
        end_sample = 0
        for kept in found:
            if kept.stretch.start_sample >= end_sample:
                loaded.append(kept)
                end_sample = kept.stretch.start_sample + kept.stretch.samples
        self._loaded = [_span_of(kept.stretch) for kept in loaded]
        return loaded

    def note_used(self, used: Sequence[KeptAnswer]) -> None:
        """Tell the user what need not be transcribed again.

        Args:
            used: The answers of earlier runs that are really of this audio.
        """
        spans = union(_span_of(kept.stretch) for kept in used)
        with self._lock:
            self._loaded = spans
        if spans:
            verb = "was transcribed before and is" if len(spans) == 1 else "were transcribed before and are"
            self._emit(Notice(f"{_listed(spans)} {verb} not sent again", of_recording=True))

    def save(self, stretch: Stretch, result: Result) -> None:
        """Keep an answer as soon as it came.

        Args:
            stretch: The audio that it is the answer to.
            result: The answer.
        """
        store = self._cache.answers
        if store is None:
            return
        try:
            store.keep(self._digest, KeptAnswer(stretch, result))
        except StoreError as error:
            self._cache.give_up(error, self._emit)
            return
        with self._lock:
            self._saved.append(_span_of(stretch))

    def note_answered(self, span: Span) -> None:
        """Note that a piece was answered, whether the answer could be kept or not.

        Args:
            span: Its time in the recording.
        """
        with self._lock:
            self._answered.append(span)

    def discard(self) -> None:
        """Delete what is kept: all results are written."""
        self._cache.end(self)
        store = self._cache.answers
        if store is None:
            return
        try:
            store.forget(self._digest)
        except StoreError as error:
            self._emit(Notice(f"its kept answers could not be deleted ({error})", of_recording=True))

    def report(self) -> None:
        """Tell the user which parts of an unfinished recording need not be sent again, and which will be."""
        self._cache.end(self)
        with self._lock:
            kept = union([*self._loaded, *self._saved])
            lost = [span for span in self._answered if not any(_holds(outer, span) for outer in kept)]
        told = [f"kept: {_listed(kept)}; the same command continues from there"] if kept else []
        told += [f"not kept: {_listed(union(lost))}; this will be sent again"] if lost else []
        if told:
            self._emit(Notice("; ".join(told), of_recording=True))


def _choices(audio: Recording) -> list[str]:
    """Return what of the file is transcribed, if it is not simply its sound."""
    selection = audio.selection
    return [] if selection.track is None and selection.channel is None else [repr(selection)]


def _span_of(stretch: Stretch) -> Span:
    start, end = stretch.start_sample, stretch.start_sample + stretch.samples
    return Span(round(start * 1000 / PCM_RATE_HZ), round(end * 1000 / PCM_RATE_HZ))


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start_ms <= inner.start_ms and inner.end_ms <= outer.end_ms


def _listed(spans: Iterable[Span]) -> str:
    return ", ".join(map(str, spans))
