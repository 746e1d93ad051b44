"""What happens to pieces, told as what happens to the recording."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from anyscribe.events import Aligning, Delta, Notice, Retrying, Sent, Trace, Transcribed
from anyscribe.recording.ordering import OrderedText

if TYPE_CHECKING:
    from anyscribe.events import Emit, Event
    from anyscribe.recording.link import Link
    from anyscribe.transcript import Span


_SENT: Final = 0.4
_ANSWERED: Final = 0.8
"""How much of a piece is done when it has been sent, and when it has been answered; the rest is timing its words."""


class PieceProgress:
    """Turns the events of pieces into those of their recording: where each is, how far all are, the text in order.

    Args:
        emit: Takes the recording's events.
        link: Learns how fast the uploads are.
        total_ms: The recording's length; None where unknown.
    """

    def __init__(self, emit: Emit, link: Link, total_ms: int | None) -> None:
        self._emit = emit
        self._link = link
        self._total_ms = total_ms
        self._lock = threading.Lock()
        self._text = OrderedText(emit)
        # How much of each piece is done, as milliseconds of its sound.
        self._done_ms: dict[int, int] = {}

    def of_piece(self, number: int, span: Span) -> Emit:
        """Give what takes a piece's events.

        Args:
            number: The piece's, from 0.
            span: Its time in the recording.
        """

        def emit(event: Event) -> None:
            match event:
                case Sent(done_bytes, total_bytes):
                    self._link.note((self, number), done_bytes, is_done=done_bytes == total_bytes)
                    self._move(number, span, _SENT * done_bytes / (total_bytes or 1))
                case Delta(text):
                    self._text.tell(number, text)
                case Retrying(reason):
                    self._emit(replace(event, reason=f"{span}: {reason}"))
                case Notice(message, of_recording=True):
                    self._emit(replace(event, message=f"{span}: {message}"))
                case Trace(message):
                    self._emit(Trace(f"{span}: {message}"))
                case Transcribed() | Aligning():
                    pass
                case _:
                    self._emit(event)

        return emit

    def answer(self, number: int, span: Span) -> None:
        """Note that a piece has been transcribed, and all its text told.

        Args:
            number: The piece's.
            span: Its time in the recording.
        """
        self._text.finish(number)
        self._move(number, span, _ANSWERED)

    def finish(self, number: int, span: Span) -> None:
        """Note that nothing is left to do for a piece.

        Args:
            number: The piece's.
            span: Its time in the recording.
        """
        self._move(number, span, 1)

    def _move(self, number: int, span: Span, share: float) -> None:
        with self._lock:
            self._done_ms[number] = round(share * (span.end_ms - span.start_ms))
            all_ms = sum(self._done_ms.values())
        self._emit(Transcribed(all_ms, max(self._total_ms or 0, all_ms)))
