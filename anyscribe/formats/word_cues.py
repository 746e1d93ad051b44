"""``srt-words`` and ``vtt-words``: a cue for each word, for editors and for captions that show one word at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from anyscribe.formats import srt, vtt
from anyscribe.transcript import Segment

if TYPE_CHECKING:
    from anyscribe.formats.output_format import Metadata
    from anyscribe.transcript import Transcript


def render_srt(transcript: Transcript, metadata: Metadata) -> str:
    """Write each word as a cue of SubRip; see `anyscribe.formats.srt.render`.

    Args:
        transcript: The transcript.
        metadata: What `srt` makes of it.
    """
    # A speaker's name before the text would be longer than the word.
    return srt.render(_in_words(transcript, has_speakers=False), metadata)


def render_vtt(transcript: Transcript, metadata: Metadata) -> str:
    """Write each word as a cue of WebVTT; see `anyscribe.formats.vtt.render`.

    Args:
        transcript: The transcript.
        metadata: What `vtt` makes of it.
    """
    return vtt.render(_in_words(transcript, has_speakers=True), metadata)


def _in_words(transcript: Transcript, *, has_speakers: bool) -> Transcript:
    words = (
        Segment(word.text, word.start_ms, word.end_ms, speaker=word.speaker if has_speakers else None)
        for word in transcript.words
    )
    return replace(transcript, segments=tuple(words))
