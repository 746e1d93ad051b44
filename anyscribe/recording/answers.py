"""Answers that were paid for are kept as they come; no question is asked twice, nor by two programs at once."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from typing import TYPE_CHECKING, Final, TypeVar

from anyscribe.events import Notice
from anyscribe.form import write_form
from anyscribe.request import PCM_RATE_HZ
from anyscribe.store import WHOLE, KeptAnswer, Question, StoreError, digest_of
from anyscribe.timespan import Span, union

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from anyscribe.audio import Recording
    from anyscribe.events import Emit
    from anyscribe.recording.own_fields import OwnFields
    from anyscribe.recording.plan import Plan
    from anyscribe.recording.requester import Requester
    from anyscribe.request import Granularity, ResponseFormat, TranscriptionRequest
    from anyscribe.result import Result
    from anyscribe.store import AnswerStore, Stretch

T = TypeVar("T")

_SAMPLES_OF_FILE: Final = 16
_SAMPLE_BYTES: Final = 16 << 10
"""How version 1 of the store identified a file: by its size and these samples of it."""

_FORM_ALONE: Final = frozenset({"response_format", "timestamp_granularities[]", "stream", "model"})
"""Fields that decide how an answer looks and not what it says, and one that is kept by itself."""


def question_of(server: str, request: TranscriptionRequest, *, is_repair: bool = False) -> Question:
    """Return what is asked, whatever the form of the answer.

    Args:
        server: The address that is asked.
        request: The form fields.
        is_repair: Whether it is about stretches that overlap what else was asked; such answers are kept by themselves.
    """
    form = [pair for pair in write_form(request) if pair[0] not in _FORM_ALONE]
    if request.translate:
        form.append(("task", "translate"))
    if is_repair:
        form.append(("task", "repair"))
    return Question(server, request.model or "", json.dumps(form))


def question_digest(server: str, plan: Plan, own: OwnFields | None) -> bytes:
    """Identify what is asked about a recording, whatever the form of the answer.

    Args:
        server: The address that is asked.
        plan: What is done with every recording.
        own: What is said about the recording alone; None for nothing.
    """
    return question_of(server, plan.for_recording(own).request).digest


class AnswerBook:
    """The answers of one run, while the store can be used; says once if it cannot.

    Args:
        store: The store; None if nothing is kept.
        question: What is asked about every recording.
        old_question: What version 1 of the store would have noted: the server and the first form.
    """

    def __init__(
        self, store: AnswerStore | None, question: Question, old_question: tuple[str, Sequence[tuple[str, str]]]
    ) -> None:
        self._store = store
        self._lock = threading.Lock()
        self.question: Final = question
        self._old_question = old_question

    @property
    def store(self) -> AnswerStore | None:
        """The store; None once it has failed."""
        return self._store

    def give_up(self, error: StoreError, emit: Emit) -> None:
        """Stop using the store, so that no later answer waits for it in vain.

        Args:
            error: What is wrong with it.
            emit: Takes a notice.
        """
        with self._lock:
            if self._store is not None:
                self._store = None
                emit(Notice(f"answers can no longer be kept ({error})"))

    def old_digest(self, recording: Recording) -> bytes:
        """Identify a recording together with the question, as version 1 of the store did."""
        server, form = self._old_question
        told = json.dumps([server, list(form), recording.size_bytes, *_choices(recording)])
        hashed = hashlib.blake2b(told.encode(), digest_size=32)
        with recording.open() as file:
            for number in range(_SAMPLES_OF_FILE):
                file.seek(max(0, recording.size_bytes - _SAMPLE_BYTES) * number // (_SAMPLES_OF_FILE - 1))
                hashed.update(file.read(_SAMPLE_BYTES))
        return hashed.digest()


class RecordingAnswers:
    """The answers about one recording; safe to use from any thread.

    Args:
        book: The run that it belongs to.
        recording: The recording.
        requester: Knows the form that is asked for next.
        emit: Takes notices.
        is_temporary: Whether its file is a copy that will be gone.
        question: What is asked; None for that of the book.
    """

    def __init__(  # noqa: PLR0913 - a recording, and all that its answers need
        self,
        book: AnswerBook,
        recording: Recording,
        requester: Requester,
        emit: Emit,
        *,
        is_temporary: bool = False,
        question: Question | None = None,
    ) -> None:
        self._book = book
        self.question: Final = question or book.question
        """What is asked."""

        self._recording = recording
        self._requester = requester
        self._emit = emit
        self._is_temporary = is_temporary
        self._lock = threading.Lock()
        self._loaded: list[Span] = []
        self._saved: list[Span] = []
        self._answered: list[Span] = []
        self._found: list[KeptAnswer] = []
        self._digest = b""

    @contextlib.contextmanager
    def claimed(self) -> Iterator[None]:
        """Keep others from asking about this recording; wait while one of them does.

        Raises:
            AudioError: The recording cannot be read.
        """
        store = self._book.store
        if store is None:
            yield
            return
        digest = self._digested(store)
        if digest is None:
            yield
            return
        is_told = False

        def wait() -> None:
            nonlocal is_told
            if not is_told:
                is_told = True
                notice = "it is being transcribed already; that answer is waited for and used here"
                self._emit(Notice(notice, of_recording=True))

        with store.claims.held(digest + self.question.digest, wait):
            yield

    def about(self, question: Question, requester: Requester) -> RecordingAnswers:
        """Return the answers to another question about the same recording.

        Args:
            question: The question.
            requester: Knows the form in which it is asked.
        """
        other = RecordingAnswers(
            self._book, self._recording, requester, self._emit, is_temporary=self._is_temporary, question=question
        )
        other._digest = self._digest
        return other

    def answer(self, stretch: Stretch) -> Result | None:
        """Return the answer about exactly this part; None if there is none.

        Args:
            stretch: The part.
        """
        self._find(in_pieces=True)
        return next((kept.answer for kept in self._found if kept.stretch == stretch), None)

    def whole(self) -> Result | None:
        """Return the answer about the whole file; None if there is none."""
        self._find(in_pieces=False)
        return next((kept.answer for kept in self._found if kept.stretch == WHOLE), None)

    def has_pieces(self) -> bool:
        """Return whether parts of it were answered."""
        return any(kept.stretch != WHOLE for kept in self._found)

    def load(self) -> Sequence[KeptAnswer]:
        """Return the answers about parts of it, in order, not overlapping."""
        self._find(in_pieces=True)
        loaded = in_order(self._found)
        self._loaded = [span_of(kept.stretch) for kept in loaded]
        return loaded

    def unanswered_ms(self) -> int:
        """Return how much of it has to be asked about, in milliseconds, if the whole file has no answer."""
        answered = sum(span_of(kept.stretch).length_ms for kept in in_order(self._found))
        return max(0, (self._recording.duration_ms or 0) - answered)

    def answered_now_ms(self) -> int:
        """Return how much of it was asked about and answered now, in milliseconds."""
        with self._lock:
            return sum(span.length_ms for span in union(self._answered))

    def note_used(self, used: Sequence[KeptAnswer]) -> None:
        """Tell the user what need not be transcribed again.

        Args:
            used: The answers of earlier runs that are really of this audio.
        """
        spans = union(span_of(kept.stretch) for kept in used)
        with self._lock:
            self._loaded = spans
        if spans:
            verb = "was transcribed before and is" if len(spans) == 1 else "were transcribed before and are"
            self._emit(Notice(f"{_listed(spans)} {verb} not sent again", of_recording=True))

    def save_whole(self, result: Result) -> None:
        """Keep an answer about the whole file as soon as it came.

        Args:
            result: The answer.
        """
        self._save(WHOLE, result, self._recording.duration_ms or 0, in_pieces=False)

    def save(self, stretch: Stretch, result: Result) -> None:
        """Keep an answer about a part as soon as it came.

        Args:
            stretch: The audio that it is the answer to.
            result: The answer.
        """
        if self._save(stretch, result, span_of(stretch).length_ms, in_pieces=True):
            with self._lock:
                self._saved.append(span_of(stretch))

    def note_answered(self, span: Span) -> None:
        """Note that a piece was answered, whether the answer could be kept or not.

        Args:
            span: Its time in the recording.
        """
        with self._lock:
            self._answered.append(span)

    def report(self) -> None:
        """Tell the user which parts of an unfinished recording need not be sent again, and which will be."""
        with self._lock:
            kept = union([*self._loaded, *self._saved])
            lost = [span for span in self._answered if not any(_holds(outer, span) for outer in kept)]
        told = [f"kept: {_listed(kept)}; the same command continues from there"] if kept else []
        told += [f"not kept: {_listed(union(lost))}; this will be sent again"] if lost else []
        if told:
            self._emit(Notice("; ".join(told), of_recording=True))

    def _asked(self, *, in_pieces: bool) -> tuple[ResponseFormat, Sequence[Granularity]]:
        return self._requester.kept_as(in_pieces=in_pieces)

    def _find(self, *, in_pieces: bool) -> None:
        def find(store: AnswerStore, digest: bytes) -> list[KeptAnswer]:
            asked = self._asked(in_pieces=in_pieces)
            found = store.answers(digest, self.question, asked)
            if found or not store.has_old_answers or self.question != self._book.question:
                return found
            return store.old_answers(self._book.old_digest(self._recording))

        self._found = self._with_store(find) or []

    def _save(self, stretch: Stretch, result: Result, length_ms: int, *, in_pieces: bool) -> bool:
        def keep(store: AnswerStore, digest: bytes) -> bool:
            asked = self._asked(in_pieces=in_pieces)
            store.keep(digest, self.question, asked, KeptAnswer(stretch, result), length_ms)
            return True

        return self._with_store(keep) or False

    def _with_store(self, act: Callable[[AnswerStore, bytes], T]) -> T | None:
        """Use the store; None if there is none that can be used."""
        store = self._book.store
        digest = None if store is None else self._digested(store)
        if store is None or digest is None:
            return None
        try:
            return act(store, digest)
        except StoreError as error:
            self._book.give_up(error, self._emit)
            return None

    def _digested(self, store: AnswerStore) -> bytes | None:
        """Identify the recording: its content, and which of its sound is transcribed."""
        if not self._digest:
            try:
                content = store.digest_of_file(self._recording.path, is_remembered=not self._is_temporary)
            except StoreError as error:
                self._book.give_up(error, self._emit)
                return None
            except OSError:
                # Whoever reads it next says so.
                return None
            choices = _choices(self._recording)
            self._digest = content + digest_of(*choices) if choices else content
        return self._digest


def _choices(recording: Recording) -> list[str]:
    """Return what of the file is transcribed, if it is not simply its sound."""
    selection = recording.selection
    return [] if selection.track is None and selection.channel is None else [repr(selection)]


def in_order(answers: Iterable[KeptAnswer]) -> list[KeptAnswer]:
    """Return the answers about parts of a recording, without those that overlap an earlier one.

    Args:
        answers: What is kept, ordered by start.
    """
    chosen: list[KeptAnswer] = []
    end_sample = 0
    for kept in answers:
        if kept.stretch != WHOLE and kept.stretch.start_sample >= end_sample:
            chosen.append(kept)
            end_sample = kept.stretch.start_sample + kept.stretch.samples
    return chosen


def span_of(stretch: Stretch) -> Span:
    """Return when a part of a recording is.

    Args:
        stretch: The part.
    """
    start, end = stretch.start_sample, stretch.start_sample + stretch.samples
    return Span(round(start * 1000 / PCM_RATE_HZ), round(end * 1000 / PCM_RATE_HZ))


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start_ms <= inner.start_ms and inner.end_ms <= outer.end_ms


def _listed(spans: Iterable[Span]) -> str:
    return ", ".join(map(str, spans))
