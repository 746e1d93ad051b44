"""Events of pieces, turned into events of their recording; their text in the order of the recording."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from anyscribe.events import Aligning, Delta, Notice, Queued, Retrying, Sent, Trace, Transcribed
from anyscribe.formats.prose import joint
from anyscribe.sentence import Sentence

if TYPE_CHECKING:
    from anyscribe.events import Emit, Event
    from anyscribe.recording.bandwidth import Bandwidth
    from anyscribe.timespan import Span


_SENT: Final = 0.4
_ANSWERED: Final = 0.8
"""The share of a piece that is done when it has been uploaded, and when it has been answered; the rest is analysis."""


class PieceProgress:
    """Turns the events of pieces into those of their recording: the place of each, the progress of all, text in order.

    Args:
        emit: Takes the recording's events.
        bandwidth: Learns how fast the uploads are.
        total_ms: The recording's length; None if unknown.
    """

    def __init__(self, emit: Emit, bandwidth: Bandwidth, total_ms: int | None) -> None:
        self._emit = emit
        self._bandwidth = bandwidth
        self._total_ms = total_ms
        self._lock = threading.Lock()
        self._text = OrderedText(emit)
        # How much of each piece is done, as milliseconds of its audio.
        self._done_ms: dict[int, int] = {}

    def of_piece(self, number: int, span: Span) -> Emit:
        """Return what takes a piece's events.

        Args:
            number: The piece's number, from 0.
            span: Its time in the recording.
        """

        def emit(event: Event) -> None:
            match event:
                case Sent(done_bytes, total_bytes):
                    self._bandwidth.note((self, number), done_bytes, is_done=done_bytes == total_bytes)
                    self._move(number, span, _SENT * done_bytes / (total_bytes or 1))
                case Delta(text):
                    self._text.add(number, text)
                case Retrying(reason):
                    self._emit(replace(event, reason=Sentence("{}: {}", str(span), reason)))
                case Notice(message, of_recording=True):
                    self._emit(replace(event, message=Sentence("{}: {}", str(span), message)))
                case Trace(message):
                    self._emit(Trace(Sentence("{}: {}", str(span), message)))
                case Transcribed() | Aligning() | Queued():
                    pass
                case _:
                    self._emit(event)

        return emit

    def note_answered(self, number: int, span: Span) -> None:
        """Note that a piece has been transcribed, and that all its text was emitted.

        Args:
            number: The piece's number.
            span: Its time in the recording.
        """
        self._text.finish(number)
        self._move(number, span, _ANSWERED)

    def note_done(self, number: int, span: Span) -> None:
        """Note that nothing is left to do for a piece.

        Args:
            number: The piece's number.
            span: Its time in the recording.
        """
        self._move(number, span, 1)

    def _move(self, number: int, span: Span, share: float) -> None:
        with self._lock:
            self._done_ms[number] = round(share * span.length_ms)
            all_ms = sum(self._done_ms.values())
        self._emit(Transcribed(all_ms, max(self._total_ms or 0, all_ms)))


class OrderedText:
    """Takes each piece's text as it comes, and emits it as soon as all pieces before are complete.

    What is emitted, joined, is what `anyscribe.formats.prose.joined_text` makes of the pieces' texts.

    Args:
        emit: Takes `anyscribe.events.Delta`.
    """

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._lock = threading.Lock()
        self._turn = 0
        self._waiting: dict[int, list[str]] = {}
        self._complete: set[int] = set()
        # Of what was emitted: its last character, whether this piece has begun, and white space that may be its end.
        self._last = ""
        self._has_begun = False
        self._spaces = ""

    def add(self, number: int, text: str) -> None:
        """Take some text of a piece.

        Args:
            number: The piece's number, from 0.
            text: What follows in it.
        """
        with self._lock:
            if number == self._turn:
                self._tell(text)
            else:
                self._waiting.setdefault(number, []).append(text)

    def finish(self, number: int) -> None:
        """Note that a piece is complete.

        Args:
            number: The piece's number.
        """
        with self._lock:
            self._complete.add(number)
            while self._turn in self._complete:
                self._turn += 1
                self._has_begun, self._spaces = False, ""
                for text in self._waiting.pop(self._turn, ()):
                    self._tell(text)

    def _tell(self, text: str) -> None:
        if not self._has_begun:
            text = text.lstrip()
            if not text:
                return
            self._spaces = joint(self._last, text[0]) if self._last else ""
            self._has_begun = True
        whole = self._spaces + text
        told = whole.rstrip()
        self._spaces = whole[len(told) :]
        if told:
            self._last = told[-1]
            self._emit(Delta(told))
