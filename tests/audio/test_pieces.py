"""Pieces hold the whole recording exactly once, are cut in silence and stay within the limits."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tones import RATE_HZ, tone

from anyscribe.audio import Encoding, Piece, PieceLimits, Scratch, pieces, probe
from anyscribe.errors import AudioError, OutputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SAMPLES = Path(__file__).parents[2] / "samples"
NOISE = random.Random(1).randbytes(64_000)  # noqa: S311 - the same noise in every run
LOUD = tone(2000)
MATERIAL = {"tone": LOUD, "noise": NOISE, "silence": bytes(64_000)}


def chunked(pcm: bytes, lengths: Iterable[int]) -> Iterator[bytes]:
    """Split audio into chunks of these lengths in samples, repeating the lengths."""
    at = 0
    for length in itertools.cycle(lengths):
        if at >= len(pcm):
            return
        yield pcm[at : at + 2 * length]
        at += 2 * length


def talk(*stretches_ms: int) -> bytes:
    """Return alternating tones and silences, starting with a tone."""
    return b"".join(
        LOUD[: 32 * length_ms] if number % 2 == 0 else bytes(32 * length_ms)
        for number, length_ms in enumerate(stretches_ms)
    )


def heard(piece: Piece) -> bytes:
    """Decode a piece."""
    return b"".join(piece.pcm())


def cut_all(pcm: bytes, limits: PieceLimits, folder: Path, *, total_ms: int | None = None) -> list[Piece]:
    """Cut audio into FLAC pieces."""
    return list(pieces(chunked(pcm, [1500]), limits, folder=folder, encoding=Encoding.FLAC, total_ms=total_ms))


@st.composite
def sounds(draw: st.DrawFn) -> bytes:
    """Generate any pattern of tone, noise and silence."""
    parts = draw(
        st.lists(st.tuples(st.sampled_from(sorted(MATERIAL)), st.integers(1, 32_000)), min_size=1, max_size=14)
    )
    return b"".join(MATERIAL[kind][: 2 * samples] for kind, samples in parts)


limits_of_any_kind = st.builds(
    PieceLimits,
    max_bytes=st.none() | st.integers(40_000, 150_000),
    max_ms=st.none() | st.integers(1000, 6000),
    wanted_ms=st.none() | st.integers(1, 6000),
    first_ms=st.none() | st.integers(500, 3000),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    pcm=sounds(),
    limits=limits_of_any_kind,
    lengths=st.lists(st.integers(1, 40_000), min_size=1, max_size=4).filter(lambda lengths: sum(lengths) > 400),
    stated=st.none() | st.just(1.0) | st.floats(0, 3),
)
def test_each_sample_once(pcm: bytes, limits: PieceLimits, lengths: list[int], stated: float | None):
    """For any audio and any chunks, each sample is in one piece, in order, and the limits hold.

    This also holds if the container states a wrong length.
    """
    total_ms = None if stated is None else int(stated * len(pcm) / 32)
    with Scratch().folder() as folder:
        found = list(pieces(chunked(pcm, lengths), limits, folder=folder, encoding=Encoding.FLAC, total_ms=total_ms))
        assert b"".join(map(heard, found)) == pcm
        at = 0
        for number, piece in enumerate(found):
            assert (piece.number, piece.start_sample) == (number, at)
            assert len(heard(piece)) == 2 * piece.samples
            assert piece.size_bytes == piece.path.stat().st_size <= (limits.max_bytes or piece.size_bytes)
            assert piece.duration_ms <= (limits.max_ms or piece.duration_ms)
            assert piece.start_ms == round(at / 16)
            at += piece.samples
            assert piece.end_ms == round(at / 16)
        if len(found) > 1:
            # No piece is shorter than a fifth of the shortest target length.
            assert min(piece.samples for piece in found) >= RATE_HZ // 20


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    stretches=st.lists(st.tuples(st.integers(300, 1300), st.integers(200, 600)), min_size=15, max_size=40),
    wanted_ms=st.integers(6000, 9000),
    known=st.booleans(),
)
def test_cuts_fall_in_silence(stretches: list[tuple[int, int]], wanted_ms: int, known: bool):  # noqa: FBT001 - drawn
    """If each search range holds a silence, every cut lies well inside one."""
    pcm = talk(*itertools.chain.from_iterable(stretches))
    silences, at_ms = [], 0
    for loud_ms, silent_ms in stretches:
        silences.append((at_ms + loud_ms, at_ms + loud_ms + silent_ms))
        at_ms += loud_ms + silent_ms
    with Scratch().folder() as folder:
        found = cut_all(pcm, PieceLimits(wanted_ms=wanted_ms), folder, total_ms=at_ms if known else None)
    for piece in found[:-1]:
        assert not piece.cut_in_speech
        assert [1 for start, end in silences if start + 75 <= piece.end_ms <= end - 75]


@pytest.mark.parametrize(
    "limits",
    [
        PieceLimits(max_ms=30_000),
        PieceLimits(max_ms=1_400_000, wanted_ms=20_000),
        PieceLimits(max_bytes=700_000),
        PieceLimits(max_ms=60_000, first_ms=15_000),
    ],
    ids=["seconds", "wanted", "bytes", "first"],
)
@pytest.mark.parametrize("known", [True, False])
def test_no_word_is_cut(tmp_path: Path, limits: PieceLimits, known: bool):  # noqa: FBT001 - a parameter
    """In four minutes of speech, no piece ends inside a word."""
    once = b"".join(probe(SAMPLES / "library.flac").pcm())
    words = json.loads((SAMPLES / "library.words.json").read_text(encoding="utf-8"))
    spoken = [
        (word["start"] + len(once) / 32_000 * again, word["end"] + len(once) / 32_000 * again)
        for again in range(7)
        for word in words
    ]
    found = cut_all(once * 7, limits, tmp_path, total_ms=len(once) * 7 // 32 if known else None)
    assert len(found) > 3
    for piece in found[:-1]:
        assert not piece.cut_in_speech
        assert not [1 for start, end in spoken if start < piece.end_ms / 1000 < end]


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("length_ms", [10_100, 10_900, 12_000, 14_000, 19_900, 20_100, 24_000, 31_000])
@pytest.mark.parametrize("limits", [PieceLimits(max_ms=10_000), PieceLimits(max_ms=30_000, wanted_ms=10_000)])
def test_no_scrap_is_left(tmp_path: Path, limits: PieceLimits, length_ms: int, known: bool):  # noqa: FBT001 - a parameter
    """If a recording is slightly longer than a piece, no piece is very short."""
    pcm = talk(*[300, 200] * (length_ms // 500), length_ms % 500)
    found = cut_all(pcm, limits, tmp_path, total_ms=length_ms if known else None)
    assert min(piece.duration_ms for piece in found) >= 2400
    if known:
        assert min(piece.duration_ms for piece in found) >= 4000


def test_as_few_as_the_limits_allow(tmp_path: Path):
    """Audio within the limits or slightly longer than wanted stays whole; otherwise pieces are about equally long."""
    pcm = talk(*[300, 200] * 50)
    for limits in (PieceLimits(), PieceLimits(max_ms=25_000), PieceLimits(max_bytes=900_000), PieceLimits(25 << 20)):
        for total_ms in (25_000, None):
            (piece,) = cut_all(pcm, limits, tmp_path, total_ms=total_ms)
            assert (piece.start_ms, piece.end_ms, piece.duration_ms) == (0, 25_000, 25_000)
    assert len(cut_all(pcm, PieceLimits(max_ms=30_000, wanted_ms=18_000), tmp_path, total_ms=25_000)) == 1
    even = cut_all(pcm, PieceLimits(max_ms=24_000), tmp_path, total_ms=25_000)
    assert [piece.duration_ms for piece in even] == pytest.approx([12_500, 12_500], abs=1000)


@pytest.mark.parametrize("total_ms", [1000, 25_000, 70_000, 500_000])
def test_length_that_was_stated_wrongly(tmp_path: Path, total_ms: int):
    """If a container states a wrong length, pieces still have about the wanted length."""
    found = cut_all(talk(*[300, 200] * 240), PieceLimits(max_ms=60_000, wanted_ms=15_000), tmp_path, total_ms=total_ms)
    assert all(9_000 < piece.duration_ms < 29_000 for piece in found)


def test_limit_in_bytes_is_made_use_of(tmp_path: Path):
    """Pieces are not much smaller than the byte limit."""
    once = b"".join(probe(SAMPLES / "library.flac").pcm())
    found = cut_all(once * 5, PieceLimits(max_bytes=1_000_000), tmp_path)
    assert all(600_000 < piece.size_bytes <= 1_000_000 for piece in found[:-1])


def test_first_piece_is_soon_ready(tmp_path: Path):
    """The first piece can be shorter than the others, and is ready before much more than it has been read."""
    read_ms = 0

    def source() -> Iterator[bytes]:
        nonlocal read_ms
        for _ in range(300):
            read_ms += 1000
            yield talk(700, 300)

    limits = PieceLimits(max_ms=100_000, first_ms=20_000)
    cut = pieces(source(), limits, folder=tmp_path, encoding=Encoding.FLAC, total_ms=300_000)
    first = next(cut)
    assert 12_000 <= first.duration_ms <= 28_000
    assert read_ms <= 34_000
    assert min(piece.duration_ms for piece in cut) > 60_000


@pytest.mark.parametrize(
    "limits", [PieceLimits(max_ms=500_000), PieceLimits(max_bytes=10 << 20), PieceLimits(wanted_ms=300_000)]
)
def test_little_is_held_back(tmp_path: Path, limits: PieceLimits):
    """However long the pieces are, at most about two minutes of audio are held back."""
    read = given_out = 0
    quiet = bytes(2 * RATE_HZ)

    def source() -> Iterator[bytes]:
        nonlocal read
        for second in range(1200):
            read += RATE_HZ
            yield quiet if second % 7 == 0 else NOISE[: 2 * RATE_HZ]

    for piece in pieces(source(), limits, folder=tmp_path, encoding=Encoding.FLAC, total_ms=1_200_000):
        given_out += piece.samples
        assert read - given_out <= 135 * RATE_HZ
        piece.discard()
    assert given_out == read
    assert list(tmp_path.iterdir()) == []


def test_encoding_and_limits_are_asked_for_anew(tmp_path: Path):
    """Encoding and limits are read again for each new piece."""
    encodings = itertools.cycle(Encoding)
    lengths = itertools.chain([4000, 6000], itertools.repeat(8000))
    pcm = talk(*[300, 200] * 60)
    found = list(
        pieces(
            chunked(pcm, [1600]),
            lambda: PieceLimits(max_ms=next(lengths)),
            folder=tmp_path,
            encoding=lambda: next(encodings),
        )
    )
    assert [piece.encoding for piece in found[:3]] == [Encoding.FLAC, Encoding.OPUS, Encoding.FLAC]
    assert [piece.filename for piece in found[:2]] == ["recording.flac", "recording.ogg"]
    assert [piece.media_type for piece in found[:2]] == ["audio/flac", "audio/ogg"]
    assert [piece.duration_ms for piece in found[:3]] == pytest.approx([3850, 5850, 7850], abs=500)
    assert sum(piece.samples for piece in found) == len(pcm) // 2
    for piece in found:
        # Opus is lossy but has the same length.
        assert len(heard(piece)) / 32 == pytest.approx(piece.duration_ms, abs=1)


def test_piece_is_a_recording(tmp_path: Path):
    """A piece can be sent, decoded and discarded like a recording."""
    (piece,) = cut_all(tone(3000), PieceLimits(), tmp_path)
    with piece.open() as file:
        content = file.read()
    assert len(content) == piece.size_bytes
    recording = probe(piece.path, name=piece.filename)
    assert (recording.filename, recording.media_type) == (piece.filename, piece.media_type)
    assert recording.duration_ms == piece.duration_ms == 3000
    piece.discard()
    piece.discard()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(AudioError, match="no such file"):
        piece.open()


def test_nothing_to_cut(tmp_path: Path):
    """Empty audio makes no piece."""
    assert cut_all(b"", PieceLimits(), tmp_path) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("limits", [PieceLimits(max_bytes=20_000), PieceLimits(max_ms=900), PieceLimits(max_bytes=0)])
def test_limits_that_nothing_fits(tmp_path: Path, limits: PieceLimits):
    """Limits too small for a second of audio are refused instead of cutting forever."""
    with pytest.raises(UsageError, match=r"no room for a second|too short"):
        cut_all(tone(5000), limits, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_left_unfinished_goes(tmp_path: Path):
    """If the audio fails or the caller stops, only the pieces already yielded are left."""

    def broken() -> Iterator[bytes]:
        yield from chunked(talk(*[300, 200] * 40), [1600])
        raise AudioError("broken")

    limits = PieceLimits(max_ms=9000)
    given_out = []
    with pytest.raises(AudioError, match="broken"):
        given_out.extend(pieces(broken(), limits, folder=tmp_path, encoding=Encoding.FLAC))
    assert {piece.path for piece in given_out} == set(tmp_path.iterdir())

    cut = pieces(chunked(talk(*[300, 200] * 40), [1600]), limits, folder=tmp_path, encoding=Encoding.FLAC)
    next(cut).discard()
    cut.close()
    assert {piece.path for piece in given_out} == set(tmp_path.iterdir())


def test_folder_that_goes_meanwhile(tmp_path: Path):
    """Removing the folder while pieces are made, as at program exit, raises an output error."""
    folder = tmp_path / "gone"
    folder.mkdir()
    cut = pieces(
        chunked(talk(*[300, 200] * 40), [1600]), PieceLimits(max_ms=5000), folder=folder, encoding=Encoding.FLAC
    )
    next(cut).discard()
    folder.rmdir()
    with pytest.raises(OutputError, match="TMPDIR"):
        next(cut)
