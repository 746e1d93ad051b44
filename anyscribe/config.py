"""Flags, environment and defaults become settings: where it is transcribed, and with which key."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Generic, TypeVar
from urllib.parse import urlsplit

from anyscribe.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

DEFAULT_BASE_URL: Final = "https://api.anyapi.ai/v1"
DEFAULT_MODEL: Final = "gpt-4o-transcribe"
KEY_VARIABLE: Final = "ANYSCRIBE_API_KEY"
_OPENAI_HOST: Final = "api.openai.com"


class Origin(StrEnum):
    """Where a setting came from; a flag outweighs the environment, that outweighs a default."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    DEFAULT = "default"


class Upload(StrEnum):
    """What a server is sent."""

    AUTO = "auto"
    """The file itself where the server takes it, else FLAC, or Opus where the link is slow."""

    FLAC = "flac"
    OPUS = "opus"
    ORIGINAL = "original"
    """The file itself, whatever the server may say to it."""


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """A value and where it came from."""

    value: T
    origin: Origin


@dataclass(frozen=True, slots=True)
class Server:
    """Transcribe on a server.

    Args:
        base_url: Its address, up to the route.
        key: The key for it; None where none is set.
        key_name: The environment variable that the key came from, or should come from.
    """

    base_url: str
    key: str | None = field(repr=False)
    key_name: str


@dataclass(frozen=True, slots=True)
class Local:
    """Transcribe on this machine.

    Args:
        notice: Why, where the user did not ask for it; empty where they did.
    """

    notice: str = ""


def is_local_installed() -> bool:
    """Tell whether a built-in engine is installed, without loading it."""
    return any(importlib.util.find_spec(package) is not None for package in ("faster_whisper", "pocketsphinx"))


def usable_cores() -> int:
    """Count the cores that this process may use, which may not be all that there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def choose_place(
    *,
    local: Setting[bool],
    base_url: Setting[str | None],
    environ: Mapping[str, str],
    local_installed: Callable[[], bool] = is_local_installed,
) -> Server | Local:
    """Decide where recordings are transcribed.

    Args:
        local: Whether the built-in engine was asked for.
        base_url: The server that was named, if any.
        environ: The environment, for the keys.
        local_installed: Tells whether the built-in engine is there.

    Returns:
        The place. With neither a key nor a server named, it is here.

    Raises:
        UsageError: Two places were named, or none can be used.
    """
    if local.value and base_url.value:
        if local.origin is base_url.origin:
            raise UsageError("--local and --base-url exclude each other", hint="give one of them")
        if local.origin is Origin.FLAG:
            return Local()
        return _server(base_url.value, environ)
    if local.value:
        return Local()
    server = _server(base_url.value or DEFAULT_BASE_URL, environ)
    if base_url.value or server.key:
        return server
    if local_installed():
        return Local(f"no {KEY_VARIABLE} is set, so the built-in engine transcribes, on this machine")
    raise UsageError(
        f"{KEY_VARIABLE} is not set, and the built-in engine is not installed",
        hint="set the key of your account, or run: pip install 'anyscribe[local]'",
    )


def _server(base_url: str, environ: Mapping[str, str]) -> Server:
    """Find the key for a server. OpenAI's key is for OpenAI alone, and there comes before AnyAPI's."""
    try:
        host = urlsplit(base_url).hostname
    except ValueError:
        host = None
    names = [KEY_VARIABLE, *(["OPENAI_API_KEY"] if host == _OPENAI_HOST else []), "ANYAPI_API_KEY"]
    for name in names:
        key = environ.get(name, "").strip()
        if key:
            return Server(base_url, key, name)
    return Server(base_url, None, KEY_VARIABLE)
