"""Decoding keeps the timing of the audio, reads any container and skips damaged data."""

from __future__ import annotations

import io
from array import array
from itertools import pairwise
from pathlib import Path

import pytest
from tones import RATE_HZ, loud_stretches, write_recording

from anyscribe.audio import probe
from anyscribe.audio.decode import decode
from anyscribe.errors import AudioError


def heard(path: Path) -> list[tuple[int, int]]:
    """Return the loud stretches of a recording, in milliseconds."""
    return loud_stretches(b"".join(probe(path).pcm()))


def near(stretches: list[tuple[int, int]], wanted: list[tuple[int, int]], *, within_ms: int = 25) -> bool:
    """Return whether the stretches begin and end at the expected times."""
    return len(stretches) == len(wanted) and all(
        abs(found - expected) <= within_ms
        for pair, target in zip(stretches, wanted, strict=True)
        for found, expected in zip(pair, target, strict=True)
    )


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz"),
    [
        ("a.wav", "pcm_s16le", 44100),
        ("a.flac", "flac", 16000),
        ("a.mp3", "mp3", 44100),
        ("a.m4a", "aac", 48000),
        ("a.mp4", "aac", 16000),
        ("a.mkv", "flac", 8000),
        ("a.mka", "pcm_s16le", 16000),
        ("a.webm", "libopus", 48000),
        ("a.ogg", "libopus", 48000),
        ("a.aiff", "pcm_s16be", 22050),
        ("a.avi", "mp3", 44100),
    ],
)
def test_every_container(tmp_path: Path, name: str, codec: str, rate_hz: int):
    """Any container and rate is decoded to mono 16-bit audio at 16 kHz, of the right length and with the whole tone."""
    path = write_recording(tmp_path / name, [(0, 1000)], codec=codec, rate_hz=rate_hz)
    recording = probe(path)
    assert recording.duration_ms == pytest.approx(1000, abs=60)
    chunks = list(recording.pcm())
    assert all(chunk and not len(chunk) % 2 for chunk in chunks)
    pcm = b"".join(chunks)
    assert len(pcm) / 2 / RATE_HZ == pytest.approx(1.0, abs=0.06)
    assert near(loud_stretches(pcm), [(0, 1000)], within_ms=60)
    # 440 Hz at any source rate: 220 upward zero crossings in half a second.
    samples = array("h", pcm)
    middle = samples[4000:12000]
    crossings = sum(before < 0 <= after for before, after in pairwise(middle))
    assert crossings == pytest.approx(220, abs=2)


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mkv", "flac"), ("a.mp4", "aac"), ("a.mov", "pcm_s16le"), ("a.ts", "aac")]
)
def test_sound_that_starts_late_keeps_its_time(tmp_path: Path, name: str, codec: str):
    """If the audio of a film starts later than its video, the time before it is decoded as silence."""
    path = write_recording(tmp_path / name, [(1500, 2500)], codec=codec, picture_ms=3000)
    assert near(heard(path), [(1500, 2500)])
    assert probe(path).duration_ms == pytest.approx(2500, abs=30)


@pytest.mark.parametrize(("name", "codec"), [("a.mkv", "flac"), ("a.mp4", "aac"), ("a.ts", "aac")])
def test_hole_becomes_silence(tmp_path: Path, name: str, codec: str):
    """A gap without audio packets is decoded as silence, so that later audio keeps its time."""
    path = write_recording(tmp_path / name, [(0, 500), (1500, 2000), (4000, 4500)], codec=codec, picture_ms=5000)
    # AAC frames are 64 ms long at this rate, and the encoder needs one to start.
    assert near(heard(path), [(0, 500), (1500, 2000), (4000, 4500)], within_ms=90)


def test_hole_in_a_container_that_does_not_know_its_length(tmp_path: Path):
    """In a recording that came through a pipe, only tracks state their length; gaps are still kept."""
    whole = write_recording(tmp_path / "whole.mkv", [(0, 500), (1500, 2000)], picture_ms=2500)
    content = bytearray(whole.read_bytes())
    at = content.index(b"\x44\x89")  # The Matroska duration element becomes one to skip.
    content[at : at + 3] = b"\xec" + bytes([0x80 | content[at + 2] & 0x0F | 1]) + b"\0"
    path = tmp_path / "piped.mkv"
    path.write_bytes(content)
    assert probe(path).duration_ms == pytest.approx(2000, abs=30)
    assert near(heard(path), [(0, 500), (1500, 2000)])


def test_part_of_a_longer_film(tmp_path: Path):
    """A part that keeps the timestamps of the film it was cut from starts at 0 and does not count as cut off."""
    path = write_recording(tmp_path / "part.mka", [(600_000, 602_000)], codec="flac")
    assert probe(path).duration_ms == pytest.approx(2000, abs=30)
    assert near(heard(path), [(0, 2000)])


DAMAGED = [("a.mp3", "mp3"), ("a.flac", "flac"), ("a.ogg", "libopus"), ("a.mkv", "aac")]


@pytest.mark.parametrize(("name", "codec"), DAMAGED)
def test_damaged_packets_are_passed_over(tmp_path: Path, name: str, codec: str):
    """Damage in the middle loses only the damaged audio, not the recording."""
    path = write_recording(tmp_path / name, [(0, 10_000)], codec=codec, rate_hz=48000)
    good = b"".join(probe(path).pcm())
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 200] = b"\xa5" * 200
    path.write_bytes(content)
    damaged = b"".join(probe(path).pcm())
    third = len(good) // 3 // 2 * 2
    assert damaged != good
    assert len(damaged) == pytest.approx(len(good), rel=0.15)
    # The audio before the damage is identical to the sample.
    assert damaged[:third] == good[:third]


def test_rate_that_changes_midway(tmp_path: Path):
    """A stream that changes its rate, as broadcasts do, is decoded without losing audio."""
    parts = [
        write_recording(tmp_path / f"{rate_hz}.ts", [(start_ms, start_ms + 1000)], codec="aac", rate_hz=rate_hz)
        for start_ms, rate_hz in ((0, 22050), (1000, 44100))
    ]
    path = tmp_path / "both.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    # Less than one 23 ms frame is missing.
    assert sum(end - start for start, end in heard(path)) == pytest.approx(2000, abs=15)


def test_nothing_but_damage(tmp_path: Path, media: Path):
    """A recording without any decodable audio is an error, not silence."""
    content = bytearray((media / "hello.webm").read_bytes())
    start = content.index(b"\x1f\x43\xb6\x75")  # the first cluster
    for at in range(start + 40, len(content) - 40):
        content[at] ^= 0xFF
    path = tmp_path / "a.webm"
    path.write_bytes(content)
    with pytest.raises(AudioError):
        b"".join(probe(path).pcm())


PLAYLIST = """#EXTM3U
#EXT-X-TARGETDURATION:10
#EXTINF:10,
{target}
#EXT-X-ENDLIST
"""
CALL = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n"


@pytest.mark.parametrize("name", ["a.mp3", "a.m3u8", "a.ffconcat", "a.sdp"])
def test_playlist_opens_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    """A playlist under any name never opens the files and addresses that it lists."""
    monkeypatch.chdir(tmp_path)
    secret = write_recording(tmp_path / "secret.ts", [(0, 1000)], codec="aac")
    targets = (secret.name, str(secret), secret.as_uri(), "http://127.0.0.1:9/secret.ts")
    texts = [PLAYLIST.format(target=target) for target in targets]
    texts += [f"ffconcat version 1.0\nfile {target}\n" for target in targets]
    path = Path(name)
    for text in [*texts, CALL]:
        path.write_text(text, encoding="utf-8")
        with pytest.raises(AudioError):
            b"".join(probe(path).pcm())


class FailingDisk(io.BytesIO):
    """A file that cannot be read past a certain point."""

    def read(self, size: int | None = -1) -> bytes:
        """Fail after the first 20,000 bytes."""
        if self.tell() > 20_000:
            raise OSError(5, "Input/output error")
        return super().read(min(size or 0, 4096))


def test_disk_that_fails_midway(media: Path):
    """A file that cannot be read to its end is an error with the system's reason, not a shorter recording."""
    disk = FailingDisk((media / "hello.wav").read_bytes())
    with pytest.raises(AudioError, match=r"cannot be read \(Input/output error\)"):
        b"".join(decode(disk))


def test_name_means_nothing(tmp_path: Path, media: Path):
    """A recording is opened by its content: a name that looks like an address or has no extension has no effect."""
    for name in ("http:--a.b.mp3", "concat:a|b.wav", "pipe:0", "noextension", "list.m3u8", "100%.txt"):
        path = tmp_path / name
        path.write_bytes((media / "hello.ogg").read_bytes())
        assert probe(path).duration_ms == 2270
