"""How a recording is divided where some of it was transcribed before."""

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

    from anyscribe.recording.resume import RecordingAnswers

SECONDS = 20


class Kept:
    """What was kept in an earlier run, as far as a division wants to know."""

    def __init__(self, kept: Sequence[KeptAnswer]) -> None:
        self.kept = kept
        self.told: list[Sequence[KeptAnswer]] = []

    def load(self) -> Sequence[KeptAnswer]:
        """Give it."""
        return self.kept

    def note_used(self, used: Sequence[KeptAnswer]) -> None:
        """Note what is told."""
        self.told.append(list(used))


def noisy_seconds(count: int) -> bytes:
    """Give sound that nowhere repeats itself, with a pause in each second."""
    noise = random.Random(1)  # noqa: S311 - no secret
    second = [noise.randrange(-3000, 3000) for _ in range(12_000)] + [0] * 4_000
    return b"".join(array.array("h", (sample * (20 + at) // 40 for sample in second)).tobytes() for at in range(count))


PCM = noisy_seconds(SECONDS)


def divide(pcm: bytes, folder: Path, kept: Kept | None, *, sizes: int = 6_000, max_ms: int = 4_000) -> list[Section]:
    """Divide sound that comes in chunks of that size."""
    cutter = PieceMaker(folder, lambda: PieceLimits(max_ms=max_ms), lambda: Encoding.FLAC)
    chunks: Iterator[bytes] = (pcm[at : at + sizes] for at in range(0, len(pcm), sizes))
    answers: RecordingAnswers | None = kept  # type: ignore[assignment]
    return list(sections(chunks, cutter, end_ms=SECONDS * 1000, answers=answers))


@settings(max_examples=20)
@given(which=st.sets(st.integers(0, 9)), sizes=st.integers(100, 50_000).map(lambda half: 2 * half))
def test_each_sample_is_in_one_piece(which: set[int], sizes: int) -> None:
    """Whatever was kept, the pieces follow each other without gap, and what was kept is as it was."""
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
    """Where all of an earlier run was kept up to a piece, the pieces from there on are those of that run."""
    with Scratch().folder() as folder:
        first = divide(PCM, folder, None)
        begun = [KeptAnswer(section.stretch, Result(Transcript(""))) for section in first[:3] if section.stretch]
        again = divide(PCM, folder, Kept(begun))
    assert [section.stretch for section in again] == [section.stretch for section in first]


def test_other_sound_is_cut_as_if_nothing_had_been_kept() -> None:
    """One sample that is different makes a kept answer, and all that come after it, those of another recording."""
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
    """What is said to be kept of more sound than there is does no harm."""
    beyond = KeptAnswer(Stretch(len(PCM) // 2 - 100, 1_000, b""), Result(Transcript("")))
    with Scratch().folder() as folder:
        again = divide(PCM, folder, Kept([beyond]))
        assert b"".join(b"".join(section.piece.pcm()) for section in again) == PCM
    assert [section for section in again if section.kept] == []


def test_what_is_too_long_to_be_known_is_not_kept() -> None:
    """Of a piece of hours no sound is remembered; it has no digest, and so cannot be kept."""
    silence = bytes(32_000)
    with Scratch().folder() as folder:
        cutter = PieceMaker(folder, PieceLimits, lambda: Encoding.FLAC)
        (section,) = sections((silence for _ in range(1_300)), cutter, end_ms=1_300_000)
    assert section.piece.samples == 1_300 * 16_000
    assert section.stretch is None
