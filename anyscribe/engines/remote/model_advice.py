"""Name the models that a server offers when it refuses the one that was asked for."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from anyscribe.errors import ServerError, UnknownModelError
from anyscribe.events import Trace
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.engines.remote.endpoint import Endpoint
    from anyscribe.events import Emit

_CONNECT_SECONDS: Final = 5.0
_READ_SECONDS: Final = 10.0
_MOST_NAMED: Final = 6


class ModelAdvice:
    """Asks a server for its models, once at most; safe to use from several threads.

    Args:
        endpoint: The server and its key.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._lock = threading.Lock()
        self._offered: Sequence[str] | None = None

    def on(self, refusal: ServerError, model: str | None, emit: Emit) -> ServerError:
        """Add to a refusal what the server offers instead; any other error is returned as it is.

        Args:
            refusal: The error.
            model: The model that was asked for.
            emit: Takes lines of detail.
        """
        if not isinstance(refusal, UnknownModelError) or not model:
            return refusal
        with self._lock:
            if self._offered is None:
                self._offered = self._listed(emit)
        others = [name for name in self._offered if name != model]
        if not others:
            return refusal
        # Servers also list models that do not transcribe; their own words say more about those.
        is_listed = len(others) < len(self._offered)
        what = refusal.message if is_listed else f'the server has no model "{model}"'
        named = ", ".join([*others[:_MOST_NAMED], *(["…"] if len(others) > _MOST_NAMED else [])])
        return UnknownModelError(
            Sentence("{}; it offers {}; {} names one", what, named, Option("model")),
            status=refusal.status,
            field=refusal.field,
            request_id=refusal.request_id,
        )

    def _listed(self, emit: Emit) -> Sequence[str]:
        """Return the models that transcribe, or those of which nothing is known; none if there is no list."""
        from anyscribe.engines.remote.model_list import list_models, transcribing  # noqa: PLC0415 - rarely needed

        emit(Trace(f"> GET the models of {self._endpoint.host}"))
        try:
            models = list_models(self._endpoint, connect_seconds=_CONNECT_SECONDS, read_seconds=_READ_SECONDS)
        except ServerError as error:
            emit(Trace(f"! no list of models: {error.message}"))
            return ()
        return [model.name for model in transcribing(models)]
