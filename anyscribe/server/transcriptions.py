"""``POST /v1/audio/transcriptions`` and ``translations``: a form in, a transcript out, by the same engine."""

from __future__ import annotations

import asyncio
import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.responses import Response

from anyscribe.errors import DiarizerUnavailableError, FieldError, MissingExtraError
from anyscribe.events import Delta, Transcribed
from anyscribe.form import read_form
from anyscribe.formats import format_of_wire
from anyscribe.recording.options import RecordingOptions, SpeakerMode, SpeakerOptions
from anyscribe.recording.plan import make_plan
from anyscribe.recording.transcriber import Transcriber
from anyscribe.rendering import RenderOptions, render_outputs
from anyscribe.request import ResponseFormat
from anyscribe.server.cancellation import Held, Work, given_up_when
from anyscribe.server.event_stream import format_of_stream, send_stream
from anyscribe.server.failures import ClientGoneError, Failure, RefusedError
from anyscribe.server.form_reader import boundary_of
from anyscribe.server.known_speakers import read_voices

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Executor

    from starlette.types import Receive, Scope, Send

    from anyscribe.engines import Engine
    from anyscribe.events import Emit, Event
    from anyscribe.recording.options import KnownVoice, Resources
    from anyscribe.request import TranscriptionRequest
    from anyscribe.server.admission import Admission
    from anyscribe.server.error_middleware import Call
    from anyscribe.server.uploads import ReceivedForm, Uploads


class Transcriptions:
    """The route of transcriptions or that of translations, as an ASGI app.

    Args:
        engine: The engine that transcribes.
        models: Maps each name that clients may request to the engine's model.
        uploads: Stores recordings while they are needed.
        slots: Limits how many requests are handled at a time.
        executor: Runs the transcriptions.
        resources: What timing is done with.
        speakers_model: The folder of the models that tell voices apart; None for what is built in.
        translates: Whether the text is translated into English.
    """

    def __init__(  # noqa: PLR0913 - what a route is made of
        self,
        engine: Engine,
        models: Mapping[str, str],
        uploads: Uploads,
        slots: Admission,
        *,
        executor: Executor,
        resources: Resources,
        speakers_model: str | None = None,
        translates: bool = False,
    ) -> None:
        self._engine = engine
        self._models = models
        self._uploads = uploads
        self._slots = slots
        self._executor = executor
        self._resources = resources
        self._speakers_model = speakers_model
        self._translates = translates

    def translating(self) -> Transcriptions:
        """Return the route that translates, with the same models and limits."""
        return Transcriptions(
            self._engine,
            self._models,
            self._uploads,
            self._slots,
            executor=self._executor,
            resources=self._resources,
            speakers_model=self._speakers_model,
            translates=True,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        headers = Headers(scope=scope)
        self._uploads.check_length(headers.get("content-length"))
        boundary = boundary_of(headers.get("content-type", ""))
        with Held() as held:
            held.enter_context(self._slots.place())
            async with self._slots.open():
                upload = await self._uploads.keep(receive, boundary, held)
                request = self._read(upload)
                voices: tuple[KnownVoice, ...] = ()
                if request.response_format is ResponseFormat.DIARIZED_JSON and request.fields:
                    # In another thread: sound is decoded.
                    voices = await asyncio.to_thread(read_voices, request.fields, upload.path.parent)
                job = _ParsedRequest(request, upload, held, scope["state"]["call"], voices)
                transcribe = functools.partial(self._transcribe, job, self._transcribe_function(job))
                async with given_up_when(_disconnected(receive), ClientGoneError()):
                    if job.request.stream:
                        await send_stream(send, transcribe)
                        return
                    body = await transcribe(lambda _: None)
        # The place is free again before the response is sent: others need not wait until the client has read it.
        await Response(body, headers={"content-type": format_of_wire(job.wanted).media_type})(scope, receive, send)

    def _read(self, upload: ReceivedForm) -> TranscriptionRequest:
        """Return the request that a form describes."""
        request = read_form(upload.fields)
        if request.model is None:
            raise FieldError("model", "", "it is missing", legal=tuple(self._models))
        if request.model not in self._models:
            raise RefusedError(no_such_model(request.model, self._models))
        if request.response_format is ResponseFormat.DIARIZED_JSON and request.stream:
            raise _no_speakers("speakers are known when all is transcribed, which no stream waits for")
        return request

    def _transcribe_function(self, job: _ParsedRequest) -> Callable[[Emit], bytes]:
        """Return the function that transcribes for a request, after checking that the engine can."""
        name = job.request.model or ""
        # Never pass on the client's own value: an engine may take it for a folder, or for a model to download.
        request = replace(job.request, model=self._models[name], translate=self._translates)
        outputs = [format_of_wire(job.wanted)]
        capabilities = self._engine.capabilities(request)
        options = RecordingOptions(is_checked=False)
        if request.response_format is ResponseFormat.DIARIZED_JSON and capabilities.speakers is None:
            speakers = SpeakerOptions(SpeakerMode.LOCAL, model=self._speakers_model, voices=job.voices)
            options = replace(options, speakers=speakers)
        plan = make_plan(request, outputs, capabilities, options, can_time=True)
        transcriber = Transcriber(self._engine, plan, options, self._resources)
        try:
            transcriber.check()
        except (DiarizerUnavailableError, MissingExtraError) as error:
            raise _no_speakers("voices cannot be told apart on this server") from error
        except FieldError as error:
            if error.option == "model":
                raise FieldError("model", name, error.reason, remedy=error.remedy) from error
            raise
        render_options = RenderOptions(granularities=request.timestamp_granularities)

        def transcribe(emit: Emit) -> bytes:
            result = transcriber.transcribe(job.upload.path, emit, name=job.upload.filename)
            return render_outputs(result, plan.outputs, render_options, emit)[outputs[0]]

        return transcribe

    async def _transcribe(
        self, job: _ParsedRequest, transcribe: Callable[[Emit], bytes], on_text: Callable[[str], None]
    ) -> bytes:
        """Transcribe in turn; ``on_text`` is called from another thread with each piece of text."""

        def note(event: Event) -> None:
            if isinstance(event, Delta):
                on_text(event.text)
            elif isinstance(event, Transcribed):
                job.call.audio_ms = max(job.call.audio_ms, event.done_ms)

        work = await self._slots.in_turn(lambda: Work(self._executor, transcribe, note))
        job.held.hold_for(work.future)
        return await work.result()


@dataclass(frozen=True, slots=True)
class _ParsedRequest:
    """A completely received and parsed request.

    Args:
        request: The parsed request.
        upload: The received form.
        held: The resources to release when the work has ended.
        call: Records how much has been transcribed.
        voices: The voices that the client names.
    """

    request: TranscriptionRequest
    upload: ReceivedForm
    held: Held
    call: Call
    voices: tuple[KnownVoice, ...]

    @property
    def wanted(self) -> ResponseFormat:
        """The format to render."""
        asked = self.request.response_format
        return format_of_stream(asked) if self.request.stream else asked


def _no_speakers(reason: str) -> FieldError:
    return FieldError("response_format", ResponseFormat.DIARIZED_JSON.value, reason, remedy="use verbose_json")


def no_such_model(name: str, models: Mapping[str, str]) -> Failure:
    """Return the failure for a model that is not offered; its message lists the offered ones.

    Args:
        name: The requested model.
        models: The offered models, by name.
    """
    choice = "one of " * (len(models) > 1) + ", ".join(models)
    message = f"model {name[:100]}: no such model; use {choice}"
    return Failure(404, message, "model", "model_not_found")


async def _disconnected(receive: Receive) -> None:
    """Wait until the client disconnects; called after its request has been read."""
    while (await receive())["type"] != "http.disconnect":
        pass
