"""What is done with every recording of a run, decided once from the request, the outputs and the engine.

Nothing here touches a file, a server or a clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from anyscribe.formats import TEXT, VERBOSE_JSON, Content
from anyscribe.recording.options import ChannelMode, SpeakerMode
from anyscribe.recording.vocabulary import with_vocabulary
from anyscribe.recording.voice_samples import fields_of
from anyscribe.rendering import PlannedOutput
from anyscribe.request import Granularity, ResponseFormat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.engines import Capabilities, Hints, SpeakerQuery
    from anyscribe.formats import OutputFormat
    from anyscribe.recording.options import KnownVoice, RecordingOptions
    from anyscribe.recording.own_fields import OwnFields
    from anyscribe.recording.times import TextPart
    from anyscribe.request import TranscriptionRequest

BARE: Final = frozenset({ResponseFormat.JSON, ResponseFormat.TEXT})
"""Wire formats without times."""

_NEXT_BEST: Final = {
    ResponseFormat.SRT: ResponseFormat.VERBOSE_JSON,
    ResponseFormat.VTT: ResponseFormat.VERBOSE_JSON,
    ResponseFormat.VERBOSE_JSON: ResponseFormat.JSON,
    ResponseFormat.TEXT: ResponseFormat.JSON,
}
"""What to ask for if a server refuses a format: the most detailed one that is left. Every server answers json."""


class WordTiming(Enum):
    """When words are timed on this machine."""

    NEVER = auto()
    ALWAYS = auto()
    IF_NO_TIMES = auto()
    """Where the answer has neither segments nor words, or has words elsewhere."""
    IF_NO_WORDS = auto()
    """Where the answer has no words."""


@dataclass(frozen=True, slots=True)
class Query:
    """What an engine is asked for.

    Args:
        response_format: The wire format.
        granularities: The times that ``verbose_json`` shall hold.
        fields: Form fields that go with the format, as (name, value).
    """

    response_format: ResponseFormat
    granularities: tuple[Granularity, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def is_bare(self) -> bool:
        """Whether the answer will have no times."""
        return self.response_format in BARE


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done with a recording; see `make_plan`.

    Args:
        asked: The form fields that the user set.
        vocabulary: Names and terms that may be said.
        hints: How the engine is told these; None if it cannot be.
        request: The form fields with the vocabulary in them.
        outputs: What is rendered.
        whole: What is asked for about a whole recording, best first; the next one if a server refuses the format.
        pieces: What is asked for about a piece of a recording, likewise.
        timing: When words are timed here.
        is_checked: Whether the transcript is checked against the audio.
        is_timed: Whether an output has times.
        left_out: Words of the vocabulary that there is no room for.
        speakers: How the engine is asked who speaks; None if it is not.
    """

    asked: TranscriptionRequest
    vocabulary: tuple[str, ...]
    hints: Hints | None
    request: TranscriptionRequest
    outputs: tuple[PlannedOutput, ...]
    whole: tuple[Query, ...]
    pieces: tuple[Query, ...]
    timing: WordTiming
    is_checked: bool
    is_timed: bool = False
    left_out: tuple[str, ...] = ()
    speakers: SpeakerQuery | None = None

    @property
    def needs_speech(self) -> bool:
        """Whether the audio is searched for speech, for timing or for checking."""
        return self.is_checked or self.timing is not WordTiming.NEVER

    def timed_here(self, parts: Sequence[TextPart]) -> frozenset[int]:
        """Return which parts of a transcript have their words timed here.

        Args:
            parts: All parts of its text, with the times that the engine gave and that carry information.

        Returns:
            The indices of the parts.
        """
        everything = range(len(parts))
        match self.timing:
            case WordTiming.NEVER:
                return frozenset()
            case WordTiming.ALWAYS:
                return frozenset(everything)
            case WordTiming.IF_NO_WORDS:
                return frozenset(index for index in everything if not parts[index].words)
            case WordTiming.IF_NO_TIMES:
                has_words = any(part.words for part in parts)
                return frozenset(
                    index for index in everything if not parts[index].words and (has_words or parts[index].is_coarse)
                )

    def request_for(self, query: Query) -> TranscriptionRequest:
        """Return the form fields of a request.

        Args:
            query: What is asked for.
        """
        given = {name for name, _ in self.request.fields}
        return replace(
            self.request,
            response_format=query.response_format,
            timestamp_granularities=query.granularities,
            fields=(*self.request.fields, *(field for field in query.fields if field[0] not in given)),
        )

    def for_recording(self, own: OwnFields | None) -> Plan:
        """Return the plan for a recording.

        Args:
            own: What is said about it alone; None for nothing.

        Raises:
            UsageError: The engine cannot be told its vocabulary.
        """
        if own is None:
            return self
        asked = replace(self.asked, **dict(own.fields))
        vocabulary = self.vocabulary if own.vocabulary is None else own.vocabulary
        request, left_out = with_vocabulary(asked, vocabulary, self.hints)
        return replace(self, asked=asked, vocabulary=vocabulary, request=request, left_out=left_out)


def make_plan(
    request: TranscriptionRequest,
    outputs: Sequence[OutputFormat],
    capabilities: Capabilities,
    options: RecordingOptions,
    *,
    can_time: bool,
) -> Plan:
    """Decide what is asked for, whether words are timed here, what is checked and what is rendered.

    Args:
        request: The form fields that the user set; the response format is chosen here.
        outputs: The wanted formats, without repetition; none means the transcript alone, with all its times.
        capabilities: What is known of the engine.
        options: What the user wants beyond the form fields.
        can_time: Whether words can be timed on this machine.

    Raises:
        UsageError: The engine cannot be told the vocabulary.
    """
    wanted = tuple(outputs) or (VERBOSE_JSON,)
    names_words = options.speakers.mode is SpeakerMode.LOCAL
    if options.channels is ChannelMode.SPLIT or options.repairs or names_words:
        # Times put what is said in the channels into order, and say which text is in a stretch, and whose a word is.
        wanted = tuple(dict.fromkeys((*wanted, VERBOSE_JSON)))
    can_time = can_time and options.align is not False
    is_timed = any(output.is_timed for output in wanted)

    speakers = _speakers(request, wanted, capabilities, options)
    asked = _telling(request, speakers, options.speakers.voices)
    request, left_out = with_vocabulary(asked, options.vocabulary, capabilities.hints)
    by_speaker = () if speakers is None else (_speaker_query(speakers),)

    def queries(best: ResponseFormat) -> tuple[Query, ...]:
        plain = (_query(asked, wanted, request, needs_words=names_words) for asked in _fallbacks(best, capabilities))
        return (*by_speaker, *plain)

    streamed = _best_of_stream(request, wanted, capabilities, can_time=can_time) if request.stream else None
    return Plan(
        asked=asked,
        vocabulary=options.vocabulary,
        hints=capabilities.hints,
        request=request,
        outputs=tuple(_planned(output, wanted, options) for output in outputs),
        whole=queries(streamed or _best(wanted, is_made_here=bool(options.align or options.cues))),
        pieces=queries(streamed or _best(wanted, is_made_here=True)),
        timing=_timing(request, wanted, capabilities, options) if can_time and is_timed else WordTiming.NEVER,
        is_checked=options.is_checked,
        is_timed=is_timed,
        left_out=left_out,
        speakers=speakers,
    )


def _speakers(
    request: TranscriptionRequest,
    wanted: Sequence[OutputFormat],
    capabilities: Capabilities,
    options: RecordingOptions,
) -> SpeakerQuery | None:
    """Return how the engine is asked who speaks; None if nobody wants to know, or if it cannot be."""
    known = capabilities.speakers
    if known is None or request.translate:
        return None
    if options.speakers.mode is SpeakerMode.SERVER:
        return known
    # Of the contract's json, which is passed on as it comes, nothing is known but the text.
    is_asked = any(output.wire is ResponseFormat.DIARIZED_JSON for output in wanted)
    is_usual = known.is_usual and [output.wire for output in wanted] != [ResponseFormat.JSON]
    return known if options.speakers.mode is SpeakerMode.AUTO and (is_asked or is_usual) else None


def _telling(
    request: TranscriptionRequest, speakers: SpeakerQuery | None, voices: Sequence[KnownVoice]
) -> TranscriptionRequest:
    """Return the request with as many known voices as the engine takes."""
    told = voices[: speakers.references if speakers else 0]
    if not told:
        return request
    return replace(request, fields=(*request.fields, *fields_of({voice.name: voice.sound for voice in told})))


def _speaker_query(speakers: SpeakerQuery) -> Query:
    return Query(speakers.response_format, speakers.granularities, speakers.fields)


def _best(wanted: Sequence[OutputFormat], *, is_made_here: bool) -> ResponseFormat:
    """Choose the wire format that all outputs can be made from; a single output may be the server's own rendering."""
    (only, *others) = wanted
    is_of_speakers = only.wire is ResponseFormat.DIARIZED_JSON
    if others or only.wire is None or is_of_speakers or (is_made_here and only.is_subtitles):
        return ResponseFormat.VERBOSE_JSON
    return only.wire


def _best_of_stream(
    request: TranscriptionRequest, wanted: Sequence[OutputFormat], capabilities: Capabilities, *, can_time: bool
) -> ResponseFormat:
    """Choose for a stream, which is rendered here: the format that brings times, if any does."""
    if not any(output.is_timed for output in wanted):
        return ResponseFormat.TEXT if wanted == (TEXT,) else ResponseFormat.JSON
    has_segments = Granularity.SEGMENT in request.timestamp_granularities
    if can_time and not capabilities.streams_times and not has_segments:
        return ResponseFormat.JSON
    return ResponseFormat.VERBOSE_JSON


def _fallbacks(best: ResponseFormat, capabilities: Capabilities) -> list[ResponseFormat]:
    """List the formats to ask for, best first, without those that are known to be refused; the last one stays."""
    chain = [best]
    while chain[-1] in _NEXT_BEST:
        chain.append(_NEXT_BEST[chain[-1]])
    return [asked for asked in chain[:-1] if asked in capabilities.formats] + chain[-1:]


def _query(
    asked: ResponseFormat, wanted: Sequence[OutputFormat], request: TranscriptionRequest, *, needs_words: bool
) -> Query:
    # The contract allows granularities for verbose_json only. With the one format that the user asked for they are
    # sent nevertheless, since everything that the user sets is sent; with a substitute for it they are not.
    is_users_own = [output.wire for output in wanted] == [asked]
    is_verbose = asked is ResponseFormat.VERBOSE_JSON
    needs_words = needs_words or any(known.needs_words for known in wanted)
    if is_verbose and not request.timestamp_granularities and needs_words:
        return Query(asked, (Granularity.SEGMENT, Granularity.WORD))
    return Query(asked, request.timestamp_granularities if is_verbose or is_users_own else ())


def _timing(
    request: TranscriptionRequest, wanted: Sequence[OutputFormat], capabilities: Capabilities, options: RecordingOptions
) -> WordTiming:
    # The words of a translation are not in the audio, so they cannot be aligned; what has no times is estimated.
    if options.align or (capabilities.has_rough_times and not request.translate):
        return WordTiming.ALWAYS
    wants_words = Granularity.WORD in request.timestamp_granularities
    is_requested = any(output.content is Content.REQUESTED for output in wanted)
    names_words = options.speakers.mode is SpeakerMode.LOCAL
    needs_words = names_words or any(output.needs_words for output in wanted)
    return WordTiming.IF_NO_WORDS if needs_words or (wants_words and is_requested) else WordTiming.IF_NO_TIMES


def _planned(output: OutputFormat, wanted: Sequence[OutputFormat], options: RecordingOptions) -> PlannedOutput:
    """Say which of a server's renderings an output may be.

    Many servers put more into ``json`` than they must, so that it looks like ``verbose_json``. If json is the only
    output it is passed on whole; beside other outputs, json is what the contract says.
    """
    if output.wire is None or (output.is_subtitles and options.cues is not None):
        return PlannedOutput(output)
    passes = {output.wire}
    if output.wire is ResponseFormat.JSON and len(wanted) == 1:
        passes |= {ResponseFormat.VERBOSE_JSON, ResponseFormat.DIARIZED_JSON}
    return PlannedOutput(output, frozenset(passes))
