"""Ask a server, patiently: send, wait, read, and try again what may pass."""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

import requests
import tenacity

from anyscribe import __version__
from anyscribe.engines.api.refusals import Refusal, read_refusal
from anyscribe.engines.api.replies import read_reply
from anyscribe.engines.api.upload import Upload, form_fields
from anyscribe.errors import ServerError, UnavailableError, UnreadableReplyError
from anyscribe.events import Retrying, Sent, Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from anyscribe.engines.api.endpoint import Endpoint
    from anyscribe.events import Emit
    from anyscribe.request import AudioSource, TranscriptionRequest
    from anyscribe.transcript import Answer

_FIRST_WAIT_S: Final = 0.5
_LONGEST_OWN_WAIT_S: Final = 8.0
_LONGEST_ASKED_WAIT_S: Final = 120.0
_ERROR_BYTES: Final = 1 << 16
"""Of an error page this much is read: enough for any message, nothing for one of 10 MB."""

_REPLY_BYTES: Final = 1 << 28
_READ_BYTES: Final = 1 << 16
_REDIRECTS: Final = 5
_KEEPS_METHOD: Final = frozenset({307, 308})


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

    def check(self, request: TranscriptionRequest) -> Sequence[str]:  # noqa: ARG002 - what a server takes, it says
        """Anything may be asked of a server."""
        return ()

    def transcribe(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Answer:
        """Transcribe one recording; `Sent`, `Retrying` and `Trace` tell how it goes."""

        def announce(state: tenacity.RetryCallState) -> None:
            fault = _fault(state)
            emit(
                Retrying(fault.error.message, state.next_action.sleep if state.next_action else 0, state.attempt_number)
            )

        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda error: isinstance(error, _FaultError) and error.refusal.passing),
            wait=_wait_seconds,
            stop=tenacity.stop_after_attempt(self._retries + 1),
            before_sleep=announce,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return attempts(self._attempt, request, audio, emit)
        except _FaultError as fault:
            raise fault.refusal.error from fault.__cause__

    def _attempt(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Answer:
        """Ask once, following redirects on the same server."""
        url = self._endpoint.transcriptions_url
        fields = form_fields(request)
        for _ in range(_REDIRECTS):
            with audio.open() as file:
                body = Upload(fields, file, audio, on_sent=lambda done, total: emit(Sent(done, total)))
                shown = " ".join(f"{name}={value!r}" for name, value in fields)
                what = f"{shown} file={audio.filename} ({len(body):,} bytes)"
                emit(Trace(self._redacted(f"> POST {_without_user(url)} {what}")))
                try:
                    with self._post(url, body) as response:
                        location = response.headers.get("location")
                        if location is None or not response.is_redirect:
                            return self._read(response, emit)
                        url = _follow(url, location, response.status_code)
                except requests.exceptions.RequestException as error:
                    raise self._translated(error, body) from error
        raise _FaultError(Refusal(UnavailableError("the server redirects in circles"), passing=False))

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
            session = self._sessions.session = requests.Session()
            session.headers["User-Agent"] = f"anyscribe/{__version__}"
        return session

    def _read(self, response: requests.Response, emit: Emit) -> Answer:
        content_type = response.headers.get("content-type", "")
        request_id = response.headers.get("x-request-id")
        known = f", request id {request_id}" if request_id else ""
        emit(Trace(self._redacted(f"< {response.status_code} {response.reason} ({content_type or 'no type'}{known})")))
        if not response.ok:
            body = _read_at_most(response, _ERROR_BYTES)
            refusal = read_refusal(
                response.status_code,
                response.headers,
                self._redacted_bytes(body),
                key_name=self._endpoint.key_name,
                now=time.time(),
            )
            raise _FaultError(_within_patience(refusal))
        body = _read_at_most(response, _REPLY_BYTES)
        try:
            if len(body) == _REPLY_BYTES:
                raise UnreadableReplyError(f"the server's reply goes on beyond {_REPLY_BYTES:,} bytes")  # noqa: TRY301
            return read_reply(body, content_type)
        except UnreadableReplyError as error:
            message = f"{self._redacted(error.message)}, status {response.status_code}"
            raise UnreadableReplyError(
                message, hint=error.hint, status=response.status_code, request_id=request_id
            ) from error

    def _translated(self, error: requests.exceptions.RequestException, body: Upload) -> _FaultError:
        """Say in our words why no reply came, once, here at the boundary."""
        host = urlsplit(self._endpoint.shown_url).netloc
        passing = True
        if isinstance(error, requests.exceptions.SSLError):
            message, hint = (
                f"no trusted connection to {host}",
                "check the address; REQUESTS_CA_BUNDLE names your own CA",
            )
            passing = False
        elif isinstance(error, requests.exceptions.ProxyError):
            message, hint = "the proxy cannot be used", "check HTTPS_PROXY, HTTP_PROXY and NO_PROXY"
        elif isinstance(error, requests.exceptions.ConnectTimeout):
            message, hint = f"{host} did not take the connection in time", "check the address and the network"
        elif isinstance(error, requests.exceptions.ReadTimeout) or "timed out" in str(error).lower():
            message = f"no answer from {host} within {self._timeouts[1]:g} s"
            hint = "--timeout sets how long to wait"
        elif isinstance(error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
            message, hint = f"the reply from {host} was cut off", "try again later"
        elif 0 < body.sent_bytes < len(body):
            message = f"{host} broke off after {body.sent_bytes:,} of {len(body):,} bytes"
            hint = "it may take smaller files only"
        elif isinstance(error, requests.exceptions.ConnectionError):
            message, hint = f"cannot reach {host} ({_reason(error)})", "check the address and the network"
        else:
            message, hint = f"the request cannot be made ({error})", "check --base-url"
            passing = False
        return _FaultError(Refusal(UnavailableError(self._redacted(message), hint=hint), passing))

    def _redacted(self, text: str) -> str:
        return text.replace(self._endpoint.key, "[key]") if self._endpoint.key else text

    def _redacted_bytes(self, body: bytes) -> bytes:
        return body.replace(self._endpoint.key.encode(), b"[key]") if self._endpoint.key else body


class _FaultError(Exception):
    """An attempt that failed; never leaves this module."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal.error))
        self.refusal = refusal


def _fault(state: tenacity.RetryCallState) -> Refusal:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, _FaultError)  # noqa: S101 - nothing else is retried
    return error.refusal


def _wait_seconds(state: tenacity.RetryCallState) -> float:
    """Wait as the server says, else exponentially with jitter, so that a batch does not come back all at once."""
    asked = _fault(state).wait_seconds
    if asked is not None:
        return asked
    longest: float = min(_FIRST_WAIT_S * 2 ** (state.attempt_number - 1), _LONGEST_OWN_WAIT_S)
    return longest * random.uniform(0.5, 1)  # noqa: S311 - no secret


def _within_patience(refusal: Refusal) -> Refusal:
    """End the attempts where the server asks for a wait that nobody sits through."""
    wait_seconds = refusal.wait_seconds
    if not refusal.passing or wait_seconds is None or wait_seconds <= _LONGEST_ASKED_WAIT_S:
        return refusal
    error = refusal.error
    when = f"in {wait_seconds:.0f} s" if wait_seconds < 600 else f"in {wait_seconds / 60:.0f} minutes"  # noqa: PLR2004
    patient = UnavailableError(
        error.message, hint=f"the server asks to come back {when}", status=error.status, request_id=error.request_id
    )
    return Refusal(patient, passing=False)


def _follow(url: str, location: str, status: int) -> str:
    """Follow a redirect only where recording and key stay with the server that the user named."""
    target = urljoin(url, location)
    old, new = urlsplit(url), urlsplit(target)
    same = (old.scheme, old.netloc) == (new.scheme, new.netloc)
    if status in _KEEPS_METHOD and same:
        return target
    elsewhere = ServerError(
        f"the server redirects ({status}) to {_without_user(target)}, which was not followed",
        hint="if you trust it, give that address as --base-url",
        status=status,
    )
    raise _FaultError(Refusal(elsewhere, passing=False))


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _reason(error: BaseException) -> str:
    """Find the operating system's word for it below requests' and urllib3's wrappings."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.strerror:
            return seen.strerror.lower()
        inner = seen.args[0] if seen.args and isinstance(seen.args[0], BaseException) else None
        seen = getattr(seen, "reason", None) if isinstance(getattr(seen, "reason", None), BaseException) else inner
    return "the connection broke"


def _read_at_most(response: requests.Response, limit_bytes: int) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(_READ_BYTES):
        body += chunk
        if len(body) >= limit_bytes:
            break
    return bytes(body[:limit_bytes])
