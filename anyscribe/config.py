"""Where recordings are transcribed, and with which key: decided from options, the environment and defaults."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Generic, TypeAlias, TypeVar
from urllib.parse import urlsplit

from anyscribe.errors import UsageError
from anyscribe.keys import KEY_VARIABLE
from anyscribe.sentence import Extra, Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyscribe.keys.finding import Keys
    from anyscribe.sentence import Text
    from anyscribe.transcript import Transcript

T = TypeVar("T")

DEFAULT_BASE_URL: Final = "https://api.anyapi.ai/v1"
DEFAULT_MODEL: Final = "gpt-4o-transcribe"
_OPENAI_MODEL: Final = "gpt-transcribe"
"""OpenAI shuts its other models down on 2027-02-26."""

DEFAULT_TRANSLATOR: Final = "whisper-1"
"""The model to ask a server for translations; its other models have none."""

_OPENAI_HOST: Final = "api.openai.com"


class Origin(StrEnum):
    """Where a setting came from, the strongest first: what is nearer to this run outweighs what is further away."""

    GIVEN = "given"
    ENVIRONMENT = "environment"
    PROFILE = "profile"
    FILE = "file"
    DEFAULT = "default"

    def outranks(self, other: Origin) -> bool:
        """Return whether a setting from here wins over one from there that contradicts it.

        Args:
            other: The other setting's origin.
        """
        order = list(Origin)
        return order.index(self) < order.index(other)


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """A value and where it came from.

    Args:
        value: The value.
        origin: What kind of place it came from.
        place: The variable, profile or file, for messages; empty for the command line and for defaults.
    """

    value: T
    origin: Origin
    place: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """Transcribe on a server.

    Args:
        base_url: Its address, up to the route.
        key: The key for it; None if none is set.
        key_name: Where the key came from, or should come from: a variable, a file, the keyring.
        notice: What was changed about the key, without a part of it; empty if nothing was.
    """

    base_url: str
    key: str | None = field(repr=False)
    key_name: str
    notice: Text = ""


@dataclass(frozen=True, slots=True)
class Local:
    """Transcribe on this machine.

    Args:
        notice: Why, if the user did not ask for it; empty if they did.
        device: What the model runs on: ``cpu``, ``cuda``, or ``auto``.
        compute_type: Its number format, such as ``int8``, or ``auto``.
    """

    notice: Text = ""
    device: str = "auto"
    compute_type: str = "auto"


@dataclass(frozen=True, slots=True)
class KnownText:
    """Transcribe nothing: the text is known, and its times are wanted.

    Args:
        transcript: The text, with the segments that it has.
    """

    transcript: Transcript
    notice: Text = ""


Place: TypeAlias = "Server | Local | KnownText"
"""Where the text of a recording comes from."""


def choose_place(
    *,
    local: Setting[bool],
    base_url: Setting[str | None],
    keys: Keys,
    is_local_installed: Callable[[], bool],
) -> Server | Local:
    """Decide where recordings are transcribed.

    Args:
        local: Whether the built-in engine was asked for.
        base_url: The server that was named, if any.
        keys: The places where keys are.
        is_local_installed: Returns whether a built-in engine is installed.

    Returns:
        The place. With neither a key nor a server named, it is this machine.

    Raises:
        UsageError: Two places were named, none can be used, or the profile's key cannot be read.
    """
    if local.value and base_url.value:
        if local.origin is base_url.origin:
            message = Sentence("{} and {} exclude each other", Option("local"), Option("base_url"))
            raise UsageError(message, remedy="give one of them")
        if local.origin.outranks(base_url.origin):
            return Local()
        return _server(base_url.value, keys)
    if local.value:
        return Local()
    server = _server(base_url.value or DEFAULT_BASE_URL, keys)
    if base_url.value or server.key:
        return server
    if is_local_installed():
        return Local(f"{KEY_VARIABLE} is not set, so the built-in engine transcribes, on this machine")
    raise UsageError(
        f"{KEY_VARIABLE} is not set, and no built-in engine is installed",
        remedy=Sentence("set the key of your account, or install an engine: {}", Extra("local")),
    )


def default_model_of(base_url: str) -> str:
    """Return the model that a server is asked for if the user names none.

    Args:
        base_url: Its address.
    """
    return _OPENAI_MODEL if _host_of(base_url) == _OPENAI_HOST else DEFAULT_MODEL


def _host_of(base_url: str) -> str | None:
    try:
        return urlsplit(base_url).hostname
    except ValueError:
        return None


def _server(base_url: str, keys: Keys) -> Server:
    key = keys.find(base_url)
    if key is None:
        return Server(base_url, None, keys.expected(base_url))
    return Server(base_url, key.value, key.place, key.notice)
