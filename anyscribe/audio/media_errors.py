"""What the operating system and FFmpeg complain of becomes `AudioError`, once, here at the boundary."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import av.error

from anyscribe.errors import AudioError

if TYPE_CHECKING:
    from collections.abc import Iterator


def unreadable(error: OSError) -> AudioError:
    """Say why a file cannot be read.

    Args:
        error: The operating system's refusal.
    """
    if isinstance(error, FileNotFoundError):
        return AudioError("no such file", remedy="check the path")
    if isinstance(error, PermissionError):
        return AudioError("not allowed to read it", remedy="check the file's permissions")
    reason = os.strerror(error.errno) if error.errno else str(error)
    return AudioError(f"cannot be read ({reason})", remedy="check the path, and the disk that it is on")


@contextlib.contextmanager
def translated_os_errors() -> Iterator[None]:
    """Turn the operating system's refusals into `AudioError`."""
    try:
        yield
    except OSError as error:
        raise unreadable(error) from error


@contextlib.contextmanager
def translated_faults() -> Iterator[None]:
    """Turn FFmpeg's exceptions into `AudioError`."""
    try:
        yield
    except (av.error.FFmpegError, UnicodeDecodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise AudioError(
            f"it cannot be read as a recording ({reason})",
            remedy="it may be truncated or no media file; see if a player plays it",
        ) from error
    except OSError as error:
        # A disk that fails midway: PyAV hands on what the file object raised.
        raise unreadable(error) from error


def no_sound() -> AudioError:
    """Say that a file is media but has nothing to hear."""
    return AudioError("it has no audio track", remedy="there is nothing in it to transcribe")
