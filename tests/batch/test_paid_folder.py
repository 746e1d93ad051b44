"""A folder of paid work: interrupted, repeated, shared or edited, nothing is paid for twice and nothing is lost."""

from __future__ import annotations

import os
import random
import signal
import time
import wave
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from loopback import Reply, json_reply

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer, Request
    from programs import Program

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")

FLAGS = ("-f", "text", "--no-check")


@pytest.fixture
def program(anyscribe: Program) -> Program:
    """Return the program, which uses its store."""
    anyscribe.keeps_answers = True
    return anyscribe


@pytest.fixture
def talks(tmp_path: Path) -> list[Path]:
    """Return six recordings, each of another noise."""
    source = random.Random(3)  # noqa: S311 - noise
    (tmp_path / "talks").mkdir()
    files = [tmp_path / "talks" / f"{name}.wav" for name in "abcdef"]
    for path in files:
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 16_000, 0, "NONE", ""))
            file.writeframes(source.randbytes(32_000))
    return files


def asked(server: LoopbackServer) -> Counter[str]:
    """Return how often each recording was asked about."""
    return Counter(str(request.part("file").filename) for request in server.requests)


def by_name(request: Request) -> Reply:
    """Answer with the name of what was sent."""
    return json_reply({"text": str(request.part("file").filename)})


def test_two_runs_at_once_are_as_one(program: Program, server: LoopbackServer, talks: list[Path]) -> None:
    """Each recording is asked about once; both runs succeed."""

    def slowly(request: Request) -> Reply:
        return Reply(200, by_name(request).body, delay_s=0.3)

    server.answer(slowly)
    with (
        program.start("talks", *FLAGS, "-j2", base_url=server.url) as one,
        program.start("talks", *FLAGS, "-j2", base_url=server.url) as other,
    ):
        assert (one.wait(30), other.wait(30)) == (0, 0)
    assert asked(server) == Counter(path.name for path in talks)
    assert [path.with_suffix(".txt").read_text() for path in talks] == [f"{path.name}\n" for path in talks]


def test_killed_runs_pay_for_what_was_under_way_at_most(
    program: Program, server: LoopbackServer, talks: list[Path]
) -> None:
    """What had arrived is not asked again, although its result was not written."""
    server.answer(lambda request: by_name(request) if len(server.requests) <= 3 else Reply(delay_s=60))
    with program.start("talks", *FLAGS, "-j1", base_url=server.url) as process:
        server.wait_for_requests(4)
        process.kill()
    for path in talks:
        path.with_suffix(".txt").unlink(missing_ok=True)
    server.answer(by_name)
    run = program("talks", *FLAGS, base_url=server.url)
    assert run.code == 0, run.err
    assert [asked(server)[path.name] for path in talks] == [1, 1, 1, 2, 1, 1]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interruption_waits_for_answers_that_are_paid_for(
    program: Program, server: LoopbackServer, talks: list[Path], number: int, code: int
) -> None:
    """They are kept and written, nothing new is begun, and the lines say so."""
    server.answer(lambda request: Reply(200, by_name(request).body, delay_s=0.6))
    with program.start("talks", *FLAGS, "-j2", base_url=server.url) as process:
        server.wait_for_requests(2)
        time.sleep(0.2)
        process.send_signal(number)
        _, err = process.communicate(timeout=20)
    assert process.returncode == code
    assert "for 2 answers that are paid for; Ctrl-C again stops at once" in err.decode()
    told, figures = err.decode().splitlines()[-2:]
    assert told == "anyscribe: interrupted: 2 done, 4 left; the same command goes on from there"
    assert "min asked about" in figures
    assert len(server.requests) == 2
    server.answer(by_name)
    again = program("talks", *FLAGS, base_url=server.url)
    assert again.err_lines[-2] == "anyscribe: 4 done, 2 already there"
    assert set(asked(server).values()) == {1}
    assert len(talks) == len(server.requests)


def test_a_second_interruption_ends_at_once(program: Program, server: LoopbackServer, talks: list[Path]) -> None:
    """Whatever is still under way."""
    server.answer(Reply(delay_s=60))
    with program.start(talks[0], *FLAGS, base_url=server.url) as process:
        server.wait_for_requests(1)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert b"waiting up to 10 s for 1 answer" in process.stderr.readline()
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        # Half a second is promised; a machine under load may take a little longer.
        assert time.monotonic() - began < 2


def test_own_results_are_rendered_anew_and_edited_ones_stay(
    program: Program, server: LoopbackServer, talks: list[Path]
) -> None:
    """Only if they would look different; without a request."""
    segments = [{"id": 0, "start": 0.0, "end": 0.9, "text": "one two three four five six"}]
    server.answer(json_reply({"text": segments[0]["text"], "segments": segments, "duration": 1.0, "language": "en"}))
    flags = ("talks", "-f", "srt", "-m", "whisper-1", "--no-check")
    assert program(*flags, "--max-line-chars", "40", base_url=server.url).code == 0
    count = len(server.requests)
    first = {path: path.with_suffix(".srt").read_text() for path in talks}
    assert program(*flags, "--max-line-chars", "40", base_url=server.url).err_lines[-1] == (
        "anyscribe: 0 done, 6 already there"
    )
    talks[0].with_suffix(".srt").write_text("edited")
    run = program(*flags, "--max-line-chars", "12", base_url=server.url)
    assert "anyscribe: 5 done, 1 already there" in run.err_lines
    assert talks[0].with_suffix(".srt").read_text() == "edited"
    assert all(path.with_suffix(".srt").read_text() != first[path] for path in talks[1:])
    assert len(server.requests) == count


def test_a_server_that_cannot_be_reached_ends_the_run(program: Program, talks: list[Path]) -> None:
    """After three recordings in a row; the others are counted once."""
    run = program("talks", *FLAGS, "-j1", "--retries", "0", base_url="http://127.0.0.1:9/v1")
    assert run.code == 5
    assert run.err_lines[-1] == f"anyscribe: not tried for the same reason: {len(talks) - 3}"


def test_dry_run_sends_and_writes_nothing(program: Program, server: LoopbackServer, talks: list[Path]) -> None:
    """It says what each recording would take, and knows what the store has."""
    server.answer(by_name)
    assert program(talks[0], "--no-check", base_url=server.url).code == 0
    before = sorted(talks[0].parent.iterdir())
    run = program("talks", *FLAGS, "--dry-run", "--price-per-minute", "0.6", base_url=server.url)
    assert (run.code, run.err) == (0, ""), run.err
    lines = run.text.splitlines()
    assert lines[0].endswith("talks/a.wav: 0.0 min, in the store: nothing is sent \u2192 talks/a.txt")
    assert "1 request, 0.0 MB, cost 0.010 \u2192 talks/b.txt" in lines[1]
    assert lines[-1].startswith("in all: 6 recordings, 0 already there; 0.1 min to transcribe, about 5 requests")
    assert len(server.requests) == 1
    assert sorted(talks[0].parent.iterdir()) == before


def test_pieces_are_forecast(program: Program, server: LoopbackServer, talks: list[Path]) -> None:
    """Hardly fewer than are really sent: cuts are made in pauses."""
    with wave.open(str(talks[0]), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(random.Random(4).randbytes(12 * 32_000))  # noqa: S311 - noise
    flags = (talks[0], "--no-check", "--max-seconds", "5")
    run = program(*flags, "--dry-run", base_url=server.url)
    assert "about 3 requests" in run.text.splitlines()[0]
    assert program(*flags, base_url=server.url).code == 0
    assert 3 <= len(server.requests) <= 4


@pytest.mark.parametrize(
    "limit", [("--max-minutes", "0.055"), ("--max-cost", "0.055", "--price-per-minute", "1")], ids=["minutes", "cost"]
)
def test_a_limit_ends_the_run_before_it_is_passed(
    program: Program, server: LoopbackServer, talks: list[Path], limit: tuple[str, ...]
) -> None:
    """Three seconds are within it, a fourth is not; what is in the store costs nothing."""
    server.answer(by_name)
    run = program("talks", *FLAGS, "-j1", *limit, base_url=server.url)
    assert (run.code, len(server.requests)) == (3, 3)
    assert f"beyond {limit[0]}" in run.err
    assert run.err_lines[-1] == "anyscribe: not tried for the same reason: 2"
    again = program("talks", *FLAGS, "-j1", "-d", "elsewhere", *limit, base_url=server.url)
    assert (again.code, len(server.requests)) == (0, len(talks)), again.err


def test_a_cost_needs_a_price(program: Program) -> None:
    """Otherwise the limit would limit nothing."""
    run = program("talks", "--max-cost", "1")
    assert (run.code, "--price-per-minute" in run.err) == (2, True)
