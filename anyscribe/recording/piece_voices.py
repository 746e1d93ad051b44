"""A voice keeps its name across the pieces of a recording, which a server hears one by one.

It calls the first voice of every piece ``A``. A server that takes samples of voices is sent some from finished pieces,
under names that it would not choose itself; otherwise the samples are told apart here, if that can be done. What
remains unknown is named after its piece: one ``A`` is not claimed to be the other.
"""

from __future__ import annotations

import base64
import io
import re
import wave
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from anyscribe.errors import AudioError, DiarizerUnavailableError, MissingExtraError
from anyscribe.request import PCM_BYTES_PER_MS, PCM_RATE_HZ
from anyscribe.timespan import Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anyscribe.engines import SpeakerQuery
    from anyscribe.request import AudioSource, TranscriptionRequest
    from anyscribe.transcript import Transcript

_NAMES: Final = "known_speaker_names[]"
_REFERENCES: Final = "known_speaker_references[]"
"""OpenAI's fields; a reference is 2 to 10 s of sound as a ``data:`` address."""

_LEAST_MS: Final = 2_000
_MOST_MS: Final = 8_000
_SENT: Final = "voice "
"""What begins the names that are sent: a server's own names begin otherwise."""

_GAP_MS: Final = 1_000
_NUMBERED: Final = re.compile(r"(.*?)([0-9]+)")

Key = tuple[int, str]
"""The number of a piece, and what the server calls a speaker in it."""


@dataclass(slots=True)
class PieceVoices:
    """The voices of one recording; used by one thread.

    Args:
        request: The form fields that the user set.
        query: How the server is asked who speaks; None if it is not, and may say so nevertheless.
        model: The folder of the models that tell voices apart here; None for what is built in.
    """

    request: TranscriptionRequest
    query: SpeakerQuery | None
    model: str | None = None
    _samples: dict[Key, bytes] = field(default_factory=dict)
    _names: dict[Key, str] = field(default_factory=dict)
    _strangers: list[Key] = field(default_factory=list)
    _told: dict[int, frozenset[str]] = field(default_factory=dict)
    _is_mute: bool = False

    @property
    def are_awaited(self) -> bool:
        """Whether the next piece is better asked about when all before it are answered."""
        return not self._is_mute and len(self._given) + len(self._known) < self._most

    def fields(self, number: int) -> tuple[tuple[str, str], ...]:
        """Return the form fields that tell the server which voices are known.

        Args:
            number: The piece that it is asked about.
        """
        known = dict([*self._known.items()][: max(0, self._most - len(self._given))])
        self._told[number] = frozenset(known)
        names = [(_NAMES, _SENT + name) for name in known]
        return (*names, *((_REFERENCES, _address(sample)) for sample in known.values()))

    def note(self, number: int, piece: AudioSource, transcript: Transcript) -> None:
        """Take note of who speaks in a piece, while its file is there.

        Args:
            number: The piece.
            piece: Its sound.
            transcript: What the server said, with times from the piece's start.
        """
        speakers = transcript.speakers
        if not speakers:
            self._is_mute = self._is_mute or (bool(transcript.text) and not self._names)
            return
        sound = b"".join(piece.pcm())
        for speaker in speakers:
            self._samples[number, speaker] = _sample(sound, transcript, speaker)
        if self._most:
            for speaker in speakers:
                self._name(number, speaker)

    def apart(self, transcript: Transcript, number: int) -> Transcript:
        """Return the transcript of a part of a piece with names that no other part has, unless a voice is known.

        Args:
            transcript: What the server said.
            number: The number of the part, from 0.
        """
        own = [name for name in transcript.speakers if name not in self._given and not _is_sent(name)]
        names = {name: f"{name}, {number + 1}" if name in own else name for name in transcript.speakers}
        return _renamed(transcript, names)

    def named(self, transcripts: Sequence[Transcript]) -> tuple[list[Transcript], bool]:
        """Return the transcripts of all pieces with names that mean the same voice in each.

        Args:
            transcripts: Those of all pieces, in order.

        Returns:
            The transcripts, and whether some speakers could not be told apart or be found again.
        """
        keys = [(number, speaker) for number, one in enumerate(transcripts) for speaker in one.speakers]
        if len({number for number, _ in keys}) <= 1 and not any(_is_sent(name) for _, name in keys):
            return [*transcripts], False
        if not self._most:
            self._match(keys)
        for key in keys:
            self._name(*key)
        named = [
            _renamed(one, {speaker: self._names[number, speaker] for speaker in one.speakers})
            for number, one in enumerate(transcripts)
        ]
        return named, bool(self._strangers)

    @property
    def _most(self) -> int:
        return self.query.references if self.query else 0

    @property
    def _given(self) -> frozenset[str]:
        """The voices that the user has told the server."""
        return frozenset(value for name, value in self.request.fields if name.startswith(_NAMES.removesuffix("[]")))

    @property
    def _known(self) -> dict[str, bytes]:
        """A sample of each voice that the server can be told."""
        samples: dict[str, bytes] = {}
        for key, name in self._names.items():
            sample = self._samples.get(key, b"")
            if name not in self._given and len(sample) >= _LEAST_MS * PCM_BYTES_PER_MS:
                samples.setdefault(name, sample)
        return samples

    def _name(self, number: int, speaker: str) -> None:
        """Name a speaker of a piece, if it has no name yet."""
        key = (number, speaker)
        if key in self._names:
            return
        earlier = {name for (piece, _), name in self._names.items() if piece < number}
        if speaker in self._given:
            self._names[key] = speaker
        elif _is_sent(speaker):
            sent = speaker[len(_SENT) :]
            self._names[key] = next((name for name in earlier if name.casefold() == sent.casefold()), sent)
        elif earlier - self._given <= self._told.get(number, frozenset()):
            # It heard all voices so far, and this is none of them.
            self._names[key] = _free(speaker, {*self._names.values()})
        else:
            self._strangers.append(key)
            self._names[key] = f"{speaker} (part {number + 1})"

    def _match(self, keys: Sequence[Key]) -> None:
        """Find voices of other pieces again by their sound; those that cannot be found have no name yet."""
        heard = [
            key
            for key in keys
            if key[1] not in self._given and len(self._samples.get(key, b"")) >= _LEAST_MS * PCM_BYTES_PER_MS
        ]
        voices = _told_apart([self._samples[key] for key in heard], self.model)
        if voices is None:
            return
        names: dict[int, str] = {}
        first = keys[0][0]
        self._names.update((key, key[1]) for key in keys if key[0] == first)
        for key, voice in zip(heard, voices, strict=True):
            number, speaker = key
            if number == first:
                names.setdefault(voice, speaker)
                continue
            name = names.get(voice)
            # The server heard two voices where one is heard here.
            is_taken = name in {known for (piece, _), known in self._names.items() if piece == number}
            if name is None:
                name = names[voice] = _free(speaker, {*self._names.values()})
            if not is_taken:
                self._names[key] = name


def _is_sent(speaker: str) -> bool:
    """Return whether a server uses a name that it was sent; it may have changed its capitals."""
    return speaker.casefold().startswith(_SENT)


def _told_apart(samples: Sequence[bytes], model: str | None) -> list[int] | None:
    """Return the number of the voice in each sample; None if voices cannot be told apart here."""
    from anyscribe.speakers.registry import make_diarizer  # noqa: PLC0415 - few recordings need it

    spans: list[Span] = []
    end_ms = 0
    for sample in samples:
        spans.append(Span(end_ms, end_ms + len(sample) // PCM_BYTES_PER_MS))
        end_ms = spans[-1].end_ms + _GAP_MS
    silence = bytes(_GAP_MS * PCM_BYTES_PER_MS)
    try:
        turns = make_diarizer(model).find_turns([sample + silence for sample in samples], spans) if samples else []
    except (AudioError, DiarizerUnavailableError, MissingExtraError):
        return None
    voices = []
    for span in spans:
        said_ms = Counter[int]()
        for turn in turns:
            said_ms[turn.speaker] += max(0, min(span.end_ms, turn.span.end_ms) - max(span.start_ms, turn.span.start_ms))
        voices.append(said_ms.most_common(1)[0][0] if said_ms else 0)
    return voices


def _sample(sound: bytes, transcript: Transcript, speaker: str) -> bytes:
    """Return sound of a speaker, from the longest segments on; empty if there is none."""
    spans = [(one.start_ms, one.end_ms) for one in transcript.segments if one.speaker == speaker] or [
        (one.start_ms, one.end_ms) for one in transcript.words if one.speaker == speaker
    ]
    sample = b""
    for start_ms, end_ms in sorted(spans, key=lambda span: span[0] - span[1]):
        sample += sound[start_ms * PCM_BYTES_PER_MS : end_ms * PCM_BYTES_PER_MS]
        if len(sample) >= _MOST_MS * PCM_BYTES_PER_MS:
            break
    return sample[: _MOST_MS * PCM_BYTES_PER_MS]


def _address(sample: bytes) -> str:
    """Return sound as a ``data:`` address."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(PCM_RATE_HZ)
        written.writeframes(sample)
    return f"data:audio/wav;base64,{base64.b64encode(file.getvalue()).decode()}"


def _free(name: str, taken: set[str]) -> str:
    """Return a name that nobody has: the next letter or number."""
    while name in taken:
        numbered = _NUMBERED.fullmatch(name)
        if numbered:
            name = f"{numbered[1]}{int(numbered[2]) + 1:0{len(numbered[2])}}"
        elif len(name) == 1 and name.isascii() and name.isalpha() and name not in "Zz":
            name = chr(ord(name) + 1)
        else:
            name = f"{name} 2"
    return name


def _renamed(transcript: Transcript, names: Mapping[str, str]) -> Transcript:
    return replace(
        transcript,
        segments=tuple(replace(one, speaker=names.get(one.speaker or "")) for one in transcript.segments),
        words=tuple(replace(one, speaker=names.get(one.speaker or "")) for one in transcript.words),
    )
