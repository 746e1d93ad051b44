"""Which sound of a recording is transcribed: one of its audio tracks, and one of its channels or all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from av.audio.stream import AudioStream

from anyscribe.errors import AudioError
from anyscribe.languages import language_code
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from av.container import InputContainer

    from anyscribe.sentence import Text


@dataclass(frozen=True, slots=True)
class Selection:
    """The sound to transcribe.

    Args:
        track: The audio track: its number, from 1, or its language, as code, tag or name; None means the best one, by
            FFmpeg's judgement.
        channel: The channel, from 1; None means all of them, mixed.
    """

    track: int | str | None = None
    channel: int | None = None


BEST_MIX: Final = Selection()
"""The best track, with all its channels."""


def select_track(container: InputContainer, selection: Selection) -> AudioStream:
    """Return the audio track to transcribe.

    Args:
        container: The open container.
        selection: The choice.

    Raises:
        AudioError: There is no such track, or its codec is not known.
    """
    stream = _chosen(container, selection)
    # PyAV has no codec context for a codec that FFmpeg does not know.
    if stream.codec_context is None:
        raise AudioError(
            "its audio codec is not known", remedy="convert it with the program that made it, for example to WAV"
        )
    channels = stream.codec_context.layout.nb_channels
    if selection.channel is not None and selection.channel > channels > 0:
        raise AudioError(
            f"it has no channel {selection.channel}, only {channels}",
            remedy=Sentence("choose one with {}", Option("channels")),
        )
    return stream


def name_tracks(container: InputContainer) -> list[str]:
    """Describe the audio tracks: number, language and title, as far as the container states them.

    Args:
        container: The open container.
    """
    return [_name(number, stream) for number, stream in enumerate(container.streams.audio, start=1)]


def _chosen(container: InputContainer, selection: Selection) -> AudioStream:
    wanted = selection.track
    if wanted is None:
        best = container.streams.best("audio")
        if not isinstance(best, AudioStream):
            raise AudioError("it has no audio track", remedy="it has nothing to transcribe")
        return best
    code = language_code(wanted) if isinstance(wanted, str) else None
    for number, stream in enumerate(container.streams.audio, start=1):
        if wanted == number or (code and code == language_code(_language(stream))):
            return stream
    raise AudioError(f"it has no audio track {wanted}", remedy=_remedy(container))


def _remedy(container: InputContainer) -> Text:
    names = name_tracks(container)
    if not names:
        return "it has nothing to transcribe"
    return Sentence("choose one with {}: {}", Option("track"), ", ".join(names))


def _language(stream: AudioStream) -> str:
    return stream.metadata.get("language", "")


def _name(number: int, stream: AudioStream) -> str:
    language = _language(stream)
    facts = [fact for fact in ("" if language == "und" else language, stream.metadata.get("title", "")) if fact]
    return f"{number} ({', '.join(facts)})" if facts else str(number)
