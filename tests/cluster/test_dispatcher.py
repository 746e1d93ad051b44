"""Recordings that are given to workers: who gets them when workers are lost, hang, or are killed by one of them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from anyscribe.cluster.dispatcher import Dispatcher
from anyscribe.cluster.task import Outcome
from anyscribe.cluster.threads import ElasticThreads
from anyscribe.cluster.work import RecordingWork
from anyscribe.errors import ClusterError, EngineError
from anyscribe.sentence import plain_name


@dataclass(eq=False)
class Worker:
    """A worker's line: what it was given, what was given up, and how often it was sent away."""

    address: str
    given: list[tuple[int, Any]] = field(default_factory=list)
    given_up: list[int] = field(default_factory=list)
    sent_away: int = 0

    def give_up(self, number: int) -> None:
        """Note what is given up."""
        self.given_up.append(number)

    def answer(self, given: tuple[int, Any] | None) -> None:
        """Note what is given."""
        if given is None:
            self.sent_away += 1
        else:
            self.given.append(given)

    @property
    def has(self) -> list[Any]:
        """The recordings that it was given."""
        return [recording for _, recording in self.given]


def work_on(dispatcher: Dispatcher, name: str) -> RecordingWork:
    """Add the work on a recording."""
    work = RecordingWork(cast("Any", name), lambda *_: None)
    dispatcher.add(work)
    return work


def test_a_recording_that_kills_its_workers_fails_alone():
    """It is lost among others, then tried by itself; the others are only begun anew."""
    dispatcher = Dispatcher(None, 10)
    works = {name: work_on(dispatcher, name) for name in ("good", "bad")}
    for number in range(3):
        worker = Worker(f"w{number}")
        for _ in range(2):
            dispatcher.ask(worker, worker.answer)
        assert sorted(worker.has) == ["bad", "good"]
        if number == 2:
            # It is done before the last of them dies.
            number_of = {recording: attempt for attempt, recording in worker.given}
            dispatcher.end(worker, number_of["good"], Outcome())
        dispatcher.lose(worker, is_expected=False)
    later = work_on(dispatcher, "later")
    first, second, third = Worker("a"), Worker("b"), Worker("c")
    for worker in (first, second):
        dispatcher.ask(worker, worker.answer)
    assert (first.has, second.has) == (["later"], [])
    dispatcher.end(first, first.given[0][0], Outcome())
    assert second.has == ["bad"]
    last = work_on(dispatcher, "last")
    dispatcher.ask(third, third.answer)
    assert third.has == []
    dispatcher.lose(second, is_expected=False)
    assert third.has == ["last"]
    dispatcher.end(third, third.given[0][0], Outcome())
    dispatcher.ask(third, third.answer)
    dispatcher.lose(third, is_expected=False)
    with pytest.raises(EngineError, match=r"each worker that transcribed it was killed, the last one was c"):
        works["bad"].ended.result(0)
    assert all(work.ended.result(0) == Outcome() for work in (works["good"], later, last))


def test_workers_that_leave_in_good_order_are_no_deaths():
    """However often that happens, the recording is only begun anew."""
    dispatcher = Dispatcher(None, 10)
    work = work_on(dispatcher, "talk")
    for number in range(9):
        worker = Worker(f"w{number}")
        dispatcher.ask(worker, worker.answer)
        dispatcher.lose(worker, is_expected=True)
    assert (work.attempts, work.is_suspect, work.ended.done()) == (9, False, False)


def test_what_takes_too_long_is_given_to_another_worker():
    """What it holds is released, its late result is ignored, and the third time the recording fails."""
    now_s = 0.0
    dispatcher = Dispatcher(5, 10, clock=lambda: now_s)
    slow, fast = Worker("slow"), Worker("fast")
    workers = frozenset({"slow", "fast"})
    for _ in range(2):
        dispatcher.ask(slow, slow.answer)
    work, other = work_on(dispatcher, "talk"), work_on(dispatcher, "other")
    now_s = 4
    dispatcher.end(slow, slow.given[1][0], Outcome())
    dispatcher.look(workers)
    assert slow.given_up == []
    now_s = 6
    dispatcher.look(workers)
    assert slow.given_up == [slow.given[0][0]]
    dispatcher.end(slow, slow.given[0][0], Outcome())
    dispatcher.ask(slow, slow.answer)
    assert (slow.has, other.ended.done(), work.ended.done()) == (["talk", "other"], True, False)
    dispatcher.ask(fast, fast.answer)
    assert fast.has == ["talk"]
    now_s = 12
    # Both were too slow: either may try again.
    dispatcher.look(workers)
    assert slow.has[2:] == ["talk"]
    now_s = 18
    dispatcher.look(workers)
    with pytest.raises(EngineError) as caught:
        work.ended.result(0)
    message = caught.value.summary(plain_name)
    assert message.startswith("it was begun 3 times, and took longer than")
    assert message.endswith("the last time at slow")


def test_a_slow_worker_may_try_again_while_the_others_hang():
    """A worker that never asks is waited for only as long as a recording may take."""
    now_s = 0.0
    dispatcher = Dispatcher(5, 100, clock=lambda: now_s)
    slow = Worker("slow")
    for _ in range(2):
        dispatcher.ask(slow, slow.answer)
    work_on(dispatcher, "talk")
    now_s = 6
    dispatcher.look(frozenset({"slow", "hanging"}))
    now_s = 10
    dispatcher.look(frozenset({"slow", "hanging"}))
    assert slow.has == ["talk"]
    now_s = 12
    dispatcher.look(frozenset({"slow", "hanging"}))
    assert slow.has == ["talk", "talk"]


def test_threads_are_sent_away_and_nothing_waits_for_a_lost_cluster():
    """A thread that finds no recording makes room for other runs; without a scheduler everything fails."""
    now_s = 0.0
    dispatcher = Dispatcher(None, 10, clock=lambda: now_s)
    worker = Worker("w")
    dispatcher.ask(worker, worker.answer)
    now_s = 11
    dispatcher.look(frozenset({"w"}))
    assert worker.sent_away == 1
    dispatcher.ask(worker, worker.answer)
    works = [work_on(dispatcher, "under way"), work_on(dispatcher, "waiting")]
    dispatcher.fail_all(ClusterError("gone"))
    works.append(work_on(dispatcher, "late"))
    for work in works:
        with pytest.raises(ClusterError):
            work.ended.result(0)


def test_threads_that_wait_for_workers_become_more_and_fewer():
    """As many calls run at a time as there is room for; what did not begin is cancelled at the end."""
    begun, may_end = threading.Semaphore(0), threading.Semaphore(0)

    def call() -> None:
        begun.release()
        may_end.acquire()

    with ElasticThreads() as threads:
        futures = [threads.submit(call) for _ in range(6)]
        assert not begun.acquire(blocking=False)
        threads.widen(2)
        for _ in range(2):
            assert begun.acquire(timeout=10)
        threads.widen(4)
        for _ in range(2):
            assert begun.acquire(timeout=10)
        threads.widen(0)
        for _ in range(4):
            may_end.release()
        for future in futures[:4]:
            future.result(10)
    assert not begun.acquire(blocking=False)
    assert [future.cancelled() for future in futures[4:]] == [True, True]
