"""Which stretches of a recording are heard again, and the sound of them: from one pause to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from anyscribe.audio import find_cut
from anyscribe.recording.matching import doubtful
from anyscribe.request import PCM_RATE_HZ
from anyscribe.timespan import Span, clip, overlap_ms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from anyscribe.recording.tokens import Token
    from anyscribe.transcript import Finding

_NEAR_MS: Final = 4_000
"""Doubts this near to each other are one stretch."""

_BEFORE_WORD_MS: Final = 300
_PAUSE_MS: Final = 1_500
"""So far outside the sound that is wanted a pause is looked for."""

SAMPLES_PER_MS: Final = PCM_RATE_HZ // 1_000


class Reach(NamedTuple):
    """How much sound around a stretch is heard too: at least so long, and at least so many words on each side."""

    margin_ms: int
    words: int


class DoubtedStretch(NamedTuple):
    """A stretch of a recording whose text is doubted.

    Args:
        span: Where it is.
        findings: Why.
    """

    span: Span
    findings: tuple[Finding, ...]


def doubted_stretches(findings: Iterable[Finding], length_ms: int) -> list[DoubtedStretch]:
    """Return where an engine should listen again; doubts that are near each other are one stretch.

    Args:
        findings: What was found about a transcript.
        length_ms: The recording's length, in milliseconds.

    Returns:
        Stretches in order of time, within the recording. Findings without a place are left out.
    """
    stretches: list[DoubtedStretch] = []
    placed = [one for one in findings if one.doubt is not None and one.span is not None]
    for finding in sorted(placed, key=lambda one: one.span or Span(0, 0)):
        for span in clip([finding.span] if finding.span else [], Span(0, length_ms)):
            last = stretches[-1] if stretches else None
            if last is not None and overlap_ms(last.span, span) >= -_NEAR_MS:
                whole = Span(last.span.start_ms, max(last.span.end_ms, span.end_ms))
                stretches[-1] = DoubtedStretch(whole, (*last.findings, finding))
            else:
                stretches.append(DoubtedStretch(span, (finding,)))
    return stretches


class PassingSound:
    """A recording's sound, of which stretches are taken in order.

    Args:
        pcm: The sound from its start, mono, 16 bits, at `PCM_RATE_HZ`.
    """

    def __init__(self, pcm: Iterable[bytes]) -> None:
        self._coming = iter(pcm)
        self._held = bytearray()
        self._start = 0

    def take(self, start: int, end: int) -> bytes:
        """Return some of the samples.

        Args:
            start: The first one, from the recording's start; not before that of the last call.
            end: That after the last one; the sound may end before it.
        """
        while len(self._held) < 2 * (end - self._start):
            chunk = next(self._coming, None)
            if chunk is None:
                break
            self._held += chunk
            passed = min(start - self._start, len(self._held) // 2)
            if passed > 0:
                del self._held[: 2 * passed]
                self._start += passed
        passed = min(start - self._start, len(self._held) // 2)
        del self._held[: 2 * passed]
        self._start += passed
        return bytes(self._held[: 2 * (end - start)])


def wanted_span(span: Span, tokens: Sequence[Token], reach: Reach, far_ms: int) -> Span:
    """Choose how much is heard again: a stretch and some sound around it.

    Args:
        span: The stretch.
        tokens: The words of the transcript.
        reach: How much is heard beside it.
        far_ms: How far from it a word may be, to be heard too.
    """
    first, after = doubtful(tokens, span)
    start_ms, end_ms = span.start_ms - reach.margin_ms, span.end_ms + reach.margin_ms
    for token in tokens[max(0, first - reach.words) : first]:
        if token.start_ms >= span.start_ms - far_ms:
            start_ms = min(start_ms, token.start_ms - _BEFORE_WORD_MS)
    for token in tokens[after : after + reach.words]:
        if token.end_ms <= span.end_ms + far_ms:
            end_ms = max(end_ms, token.end_ms + _BEFORE_WORD_MS)
    return Span(start_ms, end_ms)


def between_pauses(wanted: Span, pcm: bytes, start: int) -> tuple[int, int]:
    """Widen a span so that no word is cut.

    Args:
        wanted: The span.
        pcm: The sound around it, more than enough.
        start: Where this starts, in samples.

    Returns:
        The first sample, and that after the last one, from the recording's start.
    """
    first = _pause(pcm, wanted.start_ms * SAMPLES_PER_MS - start, is_before=True)
    after = _pause(pcm, wanted.end_ms * SAMPLES_PER_MS - start, is_before=False)
    return start + first, start + after


def _pause(pcm: bytes, at: int, *, is_before: bool) -> int:
    """Return the sample in a pause near a place, before it or after it; the edge of the sound if that is near."""
    samples = len(pcm) // 2
    reach = _PAUSE_MS * SAMPLES_PER_MS
    first, last = (at - reach, at) if is_before else (at, at + reach)
    if first <= 0 or last >= samples:
        return 0 if first <= 0 else samples
    # What is around counts too: it decides what a pause is.
    low, high = max(0, first - 2 * reach), min(samples, last + 2 * reach)
    cut = find_cut(pcm[2 * low : 2 * high], first=first - low, wanted=at - low, last=last - low)
    return low + cut.sample
