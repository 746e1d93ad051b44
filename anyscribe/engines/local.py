"""All that is built in behind one door: the request's model says which engine answers."""

from __future__ import annotations

import contextlib
import importlib.util
from typing import TYPE_CHECKING, Final

from anyscribe.engines.sphinx import MODEL as SPHINX
from anyscribe.engines.sphinx import SphinxEngine, worker_pool
from anyscribe.engines.whisper import WhisperEngine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.engines import Engine
    from anyscribe.events import Emit
    from anyscribe.request import AudioSource, TranscriptionRequest
    from anyscribe.transcript import Answer

_WHISPER_PACKAGE: Final = "faster_whisper"


class LocalEngine:
    """The built-in engines as one `anyscribe.engines.Engine`.

    Without a model, Whisper answers where it is installed, else PocketSphinx.

    Args:
        sphinx: The small one.
        whisper: The better one, for every model but ``sphinx``.
    """

    def __init__(self, sphinx: SphinxEngine, whisper: WhisperEngine) -> None:
        self._sphinx = sphinx
        self._whisper = whisper

    def check(self, request: TranscriptionRequest) -> Sequence[str]:
        """Refuse models that there are none of, and what the model's engine refuses."""
        return self._engine(request.model).check(request)

    def transcribe(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Answer:
        """Transcribe one recording with the model that is asked for."""
        return self._engine(request.model).transcribe(request, audio, emit)

    def prepare(self, model: str | None, emit: Emit) -> None:
        """Load a model before it is needed, and fetch it first if it is not here.

        Args:
            model: Its name; None means the default.
            emit: Takes `anyscribe.events.Fetched` and notices.

        Raises:
            FieldError: There is no such model.
            EngineError: It cannot be fetched or loaded.
        """
        if self._engine(model) is self._whisper:
            self._whisper.prepare(model, emit)

    def _engine(self, model: str | None) -> Engine:
        is_whispers = is_whisper_installed() if model is None else model != SPHINX
        return self._whisper if is_whispers else self._sphinx


def is_whisper_installed() -> bool:
    """Tell whether the better engine is installed, without loading it."""
    return importlib.util.find_spec(_WHISPER_PACKAGE) is not None


@contextlib.contextmanager
def local_engine(cores: int) -> Iterator[LocalEngine]:
    """Hold the built-in engines ready; nothing is loaded or started before it is used.

    Args:
        cores: How many cores they may use.

    Yields:
        The engine; its workers end with the context.
    """
    with worker_pool(cores) as pool:
        yield LocalEngine(SphinxEngine(pool, cores), WhisperEngine(cores))
