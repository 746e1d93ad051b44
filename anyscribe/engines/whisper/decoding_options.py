"""Convert a request's fields to Whisper's options."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from anyscribe.engines import WHISPER_TOKENS
from anyscribe.engines.whisper.catalogue import USUAL_MODEL, is_english_only, repositories
from anyscribe.engines.whisper.libraries import known_languages
from anyscribe.engines.whisper.logprobs import LOGPROBS
from anyscribe.errors import FieldError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.request import TranscriptionRequest

_HEEDED: Final = ("hotwords", "vad_filter")
_BOOLEANS: Final = {"true": True, "false": False, "1": True, "0": False}
_WHISPERS_OWN: Final = {"eng": "en", "jv": "jw", "nb": "no"}
"""Standard language codes for which Whisper uses another code."""

ENGLISH: Final = "en"


@dataclass(frozen=True, slots=True)
class DecodingOptions:
    """How a recording is read.

    Args:
        task: ``transcribe`` or ``translate``.
        prompt: Text that comes before each window, with a space before it; None for none.
        hotwords: Words to expect, likewise.
        temperature: Exactly the one to use; None for 0, and higher ones where the text looks bad.
        wants_probabilities: Whether the probability of each word is wanted, which takes longer.
    """

    task: str
    prompt: str | None
    hotwords: str | None
    temperature: float | None
    wants_probabilities: bool = False


def unheeded_fields(request: TranscriptionRequest) -> Sequence[str]:
    """Return the names of the fields that Whisper ignores.

    Args:
        request: The form fields.
    """
    return [name for name in dict(request.fields) if name not in _HEEDED]


def read_spoken_language(request: TranscriptionRequest, model: str | None) -> str | None:
    """Return Whisper's code for the spoken language.

    Args:
        request: The form fields.
        model: The model's name; None if it is still to be chosen.

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
    if model is not None and code != ENGLISH and is_english_only(model):
        raise only_english(request.language, model)
    return code


def only_english(language: str, model: str) -> FieldError:
    """Return the error for a language that an English-only model does not know.

    Args:
        language: The language.
        model: The model's name, or its folder.
    """
    sibling = model.removesuffix(".en")
    better = sibling if sibling in repositories() else USUAL_MODEL
    return FieldError("language", language, "this model knows English only", remedy=f"use en, or the model {better}")


def read_options(request: TranscriptionRequest, tokenizer: Any) -> DecodingOptions:  # noqa: ANN401 - untyped
    """Read the options that apply to a whole recording.

    Args:
        request: The form fields.
        tokenizer: The model's own, a ``tokenizers.Tokenizer``.
    """
    hotwords, room = _shortened(dict(request.fields).get("hotwords"), tokenizer, WHISPER_TOKENS)
    prompt, _ = _shortened(request.prompt, tokenizer, room)
    return DecodingOptions(
        task="translate" if request.translate else "transcribe",
        prompt=prompt,
        hotwords=hotwords,
        temperature=None if request.temperature is None else float(request.temperature),
        wants_probabilities=LOGPROBS in request.include,
    )


def _shortened(text: str | None, tokenizer: Any, most: int) -> tuple[str | None, int]:  # noqa: ANN401 - as above
    """Return the end of a text that has at most so many tokens, and how many are left."""
    if not text or not text.strip() or not most:
        return None, most
    tokens: list[int] = tokenizer.encode(f" {text.strip()}", add_special_tokens=False).ids
    if len(tokens) <= most:
        return f" {text.strip()}", most - len(tokens)
    return tokenizer.decode(tokens[-most:]), 0


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
