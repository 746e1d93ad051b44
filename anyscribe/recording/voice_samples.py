"""Samples of voices: cut from recordings, told apart on this machine, written as servers take them."""

from __future__ import annotations

import base64
import io
import wave
from itertools import chain
from typing import TYPE_CHECKING, Final

from anyscribe.request import PCM_BYTES_PER_MS, PCM_RATE_HZ
from anyscribe.timespan import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from anyscribe.transcript import Segment, Transcript, Word

NAMES_FIELD: Final = "known_speaker_names[]"
REFERENCES_FIELD: Final = "known_speaker_references[]"
"""OpenAI's fields; a reference is 2 to 10 s of sound as a ``data:`` address."""

LEAST_MS: Final = 2_000
MOST_MS: Final = 8_000


def is_enough(sample: bytes) -> bool:
    """Return whether a sample is long enough for a voice to be known by it."""
    return len(sample) >= LEAST_MS * PCM_BYTES_PER_MS


def sample_of(sound: bytes, transcript: Transcript, speaker: str) -> bytes:
    """Cut a sample of a speaker.

    Args:
        sound: 16-bit mono samples at `anyscribe.request.PCM_RATE_HZ`, from the transcript's time 0.
        transcript: Who speaks when.
        speaker: The speaker.

    Returns:
        `MOST_MS` of sound or less, the longest segments first; empty if there is none.
    """
    return samples_of([sound], transcript).get(speaker, b"")


def samples_of(audio: Iterable[bytes], transcript: Transcript) -> dict[str, bytes]:
    """Cut a sample of each speaker from a recording, which is read once and not kept.

    Args:
        audio: 16-bit mono samples at `anyscribe.request.PCM_RATE_HZ`, in chunks of any even length.
        transcript: Who speaks when, from the start of the audio.

    Returns:
        `MOST_MS` of sound or less for each, the longest segments first.

    Raises:
        AudioError: The audio cannot be decoded.
    """
    wanted = {speaker: _chosen(transcript, speaker) for speaker in transcript.speakers}
    spans = sorted(set(chain.from_iterable(wanted.values())))
    sounds = dict(zip(spans, _cut(audio, spans), strict=True))
    return {speaker: b"".join(sounds[span] for span in chosen) for speaker, chosen in wanted.items()}


def fields_of(samples: Mapping[str, bytes]) -> tuple[tuple[str, str], ...]:
    """Return the form fields that tell a server which voices are known.

    Args:
        samples: A sample of each voice, by the name that the server shall use.
    """
    names = [(NAMES_FIELD, name) for name in samples]
    return (*names, *((REFERENCES_FIELD, _address(sample)) for sample in samples.values()))


def _address(sample: bytes) -> str:
    """Return sound as a ``data:`` address."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(PCM_RATE_HZ)
        written.writeframes(sample[: MOST_MS * PCM_BYTES_PER_MS])
    return f"data:audio/wav;base64,{base64.b64encode(file.getvalue()).decode()}"


def _chosen(transcript: Transcript, speaker: str) -> list[Span]:
    """Choose where a speaker is heard: the longest segments, or else words, until there is enough."""
    timed: list[Segment | Word] = [one for one in transcript.segments if one.speaker == speaker]
    timed = timed or [one for one in transcript.words if one.speaker == speaker]
    left_ms = MOST_MS
    chosen = []
    for one in sorted(timed, key=lambda one: one.start_ms - one.end_ms):
        length_ms = min(left_ms, one.end_ms - one.start_ms)
        if length_ms <= 0:
            break
        chosen.append(Span(one.start_ms, one.start_ms + length_ms))
        left_ms -= length_ms
    return chosen


def _cut(audio: Iterable[bytes], spans: Sequence[Span]) -> Iterator[bytes]:
    """Yield the sound of spans that are in order of their starts and may overlap; nothing after the audio's end."""
    chunks = iter(audio)
    held = b""
    held_from = 0
    for span in spans:
        begin, end = (time_ms * PCM_BYTES_PER_MS for time_ms in span)
        while held_from + len(held) < end and (chunk := next(chunks, None)) is not None:
            # What is before the span is not kept.
            passed = min(max(0, begin - held_from), len(held))
            held, held_from = held[passed:] + chunk, held_from + passed
        yield held[max(0, begin - held_from) : max(0, end - held_from)]
