"""The speakers of a finished transcript: told apart here if that is wanted, named as the user wants, or left out."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from anyscribe.errors import AudioError
from anyscribe.events import FindingSpeakers, Notice
from anyscribe.recording.options import SpeakerMode
from anyscribe.sentence import Sentence
from anyscribe.timespan import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anyscribe.events import Emit
    from anyscribe.recording.options import RecordingOptions, SpeakerOptions
    from anyscribe.request import AudioSource
    from anyscribe.result import Result
    from anyscribe.transcript import Transcript

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
        The result. If the audio cannot be decoded here it has no speakers, and a notice says so.

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

    emit(FindingSpeakers())
    try:
        turns = make_diarizer().find_turns(audio.pcm(), [Span(*one) for one in said], options.speakers.most)
    except AudioError as error:
        emit(Notice(Sentence("its speakers cannot be told apart ({})", error.message), of_recording=True))
        turns = []
    if turns:
        transcript = with_turns_of(transcript, turns, keeps_segments=options.keeps_cues)
    else:
        transcript = _renamed(transcript, {})
    return replace(result, transcript=transcript, rendering=None)


def with_speakers(result: Result, options: SpeakerOptions, emit: Emit) -> Result:
    """Name the speakers of a result as the user wants.

    Args:
        result: The result, with speakers as they were found.
        options: What the user wants.
        emit: Takes a notice about names that nobody has.

    Returns:
        The result; without the server's rendering if that has other names.
    """
    if options.mode is SpeakerMode.NO:
        transcript = _renamed(result.transcript, {})
    elif options.names:
        found = speakers_in(result.transcript)
        names = {speaker: _name(speaker, options.names) for speaker in found}
        transcript = _renamed(result.transcript, names)
        _tell_unknown(options.names, found, emit)
    else:
        return result
    if transcript == result.transcript:
        return result
    return replace(result, transcript=transcript, rendering=None)


def speakers_in(transcript: Transcript) -> tuple[str, ...]:
    """Return the names of all speakers, in the order in which they speak.

    Args:
        transcript: The transcript.
    """
    named = (one.speaker for part in (transcript.segments, transcript.words) for one in part)
    return tuple(dict.fromkeys(name for name in named if name))


def _name(speaker: str, names: Mapping[str, str]) -> str:
    """Return what a speaker is called: by its name, or by its number if the name is no more than that."""
    return next((name for known, name in names.items() if _is_meant(known, speaker)), speaker)


def _is_meant(known: str, speaker: str) -> bool:
    one, other = known.casefold(), speaker.casefold()
    numbered = _NUMBERED.fullmatch(other)
    return one == other or (numbered is not None and one == numbered[1])


def _renamed(transcript: Transcript, names: Mapping[str, str]) -> Transcript:
    segments = tuple(replace(one, speaker=names.get(one.speaker or "")) for one in transcript.segments)
    words = tuple(replace(one, speaker=names.get(one.speaker or "")) for one in transcript.words)
    return replace(transcript, segments=segments, words=words)


def _tell_unknown(names: Mapping[str, str], found: tuple[str, ...], emit: Emit) -> None:
    unknown = [known for known in names if not any(_is_meant(known, speaker) for speaker in found)]
    if unknown:
        there = f"there are {', '.join(found)}" if found else "no speakers are known"
        emit(Notice(f"nobody is called {' or '.join(unknown)}: {there}", of_recording=True))
