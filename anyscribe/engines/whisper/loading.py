"""Load models on first use, and keep them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from anyscribe.engines.whisper.catalogue import find_weights
from anyscribe.engines.whisper.libraries import hint_of_graphics, keep_text, one_line, whisper_library
from anyscribe.engines.whisper.packaged import find_packaged, open_packaged
from anyscribe.errors import EngineError, ModelUnavailableError
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from pathlib import Path

    from anyscribe.engines.whisper.weights import Fetch
    from anyscribe.events import Emit

_CLEARING_UP_S: Final = 0.3


@dataclass
class _Place:
    """The slot of one model; the lock is held while it is loaded."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    model: Any = None


class Models:
    """Loads models, and downloads those that are not on this machine; may be used by several threads at once.

    Args:
        cores: The number of cores that a model may use.
    """

    def __init__(self, cores: int) -> None:
        self._cores = cores
        self._lock = threading.Lock()
        self._places: dict[Path, _Place] = {}
        self._fetches: dict[str, Fetch] = {}
        self._packaged_folders: dict[str, Path] = {}

    def load(self, model: str, emit: Emit) -> Any:  # noqa: ANN401 - the library is untyped
        """Return a model, ready for use.

        Args:
            model: A name or a folder that `anyscribe.engines.whisper.catalogue.check_model` has accepted.
            emit: Receives `anyscribe.events.Fetched` and a notice if the model must be downloaded.

        Returns:
            A ``faster_whisper.WhisperModel``, the same one each time.

        Raises:
            EngineError: It can neither be found nor downloaded, or cannot be loaded.
        """
        folder = self._packaged(model) or find_weights(model) or self._fetch(model, emit)
        folder = folder.resolve()
        with self._lock:
            place = self._places.setdefault(folder, _Place())
        with place.lock:
            if place.model is None:
                place.model = self._loaded(model, folder)
            return place.model

    def close(self) -> None:
        """Cancel running downloads and delete their partial files."""
        with self._lock:
            fetches = list(self._fetches.values())
        for fetch in fetches:
            fetch.abandon(_CLEARING_UP_S)

    def _packaged(self, model: str) -> Path | None:
        if find_packaged(model) is None:
            return None
        with self._lock:
            if model not in self._packaged_folders:
                import platformdirs  # noqa: PLC0415 - few models need it

                cache = platformdirs.user_cache_path("anyscribe", appauthor=False)
                self._packaged_folders[model] = open_packaged(model, cache)
            return self._packaged_folders[model]

    def _fetch(self, model: str, emit: Emit) -> Path:
        from anyscribe.engines.whisper.weights import Fetch, FetchError  # noqa: PLC0415 - needed only for downloads

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

    def _loaded(self, model: str, folder: Path) -> Any:  # noqa: ANN401 - the library is untyped
        library = whisper_library()
        try:
            # "auto" selects the fastest number format that the CPU or graphics card supports: on CPUs 8 bits, even if
            # the weights are stored in another format.
            loaded = library.WhisperModel(
                str(folder), device="auto", compute_type="auto", cpu_threads=self._cores, num_workers=1
            )
        except Exception as error:
            # The libraries below have no exception types of their own to catch.
            message = one_line(error)
            hint = hint_of_graphics(message) or f"check that the files in {folder} are complete"
            raise EngineError(f"the model {model} cannot be loaded ({message})", remedy=hint) from error
        return keep_text(loaded)
