"""How much may be uploaded at once: as the user says, as a refusal taught, or as is known of the server."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from anyscribe.audio import PieceLimits
from anyscribe.errors import AudioError
from anyscribe.form import write_form
from anyscribe.recording.options import UploadMode
from anyscribe.sentence import Option, Sentence
from anyscribe.timespan import clock_time

if TYPE_CHECKING:
    from anyscribe.audio import Recording
    from anyscribe.engines import Capabilities
    from anyscribe.errors import TooLargeError
    from anyscribe.recording.options import RecordingOptions
    from anyscribe.request import AudioSource, TranscriptionRequest
    from anyscribe.sentence import Text

_FRAME_BYTES: Final = 1_024
_FIELD_BYTES: Final = 256
"""What multipart puts around the file, and around each field."""

_PIECE_MS: Final = 300_000
"""The length of a long recording's pieces: short enough that the first one is soon on its way and several are uploaded
at once, long enough that hardly any sentence is cut."""

SHORT_PIECE_MS: Final = 30_000
"""The longest piece if words are timed by estimate: the shorter the piece, the better the estimate."""

_SHORT_MS: Final = 25_000
_MARGIN_MS: Final = 20

_STEREO: Final = 2

_FLAC_BYTES_PER_MS: Final = 20
"""Of speech, on the safe side; see `bench/cutting.py`."""


class UploadLimits:
    """What a server takes at once of one model's recordings; learns from refusals, so there is one for a whole run.

    Args:
        capabilities: What is known of the server and model.
        request: The form fields, which count too.
        options: What the user says.
    """

    def __init__(self, capabilities: Capabilities, request: TranscriptionRequest, options: RecordingOptions) -> None:
        self._capabilities = capabilities
        self._upload = options.upload
        self._frame_bytes = _FRAME_BYTES + sum(
            _FIELD_BYTES + len(name) + len(value.encode("utf-8", "replace")) for name, value in write_form(request)
        )
        self._lock = threading.Lock()
        self._max_body_bytes = _said(options.max_body_bytes, capabilities.max_body_bytes)
        self._max_ms = _said(options.max_ms, capabilities.max_ms)

    @property
    def max_file_bytes(self) -> int | None:
        """The largest file that a request may hold; None means any."""
        return None if self._max_body_bytes is None else max(self._max_body_bytes - self._frame_bytes, 1)

    @property
    def _max_piece_ms(self) -> int | None:
        """The longest piece: an Opus file states a few milliseconds more than it was made of."""
        return None if self._max_ms is None else self._max_ms - _MARGIN_MS

    @property
    def is_free(self) -> bool:
        """Whether nothing is ever converted: it stays on this machine, or the user wants it so."""
        return self._capabilities.takes_any_container or self._upload is UploadMode.ORIGINAL

    def reason_to_convert(self, recording: Recording) -> Text:
        """Say why a recording cannot be uploaded as it is.

        Args:
            recording: The recording.

        Returns:
            A clause; empty if it can.
        """
        if self.is_free:
            return ""
        if self._upload is not UploadMode.AUTO:
            return Sentence("{} asks for it", Option("upload", self._upload.value))
        if recording.has_video:
            return "only the audio of a film is uploaded"
        if not recording.is_contract_container:
            return "servers do not know its container"
        return _reason_of_sound(recording) or self.reason_to_cut(recording) or _reason_of_channels(recording)

    def reason_to_cut(self, audio: AudioSource) -> str:
        """Say why audio cannot be uploaded in one piece.

        Args:
            audio: The audio.

        Returns:
            A clause; empty if it can.
        """
        if self.max_file_bytes is not None and audio.size_bytes > self.max_file_bytes:
            return (
                f"{plain_size(audio.size_bytes)} is more than the {plain_size(self._max_body_bytes or 0)} of a request"
            )
        if self._max_ms is not None and (audio.duration_ms or 0) > self._max_ms:
            return f"{clock_time(audio.duration_ms or 0)} is more than the {clock_time(self._max_ms)} of a request"
        return ""

    def learn(self, refusal: TooLargeError, audio: AudioSource) -> bool:
        """Learn from a refusal how much may be uploaded.

        Args:
            refusal: What the server said.
            audio: What it refused.

        Returns:
            Whether the audio can be cut to what the server takes.
        """
        with self._lock:
            if refusal.max_bytes is not None and refusal.max_bytes < audio.size_bytes + self._frame_bytes:
                self._max_body_bytes = min(self._max_body_bytes or refusal.max_bytes, refusal.max_bytes)
            if refusal.max_ms is not None and refusal.max_ms < (audio.duration_ms or refusal.max_ms + 1):
                self._max_ms = min(self._max_ms or refusal.max_ms, refusal.max_ms)
        return self._upload is not UploadMode.ORIGINAL and bool(self.reason_to_cut(audio) or audio.duration_ms is None)

    def of_pieces(self, audio: AudioSource, *, are_short: bool) -> PieceLimits:
        """Return the limits of the next piece.

        Args:
            audio: All that is to be cut.
            are_short: Whether pieces shall be short, because words are timed by estimate.
        """
        if are_short:
            max_ms = min(self._max_piece_ms or SHORT_PIECE_MS, SHORT_PIECE_MS)
            return PieceLimits(self.max_file_bytes, max_ms, min(_SHORT_MS, max_ms))
        wanted_ms = None if self._fits_whole(audio) else min(_PIECE_MS, self._max_piece_ms or _PIECE_MS)
        return PieceLimits(self.max_file_bytes, self._max_piece_ms, wanted_ms)

    def of_rest(self, audio: AudioSource, rest_ms: int, *, are_short: bool) -> tuple[int, int]:
        """Estimate how many requests a part of a recording takes, and how many bytes.

        Args:
            audio: The recording, which is uploaded in pieces.
            rest_ms: The length of the part, in milliseconds.
            are_short: As for `of_pieces`.
        """
        limits = self.of_pieces(audio, are_short=are_short)
        by_size_ms = None if self.max_file_bytes is None else self.max_file_bytes // _FLAC_BYTES_PER_MS
        piece_ms = min(filter(None, (limits.wanted_ms, limits.max_ms, by_size_ms)), default=rest_ms)
        return -(-rest_ms // max(piece_ms, 1)), rest_ms * _FLAC_BYTES_PER_MS

    def _fits_whole(self, audio: AudioSource) -> bool:
        """Return whether audio that only has to be converted fits into one piece.

        Audio that has to be cut is not cut into the longest pieces possible: several pieces are done sooner.
        """
        if audio.duration_ms is None or self.reason_to_cut(audio):
            return False
        return self.max_file_bytes is None or audio.duration_ms * _FLAC_BYTES_PER_MS <= self.max_file_bytes


def _reason_of_sound(recording: Recording) -> str:
    """Say why a server would read other sound in a file than the sound that is wanted."""
    if recording.selection.channel is not None:
        return f"only channel {recording.selection.channel} is uploaded"
    if recording.selection.track is not None and len(recording.tracks) > 1:
        return f"only track {recording.track} is uploaded"
    if len(recording.parts) > 1:
        return f"it is {len(recording.parts)} recordings joined together, of which servers read the first"
    if recording.says_less:
        return "its header says that it is shorter than it is"
    if recording.channels > _STEREO:
        return f"servers leave out some of {recording.channels} channels"
    return ""


def _reason_of_channels(recording: Recording) -> str:
    try:
        cancels = recording.channels == _STEREO and recording.cancels()
    except AudioError:
        # What cannot be decoded here is for the server to judge.
        return ""
    return "its channels cancel each other when servers mix them" if cancels else ""


def _said(own: int | None, known: int | None) -> int | None:
    """Prefer what the user says to what is known; 0 means any."""
    return known if own is None else own or None


def plain_size(size_bytes: int) -> str:
    """Write a size for messages: ``25.0 MiB``.

    Args:
        size_bytes: Bytes.
    """
    return f"{size_bytes / (1 << 20):,.1f} MiB" if size_bytes >= 1 << 20 else f"{size_bytes:,} bytes"
