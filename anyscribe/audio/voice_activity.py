"""Detect speech: audio that stands out from the noise, and has a pitch that moves as a voice's does.

That is enough to tell speech from silence, noise of any colour, wind, applause, hum, machines and most music, about a
hundred times faster than real time, with FFmpeg's filters alone. Singing counts as speech, whispering does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from anyscribe.audio.activity import ActivityMeter
from anyscribe.audio.levels import FRAME_MS, LOW_SAMPLES_PER_FRAME
from anyscribe.audio.pitch import MOVEMENTS_JUDGED, SAMPLES_JUDGED, SAMPLES_NEEDED, pitch_movement
from anyscribe.request import PCM_BYTES_PER_MS
from anyscribe.timespan import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

_CHUNK_BYTES: Final = 1 << 17
"""Bytes processed at a time, so that little is buffered of a recording that arrives as one chunk."""

# In frames.
_SHORTEST_PAUSE: Final = 120 // FRAME_MS
"""A shorter pause is within a word: the stop of a plosive."""

_SHORTEST_SOUND: Final = 50 // FRAME_MS
_PHRASE_PAUSE: Final = 500 // FRAME_MS
_LONG_PHRASE: Final = 4_000 // FRAME_MS
_LONGEST_PHRASE: Final = 5_000 // FRAME_MS
"""A phrase, judged as a whole, ends with a pause of 0.5 s, with any pause once it is 4 s long, or after 5 s."""

_WITH_NEIGHBOUR: Final = 1_000 // FRAME_MS
_SHORT_PHRASE: Final = 1_500 // FRAME_MS
"""A phrase up to this length without evidence, such as whispers or hisses, is classified as its neighbour is."""

_BEATEN: Final = 2_000 // FRAME_MS
_SHORTEST_SYLLABLES: Final = 450 // FRAME_MS
"""From 2 s on, a spoken phrase has sounds of this length; otherwise it is drumming, since drums have a pitch too."""

_JUDGED_FRAMES: Final = SAMPLES_JUDGED // LOW_SAMPLES_PER_FRAME
_STRIDE: Final = 200 // FRAME_MS
"""The pitch is tracked for a tenth of a second in every fifth: more takes longer without a better result."""

_LEAST_RATIO: Final = 0.3
_LEAST_SHARE: Final = 0.02
"""The least share of gliding pitch in speech: of the times with a pitch, and of all times examined. In music except
drums, the first is below 0.2; in noise, the second is nearly 0."""


class _Evidence(NamedTuple):
    """How the pitch moves in a stretch of audio.

    Args:
        gliding: How often it glides as a voice's does.
        other: How often it does anything else.
        judged: How often it was examined.
    """

    gliding: int = 0
    other: int = 0
    judged: int = 0

    def likelihood(self) -> float:
        """Return the likelihood of speech, from 0 to 1."""
        if not self.gliding:
            return 0.0
        ratio = self.gliding / (self.gliding + self.other)
        share = self.gliding / self.judged
        return min(1.0, ratio / (2 * _LEAST_RATIO), share / (2 * _LEAST_SHARE))


class _Phrase(NamedTuple):
    """Sounds that follow one another closely, as half-open ranges of frames."""

    sounds: list[tuple[int, int]]

    @property
    def begin(self) -> int:
        return self.sounds[0][0]

    @property
    def end(self) -> int:
        return self.sounds[-1][1]


class SpeechFinder:
    """Detects speech in a recording as it arrives.

    It keeps about twenty seconds of audio, and the detected spans. The result does not depend on the chunks' size.
    """

    def __init__(self) -> None:
        self._activity = ActivityMeter()
        self._heard_bytes = 0
        self._frames = 0
        self._low_begin = 0
        self._sounds: list[tuple[int, int]] = []
        self._spoken: list[tuple[int, int]] = []
        self._unclear: _Phrase | None = None
        self._evidence = _Evidence()

    def hear(self, chunk: bytes) -> None:
        """Process the next chunk.

        Args:
            chunk: Mono 16-bit samples at `anyscribe.request.PCM_RATE_HZ`, of any even length.
        """
        self._heard_bytes += len(chunk)
        for begin in range(0, len(chunk), _CHUNK_BYTES):
            self._go_through(self._activity.hear(chunk[begin : begin + _CHUNK_BYTES]))

    def finish(self) -> tuple[Span, ...]:
        """Process the remaining audio and return the spans of speech; `hear` may not be called afterwards.

        Returns:
            The spans, in order, not overlapping, at least 0.12 s apart.
        """
        self._go_through(self._activity.finish())
        self._end_phrase()
        heard_ms = self._heard_bytes // PCM_BYTES_PER_MS
        return tuple(Span(begin * FRAME_MS, min(end * FRAME_MS, heard_ms)) for begin, end in self._spoken)

    def _go_through(self, activity: list[bool]) -> None:
        for is_active in activity:
            if is_active:
                self._add_frame(self._frames)
            self._frames += 1
        done = (self._sounds[0][0] if self._sounds else self._frames) - self._low_begin
        del self._activity.low[: done * LOW_SAMPLES_PER_FRAME]
        self._low_begin += done

    def _add_frame(self, frame: int) -> None:
        if self._sounds:
            begin, end = self._sounds[-1]
            pause, length = frame - end, end - self._sounds[0][0]
            if pause < _SHORTEST_PAUSE and length < _LONGEST_PHRASE:
                self._sounds[-1] = (begin, frame + 1)
                return
            if pause < _SHORTEST_PAUSE or pause >= _PHRASE_PAUSE or length >= _LONG_PHRASE:
                self._end_phrase()
        self._sounds.append((frame, frame + 1))

    def _end_phrase(self) -> None:
        phrase = _Phrase([(begin, end) for begin, end in self._sounds if end - begin >= _SHORTEST_SOUND])
        self._sounds = []
        if not phrase.sounds:
            return
        evidence = self._evidence_of(phrase)
        self._evidence = _Evidence(*(sum(pair) for pair in zip(self._evidence, evidence, strict=True)))
        unclear, self._unclear = self._unclear, None
        if evidence.likelihood() >= 0.5 and not _is_beaten(phrase):  # noqa: PLR2004 - as likely as not
            if unclear and phrase.begin - unclear.end <= _WITH_NEIGHBOUR:
                self._add_spoken(unclear)
            self._add_spoken(phrase)
        elif not evidence.other and phrase.end - phrase.begin <= _SHORT_PHRASE:
            if self._spoken and phrase.begin - self._spoken[-1][1] <= _WITH_NEIGHBOUR:
                self._add_spoken(phrase)
            else:
                self._unclear = phrase

    def _add_spoken(self, phrase: _Phrase) -> None:
        for begin, end in phrase.sounds:
            # The previous phrase may have ended within a sound.
            if self._spoken and begin - self._spoken[-1][1] < _SHORTEST_PAUSE:
                begin, _ = self._spoken.pop()  # noqa: PLW2901 - it begins earlier
            self._spoken.append((begin, end))

    def _evidence_of(self, phrase: _Phrase) -> _Evidence:
        gliding = other = judged = 0
        for begin, end in phrase.sounds:
            for frame in range(begin, max(begin + 1, end - _JUDGED_FRAMES // 2), _STRIDE):
                at = (frame - self._low_begin) * LOW_SAMPLES_PER_FRAME
                low = self._activity.low[at : at + SAMPLES_NEEDED].tolist()
                low += [0.0] * (SAMPLES_NEEDED - len(low))
                movement = pitch_movement(low)
                gliding += movement.gliding
                other += movement.other
                judged += MOVEMENTS_JUDGED
        return _Evidence(gliding, other, judged)


def find_speech(chunks: Iterable[bytes]) -> tuple[Span, ...]:
    """Find the spans of speech in audio.

    Args:
        chunks: Mono 16-bit samples at `anyscribe.request.PCM_RATE_HZ`, in chunks of any even length.

    Returns:
        The spans, in order, not overlapping, at least 0.12 s apart.
    """
    finder = SpeechFinder()
    for chunk in chunks:
        finder.hear(chunk)
    return finder.finish()


def _is_beaten(phrase: _Phrase) -> bool:
    longest = max(end - begin for begin, end in phrase.sounds)
    return phrase.end - phrase.begin >= _BEATEN and longest < _SHORTEST_SYLLABLES
