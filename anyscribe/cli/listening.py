"""Listen to a recording for ``anyscribe lint``: when the words of subtitles are said, and where the picture is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyscribe import api
from anyscribe.alignment.registry import Aligners
from anyscribe.audio.shots import find_shots
from anyscribe.errors import AudioError
from anyscribe.events import Notice
from anyscribe.formats import srt
from anyscribe.lint.sound import Sound
from anyscribe.session import share_cores
from anyscribe.transcript import Segment, Transcript
from anyscribe.unspoken import spoken_texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from anyscribe.events import Event
    from anyscribe.formats.cue_files.document import Document
    from anyscribe.sentence import Text


def listen(
    recording: Path, document: Document, language: str | None, track: str | int | None, notice: Callable[[Text], None]
) -> tuple[Sound, float | None]:
    """Find out what a recording tells of its subtitles.

    Args:
        recording: The recording.
        document: The subtitles.
        language: Their language; None detects it.
        track: The audio track; None for the best one.
        notice: Takes what the user should know.

    Returns:
        What was found, and the pictures a second if there is a picture.

    Raises:
        AudioError: It cannot be read as audio.
        EngineError: No aligner is installed.
    """
    share_cores()
    Aligners().require()

    def tell(event: Event) -> None:
        if isinstance(event, Notice):
            notice(event.message)

    texts = spoken_texts([cue.text for cue in document.cues])
    cues = tuple(
        Segment(text, cue.start_ms, cue.end_ms) for text, cue in zip(texts, document.cues, strict=True) if text
    )
    sound = Sound(())
    if cues:
        text = srt.render(Transcript("", segments=cues))
        heard = api.align(recording, text, language=language, track=track, on_event=tell)
        sound = Sound(heard.words, heard.duration_ms, heard.findings)
    try:
        with recording.open("rb") as file:
            shots = find_shots(file)
    except OSError as error:
        raise AudioError(f"it cannot be read ({error.strerror})", remedy="check the path") from error
    if shots is None:
        return sound, None
    return Sound(sound.words, sound.duration_ms, sound.findings, shots.cuts_ms), shots.frame_rate
