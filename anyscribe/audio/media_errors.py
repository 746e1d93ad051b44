"""Translate errors of the operating system and of FFmpeg to `AudioError`, once, at the boundary of the package."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import av.error

from anyscribe.errors import AudioError

if TYPE_CHECKING:
    from collections.abc import Iterator


def unreadable(error: OSError) -> AudioError:
    """Return the error for a file that cannot be read.

    Args:
        error: The operating system's error.
    """
    if isinstance(error, FileNotFoundError):
        return AudioError("no such file", remedy="check the path")
    if isinstance(error, PermissionError):
        return AudioError("no permission to read it", remedy="check the file's permissions")
    reason = os.strerror(error.errno) if error.errno else str(error)
    return AudioError(f"cannot be read ({reason})", remedy="check the path and its disk")


@contextlib.contextmanager
def translated_os_errors() -> Iterator[None]:
    """Translate the operating system's errors to `AudioError`."""
    try:
        yield
    except OSError as error:
        raise unreadable(error) from error


@contextlib.contextmanager
def translated_faults() -> Iterator[None]:
    """Translate FFmpeg's exceptions to `AudioError`."""
    try:
        yield
    except (av.error.FFmpegError, UnicodeDecodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise AudioError(
            f"it is not a readable audio file ({reason})",
            remedy="it may be cut off, or not a media file; check if a player plays it",
        ) from error
    except OSError as error:
        # The disk failed midway: PyAV passes on the exception of the file object.
        raise unreadable(error) from error
