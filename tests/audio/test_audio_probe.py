"""Probing finds a recording's container and length and detects missing data before anything is sent."""

from __future__ import annotations

import io
import os
import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tones import write_recording

from anyscribe.audio import MEDIA_EXTENSIONS, Scratch, probe, spool, unreadable
from anyscribe.audio.containers import choose_extension, plain_filename
from anyscribe.errors import AudioError

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 20


CUT = [
    ("a.wav", "pcm_s16le"),
    ("a.flac", "flac"),
    ("a.mp3", "mp3"),
    ("a.mkv", "flac"),
    ("a.webm", "libopus"),
    ("a.mp4", "aac"),
]


@pytest.mark.parametrize(("name", "codec"), CUT)
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_recording_that_is_cut_off(tmp_path: Path, name: str, codec: str, share: float):
    """A recording whose end is missing is refused, for each container that states its length."""
    # With its index first, an MP4 can be read up to the cut.
    options = {"movflags": "faststart"} if name == "a.mp4" else {}
    path = write_recording(tmp_path / name, [(0, SECONDS * 1000)], codec=codec, rate_hz=48000, options=options)
    assert probe(path).duration_ms == pytest.approx(SECONDS * 1000, abs=100)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(AudioError, match="the recording is cut off"):
        probe(path)


def test_mp3_with_a_tag_is_measured_behind_it(tmp_path: Path):
    """The size stated in an MP3 does not include the tag before its first frame."""
    plain = write_recording(tmp_path / "a.mp3", [(0, 5000)], codec="mp3").read_bytes()
    # The muxer writes a short tag; replace it with one the size of a picture.
    frames = plain[10 + (plain[8] << 7 | plain[9]) :] if plain.startswith(b"ID3") else plain
    tag = b"ID3\x03\0\0" + bytes([0, 4, 0, 0]) + bytes(4 << 14)
    path = tmp_path / "tagged.mp3"
    path.write_bytes(tag + frames)
    assert probe(path).duration_ms == pytest.approx(5000, abs=100)
    path.write_bytes((tag + frames)[: -len(frames) // 4])
    with pytest.raises(AudioError, match=f"cut off \\({len(tag) + len(frames):,} bytes are promised"):
        probe(path)


@pytest.mark.parametrize("stated", [0, 0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000])
def test_wav_of_unknown_length(tmp_path: Path, media: Path, stated: int):
    """A WAV written to a pipe, with no stated length or an endless one, counts as complete."""
    content = bytearray((media / "hello.wav").read_bytes())
    content[4:8] = struct.pack("<I", stated)
    data = content.index(b"data") + 4
    content[data : data + 4] = struct.pack("<I", min(stated or 0xFFFFFFFF, 0xFFFFFFFF))
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    assert len(b"".join(probe(path).pcm())) == pytest.approx(2 * 16 * 2270, rel=0.01)


def test_wav_whose_header_is_a_little_off(tmp_path: Path, media: Path):
    """A size that is wrong by the size of a header, as some programs write it, does not count as missing data."""
    content = bytearray((media / "hello.wav").read_bytes())
    content[4:8] = struct.pack("<I", len(content) + 36)
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    assert probe(path).duration_ms == 2270


def test_what_it_finds(media: Path):
    """Probing returns name, media type, size and length without decoding."""
    recording = probe(media / "hello.m4a")
    assert (recording.filename, recording.media_type) == ("hello.m4a", "audio/mp4")
    assert recording.size_bytes == (media / "hello.m4a").stat().st_size
    assert recording.duration_ms == 2270
    with recording.open() as file:
        assert file.read() == (media / "hello.m4a").read_bytes()


def test_film_without_sound(media: Path):
    """A film without an audio track is an error that says so."""
    with pytest.raises(AudioError, match="it has no audio track"):
        probe(media / "no_audio.mp4")


def test_folder_and_device(tmp_path: Path):
    """Folders and devices are not opened."""
    with pytest.raises(AudioError, match="it is a folder"):
        probe(tmp_path)
    with pytest.raises(AudioError, match="it is not a regular file"):
        probe(type(tmp_path)(os.devnull))


@given(st.text(min_size=1, max_size=50), st.sampled_from(sorted(MEDIA_EXTENSIONS)))
def test_file_names_on_the_wire_are_plain(name: str, extension: str):
    """For any file name, the name sent to servers is plain enough for every parser."""
    plain = plain_filename(f"{name}.{extension}", extension)
    assert plain.isascii()
    assert plain.isprintable()
    assert plain.lower().endswith(f".{extension}")
    assert not set(plain) & set("\"\\%'")


@pytest.mark.parametrize(
    ("name", "format_names", "extension"),
    [
        ("talk.MP3", "mp3", "mp3"),
        ("talk.opus", "ogg", "ogg"),
        ("talk.oga", "ogg", "ogg"),
        ("mp3", "wav", "wav"),
        ("talk", "mov,mp4,m4a,3gp,3g2,mj2", "mp4"),
        ("talk.part", "matroska,webm", "webm"),
        ("", "matroska,webm", "webm"),
        ("", "ogg", "ogg"),
        ("", "wav", "wav"),
        ("", "flac", "flac"),
        ("film.MOV", "mov,mp4,m4a,3gp,3g2,mj2", "mov"),
    ],
)
def test_extension_on_the_wire(name: str, format_names: str, extension: str):
    """The file's own extension is kept if servers know it; otherwise the container's extension is used."""
    assert choose_extension(name, format_names) == extension


def test_spool_keeps_and_forgets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Spooled standard input is readable only by its user and removed when it is no longer needed."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with spool(io.BytesIO(b"sound" * 1000), Scratch()) as path:
        assert path.read_bytes() == b"sound" * 1000
        assert os.name == "nt" or path.parent.stat().st_mode & 0o077 == 0
        kept = path
    assert not kept.parent.exists()
    with pytest.raises(KeyError), spool(io.BytesIO(b"sound"), Scratch()) as path:
        raise KeyError
    assert list(tmp_path.iterdir()) == []


class Failing(io.BytesIO):
    """A stream that fails when it is read."""

    def read(self, size: int | None = -1) -> bytes:
        """Fail."""
        raise OSError(5, f"no {size}")


def test_spool_of_what_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A stream that fails midway is an error, and the part already spooled is removed."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(AudioError, match="standard input cannot be read"), spool(Failing(), Scratch()):
        pass
    assert list(tmp_path.iterdir()) == []


def test_refusals_of_the_system():
    """Messages for failed reads say what to do."""
    assert str(unreadable(FileNotFoundError(2, "no"))) == "no such file: check the path"
    assert str(unreadable(PermissionError(13, "no"))) == "no permission to read it: check the file's permissions"
    assert str(unreadable(OSError(5, "no"))).startswith("cannot be read (Input/output error): ")


@pytest.mark.parametrize("name", ["long_subtitle.mkv", "late_subtitle.mkv"])
def test_a_track_that_is_longer_than_the_sound(media: Path, name: str):
    """Subtitles that end hours after the sound make it neither longer nor cut off."""
    recording = probe(media / name)
    assert recording.duration_ms == pytest.approx(2280, abs=40)
    assert sum(map(len, recording.pcm())) / 32 == pytest.approx(2280, abs=40)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_cut_film_with_subtitles(media: Path, tmp_path: Path, share: float):
    """A Matroska file with subtitles whose end is missing is still refused."""
    content = (media / "long_subtitle.mkv").read_bytes()
    path = tmp_path / "a.mkv"
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(AudioError, match="cut off"):
        probe(path)
