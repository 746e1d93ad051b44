"""What subtitles of anybody say, as a transcript: who, when, and the words, if the file knows their times."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from anyscribe.formats.cue_files.markup import ASS, SRT, VTT
from anyscribe.formats.cue_files.rolling import ReadCue, rolls, unrolled
from anyscribe.formats.cue_files.word_times import has_times, tokens_of
from anyscribe.formats.cue_text import cue_text, transcript_of
from anyscribe.formats.srt import without_joiners
from anyscribe.formats.tokens import words_of
from anyscribe.timespan import to_ms
from anyscribe.transcript import Segment, Transcript, Word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anyscribe.formats.cue_files.document import Document, WrittenCue

_VOICE: Final = re.compile(r"<v(?:\.[^\s<>]*)?\s([^<>]*)>")
_AGENT: Final = re.compile(
    r"<(?:\w+:)?agent\b[^>]*?\bxml:id\s*=\s*[\"']([^\"']+)[\"'][^>]*>(.*?)</(?:\w+:)?agent\s*>", re.DOTALL
)
_LANGUAGE: Final = re.compile(r"^Language:[ \t]*(\S+)[ \t]*$", re.MULTILINE)
"""A line of WebVTT's head, as YouTube writes it."""

_NAME: Final = re.compile(r"<(?:\w+:)?name\b[^>]*>([^<]*)<")
_ENOUGH: Final = 0.5
"""So many of the cues must have times of words: a single one is an effect."""


class SubtitleText(NamedTuple):
    """What a file of subtitles says.

    Args:
        transcript: The cues as segments, ordered by start; words if the file has their times.
        remarks: What was left out, each in a clause.
    """

    transcript: Transcript
    remarks: tuple[str, ...]


def read_text(document: Document) -> SubtitleText:
    """Return what a file of subtitles says.

    Args:
        document: The file.

    Raises:
        ValueError: Nothing in it was understood; the message is one line and names the place.
    """
    problems = [one for one in document.problems if one.rule == "syntax" or document.markup.collapses]
    problems = [one for one in problems if one.rule in ("syntax", "timestamp")]
    if problems and not document.cues:
        raise ValueError(f"line {problems[0].line}: {problems[0].message}")
    agents = _agents(document)
    cues = _without_copies([_cue(cue, agents) for cue in document.cues])
    remarks = []
    if problems:
        places = "a place is" if len(problems) == 1 else f"{len(problems):,} places are"
        remarks.append(f"{places} left out, as in line {problems[0].line}: {problems[0].message}")
    if _ends_in_number(document):
        cues = _without_last_number(cues)
        remarks.append("the file is cut off after the number of a cue")
    if rolls(cues):
        cues = unrolled(cues)
        remarks.append("lines that captions repeat as they roll up are left out")
    segments = [
        Segment(cue_text("\n".join(cue.lines)), cue.start_ms, max(cue.start_ms, cue.end_ms), speaker=cue.speaker)
        for cue in cues
    ]
    transcript = transcript_of(segments)
    words = _words(cues)
    stated = _LANGUAGE.search(document.head) if document.markup is VTT else None
    language = stated[1] if stated else document.language or None
    return SubtitleText(Transcript(transcript.text, language, None, transcript.segments, words), tuple(remarks))


def _cue(cue: WrittenCue, agents: Mapping[str, str]) -> ReadCue:
    lines = cue.lines
    if cue.markup is SRT:
        lines = [without_joiners(line) for line in lines]
    elif cue.markup is ASS:
        # What keeps a backslash from being read as an escape.
        lines = [line.replace("\\\u2060", "\\") for line in lines]
    return ReadCue(cue.start_ms, cue.end_ms, tuple(lines), _speaker(cue, agents), cue)


def _speaker(cue: WrittenCue, agents: Mapping[str, str]) -> str | None:
    speaker = cue.speaker
    if cue.markup is VTT:
        # Two voices in a cue have no common name.
        voices = _VOICE.findall(cue.content)
        speaker = html.unescape(voices[0]) if len(voices) == 1 and cue.content.lstrip().startswith("<v") else ""
    elif cue.markup.collapses:
        speaker = agents.get(speaker, speaker)
    return " ".join(cue_text(speaker).split()) or None


def _agents(document: Document) -> dict[str, str]:
    """Return the names of the agents that a TTML document declares in its head."""
    if not document.markup.collapses or not document.cues:
        return {}
    declared = _AGENT.findall(document.cues[0].before)
    names = {identity: _NAME.search(inside) for identity, inside in declared}
    return {identity: html.unescape(name[1]).strip() for identity, name in names.items() if name and name[1].strip()}


def _without_copies(cues: Sequence[ReadCue]) -> list[ReadCue]:
    """Leave out what is shown twice at the same time: outlines and shadows on layers of their own."""
    first: dict[tuple[object, ...], ReadCue] = {}
    for cue in cues:
        first.setdefault((cue.start_ms, cue.end_ms, cue.lines, cue.speaker), cue)
    return list(first.values())


def _without_last_number(cues: Sequence[ReadCue]) -> list[ReadCue]:
    """Leave out the number of a cue that a file of SubRip was cut off in."""
    *others, last = cues
    return [*others, replace(last, lines=last.lines[:-1])]


def _ends_in_number(document: Document) -> bool:
    last = document.cues[-1].content.rsplit("\n", 2) if document.markup is SRT and document.cues else []
    return len(last) > 2 and not last[-2].strip() and last[-1].strip() == str(len(document.cues) + 1)  # noqa: PLR2004


def _words(cues: Sequence[ReadCue]) -> tuple[Word, ...]:
    """Return the words with their times; none if few cues have any."""
    spoken = [cue for cue in cues if cue.lines]
    if sum(has_times(cue.written) for cue in spoken) < max(1, _ENOUGH * len(spoken)):
        return ()
    words = [
        Word(word["word"], to_ms(word["start"]), to_ms(word["end"]))
        for cue in spoken
        for word in words_of(tokens_of(cue.written, cue.skipped))
    ]
    return tuple(sorted(words, key=lambda word: word.start_ms))
