"""Options as other programs call them: openai-whisper, whisper.cpp, faster-whisper, OpenAI's clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anyscribe.formats import format_called
from anyscribe.keys import KEY_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_OURS: Final = {
    "--api-base": "--base-url",
    "--api-url": "--base-url",
    "--concurrency": "--jobs",
    "--endpoint": "--base-url",
    "--force": "--overwrite",
    "--initial-prompt": "--prompt",
    "--lang": "--language",
    "--max-line-count": "--max-lines",
    "--max-line-width": "--max-line-chars",
    "--offline": "--local",
    "--out": "--output",
    "--out-dir": "--output-dir",
    "--outdir": "--output-dir",
    "--output-file": "--output",
    "--output-format": "--format",
    "--response-format": "--format",
    "--server": "--base-url",
    "--threads": "--jobs",
    "--timestamps": "--timestamp-granularities",
    "--url": "--base-url",
    "--word-timestamps": "--timestamp-granularities word",
    "--workers": "--jobs",
}
_KEYS: Final = frozenset({"--api-key", "--apikey", "--key", "--openai-api-key", "--token"})
_OF_A_FORMAT: Final = ("--output-", "--")


def remedy_for(option: str, known: Collection[str], similar: Sequence[str]) -> str:
    """Return what to do about an option that a command does not have.

    Args:
        option: The option, as the user wrote it.
        known: The command's options.
        similar: Those of them that are spelt similarly.

    Returns:
        The remedy; empty if nothing is known about the option.
    """
    if is_key(option) and "--base-url" in known:
        return f"set {KEY_VARIABLE}; other users of a machine can read arguments"
    ours = our_name(option, known) or " or ".join(similar)
    return f"did you mean {ours}?" if ours else ""


def is_key(name: str) -> bool:
    """Return whether a name is that of an option for a key, which this program does not have.

    Args:
        name: The option, with or without its dashes.
    """
    return _dashed(name) in _KEYS


def our_name(option: str, known: Collection[str]) -> str:
    """Return what this program calls an option of another one.

    Args:
        option: The option, as the user wrote it.
        known: The options that there are.

    Returns:
        One of them, perhaps with a value; empty if nothing is known about the option.
    """
    dashed = _dashed(option)
    ours = dashed if dashed in known else _OURS.get(dashed) or _format_option(dashed)
    return ours if ours.partition(" ")[0] in known else ""


def _dashed(name: str) -> str:
    return "--" + name.lower().replace("_", "-").lstrip("-")


def _format_option(dashed: str) -> str:
    """Return our option for those that ask for a format by its name, such as ``--srt`` or ``--output-srt``."""
    for prefix in _OF_A_FORMAT:
        found = format_called(dashed.removeprefix(prefix)) if dashed.startswith(prefix) else None
        if found is not None:
            return f"--format {found}"
    return ""
