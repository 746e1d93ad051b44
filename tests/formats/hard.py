"""A transcript with everything that formats find hard."""

from __future__ import annotations

from anyscribe.formats import OUTPUT_FORMATS, Metadata, Provenance
from anyscribe.rendering import RenderOptions, render
from anyscribe.transcript import Segment, Timing, Transcript, Word

_LATE_MS = 100 * 3_600_000
"""A hundred hours."""

TEXTS = (
    ("Ada, B", 0, 'It was <b>5 & "6"</b> --> {no} \\new tag.'),
    ("مريم", 3_000, "أهلا بكم في المكتبة."),
    (None, 6_000, "一二三图书馆。"),
    ("Ada, B", 8_000, "=1+1 [00:01.00] 0:00:01.000,0:00:02.000"),
    ("Zed", 9_000, "Over you!"),
    ("Ada, B", _LATE_MS, "The end\x01."),
)


def hard() -> Transcript:
    """Return it: odd marks and names, several scripts, two who speak at a time, a hundred hours."""
    segments = []
    words = []
    for speaker, start_ms, text in TEXTS:
        said = text.split()
        segments.append(Segment(text, start_ms, start_ms + 300 * len(said), speaker=speaker))
        for number, word in enumerate(said):
            timing = Timing.ALIGNED if number else Timing.SERVER
            begin_ms = start_ms + 300 * number
            words.append(Word(word, begin_ms, begin_ms + 300, 0.9 if number else 0.2, timing, speaker))
    return Transcript(
        " ".join(segment.text for segment in segments), "en", _LATE_MS + 5_000, tuple(segments), tuple(words)
    )


MADE = Provenance("whisper-1", "http://localhost/v1", "2026-05-01", "1.2", "bbc")


def written(name: str, transcript: Transcript, title: str = "My\ntalk <1>", *, made: Provenance | None = MADE) -> str:
    """Write a transcript as a text."""
    document = render(transcript, OUTPUT_FORMATS[name], RenderOptions(metadata=Metadata(title, made)))
    assert isinstance(document, str)
    return document
