"""Make this folder's recordings: two texts in languages that cannot be aligned, and instrumental music.

The tests need only the files, which are committed. Making them again needs espeak-ng's library and the programs sox and
ffmpeg. The same versions produce identical bytes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
SPEAK = HERE.parent.parent.parent / "bench" / "espeak.py"
MUSIC_S = 8
CHORDS_HZ = ((110, 138.6, 164.8), (146.8, 185, 220), (164.8, 207.7, 246.9), (110, 138.6, 164.8))
MELODY_HZ = (440, 554.4, 659.3, 587.3, 554.4, 493.9, 440, 370)


def main() -> None:
    """Make every file of the folder that is not a text."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        for voice in ("de", "cmn"):
            wav = scratch / f"{voice}.wav"
            subprocess.run([sys.executable, str(SPEAK), voice, str(HERE / f"{voice}.txt"), str(wav)], check=True)
            onsets = wav.with_suffix(".onsets.json").read_text(encoding="utf-8")
            (HERE / f"{voice}.onsets.json").write_text(onsets, encoding="utf-8")
            encode(wav)
        encode(play(scratch))


def play(scratch: Path) -> Path:
    """Synthesise chords of two seconds each and, above them, a melody of half-second notes."""
    chords = [tones(scratch / f"chord{i}.wav", MUSIC_S / 4, chord) for i, chord in enumerate(CHORDS_HZ)]
    notes = [tones(scratch / f"note{i}.wav", 0.5, (note, 2 * note)) for i, note in enumerate(MELODY_HZ * 2)]
    below, above, music = scratch / "below.wav", scratch / "above.wav", scratch / "music.wav"
    sox(*map(str, chords), str(below))
    sox(*map(str, notes), str(above))
    sox("-m", str(below), str(above), str(music), "gain", "-n", "-6")
    return music


def tones(path: Path, length_s: float, frequencies_hz: tuple[float, ...]) -> Path:
    """Synthesise plucked strings."""
    voices = [part for frequency in frequencies_hz for part in ("pluck", str(frequency))]
    sox("-r", "48000", "-c", str(len(frequencies_hz)), "-n", str(path), "synth", str(length_s), *voices, "remix", "-")
    return path


def sox(*arguments: str) -> None:
    """Run sox with repeatable random numbers."""
    command = ["sox", "-R", *arguments]
    subprocess.run(command, check=True)


def encode(wav: Path) -> None:
    """Encode a recording into this folder at a low bit rate."""
    same = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]
    opus = ["-ac", "1", "-c:a", "libopus", "-b:a", "24k", "-vbr", "off"]
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(wav), *opus, *same, str(HERE / f"{wav.stem}.opus")]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
