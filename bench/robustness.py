"""Whether broken media files and broken replies ever crash the program, hang it, or end it without a word.

Media files of every kind in `tests/media` are damaged, cut, joined and rewritten at random, and each is transcribed by
a process of its own with a loopback server. Replies in every format are damaged likewise, and read by the command line
inside this process. Every run has to end within ten seconds, with a documented exit code, with a transcript or a
message but never with half of one, without a traceback, and without calling itself defective.

    python bench/robustness.py [--media 300] [--replies 10000] [--seed 1]

The seed of each failure is printed: `--seed N --media 1` or `--seed N --replies 1` runs it again.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import re
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from loopback import LoopbackServer, Reply, json_reply

from anyscribe.cli.command_line import run
from anyscribe.cli.exit_codes import ExitCode
from anyscribe.cli.invocation import Invocation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT: Final = Path(__file__).parent.parent
_LONGEST_S: Final = 10.0
_CODES: Final = frozenset(int(code) for code in ExitCode)
_TELLTALE: Final = re.compile(r"Traceback|defect|Segmentation|core dumped|RecursionError|MemoryError")
_TEXT: Final = "It was the best of times, it was the worst of times. Mr. Smith said: 3.5 million, or so!"
_SEGMENTS: Final = [
    {"id": 0, "seek": 0, "start": 0.0, "end": 1.1, "text": " It was the best of times,", "tokens": [1, 2],
     "temperature": 0.0, "avg_logprob": -0.2, "compression_ratio": 1.2, "no_speech_prob": 0.01},
    {"id": 1, "seek": 0, "start": 1.1, "end": 2.2, "text": " it was the worst of times.", "speaker": "A"},
]  # fmt: skip
_WORDS: Final = [{"word": "It", "start": 0.0, "end": 0.2}, {"word": "was", "start": 0.2, "end": 0.4}]
_ODD: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1e308, -1e308, 1e18, 1700000000, 1700000000123456789, 10**400, 0.1, "", "0", "-1", "1.5s",
    "00:00:09", "NaN", "\ud800", "\u202e", "\0", "<div>", "\x1b[31m", "a" * 5000, [], [[]], {}, {"text": "x"}, [None],
    [1, "a", {}], {"a": {"b": {"c": [1]}}}, "none", "error",
)  # fmt: skip
_TYPES: Final = (
    "application/json", "text/plain", "text/plain; charset=utf-16", "text/html", "text/event-stream", "text/vtt",
    "application/octet-stream", "application/x-subrip", "image/png", "", "json", "text/plain; charset=nope",
)  # fmt: skip


def main() -> int:
    """Run both parts and print a table; the exit code is 1 if anything failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--media", type=int, default=300)
    parser.add_argument("--replies", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    failures = 0
    for name, count, once in (("media files", arguments.media, try_media), ("replies", arguments.replies, try_reply)):
        if not count:
            continue
        started = time.monotonic()
        codes: Counter[int] = Counter()
        slowest_s, failed = 0.0, 0
        with environment() as folder:
            for seed, code, seconds, fault in tried(once, range(arguments.seed, arguments.seed + count), folder):
                codes[code] += 1
                slowest_s = max(slowest_s, seconds)
                if fault:
                    failed += 1
                    print(f"  seed {seed}: {fault}", flush=True)
        failures += failed
        ended = ", ".join(f"{code}: {number}" for code, number in sorted(codes.items()))
        took_s = time.monotonic() - started
        print(
            f"{count} {name}, seeds from {arguments.seed}: {failed} failures; slowest {slowest_s:.1f} s; {took_s:.0f} s"
        )
        print(f"  exit codes {ended}")
    return 1 if failures else 0


Outcome = tuple[int, int, float, str]
"""A seed, the exit code, the seconds it took, and what was wrong; an empty string if nothing was."""


def tried(once: Callable[[int, Path, LoopbackServer], Outcome], seeds: range, folder: Path) -> Iterator[Outcome]:
    """Yield the outcome of each seed; two run at a time if they are processes."""
    with LoopbackServer() as server, ThreadPoolExecutor(2 if once is try_media else 1) as executor:
        yield from executor.map(lambda seed: once(seed, folder, server), seeds)


@contextlib.contextmanager
def environment() -> Iterator[Path]:
    """Yield a temporary folder, and let runs keep everything there."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def variables(folder: Path, url: str) -> dict[str, str]:
    """Return the environment of a run."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANYSCRIBE_", "OPENAI_"))}
    return {
        **kept,
        "ANYSCRIBE_BASE_URL": url,
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_DATA_HOME": str(folder / "data"),
        "TMPDIR": str(folder),
    }


def _perhaps(source: random.Random, percent: int) -> bool:
    return source.randrange(100) < percent


def fault_of(code: int, out: bytes, err: str, seconds: float) -> str:
    """Say what is wrong with a run; empty if nothing is."""
    if seconds > _LONGEST_S:
        return f"took {seconds:.1f} s"
    if code not in _CODES:
        return f"ended with {code}: {err[-300:]}"
    if _TELLTALE.search(err):
        return f"fell over its own feet: {err[-600:]}"
    if code and not err.strip():
        return f"ended with {code} and no message"
    if code and out:
        return f"ended with {code} and half a transcript: {out[:200]!r}"
    return ""


# Media.


def try_media(seed: int, folder: Path, server: LoopbackServer) -> Outcome:
    """Transcribe a damaged media file with a process."""
    source = random.Random(seed)  # noqa: S311 - repeatable, not secret
    server.answer(json_reply({"text": _TEXT}))
    originals = sorted(
        path for path in (ROOT / "tests" / "media").iterdir() if path.suffix not in {".py", ".txt", ".json"}
    )
    originals = [path for path in originals if path.is_file() and path.stat().st_size]
    original = source.choice(originals)
    content = bytearray(original.read_bytes())
    for _ in range(source.choice((1, 1, 2, 5))):
        content = source.choice(_MEDIA_MUTATIONS)(source, content, originals)
    path = folder / f"{seed}{original.suffix if _perhaps(source, 80) else source.choice(('.mp3', '.wav', '.mkv', ''))}"
    path.write_bytes(content)
    flags = ["-f", source.choice(("text", "json", "srt", "verbose_json")), "-o", "-", "--retries", "0", "--no-align"]
    flags += source.choice(
        ([], [], ["--channels", "split"], ["--channels", "1"], ["--upload", "flac"], ["--upload", "opus"])
    )
    command = [sys.executable, "-m", "anyscribe", str(path), *flags]
    started = time.monotonic()
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=60, check=False, env=variables(folder, server.url), cwd=folder
        )
        code, out, err = done.returncode, done.stdout, done.stderr.decode(errors="replace")
    except subprocess.TimeoutExpired:
        code, out, err = 0, b"", ""
    seconds = time.monotonic() - started
    path.unlink()
    fault = fault_of(code, out, err, seconds)
    return seed, code, seconds, f"{original.name}: {fault}" if fault else ""


def _cut(source: random.Random, content: bytearray, _others: list[Path]) -> bytearray:
    return content[: source.randrange(1, len(content) + 1)]


def _flip(source: random.Random, content: bytearray, _others: list[Path]) -> bytearray:
    for _ in range(source.choice((1, 10, 300))):
        content[source.randrange(len(content))] = source.randrange(256)
    return content


def _flip_head(source: random.Random, content: bytearray, _others: list[Path]) -> bytearray:
    for _ in range(source.choice((1, 3, 10))):
        content[source.randrange(min(len(content), 400))] = source.choice(
            (0, 1, 0x7F, 0x80, 0xFF, source.randrange(256))
        )
    return content


def _number(source: random.Random, content: bytearray, _others: list[Path]) -> bytearray:
    at = source.randrange(min(len(content), 2000))
    number = struct.pack(source.choice("<>") + "I", source.choice((0, 1, 2, 255, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000)))
    content[at : at + 4] = number
    return content


def _drop(source: random.Random, content: bytearray, _others: list[Path]) -> bytearray:
    at = source.randrange(len(content))
    del content[at : at + source.choice((1, 100, 5000))]
    return content or bytearray(b"\0")


def _insert(source: random.Random, content: bytearray, _others: list[Path]) -> bytearray:
    at = source.randrange(len(content))
    content[at:at] = source.choice((bytes(3000), source.randbytes(3000), bytes(content[:3000])))
    return content


def _join(source: random.Random, content: bytearray, others: list[Path]) -> bytearray:
    return content + (content if _perhaps(source, 50) else source.choice(others).read_bytes())


def _blank(source: random.Random, content: bytearray, _others: list[Path]) -> bytearray:
    at = source.randrange(len(content))
    length = min(len(content) - at, source.choice((16, 1000, 10_000)))
    content[at : at + length] = source.choice((bytes(length), b"\xff" * length))
    return content


_MEDIA_MUTATIONS: Final = (_cut, _flip, _flip_head, _flip_head, _number, _number, _drop, _insert, _join, _blank)


# Replies.


def try_reply(seed: int, folder: Path, server: LoopbackServer) -> Outcome:
    """Read a damaged reply with the command line."""
    source = random.Random(seed)  # noqa: S311 - repeatable, not secret
    body, content_type = _reply(source)
    status = source.choice((200, 200, 200, 200, 200, 200, 400, 401, 413, 429, 500))
    headers = {"Retry-After": "0"} if status in {429, 500} else {}
    server.answer(Reply(status, bytes(body), content_type or None, headers=headers))
    name = source.choice(("text", "json", "verbose_json", "srt", "vtt", "md"))
    flags = ["-f", name, "-m", source.choice(("whisper-1", "gpt-4o-transcribe")), "--retries", "0", "-o", "-"]
    flags += source.choice(([], [], ["--stream"], ["--no-check"], ["-v"]))
    recording = ROOT / "tests" / "media" / "hello.wav"
    out, err = io.BytesIO(), io.BytesIO()
    invocation = Invocation(
        io.TextIOWrapper(io.BytesIO()),
        stdout := io.TextIOWrapper(out, encoding="utf-8"),
        stderr := io.TextIOWrapper(err, encoding="utf-8", errors="backslashreplace"),
        variables(folder, server.url),
    )
    started = time.monotonic()
    try:
        code = run([str(recording), *flags], invocation)
        stdout.flush()
        stderr.flush()
    except Exception as error:  # noqa: BLE001 - what is searched for
        code, err = -1, io.BytesIO(repr(error).encode())
    seconds = time.monotonic() - started
    # What a stream has shown cannot be taken back.
    shown = b"" if "--stream" in flags else out.getvalue()
    fault = fault_of(code, shown, err.getvalue().decode(errors="replace"), seconds)
    return seed, code, seconds, f"{content_type} {bytes(body[:120])!r}: {fault}" if fault else ""


def _reply(source: random.Random) -> tuple[bytearray, str]:
    kind = source.choice(("json", "json", "json", "srt", "vtt", "text", "stream", "stream"))
    usual = {"json": "application/json", "stream": "text/event-stream", "vtt": "text/vtt"}.get(kind, "text/plain")
    content_type = usual if _perhaps(source, 80) else source.choice(_TYPES)
    if kind == "json":
        value = _odd_members(source, _verbose())
        if _perhaps(source, 10):
            value = [value]
        text = json.dumps(value, ensure_ascii=_perhaps(source, 50))
    elif kind == "stream":
        text = _stream(source)
    else:
        text = {"srt": _SRT, "vtt": _VTT, "text": _TEXT}[kind]
    body = bytearray(text.encode("utf-8", "surrogatepass"))
    for _ in range(source.choice((0, 0, 1, 1, 3))):
        body = source.choice(_REPLY_MUTATIONS)(source, body, [])
    return body, content_type


_SRT: Final = (
    "1\n00:00:00,000 --> 00:00:01,100\nIt was the best of times,\n\n2\n00:00:01,100 --> 00:00:02,200\nit was.\n\n"
)
_VTT: Final = "WEBVTT\n\n00:00.000 --> 00:01.100\n<v A>It was the best of times,\n\n00:01.100 --> 00:02.200\nit was.\n"


def _verbose() -> dict[str, Any]:
    document = {"task": "transcribe", "language": "english", "duration": 2.27, "text": _TEXT, "segments": _SEGMENTS}
    return json.loads(json.dumps({**document, "words": _WORDS, "usage": {"type": "duration", "seconds": 3}}))


def _odd_members(source: random.Random, value: dict[str, Any]) -> dict[str, Any]:
    for _ in range(source.choice((0, 1, 1, 2, 6))):
        place = source.choice([value, value, *value.get("segments", []), *value.get("words", [])])
        if not isinstance(place, dict):
            continue
        name = source.choice([*place, "error", "detail", "speaker", "words", "segments", "text", "logprobs"])
        place[name] = source.choice(_ODD)
        if not isinstance(value.get("segments", []), list) or not isinstance(value.get("words", []), list):
            break
    return value


def _stream(source: random.Random) -> str:
    events = [{"type": "transcript.text.delta", "delta": part} for part in _TEXT.split(" ")]
    events += source.choice((
        [{"type": "transcript.text.done", "text": _TEXT}],
        [{"choices": [{"delta": {"content": " Hi"}, "finish_reason": "stop"}]}],
        [{"id": 1, "start": 0.4, "end": 1.2, "text": "Hi"}],
        [{"error": {"message": "no"}}],
        [],
    ))  # fmt: skip
    for _ in range(source.choice((0, 1, 3))):
        event = source.choice(events)
        event[source.choice([*event, "type", "error"])] = source.choice(_ODD)  # type: ignore[assignment]
    end = source.choice(("data: [DONE]\n\n", "", "data: [DONE]"))
    return "".join(f"data: {json.dumps(event)}\n\n" for event in events) + end


_REPLY_MUTATIONS: Final = (_cut, _flip, _drop, _insert, _blank, _number)

if __name__ == "__main__":
    sys.exit(main())
