"""Asks a loopback server through the remote engine in this process, where the waits between attempts are only noted."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import pytest

from anyscribe.audio import probe
from anyscribe.engines.remote import Endpoint, RemoteEngine
from anyscribe.errors import AnyscribeError
from anyscribe.events import Delta
from anyscribe.request import ResponseFormat, TranscriptionRequest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from anyscribe.events import Event
    from anyscribe.result import Result

FOREIGN_VARIABLES = re.compile(r".*_proxy|NETRC|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE", re.IGNORECASE)


@dataclass
class Asked:
    """What came of asking.

    Args:
        answer: The engine's answer, if there was one.
        error: Why there was none.
        events: What the engine said.
        waits: The seconds that it wanted to wait before each new attempt.
    """

    answer: Result | None = None
    error: AnyscribeError | None = None
    events: list[Event] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def said(self, kind: type[Event]) -> list[Any]:
        """Give the events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def deltas(self) -> list[str]:
        """The pieces of text that were told."""
        return [event.text for event in self.said(Delta)]


class Options(TypedDict, total=False):
    """What can be set for one asking.

    Args:
        response_format: The format asked for; text unless given.
        stream: Whether a stream is asked for; unless given, nothing is said of one.
        key: The key; none unless given.
        retries: How often to try again.
        read_seconds: How long to wait for each byte.
        listen: Hears every event, after it was noted.
    """

    response_format: ResponseFormat
    stream: bool
    key: str
    retries: int
    read_seconds: float
    listen: Callable[[Event], None]


class Asker:
    """Asks for a short recording; call it with a base URL.

    Args:
        recording: The recording's file.
    """

    def __init__(self, recording: Path) -> None:
        self._recording = recording

    def __call__(self, base_url: str, **options: Unpack[Options]) -> Asked:
        """Ask once, with all that follows from it."""
        asked = Asked()
        engine = RemoteEngine(
            Endpoint(base_url, options.get("key")),
            connect_seconds=30,
            read_seconds=options.get("read_seconds", 30),
            retries=options.get("retries", 4),
            sleep=asked.waits.append,
        )
        response_format = options.get("response_format", ResponseFormat.TEXT)
        request = TranscriptionRequest(response_format, model="m", stream=options.get("stream"))

        def emit(event: Event) -> None:
            asked.events.append(event)
            if "listen" in options:
                options["listen"](event)

        try:
            asked.answer = engine.transcribe(request, probe(self._recording), emit)
        except AnyscribeError as error:
            asked.error = error
        return asked


@pytest.fixture
def ask(media: Path, monkeypatch: pytest.MonkeyPatch) -> Asker:
    """Give a way to ask, undisturbed by the proxies that this machine may have."""
    for name in os.environ:
        if FOREIGN_VARIABLES.fullmatch(name):
            monkeypatch.delenv(name)
    return Asker(media / "hello.ogg")
