"""Import what Whisper needs, which is an extra, and have it keep silent: only the terminal room speaks to people."""

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

from anyscribe.errors import EngineError, MissingExtraError
from anyscribe.sentence import Extra, Sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

EXTRA: Final = "whisper"
_PACKAGE: Final = "faster_whisper"
_GRAPHICS: Final = ("cublas", "cudnn", "cuda")
_NO_LEVEL: Final = logging.CRITICAL + 1


@functools.cache
def whisper_library() -> Any:  # noqa: ANN401 - the library tells no types
    """Import faster-whisper, which takes a quarter of a second: where a model of Whisper's is wanted, not before.

    Returns:
        The package.

    Raises:
        MissingExtraError: It is not installed, or only a part of it is.
        EngineError: It is installed, but does not load.
    """
    _keep_to_oneself()
    try:
        with _uninterrupted():
            library = importlib.import_module(_PACKAGE)
            _hush_decoder()
    except ModuleNotFoundError as error:
        raise MissingExtraError("Whisper is not installed", extra=EXTRA) from error
    except ImportError as error:
        raise EngineError(f"Whisper does not load ({error})", remedy=Sentence("{} again", Extra(EXTRA))) from error
    return library


def known_repositories() -> Mapping[str, str]:
    """Return the hub's repository for each model's name, in faster-whisper's order.

    The library tells the names, but what they stand for only in a private table: this module alone reads it, and the
    extra bounds the library's version.

    Raises:
        MissingExtraError: Whisper is not installed.
    """
    whisper_library()
    known: Mapping[str, str] = importlib.import_module("faster_whisper.utils")._MODELS  # noqa: SLF001 - see above
    return known


def known_languages() -> frozenset[str]:
    """Return the codes of the languages that Whisper knows; a model tells them too, but only once it is loaded.

    Raises:
        MissingExtraError: Whisper is not installed.
    """
    whisper_library()
    return frozenset(importlib.import_module("faster_whisper.tokenizer")._LANGUAGE_CODES)  # noqa: SLF001 - see above


@functools.cache
def hub_library() -> Any:  # noqa: ANN401 - what is used of it differs from version to version
    """Import huggingface_hub, which finds and fetches weights; it comes with faster-whisper.

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
    # Of file systems without links, and of bars that the environment wants to have.
    warnings.filterwarnings("ignore", module="huggingface_hub")
    # Older versions draw a bar for each file, whatever class is given to them.
    importlib.import_module("huggingface_hub.utils").disable_progress_bars()
    # It sets its log's level when this is imported.
    importlib.import_module("huggingface_hub.utils.logging")
    _hush("huggingface_hub")
    _unlock_bars()
    return library


def one_line(error: BaseException) -> str:
    """Say what a library says, on one line that is not too long.

    Args:
        error: What it raised.
    """
    return " ".join(str(error).split())[:200] or type(error).__name__


def hint_of_graphics(message: str) -> str:
    """Say what helps where a graphics card is there, and what computes on it is not: the commonest fault of all.

    Args:
        message: What a library says.

    Returns:
        What to do; empty where it is about something else.
    """
    is_of_graphics = any(name in message.lower() for name in _GRAPHICS)
    return "CUDA_VISIBLE_DEVICES=-1 keeps it off the graphics card" if is_of_graphics else ""


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold signals back for the moment that an import takes: in some library, one that comes then gets lost."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _keep_to_oneself() -> None:
    """Tell the hub nothing of the user: its library would ask it how to recognise programs that run this one."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")


def _hush_decoder() -> None:
    _hush(_PACKAGE)
    _unlock_bars()
    # Both write to standard error by themselves: of number formats that the processor lacks, of graphics cards.
    _quietly(lambda: importlib.import_module("ctranslate2").set_log_level(logging.CRITICAL))
    _quietly(lambda: importlib.import_module("onnxruntime").set_default_logger_severity(4))


def _unlock_bars() -> None:
    """Keep the bars that libraries make, even where they show none, from leaving something behind.

    tqdm's own lock also serves processes. The system keeps it in a semaphore, and says that it was left behind where a
    process ends as suddenly as ours.
    """
    from tqdm import tqdm  # noqa: PLC0415 - takes its time, and only Whisper needs it here

    tqdm.set_lock(threading.RLock())


def _hush(name: str) -> None:
    """Keep a library's log to itself, also where nobody has said where logs go: Python would show its warnings."""
    logging.getLogger(name).setLevel(_NO_LEVEL)


def _quietly(call: Callable[[], object]) -> None:
    """Call what is a courtesy only, and differs from version to version."""
    try:
        call()
    except (AttributeError, ImportError):
        return
