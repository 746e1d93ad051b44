"""Follow a text through a recording of any length: in regions of two minutes, several at a time."""

from __future__ import annotations

from collections import deque
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anyscribe.alignment.sphinx.quiet import quietest_ms
from anyscribe.alignment.sphinx.tracking import Located, track
from anyscribe.request import PCM_BYTES_PER_MS
from anyscribe.timespan import Span, clip, shift, total_ms
from anyscribe.workers import are_ending, usable_cores

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Executor, Future

_REGION_MS: Final = 120_000
_CUT_MS: Final = 15_000
"""A region ends at the quietest moment of its last seconds."""

_TOKENS_PER_S: Final = 5
_MORE_TOKENS: Final = 500
"""A region gets more text than can be said in it, since some of the text may not be said at all."""

_MOST_AT_ONCE: Final = 4
"""Regions in memory, at 4 MB each; more cores than these gain little, as other recordings wait for them too."""

_GUESS_TOKENS: Final = 60
_GUESS_SHARE: Final = 0.1
_WIDEST_GUESS_TOKENS: Final = 240
"""The largest error of the guess of a region's first token."""

_PASSED_OVER: Final = 3
"""Up to this many tokens may be missing between two regions: those around the cut."""


@dataclass(frozen=True, slots=True)
class _Region:
    """A stretch of the recording: where it starts, and its samples."""

    start_ms: int
    pcm: bytes

    @property
    def end_ms(self) -> int:
        return self.start_ms + len(self.pcm) // PCM_BYTES_PER_MS


@dataclass(frozen=True, slots=True)
class _RegionJob:
    """A region that is being worked on, the token that its text starts with, and whether that token is a guess."""

    region: _Region
    first_token: int
    is_guess: bool
    future: Future[list[Located]]


class Follower:
    """Follows a text through a recording.

    Args:
        readings: For each token how it may be said.
        speech: The spans of speech, in order; empty if unknown.
        executor: Runs the work.
    """

    def __init__(self, readings: Sequence[Sequence[Sequence[str]]], speech: Sequence[Span], executor: Executor) -> None:
        self._readings = readings
        self._speech = speech
        self._executor = executor
        # Without speech spans, the place in the text at a region's start cannot be guessed.
        self._at_once = min(_MOST_AT_ONCE, usable_cores()) if speech else 1
        self._waiting: deque[_RegionJob] = deque()
        self._next_token = 0
        self._settled_ms = 0
        self._located: list[Located] = []
        self.length_ms = 0
        """The recording's length, as far as it was read."""

    def follow(self, sound: Iterable[bytes]) -> list[Located]:
        """Find the text in the audio.

        Args:
            sound: Samples, 16-bit mono at `anyscribe.request.PCM_RATE_HZ`, in chunks of any even length.

        Returns:
            The tokens that were found, in order of text and time, in milliseconds from the recording's start.
        """
        try:
            for region in _regions(sound):
                self.length_ms = region.end_ms
                if self._next_token < len(self._readings):
                    self._waiting.append(self._job(region))
                if len(self._waiting) >= self._at_once:
                    self._settle()
            while self._waiting:
                self._settle()
        finally:
            # If the recording failed, the remaining regions are not needed.
            for job in self._waiting:
                job.future.cancel()
        return self._located

    def _job(self, region: _Region) -> _RegionJob:
        """Start work on a region; its place in the text is only known once the regions before it are settled."""
        if not self._waiting:
            return self._submitted(region, self._next_token, 1)
        left = len(self._readings) - self._next_token
        ahead = round(
            left * self._speech_ms(self._settled_ms, region.start_ms) / max(1, self._speech_ms(self._settled_ms))
        )
        wide = min(round(_GUESS_TOKENS + _GUESS_SHARE * ahead), _WIDEST_GUESS_TOKENS)
        return self._submitted(region, max(self._next_token, self._next_token + ahead - wide), 2 * wide, is_guess=True)

    def _submitted(self, region: _Region, first_token: int, entries: int, *, is_guess: bool = False) -> _RegionJob:
        tokens = (region.end_ms - region.start_ms) * _TOKENS_PER_S // 1000 + _MORE_TOKENS + entries
        inside = clip(self._speech, Span(region.start_ms, region.end_ms))
        speech = [shift(span, -region.start_ms) for span in inside]
        future = self._executor.submit(
            track,
            region.pcm,
            self._readings[first_token : first_token + tokens],
            speech if self._speech else None,
            entries=entries,
        )
        return _RegionJob(region, first_token, is_guess, future)

    def _settle(self) -> None:
        """Take the first region's result; if it was started at a wrong place in the text, do it again."""
        job = self._waiting.popleft()
        located = self._result(job)
        if job.is_guess and not self._is_likely(job, located):
            job = self._submitted(job.region, self._next_token, 1)
            located = self._result(job)
        if located:
            first = job.first_token + located[0].token
            # Tokens found in both regions belong after the cut: there the search was wider.
            while self._located and self._located[-1].token >= first:
                self._located.pop()
        self._located += [
            Located(job.first_token + token, job.region.start_ms + start_ms, job.region.start_ms + end_ms)
            for token, start_ms, end_ms in located
        ]
        if located:
            self._next_token = job.first_token + located[-1].token + 1
        self._settled_ms = job.region.end_ms

    def _result(self, job: _RegionJob) -> list[Located]:
        try:
            return job.future.result()
        except BrokenExecutor:
            if are_ending(self._executor):
                raise
            # A killed worker costs one region its alignment, not the recording its text.
            return []

    def _is_likely(self, job: _RegionJob, located: Sequence[Located]) -> bool:
        """Return whether a region's text continues that of the region before, except for words that were not found."""
        if not located:
            return False
        ahead = job.first_token + located[0].token - self._next_token
        before_ms = self._located[-1].end_ms if self._located else 0
        missing_ms = job.region.start_ms + located[0].start_ms - before_ms
        return -_PASSED_OVER <= ahead <= _PASSED_OVER + missing_ms * _TOKENS_PER_S // 1000

    def _speech_ms(self, start_ms: int, end_ms: int | None = None) -> int:
        latest_ms = max((span.end_ms for span in self._speech), default=0) if end_ms is None else end_ms
        return total_ms(clip(self._speech, Span(start_ms, latest_ms)))


def _regions(sound: Iterable[bytes]) -> Iterator[_Region]:
    """Divide a recording into regions; each sample is in exactly one."""
    buffer = bytearray()
    start_ms = 0
    for chunk in sound:
        buffer += chunk
        while len(buffer) >= _REGION_MS * PCM_BYTES_PER_MS:
            cut_ms = quietest_ms(buffer, _REGION_MS - _CUT_MS, _REGION_MS)
            yield _Region(start_ms, bytes(buffer[: cut_ms * PCM_BYTES_PER_MS]))
            del buffer[: cut_ms * PCM_BYTES_PER_MS]
            start_ms += cut_ms
    yield _Region(start_ms, bytes(buffer))
