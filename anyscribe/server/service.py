"""The server as something that runs beside its caller, until it is told to end."""

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
    from anyscribe.server.error_middleware import Journal
    from anyscribe.server.server_settings import ServerSettings

GRACE_S: Final = 10.0
_LAST_WAIT_S: Final = 1.0


class Service:
    """Serves in a thread of its own, so that the main one is free for signals.

    Args:
        engine: What transcribes.
        settings: What is offered to whom.
        listener: A socket that is bound; it is closed in the end.
        journal: Takes a line for each request, and what is the server's own fault.
        grace_s: How long requests in progress may take when the server is told to end, in seconds.
    """

    def __init__(
        self,
        engine: Engine,
        settings: ServerSettings,
        listener: socket.socket,
        journal: Journal,
        *,
        grace_s: float = GRACE_S,
    ) -> None:
        self._listener = listener
        self._uploads = Uploads(settings.max_upload_bytes)
        self._slots = Admission(settings.jobs, settings.queue)
        self._executor = ThreadPoolExecutor(settings.jobs, thread_name_prefix="transcribing")
        route = Transcriptions(engine, settings.models, self._uploads, self._slots, self._executor)
        self._is_ready = threading.Event()
        # Set when all clients have been answered; threads that still give up their work are not waited for.
        self._is_over = threading.Event()
        self._server = UvicornServer(
            build_app(settings, route, journal),
            on_ready=self._is_ready.set,
            on_overdue=self._slots.close,
            on_over=self._is_over.set,
            grace_s=grace_s,
        )
        self._failure: BaseException | None = None
        # Nobody waits for it when the process ends at once.
        self._thread = threading.Thread(target=self._serve, name="serving", daemon=True)

    @property
    def under_way(self) -> int:
        """How many requests are being transcribed, or waiting for it."""
        return self._slots.taken

    def __enter__(self) -> Self:
        self._thread.start()
        self._is_ready.wait()
        self._raise_failure()
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_over.is_set():
            self._thread.join(_LAST_WAIT_S)
        # Whatever has not ended by now is not waited for, and would not clean up.
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._uploads.close()

    def stop(self) -> None:
        """Take no more connections; `wait` tells when all is done."""
        self._server.should_exit = True

    def wait(self, seconds: float) -> bool:
        """Wait for the end.

        Args:
            seconds: How long at the most.

        Returns:
            Whether it has come.
        """
        is_over = self._is_over.wait(seconds)
        self._raise_failure()
        return is_over

    def _serve(self) -> None:
        try:
            with contextlib.closing(self._listener):
                self._server.run(sockets=[self._listener])
        except BaseException as error:  # noqa: BLE001 - told to whoever waits
            self._failure = error
        finally:
            self._is_ready.set()
            self._is_over.set()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure
