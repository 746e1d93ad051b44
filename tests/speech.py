"""A transcript that a server streams in pieces, each sent when the test decides."""

from __future__ import annotations

import json
import queue
import threading
import time
from typing import TYPE_CHECKING, Final

from loopback import Fault, LoopbackServer, Reply

if TYPE_CHECKING:
    from collections.abc import Iterator

_SILENCE_S: Final = 0.03
_COMMENT: Final = b": still here\n\n"


class Speech:
    """The content of one reply: server-sent events, with comments between them, as servers send them.

    Args:
        server: The server that sends it.
        is_cut: Whether the connection ends in the middle of the reply when the speech ends.
    """

    def __init__(self, server: LoopbackServer, *, is_cut: bool = False) -> None:
        self._server = server
        self._is_cut = is_cut
        self._said: list[str] = []
        self._events: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._over = threading.Event()

    @property
    def text(self) -> str:
        """The text sent so far."""
        return "".join(self._said)

    def reply(self, *_: object) -> Reply:
        """Return the reply; call it anew for each request, since the events are consumed."""
        fault = Fault.CUT if self._is_cut else None
        return Reply(content_type="text/event-stream", chunks=self._chunks(), fault=fault)  # type: ignore[arg-type] # only iterated over

    def say(self, *deltas: str) -> None:
        """Send pieces of the text."""
        for delta in deltas:
            self._said.append(delta)
            self._send({"type": "transcript.text.delta", "delta": delta})

    def finish(self, text: str | None = None) -> None:
        """Send the whole text, by default the text sent so far, and end the reply."""
        self._send({"type": "transcript.text.done", "text": self.text.strip() if text is None else text})
        self.end()

    def end(self) -> None:
        """End the reply without a final event."""
        self._events.put(None)

    def wait_until_hung_up(self, timeout_s: float = 20.0) -> None:
        """Wait until the reply is over, usually because the client has disconnected.

        Raises:
            TimeoutError: The client is still connected.
        """
        began = time.monotonic()
        if not self._over.wait(timeout_s):
            raise TimeoutError(f"the client still listens after {time.monotonic() - began:.0f} s")

    def _send(self, event: dict[str, str]) -> None:
        self._events.put(f"data: {json.dumps(event)}\n\n".encode())

    def _chunks(self) -> Iterator[bytes]:
        try:
            while not self._server.closing.is_set():
                try:
                    event = self._events.get(timeout=_SILENCE_S)
                except queue.Empty:
                    event = _COMMENT
                if event is None:
                    return
                yield event
        finally:
            self._over.set()
