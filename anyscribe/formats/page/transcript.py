"""The page of a transcript: player, text, search, places to check, corrections.

Each word is a ``span`` with its start and length in milliseconds as ``data-m`` and ``data-d``, as hyperaudio has it.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any, Final

from anyscribe.formats.excerpts import excerpts, to_members
from anyscribe.formats.page import digest, fill, is_right_to_left, script_data
from anyscribe.formats.paragraphs import paragraphs
from anyscribe.formats.prose import joint, running_text
from anyscribe.languages import language_code
from anyscribe.timespan import clock_time, to_seconds
from anyscribe.transcript import Timing, Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.formats.output_format import Metadata
    from anyscribe.transcript import Finding, Segment, Transcript

_VIDEO: Final = re.compile(
    r"\Adata:video/|\.(?:3gp|avi|flv|m2ts|m4v|mkv|mov|mp4|mpe?g|mts|ogv|ts|webm|wmv)\Z", re.IGNORECASE
)
"""Addresses of recordings that may have a picture; one that has none leaves no hole in the page."""

_UNSURE: Final = 0.4
"""Words of a lower probability are marked, and those whose time is right with a lower one."""


def write_page(transcript: Transcript, metadata: Metadata) -> str:
    """Write the page; see `anyscribe.formats.html.render`."""
    segments = [segment for segment in transcript.segments if segment.text.strip()]
    speakers = list(dict.fromkeys(segment.speaker for segment in segments if segment.speaker))
    title = running_text([metadata.title]) or "Transcript"
    language = language_code(transcript.language or "")
    direction = _direction(transcript.text)
    return fill(
        "transcript",
        title=escape(title),
        language=escape("en" if transcript.is_translated else language or ""),
        direction=direction,
        media=_player(metadata),
        places="".join(map(_place, transcript.findings)),
        text="".join(_blocks(transcript, segments, speakers, direction)) or "<p>Nothing is said.</p>",
        made=escape(_made(metadata)),
        data=_data(transcript, metadata, title, speakers),
    )


def _player(metadata: Metadata) -> str:
    kind = "video" if _VIDEO.search(metadata.media) else "audio"
    source = f' src="{escape(metadata.media)}"' if metadata.media else ""
    return f'<{kind} id="media" controls preload="metadata" aria-label="Recording"{source}></{kind}>'


def _place(finding: Finding) -> str:
    """Write an entry of the list of places that look wrong."""
    message = escape(finding.message)
    if finding.span is None:
        return f"<li>{message}</li>\n"
    start_ms, end_ms = finding.span
    link = f"#t={to_seconds(start_ms)},{to_seconds(end_ms)}"
    return f'<li><a href="{link}" data-from="{start_ms}" data-to="{end_ms}">{finding.span}</a> {message}</li>\n'


def _direction(text: str) -> str:
    return "rtl" if not text.isascii() and is_right_to_left(text) else "ltr"


def _blocks(
    transcript: Transcript, segments: Sequence[Segment], speakers: Sequence[str], direction: str
) -> Iterator[str]:
    """Write the paragraphs; one that runs in another direction than most of the text says so."""
    if not segments:
        lines = filter(None, map(str.strip, transcript.text.splitlines()))
        yield from (f'<p><span class="s">{_loose(line)}</span></p>\n' for line in lines)
        return
    words = iter(transcript.words)
    number_of = {speaker: number for number, speaker in enumerate(speakers)}
    last = ""
    for start, end in paragraphs(segments):
        first = segments[start]
        seconds = to_seconds(first.start_ms)
        # Where two paragraphs of a script without spaces are joined again, nothing comes between them.
        joined = ' data-joint=""' if last and not joint(last, first.text.strip()[0]) else ""
        who = f' data-s="{number_of[first.speaker]}"' if first.speaker else ""
        own = _direction("".join(segment.text for segment in segments[start:end]))
        who += f' dir="{own}"' if own != direction else ""
        yield f'<p{joined}{who}><a class="time" tabindex="-1" href="#t={seconds}">{clock_time(first.start_ms)}</a> '
        if first.speaker:
            yield f'<b class="who"><bdi>{escape(first.speaker)}</bdi>:</b> '
        left = ""
        for segment in segments[start:end]:
            text = segment.text.strip()
            yield f'{joint(left, text[0]) if left else ""}<span class="s">'
            yield from _units(text, segment, words if transcript.words else None)
            yield "</span>"
            left = text[-1]
        last = left
        yield "</p>\n"


def _units(text: str, segment: Segment, words: Iterator[Word] | None) -> Iterator[str]:
    """Write what is lit and played by itself: the words of a segment, or all of it if they have no times."""
    if words is None:
        yield _unit(Word(text, segment.start_ms, segment.end_ms))
        return
    end = 0
    while end < len(text):
        word = next(words, None)
        begin = -1 if word is None else text.find(word.text, end)
        if word is None or begin < 0:
            break
        if begin > end:
            yield _escaped(text[end:begin])
        yield _unit(word)
        end = begin + len(word.text)
    yield _escaped(text[end:])


def _unit(word: Word) -> str:
    marks = ""
    if word.probability is not None:
        marks = f' data-p="{word.probability:.3g}"'
    if word.confidence is not None:
        marks += f' data-c="{word.confidence:.3g}"'
    if word.timing is not Timing.SERVER:
        marks += f' data-t="{word.timing}"'
    if any(share is not None and share < _UNSURE for share in (word.probability, word.confidence)):
        marks += ' class="u"'
    return f'<span data-m="{word.start_ms}" data-d="{word.end_ms - word.start_ms}"{marks}>{_escaped(word.text)}</span>'


def _loose(line: str) -> str:
    """Write a line whose words have no times."""
    return " ".join(f"<span data-w>{_escaped(word)}</span>" for word in line.split())


def _escaped(text: str) -> str:
    return escape(text, quote=False).replace("\0", "\ufffd")


def _made(metadata: Metadata) -> str:
    made = metadata.provenance
    if made is None:
        return ""
    parts = [made.model, made.server, made.date, f"anyscribe {made.version}" if made.version else ""]
    return "Made with " + ", ".join(filter(None, parts)) if any(parts) else ""


def _data(transcript: Transcript, metadata: Metadata, title: str, speakers: Sequence[str]) -> str:
    """Write what the page's script and `anyscribe review` read."""
    times = ((word.text, word.start_ms) for word in transcript.words)
    members: dict[str, Any] = {
        "id": digest(title, transcript.text, repr([*times])),
        "title": title,
        "task": "translate" if transcript.is_translated else "transcribe",
        "language": transcript.language,
        "duration": None if transcript.duration_ms is None else to_seconds(transcript.duration_ms),
        "speakers": [*speakers],
        "hasWords": bool(transcript.words),
        "media": "" if metadata.media.startswith("data:") else metadata.media,
        "findings": [to_members(excerpt) for excerpt in excerpts(transcript)],
    }
    return script_data(members)
