"""Voices that a client names with a sample of each: ``known_speaker_names[]`` and ``known_speaker_references[]``."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

from anyscribe.errors import AudioError, FieldError
from anyscribe.recording.known_voices import read_voice
from anyscribe.recording.voice_samples import NAMES_FIELD, REFERENCES_FIELD

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from anyscribe.recording.options import KnownVoice

_NAMES: Final = NAMES_FIELD.removesuffix("[]")
_REFERENCES: Final = REFERENCES_FIELD.removesuffix("[]")
_INDEX: Final = re.compile(r"\[[0-9]*\]$")
_ADDRESS: Final = re.compile(r"data:[^,]*;base64,", re.IGNORECASE)


def read_voices(fields: Sequence[tuple[str, str]], folder: Path) -> tuple[KnownVoice, ...]:
    """Read the voices that a form names.

    Args:
        fields: The form's fields, as (name, value).
        folder: Where samples are written, one after the other; it is the caller's to remove.

    Raises:
        FieldError: There is not one sample for each name, or one cannot be heard.
    """
    names = [value for name, value in fields if _INDEX.sub("", name) == _NAMES]
    samples = [value for name, value in fields if _INDEX.sub("", name) == _REFERENCES]
    if len(names) != len(samples):
        counts = f"{len(names)} names and {len(samples)} samples"
        raise FieldError(_REFERENCES, "", counts, remedy=f"send one for each of {_NAMES}")
    return tuple(_voice(name, sample, folder / "voice") for name, sample in zip(names, samples, strict=True))


def _voice(name: str, sample: str, path: Path) -> KnownVoice:
    address = _ADDRESS.match(sample)
    try:
        if address is None:
            raise FieldError(_REFERENCES, "", f"{name}: no data: address", remedy="data:audio/wav;base64,…")
        path.write_bytes(base64.b64decode(sample[address.end() :], validate=True))
        return read_voice(name, path)
    except binascii.Error:
        raise FieldError(_REFERENCES, "", f"{name}: it is not base64", remedy="encode the sound's file") from None
    except AudioError as error:
        raise FieldError(_REFERENCES, "", f"{name}: {error.message}", remedy="send 2 to 10 seconds of sound") from error
    finally:
        path.unlink(missing_ok=True)
