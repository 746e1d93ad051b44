"""Work that nobody waits for any more is given up: the task that waits for it, and the thread that does it."""

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
    """Passes through the engine, which cleans up behind itself; see `anyscribe.events.Emit`."""


@contextlib.asynccontextmanager
async def given_up_when(happens: Coroutine[Any, Any, object], error: Exception) -> AsyncIterator[None]:
    """Give up what is in the context as soon as something happens, as `asyncio.timeout` does.

    Args:
        happens: Returns when it happens.
        error: What is raised in place of the cancellation.
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
        # Somebody else may have cancelled it too, and then it stays so.
        if has_happened and task.uncancel() <= cancelling:
            raise error from None
        raise
    finally:
        is_over = True
        watcher.cancel()


class Work(Generic[T]):
    """Work that is done in a thread, and given up at its next event where nobody waits for it any more.

    Args:
        executor: Where it is done.
        function: Does it; it is handed what it emits by.
        on_event: Takes the events, in the thread.
    """

    def __init__(self, executor: Executor, function: Callable[[Emit], T], on_event: Callable[[Event], None]) -> None:
        self._is_given_up = threading.Event()
        self._on_event = on_event
        self.future = asyncio.get_running_loop().run_in_executor(executor, function, self._emit)

    async def result(self) -> T:
        """Wait for the result. Where that is cancelled, the work is given up, but may take a while to end."""
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
    """What work stands on. It is released when the work has ended, which may be later than anybody waits for it."""

    _future: asyncio.Future[Any] | None = None

    def hold_for(self, future: asyncio.Future[Any]) -> None:
        """Release nothing before something has ended.

        Args:
            future: Its end.
        """
        self._future = future

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> bool | None:
        """Release everything, or see to it that it will be."""
        if self._future is None or self._future.done():
            return super().__exit__(kind, error, trace)
        rest = self.pop_all()
        self._future.add_done_callback(lambda _: rest.close())
        return None


async def settled(task: asyncio.Task[Any]) -> None:
    """Wait until a task has ended, whatever its end, and however often that is cancelled.

    Args:
        task: What was cancelled.
    """
    while not task.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait({task})
    if not task.cancelled():
        # Looked at, or asyncio would complain that nobody did.
        task.exception()
