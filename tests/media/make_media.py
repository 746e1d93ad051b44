"""Make the recordings for the tests, valid and broken ones, from two spoken texts.

The tests need only the files, which are committed. Making them again needs flite (through the sample's script) and the
program ffmpeg. The same versions of both produce identical bytes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SPEAK = HERE.parent.parent / "samples" / "make_library.py"
# Low bit rates keep the folder small.
AAC = ("-c:a", "aac", "-b:a", "32k")
OPUS = ("-c:a", "libopus", "-b:a", "24k", "-vbr", "off")


def main() -> None:
    """Make every file of the folder that is not a text."""
    speak("hello", gap_s=0)
    speak("pause", gap_s=2)
    (HERE / "hello.words.json").unlink()  # only needed for the long recordings

    convert("hello.wav")
    convert("hello.mp3", "-c:a", "libmp3lame", "-b:a", "32k")
    convert("hello.m4a", *AAC)
    convert("hello.ogg", "-c:a", "libvorbis", "-q:a", "2")
    convert("hello.webm", *OPUS)
    convert("hello_stereo.flac", "-ar", "44100", "-ac", "2", "-sample_fmt", "s16", "-compression_level", "12")
    convert("hello.mkv", *OPUS, picture=True)
    convert("hello.mov", *AAC)
    convert("film.mp4", *AAC, picture=True)
    subtitled("long_subtitle.mkv", "10:00:00,000 --> 10:00:02,000")
    subtitled("late_subtitle.mkv", "00:00:01,000 --> 10:00:02,000")
    convert("no_audio.mp4", "-an", picture=True)
    convert("truncated.mp4", *AAC, picture=True)
    ffmpeg("-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono:d=3", "-sample_fmt", "s16", str(HERE / "silence.flac"))

    # ffmpeg writes an MP4's index last: the first half has audio, but no index.
    cut("truncated.mp4", HERE / "truncated.mp4")
    # A FLAC states its number of samples at its start: the first half promises twice as many as it holds.
    cut("truncated.flac", HERE / "hello.flac")
    (HERE / "empty.wav").write_bytes(b"")
    prose = "This is a shopping list: bread, milk, apples.\n" * 20
    (HERE / "text.mp3").write_text(prose, encoding="utf-8", newline="\n")


def speak(stem: str, *, gap_s: float) -> None:
    """Synthesise a text of this folder as a FLAC, with a file of its words' true times."""
    text, flac = HERE / f"{stem}.txt", HERE / f"{stem}.flac"
    subprocess.run([sys.executable, str(SPEAK), str(text), str(flac), "--gap-s", str(gap_s)], check=True)


def convert(name: str, *options: str, picture: bool = False) -> None:
    """Convert the short greeting, to a film with one colour if a picture is wanted."""
    film = ("-f", "lavfi", "-i", "color=c=teal:s=32x32:r=5:d=2", "-map", "0:a", "-map", "1:v", "-c:v", "mpeg4")
    ffmpeg("-i", str(HERE / "hello.flac"), *(film if picture else ()), *options, str(HERE / name))


def subtitled(name: str, times: str) -> None:
    """Write the short greeting with a subtitle track that is longer than it, and no lengths of tracks."""
    subtitles = HERE / "subtitles.srt"
    subtitles.write_text(f"1\n{times}\nThe end.\n", encoding="utf-8")
    ffmpeg("-i", str(HERE / "hello.flac"), "-i", str(subtitles), *OPUS, "-c:s", "srt", str(HERE / name))
    subtitles.unlink()
    content = (HERE / name).read_bytes()
    (HERE / name).write_bytes(content.replace(b"DURATION", b"DURATIOX"))


def ffmpeg(*arguments: str) -> None:
    """Run ffmpeg so that it writes neither its version nor the date."""
    *others, target = arguments
    same = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]
    command = ["ffmpeg", "-v", "error", "-y", *others, *same, target]
    subprocess.run(command, check=True)


def cut(name: str, whole: Path) -> None:
    """Write the first half of a file under this name, which may be the same file."""
    content = whole.read_bytes()
    (HERE / name).write_bytes(content[: len(content) // 2])


if __name__ == "__main__":
    main()
