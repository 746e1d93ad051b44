"""How much may be sent at once: what the user says, else what a refusal taught, else what is known of the server."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from anyscribe.audio import PieceLimits
from anyscribe.config import Upload
from anyscribe.form import write_form
from anyscribe.transcript import clock_time

if TYPE_CHECKING:
    from anyscribe.audio import Recording
    from anyscribe.engines import Abilities
    from anyscribe.errors import TooLargeError
    from anyscribe.recording.options import RecordingOptions
    from anyscribe.request import AudioSource, TranscriptionRequest

_FRAME_BYTES: Final = 1_024
_FIELD_BYTES: Final = 256
"""What multipart puts around the file, and around each field."""

_SHARE_MS: Final = 300_000
"""So long a recording's pieces are: short enough that the first one is soon on its way and several are under way at
once, long enough that hardly any sentence meets a cut."""

SHORT_PIECE_MS: Final = 30_000
"""Where words' times can only be estimated, they are the better the shorter the piece: this long at the most."""

_SHORT_MS: Final = 25_000
_MARGIN_MS: Final = 20

_FLAC_BYTES_PER_MS: Final = 20
"""Of speech, on the safe side; see `bench/cutting.py`."""


class Limits:
    """What one server takes of one model's recordings at once; learns from refusals, and so is kept for all of a run.

    Args:
        abilities: What is known beforehand.
        request: The form fields, which count too.
        options: What the user says.
    """

    def __init__(self, abilities: Abilities, request: TranscriptionRequest, options: RecordingOptions) -> None:
        self._abilities = abilities
        self._upload = options.upload
        self._frame_bytes = _FRAME_BYTES + sum(
            _FIELD_BYTES + len(name) + len(value.encode("utf-8", "replace")) for name, value in write_form(request)
        )
        self._lock = threading.Lock()
        self._max_body_bytes = _said(options.max_body_bytes, abilities.max_body_bytes)
        self._max_ms = _said(options.max_ms, abilities.max_ms)

    @property
    def max_file_bytes(self) -> int | None:
        """The largest file that a request may hold; None means any."""
        return None if self._max_body_bytes is None else max(self._max_body_bytes - self._frame_bytes, 1)

    @property
    def _max_piece_ms(self) -> int | None:
        """The longest sound of a piece: an Opus file states a few milliseconds more than it was made of."""
        return None if self._max_ms is None else self._max_ms - _MARGIN_MS

    @property
    def is_free(self) -> bool:
        """Whether nothing is ever converted: it stays on this machine, or the user wants it so."""
        return self._abilities.takes_any_container or self._upload is Upload.ORIGINAL

    def reason_to_convert(self, recording: Recording) -> str:
        """Say why a recording cannot be sent as it is.

        Args:
            recording: The recording.

        Returns:
            A clause; empty where it can.
        """
        if self.is_free:
            return ""
        if self._upload is not Upload.AUTO:
            return f"--upload {self._upload} asks for it"
        if recording.has_video:
            return "only its sound is sent, not the film"
        if not recording.is_contract_container:
            return "servers do not know its container"
        return self.reason_to_cut(recording)

    def reason_to_cut(self, audio: AudioSource) -> str:
        """Say why sound cannot be sent in one piece.

        Args:
            audio: The sound.

        Returns:
            A clause; empty where it can.
        """
        if self.max_file_bytes is not None and audio.size_bytes > self.max_file_bytes:
            return (
                f"{plain_size(audio.size_bytes)} are more than the {plain_size(self._max_body_bytes or 0)} of a request"
            )
        if self._max_ms is not None and (audio.duration_ms or 0) > self._max_ms:
            return f"{clock_time(audio.duration_ms or 0)} are more than the {clock_time(self._max_ms)} of a request"
        return ""

    def learn(self, refusal: TooLargeError, audio: AudioSource) -> bool:
        """Learn from a refusal how much may be sent.

        Args:
            refusal: What the server said.
            audio: What it said it of.

        Returns:
            Whether what was refused can be cut to what it takes.
        """
        with self._lock:
            if refusal.max_bytes is not None and refusal.max_bytes < audio.size_bytes + self._frame_bytes:
                self._max_body_bytes = min(self._max_body_bytes or refusal.max_bytes, refusal.max_bytes)
            if refusal.max_ms is not None and refusal.max_ms < (audio.duration_ms or refusal.max_ms + 1):
                self._max_ms = min(self._max_ms or refusal.max_ms, refusal.max_ms)
        return self._upload is not Upload.ORIGINAL and bool(self.reason_to_cut(audio) or audio.duration_ms is None)

    def of_pieces(self, audio: AudioSource, *, are_short: bool) -> PieceLimits:
        """Give the limits of the next piece.

        Args:
            audio: All that is to be cut.
            are_short: Whether pieces shall be short, because words are timed by estimate.
        """
        if are_short:
            max_ms = min(self._max_piece_ms or SHORT_PIECE_MS, SHORT_PIECE_MS)
            return PieceLimits(self.max_file_bytes, max_ms, min(_SHORT_MS, max_ms))
        wanted_ms = None if self._fits_whole(audio) else min(_SHARE_MS, self._max_piece_ms or _SHARE_MS)
        return PieceLimits(self.max_file_bytes, self._max_piece_ms, wanted_ms)

    def _fits_whole(self, audio: AudioSource) -> bool:
        """Tell whether sound that is only to be converted will do as one piece.

        What has to be cut, or would have had to, is not made as long as can be: several pieces are done sooner.
        """
        if audio.duration_ms is None or self.reason_to_cut(audio):
            return False
        return self.max_file_bytes is None or audio.duration_ms * _FLAC_BYTES_PER_MS <= self.max_file_bytes


def _said(own: int | None, known: int | None) -> int | None:
    """Let the user's word outweigh what is known; 0 means any."""
    return known if own is None else own or None


def plain_size(size_bytes: int) -> str:
    """Write a size as messages name it: ``25.0 MiB``.

    Args:
        size_bytes: Bytes.
    """
    return f"{size_bytes / (1 << 20):,.1f} MiB" if size_bytes >= 1 << 20 else f"{size_bytes:,} bytes"
