"""One pace for all requests: how many at a time, and how soon after each other."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from loopback import json_reply
from requests.structures import CaseInsensitiveDict

from anyscribe.engines.remote import Pace
from anyscribe.engines.remote.pace import read_duration
from anyscribe.stopping import Stop, StoppedError

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now_s


class NotYetError(Exception):
    """The request would have to wait."""


def not_yet() -> None:
    """Give up instead of waiting."""
    raise NotYetError


def is_free(pace: Pace) -> bool:
    """Return whether a request could start now; it is not answered."""
    try:
        with pace.turn():
            return True
    except NotYetError:
        return False


def test_more_at_a_time_after_each_round() -> None:
    """It begins with four, doubles to the most; after a refusal it falls, and goes up by one a round."""
    pace = Pace(8, not_yet)

    def fits(count: int) -> bool:
        if not count:
            return True
        try:
            with pace.turn():
                return fits(count - 1)
        except NotYetError:
            return False

    assert fits(4)
    assert not fits(5)

    def answer(count: int) -> None:
        for _ in range(count):
            with pace.turn() as turn:
                turn.succeeded()

    answer(4)
    assert fits(8)
    answer(8)
    assert not fits(9)
    with pace.turn() as turn:
        turn.refused(None)
    for expected in (5, 6, 7, 8, 8):
        assert fits(expected)
        assert not fits(expected + 1)
        answer(expected)


def test_a_named_wait_shuts_the_gate_for_all() -> None:
    """Then requests start as far apart as the server has shown that it takes them."""
    clock = Clock()
    pace = Pace(8, not_yet, clock)
    for _ in range(4):
        with pace.turn() as turn:
            turn.succeeded()
    clock.now_s += 3
    with pace.turn() as turn:
        turn.refused(1.0)
    assert not is_free(pace)
    clock.now_s += 0.9
    assert not is_free(pace)
    clock.now_s += 0.2
    # Four were taken in three seconds and one more: one a second.
    assert is_free(pace)
    assert not is_free(pace)
    clock.now_s += 0.9
    assert not is_free(pace)
    clock.now_s += 0.2
    assert is_free(pace)


def test_a_round_is_answered_for_once() -> None:
    """Refusals of requests that started together lower the number only once."""
    clock = Clock()
    pace = Pace(10, not_yet, clock)
    turns = [pace.turn() for _ in range(4)]
    started = [turn.__enter__() for turn in turns]
    clock.now_s += 1
    for turn in started:
        turn.refused(None)
    for turn in turns:
        turn.__exit__(None, None, None)
    clock.now_s += 1
    with pace.turn(), pace.turn():
        assert not is_free(pace)


@pytest.mark.parametrize(
    ("headers", "free_after_s"),
    [
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "2s"}, 2),
        (
            {
                "X-RateLimit-Limit-Requests": "60",
                "X-RateLimit-Remaining-Requests": "0",
                "X-RateLimit-Reset-Requests": "1m0s",
            },
            1,
        ),
        ({"x-ratelimit-remaining-audio-seconds": "0", "x-ratelimit-reset-audio-seconds": "2.5s"}, 2.5),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "3"}, 3),
        ({"x-ratelimit-remaining-requests": "5", "x-ratelimit-reset-requests": "60s"}, 0),
        ({"x-ratelimit-remaining-requests": "soon", "x-ratelimit-reset-requests": "later"}, 0),
    ],
)
def test_limits_that_a_server_states_are_kept(headers: dict[str, str], free_after_s: float) -> None:
    """Before the next refusal there is none."""
    clock = Clock()
    pace = Pace(8, not_yet, clock)
    with pace.turn():
        pace.note_limits(CaseInsensitiveDict(headers))
    if free_after_s:
        clock.now_s += free_after_s - 0.1
        assert not is_free(pace)
        clock.now_s += 0.2
    assert is_free(pace)


def test_a_stated_limit_gives_one_request_after_the_other() -> None:
    """When it is used up, what is there again is one request, and not all that wait."""
    clock = Clock()
    pace = Pace(8, not_yet, clock)
    with pace.turn():
        pace.note_limits(
            {
                "x-ratelimit-limit-requests": "60",
                "x-ratelimit-remaining-requests": "2",
                "x-ratelimit-reset-requests": "58s",
            }
        )
    assert is_free(pace)
    assert is_free(pace)
    assert not is_free(pace)
    for _ in range(3):
        clock.now_s += 1.01
        assert is_free(pace)
        assert not is_free(pace)


def test_what_happens_before_the_first_request_does_not_count() -> None:
    """Reading large files takes minutes; it says nothing of what the server takes."""
    clock = Clock()
    pace = Pace(8, not_yet, clock)
    clock.now_s += 300
    with pace.turn() as turn:
        turn.succeeded()
    with pace.turn() as turn:
        turn.refused(1.0)
    clock.now_s += 1.1
    assert is_free(pace)
    clock.now_s += 1.1
    assert is_free(pace)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12", 12),
        ("1.5", 1.5),
        ("120ms", 0.12),
        ("6m0s", 360),
        ("2m59.56s", 179.56),
        ("1h0m1s", 3601),
        ("7.66s", 7.66),
        ("", None),
        ("soon", None),
        ("1.2.3s", None),
        ("Tue", None),
    ],
)
def test_durations(text: str, seconds: float | None) -> None:
    """Those of OpenAI, Groq and Azure."""
    assert read_duration(text) == (seconds if seconds is None else pytest.approx(seconds))


def test_waiting_ends_with_the_run() -> None:
    """A request that waits for its turn gives up when the run stops."""
    stop = Stop()
    pace = Pace(1, stop.check)
    with pace.turn():
        threading.Timer(0.1, stop.begin).start()
        with pytest.raises(StoppedError), pace.turn():
            pass


@pytest.mark.parametrize(("max_wait", "code"), [("10", 0), ("0.01", 5)])
def test_named_waits_use_up_no_retry(
    anyscribe: Program, server: LoopbackServer, media: Path, max_wait: str, code: int
) -> None:
    """As long as they are not too long in all."""
    refused = json_reply({"error": {"message": "slow down"}}, 429, headers={"retry-after-ms": "20"})
    server.answer(refused, refused, refused, json_reply({"text": "hello"}))
    run = anyscribe(media / "hello.ogg", "--retries", "1", "--max-wait", max_wait, base_url=server.url)
    assert (run.code, len(server.requests)) == (code, 4 if code == 0 else 2)
