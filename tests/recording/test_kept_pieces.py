"""Paid answers are not lost when a later piece fails, or when the program is stopped."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sqlite3
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
from circumstances import with_shell
from failures import the_error
from loopback import Reply, json_reply
from tiling import assert_whole
from truthful import TruthfulServer

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer, Request
    from programs import Program, Run
    from truthful import Spoken

BROKEN = json_reply({"error": {"message": "no luck"}}, 500)
FLAGS = ("--max-seconds", "11", "-j", "1", "--retries", "0")
AGAIN = "transcribed before and"


def fail_at(server: TruthfulServer, number: int) -> None:
    """Make the server answer truthfully, but fail once after this many answers."""
    lock = threading.Lock()
    is_over = False

    def answer(request: Request) -> Reply:
        nonlocal is_over
        # One request after the other: simultaneous ones might otherwise all miss exactly this number.
        with lock:
            if len(server.heard) == number and not is_over:
                is_over = True
                return BROKEN
            return server.truth(request)

    server.answer(answer)


def fail_first_piece(server: TruthfulServer) -> None:
    """Make the server fail once, late, at the recording's start, and answer truthfully otherwise."""
    lock = threading.Lock()
    is_over = False

    def answer(request: Request) -> Reply:
        nonlocal is_over
        with lock:
            reply = server.truth(request)
            if is_over or server.heard[-1].start_sample:
                return reply
            is_over = True
            server.heard.pop()
            return Reply(500, BROKEN.body, delay_s=1.5)

    server.answer(answer)


@pytest.fixture(autouse=True)
def keeps_answers(anyscribe: Program) -> None:
    """Have the program use its store."""
    anyscribe.keeps_answers = True


def kept_rows(anyscribe: Program) -> int:
    """Return the number of kept answers."""
    with contextlib.closing(sqlite3.connect(anyscribe.store)) as connection:
        return int(connection.execute("SELECT count(*) FROM answer").fetchone()[0])


def told(run: Run, words: str) -> list[str]:
    """Return the lines of standard error that contain these words."""
    return [line for line in run.err_lines if words in line]


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("jobs", ["1", "4"])
def test_a_second_run_asks_only_for_what_is_missing(
    anyscribe: Program, spoken: Spoken, recording: Path, number: int, jobs: str
) -> None:
    """What was finished before a piece failed is reported and used again; the result equals that of a faultless run."""
    flags = (*FLAGS, "-j", jobs, "-f", "verbose_json", "-m", "whisper-1", "--timestamp-granularities", "word")
    with TruthfulServer(spoken, formats=("verbose_json",), max_ms=11_000) as server:
        whole = anyscribe(recording, *flags, "--no-store", base_url=server.url)
        assert whole.code == 0, whole.err
        server.heard.clear()
        fail_at(server, number)
        failed = anyscribe(recording, *flags, base_url=server.url)
        the_error(failed, 5)
        (notice,) = told(failed, "kept: ")
        assert "the same command continues from there" in notice
        assert kept_rows(anyscribe) == len(server.heard) >= number
        second = anyscribe(recording, *flags, "-v", base_url=server.url)
        assert_whole(server, spoken)
    assert second.code == 0, second.err
    assert second.json == whole.json
    assert len(told(second, "taken from an earlier run")) >= number
    assert len(told(second, AGAIN)) == 1
    (place,) = re.findall(r"kept: (.*);", notice)
    assert place in told(second, AGAIN)[0]


def test_no_piece_is_begun_after_a_failure(
    anyscribe: Program, server: LoopbackServer, recording: Path, tmp_path: Path
) -> None:
    """The next piece is not paid for, however late the failure of the one before it is noticed."""
    # The thread that sends requests reaches its next piece before the one that collects the answers gets its turn.
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.setswitchinterval(10)")
    server.answer(Reply(500, BROKEN.body, delay_s=0.5))
    the_error(anyscribe(recording, *FLAGS, base_url=server.url, env={"PYTHONPATH": str(tmp_path)}), 5)
    assert len(server.requests) == 1


def test_what_is_kept_beyond_a_hole_is_used(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """If a piece fails while later ones succeed, only that piece is requested again."""
    with TruthfulServer(spoken, max_ms=11_000, speed=100) as server:
        fail_first_piece(server)
        failed = anyscribe(recording, *FLAGS, "-j", "3", base_url=server.url)
        the_error(failed, 5)
        assert not told(failed, "kept: 00:00:00")
        before = [heard.start_sample for heard in server.heard]
        assert len(before) >= 2
        assert min(before) > 0
        second = anyscribe(recording, *FLAGS, base_url=server.url)
        assert_whole(server, spoken)
    assert (second.code, second.text.strip()) == (0, spoken.text), second.err


def test_a_result_that_cannot_be_written_is_not_lost(
    anyscribe: Program, spoken: Spoken, recording: Path, tmp_path: Path
) -> None:
    """All answers are kept: the next run writes them without any request."""
    (tmp_path / "out").mkdir()
    with TruthfulServer(spoken, max_ms=11_000) as server:

        def answer(request: Request) -> Reply:
            if len(server.heard) == 2:
                (tmp_path / "out").rmdir()
                (tmp_path / "out").touch()
            return server.truth(request)

        server.answer(answer)
        failed = anyscribe(recording, *FLAGS, "-o", "out/talk.txt", base_url=server.url)
        assert "out/talk.txt" in the_error(failed, 1)
        (tmp_path / "out").unlink()
        second = anyscribe(recording, *FLAGS, "-o", "out/talk.txt", base_url=server.url)
        assert second.code == 0, second.err
        assert_whole(server, spoken)
    assert (tmp_path / "out" / "talk.txt").read_text(encoding="utf-8").strip() == spoken.text


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")  # noqa: PTH110 - no path
def test_standard_output_that_is_full_loses_nothing(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """A result that cannot be written to standard output is kept as well."""
    with TruthfulServer(spoken, max_ms=11_000) as server:
        failed = with_shell(anyscribe, "exec >/dev/full")(recording, *FLAGS, base_url=server.url)
        assert "No space left" in the_error(failed, 1)
        second = anyscribe(recording, *FLAGS, base_url=server.url)
        assert_whole(server, spoken)
    assert (second.code, second.text.strip()) == (0, spoken.text), second.err


def test_nothing_is_asked_twice(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """Other formats, lengths of lines and names cost nothing, of pieces and of whole recordings."""
    for flags in ((*FLAGS, "--no-check"), ("--no-check",)):
        with TruthfulServer(spoken, max_ms=11_000 if len(flags) > 1 else None) as server:
            assert anyscribe(recording, *flags, base_url=server.url).code == 0
            asked = len(server.requests)
            other = recording.with_name(f"other{len(flags)}.wav")
            other.write_bytes(recording.read_bytes())
            for more in (["-f", "json"], ["-f", "vtt", "--max-line-chars", "30"], ["--stream"]):
                run = anyscribe(other, *flags, *more, base_url=server.url)
                assert run.code == 0, run.err
                assert told(run, AGAIN), run.err
            assert len(server.requests) == asked
            assert anyscribe(recording, *flags, "--no-store", base_url=server.url).code == 0
            assert len(server.requests) == 2 * asked


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_an_end_from_outside_loses_nothing_that_came(
    anyscribe: Program, spoken: Spoken, recording: Path, name: str
) -> None:
    """However the program is ended, the answers received before are available in the next run."""
    with TruthfulServer(spoken, max_ms=11_000) as server:

        def hang_at_third(request: Request) -> Reply:
            return server.truth(request) if len(server.heard) < 2 else Reply(delay_s=60)

        server.answer(hang_at_third)
        with anyscribe.start(recording, *FLAGS, "--grace", "0.2", base_url=server.url) as process:
            server.wait_for_requests(3)
            # The server has read the request before the client knows that it was sent.
            time.sleep(0.2)
            process.send_signal(getattr(signal, name))
            _, err = process.communicate(timeout=20)
        if name != "SIGKILL":
            assert "waiting up to" in err.decode()
        assert kept_rows(anyscribe) == 2
        server.answer(server.truth)
        second = anyscribe(recording, *FLAGS, base_url=server.url)
        assert_whole(server, spoken)
    assert (second.code, second.text.strip()) == (0, spoken.text), second.err


@pytest.mark.parametrize(
    "flags",
    [["--language", "en"], ["--field", "a=b"]],
)
def test_another_question_has_another_answer(
    anyscribe: Program, spoken: Spoken, recording: Path, flags: list[str]
) -> None:
    """Kept answers are not used for a different request, and remain available for the original one."""
    with TruthfulServer(spoken, formats=("verbose_json", "json", "text"), max_ms=11_000) as server:
        fail_at(server, 2)
        anyscribe(recording, *FLAGS, "-m", "m", base_url=server.url)
        server.heard.clear()
        other = anyscribe(recording, *FLAGS, "-m", "m", *flags, base_url=server.url)
        assert other.code == 0, other.err
        assert_whole(server, spoken)
        assert not told(other, AGAIN)
        again = anyscribe(recording, *FLAGS, "-m", "m", base_url=server.url)
    assert told(again, AGAIN)


def test_another_server_is_asked_itself(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """Answers of one server are not used for another one; the key does not matter."""
    with TruthfulServer(spoken, max_ms=11_000) as server, TruthfulServer(spoken, max_ms=20_000) as other:
        fail_at(server, 2)
        anyscribe(recording, *FLAGS, base_url=server.url, api_key="one-key")
        assert anyscribe(recording, *FLAGS, base_url=other.url, api_key="one-key").code == 0
        assert_whole(other, spoken)
        assert anyscribe(recording, *FLAGS, base_url=server.url, api_key="other-key").code == 0
        assert_whole(server, spoken)


def test_another_recording_of_the_same_size_is_asked_about(
    anyscribe: Program, spoken: Spoken, recording: Path, tmp_path: Path
) -> None:
    """Answers are used only for the same content, whatever the file's place, name and time."""
    with TruthfulServer(spoken, max_ms=11_000) as server:
        fail_at(server, 2)
        anyscribe(recording, *FLAGS, base_url=server.url)
        sound = bytearray(recording.read_bytes())
        sound[400_001] ^= 1
        other = tmp_path / "other.wav"
        other.write_bytes(sound)
        stamp = recording.stat()
        os.utime(other, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        server.answer(json_reply({"text": "hello"}))
        assert anyscribe(other, *FLAGS, base_url=server.url).text == "hello hello hello hello\n"
        server.answer(server.truth)
        renamed = recording.rename(tmp_path / "renamed.wav")
        assert told(anyscribe(renamed, *FLAGS, base_url=server.url), AGAIN)


@pytest.mark.parametrize("upload", ["flac", "opus"])
def test_how_a_piece_is_encoded_does_not_matter(
    anyscribe: Program, spoken: Spoken, recording: Path, upload: str
) -> None:
    """Answers to Opus uploads are used again when FLAC is sent, and the other way round."""
    other = "opus" if upload == "flac" else "flac"
    with TruthfulServer(spoken, max_ms=11_000) as server:
        texts = iter(["one", "two", None, "three", "four"])

        def answer(_: Request) -> Reply:
            text = next(texts)
            return BROKEN if text is None else json_reply({"text": text})

        server.answer(answer)
        the_error(anyscribe(recording, *FLAGS, "--no-check", "--upload", upload, base_url=server.url), 5)
        second = anyscribe(recording, *FLAGS, "--no-check", "--upload", other, base_url=server.url)
    assert second.text == "one two three four\n", second.err


def test_parts_of_a_piece_are_kept_too(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """If a piece is cut again, the answers to its parts are not paid for twice either."""
    with TruthfulServer(spoken, max_ms=6_000) as server:
        fail_at(server, 2)
        flags = ("--max-seconds", "20", "-j", "1", "--retries", "0")
        failed = anyscribe(recording, *flags, base_url=server.url)
        the_error(failed, 5)
        assert told(failed, "kept: 00:00:00")
        second = anyscribe(recording, *flags, base_url=server.url)
        assert_whole(server, spoken)
    assert (second.code, second.text.strip()) == (0, spoken.text), second.err


def test_parts_of_what_was_sent_as_opus_are_kept_together(
    anyscribe: Program, server: LoopbackServer, recording: Path
) -> None:
    """Audio decoded from Opus is not the recording's own: the parts of such a piece are kept when all have come."""
    too_long = {
        "message": "audio is longer than 6 seconds which is the maximum for this model",
        "code": "invalid_value",
    }
    parts = [json_reply({"text": str(number)}) for number in range(4)]
    server.answer(json_reply({"error": too_long}, 400), *parts, BROKEN)
    flags = ("--max-seconds", "20", "-j", "1", "--retries", "0", "--no-check")
    failed = anyscribe(recording, *flags, "--upload", "opus", base_url=server.url)
    the_error(failed, 5)
    assert told(failed, "kept: 00:00:00\u201300:00:"), failed.err
    server.answer(json_reply({"text": "rest"}))
    asked = len(server.requests)
    second = anyscribe(recording, *flags, base_url=server.url)
    assert second.text == "0 1 2 3 rest\n", second.err
    assert len(server.requests) == asked + 1


def test_text_that_was_kept_is_told_at_once(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """With --stream, kept text is written at once, without waiting for the server."""
    with TruthfulServer(spoken, max_ms=11_000) as server:
        fail_at(server, 2)
        assert anyscribe(recording, *FLAGS, "--stream", base_url=server.url).code == 5
        first = " ".join(word.text for heard in server.heard for word in heard.words).encode()
        server.answer(Reply(delay_s=60))
        with anyscribe.start(recording, *FLAGS, "--stream", base_url=server.url) as process:
            server.wait_for_requests(4)
            assert process.stdout is not None
            assert process.stdout.read(len(first)) == first
            process.kill()


def test_live_text_has_what_was_kept(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """With --stream, the text of kept pieces comes in its place, before and after the requested pieces."""
    with TruthfulServer(spoken, max_ms=11_000, speed=100) as server:
        fail_first_piece(server)
        failed = anyscribe(recording, *FLAGS, "--stream", "-j", "3", base_url=server.url)
        assert failed.code == 5, failed.err
        second = anyscribe(recording, *FLAGS, "--stream", base_url=server.url)
        assert_whole(server, spoken)
    assert told(second, AGAIN)
    assert second.text == f"{spoken.text}\n", second.err


def spoil(anyscribe: Program, how: str) -> None:
    """Make the store unusable."""
    store = anyscribe.store
    if how == "is a file":
        store.parents[1].write_bytes(b"")
        return
    store.parent.mkdir(parents=True)
    if how == "is damaged":
        store.write_bytes(b"this is no database" * 1000)
    elif how == "is of the future":
        with contextlib.closing(sqlite3.connect(store)) as connection:
            connection.execute("PRAGMA user_version = 99")
    elif how == "is read only":
        store.parent.chmod(0o500)


@pytest.mark.parametrize(
    "how",
    [
        "is a file",
        pytest.param(
            "is read only",
            marks=pytest.mark.skipif(
                sys.platform == "win32" or os.geteuid() == 0, reason="no permission is refused to this user"
            ),
        ),
    ],
)
def test_a_store_that_cannot_be_used_fails_nothing(
    anyscribe: Program, spoken: Spoken, recording: Path, how: str
) -> None:
    """The recording is still transcribed; one line reports the store, and after a failure, that nothing is kept."""
    spoil(anyscribe, how)
    with TruthfulServer(spoken, max_ms=11_000) as server:
        run = anyscribe(recording, *FLAGS, base_url=server.url)
        assert (run.code, run.text.strip()) == (0, spoken.text), run.err
        (notice,) = told(run, "cannot be kept")
        assert str(anyscribe.store.parent) in notice
        fail_at(server, len(server.heard) + 2)
        failed = anyscribe(recording, *FLAGS, base_url=server.url)
    the_error(failed, 5)
    assert told(failed, "not kept: 00:00:00")
    assert not told(failed, "continues from there")


def test_a_damaged_store_is_set_aside(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """It is renamed and told, and the run goes on with a new one."""
    spoil(anyscribe, "is damaged")
    with TruthfulServer(spoken, max_ms=11_000) as server:
        run = anyscribe(recording, *FLAGS, base_url=server.url)
        assert (run.code, run.text.strip()) == (0, spoken.text), run.err
        (notice,) = told(run, "set aside")
        (aside,) = anyscribe.store.parent.glob("*.damaged-*")
        assert str(aside) in notice
        assert aside.read_bytes() == b"this is no database" * 1000
        assert told(anyscribe(recording, *FLAGS, base_url=server.url), AGAIN)


def test_a_store_that_breaks_on_the_way_is_told_truly(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """What was kept before the store broke and what was not are reported apart; the failure is reported once."""
    with TruthfulServer(spoken, max_ms=11_000) as server:

        def answer(request: Request) -> Reply:
            if len(server.heard) == 1:
                with contextlib.closing(sqlite3.connect(anyscribe.store)) as connection, connection:
                    connection.execute("ALTER TABLE answer RENAME TO lost")
            return BROKEN if len(server.heard) == 3 else server.truth(request)

        server.answer(answer)
        failed = anyscribe(recording, *FLAGS, base_url=server.url)
    the_error(failed, 5)
    (notice,) = told(failed, "not kept: ")
    assert re.search(r": kept: 00:00:00\u2013.*continues from there; not kept: 00:00:", notice)
    assert len(told(failed, "can no longer be kept")) == 1


def test_a_store_of_the_future_is_an_error(anyscribe: Program, recording: Path) -> None:
    """It is left as it is; without it the work can go on."""
    spoil(anyscribe, "is of the future")
    error = the_error(anyscribe(recording, base_url="http://127.0.0.1:9/v1"), 2)
    assert "newer version" in error
    assert "--no-store" in error


def test_a_file_beside_the_usual_one(anyscribe: Program, spoken: Spoken, recording: Path, tmp_path: Path) -> None:
    """--store names another file, in a folder that is made for it and whose mode is not changed."""
    (tmp_path / "here").mkdir(mode=0o755)
    with TruthfulServer(spoken) as server:
        flags = ("--store", "here/answers.db")
        anyscribe(recording, *flags, base_url=server.url)
        assert told(anyscribe(recording, *flags, base_url=server.url), AGAIN)
    assert (tmp_path / "here").stat().st_mode & 0o777 == 0o755
    assert not anyscribe.store.exists()


@pytest.mark.skipif(os.name != "posix", reason="modes")
def test_only_the_user_can_read_it(anyscribe: Program, spoken: Spoken, recording: Path) -> None:
    """Folder and file are private, regardless of the umask, and even if the folder existed before."""
    anyscribe.store.parent.mkdir(parents=True)
    anyscribe.store.parent.chmod(0o755)
    with TruthfulServer(spoken, max_ms=11_000) as server:
        fail_at(server, 2)
        anyscribe(recording, *FLAGS, base_url=server.url)
    assert [path.stat().st_mode & 0o777 for path in (anyscribe.store.parent, anyscribe.store)] == [0o700, 0o600]
