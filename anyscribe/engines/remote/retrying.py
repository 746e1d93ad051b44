"""Attempts after the first one, and the waits between them. Imported after a failure: most requests need none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import tenacity

from anyscribe.engines.remote.transport_errors import AttemptError
from anyscribe.events import Retrying

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyscribe.engines.remote.error_replies import Refusal
    from anyscribe.events import Emit
    from anyscribe.result import Result

_TOO_MANY: Final = 429

usual_wait: Final = tenacity.wait_exponential(multiplier=0.25, max=4) + tenacity.wait_random_exponential(
    multiplier=0.25, max=4
)
"""Doubles from 0.5 s to 8 s; half of it is random, so that the requests of a batch do not return all at once."""


def retry(  # noqa: PLR0913 - all that decides about attempts
    attempt: Callable[[], Result],
    first_failure: AttemptError,
    *,
    retries: int,
    max_wait_seconds: float,
    sleep: Callable[[float], None],
    emit: Emit,
) -> Result:
    """Repeat an attempt after temporary errors.

    Args:
        attempt: Sends the request once.
        first_failure: What the first attempt raised.
        retries: How many attempts may follow the first one. Those after a wait that the server named because there
            were too many requests do not count.
        max_wait_seconds: How long such waits may be in all.
        sleep: Waits a number of seconds.
        emit: Takes `anyscribe.events.Retrying` before each wait.

    Returns:
        The result of the first attempt that succeeds.

    Raises:
        AttemptError: The last attempt failed, or an error is not temporary.
    """
    failures = [first_failure]
    failed = 0
    waited_s = 0.0

    def next_attempt() -> Result:
        if failures:
            raise failures.pop()
        return attempt()

    def is_over(state: tenacity.RetryCallState) -> bool:
        nonlocal failed, waited_s
        refusal = _refusal(state)
        asked_s = refusal.wait_seconds
        if refusal.error.status == _TOO_MANY and asked_s is not None and waited_s + asked_s <= max_wait_seconds:
            waited_s += asked_s
            return False
        failed += 1
        return failed > retries

    def announce(state: tenacity.RetryCallState) -> None:
        wait_seconds = state.next_action.sleep if state.next_action else 0
        emit(Retrying(_refusal(state).error.message, wait_seconds, state.attempt_number))

    attempts = tenacity.Retrying(
        retry=tenacity.retry_if_exception(lambda error: isinstance(error, AttemptError) and error.refusal.is_temporary),
        wait=_wait_seconds,
        stop=is_over,
        before_sleep=announce,
        sleep=sleep,
        reraise=True,
    )
    return attempts(next_attempt)


def _refusal(state: tenacity.RetryCallState) -> Refusal:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, AttemptError)  # noqa: S101 - nothing else is retried
    return error.refusal


def _wait_seconds(state: tenacity.RetryCallState) -> float:
    """Return the wait that the server asks for, otherwise `usual_wait`."""
    asked = _refusal(state).wait_seconds
    return usual_wait(state) if asked is None else asked
