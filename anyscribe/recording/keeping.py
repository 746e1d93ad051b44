"""What a server was paid for is kept until the results are where they belong, and a second run takes it up again."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anyscribe.events import Notice
from anyscribe.request import PCM_RATE_HZ
from anyscribe.store import KeptAnswer, KeptAnswers, StoreError, store_path
from anyscribe.transcript import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from anyscribe.events import Emit
    from anyscribe.request import AudioSource
    from anyscribe.store import Stretch
    from anyscribe.transcript import Answer

_SAMPLES_OF_FILE: Final = 16
_SAMPLE_BYTES: Final = 16 << 10
"""A file is known by its size and so much of it; what its sound is, is held against what was kept in any case."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked, and for what: all that decides an answer but the sound.

    Args:
        server: The server's address; None for an engine that is built in, whose answers cost nothing and are not kept.
        form: The form fields with which a piece is asked about at first.
    """

    server: str | None
    form: Sequence[tuple[str, str]]


class Keeper:
    """Keeps the answers of one run, as long as the store can be used; else says so once.

    Args:
        asked: Who is asked, and for what.
    """

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._lock = threading.Lock()
        self._is_open = False
        self._under_way: set[Keeping] = set()
        self.answers: KeptAnswers | None = None
        """The store; None where there is none to be used."""

    def of(self, audio: AudioSource, emit: Emit) -> Keeping:
        """Begin with a recording.

        Args:
            audio: The recording.
            emit: Takes notices about it.
        """
        with self._lock:
            if not self._is_open and self._asked.server is not None:
                try:
                    self.answers = KeptAnswers(store_path())
                except StoreError as error:
                    emit(Notice(f"the answers to pieces cannot be kept for a second run ({error})"))
            self._is_open = True
        keeping = Keeping(self, self._name(audio), emit)
        with self._lock:
            self._under_way.add(keeping)
        return keeping

    def end(self, keeping: Keeping) -> None:
        """Be done with a recording.

        Args:
            keeping: What `of` gave for it.
        """
        with self._lock:
            self._under_way.discard(keeping)

    def tell(self) -> None:
        """Say of each recording that is under way what is kept of it: the run is given up."""
        with self._lock:
            under_way = list(self._under_way)
        for keeping in under_way:
            keeping.tell()

    def give_up(self, error: StoreError, emit: Emit) -> None:
        """Use the store no more: who waited for it in vain once does not wait again for each piece.

        Args:
            error: What is wrong with it.
            emit: Takes a notice.
        """
        with self._lock:
            if self.answers is not None:
                self.answers = None
                emit(Notice(f"the answers to pieces cannot be kept any more ({error})"))

    def _name(self, audio: AudioSource) -> bytes:
        """Give what tells this recording, asked about in this way, from all others."""
        told = json.dumps([self._asked.server, list(self._asked.form), audio.size_bytes])
        hashed = hashlib.blake2b(told.encode(), digest_size=32)
        with audio.open() as file:
            for number in range(_SAMPLES_OF_FILE):
                file.seek(max(0, audio.size_bytes - _SAMPLE_BYTES) * number // (_SAMPLES_OF_FILE - 1))
                hashed.update(file.read(_SAMPLE_BYTES))
        return hashed.digest()


class Keeping:
    """Keeps the answers to the pieces of one recording; safe to call from any thread.

    Args:
        keeper: Whose run it is.
        name: The recording's digest.
        emit: Takes notices.
    """

    def __init__(self, keeper: Keeper, name: bytes, emit: Emit) -> None:
        self._keeper = keeper
        self._name = name
        self._emit = emit
        self._lock = threading.Lock()
        self._recalled: list[Span] = []
        self._kept: list[Span] = []
        self._answered: list[Span] = []

    def recall(self) -> Sequence[KeptAnswer]:
        """Give what was kept in earlier runs, in order, not overlapping."""
        answers = self._keeper.answers
        if answers is None:
            return ()
        try:
            found = answers.of(self._name)
        except StoreError as error:
            self._keeper.give_up(error, self._emit)
            return ()
        recalled: list[KeptAnswer] = []
        end_sample = 0
        for kept in found:
            if kept.stretch.start_sample >= end_sample:
                recalled.append(kept)
                end_sample = kept.stretch.start_sample + kept.stretch.samples
        self._recalled = [_span_of(kept.stretch) for kept in recalled]
        return recalled

    def tell_recalled(self, found: Sequence[KeptAnswer]) -> None:
        """Say what need not be asked for again.

        Args:
            found: What was kept and is of this sound indeed.
        """
        spans = _merged(_span_of(kept.stretch) for kept in found)
        with self._lock:
            self._recalled = spans
        if spans:
            rest = "was transcribed before and is" if len(spans) == 1 else "were transcribed before and are"
            self._emit(Notice(f"{_named(spans)} {rest} not asked for again", of_recording=True))

    def keep(self, stretch: Stretch, answer: Answer) -> None:
        """Keep an answer as soon as it came.

        Args:
            stretch: What it is the answer to.
            answer: The answer.
        """
        answers = self._keeper.answers
        if answers is None:
            return
        try:
            answers.keep(self._name, KeptAnswer(stretch, answer))
        except StoreError as error:
            self._keeper.give_up(error, self._emit)
            return
        with self._lock:
            self._kept.append(_span_of(stretch))

    def note_answered(self, span: Span) -> None:
        """Note that a piece was answered, whether that could be kept or not.

        Args:
            span: Its time in the recording.
        """
        with self._lock:
            self._answered.append(span)

    def forget(self) -> None:
        """Delete what was kept: the results are where they belong."""
        self._keeper.end(self)
        answers = self._keeper.answers
        if answers is None:
            return
        try:
            answers.forget(self._name)
        except StoreError as error:
            self._emit(Notice(f"what was kept of it could not be deleted ({error})", of_recording=True))

    def tell(self) -> None:
        """Say what of a recording that did not become whole need not be asked for again, and what will be."""
        self._keeper.end(self)
        with self._lock:
            kept = _merged([*self._recalled, *self._kept])
            lost = [span for span in self._answered if not any(_holds(outer, span) for outer in kept)]
        told = [f"kept: {_named(kept)}; the same command goes on from there"] if kept else []
        told += [f"not kept: {_named(_merged(lost))}; this will be asked for again"] if lost else []
        if told:
            self._emit(Notice("; ".join(told), of_recording=True))


def _span_of(stretch: Stretch) -> Span:
    start, end = stretch.start_sample, stretch.start_sample + stretch.samples
    return Span(round(start * 1000 / PCM_RATE_HZ), round(end * 1000 / PCM_RATE_HZ))


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start_ms <= inner.start_ms and inner.end_ms <= outer.end_ms


def _named(spans: Iterable[Span]) -> str:
    return ", ".join(map(str, spans))


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Join spans that follow one another."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and joined[-1].end_ms == span.start_ms:
            joined[-1] = Span(joined[-1].start_ms, span.end_ms)
        else:
            joined.append(span)
    return joined
