"""What is asked of an engine: the contract's form fields, and the recording they are asked about.

Source: the reference page of ``POST /v1/audio/transcriptions``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

PCM_RATE_HZ = 16_000
"""Samples a second of the sound that engines hear: mono, 16 bits, little-endian."""

PCM_BYTES_PER_MS = 2 * PCM_RATE_HZ // 1000
"""Bytes a millisecond of it."""


class ResponseFormat(StrEnum):
    """The contract's ``response_format``, in the order in which messages name them."""

    TEXT = "text"
    JSON = "json"
    VERBOSE_JSON = "verbose_json"
    SRT = "srt"
    VTT = "vtt"


class Granularity(StrEnum):
    """The contract's ``timestamp_granularities``."""

    WORD = "word"
    SEGMENT = "segment"


@dataclass(frozen=True, slots=True)
class TranscriptionRequest:
    """The form fields of one request, but for the file; None and empty mean: not sent.

    Args:
        response_format: The format asked for.
        model: The model's name; None lets the engine take its own default.
        language: ISO-639-1 code of the language spoken.
        prompt: Text to guide the model.
        temperature: A decimal number from 0 to 1, in the digits that the user wrote.
        timestamp_granularities: Which times ``verbose_json`` shall hold.
        include: Additional data wanted (``logprobs``).
        stream: Whether the text is wanted as it comes, as `anyscribe.events.Delta`.
        fields: Fields that the contract does not name, as (name, value), sent as they are.
    """

    response_format: ResponseFormat
    model: str | None = None
    language: str | None = None
    prompt: str | None = None
    temperature: str | None = None
    timestamp_granularities: tuple[Granularity, ...] = ()
    include: tuple[str, ...] = ()
    stream: bool | None = None
    fields: tuple[tuple[str, str], ...] = ()


class AudioSource(Protocol):
    """A recording as an engine sees it: its bytes to send, or its sound to hear."""

    @property
    def filename(self) -> str:
        """A plain ASCII file name whose extension tells the container."""

    @property
    def media_type(self) -> str:
        """The container's media type, such as ``audio/mpeg``."""

    @property
    def size_bytes(self) -> int:
        """The size of the file."""

    @property
    def duration_ms(self) -> int | None:
        """The length as the container states it, in milliseconds; None where it does not say."""

    def open(self) -> BinaryIO:
        """Open the file's bytes, from the first one; the caller closes it."""

    def pcm(self) -> Iterator[bytes]:
        """Decode to mono 16-bit little-endian samples at `PCM_RATE_HZ`, in chunks of any even length.

        Raises:
            AudioError: The sound cannot be decoded, or there is none.
        """
