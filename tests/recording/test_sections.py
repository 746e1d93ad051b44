"""How a recording is divided if some of it was transcribed before."""

from __future__ import annotations

import array
import random
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from anyscribe.audio import Encoding, PieceLimits, Scratch
from anyscribe.recording.sections import PieceMaker, Section, sections
from anyscribe.result import Result
from anyscribe.store import KeptAnswer, Stretch
from anyscribe.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from anyscribe.recording.answers import RecordingAnswers

SECONDS = 20


class Kept:
    """The kept answers of an earlier run, with the interface that a division needs."""

    def __init__(self, kept: Sequence[KeptAnswer]) -> None:
        self.kept = kept
        self.told: list[Sequence[KeptAnswer]] = []

    def load(self) -> Sequence[KeptAnswer]:
        """Return the kept answers."""
        return self.kept

    def note_used(self, used: Sequence[KeptAnswer]) -> None:
        """Record the answers that are used."""
        self.told.append(list(used))


def noisy_seconds(count: int) -> bytes:
    """Return audio that never repeats itself, with a pause in each second."""
    noise = random.Random(1)  # noqa: S311 - not a secret
    second = [noise.randrange(-3000, 3000) for _ in range(12_000)] + [0] * 4_000
    return b"".join(array.array("h", (sample * (20 + at) // 40 for sample in second)).tobytes() for at in range(count))


PCM = noisy_seconds(SECONDS)


def divide(pcm: bytes, folder: Path, kept: Kept | None, *, sizes: int = 6_000, max_ms: int = 4_000) -> list[Section]:
    """Divide audio that comes in chunks of that size."""
    cutter = PieceMaker(folder, lambda: PieceLimits(max_ms=max_ms), lambda: Encoding.FLAC)
    chunks: Iterator[bytes] = (pcm[at : at + sizes] for at in range(0, len(pcm), sizes))
    answers: RecordingAnswers | None = kept  # type: ignore[assignment]
    return list(sections(chunks, cutter, end_ms=SECONDS * 1000, answers=answers))


@settings(max_examples=20)
@given(which=st.sets(st.integers(0, 9)), sizes=st.integers(100, 50_000).map(lambda half: 2 * half))
def test_each_sample_is_in_one_piece(which: set[int], sizes: int) -> None:
    """With any kept answers, the pieces follow each other without a gap, and the kept answers are unchanged."""
    with Scratch().folder() as folder:
        first = divide(PCM, folder, None)
        kept = Kept(
            [
                KeptAnswer(section.stretch, Result(Transcript(str(number))))
                for number, section in enumerate(first)
                if number in which and section.stretch is not None
            ]
        )
        again = divide(PCM, folder, kept, sizes=sizes)
        assert b"".join(b"".join(section.piece.pcm()) for section in again) == PCM
    ends = [0, *(section.piece.start_sample + section.piece.samples for section in again)]
    assert [section.piece.start_sample for section in again] == ends[:-1]
    assert [section.piece.number for section in again] == list(range(len(again)))
    recalled = [KeptAnswer(section.stretch, section.kept) for section in again if section.stretch and section.kept]
    assert recalled == kept.kept
    assert kept.told == [kept.kept]


def test_after_what_was_kept_it_is_cut_as_before() -> None:
    """If an earlier run was kept up to a piece, the following pieces are those of that run."""
    with Scratch().folder() as folder:
        first = divide(PCM, folder, None)
        begun = [KeptAnswer(section.stretch, Result(Transcript(""))) for section in first[:3] if section.stretch]
        again = divide(PCM, folder, Kept(begun))
    assert [section.stretch for section in again] == [section.stretch for section in first]


def test_other_sound_is_cut_as_if_nothing_had_been_kept() -> None:
    """One different sample means that a kept answer, and all that follow it, belong to another recording."""
    with Scratch().folder() as folder:
        first = divide(PCM, folder, None)
        kept = Kept([KeptAnswer(section.stretch, Result(Transcript(""))) for section in first if section.stretch])
        other = bytearray(PCM)
        at = 2 * (first[2].piece.start_sample + 5)
        other[at] ^= 1
        again = divide(bytes(other), folder, kept)
        assert b"".join(b"".join(section.piece.pcm()) for section in again) == other
    assert [section.kept is not None for section in again] == [True, True] + [False] * (len(again) - 2)
    assert kept.told == [kept.kept[:2]]


def test_a_kept_answer_beyond_the_end_is_not_used() -> None:
    """A kept answer that reaches beyond the end of the audio does no harm."""
    beyond = KeptAnswer(Stretch(len(PCM) // 2 - 100, 1_000, b""), Result(Transcript("")))
    with Scratch().folder() as folder:
        again = divide(PCM, folder, Kept([beyond]))
        assert b"".join(b"".join(section.piece.pcm()) for section in again) == PCM
    assert [section for section in again if section.kept] == []


def test_what_is_too_long_to_be_known_is_not_kept() -> None:
    """For a piece of this length, no audio is remembered; it has no digest, and so cannot be kept."""
    silence = bytes(32_000)
    with Scratch().folder() as folder:
        cutter = PieceMaker(folder, PieceLimits, lambda: Encoding.FLAC)
        (section,) = sections((silence for _ in range(1_300)), cutter, end_ms=1_300_000)
    assert section.piece.samples == 1_300 * 16_000
    assert section.stretch is None
