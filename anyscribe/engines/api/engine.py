"""Ask a server, patiently: send, wait, read, and try again what may pass."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import tenacity

from anyscribe.engines.api.endpoint import shown_address
from anyscribe.engines.api.faults import TRANSPORT_ERRORS, FaultError, Progress, read_fault
from anyscribe.engines.api.limits import abilities_of, smaller_than
from anyscribe.engines.api.receiving import Receiver
from anyscribe.engines.api.refusals import Refusal
from anyscribe.engines.api.replies import EmptyReplyError
from anyscribe.engines.api.session import Session
from anyscribe.engines.api.upload import Upload
from anyscribe.engines.api.waits import own_wait
from anyscribe.errors import FieldError, ServerError, TooLargeError, UnavailableError, UsageError
from anyscribe.events import Notice, Retrying, Sent
from anyscribe.form import write_form
from anyscribe.request import Granularity, ResponseFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import requests

    from anyscribe.engines import Abilities
    from anyscribe.engines.api.endpoint import Endpoint
    from anyscribe.events import Emit, Event
    from anyscribe.request import AudioSource, TranscriptionRequest
    from anyscribe.transcript import Answer

_REDIRECTS: Final = 5
_KEEPS_METHOD: Final = frozenset({307, 308})
_TIMED: Final = frozenset({ResponseFormat.VERBOSE_JSON, ResponseFormat.SRT, ResponseFormat.VTT})
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

    @property
    def address(self) -> str:
        """The address that is asked, without what proves who asks."""
        return self._endpoint.transcriptions_url

    def check(self, request: TranscriptionRequest) -> Sequence[str]:
        """Make sure that the request can be written down; what a server takes, it says itself.

        Raises:
            UsageError: A value is no text, or a stream shall bring times, which servers do not stream.
        """
        write_form(request)
        if request.stream and request.response_format in _TIMED:
            _check_times(request)
        return ()

    def abilities(self, request: TranscriptionRequest) -> Abilities:
        """Say what is known of this server and model; what is not, its refusals tell."""
        return abilities_of(self._endpoint.hostname, request.model)

    def transcribe(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Answer:
        """Transcribe one recording; `Sent`, `Retrying`, `Notice`, `Trace` and `Delta` tell how it goes."""
        try:
            return self._transcribe(request, audio, _guarded(emit))
        except GivenUpError as given_up:
            raised = given_up.raised
        raise raised

    def _transcribe(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Answer:
        """Ask for what is wanted, and once more where the reply is nothing at all."""
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
            receiver = Receiver(self._endpoint, self._timeouts[1], bool(request.stream), emit)
            return attempts(self._attempt, request, audio, receiver)
        except FaultError as fault:
            # Without its cause: a library's message may hold what the server sent, raw. The trace has it.
            raise fault.refusal.error from None

    def _attempt(self, request: TranscriptionRequest, audio: AudioSource, receiver: Receiver) -> Answer:
        """Ask once, following redirects on the same server."""
        url, emit = self._endpoint.transcriptions_url, receiver.emit
        fields = write_form(request)
        shown = " ".join(f"{name}={value!r}" for name, value in fields)
        for _ in range(_REDIRECTS):
            with audio.open() as file:
                body = Upload(fields, file, audio, on_sent=lambda done, total: emit(Sent(done, total)))
                receiver.trace(f"> POST {url} {shown} file={audio.filename} ({len(body):,} bytes)")
                try:
                    found = self._exchange(url, body, receiver)
                except FaultError as fault:
                    _complete_limit(fault.refusal.error, len(body))
                    raise
            if not isinstance(found, str):
                if body.has_grown:
                    message = "the file grew while it was sent; what came later is not in the transcript"
                    emit(Notice(message, of_recording=True))
                return found
            url = found
        raise FaultError(Refusal(UnavailableError("the server redirects in circles"), passing=False))

    def _exchange(self, url: str, body: Upload, receiver: Receiver) -> Answer | str:
        """Send one body and receive what comes: the answer, or the address to ask instead."""
        try:
            with self._post(url, body) as response:
                if response.is_redirect:
                    return self._follow(url, response.headers["location"], response.status_code)
                return receiver.receive(response)
        except TRANSPORT_ERRORS as error:
            receiver.trace(f"! {type(error).__name__}: {error}")
            progress = Progress(self._endpoint.host, body.sent_bytes, len(body), *self._timeouts)
            raise FaultError(read_fault(error, progress).redacted(self._endpoint.redacted)) from None

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
            session = self._sessions.session = Session()
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
        raise FaultError(Refusal(elsewhere, passing=False).redacted(self._endpoint.redacted))


class GivenUpError(Exception):
    """Whoever listened wants no more; never leaves this package.

    What it carries may be of a kind that means a broken connection here, and passes for one further down.

    Args:
        raised: What the listener raised.
    """

    def __init__(self, raised: Exception) -> None:
        super().__init__(str(raised))
        self.raised = raised


def _guarded(emit: Emit) -> Emit:
    """Keep what a listener raises apart from all that can go wrong on the network."""

    def guarded(event: Event) -> None:
        try:
            emit(event)
        except Exception as error:  # noqa: BLE001 - raised again, where nobody can mistake it
            raise GivenUpError(error) from None

    return guarded


def _check_times(request: TranscriptionRequest) -> None:
    """Refuse a stream that shall hold what no known server streams."""
    if Granularity.WORD in request.timestamp_granularities:
        reason = "no server streams the times of words"
        raise FieldError("timestamp_granularities", Granularity.WORD.value, reason, hint="leave out --stream")
    if Granularity.SEGMENT not in request.timestamp_granularities:
        raise UsageError(
            "--stream: a server's stream carries the text without times, and srt, vtt and verbose_json need them",
            hint="leave out --stream; if this server streams segments, say so with --timestamp-granularities segment",
        )


def _complete_limit(error: ServerError, sent_bytes: int) -> None:
    """Guess the limit where the server found the body too large and did not say more."""
    if isinstance(error, TooLargeError) and error.max_bytes is error.max_ms is None:
        error.max_bytes = smaller_than(sent_bytes)


def _refusal(state: tenacity.RetryCallState) -> Refusal:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, FaultError)  # noqa: S101 - nothing else is retried
    return error.refusal


def _wait_seconds(state: tenacity.RetryCallState) -> float:
    """Wait as the server says, else as is usual."""
    asked = _refusal(state).wait_seconds
    return own_wait(state.attempt_number) if asked is None else asked
