"""The built-in profiles: what is set for one server, or for this machine, under one name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from anyscribe.config import DEFAULT_BASE_URL

if TYPE_CHECKING:
    from collections.abc import Mapping

BUILT_IN: Final[Mapping[str, Mapping[str, Any]]] = {
    "anyapi": {"base_url": DEFAULT_BASE_URL},
    "openai": {"base_url": "https://api.openai.com/v1", "price_per_minute": 0.0045},
    "groq": {
        "base_url": "https://api.groq.com/openai/v1",
        "model": "whisper-large-v3-turbo",
        "price_per_minute": 0.04 / 60,
    },
    "mistral": {"base_url": "https://api.mistral.ai/v1", "model": "voxtral-mini-transcribe-3"},
    "local": {"local": True},
}
"""What everybody has. A model is named where the server's default is not known to `anyscribe.config`; a price, in US
dollars, where the company states one for that model. The variables of their keys are in `anyscribe.keys`.

Source: developers.openai.com/api/docs/models/gpt-transcribe, console.groq.com/docs/model/whisper-large-v3-turbo (0.04
an hour), docs.mistral.ai/studio/audio/speech-to-text; read in autumn 2026.
"""


def values_of(name: str, in_file: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a profile sets.

    Args:
        name: Its name.
        in_file: What the file sets for it, which overrides the built-in profile of that name.
    """
    built_in = dict(BUILT_IN.get(name, {}))
    if "base_url" in in_file or in_file.get("local"):
        # Another place: what was known of the old one does not hold there.
        built_in = {}
    elif "model" in in_file:
        built_in.pop("price_per_minute", None)
    return built_in | dict(in_file)
