"""How a recording is handled on its way to an engine and back, beyond what the engine itself is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from anyscribe.errors import OptionError, UsageError
from anyscribe.recording.budget import Budget
from anyscribe.sentence import Option, Sentence
from anyscribe.stopping import Stop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Executor

    from anyscribe.scratch import Scratch
    from anyscribe.store import AnswerStore
    from anyscribe.subtitles.profile import CueProfile
    from anyscribe.transcript import Transcript

_LEAST: Final = "min_speakers"
_MOST: Final = "max_speakers"


class UploadMode(StrEnum):
    """What is uploaded."""

    AUTO = "auto"
    """The file itself if the server takes it; otherwise FLAC, or Opus if the connection is slow."""

    FLAC = "flac"
    OPUS = "opus"
    ORIGINAL = "original"
    """The file itself, even if the server may refuse it."""


class ChannelMode(StrEnum):
    """What is done with the channels of a recording."""

    MIX = "mix"
    """They are mixed."""

    SPLIT = "split"
    """Each is transcribed by itself, as a speaker."""


class SpeakerMode(StrEnum):
    """Who says who speaks."""

    AUTO = "auto"
    """The server, if it does; or each channel, if it is transcribed by itself."""

    SERVER = "server"
    CHANNELS = "channels"
    """Each channel is a speaker."""

    LOCAL = "local"
    """Voices are told apart on this machine."""

    NO = "no"
    """Nobody: speakers are left out."""


@dataclass(frozen=True, slots=True)
class KnownVoice:
    """A voice that is known by a sample.

    Args:
        name: What the speaker is called.
        digest: Stands for the sound, where options are compared by what they look like.
        sound: Speech of nobody else, as 16-bit mono samples at `anyscribe.request.PCM_RATE_HZ`.
    """

    name: str
    digest: str
    sound: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SpeakerOptions:
    """How speakers are found and named.

    Args:
        mode: Who says who speaks.
        most: The most speakers that voices are told apart into; None for any number.
        names: What speakers are called, by the names that they would have, or by the numbers in these.
        least: The fewest speakers that voices are told apart into.
        model: The folder of the models that tell voices apart; None for what is built in.
        voices: Voices that are known; names as above come after.

    Raises:
        UsageError: More speakers are wanted at least than at most.
        OptionError: Fewer than one is wanted.
    """

    mode: SpeakerMode = SpeakerMode.AUTO
    most: int | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    least: int = 1
    model: str | None = None
    voices: tuple[KnownVoice, ...] = ()

    def __post_init__(self) -> None:
        for option, count in ((_LEAST, self.least), (_MOST, self.most)):
            if count is not None and count < 1:
                raise OptionError(option, str(count), "less than one speaker", remedy="a number from 1")
        if self.most is not None and self.least > self.most:
            least, most = Option(_LEAST, str(self.least)), Option(_MOST, str(self.most))
            raise UsageError(Sentence("{} is more than {}", least, most), remedy="change one of them")


def read_channels(given: str) -> ChannelMode | int:
    """Read what is done with channels.

    Args:
        given: A mode, or the number of one channel, from 1.

    Raises:
        OptionError: It is neither.
    """
    text = given.strip().lower()
    if text in tuple(ChannelMode):
        return ChannelMode(text)
    if text.isascii() and text.isdigit() and int(text):
        return int(text)
    raise OptionError("channels", given, "no such channels", remedy="mix, split, or the number of one, from 1")


def read_track(given: str | None) -> int | str | None:
    """Read which audio track is transcribed.

    Args:
        given: Its number, from 1, or its language; None chooses the best.

    Raises:
        OptionError: It is neither.
    """
    text = None if given is None else given.strip()
    if text is None or (text and not text.isdigit()):
        return text
    if not text.isascii() or not int(text or 0):
        raise OptionError(
            "track", text, "no such track", remedy="the number of an audio track, from 1, or its language"
        )
    return int(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingOptions:
    """How recordings are read, uploaded, timed, checked and rendered.

    Args:
        channels: What is done with the channels of a recording: a mode, or the number of the only one that is wanted.
        track: The audio track, as number, from 1, or as language; None for the best one.
        upload: What is uploaded.
        max_body_bytes: The largest body of a request; 0 means any, None what is known of the server.
        max_ms: The longest audio of a request, in milliseconds; 0 means any, None what is known of the model.
        align: Whether words are timed here: True always, False never, None if the answer has too few times.
        is_checked: Whether transcripts are checked against the audio.
        repairs: Whether stretches that the check doubts are asked for again.
        cues: The limits of subtitle cues, which are then always made here; None for the default limits, with which a
            server's own subtitles are passed on.
        keeps_cues: Whether the transcript's segments are cues already, which are written as they are.
        adjust: Changes a transcript whose words were timed here; None changes nothing.
        vocabulary: Names and terms that may be said.
        speakers: How speakers are found and named.
    """

    channels: ChannelMode | int = ChannelMode.MIX
    track: int | str | None = None
    upload: UploadMode = UploadMode.AUTO
    max_body_bytes: int | None = None
    max_ms: int | None = None
    align: bool | None = None
    is_checked: bool = False
    repairs: bool = False
    cues: CueProfile | None = None
    keeps_cues: bool = False
    adjust: Callable[[Transcript], Transcript] | None = None
    vocabulary: tuple[str, ...] = ()
    speakers: SpeakerOptions = field(default_factory=SpeakerOptions)


@dataclass(frozen=True, slots=True)
class Resources:
    """What a run works with beside the thread that a recording is transcribed in.

    Args:
        requests: Runs requests about pieces, as many at a time as it has threads.
        request_count: How many that are.
        threads: Runs short analyses, and waits for long ones.
        processes: Runs analyses that hold the interpreter's lock for long.
        scratch: Holds temporary files.
        store: Keeps what was paid for; None keeps nothing.
        stop: Stops the run in good order.
        budget: What may still be asked about.
    """

    requests: Executor
    request_count: int
    threads: Executor
    processes: Executor
    scratch: Scratch
    store: AnswerStore | None = None
    stop: Stop = field(default_factory=Stop)
    budget: Budget = field(default_factory=Budget)
