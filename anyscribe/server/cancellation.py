"""Cancel work whose result is no longer needed: the task that waits for it, and the thread that runs it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from concurrent.futures import Executor
    from types import TracebackType

    from anyscribe.events import Emit, Event

T = TypeVar("T")


class _GivenUp(BaseException):
    """Propagates through the engine, which cleans up after itself; see `anyscribe.events.Emit`."""


@contextlib.asynccontextmanager
async def given_up_when(happens: Coroutine[Any, Any, object], error: Exception) -> AsyncIterator[None]:
    """Cancel the body of the context when a condition occurs, as `asyncio.timeout` does for a deadline.

    Args:
        happens: Returns when the condition occurs.
        error: Raised in place of the cancellation.
    """
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine runs in a task
    cancelling = task.cancelling()
    has_happened = is_over = False

    def give_up(watcher: asyncio.Task[object]) -> None:
        nonlocal has_happened
        if not is_over and not watcher.cancelled():
            has_happened = True
            task.cancel()

    watcher = asyncio.create_task(happens)
    watcher.add_done_callback(give_up)
    try:
        yield
    except asyncio.CancelledError:
        # If the task was also cancelled from elsewhere, the cancellation stands.
        if has_happened and task.uncancel() <= cancelling:
            raise error from None
        raise
    finally:
        is_over = True
        watcher.cancel()


class Work(Generic[T]):
    """Work that runs in a thread and is cancelled at its next event if its result is no longer awaited.

    Args:
        executor: Runs the work.
        function: Does the work; it is passed the function with which it emits events.
        on_event: Called with each event, in the thread.
    """

    def __init__(self, executor: Executor, function: Callable[[Emit], T], on_event: Callable[[Event], None]) -> None:
        self._is_given_up = threading.Event()
        self._on_event = on_event
        self.future = asyncio.get_running_loop().run_in_executor(executor, function, self._emit)

    async def result(self) -> T:
        """Wait for the result. If the wait is cancelled, the work is cancelled too, but may take some time to end."""
        try:
            return await asyncio.shield(self.future)
        except asyncio.CancelledError:
            self._is_given_up.set()
            raise

    def _emit(self, event: Event) -> None:
        if self._is_given_up.is_set():
            raise _GivenUp
        self._on_event(event)


class Held(contextlib.ExitStack):
    """Resources that work uses. They are released when the work has ended, even if its waiter was cancelled before."""

    _future: asyncio.Future[Any] | None = None

    def hold_for(self, future: asyncio.Future[Any]) -> None:
        """Release nothing before the future is done.

        Args:
            future: The future of the work that uses the resources.
        """
        self._future = future

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> bool | None:
        """Release everything, now or when the future is done."""
        if self._future is None or self._future.done():
            return super().__exit__(kind, error, trace)
        rest = self.pop_all()
        self._future.add_done_callback(lambda _: rest.close())
        return None


async def settled(task: asyncio.Task[Any]) -> None:
    """Wait until a task has ended, ignoring its outcome and any cancellation of this wait.

    Args:
        task: The task, already cancelled.
    """
    while not task.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait({task})
    if not task.cancelled():
        # Retrieve the exception, or asyncio logs that it was never retrieved.
        task.exception()
