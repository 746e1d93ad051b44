"""A file's content decides whether it can be sent to servers unchanged, and under which name."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import av
import pytest
from tones import loud_stretches, write_recording

from anyscribe.audio import probe
from anyscribe.audio.containers import MEDIA_TYPES
from anyscribe.batch.names import is_media_name

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("name", "codec", "told"),
    [
        ("a.flac", "flac", "a.flac"),
        ("a.mp3", "mp3", "a.mp3"),
        ("a.mp4", "aac", "a.mp4"),
        ("a.m4a", "aac", "a.m4a"),
        ("a.ogg", "libopus", "a.ogg"),
        ("a.opus", "libopus", "recording.ogg"),
        ("a.oga", "flac", "recording.ogg"),
        ("a.wav", "pcm_s16le", "a.wav"),
        ("a.webm", "libopus", "a.webm"),
        ("a.mkv", "libopus", None),
        ("a.mka", "flac", None),
        ("a.mov", "aac", None),
        ("a.3gp", "aac", None),
        ("a.aac", "aac", None),
        ("a.aiff", "pcm_s16be", None),
        ("a.avi", "mp3", None),
        ("a.caf", "pcm_s16le", None),
        ("a.ts", "aac", None),
        ("a.w64", "pcm_s16le", None),
        ("a.mp2", "mp2", None),
    ],
)
def test_containers_that_servers_know(tmp_path: Path, name: str, codec: str, told: str | None):
    """The contract's nine containers can be sent unchanged; others cannot."""
    recording = probe(write_recording(tmp_path / name, [(0, 1000)], codec=codec, rate_hz=48_000))
    assert recording.is_contract_container == (told is not None)
    assert told is None or recording.filename == told


@pytest.mark.parametrize(
    ("container", "codec", "name", "told"),
    [
        ("mp3", "mp3", "talk.wav", "recording.mp3"),
        ("mp3", "mp3", "talk.mpga", "talk.mpga"),
        ("mp3", "mp3", "talk.mov", "recording.mp3"),
        ("mp3", "mp3", "talk", "recording.mp3"),
        ("mp4", "aac", "talk.m4a", "talk.m4a"),
        ("mp4", "aac", "talk.m4b", "recording.mp4"),
        ("mp4", "aac", "talk.mov", None),
        ("mov", "aac", "talk.mp4", None),
        ("wav", "pcm_s16le", "talk.flac", "recording.wav"),
        ("webm", "libopus", "talk.mkv", "recording.webm"),
        ("mkv", "libopus", "talk.webm", None),
        ("mkv", "libopus", "talk.mp3", None),
        ("aac", "aac", "talk.m4a", None),
    ],
)
def test_names_that_say_something_else(tmp_path: Path, container: str, codec: str, name: str, told: str | None):
    """An extension that belongs to another container is not sent; a server would pick the wrong decoder."""
    path = write_recording(tmp_path / f"a.{container}", [(0, 1000)], codec=codec, rate_hz=48_000)
    recording = probe(path, name=name)
    assert recording.is_contract_container == (told is not None)
    assert told is None or recording.filename == told


READ_BY_CONTENT = {
    "aif aiff aifc": "aiff",
    "amr awb": "amr",
    "asf dvr-ms wm wma wmv": "asf",
    "au snd": "au",
    "bwf rf64 wav wave": "wav",
    "caf": "caf",
    "dff": "iff",
    "divx xvid": "avi",
    "dsf": "dsf",
    "evo m2p mpe mpeg mpg tod vob vro": "mpeg",
    "3gp2 3gpp f4a f4b m4r qt": "mov",
    "gxf": "gxf",
    "m2t m2ts mts tp trp ts": "mpegts",
    "mp1 mpga": "mp3",
    "mxf": "mxf",
    "oga ogm ogv ogx opus spx": "ogg",
    "qcp": "qcp",
    "ra rm rmvb": "rm",
    "voc": "voc",
    "w64": "w64",
    "weba": "matroska",
    "wtv": "wtv",
    "wv": "wv",
}
"""Extensions that FFmpeg has no list of for the container that it finds in the file."""


def test_extensions_are_those_that_ffmpeg_reads():
    """Each extension of a recording belongs to a container that the installed FFmpeg reads."""
    readable = set()
    for name in av.formats_available:
        with contextlib.suppress(ValueError):  # it is one that FFmpeg only writes
            found = av.format.ContainerFormat(name, "r")
            readable |= {*found.extensions, *(f"={one}" for one in found.name.split(","))}
    by_content = {extension: f"={name}" for names, name in READ_BY_CONTENT.items() for extension in names.split()}
    assert [known for known in MEDIA_TYPES if by_content.get(known, known) not in readable] == []


@pytest.mark.parametrize(
    ("container", "codec", "name"),
    [
        ("webm", "libopus", "a.weba"),
        ("m2ts", "mp2", "a.m2ts"),
        ("vob", "mp2", "a.VOB"),
        ("ac3", "ac3", "a.ac3"),
        ("eac3", "eac3", "a.ec3"),
        ("3g2", "aac", "a.3g2"),
        ("asf", "mp3", "a.wma"),
        ("mkv", "flac", "a.mka"),
        ("aac", "aac", "a.aac"),
        ("aiff", "pcm_s16be", "a.aifc"),
        ("caf", "pcm_s16le", "a.caf"),
        ("mp2", "mp2", "a.m2a"),
        ("mp2", "mp2", "a.mpa"),
        ("wv", "wavpack", "a.wv"),
        ("tta", "tta", "a.tta"),
        ("au", "pcm_s16be", "a.snd"),
        ("voc", "pcm_s16le", "a.voc"),
        ("f4v", "aac", "a.f4v"),
        ("g722", "g722", "a.g722"),
        ("avi", "mp3", "a.divx"),
        ("mp4", "aac", "a.m4r"),
        ("mov", "aac", "a.qt"),
        ("wav", "pcm_s16le", "a.wave"),
        ("nut", "mp3", "a.nut"),
        ("wtv", "mp2", "a.wtv"),
    ],
)
def test_recordings_of_other_devices(tmp_path: Path, container: str, codec: str, name: str):
    """A recording under any extension that a folder is searched for can be read."""
    rate_hz = 16_000 if codec == "g722" else 48_000
    write_recording(tmp_path / f"made.{container}", [(0, 1000)], codec=codec, rate_hz=rate_hz).rename(tmp_path / name)
    assert is_media_name(name)
    (loud,) = loud_stretches(b"".join(probe(tmp_path / name).pcm()), shortest_gap_ms=200)
    assert loud[1] - loud[0] == pytest.approx(1000, abs=60)


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.mov"])
def test_film(tmp_path: Path, name: str):
    """A film is told apart from an audio-only file in the same container."""
    assert probe(write_recording(tmp_path / name, [(0, 1000)], codec="aac", picture_ms=1000)).has_video
    assert not probe(write_recording(tmp_path / f"sound-{name}", [(0, 1000)], codec="aac")).has_video


def test_picture_on_the_sleeve_is_no_film(tmp_path: Path):
    """An MP3 with a cover image is not a film."""
    path = write_recording(tmp_path / "a.mp3", [(0, 1000)], codec="mp3")
    frames = path.read_bytes()
    # The smallest possible PNG: one grey pixel.
    png = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010800000000 3a7e9b55"
        "0000000a49444154789c6368000000820081 dd4369ae0000000049454e44ae426082"
    )
    picture = b"\0image/png\0\3\0" + png
    frame = b"APIC" + len(picture).to_bytes(4, "big") + b"\0\0" + picture
    tag = b"ID3\3\0\0\0\0" + bytes([len(frame) >> 7, len(frame) & 0x7F]) + frame
    path.write_bytes(tag + frames)
    recording = probe(path)
    assert recording.is_contract_container
    assert not recording.has_video
