"""Receive what a server answers, whatever it is: an error page, a whole transcript, or a stream of one."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

import requests
import urllib3.exceptions

from anyscribe.engines.api.faults import TRANSPORT_ERRORS, FaultError, read_cut
from anyscribe.engines.api.refusals import Refusal, read_refusal, read_reported
from anyscribe.engines.api.replies import excerpt_of, read_reply, split_content_type
from anyscribe.engines.api.server_events import is_stream, read_events
from anyscribe.errors import UnreadableReplyError
from anyscribe.events import Delta, Trace
from anyscribe.transcript import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anyscribe.engines.api.endpoint import Endpoint
    from anyscribe.engines.api.streams import StreamedTranscript
    from anyscribe.events import Emit

_ERROR_BYTES: Final = 1 << 16
"""Of an error page this much is read: enough for any message, nothing for one of 10 MB."""

_REPLY_BYTES: Final = 1 << 28
_READ_BYTES: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Receiver:
    """What receives replies.

    Args:
        endpoint: The server, and the key that is shown nowhere.
        read_seconds: How long its replies may pause, for messages.
        is_live: Whether the text is wanted as it comes, as `anyscribe.events.Delta`.
        emit: Takes the events.
    """

    endpoint: Endpoint
    read_seconds: float
    is_live: bool
    emit: Emit

    def receive(self, response: requests.Response) -> Answer:
        """Read a reply that is no redirect.

        Args:
            response: The reply, of which nothing has been read.

        Returns:
            The transcript.

        Raises:
            FaultError: It is a refusal, or a stream that was cut off or tells of an error.
            UnreadableReplyError: It is no transcript.
            OSError: Or another of `TRANSPORT_ERRORS`: it did not come whole.
        """
        status, content_type = response.status_code, response.headers.get("content-type", "")
        request_id = response.headers.get("x-request-id")
        known = f", request id {request_id}" if request_id else ""
        self.trace(f"< {status} {response.reason} ({content_type or 'no type'}{known})")
        if not 200 <= status < 300:  # noqa: PLR2004 - HTTP's own numbers
            raise FaultError(self._refusal(response))
        try:
            return self._receive_transcript(response, content_type)
        except UnreadableReplyError as error:
            error.status, error.request_id = status, request_id
            error.message = f"{error.message}, status {status}"
            raise Refusal(error, passing=False).redacted(self.endpoint.redacted).error from None

    def trace(self, line: str) -> None:
        """Show a line to those who asked for it, without the key.

        Args:
            line: The line.
        """
        self.emit(Trace(self.endpoint.redacted(line)))

    def _refusal(self, response: requests.Response) -> Refusal:
        refusal = read_refusal(
            response.status_code,
            response.headers,
            self.endpoint.redacted_bytes(_error_page(response)),
            key_name=self.endpoint.key_name,
            has_key=self.endpoint.key is not None,
            now=time.time(),
        )
        return refusal.redacted(self.endpoint.redacted)

    def _receive_transcript(self, response: requests.Response, content_type: str) -> Answer:
        """Read a reply that claims success."""
        media_type, _ = split_content_type(content_type)
        chunks = _chunks(response)
        start = b""
        for chunk in chunks:
            start += chunk
            streamed = is_stream(start, media_type)
            if streamed is not None:
                break
        else:
            streamed = is_stream(start, media_type, is_all=True)
        if streamed:
            return self._receive_stream(chain((start,), chunks), response, content_type)
        answer = self._read_whole(b"".join((start, *chunks)), content_type)
        # LiteLLM collects a stream and sends it wrapped in JSON.
        wrapped = answer.transcript.text.encode()
        if is_stream(wrapped, "", is_all=True):
            return self._receive_stream((wrapped,), response, content_type)
        if self.is_live and answer.transcript.text:
            self.emit(Delta(answer.transcript.text))
        return answer

    def _read_whole(self, body: bytes, content_type: str) -> Answer:
        try:
            return read_reply(body, content_type)
        except UnreadableReplyError:
            without_key = self.endpoint.redacted_bytes(body)
            if without_key == body:
                raise
        # Once more, so that no excerpt in the message ends within the key.
        return read_reply(without_key, content_type)

    def _receive_stream(self, chunks: Iterable[bytes], response: requests.Response, content_type: str) -> Answer:
        """Read a stream, and tell its text as it comes if that is wanted."""
        from anyscribe.engines.api import streams  # noqa: PLC0415 - loaded when a stream is read

        self.trace(f"< a stream begins ({content_type or 'no type'})")
        streamed = streams.StreamedTranscript(self._tell)
        try:
            is_whole = any(streamed.take(event) for event in read_events(chunks))
            if is_whole:
                answer = Answer(streamed.transcript())
        except streams.ReportedError as error:
            raise self._fault(streamed, self._reported(error.data, response)) from None
        except streams.UnreadableEventError as error:
            self.trace(f"! the stream cannot be read after {streamed.event_count} events")
            data = self.endpoint.redacted_bytes(error.data.encode("utf-8", "replace"))
            shown = f"content type {content_type or 'missing'}; begins: {excerpt_of(data)}"
            raise UnreadableReplyError(f"{error.message} ({shown})") from None
        except TRANSPORT_ERRORS as error:
            self.trace(f"! {type(error).__name__}: {error}")
            raise self._fault(streamed, self._cut(streamed, error)) from None
        if not is_whole:
            raise self._fault(streamed, self._cut(streamed, None))
        self.trace(f"< the stream is whole after {streamed.event_count} events")
        return answer

    def _tell(self, text: str) -> None:
        if self.is_live:
            self.emit(Delta(text))

    def _reported(self, data: str, response: requests.Response) -> Refusal:
        return read_reported(
            response.headers,
            self.endpoint.redacted_bytes(data.encode("utf-8", "replace")),
            key_name=self.endpoint.key_name,
            has_key=self.endpoint.key is not None,
            now=time.time(),
        )

    def _cut(self, streamed: StreamedTranscript, error: Exception | None) -> Refusal:
        chars = len(streamed.text_so_far)
        return read_cut(error, self.endpoint.host, text_chars=chars, read_seconds=self.read_seconds)

    def _fault(self, streamed: StreamedTranscript, refusal: Refusal) -> FaultError:
        """Make the end of a stream; what was told is not taken back, so then nobody asks again."""
        self.trace(f"! the stream ends after {streamed.event_count} events: {refusal.error.message}")
        is_told = self.is_live and streamed.text_so_far
        return FaultError((refusal.final() if is_told else refusal).redacted(self.endpoint.redacted))


def _chunks(response: requests.Response) -> Iterator[bytes]:
    """Give the body's bytes as they come: requests' own ways wait until there are as many as are asked for."""
    total_bytes = 0
    while True:
        try:
            chunk: bytes = response.raw.read1(_READ_BYTES, decode_content=True)
        except urllib3.exceptions.ProtocolError as error:
            # As requests does, so that half a reply is told from one that never came.
            raise requests.exceptions.ChunkedEncodingError(error) from error
        if not chunk:
            return
        total_bytes += len(chunk)
        if total_bytes > _REPLY_BYTES:
            raise UnreadableReplyError(f"the server's reply goes on beyond {_REPLY_BYTES:,} bytes")
        yield chunk


def _error_page(response: requests.Response) -> bytes:
    """Read the beginning of an error page; the status says enough where the page is cut off or damaged."""
    page = bytearray()
    try:
        for chunk in _chunks(response):
            page += chunk
            if len(page) >= _ERROR_BYTES:
                break
    except TRANSPORT_ERRORS:
        pass
    return bytes(page[:_ERROR_BYTES])
