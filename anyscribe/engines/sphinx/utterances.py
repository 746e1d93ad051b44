"""Divide audio into utterances, found by PocketSphinx's own endpointer."""

from __future__ import annotations

import operator
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pocketsphinx

from anyscribe.request import PCM_BYTES_PER_MS, PCM_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ENDPOINTER: Final = {"vad_mode": pocketsphinx.Vad.STRICT, "window": 0.2, "ratio": 0.9}
"""Strict enough to find the pause between two sentences read aloud, about 0.3 s; the default detects none there."""

_LONGEST_MS: Final = 20_000
"""An utterance that goes on for longer is cut: the search's cost and memory grow with length, and so does the wait."""

_CUT_WINDOW_MS: Final = 8_000
_CUT_FRAME_BYTES: Final = 30 * PCM_BYTES_PER_MS


@dataclass(frozen=True, slots=True)
class Utterance:
    """A section of audio that contains speech.

    Args:
        start_ms: Start, in milliseconds from the recording's start.
        pcm: Its samples, 16-bit mono at `anyscribe.request.PCM_RATE_HZ`.
        voiced: 0 to 1, the share of its frames in which the voice activity detector finds speech.
    """

    start_ms: int
    pcm: bytes
    voiced: float

    @property
    def end_ms(self) -> int:
        """End, in milliseconds from the recording's start."""
        return self.start_ms + len(self.pcm) // PCM_BYTES_PER_MS


def find_utterances(pcm: Iterable[bytes]) -> Iterator[Utterance]:
    """Find the utterances in audio.

    Args:
        pcm: Samples, 16-bit mono at `anyscribe.request.PCM_RATE_HZ`, in chunks of any length.

    Yields:
        Utterances in order of time, not overlapping, each as soon as its end is detected, about 20 s at most.
    """
    endpointer = pocketsphinx.Endpointer(sample_rate=PCM_RATE_HZ, **_ENDPOINTER)
    speech = bytearray()
    start_ms = 0
    for frame in _frames(pcm, endpointer.frame_bytes):
        whole = len(frame) == endpointer.frame_bytes
        heard = endpointer.process(frame) if whole else endpointer.end_stream(frame)
        if heard is None:
            continue
        if not speech:
            start_ms = round(endpointer.speech_start * 1000)
        speech += heard
        if not endpointer.in_speech:
            yield _utterance(start_ms, speech)
            speech = bytearray()
        elif len(speech) >= _LONGEST_MS * PCM_BYTES_PER_MS:
            cut = _quietest_cut(speech)
            yield _utterance(start_ms, speech[:cut])
            start_ms += cut // PCM_BYTES_PER_MS
            speech = speech[cut:]
    if speech:
        yield _utterance(start_ms, speech)


def _frames(pcm: Iterable[bytes], frame_bytes: int) -> Iterator[bytes]:
    """Divide chunks into frames; the last one is always short, but never empty, which the endpointer rejects."""
    pending = bytearray()
    for chunk in pcm:
        pending += chunk
        whole = len(pending) - len(pending) % frame_bytes
        for start in range(0, whole, frame_bytes):
            yield bytes(pending[start : start + frame_bytes])
        del pending[:whole]
    yield bytes(pending) or b"\0\0"


def _utterance(start_ms: int, speech: bytearray) -> Utterance:
    vad = pocketsphinx.Vad(sample_rate=PCM_RATE_HZ)
    pcm = bytes(speech)
    starts = range(0, len(pcm) - vad.frame_bytes + 1, vad.frame_bytes)
    voiced = sum(vad.is_speech(pcm[start : start + vad.frame_bytes]) for start in starts)
    return Utterance(start_ms, pcm, voiced / len(starts) if starts else 0.0)


def _quietest_cut(speech: bytearray) -> int:
    """Find the middle of the quietest 30 ms of the last 8 s, as an offset in bytes on a whole millisecond."""
    first = len(speech) - _CUT_WINDOW_MS * PCM_BYTES_PER_MS
    quietest = min(
        range(first - first % _CUT_FRAME_BYTES, len(speech) - _CUT_FRAME_BYTES, _CUT_FRAME_BYTES),
        key=lambda start: _energy(speech[start : start + _CUT_FRAME_BYTES]),
    )
    return quietest + _CUT_FRAME_BYTES // 2


def _energy(frame: bytearray) -> int:
    samples = array("h", bytes(frame))
    return sum(map(operator.mul, samples, samples))
