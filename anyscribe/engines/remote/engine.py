"""Send requests to a server: upload, wait, read, and retry after temporary errors."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from anyscribe.engines.remote.endpoint import shown_address
from anyscribe.engines.remote.error_replies import Refusal
from anyscribe.engines.remote.http_session import HttpSession
from anyscribe.engines.remote.model_advice import ModelAdvice
from anyscribe.engines.remote.multipart_body import MultipartBody
from anyscribe.engines.remote.pace import Pace
from anyscribe.engines.remote.replies import EmptyReplyError
from anyscribe.engines.remote.response import Receiver
from anyscribe.engines.remote.server_limits import capabilities_of, form_for
from anyscribe.engines.remote.transport_errors import TRANSPORT_ERRORS, AttemptError, Progress, read_transport_error
from anyscribe.errors import FieldError, ServerError, UnavailableError, UsageError
from anyscribe.events import Notice, Queued, Sent
from anyscribe.form import write_form
from anyscribe.request import Granularity, ResponseFormat
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import requests

    from anyscribe.engines import Capabilities
    from anyscribe.engines.remote.endpoint import Endpoint
    from anyscribe.events import Emit, Event
    from anyscribe.request import AudioSource, TranscriptionRequest
    from anyscribe.result import Result

_REDIRECTS: Final = 5
_ANY: Final = 1_000
_MOST_SHOWN: Final = 500
_TOO_MANY: Final = frozenset({429, 503})
_KEEPS_METHOD: Final = frozenset({307, 308})
_TIMED: Final = frozenset({ResponseFormat.VERBOSE_JSON, ResponseFormat.SRT, ResponseFormat.VTT})
_EMPTY_IN_SILENCE: Final = frozenset({ResponseFormat.TEXT, ResponseFormat.SRT, ResponseFormat.VTT})


class RemoteEngine:
    """An OpenAI-compatible server as an `anyscribe.engines.Engine`.

    Args:
        endpoint: The server and its key.
        connect_seconds: The longest wait for a connection, and for each chunk to be sent.
        read_seconds: The longest wait for the reply, and between its bytes.
        retries: The maximum number of retries after temporary errors.
        max_wait_seconds: The longest wait in all for a request that the server has put off.
        sleep: Waits a number of seconds between attempts.
        pace: The pace of all requests; None sends each at once.
    """

    def __init__(  # noqa: PLR0913 - all that decides how a server is talked to
        self,
        endpoint: Endpoint,
        *,
        connect_seconds: float,
        read_seconds: float,
        retries: int,
        max_wait_seconds: float = 900,
        sleep: Callable[[float], None] = time.sleep,
        pace: Pace | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._timeouts = (connect_seconds, read_seconds)
        self._retries = retries
        self._max_wait_seconds = max_wait_seconds
        self._sleep = sleep
        self._pace = pace or Pace(_ANY)
        self._advice = ModelAdvice(endpoint)
        # Sessions are not guaranteed to be thread-safe; each thread keeps its own open connection.
        self._sessions = threading.local()

    @property
    def address(self) -> str:
        """The URL that requests are sent to, without secrets."""
        return self._endpoint.transcriptions_url

    def check(self, request: TranscriptionRequest) -> Sequence[str]:
        """Check that the request can be encoded; only the server knows what it accepts.

        Raises:
            UsageError: A value is not text, or the request asks for a stream with times, which servers do not stream.
        """
        write_form(request)
        if request.stream and request.response_format in _TIMED:
            _check_streamed_times(request)
        return ()

    def capabilities(self, request: TranscriptionRequest) -> Capabilities:
        """Return what is known about this server and model; the rest is read from its refusals."""
        return capabilities_of(self._endpoint.hostname, request.model)

    def transcribe(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Result:
        """Transcribe a recording; emit its events as it proceeds."""
        try:
            return self._transcribe(request, audio, _guarded(emit))
        except CancelledByCallbackError as cancelled:
            raised = cancelled.raised
        raise raised

    def _transcribe(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Result:
        """Send the request; if the reply is empty, send it once more and ask for JSON."""
        try:
            return self._ask(request, audio, emit)
        except EmptyReplyError:
            if request.response_format not in _EMPTY_IN_SILENCE:
                raise
        message = "the server sent an empty reply; asking again for json, which distinguishes silence from an error"
        emit(Notice(message, of_recording=True))
        request = replace(request, response_format=ResponseFormat.JSON, timestamp_granularities=())
        return self._ask(request, audio, emit)

    def _ask(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Result:
        """Send the request, and retry after temporary errors."""
        receiver = Receiver(self._endpoint, self._timeouts[1], bool(request.stream), emit)

        def attempt() -> Result:
            if self._pace.is_shut:
                emit(Queued())
            with self._pace.turn() as turn:
                try:
                    result = self._attempt(request, audio, receiver)
                except AttemptError as failed:
                    if failed.refusal.error.status in _TOO_MANY:
                        turn.refused(failed.refusal.wait_seconds)
                    raise
                turn.succeeded()
                return result

        try:
            try:
                return attempt()
            except AttemptError as failed:
                if not failed.refusal.is_temporary:
                    raise
                from anyscribe.engines.remote.retrying import retry  # noqa: PLC0415 - loads tenacity

                return retry(
                    attempt,
                    failed,
                    retries=self._retries,
                    max_wait_seconds=self._max_wait_seconds if self._retries else 0,
                    sleep=self._sleep,
                    emit=emit,
                )
        except AttemptError as failed:
            # Drop the cause: a library's message may contain raw text from the server. The trace has it.
            raise self._advice.on(failed.refusal.error, request.model, emit) from None

    def _attempt(self, request: TranscriptionRequest, audio: AudioSource, receiver: Receiver) -> Result:
        """Send the request once, following redirects on the same server."""
        endpoint, emit = self._endpoint, receiver.emit
        url = endpoint.translations_url if request.translate else endpoint.transcriptions_url
        fields = form_for(request)
        shown = " ".join(f"{name}={_shown(value)!r}" for name, value in fields)
        for _ in range(_REDIRECTS):
            with audio.open() as file:
                body = MultipartBody(fields, file, audio, on_sent=lambda done, total: emit(Sent(done, total)))
                receiver.trace(f"> POST {url} {shown} file={audio.filename} ({len(body):,} bytes)")
                found = self._exchange(url, body, receiver)
            if not isinstance(found, str):
                if body.has_grown:
                    message = "the file grew while it was uploaded; what came later is not in the transcript"
                    emit(Notice(message, of_recording=True))
                return found
            url = found
        raise AttemptError(Refusal(UnavailableError("the server redirects in circles"), is_temporary=False))

    def _exchange(self, url: str, body: MultipartBody, receiver: Receiver) -> Result | str:
        """Send one body and read the response; return the result, or the URL that a redirect leads to."""
        try:
            with self._post(url, body) as response:
                self._pace.note_limits(response.headers)
                if response.is_redirect:
                    return self._follow(url, response.headers["location"], response.status_code)
                return receiver.receive(response, len(body))
        except TRANSPORT_ERRORS as error:
            receiver.trace(f"! {type(error).__name__}: {error}")
            progress = Progress(self._endpoint.host, body.sent_bytes, len(body), *self._timeouts)
            refusal = read_transport_error(error, progress)
            raise AttemptError(refusal.redacted(self._endpoint.redacted)) from None

    def _post(self, url: str, body: MultipartBody) -> requests.Response:
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
            session = self._sessions.session = HttpSession()
        return session

    def _follow(self, url: str, location: str, status: int) -> str:
        """Return a redirect's target; raise unless the recording and the key stay on the server that the user named."""
        target = self._endpoint.follow(url, location)
        if target is not None and status in _KEEPS_METHOD:
            return target
        error = elsewhere(location, status).mapped(self._endpoint.redacted)
        raise AttemptError(Refusal(error, is_temporary=False))


class CancelledByCallbackError(Exception):
    """The callback raised; never leaves this package.

    It wraps the callback's exception, whose type may be one that means a broken connection in this package.

    Args:
        raised: The callback's exception.
    """

    def __init__(self, raised: Exception) -> None:
        super().__init__(str(raised))
        self.raised = raised


def _guarded(emit: Emit) -> Emit:
    """Wrap a callback so that its exceptions cannot be confused with network errors."""

    def guarded(event: Event) -> None:
        try:
            emit(event)
        except Exception as error:  # noqa: BLE001 - raised again outside the network code
            raise CancelledByCallbackError(error) from None

    return guarded


def elsewhere(location: str, status: int) -> ServerError:
    """Return the error for a redirect that is not followed.

    Args:
        location: The redirect's target.
        status: The HTTP status.
    """
    return ServerError(
        Sentence("the server redirects ({}) to {}, which was not followed", str(status), shown_address(location)),
        remedy=Sentence("if you trust it, give that address as {}", Option("base_url")),
        status=status,
    )


def _check_streamed_times(request: TranscriptionRequest) -> None:
    """Reject a stream with times that no known server streams."""
    if Granularity.WORD in request.timestamp_granularities:
        reason = "no server streams the times of words"
        remedy = Sentence("leave out {}", Option("stream"))
        raise FieldError("timestamp_granularities", Granularity.WORD.value, reason, remedy=remedy)
    if Granularity.SEGMENT not in request.timestamp_granularities:
        raise UsageError(
            Sentence("{}: a server streams text without times, which srt, vtt and verbose_json need", Option("stream")),
            remedy=Sentence(
                "leave out {}; if this server streams segments, say so with {}",
                Option("stream"),
                Option("timestamp_granularities", "segment"),
            ),
        )


def _shown(value: str) -> str:
    """Return a field's value for the trace; a sample of a voice fills many screens."""
    return value if len(value) <= _MOST_SHOWN else f"{value[:_MOST_SHOWN]}… ({len(value):,} characters)"
