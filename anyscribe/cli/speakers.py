"""What the user says about speakers: how they are found, and what they are called."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.cli.settings import setting_of
from anyscribe.config import Origin, Setting
from anyscribe.errors import OptionError
from anyscribe.recording.options import SpeakerMode, SpeakerOptions

if TYPE_CHECKING:
    from collections.abc import Iterable

    import typer

    from anyscribe.recording.options import KnownVoice

_COMMENT: Final = "#"
_MOST_BYTES: Final = 1_000_000


def speakers_of(ctx: typer.Context, legal: Iterable[SpeakerMode] = SpeakerMode) -> SpeakerOptions:
    """Gather what is said about speakers.

    Args:
        ctx: The context of a command that has these flags.
        legal: Who may say who speaks.

    Raises:
        OptionError: A name is no name, the file cannot be read, or nobody of that kind is there.
        UsageError: There are more speakers at least than at most.
    """
    given = ctx.params
    mode = SpeakerMode(given["speakers"])
    if mode not in tuple(legal):
        raise OptionError("speakers", mode.value, "not for a text that one has", legal=tuple(legal))
    model: Setting[str | None] = setting_of(ctx, "speakers_model", given["speakers_model"])
    is_open = mode is SpeakerMode.AUTO and setting_of(ctx, "speakers", mode).origin is not Origin.GIVEN
    if is_open and model.value and model.origin is Origin.GIVEN:
        # Whoever names the models for this run wants voices told apart by them.
        mode = SpeakerMode.LOCAL
    # Workers have another working folder.
    folder = str(Path(model.value).absolute()) if model.value else None
    voices = _voices(given["voices"] or ())
    return SpeakerOptions(mode, given["max_speakers"], names_of(ctx), given["min_speakers"] or 1, folder, voices)


def names_of(ctx: typer.Context) -> dict[str, str]:
    """Return what speakers are called; a name on the command line outweighs the file's.

    Args:
        ctx: The context of a command that has these flags.

    Raises:
        OptionError: A name is no name, or the file cannot be read.
    """
    in_file = ctx.params["speakers_file"]
    return {
        **_names("speakers_file", _lines(in_file) if in_file else ()),
        **_names("speaker", ctx.params["speaker_names"] or ()),
    }


def _names(option: str, given: Iterable[str], form: str = "SPEAKER=NAME", example: str = "A=Maria") -> dict[str, str]:
    names = {}
    for pair in given:
        speaker, equals, name = (part.strip() for part in pair.partition("="))
        if not speaker or not equals or not name.isprintable() or not name:
            raise OptionError(option, pair, f"not of the form {form}", remedy=f"such as {example}")
        names[speaker] = name
    return names


def _voices(given: Iterable[str]) -> tuple[KnownVoice, ...]:
    named = _names("voice", given, "NAME=FILE", "Maria=maria.wav")
    if not named:
        return ()
    from anyscribe.recording.known_voices import read_voices  # noqa: PLC0415 - loads what opens media

    # Not every shell does this after an equals sign.
    return read_voices({name: Path(file).expanduser() for name, file in named.items()})


def _lines(file: str) -> list[str]:
    """Return the lines of a file that say something."""
    path = Path(file)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise OptionError("speakers_file", file, f"longer than {_MOST_BYTES:,} bytes")
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise OptionError("speakers_file", file, "the file is not UTF-8 text", remedy="save it as UTF-8") from error
    except OSError as error:
        raise OptionError("speakers_file", file, error.strerror or "", remedy="check the path") from error
    return [line for line in map(str.strip, text.splitlines()) if line and not line.startswith(_COMMENT)]
