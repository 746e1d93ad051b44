"""Load models on first use, and keep them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from anyscribe.engines.whisper.catalogue import WEIGHTS, find_weights, models_here
from anyscribe.engines.whisper.libraries import hint_of_graphics, one_line, whisper_library
from anyscribe.engines.whisper.packaged import find_packaged, open_packaged
from anyscribe.errors import EngineError, ModelUnavailableError, OptionError
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from pathlib import Path

    from anyscribe.engines.whisper.weights import Fetch
    from anyscribe.events import Emit
    from anyscribe.sentence import Text

DEVICES: Final = ("auto", "cpu", "cuda")
COMPUTE_TYPES: Final = (
    "auto",
    "default",
    "int8",
    "int8_float16",
    "int8_bfloat16",
    "int8_float32",
    "int16",
    "float16",
    "bfloat16",
    "float32",
)
"""Source: the page "Quantization and reduced precision" of CTranslate2's documentation."""

_CLEARING_UP_S: Final = 0.3

_MOST_THREADS: Final = 4
"""Two threads with a core each read more in the same time than one with both; each needs its own working memory."""

_MOST_BATCH: Final = 4
_CARD_BATCH: Final = 16
_WORKING_BYTES: Final = 1_200_000_000
"""A window takes about as much memory as the weights have bytes."""


@dataclass
class _Place:
    """The slot of one model; the lock is held while it is loaded."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    loaded: LoadedModel | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """What a model runs on, as faster-whisper names it.

    Args:
        name: ``cpu``, ``cuda``, or ``auto`` for the best that there is.
        compute_type: The number format, such as ``int8`` or ``float16``; ``auto`` is the fastest that the device has:
            on CPUs 8 bits, even if the weights are stored in another one.

    Raises:
        OptionError: There is no such device, or no such number format.
    """

    name: str = "auto"
    compute_type: str = "auto"

    def __post_init__(self) -> None:
        if self.name not in DEVICES:
            raise OptionError("device", self.name, "no such device", legal=DEVICES)
        if self.compute_type not in COMPUTE_TYPES:
            raise OptionError("compute_type", self.compute_type, "no such number format", legal=COMPUTE_TYPES)


class LoadedModel(NamedTuple):
    """A model, ready for use.

    Args:
        model: A ``faster_whisper.WhisperModel``.
        threads: How many threads may use it at a time.
        executor: Those threads. They are kept, since the C library keeps memory for each thread that there ever was.
        batch: How many windows it shall read at once in each of them.
    """

    model: Any
    threads: int
    executor: Executor
    batch: int


class Models:
    """Loads models, and downloads those that are not on this machine; may be used by several threads at once.

    Args:
        cores: The number of cores that a model may use.
        device: What models run on; None chooses.
    """

    def __init__(self, cores: int, device: Device | None = None) -> None:
        self._cores = cores
        self._device = device or Device()
        self._lock = threading.Lock()
        self._places: dict[Path, _Place] = {}
        self._fetches: dict[str, Fetch] = {}
        self._packaged_folders: dict[str, Path] = {}

    def load(self, model: str, emit: Emit) -> LoadedModel:
        """Return a model, ready for use.

        Args:
            model: A name or a folder that `anyscribe.engines.whisper.catalogue.check_model` has accepted.
            emit: Receives `anyscribe.events.Fetched` and a notice if the model must be downloaded.

        Returns:
            The model, the same one each time.

        Raises:
            EngineError: It can neither be found nor downloaded, or cannot be loaded.
        """
        folder = self._packaged(model) or find_weights(model) or self._fetch(model, emit)
        folder = folder.resolve()
        with self._lock:
            place = self._places.setdefault(folder, _Place())
        with place.lock:
            if place.loaded is None:
                place.loaded = self._loaded(model, folder)
            return place.loaded

    def close(self) -> None:
        """Cancel what is not begun, and running downloads, whose partial files are deleted."""
        with self._lock:
            fetches = list(self._fetches.values())
            loaded = [place.loaded for place in self._places.values() if place.loaded is not None]
        for model in loaded:
            model.executor.shutdown(wait=False, cancel_futures=True)
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
            folders = Sentence("{} also takes a folder with a model", Option("model"))
            here = ", ".join(models_here())
            others = f"use {'one of ' * (',' in here)}{here}{', which is here' * (',' not in here)}"
            raise ModelUnavailableError(
                f"the model {model} is not on this machine and cannot be downloaded ({error.reason})",
                remedy=Sentence("{}; {}", others, folders) if here else folders,
            ) from error

    def _loaded(self, model: str, folder: Path) -> LoadedModel:
        library = whisper_library()
        workers = min(self._cores, _MOST_THREADS)
        try:
            loaded = library.WhisperModel(
                str(folder),
                device=self._device.name,
                compute_type=self._device.compute_type,
                cpu_threads=max(self._cores // workers, 1),
                num_workers=workers,
            )
        except Exception as error:
            # The libraries below have no exception types of their own to catch.
            message = one_line(error)
            hint: Text = hint_of_graphics(message) or f"check that the files in {folder} are complete"
            if "compute type" in message:
                hint = Sentence("leave out {}", Option("compute_type"))
            raise EngineError(f"the model {model} cannot be loaded ({message})", remedy=hint) from error
        batch = min(max(_WORKING_BYTES // (folder / WEIGHTS).stat().st_size, 1), _MOST_BATCH)
        threads, batch = (workers, batch) if loaded.model.device == "cpu" else (1, _CARD_BATCH)
        return LoadedModel(loaded, threads, ThreadPoolExecutor(threads, thread_name_prefix="reading"), batch)
