"""What a run has in common, as the coordinator gives it to its workers: the store, the pace, the stop, the budget."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from anyscribe.errors import AnyscribeError
from anyscribe.stopping import StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from anyscribe.cluster.channel import Number
    from anyscribe.engines.remote.pace import Pace
    from anyscribe.recording.budget import Budget
    from anyscribe.sentence import Text
    from anyscribe.stopping import Stop
    from anyscribe.store import Store

_PATIENCE: Final = 50
"""A claim is waited for so many looks, of up to a tenth of a second each, until the worker is told that it is taken."""

WAITING: Final = frozenset({"claim", "take_turn"})
"""What may have to be waited for."""

_OF_STORE: Final = frozenset(
    {
        *("answers", "old_answers", "keep", "note_digest", "digest_of_version", "note_version"),
        *("note_check", "note_failure", "forget_failure"),
    }
)
"""What is asked of the store as it is."""


class _TakenError(Exception):
    """Somebody else asks this question now."""


class Holdings:
    """What one worker holds, by its numbers: claims, turns, requests; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[Number, tuple[contextlib.ExitStack, Any]] = {}
        self._given_up: set[int] = set()
        self._is_gone = False

    def enter(self, number: Number, context: contextlib.AbstractContextManager[Any]) -> None:
        """Hold something; a worker that is gone holds nothing.

        Args:
            number: What the worker calls it.
            context: What is held for as long as it lasts.

        Raises:
            StoppedError: The attempt at a recording that it belongs to was given up.
        """
        with contextlib.ExitStack() as stack:
            value = stack.enter_context(context)
            with self._lock:
                if self._is_gone or number[0] in self._given_up:
                    raise StoppedError
                self._held[number] = stack.pop_all(), value

    def value(self, number: Number) -> Any:  # noqa: ANN401 - what contexts yield
        """Return what came with it; None if the worker does not hold it."""
        return self._held.get(number, (None, None))[1]

    def leave(self, number: Number) -> None:
        """Hold it no longer."""
        with self._lock:
            stack, _ = self._held.pop(number, (None, None))
        if stack is not None:
            stack.close()

    def give_up(self, attempt: int) -> None:
        """Hold nothing any more of an attempt at a recording.

        Args:
            attempt: Its number.
        """
        with self._lock:
            self._given_up.add(attempt)
            numbers = [number for number in self._held if number[0] == attempt]
        for number in numbers:
            self.leave(number)

    def leave_all(self) -> None:
        """Hold nothing any more: the worker is gone."""
        with self._lock:
            self._is_gone = True
            held, self._held = self._held, {}
        for stack, _ in held.values():
            stack.close()


@dataclass(frozen=True, slots=True)
class Services:
    """Does what workers ask for.

    Args:
        store: Keeps answers; None keeps none.
        pace: The pace of all requests.
        stop: Stops the run.
        budget: What may still be asked about.
        warn: Takes a line for the user.
    """

    store: Store | None
    pace: Pace
    stop: Stop
    budget: Budget
    warn: Callable[[Text], None]

    def note(self, holdings: Holdings, name: str, arguments: Sequence[Any]) -> None:
        """Do something that nobody waits for; the user is told if answers cannot be kept.

        Args:
            holdings: What the worker holds.
            name: What to do.
            arguments: With what.
        """
        # What is noted of files and results only saves work later.
        with contextlib.suppress(AnyscribeError, StoppedError, OSError):
            try:
                self.do(holdings, name, arguments)
            except AnyscribeError as error:
                if name == "keep":
                    self.warn(f"an answer cannot be kept ({error})")
                raise

    def do(self, holdings: Holdings, name: str, arguments: Sequence[Any]) -> Any:  # noqa: ANN401 - as asked
        """Do something, as `anyscribe.cluster.relays` ask for it.

        Args:
            holdings: What the worker holds.
            name: What to do.
            arguments: With what.

        Returns:
            What comes of it.

        Raises:
            BaseException: What the store, the pace, the stop or the budget raise.
        """
        match name, *arguments:
            case "claim", number, key, turn:
                return self._claim(holdings, number, key, turn)
            case "note_limits", headers:
                self.pace.note_limits(headers)
            case "take", asked_ms:
                self.budget.take(asked_ms)
            case "give_back", unasked_ms:
                self.budget.give_back(unasked_ms)
            case _, (int(), int()) as number, *given:
                self._do_held(holdings, name, number, given)
            case _ if self.store is not None:
                return _do_with(self.store, name, arguments)
        return None

    def _do_held(self, holdings: Holdings, name: str, number: Number, given: Sequence[Any]) -> None:
        """Do something about a turn or a request that the worker holds, or shall hold."""
        held = holdings.value(number)
        match name, *given:
            case ("take_turn",):
                holdings.enter(number, self.pace.turn())
            case ("succeeded",) if held:
                held.succeeded()
            case "refused", wait_s if held:
                held.refused(wait_s)
            case ("begin_request",):
                # After the run has begun to stop, the worker learns that too.
                with contextlib.suppress(StoppedError):
                    holdings.enter(number, self.stop.request())
            case ("sent",) if held:
                held()
            case ("leave",):
                holdings.leave(number)

    def _claim(self, holdings: Holdings, number: Number, key: bytes, turn: Number | None) -> tuple[bool, bool] | None:
        """Claim a question, and take a turn at the server too if there is one for the asking.

        Returns:
            Whether it has answers, and whether the turn is taken; None if somebody else asks it still, after a while.
        """
        if self.store is None:
            return False, self._take(holdings, turn)
        looks = 0

        def wait() -> None:
            nonlocal looks
            self.stop.check()
            looks += 1
            if looks > _PATIENCE:
                raise _TakenError

        try:
            holdings.enter(number, self.store.claims.held(key, wait))
        except _TakenError:
            return None
        is_answered = self.store.has_answers(key)
        return is_answered, not is_answered and self._take(holdings, turn)

    def _take(self, holdings: Holdings, turn: Number | None) -> bool:
        """Take a turn, if no limit is known; return whether it is taken."""
        if turn is None or not self.pace.is_free:
            return False
        holdings.enter(turn, self.pace.turn())
        return True


def _do_with(store: Store, name: str, arguments: Sequence[Any]) -> Any:  # noqa: ANN401 - as above
    match name, *arguments:
        case "is_outdated", target, recipe, rendering:
            return store.is_outdated(target, lambda: recipe, rendering=rendering)
        case "note_output", target, body, recipe, rendering:
            store.note_output(target, body, recipe, rendering=rendering)
        case str(known), *_ if known in _OF_STORE:
            return getattr(store, known)(*arguments)
    return None
