"""A result in every output format: as the server rendered it if that is what was asked for, otherwise made here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from anyscribe.events import Notice
from anyscribe.formats import NO_METADATA, TEXT, Content, Metadata
from anyscribe.formats.paragraphs import text_in_paragraphs
from anyscribe.request import Granularity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from anyscribe.events import Emit
    from anyscribe.formats import OutputFormat
    from anyscribe.request import ResponseFormat
    from anyscribe.result import Result
    from anyscribe.subtitles.profile import CueProfile
    from anyscribe.transcript import Segment, Transcript

_UNTIMED: Final = "no segments, no words"
_WITHOUT_TIMES: Final = {
    Content.CUES: "a single cue covers it",
    Content.CUE_WORDS: "a single cue covers it",
    Content.WORDS: "its words are spread evenly",
    Content.SPEECH: "it is a single part",
}
"""What formats write of a text without times."""


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """How transcripts are rendered.

    Args:
        cues: The limits of a subtitle cue; None means the default ones.
        granularities: Which times ``verbose_json`` holds; segments if empty.
        metadata: What documents say besides the transcript.
        keeps_cues: Whether segments are cues already, which are written as they are.
        has_paragraphs: Whether ``text`` is divided into paragraphs, as far as times and speakers are known.
        embeds_sound: Whether a page holds its recording, if that is small.
    """

    cues: CueProfile | None = None
    granularities: tuple[Granularity, ...] = ()
    metadata: Metadata = NO_METADATA
    keeps_cues: bool = False
    has_paragraphs: bool = False
    embeds_sound: bool = False


@dataclass(frozen=True, slots=True)
class PlannedOutput:
    """An output that is wanted.

    Args:
        format: The output format.
        passes: The server's own renderings that are written as they came, if the result has one of them.
    """

    format: OutputFormat
    passes: frozenset[ResponseFormat] = frozenset()


def render_outputs(
    result: Result, outputs: Iterable[PlannedOutput], options: RenderOptions, emit: Emit
) -> Mapping[OutputFormat, bytes]:
    """Render a result in every wanted format.

    Args:
        result: What was transcribed.
        outputs: What is wanted.
        options: How it is rendered.
        emit: Takes a notice if the transcript lacks the times that a format should have.

    Returns:
        Each format's document; text in UTF-8.
    """
    rendered = {}
    for output in outputs:
        if result.rendering is not None and result.rendering.format in output.passes:
            rendered[output.format] = result.rendering.body
            continue
        transcript = result.transcript
        if output.format.is_timed and transcript.text and not (transcript.segments or transcript.words):
            emit(
                Notice(
                    f"no times are known; {output.format}: {_WITHOUT_TIMES.get(output.format.content, _UNTIMED)}",
                    of_recording=True,
                )
            )
        document = render(transcript, output.format, options)
        rendered[output.format] = document.encode("utf-8", "replace") if isinstance(document, str) else document
    return rendered


def render(transcript: Transcript, output_format: OutputFormat, options: RenderOptions) -> str | bytes:
    """Render a transcript in one format.

    Args:
        transcript: What was said.
        output_format: The format.
        options: How it is rendered.

    Returns:
        The whole document, as bytes if the format is no text; empty only for formats that write nothing for silence.
    """
    metadata = options.metadata
    if options.cues is not None:
        metadata = replace(metadata, frame_rate=options.cues.frame_rate)
    if output_format.is_subtitles:
        transcript = _with_cues(transcript, output_format, options)
    elif output_format is TEXT and options.has_paragraphs and (transcript.segments or transcript.words):
        is_named = any(segment.speaker for segment in transcript.segments)
        segments = transcript.segments if is_named or not transcript.speakers else _turns(transcript)
        segments = segments or _segments(transcript)
        transcript = replace(transcript, text=text_in_paragraphs(transcript.text, segments))
    elif output_format.content is Content.SPEECH:
        transcript = replace(transcript, segments=_turns(transcript))
    elif output_format.content is Content.WORDS:
        from anyscribe.subtitles.all_words import with_all_words  # noqa: PLC0415 - plain text and JSON need none

        transcript = with_all_words(replace(transcript, segments=_turns(transcript)))
    elif output_format.content is Content.READING:
        from anyscribe.subtitles.written_words import with_written_words  # noqa: PLC0415 - as above

        transcript = with_written_words(replace(transcript, segments=_turns(transcript)))
    elif output_format.content is Content.REQUESTED:
        transcript = _at_granularity(transcript, options.granularities or (Granularity.SEGMENT,))
    return output_format.render(transcript, metadata)


def _with_cues(transcript: Transcript, output_format: OutputFormat, options: RenderOptions) -> Transcript:
    """Return the transcript with cues for segments, and with the words of the cues if they are wanted."""
    if not (options.keeps_cues and transcript.segments):
        from anyscribe.subtitles.cues import to_cues  # noqa: PLC0415 - plain text and JSON need no cues
        from anyscribe.subtitles.named_turns import to_named_cues  # noqa: PLC0415 - likewise
        from anyscribe.subtitles.profile import DEFAULT_PROFILE  # noqa: PLC0415 - likewise

        make = to_named_cues if output_format.names_speakers else to_cues
        transcript = make(transcript, options.cues or DEFAULT_PROFILE)
    if output_format.content is not Content.CUE_WORDS:
        return transcript
    from anyscribe.subtitles.all_words import with_all_words  # noqa: PLC0415 - few formats need them

    return replace(with_all_words(transcript), segments=transcript.segments)


def _at_granularity(transcript: Transcript, granularities: tuple[Granularity, ...]) -> Transcript:
    """Keep the times that were asked for."""
    wants_segments = Granularity.SEGMENT in granularities
    segments = transcript.segments or (_segments(transcript) if wants_segments else ())
    return replace(
        transcript,
        segments=segments if wants_segments else (),
        words=transcript.words if Granularity.WORD in granularities else (),
    )


def _segments(transcript: Transcript) -> tuple[Segment, ...]:
    from anyscribe.subtitles.sentences import to_segments  # noqa: PLC0415 - as above

    return to_segments(transcript)


def _turns(transcript: Transcript) -> tuple[Segment, ...]:
    """Return the segments, or those that the words make if only they name speakers."""
    is_named = any(segment.speaker for segment in transcript.segments)
    if not is_named and any(word.speaker for word in transcript.words):
        return _segments(replace(transcript, segments=()))
    return _segments(transcript)
