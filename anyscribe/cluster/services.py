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

    from anyscribe.engines.remote.pace import Pace
    from anyscribe.recording.budget import Budget
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
        self._held: dict[int, tuple[contextlib.ExitStack, Any]] = {}
        self._is_gone = False

    def enter(self, number: int, context: contextlib.AbstractContextManager[Any]) -> None:
        """Hold something; a worker that is gone holds nothing.

        Args:
            number: What the worker calls it.
            context: What is held for as long as it lasts.
        """
        with contextlib.ExitStack() as stack:
            value = stack.enter_context(context)
            with self._lock:
                if not self._is_gone:
                    self._held[number] = stack.pop_all(), value

    def value(self, number: int) -> Any:  # noqa: ANN401 - what contexts yield
        """Return what came with it; None if the worker does not hold it."""
        return self._held.get(number, (None, None))[1]

    def leave(self, number: int) -> None:
        """Hold it no longer."""
        with self._lock:
            stack, _ = self._held.pop(number, (None, None))
        if stack is not None:
            stack.close()

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
    warn: Callable[[str], None]

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
            case "claim", number, key:
                return self._claim(holdings, number, key)
            case "note_limits", headers:
                self.pace.note_limits(headers)
            case "take", asked_ms:
                self.budget.take(asked_ms)
            case "give_back", unasked_ms:
                self.budget.give_back(unasked_ms)
            case _, int(number), *given:
                self._do_held(holdings, name, number, given)
            case _ if self.store is not None:
                return _do_with(self.store, name, arguments)
        return None

    def _do_held(self, holdings: Holdings, name: str, number: int, given: Sequence[Any]) -> None:
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

    def _claim(self, holdings: Holdings, number: int, key: bytes) -> bool | None:
        """Claim a question; return whether it has answers, and None if somebody else asks it still, after a while."""
        if self.store is None:
            return False
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
        return self.store.has_answers(key)


def _do_with(store: Store, name: str, arguments: Sequence[Any]) -> Any:  # noqa: ANN401 - as above
    match name, *arguments:
        case "is_outdated", target, recipe, rendering:
            return store.is_outdated(target, lambda: recipe, rendering=rendering)
        case "note_output", target, body, recipe, rendering:
            store.note_output(target, body, recipe, rendering=rendering)
        case str(known), *_ if known in _OF_STORE:
            return getattr(store, known)(*arguments)
    return None
