"""The front door for Python programs: what the command line does with one recording."""

from __future__ import annotations

import contextlib
import os
from dataclasses import fields as fields_of
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from anyscribe import transcript as records
from anyscribe.errors import FieldError, OptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Self

    from anyscribe.config import Place
    from anyscribe.events import Emit, Event
    from anyscribe.recording.options import RecordingOptions, SpeakerOptions
    from anyscribe.request import TranscriptionRequest
    from anyscribe.session import Network
    from anyscribe.subtitles.profile import CueProfile


class Transcript(records.Transcript):
    """All that is known of what was said in a recording; see `anyscribe.transcript.Transcript` for its fields."""

    __slots__ = ()

    def render(
        self,
        output_format: str,
        *,
        cues: CueProfile | None = None,
        word_times: bool = False,
        title: str = "",
        media: str = "",
    ) -> str:
        """Write the transcript in an output format.

        Args:
            output_format: Its name, as ``--format`` takes it: ``text``, ``json``, ``verbose_json``, ``srt``, ``vtt``, …
            cues: The limits of subtitle cues; None for the default ones.
            word_times: Whether ``verbose_json`` holds words beside segments.
            title: The title of documents that have one.
            media: The recording's address relative to the document, for a page that plays it.

        Returns:
            The whole document.

        Raises:
            FieldError: There is no such format, or it is no text.
        """
        from anyscribe.formats import OUTPUT_FORMATS, Metadata  # noqa: PLC0415 - the import of anyscribe stays cheap
        from anyscribe.rendering import RenderOptions, render  # noqa: PLC0415 - as above
        from anyscribe.request import Granularity  # noqa: PLC0415 - as above

        if output_format not in OUTPUT_FORMATS:
            raise FieldError("response_format", output_format, "no such format", legal=tuple(OUTPUT_FORMATS))
        granularities = (Granularity.SEGMENT, Granularity.WORD) if word_times else (Granularity.SEGMENT,)
        if not OUTPUT_FORMATS[output_format].is_text:
            raise FieldError("response_format", output_format, "it is no text; the command line writes it")
        options = RenderOptions(cues, granularities, Metadata(title, media=media))
        return str(render(self, OUTPUT_FORMATS[output_format], options))

    @classmethod
    def of(cls, record: records.Transcript) -> Self:
        """Make one from the plain record.

        Args:
            record: The record.
        """
        return cls(**{field.name: getattr(record, field.name) for field in fields_of(record)})


def transcribe(  # noqa: PLR0913 - a keyword for each option of the command line
    path: str | os.PathLike[str],
    *,
    model: str | None = None,
    language: str | None = None,
    prompt: str | None = None,
    vocabulary: Iterable[str] = (),
    temperature: float | None = None,
    timestamp_granularities: Iterable[str] = (),
    include: Iterable[str] = (),
    fields: Mapping[str, str] | None = None,
    local: bool = False,
    device: str = "auto",
    compute_type: str = "auto",
    translate: bool = False,
    base_url: str | None = None,
    api_key: str | None = None,
    channels: str | int = "mix",
    track: str | int | None = None,
    upload: str = "auto",
    max_upload: int | None = None,
    max_seconds: float | None = None,
    align: bool | None = None,
    check: bool = True,
    repair: bool = False,
    speakers: str = "auto",
    min_speakers: int = 1,
    max_speakers: int | None = None,
    speakers_model: str | os.PathLike[str] | None = None,
    speaker_names: Mapping[str, str] | None = None,
    voices: Mapping[str, str | os.PathLike[str]] | None = None,
    jobs: int | None = None,
    store: str | os.PathLike[str] | bool = True,
    timeout: float = 600,
    connect_timeout: float = 30,
    retries: int = 4,
    insecure_http: bool = False,
    on_text: Callable[[str], None] | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Transcript:
    """Transcribe one recording.

    Without ``local``, ``base_url`` and a key, the built-in engine is used if one is installed.

    Args:
        path: The recording's file: any container that FFmpeg reads, of any length.
        model: The model; None for the default of the server or of the built-in engine.
        language: ISO-639-1 code of the language spoken; None lets the model detect it.
        prompt: Text to guide the model's style.
        vocabulary: Names and terms that may be said, as the transcript shall spell them.
        temperature: Sampling temperature, 0 to 1.
        timestamp_granularities: Times to ask a server for: ``"word"``, ``"segment"``.
        include: Additional data to ask for, such as ``"logprobs"``.
        fields: Other form fields, sent as they are.
        local: Transcribe on this machine, with no network.
        device: What a built-in model runs on: ``"cpu"``, ``"cuda"`` or ``"auto"``.
        compute_type: Its number format, such as ``"int8"``, or ``"auto"``.
        translate: Translate into English.
        base_url: The server, up to ``/v1``; None for AnyAPI's.
        api_key: The key for it; None looks in the environment and among stored keys, as the command line does.
        channels: ``"mix"``, ``"split"`` for each channel as a speaker of its own, or the number of one, from 1.
        track: The audio track, as number, from 1, or as language; None for the best one.
        upload: ``"auto"``, ``"flac"``, ``"opus"`` or ``"original"``.
        max_upload: The largest request in bytes; 0 for any, None for what is known of the server.
        max_seconds: The longest audio of a request; 0 for any, None for what is known of the model.
        align: Time words on this machine: True always, False never, None if the answer has no times.
        check: Check the transcript against the audio; what looks wrong is in `Transcript.findings`.
        repair: Ask again for stretches that the check doubts, and take what is better; an event tells about each.
        speakers: Who says who speaks: ``"server"``, ``"channels"``, ``"local"`` for voices that are told apart on this
            machine, ``"auto"`` for the server if it does, or ``"no"``.
        min_speakers: The fewest speakers, if voices are told apart here.
        max_speakers: The most speakers, if voices are told apart here; None for any number.
        speakers_model: The folder of ONNX models that tell voices apart here; None for what is built in. With it,
            ``"auto"`` means ``"local"``.
        speaker_names: What speakers are called, by the names that they would have or by their numbers.
        voices: Voices that are known: a recording of each alone, by the speaker's name.
        jobs: Requests at a time for the pieces of a long recording; None for 4 on a server, 1 on this machine.
        store: The file that keeps what was paid for, so that nothing is asked twice; True for the user's, False for
            none.
        timeout: Longest wait for an answer, in seconds.
        connect_timeout: Longest wait for a connection, in seconds.
        retries: Retries after temporary errors.
        insecure_http: Allow the key to be sent over plain http.
        on_text: Called with each part of the text as soon as it is known, from any thread.
        on_event: Called with every event; see `anyscribe.events`. If it raises, the work is cancelled.

    Returns:
        The transcript, with all times that are known.

    Raises:
        UsageError: The options are impossible; nothing was sent.
        AudioError: The file cannot be read as audio.
        EngineError: The built-in engine failed.
        ServerError: The server refused or failed.
        OutputError: There is no room for temporary files.
    """
    from anyscribe.config import Local, Origin, Server, Setting, choose_place  # noqa: PLC0415 - see above
    from anyscribe.engines.whisper import is_whisper_installed  # noqa: PLC0415
    from anyscribe.form import read_form  # noqa: PLC0415
    from anyscribe.keys import KEY_VARIABLE  # noqa: PLC0415
    from anyscribe.keys.finding import Keys  # noqa: PLC0415
    from anyscribe.recording.options import (  # noqa: PLC0415
        ChannelMode,
        RecordingOptions,
        SpeakerMode,
        UploadMode,
        read_channels,
        read_track,
    )
    from anyscribe.recording.vocabulary import read_terms  # noqa: PLC0415
    from anyscribe.session import Network, default_jobs, default_model  # noqa: PLC0415

    place = choose_place(
        local=Setting(local, Origin.GIVEN),
        base_url=Setting(base_url, Origin.GIVEN),
        keys=Keys(os.environ) if api_key is None else Keys({KEY_VARIABLE: api_key}, are_stored=False),
        is_local_installed=is_whisper_installed,
    )
    if isinstance(place, Local):
        place = Local(place.notice, device, compute_type)
    elif api_key is not None:
        place = Server(place.base_url, place.key, "api_key")
    given = [
        ("model", model or default_model(place, translate=translate)),
        ("language", language),
        ("prompt", prompt),
        ("temperature", None if temperature is None else f"{temperature:g}"),
        *(("timestamp_granularities", value) for value in timestamp_granularities),
        *(("include", value) for value in include),
        ("stream", "true" if on_text is not None else None),
        *(fields or {}).items(),
    ]
    request = replace(read_form((name, value) for name, value in given if value), translate=translate)
    if upload not in tuple(UploadMode):
        raise FieldError("upload", upload, "no such mode", legal=tuple(UploadMode))
    options = RecordingOptions(
        channels=ChannelMode.SPLIT if speakers == SpeakerMode.CHANNELS else read_channels(str(channels)),
        track=read_track(None if track is None else str(track)),
        upload=UploadMode(upload),
        max_body_bytes=max_upload,
        max_ms=None if max_seconds is None else round(1000 * max_seconds),
        align=align,
        is_checked=check,
        vocabulary=read_terms([vocabulary] if isinstance(vocabulary, str) else vocabulary),
        repairs=repair,
        speakers=_speakers(speakers, (min_speakers, max_speakers), speaker_names, speakers_model, voices),
    )
    network = Network(
        connect_seconds=connect_timeout, read_seconds=timeout, retries=retries, insecure_http=insecure_http
    )
    jobs = jobs or default_jobs(place)
    emit = _callback(on_text, on_event)
    kept = store if isinstance(store, bool) else Path(store)
    return _transcribe(Path(path), request, options, place=place, network=network, jobs=jobs, store=kept, emit=emit)


def align(  # noqa: PLR0913 - as above
    path: str | os.PathLike[str],
    text: str,
    *,
    language: str | None = None,
    only_shift: bool = False,
    track: str | int | None = None,
    speakers: str = "auto",
    min_speakers: int = 1,
    max_speakers: int | None = None,
    speakers_model: str | os.PathLike[str] | None = None,
    speaker_names: Mapping[str, str] | None = None,
    voices: Mapping[str, str | os.PathLike[str]] | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Transcript:
    """Find out when each word of a text is said in a recording.

    Args:
        path: The recording's file: any container that FFmpeg reads, of any length.
        text: What is said in it: plain text, or a document in SubRip, WebVTT or JSON, whose segments get new times.
        language: ISO-639-1 code of the text's language; None detects it.
        only_shift: Move all cues of subtitles by one offset and one speed.
        track: The audio track, as number, from 1, or as language; None for the best one.
        speakers: ``"auto"`` for those of the text, ``"local"`` for voices that are told apart, or ``"no"``.
        min_speakers: As for `transcribe`.
        max_speakers: Likewise.
        speakers_model: Likewise.
        speaker_names: As for `transcribe`.
        voices: As for `transcribe`.
        on_event: Called with every event; see `anyscribe.events`. If it raises, the work is cancelled.

    Returns:
        The text with words and segments; what does not match the recording is in `Transcript.findings`.

    Raises:
        UsageError: The text is empty, a damaged document, or has no cues to move.
        AudioError: The file cannot be read as audio.
        EngineError: No aligner is installed, or its model is damaged.
        OutputError: There is no room for temporary files.
    """
    from anyscribe.alignment.registry import Aligners  # noqa: PLC0415 - see above
    from anyscribe.config import KnownText  # noqa: PLC0415
    from anyscribe.form import read_form  # noqa: PLC0415
    from anyscribe.formats.documents import read_document  # noqa: PLC0415
    from anyscribe.recording.options import RecordingOptions, read_track  # noqa: PLC0415
    from anyscribe.recording.retiming import choose_retiming  # noqa: PLC0415
    from anyscribe.session import Network  # noqa: PLC0415

    script = read_document(text)
    retiming = choose_retiming(script, only_shift=only_shift)
    Aligners().require()
    options = RecordingOptions(
        track=read_track(None if track is None else str(track)),
        align=True,
        is_checked=True,
        adjust=retiming,
        speakers=_speakers(speakers, (min_speakers, max_speakers), speaker_names, speakers_model, voices),
    )
    request = read_form([("language", language)] if language else [])
    emit = _callback(None, on_event)
    place = KnownText(script)
    return _transcribe(Path(path), request, options, place=place, network=Network(), jobs=1, store=False, emit=emit)


def _speakers(
    mode: str,
    counts: tuple[int, int | None],
    names: Mapping[str, str] | None,
    model: str | os.PathLike[str] | None,
    voices: Mapping[str, str | os.PathLike[str]] | None,
) -> SpeakerOptions:
    from anyscribe.recording.known_voices import read_voices  # noqa: PLC0415 - see above
    from anyscribe.recording.options import SpeakerMode, SpeakerOptions  # noqa: PLC0415 - see above

    if mode not in tuple(SpeakerMode):
        raise OptionError("speakers", mode, "no such mode", legal=tuple(SpeakerMode))
    least, most = counts
    if model is not None and mode == SpeakerMode.AUTO:
        mode = SpeakerMode.LOCAL
    folder = None if model is None else os.fspath(model)
    return SpeakerOptions(SpeakerMode(mode), most, names or {}, least, folder, read_voices(voices or {}))


def _callback(on_text: Callable[[str], None] | None, on_event: Callable[[Event], None] | None) -> Emit:
    from anyscribe.events import Delta  # noqa: PLC0415 - see above

    def emit(event: Event) -> None:
        if on_text is not None and isinstance(event, Delta):
            on_text(event.text)
        if on_event is not None:
            on_event(event)

    return emit


def _transcribe(  # noqa: PLR0913 - all that a run is made of
    path: Path,
    request: TranscriptionRequest,
    options: RecordingOptions,
    *,
    place: Place,
    network: Network,
    jobs: int,
    store: Path | bool,
    emit: Emit,
) -> Transcript:
    from anyscribe.events import Notice  # noqa: PLC0415 - see above
    from anyscribe.recording.plan import make_plan  # noqa: PLC0415
    from anyscribe.recording.transcriber import Transcriber  # noqa: PLC0415
    from anyscribe.recording.vocabulary import left_out_notice  # noqa: PLC0415
    from anyscribe.scratch import Scratch  # noqa: PLC0415
    from anyscribe.session import open_engine, open_resources, open_store  # noqa: PLC0415

    # Analyses run in threads: a process would run the caller's own script again.
    with (
        contextlib.closing(Scratch()) as scratch,
        open_store(place, store, lambda line: emit(Notice(line))) as opened,
        open_resources(jobs, scratch, in_processes=False, store=opened) as resources,
        open_engine(place, network, jobs) as engine,
    ):
        plan = make_plan(request, (), engine.capabilities(request), options, can_time=True)
        transcriber = Transcriber(engine, plan, options, resources)
        transcriber.check()
        if plan.left_out:
            emit(Notice(left_out_notice(plan.left_out, len(options.vocabulary))))
        result = transcriber.transcribe(path, emit)
        return Transcript.of(result.transcript)
