"""JSON of other programs and services, brought into the contract's shape: each module knows one by its members.

What is already in that shape (OpenAI's, faster-whisper's, WhisperX's, whisper.cpp's server) needs none. Times are in
seconds here, as in the contract. A document is of the first dialect that takes it for its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from anyscribe.formats.dialects import (
    assembly_ai,
    aws,
    azure,
    deepgram,
    eleven_labs,
    gladia,
    google,
    listed,
    nemo,
    parakeet,
    rev_ai,
    soniox,
    speechmatics,
    transformers,
    vosk,
    watson,
    whisper_cpp,
    youtube,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyscribe.formats.dialects.members import Members

_DIALECTS: Final[tuple[tuple[str, Callable[[Any], Members | None]], ...]] = (
    ("Deepgram", deepgram.read),
    ("AssemblyAI", assembly_ai.read),
    ("whisper.cpp", whisper_cpp.read),
    ("Transformers", transformers.read),
    ("ElevenLabs", eleven_labs.read),
    ("Azure", azure.read),
    ("Speechmatics", speechmatics.read),
    ("IBM Watson", watson.read),
    ("Google", google.read),
    ("AWS", aws.read),
    ("Gladia", gladia.read),
    ("Rev", rev_ai.read),
    ("Soniox", soniox.read),
    ("parakeet-mlx", parakeet.read),
    ("NeMo", nemo.read),
    ("Vosk", vosk.read),
    ("YouTube", youtube.read),
    ("podcasts", listed.read),
)

KNOWN: Final = ", ".join(("OpenAI", "WhisperX", "faster-whisper", *(name for name, _ in _DIALECTS)))
"""Whose JSON can be read, for messages."""


def as_contract(document: Any) -> Members | None:  # noqa: ANN401 - any JSON
    """Return a transcript of another program as the members of a reply of the contract.

    Args:
        document: Decoded JSON.

    Returns:
        The members; None if the document is in no known dialect.

    Raises:
        ValueError: It is in a dialect and holds several recordings; the message is one line.
    """
    return next((found for _, read in _DIALECTS if (found := read(document)) is not None), None)
