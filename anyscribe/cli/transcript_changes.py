"""What ``anyscribe render`` changes about a transcript before it is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from anyscribe.events import Notice
from anyscribe.recording.excerpts import between, moved
from anyscribe.recording.options import SpeakerOptions
from anyscribe.recording.speakers import with_speakers
from anyscribe.result import Result

if TYPE_CHECKING:
    from anyscribe.events import Emit
    from anyscribe.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Changes:
    """What is changed about a transcript.

    Args:
        start_ms: What is before is left out, in milliseconds.
        end_ms: What is after is left out; None for nothing.
        speed: What times are multiplied by.
        offset_ms: What is added to them then, in milliseconds.
        speakers: What speakers are called.
        second: A file with the transcript in a second language, which is changed alike; None for none.
    """

    start_ms: int = 0
    end_ms: int | None = None
    speed: Fraction = Fraction(1)
    offset_ms: int = 0
    speakers: SpeakerOptions = field(default_factory=SpeakerOptions)
    second: str | None = None

    def made_to(self, transcript: Transcript, emit: Emit) -> Transcript:
        """Return a transcript with the changes, but without the second language.

        Args:
            transcript: The transcript.
            emit: Takes notices.
        """
        if self.start_ms or self.end_ms is not None:
            part = between(transcript, self.start_ms, self.end_ms)
            if transcript.text.strip() and not part.text.strip():
                emit(Notice("nothing is said in this part"))
            transcript = part
        if self.offset_ms or self.speed != 1:
            transcript = moved(transcript, self.speed, self.offset_ms)
        return with_speakers(Result(transcript), self.speakers, emit).transcript
