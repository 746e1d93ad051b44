"""Follow a text through minutes of audio, window by window; this runs in a worker process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from anyscribe.alignment.sphinx.decoding import FRAME_MS, adapted_aligner, plain_aligner
from anyscribe.alignment.sphinx.fitting import SURELY_PLACED, fitting, place_lost
from anyscribe.alignment.sphinx.quiet import quietest_ms
from anyscribe.request import PCM_BYTES_PER_MS
from anyscribe.timespan import Span, clip, total_ms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.alignment.sphinx.decoding import StretchAligner

_WINDOW_MS: Final = 24_000
"""The decoder's work grows with its text, and so with the window; short windows have more borders with errors."""

_SHORT_WINDOW_MS: Final = 12_000
_STEP_MS: Final = 6_000
_PATIENCE: Final = 5
"""After this many windows without the text, the steps become longer and longer."""

_CUT_MS: Final = 5_000
"""A window ends at the quietest moment of its last seconds."""

_SHORTEST_MS: Final = 200

_TOKENS_PER_S: Final = 3.0
_MOST_TOKENS_PER_S: Final = 4.5
_MORE_TOKENS: Final = 12
"""A window's text must be longer than what is said in it, so that it does not end before the audio does; if it is too
short, it is made longer than can be said."""

_LOST_TOKENS: Final = 120
_MOST_LOST_TOKENS: Final = 480
"""How much further on in the text the audio may be, for each window in which the text was not found."""

_SURE_TOKENS: Final = 10
"""This many consecutive tokens identify the place in the text."""

_PASSED_OVER: Final = 3
"""The grammar can skip this many consecutive tokens."""

_DENSE: Final = 0.6
"""The least share of the time from its first word to its last that the right text takes."""

_COVERED: Final = 0.4
"""The least share of a window's speech that the right text takes."""

_COVERED_WELL: Final = 0.8
"""If less of the speech than this has its text, another model is tried."""

_HEARD_MS: Final = 3_000
"""If there is less speech than this, a window without text is expected."""

_GAP_MS: Final = 4_000
_MARGIN_MS: Final = 1_000
"""In longer gaps without speech, the text is searched for only near the speech."""

_MISSING: Final = 4
_ANCHORS: Final = 3
"""This many consecutive tokens that were not found are searched for again, with `_ANCHORS` found ones on each side."""

_PAUSE_MS: Final = 90
_HALF_PAUSE_MS: Final = 100
"""A window that ends in a pause ends in its middle."""

_LONG_PAUSE_MS: Final = 300
_GROUP_TOKENS: Final = 3
_LOOSE_MS: Final = 2_000
"""Words without a pause after them, this close to a window's end, are searched for again in the next one."""

_LETTER_MS: Final = 120
_WORD_MS: Final = 800
"""No word takes longer to say than this and its letters together, even in slow speech."""


class Located(NamedTuple):
    """One token's time, in milliseconds from the audio's start."""

    token: int
    start_ms: int
    end_ms: int


def track(
    pcm: bytes, readings: Sequence[Sequence[Sequence[str]]], speech: Sequence[Span] | None, *, entries: int = 1
) -> list[Located]:
    """Follow a text through the audio.

    Args:
        pcm: The audio, 16-bit mono at `anyscribe.request.PCM_RATE_HZ`.
        readings: For each token how it may be said; the text may go on beyond the audio's end.
        speech: The spans of possible speech, in milliseconds from the audio's start; None if unknown.
        entries: How many tokens the audio may start with; 1 means that it starts with the first. With more, nothing is
            returned unless it is clear from the first window which it is.

    Returns:
        The tokens that were found, in order of text and time, not overlapping.
    """
    length_ms = len(pcm) // PCM_BYTES_PER_MS
    speech_ms = length_ms if speech is None else total_ms(speech)
    best: list[Located] = []
    # If the noise comes and goes, the original model may do better than one adapted to the average.
    for aligner in (adapted_aligner(pcm, speech), None):
        located = _Tracker(pcm, readings, speech, aligner or plain_aligner()).run(entries)
        best = max(best, located, key=_covered_ms)
        if aligner is None or _covered_ms(best) >= _COVERED_WELL * speech_ms:
            break
    return best


def _covered_ms(located: Sequence[Located]) -> int:
    return sum(one.end_ms - one.start_ms for one in located)


class _Tracker:
    def __init__(
        self,
        pcm: bytes,
        readings: Sequence[Sequence[Sequence[str]]],
        speech: Sequence[Span] | None,
        aligner: StretchAligner,
    ) -> None:
        self._pcm = pcm
        self._readings = readings
        self._speech = speech
        self._aligner = aligner
        self._length_ms = len(pcm) // PCM_BYTES_PER_MS
        self._tokens_per_s = _TOKENS_PER_S
        self._letters = [max((sum(map(len, way)) for way in ways), default=0) for ways in readings]

    def run(self, entries: int) -> list[Located]:
        located: list[Located] = []
        must_find = entries > 1
        failures = 0
        start_ms = self._next_start(0)
        at = 0
        while at < len(self._readings) and self._length_ms - start_ms >= _SHORTEST_MS:
            end_ms = self._window_end(start_ms, _SHORT_WINDOW_MS if failures else _WINDOW_MS)
            found, doubtful, lost_ms = self._look_on(start_ms, end_ms, at, entries)
            sure = [one for one in found if one.token not in doubtful]
            is_short = lost_ms is not None and len(sure) < SURELY_PLACED
            if not is_short and self._is_credible(sure, start_ms, lost_ms or end_ms, at):
                if lost_ms is None:
                    kept, next_ms = self._kept(found, start_ms, end_ms)
                else:
                    kept, next_ms = found, max(lost_ms - _PAUSE_MS, found[-1].end_ms)
                located += [one for one in kept if one.token not in doubtful]
                at = kept[-1].token + 1
                start_ms = self._next_start(next_ms)
                failures, must_find = int(lost_ms is not None), False
                entries = 1
            elif must_find:
                return []
            elif not failures and self._heard_ms(start_ms, end_ms) >= _HEARD_MS:
                # Music or noise in a window may hide its speech; and the text may have more unspoken words than the
                # grammar can skip.
                failures = 1
                entries = _LOST_TOKENS
            else:
                if failures:
                    failures += 1
                    entries = min(entries + _LOST_TOKENS, _MOST_LOST_TOKENS)
                # Searching for a text that is not spoken must not take forever.
                step_ms = _STEP_MS * 2 ** max(0, failures - _PATIENCE)
                # What was found at the window's end may be the beginning of something.
                first_ms = found[0].start_ms - _LONG_PAUSE_MS if found else end_ms
                start_ms = self._next_start(max(start_ms + step_ms, min(first_ms, end_ms - _MARGIN_MS)))
        return self._filled(located)

    def _look_on(self, start_ms: int, end_ms: int, at: int, entries: int) -> tuple[list[Located], set[int], int | None]:
        """Look for the text from a token on, with as much of it as may be said in a window; see `_look`."""
        while True:
            tokens = round((end_ms - start_ms) / 1000 * self._tokens_per_s) + _MORE_TOKENS + entries - 1
            after = min(at + tokens, len(self._readings))
            found, doubtful, lost_ms = self._look(start_ms, end_ms, at, after, entries)
            is_used_up = bool(found) and found[-1].token >= after - 1 - _PASSED_OVER and after < len(self._readings)
            if not is_used_up or self._tokens_per_s >= _MOST_TOKENS_PER_S:
                return found, doubtful, lost_ms
            self._tokens_per_s = _MOST_TOKENS_PER_S

    def _filled(self, located: list[Located]) -> list[Located]:
        """Look again for what is missing between words that were found: where both ends are known, more is found."""
        index = 1
        while index < len(located):
            first, after = max(0, index - _ANCHORS), min(len(located), index + _ANCHORS)
            start_ms, end_ms = located[first].start_ms, located[after - 1].end_ms
            missing = located[index].token - located[index - 1].token - 1
            index += 1
            if missing >= _MISSING and end_ms - start_ms <= _WINDOW_MS:
                found, doubtful, _ = self._look(start_ms, end_ms, located[first].token, located[after - 1].token + 1)
                sure = [one for one in found if one.token not in doubtful]
                if len(sure) > after - first:
                    located[first:after] = sure
                    index = first + len(sure)
        return located

    def _look(
        self, start_ms: int, end_ms: int, at: int, after: int, entries: int = 1
    ) -> tuple[list[Located], set[int], int | None]:
        """Search for the text in a window; also return the doubtful tokens, and when the place in the text is lost."""
        pcm = self._pcm[start_ms * PCM_BYTES_PER_MS : end_ms * PCM_BYTES_PER_MS]
        placed = self._aligner.lay(pcm, self._readings[at:after], entries=entries)
        fits = fitting(placed, [self._longest_ms(at + one.token) for one in placed])
        lost = place_lost(fits)
        found = [
            # The decoder's last frame may reach a little beyond the audio's end.
            Located(
                at + one.token,
                min(start_ms + one.start_frame * FRAME_MS, end_ms),
                min(start_ms + one.end_frame * FRAME_MS, end_ms),
            )
            for one in placed[:lost]
        ]
        doubtful = {one.token for one, does_fit in zip(found, fits, strict=False) if not does_fit}
        return found, doubtful, start_ms + placed[lost].start_frame * FRAME_MS if lost < len(placed) else None

    def _window_end(self, start_ms: int, longest_ms: int) -> int:
        if self._length_ms - start_ms <= longest_ms + _CUT_MS // 2:
            end_ms = self._length_ms
        else:
            latest_ms = start_ms + longest_ms
            end_ms = quietest_ms(self._pcm, latest_ms - _CUT_MS, latest_ms)
        for gap_start_ms, gap_end_ms in self._gaps():
            if start_ms < gap_start_ms < end_ms and gap_end_ms > start_ms:
                return min(gap_start_ms + _MARGIN_MS, end_ms)
        return end_ms

    def _next_start(self, start_ms: int) -> int:
        """Skip gaps without speech."""
        for gap_start_ms, gap_end_ms in self._gaps():
            if gap_start_ms <= start_ms < gap_end_ms - _MARGIN_MS:
                return gap_end_ms - _MARGIN_MS
        return start_ms

    def _gaps(self) -> list[tuple[int, int]]:
        """Return the long gaps without speech."""
        if self._speech is None:
            return []
        ends = [0, *(span.end_ms for span in self._speech)]
        starts = [*(span.start_ms for span in self._speech), self._length_ms]
        return [(end, start) for end, start in zip(ends, starts, strict=True) if start - end >= _GAP_MS]

    def _heard_ms(self, start_ms: int, end_ms: int) -> int:
        """Return how much speech there may be in a window, in milliseconds."""
        if self._speech is None:
            return end_ms - start_ms
        return total_ms(clip(self._speech, Span(start_ms, end_ms)))

    def _is_credible(self, found: Sequence[Located], start_ms: int, end_ms: int, at: int) -> bool:
        """Return whether the place is credible: the text takes most of the speech, or begins at once and goes on."""
        if not found:
            return False
        covered_ms = _covered_ms(found)
        covers = covered_ms >= _COVERED * self._heard_ms(start_ms, end_ms)
        if found[0].token - at > _PASSED_OVER:
            return covers and len(found) >= _SURE_TOKENS
        goes_on = found[0].start_ms - start_ms <= _MARGIN_MS + _LONG_PAUSE_MS and covered_ms >= _DENSE * (
            found[-1].end_ms - found[0].start_ms
        )
        return goes_on or (covers and len(found) >= min(_SURE_TOKENS, len(self._readings) - at) // 2)

    def _longest_ms(self, token: int) -> int:
        return _WORD_MS + _LETTER_MS * self._letters[token]

    def _kept(self, found: Sequence[Located], start_ms: int, end_ms: int) -> tuple[Sequence[Located], int]:
        """Return which of a window's words are kept, and where the next window starts."""
        if end_ms >= self._length_ms:
            return found, self._length_ms
        if not found:
            return found, max(end_ms - _MARGIN_MS, start_ms + _MARGIN_MS)
        pauses = [
            index for index in range(1, len(found)) if found[index].start_ms - found[index - 1].end_ms >= _PAUSE_MS
        ]
        after_ms = end_ms - found[-1].end_ms
        last_group = len(found) - (pauses[-1] if pauses else 0)
        if after_ms >= _HALF_PAUSE_MS and last_group >= _GROUP_TOKENS:
            return found, max(end_ms - _LONG_PAUSE_MS, found[-1].end_ms)
        if pauses and found[pauses[-1]].start_ms >= start_ms + (end_ms - start_ms) // 2:
            stand = pauses[-1]
        else:
            stand = max(1, sum(one.end_ms <= end_ms - _LOOSE_MS for one in found))
        if stand >= len(found):
            return found, max(end_ms - _LONG_PAUSE_MS, found[-1].end_ms)
        pause_ms = found[stand].start_ms - found[stand - 1].end_ms
        next_ms = max(found[stand - 1].end_ms, found[stand].start_ms - max(min(pause_ms // 2, _LONG_PAUSE_MS), 100))
        return found[:stand], max(next_ms, start_ms + _MARGIN_MS)
