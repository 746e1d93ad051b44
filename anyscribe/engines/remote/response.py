"""Read a server's response: an error page, a complete transcript, or a streamed one."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Final

import requests
import urllib3.exceptions

from anyscribe.engines.remote.error_replies import Sender, read_refusal, read_reported
from anyscribe.engines.remote.replies import describe_reply, excerpt_of, read_reply, split_content_type
from anyscribe.engines.remote.sse import is_stream, read_events
from anyscribe.engines.remote.transport_errors import TRANSPORT_ERRORS, AttemptError, read_cut
from anyscribe.errors import UnreadableReplyError
from anyscribe.events import Delta, Trace
from anyscribe.result import Result

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anyscribe.engines.remote.endpoint import Endpoint
    from anyscribe.engines.remote.error_replies import Refusal
    from anyscribe.engines.remote.transcript_stream import StreamedTranscript
    from anyscribe.events import Emit

_ERROR_BYTES: Final = 1 << 16
"""At most this many bytes of an error page are read: enough for any message."""

_REPLY_BYTES: Final = 1 << 25
"""The longest transcript: a day of words with their times takes half of it."""

_SHOWN_BYTES: Final = 1 << 20
"""Messages quote the start of a reply, or a line of it; redacting 32 MB takes seconds."""

_READ_BYTES: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Receiver:
    """Reads responses.

    Args:
        endpoint: The server and its key, which is never shown.
        read_seconds: The longest pause within a response, for messages.
        is_live: Whether to emit the text as it arrives, as `anyscribe.events.Delta`.
        emit: Receives the events.
    """

    endpoint: Endpoint
    read_seconds: float
    is_live: bool
    emit: Emit

    def receive(self, response: requests.Response, body_bytes: int) -> Result:
        """Read a response that is not a redirect.

        Args:
            response: The response; nothing of its body has been read.
            body_bytes: The size of the request's body.

        Returns:
            The transcript.

        Raises:
            AttemptError: The response is an error reply, or a stream that was cut off or reports an error.
            UnreadableReplyError: The response is not a transcript.
            OSError: Or another of `TRANSPORT_ERRORS`: the response is incomplete.
        """
        status, content_type = response.status_code, response.headers.get("content-type", "")
        request_id = response.headers.get("x-request-id")
        known = f", request id {request_id}" if request_id else ""
        self.trace(f"< {status} {response.reason} ({content_type or 'no type'}{known})")
        sender = replace(self.endpoint.sender, body_bytes=body_bytes)
        if not 200 <= status < 300:  # noqa: PLR2004 - the HTTP success statuses
            page = self.endpoint.redacted_bytes(_error_page(response))
            refusal = read_refusal(status, response.headers, page, sender, now=time.time())
            raise AttemptError(refusal.redacted(self.endpoint.redacted))
        try:
            result = _SuccessReader(self, response, sender).read()
        except UnreadableReplyError as error:
            raise error.mapped(self.endpoint.redacted) from None
        if result.ignored:
            self.trace(f"! not readable, and ignored: {', '.join(result.ignored)}")
        return result

    def trace(self, line: str) -> None:
        """Emit a line of detail, with the key removed.

        Args:
            line: The line.
        """
        self.emit(Trace(self.endpoint.redacted(line)))


class _SuccessReader:
    """Reads one response with a success status."""

    def __init__(self, receiver: Receiver, response: requests.Response, sender: Sender) -> None:
        self._receiver = receiver
        self._endpoint = receiver.endpoint
        self._response = response
        self._sender = sender
        self._content_type: str = response.headers.get("content-type", "")

    def read(self) -> Result:
        """Read the response."""
        media_type, _ = split_content_type(self._content_type)
        chunks = _chunks(self._response)
        start = b""
        for chunk in chunks:
            start += chunk
            streamed = is_stream(start, media_type)
            if streamed is not None:
                break
        else:
            streamed = is_stream(start, media_type, is_all=True)
        if streamed:
            return self._read_stream(chain((start,), chunks))
        result = self._read_complete(b"".join((start, *chunks)))
        # LiteLLM collects a stream and sends it wrapped in JSON.
        wrapped = result.transcript.text.encode()
        if is_stream(wrapped, "", is_all=True):
            return self._read_stream((wrapped,))
        if self._receiver.is_live and result.transcript.text:
            self._receiver.emit(Delta(result.transcript.text))
        return result

    def _read_complete(self, body: bytes) -> Result:
        status, request_id = self._response.status_code, self._response.headers.get("x-request-id")
        try:
            return read_reply(body, self._content_type, status=status, request_id=request_id)
        except UnreadableReplyError:
            without_key = self._endpoint.redacted_bytes(body[:_SHOWN_BYTES]) + body[_SHOWN_BYTES:]
            if without_key == body:
                raise
        # Read it again without the key, so that no excerpt in the message ends within the key.
        return read_reply(without_key, self._content_type, status=status, request_id=request_id)

    def _read_stream(self, chunks: Iterable[bytes]) -> Result:
        """Read a stream; emit its text as it arrives if the request asked for that."""
        from anyscribe.engines.remote import transcript_stream  # noqa: PLC0415 - only streams need it

        trace = self._receiver.trace
        trace(f"< a stream begins ({self._content_type or 'no type'})")
        streamed = transcript_stream.StreamedTranscript(self._emit_text)
        try:
            is_complete = any(streamed.take(event) for event in read_events(chunks))
            if is_complete:
                reading = streamed.reading()
                result = Result(reading.transcript, ignored=reading.ignored)
        except transcript_stream.ReportedError as error:
            raise self._ended(streamed, self._reported(error.data)) from None
        except transcript_stream.UnreadableEventError as error:
            trace(f"! the stream cannot be read after {streamed.event_count} events")
            raise self._unreadable(error.message, error.data) from None
        except TRANSPORT_ERRORS as error:
            trace(f"! {type(error).__name__}: {error}")
            raise self._ended(streamed, self._cut(streamed, error)) from None
        if not is_complete:
            raise self._ended(streamed, self._cut(streamed, None))
        trace(f"< the stream is complete after {streamed.event_count} events")
        return result

    def _emit_text(self, text: str) -> None:
        if self._receiver.is_live:
            self._receiver.emit(Delta(text))

    def _unreadable(self, message: str, data: str) -> UnreadableReplyError:
        excerpt = excerpt_of(self._endpoint.redacted_bytes(data.encode("utf-8", "replace")))
        status = self._response.status_code
        shown = describe_reply(message, self._content_type, excerpt, status)
        return UnreadableReplyError(shown, status=status, request_id=self._response.headers.get("x-request-id"))

    def _reported(self, data: str) -> Refusal:
        body = self._endpoint.redacted_bytes(data.encode("utf-8", "replace"))
        return read_reported(self._response.headers, body, self._sender, now=time.time())

    def _cut(self, streamed: StreamedTranscript, error: Exception | None) -> Refusal:
        chars = len(streamed.text_so_far)
        return read_cut(error, self._endpoint.host, text_chars=chars, read_seconds=self._receiver.read_seconds)

    def _ended(self, streamed: StreamedTranscript, refusal: Refusal) -> AttemptError:
        """Return the error for a stream that ended early; emitted text cannot be taken back, so it prevents a retry."""
        self._receiver.trace(f"! the stream ends after {streamed.event_count} events: {refusal.error.message}")
        was_shown = self._receiver.is_live and streamed.text_so_far
        return AttemptError((refusal.final() if was_shown else refusal).redacted(self._endpoint.redacted))


def _chunks(response: requests.Response) -> Iterator[bytes]:
    """Yield the body's bytes as they arrive: requests' own methods wait for the full chunk size."""
    total_bytes = 0
    while True:
        try:
            chunk: bytes = response.raw.read1(_READ_BYTES, decode_content=True)
        except urllib3.exceptions.ProtocolError as error:
            # As requests does; this distinguishes an incomplete reply from a missing one.
            raise requests.exceptions.ChunkedEncodingError(error) from error
        if not chunk:
            return
        total_bytes += len(chunk)
        if total_bytes > _REPLY_BYTES:
            status = response.status_code
            raise UnreadableReplyError(
                f"the server's reply is longer than {_REPLY_BYTES:,} bytes, status {status}", status=status
            )
        yield chunk


def _error_page(response: requests.Response) -> bytes:
    """Read the start of an error page; if it is cut off or damaged, the status is sufficient."""
    page = bytearray()
    try:
        for chunk in _chunks(response):
            page += chunk
            if len(page) >= _ERROR_BYTES:
                break
    except TRANSPORT_ERRORS:
        pass
    return bytes(page[:_ERROR_BYTES])
