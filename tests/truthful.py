"""A server that knows a recording's words and answers each piece with exactly the words in it."""

from __future__ import annotations

import array
import functools
import io
import json
import wave
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loopback import LoopbackServer, Reply, json_reply

from anyscribe.audio.decode import decode
from anyscribe.request import PCM_BYTES_PER_MS, PCM_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loopback import Request

SAMPLES = Path(__file__).parent.parent / "samples"
KEEP_BYTES = 64 << 20
_MARK_BYTES = 8_000


@dataclass(frozen=True)
class SpokenWord:
    """A word and when the synthesiser spoke it, in milliseconds from the recording's start."""

    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class Spoken:
    """A recording whose every word is known.

    Args:
        pcm: The decoded audio.
        words: The spoken words, in order.
    """

    pcm: bytes
    words: Sequence[SpokenWord]

    @property
    def duration_ms(self) -> int:
        """The length in milliseconds."""
        return len(self.pcm) // PCM_BYTES_PER_MS

    @property
    def text(self) -> str:
        """The text of the whole recording."""
        return " ".join(word.text for word in self.words)


@functools.cache
def library(times: int = 1, *, gap_ms: int = 700) -> Spoken:
    """Return the sample, repeated; each repetition is slightly louder or softer, so that no two are the same.

    Args:
        times: The number of repetitions.
        gap_ms: The silence after each, in milliseconds.
    """
    once = b"".join(decode(io.BytesIO((SAMPLES / "library.flac").read_bytes())))
    known = json.loads((SAMPLES / "library.words.json").read_bytes())
    text = (SAMPLES / "library.txt").read_text(encoding="utf-8").split()
    pcm = bytearray()
    words: list[SpokenWord] = []
    for number in range(times):
        offset_ms = len(pcm) // PCM_BYTES_PER_MS
        samples = array.array("h", once)
        pcm += array.array("h", (sample * (64 + number) // 96 for sample in samples)).tobytes()
        pcm += bytes(PCM_BYTES_PER_MS * gap_ms)
        words += [
            SpokenWord(written, offset_ms + round(word["start"] * 1000), offset_ms + round(word["end"] * 1000))
            for written, word in zip(text, known, strict=True)
        ]
    return Spoken(bytes(pcm), tuple(words))


@dataclass
class Heard:
    """One request of a run: what it sent, and its place in the recording, in samples."""

    filename: str
    size_bytes: int
    start_sample: int
    end_sample: int
    fields: dict[str, list[str]]
    words: list[SpokenWord] = field(default_factory=list)


class TruthfulServer(LoopbackServer):
    """A server that answers with the words of a recording, and refuses requests as OpenAI's servers do.

    Args:
        spoken: The recording that requests are about.
        formats: The supported response formats.
        max_bytes: The largest accepted body in bytes; None accepts any.
        max_ms: The longest accepted audio in milliseconds; None accepts any.
        language: The language in ``verbose_json`` replies.
        speed: How many times faster than real time it works; 0 means at once.
    """

    def __init__(  # noqa: PLR0913 - keyword arguments
        self,
        spoken: Spoken,
        *,
        formats: Sequence[str] = ("json", "text"),
        max_bytes: int | None = None,
        max_ms: int | None = None,
        language: str = "english",
        speed: float = 0,
    ) -> None:
        super().__init__(keep_bytes=KEEP_BYTES)
        self.spoken = spoken
        self.formats = tuple(formats)
        self.max_bytes = max_bytes
        self.max_ms = max_ms
        self.language = language
        self.speed = speed
        self.heard: list[Heard] = []
        self.answer(self.truth)

    def truth(self, request: Request) -> Reply:
        """Answer with the words in the uploaded audio."""
        wanted = request.fields.get("response_format", ["json"])[0]
        if self.max_bytes is not None and request.length > self.max_bytes:
            message = f"Maximum content size limit ({self.max_bytes}) exceeded ({request.length} bytes read)"
            return _refusal(413, message, None, "")
        if wanted not in self.formats:
            message = f"response_format '{wanted}' is not compatible with model 'm'. Use 'json' or 'text' instead."
            return _refusal(400, message, "response_format", "unsupported_value")
        part = request.part("file")
        pcm = b"".join(decode(io.BytesIO(part.body)))
        duration_ms = len(pcm) // PCM_BYTES_PER_MS
        if self.max_ms is not None and duration_ms > self.max_ms:
            longest = f"{self.max_ms / 1000:g} seconds which is the maximum for this model"
            message = f"audio duration {duration_ms / 1000:g} seconds is longer than {longest}"
            return _refusal(400, message, None, "invalid_value")
        start = self._find(pcm)
        heard = Heard(part.filename or "", part.length, start, start + len(pcm) // 2, request.fields)
        start_ms, end_ms = start / 16, (start + len(pcm) // 2) / 16
        heard.words = [word for word in self.spoken.words if start_ms <= (word.start_ms + word.end_ms) / 2 < end_ms]
        self.heard.append(heard)
        reply = self._rendered(wanted, heard, duration_ms)
        return reply if not self.speed else _late(reply, duration_ms / 1000 / self.speed)

    def _find(self, pcm: bytes) -> int:
        """Return where in the recording a piece starts, in samples, found by its loudest part."""
        starts = range(0, max(1, len(pcm) - _MARK_BYTES), _MARK_BYTES)
        loudest = max(starts, key=lambda at: sum(map(abs, array.array("h", pcm[at : at + _MARK_BYTES]))))
        found = self.spoken.pcm.find(pcm[loudest : loudest + _MARK_BYTES])
        assert found >= 0, "the piece is not of the recording"
        start = found - loudest
        assert self.spoken.pcm[start : start + len(pcm)] == pcm, "the piece is not as it was in the recording"
        return start // 2

    def _rendered(self, wanted: str, heard: Heard, duration_ms: int) -> Reply:
        text = " ".join(word.text for word in heard.words)
        if wanted == "text":
            return Reply(body=f"{text}\n".encode(), content_type="text/plain")
        usage = {"type": "duration", "seconds": -(-duration_ms // 1000)}
        if wanted == "json":
            return json_reply({"text": text, "usage": usage})
        offset_ms = heard.start_sample / 16
        words: list[Any] = [
            {"word": word.text, "start": (word.start_ms - offset_ms) / 1000, "end": (word.end_ms - offset_ms) / 1000}
            for word in heard.words
        ]
        segments = [{"id": 0, "start": words[0]["start"], "end": words[-1]["end"], "text": text} for _ in words[:1]]
        members = {"task": "transcribe", "language": self.language, "duration": duration_ms / 1000, "text": text}
        return json_reply({**members, "segments": segments, "words": words, "usage": usage})


def _late(reply: Reply, delay_s: float) -> Reply:
    return Reply(reply.status, reply.body, reply.content_type, delay_s=delay_s)


def _refusal(status: int, message: str, param: str | None, code: str) -> Reply:
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return json_reply({"error": error}, status)


def write_wav(path: Path, spoken: Spoken) -> Path:
    """Write a recording as an uncompressed file, which the program decodes to exactly the same samples.

    Args:
        path: The file to write.
        spoken: The recording.
    """
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, PCM_RATE_HZ, 0, "NONE", "not compressed"))
        file.writeframes(spoken.pcm)
    return path
