"""How much a server accepts per request, and which formats it supports: known in advance, or read from a refusal.

Source: OpenAI's and Groq's reference pages, and the refusals of the servers that the comments name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from anyscribe.engines import HOTWORDS, IN_PROMPT, Capabilities, Hints, SpeakerQuery
from anyscribe.form import write_form
from anyscribe.request import Granularity, ResponseFormat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anyscribe.request import TranscriptionRequest

_USUAL_BODY_BYTES: Final = 25 << 20
"""The limit of OpenAI, vLLM and most gateways."""

_TRANSCRIBE_FAMILY: Final = re.compile(r"(^|/)gpt-([\w.]+-)*transcribe\b", re.IGNORECASE)
"""OpenAI's models after whisper-1, also as gateways name them: ``openai/gpt-4o-mini-transcribe``."""

_TRANSCRIBE_MS: Final = 1_400_000
_BARE: Final = frozenset({ResponseFormat.JSON, ResponseFormat.TEXT})
_GROQ_HOST: Final = "api.groq.com"

_DIARIZER: Final = re.compile(r"(^|/)gpt-4o-transcribe-diarize")
_CHUNKING: Final = ("chunking_strategy", "auto")
"""OpenAI's diarizer refuses more than 30 s without it, in any format."""

_VOXTRAL: Final = re.compile(r"(^|/)voxtral-(mini|small)-(latest|transcribe|\d{4}$)")
"""Mistral's own names of its models; the weights under other names know neither of its fields."""

_LISTS_WITHOUT_MARK: Final = "timestamp_granularities"
"""Mistral's reference names this list without brackets."""

_SPEAKERS: Final[tuple[tuple[re.Pattern[str], SpeakerQuery], ...]] = (
    (_DIARIZER, SpeakerQuery(ResponseFormat.DIARIZED_JSON, fields=(_CHUNKING,), is_usual=True, references=4)),
    # It refuses the one without the other, and its diarizer gives no times of words.
    (_VOXTRAL, SpeakerQuery(ResponseFormat.VERBOSE_JSON, (Granularity.SEGMENT,), (("diarize", "true"),))),
)
"""How models are asked who speaks."""

_ANY_SPEAKERS: Final = SpeakerQuery(ResponseFormat.DIARIZED_JSON, fields=(_CHUNKING,))
"""How all others are asked, such as CrispASR: as OpenAI's."""

_REFERENCES_BYTES: Final = 2 << 20
"""Room in a body for samples of voices."""

_HINTS: Final[tuple[tuple[re.Pattern[str], Hints | None], ...]] = (
    # OpenAI's reference: no prompt for the first, keywords for the second.
    (_DIARIZER, None),
    (re.compile(r"(^|/)gpt-transcribe\b"), Hints("keywords[]", is_list=True)),
    # Its default for the list refuses a request with a space or comma in an item, and its examples have underscores.
    (_VOXTRAL, Hints("context_bias", is_list=True, space="_", max_terms=100)),
    # speaches runs them with faster-whisper; vLLM has the field for Fun-ASR.
    (re.compile(r"faster-(distil-)?whisper|fun-?asr", re.IGNORECASE), HOTWORDS),
)
"""How models are told which words to expect; all others by the prompt."""

_NAMES_LANGUAGES: Final = re.compile(r"(^|/)gpt-transcribe\b")
"""OpenAI's guide names a list of languages for this model, and not the one language of its older models."""

_SMALLER_BYTES: Final = (_USUAL_BODY_BYTES, 15_000_000, 10_000_000, 5_000_000, 1_000_000)
"""Common limits, such as LocalAI's 15 MB and nginx's 1 MB: for servers that do not state theirs."""

_SPEAKS_OF_LIMITS: Final = re.compile(
    r"\b(long(er|est)?|large(r|st)?|big(ger|gest)?|max(imum)?|limit(ed)?|exceed\w*|at most|up to|less than|under)\b",
    re.IGNORECASE,
)
_TIME: Final = re.compile(
    r"(\d[\d,]*(?:\.\d+)?)\s*-?(ms|milliseconds?|s|secs?|seconds?|min|minutes?|h|hours?)\b", re.IGNORECASE
)
_SIZE: Final = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*-?(bytes?|[kmg]i?b|megabytes?)\b", re.IGNORECASE)
_BARE_SIZE: Final = re.compile(r"(?<![\d.,])\d{6,}(?![\d.,])")
"""As in OpenAI's ``Maximum content size limit (26214400) exceeded (26374211 bytes read)``."""

_MS: Final = {"ms": 1, "mil": 1, "s": 1000, "sec": 1000, "min": 60_000, "h": 3_600_000, "hou": 3_600_000}
_POWERS: Final = {"b": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}
_TOO_LARGE: Final = 413
_WRONG: Final = frozenset({400, 422})
_OF_THE_FILE: Final = frozenset({None, "file", "audio", "audio_file"})


def form_for(request: TranscriptionRequest) -> list[tuple[str, str]]:
    """Write a request's form with the names of fields that its model knows.

    Args:
        request: The form fields.
    """
    fields = write_form(request)
    model = request.model or ""
    names = {}
    if _NAMES_LANGUAGES.search(model):
        names = {"language": "languages[]"}
    elif _VOXTRAL.search(model):
        names = {f"{_LISTS_WITHOUT_MARK}[]": _LISTS_WITHOUT_MARK}
    if _DIARIZER.search(model) and _CHUNKING[0] not in dict(fields):
        fields.append(_CHUNKING)
    return [(names.get(name, name), value) for name, value in fields]


def capabilities_of(host: str, model: str | None) -> Capabilities:
    """Return what is known about a model on a server before a request is sent.

    Args:
        host: The server's host, without its port.
        model: The model's name, as it is sent.

    Returns:
        Its limits and formats; if nothing is known, those of most servers.
    """
    formats = frozenset(ResponseFormat)
    max_bytes, max_ms = _USUAL_BODY_BYTES, None
    if _TRANSCRIBE_FAMILY.search(model or ""):
        formats, max_ms = _BARE, _TRANSCRIBE_MS
    elif host == _GROQ_HOST:
        formats -= {ResponseFormat.SRT, ResponseFormat.VTT}
    hints = next((hints for name, hints in _HINTS if name.search(model or "")), IN_PROMPT)
    speakers = next((speakers for name, speakers in _SPEAKERS if name.search(model or "")), _ANY_SPEAKERS)
    if speakers.references:
        max_bytes -= _REFERENCES_BYTES
    return Capabilities(formats, max_body_bytes=max_bytes, max_ms=max_ms, hints=hints, speakers=speakers)


def read_size_limits(status: int, message: str, field: str | None) -> tuple[int | None, int | None] | None:
    """Read from a refusal how much the server would have accepted.

    Args:
        status: The HTTP status.
        message: The server's message.
        field: The form field that it names; None if it names none.

    Returns:
        The largest body in bytes and the longest audio in milliseconds, each None if not stated; None instead of both
        if the refusal has another reason.
    """
    if status not in {_TOO_LARGE, *_WRONG} or field not in _OF_THE_FILE:
        return None
    speaks = _SPEAKS_OF_LIMITS.search(message) is not None
    # If two are named, such as the size sent and the size accepted, the smaller one is the limit.
    max_ms = min(_times(message), default=None) if speaks else None
    max_bytes = min(_sizes(message), default=None) if speaks else None
    if status != _TOO_LARGE and max_ms is None and max_bytes is None:
        return None
    return max_bytes, max_ms


def smaller_than(sent_bytes: int) -> int:
    """Estimate the limit of a server that rejected a body as too large without stating its limit.

    Args:
        sent_bytes: The size of the rejected body.

    Returns:
        A smaller size in bytes.
    """
    return next((limit for limit in _SMALLER_BYTES if limit < sent_bytes), sent_bytes // 2)


def _times(message: str) -> Iterator[int]:
    for found in _TIME.finditer(message):
        unit = found[2].lower()
        factor = _MS.get(unit) or _MS.get(unit[:3]) or 1000
        time_ms = int(float(found[1].replace(",", "")) * factor)
        if time_ms:
            yield time_ms


def _sizes(message: str) -> Iterator[int]:
    for found in _SIZE.finditer(message):
        unit = found[2].lower()
        size = float(found[1].replace(",", "")) * _POWERS[unit[0]]
        # MB may be decimal or binary; the smaller unit fits both.
        if size:
            yield int(size)
    for found in _BARE_SIZE.finditer(message):
        yield int(found.group())
