"""Divide a recording's audio into chunks of up to half a minute, the length of Whisper's window, without long silences.

Each chunk can be read by itself, so that several are read at a time. Memory stays the same for any length.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from anyscribe.engines.whisper.libraries import detect_speech
from anyscribe.request import PCM_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

LONGEST_SAMPLES: Final = 28 * PCM_RATE_HZ
"""Shorter than Whisper's window: the silence after a chunk tells the model that nothing follows. In windows of up to
29.5 s it ended early three times as often."""

_EARLIEST_CUT_SAMPLES: Final = 10 * PCM_RATE_HZ
_SECTION_SAMPLES: Final = 120 * PCM_RATE_HZ
"""What is searched for speech at a time."""

_FRAME_SAMPLES: Final = PCM_RATE_HZ // 100
_PAUSE_FRAMES: Final = 30
_QUIET_POWER: Final = 1e-4
"""Quieter frames are all the same: 40 dB below the loudest that there can be."""

_SHORTNESS_PER_FRAME: Final = 0.0002
"""How much louder, as a logarithm, a pause may be for each frame that it is later: fewer chunks take less time."""

_KEPT_SAMPLES: Final = PCM_RATE_HZ
"""Kept of a silence on each side of speech: with less before the first word, clear recordings are read worse."""

_LEAST_CUT_SAMPLES: Final = PCM_RATE_HZ
"""Shorter cuts are not worth it: without any, a recording is read as a whole."""

_SCALE: Final = np.float32(1 / (1 << 15))


class SampleRange(NamedTuple):
    """Samples from one position up to, not including, another one."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of a recording, with its long silences left out.

    Args:
        samples: Samples from -1 to 1 at `anyscribe.request.PCM_RATE_HZ`, at most `LONGEST_SAMPLES`, never none.
        kept: The stretches of the recording that they are, in order.
        speech: The stretches of the samples with speech, in order.
    """

    samples: Samples
    kept: tuple[SampleRange, ...]
    speech: tuple[SampleRange, ...]

    def position(self, sample: int) -> int:
        """Return where in the recording one of the samples is.

        Args:
            sample: Its position in the chunk; positions outside count as the nearest one inside.
        """
        left = min(max(sample, 0), len(self.samples))
        for begin, end in self.kept:
            if left <= end - begin:
                return begin + left
            left -= end - begin
        return self.kept[-1].end

    def sample(self, position: int) -> int:
        """Return which of the samples is at a position in the recording; the inverse of `position`."""
        before = 0
        for begin, end in self.kept:
            if position <= end:
                return before + max(position - begin, 0)
            before += end - begin
        return before

    def speech_after(self, sample: int) -> int:
        """Return how many samples of speech follow a position in the chunk."""
        return sum(max(end - max(begin, sample), 0) for begin, end in self.speech)

    def rest(self, sample: int) -> Chunk:
        """Return the part from a position in the chunk to its end.

        Args:
            sample: The position, before the end.
        """
        speech = tuple(SampleRange(max(begin - sample, 0), end - sample) for begin, end in self.speech if end > sample)
        return Chunk(self.samples[sample:], tuple(_between(self.kept, sample, len(self.samples))), speech)


def split_chunks(pcm: Iterable[bytes], *, finds_speech: bool) -> Generator[Chunk]:
    """Divide audio where it is quietest, and leave out all but a second on each side of silences.

    Args:
        pcm: Samples, 16-bit mono at `anyscribe.request.PCM_RATE_HZ`, in pieces of any even length.
        finds_speech: Whether speech is detected; otherwise all of it counts as speech.

    Yields:
        The chunks in order.
    """
    held = np.empty(0, np.float32)
    pieces: list[Samples] = []
    missing = _SECTION_SAMPLES
    held_from = 0
    for piece in pcm:
        pieces.append(np.frombuffer(piece, "<i2") * _SCALE)
        missing -= len(pieces[-1])
        if missing <= 0:
            held = np.concatenate([held, *pieces])
            pieces.clear()
            used = yield from _full_chunks(held, held_from, finds_speech=finds_speech)
            held = held[used:].copy()
            held_from += used
            missing = _SECTION_SAMPLES - len(held)
    held = np.concatenate([held, *pieces])
    if len(held):
        yield from _full_chunks(held, held_from, finds_speech=finds_speech, is_last=True)


def _full_chunks(
    sound: Samples, sound_from: int, *, finds_speech: bool, is_last: bool = False
) -> Generator[Chunk, None, int]:
    """Yield the chunks that can be cut from a section.

    Args:
        sound: The section.
        sound_from: Its position in the recording.
        finds_speech: As for `split_chunks`.
        is_last: Whether it ends with the recording; otherwise what is less than a chunk is left for the next section.

    Returns:
        How many samples of it need not be looked at again.
    """
    speech = [SampleRange(0, len(sound))]
    if finds_speech:
        # Digital silence, such as that of a muted channel, need not be searched.
        found = detect_speech(sound) if sound.any() else []
        speech = [SampleRange(part["start"], part["end"]) for part in found]
    kept = _kept(speech, len(sound))
    joined = _joined(sound, kept)
    spoken = list(_moved(speech, kept))

    def chunk(begin: int, end: int) -> Chunk:
        places = (SampleRange(first + sound_from, last + sound_from) for first, last in _between(kept, begin, end))
        heard = (
            SampleRange(max(first, begin) - begin, min(last, end) - begin)
            for first, last in spoken
            if first < end and last > begin
        )
        # A copy: a part of an array keeps all of it in memory.
        return Chunk(joined[begin:end].copy(), tuple(places), tuple(heard))

    cut = 0
    while len(joined) - cut > LONGEST_SAMPLES:
        end = cut + _quietest_cut(joined[cut : cut + LONGEST_SAMPLES])
        yield chunk(cut, end)
        cut = end
    rest = next(_between(kept, cut, len(joined)), SampleRange(max(len(sound) - _KEPT_SAMPLES, 0), len(sound)))
    if is_last or len(sound) - rest.begin > _SECTION_SAMPLES // 2:
        # So little speech in so long a time: there is a long silence to cut at.
        is_unfinished = not is_last and kept[-1].end == len(sound)
        end = len(joined) - (kept[-1].end - kept[-1].begin if is_unfinished else 0)
        if cut < end:
            yield chunk(cut, end)
        rest = kept[-1] if is_unfinished else SampleRange(max(len(sound) - _KEPT_SAMPLES, 0), len(sound))
    return rest.begin


def _joined(sound: Samples, kept: Sequence[SampleRange]) -> Samples:
    if len(kept) == 1:
        return sound[slice(*kept[0])]
    return np.concatenate([sound[:0], *(sound[slice(*part)] for part in kept)])


def _kept(speech: Iterable[SampleRange], length: int) -> list[SampleRange]:
    """Return what is left of a section of a length: a second around speech, and silences of less than three seconds."""
    kept: list[SampleRange] = []
    for begin, end in speech:
        part = SampleRange(max(begin - _KEPT_SAMPLES, 0), min(end + _KEPT_SAMPLES, length))
        if kept and part.begin - kept[-1].end < _LEAST_CUT_SAMPLES:
            part = SampleRange(kept.pop().begin, part.end)
        elif not kept and part.begin < _LEAST_CUT_SAMPLES:
            part = SampleRange(0, part.end)
        kept.append(part)
    if kept and length - kept[-1].end < _LEAST_CUT_SAMPLES:
        kept[-1] = SampleRange(kept[-1].begin, length)
    return kept


def _between(kept: Iterable[SampleRange], begin: int, end: int) -> Generator[SampleRange]:
    """Yield the stretches of the sound that joined samples between two positions come from."""
    at = 0
    for part in kept:
        length = part.end - part.begin
        first, last = max(begin - at, 0), min(end - at, length)
        if first < last:
            yield SampleRange(part.begin + first, part.begin + last)
        at += length


def _moved(speech: Sequence[SampleRange], kept: Iterable[SampleRange]) -> Generator[SampleRange]:
    """Yield the stretches with speech by their positions in the joined samples."""
    at = 0
    begins = [part.begin for part in speech]
    first = 0
    for part in kept:
        last = bisect_right(begins, part.end)
        for begin, end in speech[first:last]:
            yield SampleRange(at + begin - part.begin, at + end - part.begin)
        first = last
        at += part.end - part.begin


def _quietest_cut(sound: Samples) -> int:
    """Return where to cut, in samples: in the middle of the quietest 0.3 s, rather late than early."""
    frames = sound[: len(sound) // _FRAME_SAMPLES * _FRAME_SAMPLES].reshape(-1, _FRAME_SAMPLES)
    levels = np.log(np.einsum("ij,ij->i", frames, frames) / _FRAME_SAMPLES + _QUIET_POWER)
    pauses = np.convolve(levels, np.full(_PAUSE_FRAMES, 1 / _PAUSE_FRAMES), "valid")
    earliest = _EARLIEST_CUT_SAMPLES // _FRAME_SAMPLES - _PAUSE_FRAMES // 2
    costs = pauses[earliest:] - _SHORTNESS_PER_FRAME * np.arange(len(pauses) - earliest)
    return (earliest + int(costs.argmin()) + _PAUSE_FRAMES // 2) * _FRAME_SAMPLES
