"""The speakers of a finished transcript: told apart here if that is wanted, named as the user wants, or left out."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from anyscribe.errors import AudioError, DiarizerUnavailableError
from anyscribe.events import FindingSpeakers, Notice
from anyscribe.recording.options import SpeakerMode
from anyscribe.sentence import Option, Sentence
from anyscribe.timespan import Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anyscribe.events import Emit
    from anyscribe.recording.options import RecordingOptions, SpeakerOptions
    from anyscribe.request import AudioSource
    from anyscribe.result import Result
    from anyscribe.transcript import Segment, Transcript, Word

    Timed = TypeVar("Timed", Word, Segment)

_NUMBERED: Final = re.compile(r"(?:channel|speaker)[ _]0*([0-9]+)")
"""Names that say no more than a number."""


def tell_apart(audio: AudioSource, result: Result, options: RecordingOptions, emit: Emit) -> Result:
    """Tell the voices of a recording apart, and give its words and segments their speakers.

    Args:
        audio: The whole recording.
        result: What was said in it; speakers that it names are replaced.
        options: How many speakers there may be, and whether segments stay whole.
        emit: Takes the recording's events.

    Returns:
        The result. If the audio cannot be decoded here, or the model fails, it has no speakers, and a notice says so.

    Raises:
        MissingExtraError: What is needed is not installed.
        DiarizerUnavailableError: The model is missing or damaged.
    """
    transcript = result.transcript
    said = sorted((one.start_ms, one.end_ms) for one in transcript.words or transcript.segments)
    if not said:
        return result
    from anyscribe.speakers.registry import make_diarizer  # noqa: PLC0415 - loads NumPy
    from anyscribe.speakers.words import with_turns_of  # noqa: PLC0415 - few runs need it

    wanted = options.speakers
    emit(FindingSpeakers())
    diarizer = make_diarizer(wanted.model)
    try:
        turns = diarizer.find_turns(audio.pcm(), [Span(*one) for one in said], wanted.most, wanted.least)
    except (AudioError, DiarizerUnavailableError) as error:
        emit(Notice(Sentence("its speakers cannot be told apart ({})", error.message), of_recording=True))
        turns = []
    if turns:
        transcript = with_turns_of(transcript, turns, keeps_segments=options.keeps_cues)
    else:
        transcript = transcript.renamed({})
    return replace(result, transcript=transcript, rendering=None)


def with_speakers(result: Result, options: SpeakerOptions, emit: Emit, *, are_asked: bool = False) -> Result:
    """Name the speakers of a result as the user wants.

    Args:
        result: The result, with speakers as they were found.
        options: What the user wants.
        emit: Takes a notice about names that nobody has, or that there are no speakers.
        are_asked: Whether the server was asked who speaks.

    Returns:
        The result; without the server's rendering if that has other names.
    """
    are_wanted = are_asked or options.voices or options.most is not None or options.least > 1
    if are_wanted and options.mode is not SpeakerMode.NO and result.transcript.text and not result.transcript.speakers:
        reason = "the server does not say who speaks" if are_asked else "no speakers are known"
        told = f"{reason}; {{}} tells voices apart here"
        emit(Notice(Sentence(told, Option("speakers", SpeakerMode.LOCAL.value)), of_recording=True))
    if options.mode is SpeakerMode.NO:
        transcript = result.transcript.renamed({})
    elif options.names:
        found = result.transcript.speakers
        names = {speaker: _name(speaker, options.names) for speaker in found}
        transcript = result.transcript.renamed(names)
        _tell_unknown(options.names, found, emit)
    else:
        return result
    if transcript == result.transcript:
        return result
    return replace(result, transcript=transcript, rendering=None)


def with_named_words(transcript: Transcript) -> Transcript:
    """Give words the speaker of the segment that they are in, if only segments name speakers.

    Args:
        transcript: The transcript.

    Returns:
        The transcript; a word that is in several segments, or in none, has the speaker of the last that has begun.
    """
    if any(word.speaker for word in transcript.words):
        return transcript
    return replace(transcript, words=_named_as(transcript.words, transcript.segments))


def as_in(known: Transcript, transcript: Transcript) -> Transcript:
    """Give a new transcript of a stretch the speakers that are known there: a server would call them otherwise.

    Args:
        known: The transcript of all.
        transcript: That of the stretch, with times from the same start.
    """
    named = known.segments if any(one.speaker for one in known.segments) else known.words
    return replace(transcript, segments=_named_as(transcript.segments, named), words=_named_as(transcript.words, named))


def _named_as(timed: Sequence[Timed], known: Sequence[Word | Segment]) -> tuple[Timed, ...]:
    """Return segments or words with the speaker of the last of those that have begun at their middle."""
    known = [one for one in known if one.speaker]
    if not known:
        return tuple(timed)
    starts = [one.start_ms for one in known]
    at = ((one, bisect_right(starts, (one.start_ms + one.end_ms) // 2)) for one in timed)
    return tuple(replace(one, speaker=known[max(0, index - 1)].speaker) for one, index in at)


def _name(speaker: str, names: Mapping[str, str]) -> str:
    """Return what a speaker is called: by its name, or by its number if the name is no more than that."""
    return next((name for known, name in names.items() if _is_meant(known, speaker)), speaker)


def _is_meant(known: str, speaker: str) -> bool:
    one, other = known.casefold(), speaker.casefold()
    numbered = _NUMBERED.fullmatch(other)
    return one == other or (numbered is not None and one == numbered[1])


def _tell_unknown(names: Mapping[str, str], found: tuple[str, ...], emit: Emit) -> None:
    unknown = [known for known in names if not any(_is_meant(known, speaker) for speaker in found)]
    if unknown:
        there = f"there {'is' if len(found) == 1 else 'are'} {', '.join(found)}" if found else "no speakers are known"
        emit(Notice(f"nobody is called {' or '.join(unknown)}: {there}", of_recording=True))
