"""Encoded audio has the same content and length as the original and is no larger than promised."""

from __future__ import annotations

import random
from array import array
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tones import RATE_HZ, loud_stretches, tone

from anyscribe.audio import Encoding, probe
from anyscribe.audio.encoding import Encoder, encode
from anyscribe.errors import AudioError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOISE = random.Random(1).randbytes(8 * RATE_HZ)  # noqa: S311 - the same noise in every run
SWEEP = array("h", (round(30000 * (at * at % 120_000 / 60_000 - 1)) for at in range(0, 40 * RATE_HZ, 10))).tobytes()
SOUNDS = {"noise": NOISE, "sweep": SWEEP, "tone": tone(4000), "silence": bytes(8 * RATE_HZ)}


@pytest.fixture
def small_disk() -> Iterator[None]:
    """Make the system refuse files of more than 20,000 bytes."""
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=9000), lengths=st.lists(st.integers(1, 40_000), min_size=1, max_size=5))
def test_flac_loses_nothing(tmp_path: Path, data: bytes, lengths: list[int]):
    """Any samples, in chunks of any length, are the same after FLAC encoding and decoding."""
    pcm = (data * 40)[: sum(lengths) * 2 // 2 * 2] or b"\1\0"
    pcm = pcm[: len(pcm) // 2 * 2]
    chunks, at = [], 0
    for length in [*lengths, len(pcm)]:
        chunks.append(pcm[at : at + 2 * length])
        at += 2 * length
    path = tmp_path / "a.flac"
    path.unlink(missing_ok=True)
    assert encode(chunks, path, Encoding.FLAC) == len(pcm) // 2
    assert b"".join(probe(path).pcm()) == pcm


@pytest.mark.parametrize("length_ms", [20, 999, 1000, 1001, 7013, 60_000])
def test_opus_keeps_time(tmp_path: Path, length_ms: int):
    """Opus has the length of the original audio, and each tone keeps its position to within a few milliseconds."""
    bursts = [(start, start + 50) for start in range(100, length_ms - 60, 500)]
    pcm = bytearray(32 * length_ms)
    for start, end in bursts:
        pcm[32 * start : 32 * end] = tone(end - start)
    path = tmp_path / "a.ogg"
    encode([bytes(pcm)], path, Encoding.OPUS)
    recording = probe(path)
    # The container counts the encoder's 6.5 ms of priming, which decoders drop.
    assert recording.duration_ms == pytest.approx(length_ms, abs=8)
    heard = b"".join(recording.pcm())
    assert len(heard) / 32 == pytest.approx(length_ms, abs=1)
    found = loud_stretches(heard, shortest_gap_ms=60)
    assert len(found) == len(bursts)
    for burst, stretch in zip(bursts, found, strict=True):
        assert stretch == pytest.approx(burst, abs=6)


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("before", SOUNDS)
@pytest.mark.parametrize("after", SOUNDS)
def test_room_is_room(tmp_path: Path, encoding: Encoding, before: str, after: str):
    """What is promised to fit does fit, however badly it compresses and even after audio that compresses well."""
    path = tmp_path / "a"
    max_bytes = 400_000 if encoding is Encoding.FLAC else 60_000
    with Encoder(path, encoding) as encoder:
        encoder.write(SOUNDS[before][: 2 * RATE_HZ])
        room = encoder.room_samples(max_bytes)
        repeated = SOUNDS[after] * (2 * room // len(SOUNDS[after]) + 1)
        encoder.write(repeated[: 2 * room])
    assert encoder.size_bytes == path.stat().st_size <= max_bytes
    assert encoder.samples == RATE_HZ + room
    # For FLAC's worst case, noise, the promise does not waste much space.
    if (encoding, before, after) == (Encoding.FLAC, "noise", "noise"):
        assert encoder.size_bytes > 0.9 * max_bytes


@pytest.mark.parametrize("encoding", Encoding)
def test_same_sound_same_bytes(tmp_path: Path, encoding: Encoding):
    """The same audio always gives the same file."""
    for name in ("a", "b"):
        encode([tone(3000)], tmp_path / name, encoding)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("encoding", Encoding)
def test_servers_know_it(tmp_path: Path, encoding: Encoding):
    """The output is in a container that the contract names, with the matching extension."""
    path = tmp_path / f"a.{encoding.extension}"
    encode([tone(1000)], path, encoding)
    recording = probe(path)
    assert recording.is_contract_container
    assert (recording.filename, recording.media_type) == (path.name, encoding.media_type)


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("seconds", [1, 30])
@pytest.mark.usefixtures("small_disk")
def test_disk_that_is_full(tmp_path: Path, encoding: Encoding, seconds: int):
    """If the disk is full, the error names the folder to change and no partial file is left."""
    with pytest.raises(OutputError, match=r"audio cannot be stored in .* \(File too large\): set TMPDIR to another"):
        encode([NOISE[: 2 * RATE_HZ]] * 12 * seconds, tmp_path / "a", encoding)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("small_disk")
def test_disk_that_is_full_at_the_very_end(tmp_path: Path):
    """This also holds if only the last bytes do not fit."""
    kept = tmp_path / "kept"
    assert encode([NOISE[:19_800]], kept, Encoding.FLAC) == 9_900
    assert kept.stat().st_size < 20_000
    kept.unlink()
    with pytest.raises(OutputError):
        encode([NOISE[:20_000]], tmp_path / "a", Encoding.FLAC)
    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_gone(tmp_path: Path):
    """A folder that has been removed is an error that says so."""
    with pytest.raises(OutputError, match="No such file or directory"):
        encode([tone(100)], tmp_path / "gone" / "a", Encoding.FLAC)


def test_sound_that_breaks_off(tmp_path: Path):
    """If the audio cannot be read to its end, no partial file is left."""

    def broken() -> Iterator[bytes]:
        yield tone(2000)
        raise AudioError("broken")

    with pytest.raises(AudioError, match="broken"):
        encode(broken(), tmp_path / "a", Encoding.FLAC)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_replaced(tmp_path: Path):
    """An existing file is not changed."""
    path = tmp_path / "a"
    path.write_bytes(b"mine")
    with pytest.raises(OutputError, match="File exists"):
        encode([tone(100)], path, Encoding.FLAC)
    assert path.read_bytes() == b"mine"
