"""Convert a request's fields to Whisper's options."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from anyscribe.engines.logprobs import LOGPROBS
from anyscribe.engines.whisper.catalogue import DEFAULT_MODEL, is_english_only, repositories
from anyscribe.engines.whisper.libraries import known_languages
from anyscribe.errors import FieldError
from anyscribe.request import Granularity, ResponseFormat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anyscribe.request import TranscriptionRequest

_HEEDED: Final = ("hotwords", "vad_filter")
_BOOLEANS: Final = {"true": True, "false": False, "1": True, "0": False}
_TIMED: Final = frozenset({ResponseFormat.SRT, ResponseFormat.VTT, ResponseFormat.VERBOSE_JSON})
_WHISPERS_OWN: Final = {"eng": "en", "jv": "jw", "nb": "no"}
"""Standard language codes for which Whisper uses another code."""

_ENGLISH: Final = "en"


def unheeded_fields(request: TranscriptionRequest) -> Sequence[str]:
    """Return the names of the fields that Whisper ignores.

    Args:
        request: The form fields.
    """
    return [name for name in dict(request.fields) if name not in _HEEDED]


def read_spoken_language(request: TranscriptionRequest, model: str) -> str | None:
    """Return Whisper's code for the spoken language.

    Args:
        request: The form fields.
        model: The model's name.

    Returns:
        The code, without a region; None if Whisper is to detect the language.

    Raises:
        FieldError: Whisper does not know the language, or the model knows English only.
    """
    if request.language is None:
        return None
    code = re.split("[-_]", request.language.lower())[0]
    code = _WHISPERS_OWN.get(code, code)
    if code not in known_languages():
        raise FieldError(
            "language",
            request.language,
            "Whisper does not know this language",
            remedy="give ISO-639-1, such as en, de or ja",
        )
    if code != _ENGLISH and is_english_only(model):
        raise only_english(request.language, model)
    return code


def only_english(language: str, model: str) -> FieldError:
    """Return the error for a language that an English-only model does not know.

    Args:
        language: The language.
        model: The model's name, or its folder.
    """
    sibling = model.removesuffix(".en")
    better = sibling if sibling in repositories() else DEFAULT_MODEL
    return FieldError("language", language, "this model knows English only", remedy=f"use en, or the model {better}")


def read_options(request: TranscriptionRequest) -> Mapping[str, Any]:
    """Read the options that apply to a whole recording, as arguments of ``WhisperModel.transcribe``.

    Args:
        request: The form fields.

    Raises:
        FieldError: A field cannot be read.
    """
    fields = dict(request.fields)
    options: dict[str, Any] = {
        "task": "transcribe",
        "hotwords": fields.get("hotwords") or None,
        "word_timestamps": _wants_words(request),
    }
    if request.temperature is not None:
        # Exactly this one. By default the library starts at 0 and tries higher ones if the text looks bad.
        options["temperature"] = float(request.temperature)
    return options


def shortens_silences(request: TranscriptionRequest) -> bool:
    """Return whether long silences are shortened; ``vad_filter`` says so.

    Args:
        request: The form fields.

    Raises:
        FieldError: The field is not a boolean.
    """
    # In silence, Whisper hallucinates text such as the end credits of films.
    given = dict(request.fields).get("vad_filter") or "true"
    is_wanted = _BOOLEANS.get(given.lower())
    if is_wanted is None:
        raise FieldError("vad_filter", given, "not a boolean", legal=("true", "false"))
    return is_wanted


def _wants_words(request: TranscriptionRequest) -> bool:
    """Return whether words need times, which takes slightly longer: subtitles are divided by them."""
    if request.response_format in _TIMED or LOGPROBS in request.include:
        return True
    return Granularity.WORD in request.timestamp_granularities
