"""Speakers on the command line: whom the server names, what they are called, and who is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from failures import the_error
from loopback import json_reply

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer, Reply
    from programs import Program

SAID = [("A", "Hello there.", 0.2, 1.0), ("speaker_1", "Good morning.", 1.1, 1.6), ("A", "Bye.", 1.7, 2.0)]


def reply() -> Reply:
    """Return what a server says that names speakers."""
    segments = [
        {"id": index, "start": start, "end": end, "text": text, "speaker": speaker}
        for index, (speaker, text, start, end) in enumerate(SAID)
    ]
    text = " ".join(text for _, text, *_ in SAID)
    return json_reply({"text": text, "language": "english", "duration": 2.0, "segments": segments})


def named_by(anyscribe: Program, server: LoopbackServer, media: Path, *flags: str) -> list[str | None]:
    """Return the speakers of a run's segments."""
    server.answer(reply())
    run = anyscribe(media / "hello.wav", "-f", "verbose_json", *flags, base_url=server.url)
    assert run.code == 0, run.err
    return [segment.get("speaker") for segment in run.json["segments"]]


@pytest.mark.parametrize(("flags", "named"), [
    ([], ["A", "speaker_1", "A"]),
    (["--speakers", "server", "--speaker", "a=Maria"], ["Maria", "speaker_1", "Maria"]),
    (["--speaker", "A=Maria Schmidt", "--speaker", "1=Jo"], ["Maria Schmidt", "Jo", "Maria Schmidt"]),
    (["--speakers", "no", "--speaker", "A=Maria"], [None, None, None]),
])  # fmt: skip
def test_what_speakers_are_called(
    anyscribe: Program, server: LoopbackServer, media: Path, flags: list[str], named: list[str | None]
) -> None:
    """Names that servers give are replaced by the user's, by the name or its number; or they are left out."""
    assert named_by(anyscribe, server, media, *flags) == named


def test_names_from_a_file(anyscribe: Program, server: LoopbackServer, media: Path, tmp_path: Path) -> None:
    """A file has one name a line; a name on the command line outweighs it."""
    (tmp_path / "who.txt").write_text("# the panel\n\nA = Maria\n1=Jo\n", encoding="utf-8")
    flags = ("--speakers-file", str(tmp_path / "who.txt"), "--speaker", "A=Ann")
    assert named_by(anyscribe, server, media, *flags) == ["Ann", "Jo", "Ann"]


def test_own_subtitles_of_a_server_get_names(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """What a server rendered is rendered again if its speakers are called otherwise."""
    server.answer(reply())
    run = anyscribe(media / "hello.wav", "-f", "vtt", "--speaker", "A=Maria", "--speaker", "B=Jo", base_url=server.url)
    assert "<v Maria>Hello there." in run.text
    assert "nobody is called B: there are A, speaker_1" in run.err


@pytest.mark.parametrize(("flags", "message"), [
    (["--speaker", "Maria"], "--speaker Maria: not of the form SPEAKER=NAME"),
    (["--speaker", "A="], "--speaker A=: not of the form SPEAKER=NAME"),
    (["--speakers-file", "nowhere.txt"], "--speakers-file nowhere.txt: No such file"),
    (["--speakers", "channels", "--channels", "2"], "--speakers channels and --channels 2 exclude each other"),
    (["--speakers", "server", "--channels", "split"], "exclude each other"),
    (["--speakers", "channels", "--stream"], "--speakers channels and --stream exclude each other"),
])  # fmt: skip
def test_what_cannot_be_said_of_speakers(
    anyscribe: Program, server: LoopbackServer, media: Path, flags: list[str], message: str
) -> None:
    """Wrong flags are refused before anything is sent."""
    assert message in the_error(anyscribe(media / "hello.wav", *flags, base_url=server.url), 2)
    assert not server.requests
