"""The table of built-in engines, and `LocalEngine`, which selects one of them by the request's model."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from anyscribe.engines import BUILT_IN, Engine, sphinx, whisper
from anyscribe.errors import FieldError, MissingExtraError, ModelUnavailableError
from anyscribe.optional import is_installed
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Executor

    from anyscribe.engines import Capabilities
    from anyscribe.engines.weights import Weights
    from anyscribe.events import Emit
    from anyscribe.request import AudioSource, TranscriptionRequest
    from anyscribe.result import Result


class BuiltInEngine(Engine, Protocol):
    """An engine that runs on this machine."""

    def prepare(self, model: str | None, emit: Emit) -> None:
        """Load a model before it is needed; download it first if necessary.

        Args:
            model: The model's name; None means the engine's default.
            emit: Receives `anyscribe.events.Fetched` and notices.

        Raises:
            FieldError: There is no such model.
            EngineError: The model cannot be downloaded or loaded.
        """

    def close(self) -> None:
        """Stop running work and clean up."""


@dataclass(frozen=True, slots=True)
class EngineEntry:
    """A built-in engine's entry in the table.

    Args:
        title: The engine's display name.
        extra: The extra that installs its dependencies.
        packages: The packages that it needs, by their import names.
        default_model: The model that it uses if the request names none.
        names: The names of its models; None if it accepts folders, and every name that no other engine has.
        models: Returns its models, and the weights of each; the engine must be installed.
        make: Creates the engine; takes the number of cores that it may use, and an executor for work in processes.
    """

    title: str
    extra: str
    packages: tuple[str, ...]
    default_model: str
    names: frozenset[str] | None
    models: Callable[[], Mapping[str, Weights]]
    make: Callable[[int, Executor], BuiltInEngine]

    @property
    def is_installed(self) -> bool:
        """Whether the packages that it needs are installed."""
        return is_installed(*self.packages)


ENGINES: Final = (
    EngineEntry("Whisper", "whisper", ("faster_whisper",), "small", None, whisper.models, whisper.make_engine),
    EngineEntry("PocketSphinx", "local", ("pocketsphinx",), "sphinx", sphinx.MODELS, sphinx.models, sphinx.make_engine),
)
"""Every built-in engine; the first one that is installed is used if the request names no model."""


@dataclass(frozen=True, slots=True)
class BuiltInModel:
    """A model of a built-in engine.

    Args:
        name: The model's name in requests.
        engine: The engine's title.
        weights: Its weights.
        is_default: Whether it is used if the request names no model.
    """

    name: str
    engine: str
    weights: Weights
    is_default: bool


class LocalEngine:
    """The built-in engines as one `anyscribe.engines.Engine`; each is created on first use.

    Args:
        cores: The number of cores that they may use.
        processes: Runs work in processes.
        entries: The engines to choose from.
    """

    address: Final = None

    def __init__(self, cores: int, processes: Executor, entries: Sequence[EngineEntry] = ENGINES) -> None:
        self._cores = cores
        self._processes = processes
        self._entries = tuple(entries)
        self._made: dict[EngineEntry, BuiltInEngine] = {}

    def check(self, request: TranscriptionRequest) -> Sequence[str]:
        """Reject unknown models, and requests that the model's engine rejects."""
        try:
            return self._engine(request.model).check(request)
        except FieldError as error:
            if error.option == "model" and error.legal:
                raise FieldError("model", error.value, error.reason, legal=self._names()) from error
            raise

    def capabilities(self, request: TranscriptionRequest) -> Capabilities:  # noqa: ARG002 - required by the interface
        """Return the built-in capabilities: every format and container, any length."""
        return BUILT_IN

    def transcribe(self, request: TranscriptionRequest, audio: AudioSource, emit: Emit) -> Result:
        """Transcribe a recording with the request's model."""
        with self._naming_models_here():
            return self._engine(request.model).transcribe(request, audio, emit)

    def prepare(self, model: str | None, emit: Emit) -> None:
        """Load a model before it is needed; see `BuiltInEngine.prepare`."""
        with self._naming_models_here():
            self._engine(model).prepare(model, emit)

    def close(self) -> None:
        """Close the engines."""
        for engine in self._made.values():
            engine.close()

    def _engine(self, model: str | None) -> BuiltInEngine:
        entry = _entry_of(model or default_model(self._entries), self._entries)
        if not entry.is_installed:
            raise self._missing(model, entry)
        if entry not in self._made:
            self._made[entry] = entry.make(self._cores, self._processes)
        return self._made[entry]

    @contextlib.contextmanager
    def _naming_models_here(self) -> Iterator[None]:
        """Add the models that are on this machine to the remedy for a model that is not."""
        try:
            yield
        except ModelUnavailableError as error:
            here = ", ".join(model.name for model in built_in_models(self._entries) if model.weights.are_here)
            if not here:
                raise
            remedy = Sentence(
                "use {}, which is here; {}" if "," not in here else "use one of {}; {}", here, error.remedy
            )
            raise ModelUnavailableError(error.message, remedy=remedy) from error

    def _missing(self, model: str | None, entry: EngineEntry) -> MissingExtraError:
        """Return the error for a model whose engine is not installed; whether that engine has the model is unknown."""
        if model is None:
            return MissingExtraError("no built-in engine is installed", extra=entry.extra)
        here = ", ".join(self._names())
        others = f" (built-in models here: {here})" if here else ""
        message = Sentence("{}: {} is not installed{}", Option("model", model), entry.title, others)
        return MissingExtraError(message, extra=entry.extra)

    def _names(self) -> list[str]:
        return [name for entry in self._entries if entry.is_installed for name in entry.models()]


def _entry_of(model: str, entries: Sequence[EngineEntry]) -> EngineEntry:
    owner = next((entry for entry in entries if entry.names is not None and model in entry.names), None)
    return owner or next(entry for entry in entries if entry.names is None)


def is_any_installed(entries: Sequence[EngineEntry] = ENGINES) -> bool:
    """Return whether any built-in engine is installed.

    Args:
        entries: The engines to choose from.
    """
    return any(entry.is_installed for entry in entries)


def default_model(entries: Sequence[EngineEntry] = ENGINES) -> str:
    """Return the model that is used if the request names none.

    Args:
        entries: The engines to choose from.
    """
    return next((entry for entry in entries if entry.is_installed), entries[-1]).default_model


def model_here(entries: Sequence[EngineEntry] = ENGINES) -> str:
    """Return the model to use if the user named neither a model nor this machine: preferably without a download.

    Args:
        entries: The engines to choose from.
    """
    installed = [entry for entry in entries if entry.is_installed]
    here = (entry.default_model for entry in installed if entry.models()[entry.default_model].are_here)
    return next(here, default_model(entries))


def built_in_models(entries: Sequence[EngineEntry] = ENGINES) -> list[BuiltInModel]:
    """Return the models of the installed engines.

    Args:
        entries: The engines to choose from.
    """
    default = default_model(entries)
    return [
        BuiltInModel(name, entry.title, weights, name == default)
        for entry in entries
        if entry.is_installed
        for name, weights in entry.models().items()
    ]


def missing_engines(entries: Sequence[EngineEntry] = ENGINES) -> list[MissingExtraError]:
    """Return an error for each engine that is not installed, with how to install it.

    Args:
        entries: The engines to choose from.
    """
    missing = (entry for entry in entries if not entry.is_installed)
    return [MissingExtraError(f"{entry.title} is not installed", extra=entry.extra) for entry in missing]


@contextlib.contextmanager
def local_engine(cores: int, processes: Executor) -> Iterator[LocalEngine]:
    """Provide the built-in engines, and close them at the end; each is loaded only when it is used.

    Args:
        cores: The number of cores that they may use.
        processes: Runs work in processes.

    Yields:
        The engine.
    """
    with contextlib.closing(LocalEngine(cores, processes)) as engine:
        yield engine
