"""Run the server in the background until it is stopped."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, Self

from anyscribe.server.admission import Admission
from anyscribe.server.routes import build_app
from anyscribe.server.transcriptions import Transcriptions
from anyscribe.server.uploads import Uploads
from anyscribe.server.uvicorn_server import UvicornServer

if TYPE_CHECKING:
    import socket

    from anyscribe.engines import Engine
    from anyscribe.recording.options import Resources
    from anyscribe.server.error_middleware import Journal
    from anyscribe.server.server_settings import ServerSettings

GRACE_S: Final = 10.0
_LAST_WAIT_S: Final = 1.0


class Service:
    """Runs the server in a separate thread, so that the main thread can handle signals.

    Args:
        engine: The engine that transcribes.
        settings: The server's settings.
        listener: A bound socket; it is closed when the server ends.
        journal: Records each request and the server's own errors.
        resources: What timing is done with, and the place for uploads, which is closed when the server ends.
        grace_s: How long requests in progress may take after the server is stopped, in seconds.
    """

    def __init__(  # noqa: PLR0913 - what a server is made of
        self,
        engine: Engine,
        settings: ServerSettings,
        listener: socket.socket,
        journal: Journal,
        *,
        resources: Resources,
        grace_s: float = GRACE_S,
    ) -> None:
        self._listener = listener
        self._uploads = Uploads(settings, resources.scratch)
        self._slots = Admission(settings.jobs, settings.queue)
        self._executor = ThreadPoolExecutor(settings.jobs, thread_name_prefix="transcribing")
        transcriptions = Transcriptions(
            engine,
            settings.models,
            self._uploads,
            self._slots,
            executor=self._executor,
            resources=resources,
            speakers_model=settings.speakers_model,
        )
        self._is_ready = threading.Event()
        # Set when all clients have their response; threads that are still cancelling their work are not waited for.
        self._is_over = threading.Event()
        self._server = UvicornServer(
            build_app(settings, transcriptions, transcriptions.translating(), journal),
            on_ready=self._is_ready.set,
            on_overdue=self._slots.close,
            on_over=self._is_over.set,
            grace_s=grace_s,
            head_s=settings.upload_grace_s,
        )
        self._failure: BaseException | None = None
        # A daemon, so that it does not delay a process that exits immediately.
        self._thread = threading.Thread(target=self._serve, name="serving", daemon=True)

    @property
    def under_way(self) -> int:
        """The number of requests that are being transcribed or waiting for it."""
        return self._slots.taken

    def __enter__(self) -> Self:
        self._thread.start()
        self._is_ready.wait()
        self._raise_failure()
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_over.is_set():
            self._thread.join(_LAST_WAIT_S)
        # Work that has not ended by now is not waited for and does not clean up: remove its uploads here.
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._uploads.close()

    def stop(self) -> None:
        """Stop accepting connections; `wait` waits for the end."""
        self._server.should_exit = True

    def wait(self, seconds: float) -> bool:
        """Wait until the server has ended.

        Args:
            seconds: The maximum time to wait, in seconds.

        Returns:
            Whether the server has ended.
        """
        is_over = self._is_over.wait(seconds)
        self._raise_failure()
        return is_over

    def _serve(self) -> None:
        try:
            with contextlib.closing(self._listener):
                self._server.run(sockets=[self._listener])
        except BaseException as error:  # noqa: BLE001 - raised again in the waiting thread
            self._failure = error
        finally:
            self._is_ready.set()
            self._is_over.set()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure
