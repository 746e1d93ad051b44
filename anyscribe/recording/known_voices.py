"""Voices that are known by a sample: a server is told of them, and speakers are named by what they sound like."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.audio import find_speech, probe
from anyscribe.errors import AudioError, DiarizerUnavailableError, OptionError
from anyscribe.events import Notice
from anyscribe.recording.options import KnownVoice
from anyscribe.recording.voice_samples import LEAST_MS, is_enough, samples_of
from anyscribe.request import PCM_BYTES_PER_MS
from anyscribe.sentence import Sentence
from anyscribe.timespan import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from anyscribe.events import Emit
    from anyscribe.recording.options import SpeakerOptions
    from anyscribe.request import AudioSource
    from anyscribe.result import Result

_PAUSE_MS: Final = 500
_READ_MS: Final = 60_000
_KEPT_MS: Final = 20_000
"""So much of a file is searched for speech, and so much speech is kept."""


def read_voice(name: str, path: Path) -> KnownVoice:
    """Read a sample of a voice.

    Args:
        name: What the speaker is called.
        path: A recording in which nobody else speaks.

    Raises:
        AudioError: There is no such recording, or too little speech in it.
    """
    sound = _beginning(probe(path).pcm(), _READ_MS)
    speech = b"".join(
        sound[begin_ms * PCM_BYTES_PER_MS : end_ms * PCM_BYTES_PER_MS] for begin_ms, end_ms in _phrases(sound)
    )[: _KEPT_MS * PCM_BYTES_PER_MS]
    if not is_enough(speech):
        raise AudioError(f"there are less than {LEAST_MS // 1000} seconds of speech in it")
    return KnownVoice(name, hashlib.sha256(speech).hexdigest()[:16], speech)


def read_voices(files: Mapping[str, str | os.PathLike[str]]) -> tuple[KnownVoice, ...]:
    """Read the samples that a user names.

    Args:
        files: A recording of each voice alone, by the speaker's name.

    Raises:
        OptionError: There is no such recording, or too little speech in it.
    """
    voices = []
    for name, file in files.items():
        try:
            voices.append(read_voice(name, Path(file)))
        except AudioError as error:
            remedy = error.remedy or "give 10 seconds of somebody alone"
            raise OptionError("voice", f"{name}={os.fspath(file)}", str(error.message), remedy=remedy) from error
    return tuple(voices)


def with_known_voices(audio: AudioSource, result: Result, options: SpeakerOptions, emit: Emit) -> Result:
    """Give speakers the names of the known voices that they sound like.

    Args:
        audio: The whole recording.
        result: What was said in it, and by whom.
        options: The known voices, and by which models they are known; a speaker who has the name of one keeps it.
        emit: Takes a notice if the audio cannot be decoded here, or the voice model fails.

    Returns:
        The result. Two of its speakers never get one name: whoever told them apart heard more of them.

    Raises:
        MissingExtraError: What is needed is not installed.
    """
    from anyscribe.speakers.registry import make_diarizer  # noqa: PLC0415 - few recordings need it

    transcript = result.transcript
    sought = [voice for voice in options.voices if voice.name not in transcript.speakers]
    strangers = set(transcript.speakers) - {voice.name for voice in options.voices}
    if not sought or not strangers:
        return result
    try:
        samples = {
            speaker: sample
            for speaker, sample in samples_of(audio.pcm(), transcript).items()
            if speaker in strangers and is_enough(sample)
        }
        sounds = [*(voice.sound for voice in sought), *samples.values()]
        sources = [0] * len(sought) + [1] * len(samples)
        heard = make_diarizer(options.model).group_samples(sounds, sources)
    except (AudioError, DiarizerUnavailableError) as error:
        emit(Notice(Sentence("its voices cannot be heard ({})", error.message), of_recording=True))
        return result
    name_of = {number: voice.name for number, voice in zip(heard, sought, strict=False)}
    numbers = dict(zip(samples, heard[len(sought) :], strict=True))
    names = {speaker: name_of[number] for speaker, number in numbers.items() if number in name_of}
    if not names:
        return result
    named = transcript.renamed({speaker: names.get(speaker, speaker) for speaker in transcript.speakers})
    return replace(result, transcript=named, rendering=None)


def _phrases(sound: bytes) -> list[Span]:
    """Return where somebody speaks; short pauses belong to it."""
    phrases: list[Span] = []
    for span in find_speech([sound]):
        if phrases and span.start_ms - phrases[-1].end_ms < _PAUSE_MS:
            phrases[-1] = Span(phrases[-1].start_ms, span.end_ms)
        else:
            phrases.append(span)
    return phrases


def _beginning(chunks: Iterable[bytes], most_ms: int) -> bytes:
    sound = bytearray()
    for chunk in chunks:
        sound += chunk
        if len(sound) >= most_ms * PCM_BYTES_PER_MS:
            break
    return bytes(sound)
