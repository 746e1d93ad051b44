"""One recording, from its file to its result."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from anyscribe.audio import Selection, probe
from anyscribe.errors import AnyscribeError, TooLargeError, UsageError
from anyscribe.events import Delta, Notice, Opened, Trace
from anyscribe.form import write_form
from anyscribe.recording.bandwidth import Bandwidth
from anyscribe.recording.budget import Forecast
from anyscribe.recording.options import ChannelMode, SpeakerMode, SpeakerOptions, UploadMode
from anyscribe.recording.plan import WordTiming
from anyscribe.recording.requester import Requester
from anyscribe.recording.times import judge_times, with_known_times
from anyscribe.recording.upload_limits import SHORT_PIECE_MS, UploadLimits
from anyscribe.recording.vocabulary import left_out_notice
from anyscribe.sentence import Option, Sentence
from anyscribe.stopping import Stop, StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from anyscribe.audio import Recording
    from anyscribe.engines import Engine
    from anyscribe.events import Emit
    from anyscribe.recording.analysis import Analyzer
    from anyscribe.recording.answers import AnswerBook, RecordingAnswers
    from anyscribe.recording.options import KnownVoice, RecordingOptions, Resources
    from anyscribe.recording.own_fields import OwnFields
    from anyscribe.recording.piece_voices import PieceVoices
    from anyscribe.recording.pipeline import Pipeline
    from anyscribe.recording.plan import Plan
    from anyscribe.result import Result
    from anyscribe.sentence import Text


class Transcriber:
    """Transcribes recordings, one after the other or several at a time, and remembers what the server refused.

    Args:
        engine: The engine.
        plan: What is done with every recording.
        options: How recordings are uploaded.
        resources: What the work is done with; None uploads recordings whole, and neither times nor checks.
    """

    def __init__(
        self, engine: Engine, plan: Plan, options: RecordingOptions, resources: Resources | None = None
    ) -> None:
        self._engine = engine
        self._plan = plan
        self._options = options
        channel = None if isinstance(options.channels, ChannelMode) else options.channels
        self._selection = Selection(options.track, channel)
        self._resources = resources
        self._requester = Requester(engine, plan, resources.stop if resources else Stop())
        self._limits = UploadLimits(engine.capabilities(plan.request), plan.request, options)
        self._analyzer = _analyzer(resources, plan, options, is_paid=engine.address is not None) if resources else None
        self._bandwidth = Bandwidth()
        self._lock = threading.Lock()
        self._book: AnswerBook | None = None
        self._has_own_vocabulary = False

    def for_recording(self, own: OwnFields | None) -> Transcriber:
        """Return one that asks as a recording needs it, and shares what was learned of the server.

        Args:
            own: What is said about the recording alone; None for nothing.

        Raises:
            UsageError: The engine cannot be told its vocabulary.
        """
        if own is None:
            return self
        plan = self._plan.for_recording(own)
        other = Transcriber(self._engine, plan, self._options)
        other._resources = self._resources
        other._requester = self._requester.asking(plan.request)
        other._limits = self._limits
        other._analyzer = self._analyzer and self._analyzer.for_plan(plan)
        other._bandwidth = self._bandwidth
        other._has_own_vocabulary = own.vocabulary is not None
        return other

    def check(self) -> Sequence[str]:
        """Check before anything is read that this can be answered; see `anyscribe.engines.Engine.check`."""
        is_chosen = self._selection != Selection() or self._options.channels is ChannelMode.SPLIT
        if is_chosen and self._options.upload is UploadMode.ORIGINAL:
            option = Option("track") if self._selection.track is not None else Option("channels")
            raise UsageError(
                Sentence("{} and {} exclude each other", option, Option("upload", UploadMode.ORIGINAL.value)),
                remedy="the file itself has all channels and tracks",
            )
        if self._plan.request.translate and self._options.align:
            raise UsageError(
                Sentence("{} and {} exclude each other", Option("translate"), Option("align")),
                remedy="the words of a translation are not in the audio",
            )
        if self._options.repairs:
            self._check_repairs()
        if self._options.speakers.mode is SpeakerMode.LOCAL:
            self._check_diarizer()
        self._check_voices()
        return self._requester.check()

    def _check_repairs(self) -> None:
        other, remedy = None, ""
        if not self._options.is_checked:
            other, remedy = Option("no_check"), "the check finds what is to be repaired"
        elif self._plan.request.stream:
            other, remedy = Option("stream"), "what was shown cannot be repaired"
        if other is not None:
            raise UsageError(Sentence("{} and {} exclude each other", Option("repair"), other), remedy=remedy)

    def _check_diarizer(self) -> None:
        other, remedy = None, ""
        if self._options.align is False:
            other, remedy = Option("no_align"), "the times of words say who says them"
        elif self._plan.request.stream:
            other, remedy = Option("stream"), "speakers are known when all is transcribed"
        if other is not None:
            option = Option("speakers", SpeakerMode.LOCAL.value)
            raise UsageError(Sentence("{} and {} exclude each other", option, other), remedy=remedy)
        from anyscribe.speakers.registry import make_diarizer  # noqa: PLC0415 - few runs need it

        make_diarizer(self._options.speakers.model)

    def _check_voices(self) -> None:
        voices, mode = self._options.speakers.voices, self._options.speakers.mode
        if voices and mode is SpeakerMode.NO:
            no = Option("speakers", mode.value)
            raise UsageError(
                Sentence("{} and {} exclude each other", no, Option("voice")), remedy="leave one of them out"
            )
        if self._untold_voices():
            from anyscribe.speakers.registry import make_diarizer  # noqa: PLC0415 - few runs need it

            make_diarizer(self._options.speakers.model)

    def _untold_voices(self) -> tuple[KnownVoice, ...]:
        """Return the known voices that the server is not told of; for the others it has looked."""
        return self._options.speakers.voices[self._plan.speakers.references if self._plan.speakers else 0 :]

    def transcribe(
        self, path: Path, emit: Emit, *, name: str | None = None, before: Callable[[], None] | None = None
    ) -> Result:
        """Transcribe one recording.

        Args:
            path: Its file.
            emit: Takes the engine's events and notices.
            name: The name to send to the server; None means the file's own.
            before: Called when nobody else asks about it any more and nothing is sent yet; it may raise.

        Returns:
            The result; never half of a recording.

        Raises:
            AnyscribeError: Any of the tree's.
        """
        recording = probe(path, name=name, selection=self._selection)
        emit(Opened(recording.duration_ms))
        if self._has_own_vocabulary and self._plan.left_out:
            told = left_out_notice(self._plan.left_out, len(self._plan.vocabulary))
            emit(Notice(told, of_recording=True))
        if self._selection.track is None and len(recording.tracks) > 1:
            emit(Notice(_tracks_notice(recording), of_recording=True))
        is_split = self._options.channels is ChannelMode.SPLIT and recording.channels > 1
        result = self._split(recording, emit, before) if is_split else self._told_apart(recording, emit, before)
        if self._plan.speakers or self._options.speakers != SpeakerOptions() or result.transcript.speakers:
            from anyscribe.recording.speakers import with_named_words, with_speakers  # noqa: PLC0415 - few need them

            if untold := self._untold_voices():
                from anyscribe.recording.known_voices import with_known_voices  # noqa: PLC0415 - few runs need it

                result = with_known_voices(recording, result, replace(self._options.speakers, voices=untold), emit)
            result = replace(result, transcript=with_named_words(result.transcript))
            are_asked = self._plan.speakers is not None
            result = with_speakers(result, self._options.speakers, emit, are_asked=are_asked)
        transcript = replace(result.transcript, is_translated=self._plan.request.translate)
        if self._plan.vocabulary and self._plan.is_checked:
            from anyscribe.completeness.misspellings import find_misspelled  # noqa: PLC0415 - few runs have a vocabulary

            misspelled = find_misspelled(transcript, self._plan.vocabulary)
            transcript = replace(transcript, findings=(*transcript.findings, *misspelled))
        if transcript.duration_ms is None:
            transcript = replace(transcript, duration_ms=recording.duration_ms)
        return replace(result, transcript=transcript)

    def forecast(self, path: Path, *, name: str | None = None) -> Forecast:
        """Say what a recording will take; nothing is sent.

        Args:
            path: Its file.
            name: As for `transcribe`.

        Raises:
            AudioError: It cannot be read as audio.
        """
        recording = probe(path, name=name, selection=self._selection)
        is_split = self._options.channels is ChannelMode.SPLIT and recording.channels > 1
        sounds = (
            [recording.of_channel(1 + channel) for channel in range(recording.channels)] if is_split else [recording]
        )
        shares = [self._share(sound, self._answers(sound, lambda _: None)) for sound in sounds]
        asked_ms, requests, upload_bytes = map(sum, zip(*shares, strict=True))
        return Forecast(recording.duration_ms, asked_ms, requests, upload_bytes)

    def _share(self, recording: Recording, answers: RecordingAnswers) -> tuple[int, int, int]:
        """Return how many milliseconds of it will be asked about, in how many requests, and how many bytes."""
        if answers.whole() is not None:
            return 0, 0, 0
        rest_ms = answers.unanswered_ms()
        are_short = self._analyzer is not None and self._are_pieces_short(self._analyzer)
        is_cut = answers.has_pieces() or self._reason_to_shorten(recording, are_short=are_short)
        if not is_cut and not self._limits.reason_to_convert(recording):
            return rest_ms, 1, recording.size_bytes
        return rest_ms, *self._limits.of_rest(recording, rest_ms, are_short=are_short)

    def _split(self, recording: Recording, emit: Emit, before: Callable[[], None] | None) -> Result:
        """Transcribe each channel by itself."""
        results: list[Result] = []
        for channel in range(1, recording.channels + 1):
            emit(Trace(f"channel {channel} of {recording.channels}"))
            results.append(self._told_apart(recording.of_channel(channel), emit, before))
        from anyscribe.recording.channels import merge_channels  # noqa: PLC0415 - few recordings need it

        return merge_channels(results, duration_ms=recording.duration_ms)

    def _told_apart(self, recording: Recording, emit: Emit, before: Callable[[], None] | None) -> Result:
        """Transcribe the recording, and tell its voices apart if that is wanted."""
        result = self._result(recording, emit, before)
        if self._options.speakers.mode is not SpeakerMode.LOCAL:
            return result
        from anyscribe.recording.speakers import tell_apart  # noqa: PLC0415 - few runs need it

        return tell_apart(recording, result, self._options, emit)

    def _result(self, recording: Recording, emit: Emit, before: Callable[[], None] | None) -> Result:
        """Transcribe the recording whole if possible, otherwise in pieces."""
        if self._resources is None or self._analyzer is None:
            return self._whole(recording, emit)
        answers = self._answers(recording, emit)
        with answers.claimed():
            if before is not None:
                before()
            known = answers.whole()
            if known is not None:
                emit(Notice("it was transcribed before and is not sent again", of_recording=True))
                if self._plan.request.stream and known.transcript.text:
                    emit(Delta(known.transcript.text))
                speech = self._analyzer.detect_speech(recording)
                result = self._analyzer.analyze(recording, known, speech, emit)
            else:
                result = self._budgeted(recording, self._resources, self._analyzer, answers, emit)
            if not self._options.repairs:
                return result
            from anyscribe.recording.repair import Repairer  # noqa: PLC0415 - few runs need it

            pipeline = self._pipeline(self._resources, self._analyzer)
            repairer = Repairer(pipeline, self._plan.request, self._resources.budget)
            return repairer.repair(recording, result, answers, emit)

    def _budgeted(
        self, recording: Recording, resources: Resources, analyzer: Analyzer, answers: RecordingAnswers, emit: Emit
    ) -> Result:
        """Ask about it within the budget, which gets back what was not asked about in the end."""
        asked_ms = answers.unanswered_ms()
        resources.budget.take(asked_ms)
        try:
            return self._asked(recording, resources, analyzer, answers, emit)
        except (AnyscribeError, StoppedError):
            # What got no answer cost nothing, as far as can be told.
            resources.budget.give_back(max(asked_ms - answers.answered_now_ms(), 0))
            raise

    def _asked(
        self, recording: Recording, resources: Resources, analyzer: Analyzer, answers: RecordingAnswers, emit: Emit
    ) -> Result:
        """Ask about the recording whole if possible, otherwise in pieces."""
        reason: Text = self._limits.reason_to_convert(recording)
        if not reason and answers.has_pieces():
            reason = "parts of it were transcribed before"
        while True:
            are_short = self._are_pieces_short(analyzer)
            reason = reason or self._reason_to_shorten(recording, are_short=are_short)
            if reason:
                emit(Trace(Sentence("it is converted: {}", reason)))
                pipeline = self._pipeline(resources, analyzer)
                return pipeline.transcribe(recording, answers, emit, are_short=are_short)
            try:
                result = self._analyzed(recording, analyzer, answers, emit)
            except TooLargeError as refusal:
                if not self._limits.learn(refusal, recording):
                    raise
                reason = self._limits.reason_to_cut(recording) or refusal.message
                notice = Sentence("{}; it is cut to what the server takes", refusal.message)
                emit(Notice(notice, of_recording=True))
            else:
                if result is not None:
                    return result

    def _are_pieces_short(self, analyzer: Analyzer) -> bool:
        """Return whether pieces shall be short, since words are timed by estimate."""
        if self._plan.timing is WordTiming.NEVER or not self._requester.query(in_pieces=True).is_bare:
            return False
        return not analyzer.can_align

    def _reason_to_shorten(self, recording: Recording, *, are_short: bool) -> Text:
        """Say why a recording that fits a request is better uploaded in pieces; empty if it is not."""
        if are_short and not self._limits.is_free and (recording.duration_ms or 0) > SHORT_PIECE_MS:
            return "its words are timed by estimate, which is more exact in short pieces"
        return ""

    def _whole(self, recording: Recording, emit: Emit) -> Result:
        """Transcribe the recording as it is, without analysis."""
        while True:
            result = self._requester.ask_once(recording, emit, lambda _: None, in_pieces=False)
            if result is not None:
                return replace(
                    result, transcript=with_known_times(judge_times(result.transcript, recording.duration_ms))
                )

    def _analyzed(
        self, recording: Recording, analyzer: Analyzer, answers: RecordingAnswers, emit: Emit
    ) -> Result | None:
        """Transcribe and analyse the recording as it is; None if another format is to be tried."""
        speech = analyzer.detect_speech(recording)
        try:
            result = self._requester.ask_once(recording, emit, answers.save_whole, in_pieces=False)
            if result is None:
                return None
            return analyzer.analyze(recording, result, speech, emit)
        finally:
            if speech is not None:
                speech.cancel()

    def _pipeline(self, resources: Resources, analyzer: Analyzer) -> Pipeline:
        from anyscribe.recording.pipeline import Pipeline  # noqa: PLC0415 - few recordings need it

        return Pipeline(
            resources,
            self._requester,
            analyzer,
            self._limits,
            self._bandwidth,
            self._options.upload,
            bool(self._plan.request.stream),
            self._piece_voices(),
        )

    def _piece_voices(self) -> PieceVoices | None:
        """Return how speakers keep their names across pieces; None if what the server calls them is not used."""
        if self._options.speakers.mode in (SpeakerMode.LOCAL, SpeakerMode.NO):
            return None
        from anyscribe.recording.piece_voices import PieceVoices  # noqa: PLC0415 - few recordings need it

        return PieceVoices(self._plan.request, self._plan.speakers, self._options.speakers.model)

    def _answers(self, recording: Recording, emit: Emit) -> RecordingAnswers:
        from anyscribe.recording.answers import AnswerBook, RecordingAnswers, question_of  # noqa: PLC0415 - loads SQLite

        with self._lock:
            if self._book is None:
                # What this machine answers costs nothing, and is not kept.
                address, store = self._engine.address, self._resources.store if self._resources else None
                request = self._plan.request_for(self._plan.pieces[0])
                old_form = [*write_form(request), *([("task", "translate")] if request.translate else [])]
                question = question_of(address or "", self._plan.request)
                self._book = AnswerBook(store if address else None, question, (address or "", old_form))
        is_temporary = self._resources is not None and self._resources.scratch.holds(recording.path)
        return RecordingAnswers(self._book, recording, self._requester, emit, is_temporary=is_temporary)


def _tracks_notice(recording: Recording) -> Sentence:
    tracks = ", ".join(recording.tracks)
    return Sentence(
        f"it has {len(recording.tracks)} audio tracks: {tracks}; {recording.track} is transcribed, {{}} chooses",
        Option("track"),
    )


def _analyzer(resources: Resources, plan: Plan, options: RecordingOptions, *, is_paid: bool) -> Analyzer:
    from anyscribe.alignment.registry import Aligners  # noqa: PLC0415 - not needed without resources
    from anyscribe.recording.analysis import Analyzer  # noqa: PLC0415 - as above

    return Analyzer(resources, plan, Aligners(), options.adjust, is_paid=is_paid)
