"""Ask a server, patiently: send, wait, read, and try again what may pass."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import requests
import tenacity

from anyscribe import __version__
from anyscribe.engines.api.endpoint import shown_address
from anyscribe.engines.api.faults import TRANSPORT_ERRORS, FaultError, Progress, read_fault
from anyscribe.engines.api.refusals import Refusal, read_refusal
from anyscribe.engines.api.replies import EmptyReplyError, read_reply
from anyscribe.engines.api.upload import Upload
from anyscribe.engines.api.waits import own_wait
from anyscribe.errors import ServerError, UnavailableError, UnreadableReplyError
from anyscribe.events import Notice, Retrying, Sent, Trace
from anyscribe.form import write_form
from anyscribe.request import ResponseFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from anyscribe.engines.api.endpoint import Endpoint
    from anyscribe.events import Emit
    from anyscribe.request import AudioSource, TranscriptionRequest
    from anyscribe.transcript import Answer

_ERROR_BYTES: Final = 1 << 16
"""Of an error page this much is read: enough for any message, nothing for one of 10 MB."""

_REPLY_BYTES: Final = 1 << 28
_READ_BYTES: Final = 1 << 16
_REDIRECTS: Final = 5
_KEEPS_METHOD: Final = frozenset({307, 308})
_EMPTY_IN_SILENCE: Final = frozenset({ResponseFormat.TEXT, ResponseFormat.SRT, ResponseFormat.VTT})


class RemoteEngine:
    """A server that speaks the contract, as an `anyscribe.engines.Engine`.

    Args:
        endpoint: The server and the key for it.
        connect_seconds: How long to wait for a connection, and for each chunk to leave.
        read_seconds: How long to wait for the reply, and between its bytes.
        retries: How often to try again after a fault that may pass.
        sleep: Waits so many seconds between attempts.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        connect_seconds: float,
        read_seconds: float,
        retries: int,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._endpoint = endpoint
        self._timeouts = (connect_seconds, read_seconds)
        self._retries = retries
        self._sleep = sleep
        # A session is not promised to be safe in two threads at once; each keeps its own open connection.
        self._sessions = threading.local()

    def check(self, request: TranscriptionRequest) -> Sequence[str]:
        """Make sure that the request can be written down; what a server takes, it says itself."""
        write_form(request)
        return ()

    def transcribe(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Answer:
        """Transcribe one recording; `Sent`, `Retrying`, `Notice` and `Trace` tell how it goes."""
        try:
            return self._ask(request, audio, emit)
        except EmptyReplyError:
            if request.response_format not in _EMPTY_IN_SILENCE:
                raise
        message = "the server sent an empty reply; asking once more for json, which tells silence from a fault"
        emit(Notice(message, of_recording=True))
        request = replace(request, response_format=ResponseFormat.JSON, timestamp_granularities=())
        return self._ask(request, audio, emit)

    def _ask(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Answer:
        """Ask as often as it takes and is allowed."""

        def announce(state: tenacity.RetryCallState) -> None:
            wait_seconds = state.next_action.sleep if state.next_action else 0
            emit(Retrying(_refusal(state).error.message, wait_seconds, state.attempt_number))

        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda error: isinstance(error, FaultError) and error.refusal.passing),
            wait=_wait_seconds,
            stop=tenacity.stop_after_attempt(self._retries + 1),
            before_sleep=announce,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return attempts(self._attempt, request, audio, emit)
        except FaultError as fault:
            # Without its cause: a library's message may hold what the server sent, raw. The trace has it.
            raise fault.refusal.error from None

    def _attempt(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Answer:
        """Ask once, following redirects on the same server."""
        url = self._endpoint.transcriptions_url
        fields = write_form(request)
        shown = " ".join(f"{name}={value!r}" for name, value in fields)
        for _ in range(_REDIRECTS):
            with audio.open() as file:
                body = Upload(fields, file, audio, on_sent=lambda done, total: emit(Sent(done, total)))
                self._trace(f"> POST {url} {shown} file={audio.filename} ({len(body):,} bytes)", emit)
                found = self._exchange(url, body, emit)
            if not isinstance(found, str):
                if body.has_grown:
                    message = "the file grew while it was sent; what came later is not in the transcript"
                    emit(Notice(message, of_recording=True))
                return found
            url = found
        raise FaultError(Refusal(UnavailableError("the server redirects in circles"), passing=False))

    def _exchange(self, url: str, body: Upload, emit: Emit) -> Answer | str:
        """Send one body and read what comes: the answer, or the address to ask instead."""
        try:
            with self._post(url, body) as response:
                if response.is_redirect:
                    return self._follow(url, response.headers["location"], response.status_code)
                return self._read(response, emit)
        except TRANSPORT_ERRORS as error:
            self._trace(f"! {type(error).__name__}: {error}", emit)
            progress = Progress(self._endpoint.host, body.sent_bytes, len(body), *self._timeouts)
            raise FaultError(self._redacted(read_fault(error, progress))) from None

    def _post(self, url: str, body: Upload) -> requests.Response:
        return self._session().post(
            url,
            data=body,
            headers={"Content-Type": body.content_type},
            auth=self._endpoint.auth,
            timeout=self._timeouts,
            allow_redirects=False,
            stream=True,
        )

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._sessions, "session", None)
        if session is None:
            session = self._sessions.session = _Session()
            session.headers["User-Agent"] = f"anyscribe/{__version__}"
        return session

    def _follow(self, url: str, location: str, status: int) -> str:
        """Follow a redirect only where recording and key stay with the server that the user named."""
        target = self._endpoint.follow(url, location)
        if target is not None and status in _KEEPS_METHOD:
            return target
        elsewhere = ServerError(
            f"the server redirects ({status}) to {shown_address(location)}, which was not followed",
            hint="if you trust it, give that address as --base-url",
            status=status,
        )
        raise FaultError(self._redacted(Refusal(elsewhere, passing=False)))

    def _read(self, response: requests.Response, emit: Emit) -> Answer:
        """Read a reply of any kind."""
        status, content_type = response.status_code, response.headers.get("content-type", "")
        request_id = response.headers.get("x-request-id")
        known = f", request id {request_id}" if request_id else ""
        self._trace(f"< {status} {response.reason} ({content_type or 'no type'}{known})", emit)
        if not 200 <= status < 300:  # noqa: PLR2004 - HTTP's own numbers
            body = self._endpoint.redacted_bytes(_read_error_page(response))
            refusal = read_refusal(
                status,
                response.headers,
                body,
                key_name=self._endpoint.key_name,
                has_key=self._endpoint.key is not None,
                now=time.time(),
            )
            raise FaultError(self._redacted(refusal))
        body = _read_at_most(response, _REPLY_BYTES)
        try:
            return self._read_answer(body, content_type)
        except UnreadableReplyError as error:
            error.status, error.request_id = status, request_id
            error.message = f"{error.message}, status {status}"
            raise self._redacted(Refusal(error, passing=False)).error from None

    def _read_answer(self, body: bytes, content_type: str) -> Answer:
        if len(body) >= _REPLY_BYTES:
            raise UnreadableReplyError(f"the server's reply goes on beyond {_REPLY_BYTES:,} bytes")
        try:
            return read_reply(body, content_type)
        except UnreadableReplyError:
            without_key = self._endpoint.redacted_bytes(body)
            if without_key == body:
                raise
        # Once more, so that no excerpt in the message ends within the key.
        return read_reply(without_key, content_type)

    def _redacted(self, refusal: Refusal) -> Refusal:
        """Take the key out of all that an error says."""
        error = refusal.error
        error.message = self._endpoint.redacted(error.message)
        error.hint = self._endpoint.redacted(error.hint)
        error.request_id = self._endpoint.redacted(error.request_id) if error.request_id else None
        return refusal

    def _trace(self, line: str, emit: Emit) -> None:
        emit(Trace(self._endpoint.redacted(line)))


class _Session(requests.Session):
    """A session that keeps its hands off redirects: the original reads their whole body, and fails on odd addresses."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Find nothing to follow, or to prepare for somebody else to follow."""


def _refusal(state: tenacity.RetryCallState) -> Refusal:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, FaultError)  # noqa: S101 - nothing else is retried
    return error.refusal


def _wait_seconds(state: tenacity.RetryCallState) -> float:
    """Wait as the server says, else as is usual."""
    asked = _refusal(state).wait_seconds
    return own_wait(state.attempt_number) if asked is None else asked


def _read_error_page(response: requests.Response) -> bytes:
    """Read the beginning of an error page; the status says enough where the page is cut off or damaged."""
    page = bytearray()
    try:
        for chunk in response.iter_content(_READ_BYTES):
            page += chunk
            if len(page) >= _ERROR_BYTES:
                break
    except TRANSPORT_ERRORS:
        pass
    return bytes(page[:_ERROR_BYTES])


def _read_at_most(response: requests.Response, limit_bytes: int) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(_READ_BYTES):
        body += chunk
        if len(body) >= limit_bytes:
            break
    return bytes(body[:limit_bytes])
