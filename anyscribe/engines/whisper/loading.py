"""Models that are loaded when they are first wanted, and then kept."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from anyscribe.engines.whisper.catalogue import find_weights
from anyscribe.engines.whisper.libraries import hint_of_graphics, one_line, whisper_library
from anyscribe.errors import EngineError, ModelUnavailableError
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from pathlib import Path

    from anyscribe.engines.whisper.weights import Fetch
    from anyscribe.events import Emit

_CLEARING_UP_S: Final = 0.3


@dataclass
class _Place:
    """Where one model is kept; the lock is held while it is loaded."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    model: Any = None


class Models:
    """Loads models, fetching those that are not on this machine; may be asked by several threads at once.

    Args:
        cores: How many cores a model may use.
    """

    def __init__(self, cores: int) -> None:
        self._cores = cores
        self._lock = threading.Lock()
        self._places: dict[Path, _Place] = {}
        self._fetches: dict[str, Fetch] = {}

    def load(self, model: str, emit: Emit) -> Any:  # noqa: ANN401 - the library tells no types
        """Give a model, ready to be used.

        Args:
            model: A name or a folder that `anyscribe.engines.whisper.catalogue.check_model` has passed.
            emit: Takes `anyscribe.events.Fetched` and a notice where it has to be fetched.

        Returns:
            A ``faster_whisper.WhisperModel``, the same one each time.

        Raises:
            EngineError: It can be neither found nor fetched, or not be loaded.
        """
        folder = (find_weights(model) or self._fetch(model, emit)).resolve()
        with self._lock:
            place = self._places.setdefault(folder, _Place())
        with place.lock:
            if place.model is None:
                place.model = self._loaded(model, folder)
            return place.model

    def close(self) -> None:
        """Have no more fetched, and nothing left behind that is half fetched."""
        with self._lock:
            fetches = list(self._fetches.values())
        for fetch in fetches:
            fetch.abandon(_CLEARING_UP_S)

    def _fetch(self, model: str, emit: Emit) -> Path:
        from anyscribe.engines.whisper.weights import Fetch, FetchError  # noqa: PLC0415 - used once in a model's life

        with self._lock:
            fetch = self._fetches.get(model)
            if fetch is None or fetch.has_ended:
                fetch = self._fetches[model] = Fetch(model)
        try:
            return fetch.wait(emit)
        except FetchError as error:
            raise ModelUnavailableError(
                f"the model {model} is not on this machine and cannot be downloaded ({error.reason})",
                remedy=Sentence("{} also takes a folder with a model", Option("model")),
            ) from error

    def _loaded(self, model: str, folder: Path) -> Any:  # noqa: ANN401 - the library tells no types
        library = whisper_library()
        try:
            # Of the kinds of numbers that the processor or graphics card computes with, "auto" takes the fastest: on
            # processors those of 8 bits, whatever the weights are kept in.
            return library.WhisperModel(
                str(folder), device="auto", compute_type="auto", cpu_threads=self._cores, num_workers=1
            )
        except Exception as error:
            # What lies below has no errors of its own that could be named.
            message = one_line(error)
            hint = hint_of_graphics(message) or f"it lies in {folder}; see if it is whole"
            raise EngineError(f"the model {model} cannot be loaded ({message})", remedy=hint) from error
