"""Turn the outcome of each request into one reply and one line in the server's log."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from starlette.datastructures import MutableHeaders
from starlette.responses import Response

from anyscribe.errors import AnyscribeError, DefectError
from anyscribe.server.event_stream import EVENT_STREAM, event
from anyscribe.server.failures import DEFECT, ClientGoneError, Failure, RefusedError, failure_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LONGEST_PATH: Final = 100
_SERVER_FAULT: Final = 500


class Journal(Protocol):
    """Records what happens, for the server's operator. Its methods may be called from any thread."""

    def trace(self, message: str) -> None:
        """Record one request as a line, shown in verbose mode."""

    def failure(self, error: BaseException, request: str) -> None:
        """Record an error of the server itself, with the id of the request in which it occurred."""


@dataclass
class Call:
    """The state of one request while it is handled; available to the app as ``call`` in the scope's state.

    Args:
        request_id: The server's id for the request.
        audio_ms: How much of the recording has been transcribed, in milliseconds.
    """

    request_id: str
    audio_ms: int = 0


class ErrorMiddleware:
    """ASGI middleware that turns exceptions of the app into replies in the contract's error envelope.

    Args:
        app: The app that handles requests.
        journal: Records each request and the server's own errors.
        clock: Returns the time in seconds.
    """

    def __init__(self, app: ASGIApp, *, journal: Journal, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._journal = journal
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        began_s = self._clock()
        call = Call(new_request_id())
        scope.setdefault("state", {})["call"] = call
        reply = _Reply(send, call.request_id, self._clock)
        try:
            await self._answer(scope, receive, reply, call)
        except ClientGoneError:
            reply.outcome = "the client has gone"
        finally:
            path = scope["path"][:_LONGEST_PATH]
            audio = f", {call.audio_ms / 1000:.1f} s of audio" if call.audio_ms else ""
            took_s = (reply.ended_s or self._clock()) - began_s
            self._journal.trace(f"{scope['method']} {path}: {reply.outcome}{audio}, {took_s:.2f} s ({call.request_id})")

    async def _answer(self, scope: Scope, receive: Receive, reply: _Reply, call: Call) -> None:
        try:
            await self._app(scope, receive, reply.send)
        except ClientGoneError:
            raise
        except RefusedError as refused:
            await reply.fail(refused.failure, scope, receive)
        except AnyscribeError as error:
            failure = failure_of(error)
            if failure.status >= _SERVER_FAULT:
                self._journal.failure(error, call.request_id)
            await reply.fail(failure, scope, receive)
        except Exception as error:  # noqa: BLE001 - the outermost handler
            self._journal.failure(DefectError(error), call.request_id)
            await reply.fail(DEFECT, scope, receive)


class _Reply:
    """Sends a reply and records its outcome.

    Args:
        send: The ASGI send function.
        request_id: Added to the reply as the ``x-request-id`` header.
        clock: Returns the time in seconds.
    """

    def __init__(self, send: Send, request_id: str, clock: Callable[[], float]) -> None:
        self.outcome = "no answer"
        self.ended_s: float | None = None
        self._send = send
        self._request_id = request_id
        self._clock = clock
        self._has_begun = False
        self._is_stream = False

    async def send(self, message: Message) -> None:
        """Send an ASGI message."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["x-request-id"] = self._request_id
            self._has_begun = True
            self._is_stream = headers.get("content-type", "").startswith(EVENT_STREAM)
            self.outcome = str(message["status"])
        elif not message.get("more_body", False):
            self.ended_s = self._clock()
        await self._send(message)

    async def fail(self, failure: Failure, scope: Scope, receive: Receive) -> None:
        """Send a failure: as the reply or, if an event stream has begun, as its last event."""
        if not self._has_begun:
            headers = {"content-type": "application/json", **failure.headers}
            await Response(failure.body, failure.status, headers)(scope, receive, self.send)
        elif self._is_stream:
            self.outcome += f", then {failure.status}"
            await self.send({"type": "http.response.body", "body": event(failure.envelope)})


def new_request_id() -> str:
    """Return a new unique request id."""
    return f"req_{uuid.uuid4().hex}"
