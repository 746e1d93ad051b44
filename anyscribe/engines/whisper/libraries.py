"""Import Whisper's libraries, which are an extra, and silence them: only the terminal package writes to the user."""

from __future__ import annotations

import contextlib
import functools
import importlib
import logging
import os
import signal
import threading
import warnings
from typing import TYPE_CHECKING, Any, Final

from anyscribe.engines.whisper import EXTRA
from anyscribe.errors import EngineError, MissingExtraError
from anyscribe.sentence import Extra, Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from anyscribe.sentence import Text

_PACKAGE: Final = "faster_whisper"
_GRAPHICS: Final = ("cublas", "cudnn", "cuda")
_NO_LEVEL: Final = logging.CRITICAL + 1
_SEED: Final = 1
_SPEECH_PAD_MS: Final = 30
_LEAST_SILENCE_MS: Final = 300


@functools.cache
def whisper_library() -> Any:  # noqa: ANN401 - the library is untyped
    """Import faster-whisper, which takes a quarter of a second: only when a Whisper model is needed.

    Returns:
        The package.

    Raises:
        MissingExtraError: It is not installed, or only a part of it is.
        EngineError: It is installed, but cannot be imported.
    """
    _keep_to_oneself()
    try:
        with _uninterrupted():
            library = importlib.import_module(_PACKAGE)
            _hush_decoder()
            # Text that looks bad is decoded again with random numbers: the same ones for each format and each run.
            importlib.import_module("ctranslate2").set_random_seed(_SEED)
    except ModuleNotFoundError as error:
        raise MissingExtraError("Whisper is not installed", extra=EXTRA) from error
    except ImportError as error:
        raise EngineError(f"Whisper does not load ({error})", remedy=Sentence("{} again", Extra(EXTRA))) from error
    return library


def known_repositories() -> Mapping[str, str]:
    """Return the hub's repository for each model's name, in faster-whisper's order.

    The library publishes the names, but their repositories only in a private table. Only this module reads it, and the
    extra bounds the library's version.

    Raises:
        MissingExtraError: Whisper is not installed.
    """
    whisper_library()
    known: Mapping[str, str] = importlib.import_module("faster_whisper.utils")._MODELS  # noqa: SLF001 - see above
    return known


def suppressed_tokens(tokenizer: Any) -> list[int]:  # noqa: ANN401 - the library is untyped
    """Return the tokens that are no speech: notes, brackets, and what controls the model.

    Args:
        tokenizer: A ``faster_whisper.tokenizer.Tokenizer``.
    """
    suppress = importlib.import_module("faster_whisper.transcribe").get_suppressed_tokens
    return list(suppress(tokenizer, [-1]))


def detect_speech(sound: Any) -> list[dict[str, int]]:  # noqa: ANN401 - as above
    """Detect speech with the detector that faster-whisper carries.

    Args:
        sound: Samples from -1 to 1, at 16 kHz.

    Returns:
        The ``start`` and ``end`` of each stretch of speech, in samples, in order.
    """
    detection = importlib.import_module("faster_whisper.vad")
    options = detection.VadOptions(speech_pad_ms=_SPEECH_PAD_MS, min_silence_duration_ms=_LEAST_SILENCE_MS)
    found: list[dict[str, int]] = detection.get_speech_timestamps(sound, options)
    return found


def known_languages() -> frozenset[str]:
    """Return the codes of the languages that Whisper knows; a model has them too, but only once it is loaded.

    Raises:
        MissingExtraError: Whisper is not installed.
    """
    whisper_library()
    return frozenset(importlib.import_module("faster_whisper.tokenizer")._LANGUAGE_CODES)  # noqa: SLF001 - see above


@functools.cache
def hub_library() -> Any:  # noqa: ANN401 - the parts used differ between versions
    """Import huggingface_hub, which finds and downloads weights; it is installed with faster-whisper.

    Returns:
        The package.

    Raises:
        MissingExtraError: It is not installed.
    """
    _keep_to_oneself()
    try:
        with _uninterrupted():
            library = importlib.import_module("huggingface_hub")
    except ModuleNotFoundError as error:
        raise MissingExtraError("Whisper is not installed", extra=EXTRA) from error
    # It warns of file systems without links, and of progress bars that the environment enables.
    warnings.filterwarnings("ignore", module="huggingface_hub")
    # Older versions draw a bar for each file, even if another class is passed.
    importlib.import_module("huggingface_hub.utils").disable_progress_bars()
    # Its import sets the log level, so it comes first.
    importlib.import_module("huggingface_hub.utils.logging")
    _hush("huggingface_hub")
    _unlock_bars()
    return library


def one_line(error: BaseException) -> str:
    """Return an error's message on one line of at most 200 characters, or its type's name if it has none.

    Args:
        error: The error that a library raised.
    """
    return " ".join(str(error).split())[:200] or type(error).__name__


def hint_of_graphics(message: str) -> Text:
    """Return a remedy for a graphics card whose libraries are missing, which is the most common error.

    Args:
        message: The library's error message.

    Returns:
        What to do; empty if the message is about something else.
    """
    is_of_graphics = any(name in message.lower() for name in _GRAPHICS)
    return Sentence("{} keeps it off the graphics card", Option("device", "cpu")) if is_of_graphics else ""


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Block signals during an import: in some libraries, a signal that arrives then is lost."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _keep_to_oneself() -> None:
    """Send no user data.

    The hub's library would ask it how to recognise programs that run this one. From 1.29 on, onnxruntime tells its
    makers about each process, and leaves a file ``.ses`` (pull request 27379 of microsoft/onnxruntime).
    """
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def _hush_decoder() -> None:
    _hush(_PACKAGE)
    _unlock_bars()
    # Both write directly to standard error, about number formats that the CPU lacks and about graphics cards.
    _quietly(lambda: importlib.import_module("ctranslate2").set_log_level(logging.CRITICAL))
    _quietly(lambda: importlib.import_module("onnxruntime").set_default_logger_severity(4))


def _unlock_bars() -> None:
    """Keep the progress bars that libraries create, even hidden ones, from leaving a semaphore behind.

    tqdm's own lock also works across processes. It is a system semaphore, which is reported as leaked if a process ends
    as abruptly as ours.
    """
    from tqdm import tqdm  # noqa: PLC0415 - slow to import, and only Whisper needs it here

    tqdm.set_lock(threading.RLock())


def _hush(name: str) -> None:
    """Silence a library's log, even if logging is not configured: Python would print its warnings."""
    logging.getLogger(name).setLevel(_NO_LEVEL)


def _quietly(call: Callable[[], object]) -> None:
    """Call an optional function that not every version has, and ignore its absence."""
    try:
        call()
    except (AttributeError, ImportError):
        return
