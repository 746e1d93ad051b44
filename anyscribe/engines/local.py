"""All that is built in behind one door: the request's model says which engine answers."""

from __future__ import annotations

import contextlib
import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anyscribe.engines import HERE, whisper
from anyscribe.engines.sphinx import MODEL as SPHINX
from anyscribe.engines.sphinx import SphinxEngine
from anyscribe.engines.whisper import WhisperEngine
from anyscribe.errors import MissingExtraError
from anyscribe.workers import worker_pool

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.engines import Abilities, Engine
    from anyscribe.events import Emit
    from anyscribe.request import AudioSource, TranscriptionRequest
    from anyscribe.transcript import Answer

_SPHINX_PACKAGE: Final = "pocketsphinx"


@dataclass(frozen=True, slots=True)
class BuiltInModel:
    """A model that transcribes on this machine.

    Args:
        name: What a request calls it.
        engine: The engine behind it.
        is_here: Whether its weights are on this machine; else they are fetched when they are first wanted.
        is_default: Whether it answers where no model is asked for.
    """

    name: str
    engine: str
    is_here: bool
    is_default: bool


class LocalEngine:
    """The built-in engines as one `anyscribe.engines.Engine`.

    Without a model, Whisper answers where it is installed, else PocketSphinx.

    Args:
        sphinx: The small one.
        whisper: The better one, for every model but ``sphinx``.
    """

    address: Final = None

    def __init__(self, sphinx: SphinxEngine, whisper: WhisperEngine) -> None:
        self._sphinx = sphinx
        self._whisper = whisper

    def check(self, request: TranscriptionRequest) -> Sequence[str]:
        """Refuse models that there are none of, and what the model's engine refuses."""
        return self._engine(request.model).check(request)

    def abilities(self, request: TranscriptionRequest) -> Abilities:  # noqa: ARG002 - as the promise has it
        """Answer in every format, and hear whatever can be decoded, of any length."""
        return HERE

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
        model = model or default_model()
        if model != SPHINX and not whisper.is_installed():
            # Whether there is such a model, nobody here can tell.
            installed = f"built in is {SPHINX}" if is_sphinx_installed() else "no built-in engine is installed"
            raise MissingExtraError(
                f"--model {model}: {installed}; Whisper, which has other models, is not installed", extra="whisper"
            )
        return self._sphinx if model == SPHINX else self._whisper


def is_sphinx_installed() -> bool:
    """Tell whether the small engine is installed, without loading it."""
    return importlib.util.find_spec(_SPHINX_PACKAGE) is not None


def default_model() -> str:
    """Name the model that answers where none is asked for."""
    return whisper.DEFAULT_MODEL if whisper.is_installed() else SPHINX


def model_at_hand() -> str:
    """Name the model for those who asked for none, nor for this machine: nothing is fetched that nobody asked for."""
    default = default_model()
    is_here = default == SPHINX or default in whisper.models_here() or not is_sphinx_installed()
    return default if is_here else SPHINX


def built_in_models() -> Sequence[BuiltInModel]:
    """List the models that transcribe on this machine, as far as their engines are installed."""
    default = default_model()
    models = [BuiltInModel(SPHINX, "PocketSphinx", is_here=True, is_default=default == SPHINX)]
    if not is_sphinx_installed():
        models = []
    if whisper.is_installed():
        here = whisper.models_here()
        models += [
            BuiltInModel(name, "Whisper", is_here=name in here, is_default=name == default)
            for name in whisper.repositories()
        ]
    return models


def missing_engines() -> Sequence[MissingExtraError]:
    """Say which engines are not installed, and how they would be."""
    missing = []
    if not is_sphinx_installed():
        missing.append(MissingExtraError("PocketSphinx, the small engine, is not installed", extra="local"))
    if not whisper.is_installed():
        missing.append(MissingExtraError("Whisper, the better engine, is not installed", extra="whisper"))
    return missing


@contextlib.contextmanager
def local_engine(cores: int) -> Iterator[LocalEngine]:
    """Hold the built-in engines ready; nothing is loaded or started before it is used.

    Args:
        cores: How many cores they may use.

    Yields:
        The engine; its workers end with the context.
    """
    better = WhisperEngine(cores, (SPHINX,) if is_sphinx_installed() else ())
    with contextlib.closing(better), worker_pool(cores) as pool:
        yield LocalEngine(SphinxEngine(pool, cores), better)
