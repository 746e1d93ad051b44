"""All the sound of a file is heard, also what its header does not speak of."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from audio.tones import write_recording
from audio.waves import write_wav

from anyscribe.audio import probe

if TYPE_CHECKING:
    from pathlib import Path

JOINED = [
    ("a.wav", "pcm_s16le", 16000),
    ("a.aiff", "pcm_s16be", 16000),
    ("a.au", "pcm_s16be", 16000),
    ("a.caf", "pcm_s16le", 16000),
    ("a.w64", "pcm_s16le", 16000),
    ("a.flac", "flac", 16000),
    ("a.tta", "tta", 16000),
    ("a.mp3", "mp3", 16000),
    ("a.ogg", "libopus", 48000),
    ("a.oga", "flac", 16000),
    ("a.m4a", "aac", 16000),
    ("a.mov", "pcm_s16le", 16000),
    ("a.mka", "flac", 16000),
    ("a.webm", "libopus", 48000),
    ("a.asf", "mp3", 44100),
    ("a.flv", "aac", 44100),
    ("a.avi", "mp2", 16000),
    ("a.ts", "mp2", 16000),
    ("a.aac", "aac", 16000),
]


def seconds(path: Path) -> float:
    """Return the length of the sound that is decoded."""
    return sum(map(len, probe(path).pcm())) / 32_000


@pytest.mark.parametrize(("name", "codec", "rate_hz"), JOINED)
def test_recordings_joined_by_cat(tmp_path: Path, name: str, codec: str, rate_hz: int):
    """Two recordings in one file, one after the other, are both heard, as long as they are."""
    first = write_recording(tmp_path / f"1{name}", [(0, 2000)], codec=codec, rate_hz=rate_hz)
    second = write_recording(tmp_path / f"2{name}", [(0, 3000)], codec=codec, rate_hz=rate_hz)
    both = tmp_path / name
    both.write_bytes(first.read_bytes() + second.read_bytes())
    assert seconds(both) == pytest.approx(seconds(first) + seconds(second), abs=0.15)
    stated_ms = probe(both).duration_ms
    assert stated_ms is None or stated_ms == pytest.approx(5000, rel=0.1)


@pytest.mark.parametrize(("name", "codec", "rates_hz"), [
    ("a.flac", "flac", (16000, 44100)),
    ("a.ogg", "flac", (16000, 22050)),
    ("a.m4a", "aac", (16000, 44100)),
    ("a.aac", "aac", (16000, 22050)),
    ("a.wav", "pcm_s16le", (16000, 8000)),
])  # fmt: skip
def test_a_rate_that_changes_midway(tmp_path: Path, name: str, codec: str, rates_hz: tuple[int, int]):
    """Each part is decoded with its own rate."""
    parts = [
        write_recording(tmp_path / f"{rate_hz}{name}", [(0, 2000)], codec=codec, rate_hz=rate_hz)
        for rate_hz in rates_hz
    ]
    both = tmp_path / name
    both.write_bytes(b"".join(part.read_bytes() for part in parts))
    assert seconds(both) == pytest.approx(sum(map(seconds, parts)), abs=0.1)


def test_channels_that_change_midway(tmp_path: Path):
    """A mono and a stereo recording in one file are both heard whole."""
    tone = [1000, -1000] * 8000
    parts = [write_wav(tmp_path / "1.wav", [tone]), write_wav(tmp_path / "2.wav", [tone, tone])]
    both = tmp_path / "a.wav"
    both.write_bytes(b"".join(part.read_bytes() for part in parts))
    assert seconds(both) == pytest.approx(2.0)


WRONG_SIZES = [("a.wav", size) for size in (0, 1, 8, 8_000, 64_000, 0xFFFFFFFF, 0x7FFFFFFF)]
WRONG_SIZES += [("a.aiff", size) for size in (9, 8_000, 64_000)]


@pytest.mark.parametrize(("name", "stated"), WRONG_SIZES)
def test_a_size_that_is_too_small(tmp_path: Path, name: str, stated: int):
    """A header that says less than there is, or nothing, does not end the recording."""
    codec, order, mark = ("pcm_s16le", "<", b"data") if name == "a.wav" else ("pcm_s16be", ">", b"SSND")
    path = write_recording(tmp_path / name, [(0, 3000)], codec=codec)
    content = bytearray(path.read_bytes())
    at = content.index(mark) + 4
    content[at : at + 4] = struct.pack(f"{order}I", stated)
    path.write_bytes(content)
    assert seconds(path) == pytest.approx(3.0, abs=0.05)
    assert probe(path).duration_ms == pytest.approx(3000, abs=50)


def test_a_flac_that_says_less(tmp_path: Path):
    """Readers that believe the number of samples in a FLAC's header would stop there, so it is known to be wrong."""
    path = write_recording(tmp_path / "a.flac", [(0, 5000)])
    assert not probe(path).says_less
    content = bytearray(path.read_bytes())
    # The number is in the last 36 bits of these 8 bytes.
    content[18:26] = (int.from_bytes(content[18:26]) >> 36 << 36 | 2 * 16_000).to_bytes(8)
    path.write_bytes(content)
    recording = probe(path)
    assert recording.says_less
    assert recording.duration_ms == pytest.approx(5000, abs=100)
    assert seconds(path) == pytest.approx(5.0)


@pytest.mark.parametrize(
    "tail", [b"LIST\x04\x00\x00\x00INFO", b"id3 \x03\x00\x00\x00abc\x00", b"\0" * 400, b"TAG" + b"x" * 125]
)
def test_what_follows_the_sound_is_no_sound(tmp_path: Path, tail: bytes):
    """Chunks, tags and padding after the sound are not decoded."""
    path = write_recording(tmp_path / "a.wav", [(0, 1000)], codec="pcm_s16le")
    path.write_bytes(path.read_bytes() + tail)
    assert seconds(path) == pytest.approx(1.0)
    assert len(probe(path).parts) == 1


@pytest.mark.parametrize("codec", ["mp2", "aac"])
@pytest.mark.parametrize("picture_ms", [0, 2000])
@pytest.mark.parametrize("starts_s", [(0, 3000), (3000, 0), (10, 95_000), (0, 0)])
def test_broadcasts_joined_together(tmp_path: Path, codec: str, picture_ms: int, starts_s: tuple[int, int]):
    """A clock that jumps at the join, forward or back, adds no silence; the length is that of the sound, or unknown."""
    parts = []
    for number, start_s in enumerate(starts_s):
        path = tmp_path / f"{number}.ts"
        options = {"output_ts_offset": str(start_s)}
        write_recording(path, [(0, 2000)], codec=codec, picture_ms=picture_ms, options=options)
        parts.append(path.read_bytes())
    both = tmp_path / "both.ts"
    both.write_bytes(b"".join(parts))
    assert seconds(both) == pytest.approx(4.0, abs=0.3)
    stated_ms = probe(both).duration_ms
    assert stated_ms is None or stated_ms < 8000
