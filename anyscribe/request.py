"""The input of an engine: the contract's form fields, and the recording to transcribe.

Source: the reference page of ``POST /v1/audio/transcriptions``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

PCM_RATE_HZ = 16_000
"""Samples per second of the audio that engines get: mono, 16-bit, little-endian."""

PCM_BYTES_PER_MS = 2 * PCM_RATE_HZ // 1000
"""Bytes per millisecond of that audio."""


class ResponseFormat(StrEnum):
    """The contract's ``response_format``, in the order in which messages list the values."""

    TEXT = "text"
    JSON = "json"
    VERBOSE_JSON = "verbose_json"
    SRT = "srt"
    VTT = "vtt"
    DIARIZED_JSON = "diarized_json"


class Granularity(StrEnum):
    """The contract's ``timestamp_granularities``."""

    WORD = "word"
    SEGMENT = "segment"


@dataclass(frozen=True, slots=True)
class TranscriptionRequest:
    """The form fields of one request, without the file; None and empty mean: not sent.

    Args:
        response_format: The requested format.
        model: The model's name; None means the engine's default.
        language: ISO-639-1 code of the spoken language.
        prompt: Text to guide the model.
        temperature: A decimal number from 0 to 1, in the digits that the user wrote.
        timestamp_granularities: The times to include in ``verbose_json``.
        include: Additional data to return (``logprobs``).
        translate: Whether the text shall be in English, whatever language is spoken: another route of the contract.
        stream: Whether to stream the text as it is transcribed, as `anyscribe.events.Delta`.
        fields: Fields that the contract does not name, as (name, value), sent unchanged.
    """

    response_format: ResponseFormat
    model: str | None = None
    language: str | None = None
    prompt: str | None = None
    temperature: str | None = None
    timestamp_granularities: tuple[Granularity, ...] = ()
    include: tuple[str, ...] = ()
    stream: bool | None = None
    translate: bool = False
    fields: tuple[tuple[str, str], ...] = ()


class AudioSource(Protocol):
    """A recording as an engine gets it: the file's bytes to upload, or the decoded audio."""

    @property
    def filename(self) -> str:
        """A plain ASCII file name whose extension names the container."""

    @property
    def media_type(self) -> str:
        """The container's media type, such as ``audio/mpeg``."""

    @property
    def size_bytes(self) -> int:
        """The size of the file in bytes."""

    @property
    def duration_ms(self) -> int | None:
        """The length stated by the container, in milliseconds; None if it states none."""

    def open(self) -> BinaryIO:
        """Open the file for reading from its first byte; the caller closes it."""

    def pcm(self) -> Iterator[bytes]:
        """Decode to mono 16-bit little-endian samples at `PCM_RATE_HZ`, in chunks of any even length.

        Raises:
            AudioError: The audio cannot be decoded, or there is none.
        """
