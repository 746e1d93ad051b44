"""One track of several is chosen, and what cannot be chosen is said."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import av
import pytest
from audio.tones import tone
from audio.waves import level, write_wav

from anyscribe.audio import Selection, probe
from anyscribe.errors import AudioError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Return a recording with a silent English track and a German one with a tone."""
    path = tmp_path / "film.mka"
    with av.open(str(path), "w") as container:
        streams = []
        for language in ("eng", "deu"):
            stream = container.add_stream("flac", rate=16000)
            stream.layout = "mono"
            stream.metadata["language"] = language
            streams.append(stream)
        for stream, samples in zip(streams, (bytes(32_000), tone(1000, 16_000)), strict=True):
            frame = av.AudioFrame("s16", "mono", 16_000)
            frame.planes[0].update(samples.ljust(frame.planes[0].buffer_size, b"\0"))
            frame.sample_rate = 16_000
            frame.pts = 0
            container.mux([*stream.encode(frame), *stream.encode(None)])
    return path


@pytest.mark.parametrize(
    ("track", "is_loud"),
    [
        (1, False),
        (2, True),
        ("eng", False),
        ("deu", True),
        ("DE", True),
        ("German", True),
        ("ger", True),
        ("en-US", False),
    ],
)
def test_a_track_by_number_or_language(film: Path, track: int | str, is_loud: bool):  # noqa: FBT001 - a case
    """The track that is chosen is the one that is decoded."""
    recording = probe(film, selection=Selection(track))
    assert recording.tracks == ("1 (eng)", "2 (deu)")
    assert (level(array("h", b"".join(recording.pcm()))) > 100) == is_loud


@pytest.mark.parametrize("track", [0, 3, "fra"])
def test_a_track_that_is_not_there(film: Path, track: int | str):
    """The error lists the tracks."""
    with pytest.raises(AudioError) as caught:
        probe(film, selection=Selection(track))
    assert str(track) in caught.value.message
    assert "1 (eng), 2 (deu)" in str(caught.value.remedy)


def test_a_codec_that_is_not_known(tmp_path: Path):
    """A recording in an unknown codec is refused as such, before anything is sent."""
    path = write_wav(tmp_path / "a.wav", [[0] * 1000], tag=0x1234)
    with pytest.raises(AudioError, match="codec is not known"):
        probe(path)
