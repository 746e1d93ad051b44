r"""``ass``: Advanced SubStation Alpha, with the speaker as the name of each line; and with ``\k`` by word for karaoke.

Source: http://www.tcax.org/docs/ass-specs.htm; libass (``ass_parse.c``) for what is an escape.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from anyscribe.formats.cue_text import cues_to_write, one_line
from anyscribe.formats.segment_words import SegmentWords
from anyscribe.formats.xml_text import is_right_to_left

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anyscribe.formats.output_format import Metadata
    from anyscribe.transcript import Segment, Transcript

_MS_PER_CENTISECOND: Final = 10
_ESCAPED: Final = re.compile(r"[\\{}\n]")
# There is no escape for a backslash; after a word joiner, which is invisible, no letter makes it one. As FFmpeg does.
_ESCAPES: Final = {"\\": "\\\u2060", "{": "\\{", "}": "\\}", "\n": "\\N"}

_STYLE: Final = {
    "Name": "Default",
    "Fontname": "Arial",
    "Fontsize": "58",
    "PrimaryColour": "&H00FFFFFF",
    # In karaoke, what is still to be said.
    "SecondaryColour": "&H00A0A0A0",
    "OutlineColour": "&H00000000",
    "BackColour": "&H80000000",
    "Bold": "0",
    "Italic": "0",
    "Underline": "0",
    "StrikeOut": "0",
    "ScaleX": "100",
    "ScaleY": "100",
    "Spacing": "0",
    "Angle": "0",
    "BorderStyle": "1",
    "Outline": "3",
    "Shadow": "0",
    "Alignment": "2",
    "MarginL": "60",
    "MarginR": "60",
    "MarginV": "54",
    # Any encoding: the player finds it out.
    "Encoding": "1",
}
_EITHER_DIRECTION: Final = {**_STYLE, "Encoding": "-1"}
"""With text from right to left: libass then finds out how each line runs, so that full stops are where they belong."""


def render(transcript: Transcript, metadata: Metadata) -> str:
    """Write the segments as lines of dialogue.

    Args:
        transcript: The transcript; each segment with text becomes a line, ordered by start.
        metadata: The title, and how the transcript was made.

    Returns:
        The file's text with line feeds; only the head if there is no text.
    """
    lines = (_line(segment, _escaped(text), end_ms) for segment, text, end_ms in cues_to_write(transcript.segments))
    return "".join([_head(metadata, transcript), *lines])


def render_karaoke(transcript: Transcript, metadata: Metadata) -> str:
    """Write the segments as lines of dialogue in which each word is lit as it is said.

    Args:
        transcript: As for `render`; its words are those of the segments' texts, in order.
        metadata: As for `render`.

    Returns:
        As `render` does.
    """
    words = SegmentWords(transcript)
    lines = []
    for segment, text, end_ms in cues_to_write(transcript.segments):
        lit = "".join(_lit(text, words, segment, end_ms))
        lines.append(_line(segment, lit, end_ms))
    return "".join([_head(metadata, transcript), *lines])


def _lit(text: str, words: SegmentWords, segment: Segment, end_ms: int) -> Iterator[str]:
    r"""Yield the parts of a line, each word with its ``\k``: how long it is said; so have the pauses around it.

    All of them together are as long as the line is shown.
    """
    own = words.of(segment)
    now, line_end = _shown(segment, end_ms)
    for part, number in words.parts(segment, text):
        if number is None:
            # The space before the next word is what is lit in a pause.
            following = next((word for word in own if word.start_ms // _MS_PER_CENTISECOND >= now), None)
            begin = now if following is None else min(line_end, following.start_ms // _MS_PER_CENTISECOND)
            if begin > now:
                yield f"{{\\k{begin - now}}}"
                now = begin
            yield _escaped(part)
            continue
        begin = min(line_end, max(now, own[number].start_ms // _MS_PER_CENTISECOND))
        end = min(line_end, max(begin, own[number].end_ms // _MS_PER_CENTISECOND))
        if begin > now:
            yield f"{{\\k{begin - now}}}"
        yield f"{{\\k{end - begin}}}{_escaped(part)}"
        now = end
    if line_end > now:
        yield f"{{\\k{line_end - now}}}"


def _shown(segment: Segment, end_ms: int) -> tuple[int, int]:
    """Return when a line is shown, in hundredths of a second."""
    start = segment.start_ms // _MS_PER_CENTISECOND
    return start, max(end_ms // _MS_PER_CENTISECOND, start + 1)


def _head(metadata: Metadata, transcript: Transcript) -> str:
    is_reversed = any(is_right_to_left(segment.text) for segment in transcript.segments)
    style = _EITHER_DIRECTION if is_reversed else _STYLE
    remark = f"; {metadata.provenance}\n" if metadata.provenance else ""
    title = f"Title: {one_line(metadata.title)}\n" if metadata.title.strip() else ""
    return (
        f"[Script Info]\n{remark}{title}"
        "ScriptType: v4.00+\nWrapStyle: 0\nScaledBorderAndShadow: yes\nPlayResX: 1920\nPlayResY: 1080\n\n"
        f"[V4+ Styles]\nFormat: {', '.join(style)}\nStyle: {','.join(style.values())}\n\n"
        "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    )


def _line(segment: Segment, text: str, end_ms: int) -> str:
    # Commas part the fields before the text.
    name = one_line(segment.speaker or "").replace(",", ";")
    start, end = _shown(segment, end_ms)
    return f"Dialogue: 0,{_time(start)},{_time(end)},Default,{name},0,0,0,,{text}\n"


def _time(centiseconds: int) -> str:
    seconds, centiseconds = divmod(centiseconds, 100)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}.{centiseconds:02d}"


def _escaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: _ESCAPES[found.group()], text)
