"""Asks a loopback server through the remote engine in this process, where the waits between attempts are only noted."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from anyscribe.audio import probe
from anyscribe.engines.api import Endpoint, RemoteEngine
from anyscribe.errors import AnyscribeError
from anyscribe.request import ResponseFormat, TranscriptionRequest

if TYPE_CHECKING:
    from pathlib import Path

    from anyscribe.events import Event
    from anyscribe.transcript import Answer

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

    answer: Answer | None = None
    error: AnyscribeError | None = None
    events: list[Event] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def said(self, kind: type[Event]) -> list[Any]:
        """Give the events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]


class Asker:
    """Asks for a short recording; call it with a base URL.

    Args:
        recording: The recording's file.
    """

    def __init__(self, recording: Path) -> None:
        self._recording = recording

    def __call__(
        self,
        base_url: str,
        *,
        response_format: ResponseFormat = ResponseFormat.TEXT,
        key: str | None = None,
        retries: int = 4,
    ) -> Asked:
        """Ask once, with all that follows from it."""
        asked = Asked()
        endpoint = Endpoint(base_url, key)
        engine = RemoteEngine(endpoint, connect_seconds=30, read_seconds=30, retries=retries, sleep=asked.waits.append)
        request = TranscriptionRequest(response_format, model="m")
        try:
            asked.answer = engine.transcribe(request, probe(self._recording), asked.events.append)
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
