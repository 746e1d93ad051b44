"""``sbv``: SubViewer, as YouTube takes it.

Source: https://support.google.com/youtube/answer/2734698
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from anyscribe.formats.cue_text import named_cues
from anyscribe.formats.timestamps import vtt_timestamp

if TYPE_CHECKING:
    from anyscribe.formats.output_format import Metadata
    from anyscribe.transcript import Transcript

# The format has no escapes. A word joiner is invisible and keeps a line of text from being read as a time.
_TIMES: Final = re.compile(r"^(?=[0-9]+:[0-9]+:[0-9]+\.[0-9]+,[0-9]+:)", re.MULTILINE)


def render(transcript: Transcript, _metadata: Metadata | None = None) -> str:
    """Write the segments as cues; where the speaker changes, the name is written before the text.

    Args:
        transcript: The transcript; each segment with text becomes a cue, ordered by start.

    Returns:
        The file's text with line feeds; empty if there are no cues.
    """
    return "".join(
        f"{_time(segment.start_ms)},{_time(end_ms)}\n{_TIMES.sub(chr(0x2060), text)}\n\n"
        for segment, text, end_ms in named_cues(transcript.segments)
    )


def _time(time_ms: int) -> str:
    # Hours have one digit if that is enough.
    stamp = vtt_timestamp(time_ms)
    return stamp.removeprefix("0")
