"""espeak-ng's library, which knows how words of about a hundred languages are said.

It is licensed under the GPL, version 3 or later: it is called, and nothing of it is part of this program.
"""

from __future__ import annotations

import ctypes
import threading
import unicodedata
from functools import cache
from typing import Final

_OUTPUT_RETRIEVAL: Final = 1
_DONT_EXIT: Final = 0x8000
_UTF8: Final = 1
_IPA: Final = 2
"""Constants of espeak-ng's speak_lib.h."""

_CACHED: Final = 100_000
_LOADING: Final = threading.Lock()


class Espeak:
    """The loaded library; it has one voice at a time, so calls of several threads wait for each other.

    Use `espeak` to get it.
    """

    def __init__(self) -> None:
        import espeakng_loader  # noqa: PLC0415 - only if words are pronounced

        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        data = espeakng_loader.get_data_path().encode()
        self._library.espeak_Initialize(_OUTPUT_RETRIEVAL, 0, data, _DONT_EXIT)
        self._lock = threading.Lock()
        self._voice = ""
        self._known: dict[str, bool] = {}
        self._said: dict[tuple[str, str], str] = {}

    def has_voice(self, voice: str) -> bool:
        """Return whether there is a voice.

        Args:
            voice: Its name, such as ``de`` or ``en-us``.
        """
        with self._lock:
            if voice not in self._known:
                self._known[voice] = self._library.espeak_SetVoiceByName(voice.encode()) == 0
                self._voice = ""
            return self._known[voice]

    def ipa(self, text: str, voice: str) -> str:
        """Pronounce a text.

        Args:
            text: Any text.
            voice: The name of a voice that it has.

        Returns:
            IPA, normalised to NFD except for ``ç``; words are separated by spaces.
        """
        with self._lock:
            said = self._said.get((text, voice))
            if said is None:
                if len(self._said) > _CACHED:
                    self._said.clear()
                said = self._said[text, voice] = self._ipa(text, voice)
            return said

    def _ipa(self, text: str, voice: str) -> str:
        if voice != self._voice:
            self._library.espeak_SetVoiceByName(voice.encode())
            self._voice = voice
        # A zero byte would end the text.
        rest = ctypes.c_char_p(text.replace("\0", " ").encode("utf-8", "replace"))
        clauses = []
        while rest.value:
            clause = self._library.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, _IPA)
            clauses.append((clause or b"").decode("utf-8", "replace"))
        return unicodedata.normalize("NFD", " ".join(clauses)).replace("c\u0327", "ç")


def espeak() -> Espeak:
    """Return the library; a process can load it only once."""
    with _LOADING:
        return _loaded()


@cache
def _loaded() -> Espeak:
    return Espeak()
