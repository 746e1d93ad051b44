"""A voice keeps its name across the pieces of a recording, which a server hears one by one.

It calls the first voice of every piece ``A``. A server that takes samples of voices is sent some from finished pieces,
under names that it would not choose itself; otherwise the samples are told apart here, if that can be done. What
remains unknown is named after its piece: one ``A`` is not claimed to be the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from anyscribe.errors import AudioError, DiarizerUnavailableError, MissingExtraError
from anyscribe.recording.voice_samples import NAMES_FIELD, fields_of, is_enough, sample_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyscribe.engines import SpeakerQuery
    from anyscribe.request import AudioSource, TranscriptionRequest
    from anyscribe.transcript import Transcript

_SENT: Final = "voice "
"""What begins the names that are sent: a server's own names begin otherwise."""

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
        return fields_of({_SENT + name: sample for name, sample in known.items()})

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
            self._samples[number, speaker] = sample_of(sound, transcript, speaker)
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
        return transcript.renamed(names)

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
            one.renamed({speaker: self._names[number, speaker] for speaker in one.speakers})
            for number, one in enumerate(transcripts)
        ]
        return named, bool(self._strangers)

    @property
    def _most(self) -> int:
        return self.query.references if self.query else 0

    @property
    def _given(self) -> frozenset[str]:
        """The voices that the user has told the server."""
        return frozenset(
            value for name, value in self.request.fields if name.startswith(NAMES_FIELD.removesuffix("[]"))
        )

    @property
    def _known(self) -> dict[str, bytes]:
        """A sample of each voice that the server can be told."""
        samples: dict[str, bytes] = {}
        for key, name in self._names.items():
            sample = self._samples.get(key, b"")
            if name not in self._given and is_enough(sample):
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
        heard = [key for key in keys if key[1] not in self._given and is_enough(self._samples.get(key, b""))]
        from anyscribe.speakers.registry import make_diarizer  # noqa: PLC0415 - few recordings need it

        try:
            sources = [number for number, _ in heard]
            voices = make_diarizer(self.model).group_samples([self._samples[key] for key in heard], sources)
        except (AudioError, DiarizerUnavailableError, MissingExtraError):
            return
        names: dict[int, str] = {}
        first = keys[0][0]
        self._names.update((key, key[1]) for key in keys if key[0] == first)
        for key, voice in zip(heard, voices, strict=True):
            number, speaker = key
            if number == first:
                names.setdefault(voice, speaker)
                continue
            if voice not in names:
                names[voice] = _free(speaker, {*self._names.values()})
            self._names[key] = names[voice]


def _is_sent(speaker: str) -> bool:
    """Return whether a server uses a name that it was sent; it may have changed its capitals."""
    return speaker.casefold().startswith(_SENT)


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
