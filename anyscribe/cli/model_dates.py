"""Tell once a day that the server will shut down the model that is used."""

from __future__ import annotations

import contextlib
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from anyscribe.batch.job_events import JobEvent
from anyscribe.errors import AnyscribeError
from anyscribe.events import Sent, Trace
from anyscribe.store import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anyscribe.config import Server
    from anyscribe.engines.remote.model_list import OfferedModel
    from anyscribe.events import Emit, Event
    from anyscribe.session import Network
    from anyscribe.store import Store
    from anyscribe.terminal.display import Display

_SOON_DAYS: Final = 90
_LONGEST_S: Final = 10.0


class ModelDates:
    """Asks for the server's models beside the first request of the day; no work waits for the answer or fails by it.

    Args:
        server: Where it is transcribed.
        model: The model that is used.
        network: How the server is talked to.
        store: Remembers when it was asked.
        display: Shows the notice.
    """

    def __init__(self, server: Server, model: str, network: Network, store: Store, display: Display) -> None:
        self._server = server
        self._model = model
        self._network = network
        self._store = store
        self._display = display
        self._lock = threading.Lock()
        self._is_begun = self._is_over = False

    @contextlib.contextmanager
    def watching(self, emit: Emit) -> Iterator[Emit]:
        """Watch for the first request; what is not known when the context ends is not told.

        Args:
            emit: Takes the events.

        Yields:
            What takes them instead.
        """

        def watched(event: Event) -> None:
            if isinstance(event, JobEvent) and isinstance(event.event, Sent):
                self._begin()
            emit(event)

        try:
            yield watched
        finally:
            with self._lock:
                self._is_over = True

    def _begin(self) -> None:
        with self._lock:
            if self._is_begun:
                return
            self._is_begun = True
        threading.Thread(target=self._look, name="model dates", daemon=True).start()

    def _look(self) -> None:
        # The store may be closed by now, the server may know no such route: nobody is waiting.
        with contextlib.suppress(AnyscribeError, StoreError):
            notice = self._notice()
            with self._lock:
                if notice and not self._is_over:
                    self._display.notice(notice)

    def _notice(self) -> str:
        """Return what is to be told; empty if it is nothing, or has been told today."""
        from anyscribe.engines.remote import Endpoint  # noqa: PLC0415 - loads the network
        from anyscribe.engines.remote.model_list import list_models, transcribing  # noqa: PLC0415 - likewise

        server, network = self._server, self._network
        endpoint = Endpoint(server.base_url, server.key, server.key_name, network.insecure_http)
        address = endpoint.transcriptions_url
        if self._store.is_first_today(address):
            self._display.emit(Trace(f"> GET the models of {endpoint.host}"))
            connect_s, read_s = (
                min(longest_s, _LONGEST_S) for longest_s in (network.connect_seconds, network.read_seconds)
            )
            offered = transcribing(list_models(endpoint, connect_seconds=connect_s, read_seconds=read_s))
            self._store.note_untold(address, dict(_endings(offered)))
        return self._store.take_untold(address, self._model)


def _endings(offered: Iterable[OfferedModel]) -> Iterator[tuple[str, str]]:
    """Yield the models that end soon, and a line about each."""
    today = datetime.now(UTC).date()
    for model in offered:
        if model.ends is not None and 0 <= (model.ends - today).days <= _SOON_DAYS:
            follows = f"; {model.successor} follows it" if model.successor else ""
            yield model.name, f"{model.name} is shut down on {model.ends.isoformat()}{follows}"
