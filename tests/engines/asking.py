"""Sends requests to a loopback server through the remote engine in this process; retry waits are only recorded."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import pytest

from anyscribe.audio import probe
from anyscribe.engines.remote import Endpoint, Pace, RemoteEngine
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
    """The result of one request.

    Args:
        answer: The engine's result; None after an error.
        error: The error; None after a result.
        events: The events that the engine emitted.
        waits: The wait in seconds before each retry.
    """

    answer: Result | None = None
    error: AnyscribeError | None = None
    events: list[Event] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def said(self, kind: type[Event]) -> list[Any]:
        """Return the events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def deltas(self) -> list[str]:
        """The text of the emitted deltas."""
        return [event.text for event in self.said(Delta)]


class Options(TypedDict, total=False):
    """The options of one request.

    Args:
        response_format: The requested format; text by default.
        stream: Whether to request a stream; by default the field is not set.
        key: The API key; no key by default.
        retries: The number of retries.
        read_seconds: The read timeout.
        listen: Called with each event after it was recorded.
    """

    response_format: ResponseFormat
    stream: bool
    key: str
    retries: int
    read_seconds: float
    listen: Callable[[Event], None]


class Asker:
    """Transcribes a short recording; call it with a base URL.

    Args:
        recording: The recording's file.
    """

    def __init__(self, recording: Path) -> None:
        self._recording = recording

    def __call__(self, base_url: str, **options: Unpack[Options]) -> Asked:
        """Send one request, with its retries."""
        asked = Asked()
        engine = RemoteEngine(
            Endpoint(base_url, options.get("key")),
            connect_seconds=30,
            read_seconds=options.get("read_seconds", 30),
            retries=options.get("retries", 4),
            sleep=asked.waits.append,
            # Nobody waits here: the clock goes on by a little more than each wait.
            pace=Pace(9, clock=lambda: time.monotonic() + 1.1 * sum(asked.waits)),
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
    """Return an `Asker`, without the proxies of this machine."""
    for name in os.environ:
        if FOREIGN_VARIABLES.fullmatch(name):
            monkeypatch.delenv(name)
    return Asker(media / "hello.ogg")
