"""Speak a text with espeak-ng's library, which reports the onset of each word, and write audio and onsets.

python bench/espeak.py VOICE TEXT_FILE WAV_FILE
"""

from __future__ import annotations

import ctypes
import json
import sys
import wave
from bisect import bisect_right
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_LIBRARY: Final = "libespeak-ng.so.1"

# Source: espeak-ng's speak_lib.h.
_AUDIO_OUTPUT_SYNCHRONOUS: Final = 2
_POS_CHARACTER: Final = 1
_CHARS_UTF8: Final = 1
_EVENT_LIST_TERMINATED: Final = 0
_EVENT_WORD: Final = 1
_BUFFER_MS: Final = 200
_RATE_PARAMETER: Final = 1
_WORDS_PER_MINUTE: Final = 150
"""A calm reader's pace; espeak-ng's default is 175."""


class _Event(ctypes.Structure):
    class _Id(ctypes.Union):
        _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


_CALLBACK: Final = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class Spoken(NamedTuple):
    """A spoken text.

    Args:
        samples: Mono samples of 16 bits, in native byte order.
        rate_hz: The sample rate.
        onsets: For each word: the index of its first character in the text, and its onset in milliseconds.
    """

    samples: bytes
    rate_hz: int
    onsets: list[tuple[int, int]]


class Speaker:
    """The loaded library; at most one per process."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(_LIBRARY)
        self._rate_hz = self._library.espeak_Initialize(_AUDIO_OUTPUT_SYNCHRONOUS, _BUFFER_MS, None, 0)

    def speak(self, voice: str, text: str) -> Spoken:
        """Speak a text at a calm reader's pace.

        Args:
            voice: The name of a voice, such as ``de``.
            text: The text.

        Raises:
            SystemExit: There is no such voice.
        """
        samples = bytearray()
        onsets: list[tuple[int, int]] = []

        def collect(wave_data: ctypes._Pointer[ctypes.c_short], count: int, events: ctypes._Pointer[_Event]) -> int:
            if wave_data and count > 0:
                samples.extend(ctypes.string_at(wave_data, 2 * count))
            index = 0
            while events[index].type != _EVENT_LIST_TERMINATED:
                event = events[index]
                if event.type == _EVENT_WORD and event.length:
                    onsets.append((event.text_position - 1, event.audio_position))
                index += 1
            return 0

        callback = _CALLBACK(collect)
        self._library.espeak_SetSynthCallback(callback)
        if self._library.espeak_SetVoiceByName(voice.encode()):
            raise SystemExit(f"espeak-ng has no voice {voice}")
        self._library.espeak_SetParameter(_RATE_PARAMETER, _WORDS_PER_MINUTE, 0)
        data = text.encode()
        self._library.espeak_Synth(data, len(data) + 1, 0, _POS_CHARACTER, 0, _CHARS_UTF8, None, None)
        self._library.espeak_Synchronize()
        return Spoken(bytes(samples), self._rate_hz, onsets)


def write_wav(spoken: Spoken, path: Path) -> None:
    """Write the audio."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(spoken.rate_hz)
        file.writeframes(spoken.samples)


def token_onsets(text: str, tokens: Sequence[str], onsets: Sequence[tuple[int, int]]) -> list[int | None]:
    """Return the true onset of each token: that of the first word that begins in it.

    Args:
        text: The text.
        tokens: Its tokens, in order; together they are the text without its whitespace.
        onsets: See `Spoken`.

    Returns:
        Milliseconds; None for a token in which no word begins.
    """
    # Positions count only non-whitespace characters, since tokens contain no whitespace.
    places = list(accumulate((not character.isspace() for character in text), initial=0))
    begins = list(accumulate(map(len, tokens), initial=0))[:-1]
    found: list[int | None] = [None] * len(tokens)
    for position, onset_ms in onsets:
        token = bisect_right(begins, places[position]) - 1
        if found[token] is None:
            found[token] = onset_ms
    return found


def main() -> None:
    """Speak a file, and write its words' onsets next to the audio."""
    voice, text_file, wav_file = sys.argv[1:]
    text = Path(text_file).read_text(encoding="utf-8")
    spoken = Speaker().speak(voice, text)
    write_wav(spoken, Path(wav_file))
    onsets = json.dumps(spoken.onsets)
    Path(wav_file).with_suffix(".onsets.json").write_text(onsets + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
