"""Remove secrets from text, also in the notations in which servers repeat what they were sent."""

from __future__ import annotations

import base64
import functools
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SHORTEST_SECRET_CHARS: Final = 4
"""Shorter keys are not redacted: local servers are given keys like ``x``, which occur in every other word."""

_LEAST_SHOWN_CHARS: Final = 8
"""A beginning of a secret of this length is a part of it, and not a word that begins alike."""

_LITERAL_CHARS: Final = 3
_ESCAPES: Final = ("\\", "%", "&")
"""A secret in a text has its first characters as they are, unless it is written with one of these."""

_REPLACEMENT: Final = "[key]"


class Redactor:
    """Replaces secrets with ``[key]``: whole, or from their start as far as they go.

    Found are secrets as they are, with JSON's escapes, percent-encoded, with character references (each of them also
    applied more than once), and in base64.

    Args:
        secrets: The secrets; very short ones are ignored.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._known = sorted(
            {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET_CHARS}, key=len, reverse=True
        )
        self._cores = [core for secret in self._known for core in _base64_cores(secret)]
        # Most texts have nothing of this in them, so the patterns, which take time to compile, are seldom needed.
        self._marks = [*_ESCAPES, *self._cores, *(secret[:_LITERAL_CHARS] for secret in self._known)]

    def redact(self, text: str) -> str:
        """Return a text without the secrets.

        Args:
            text: Any text, before it is shortened: a secret that was cut at its start would not be found.
        """
        if not self._known or not any(mark in text for mark in self._marks):
            return text
        parts: list[str] = []
        at = 0
        while found := self._pattern.search(text, at):
            parts += [text[at : found.start()], _REPLACEMENT]
            at = self._end(text, found)
        return "".join([*parts, text[at:]])

    @functools.cached_property
    def _secrets(self) -> list[list[re.Pattern[str]]]:
        return [[re.compile(_notations(character)) for character in secret] for secret in self._known]

    @functools.cached_property
    def _pattern(self) -> re.Pattern[str]:
        starts = ["".join(map(_notations, secret[:_LEAST_SHOWN_CHARS])) for secret in self._known]
        # The block before holds the secret's first characters together with what is before it.
        encoded = ["[A-Za-z0-9+/_-]{0,4}" + re.escape(core) + "[A-Za-z0-9+/_=-]*" for core in self._cores]
        return re.compile("|".join([*encoded, *(f"(?P<s{number}>{start})" for number, start in enumerate(starts))]))

    def _end(self, text: str, found: re.Match[str]) -> int:
        """Return where the secret ends whose start was found."""
        end = found.end()
        if found.lastgroup is None:
            return end
        for notations in self._secrets[int(found.lastgroup[1:])][_LEAST_SHOWN_CHARS:]:
            following = notations.match(text, end)
            if following is None:
                break
            end = following.end()
        return end


def _notations(character: str) -> str:
    """Return a pattern of the ways in which a character is written."""
    from html.entities import codepoint2name  # noqa: PLC0415 - a large table that is seldom needed

    code = f"{ord(character):x}"
    name = codepoint2name.get(ord(character))
    references = [f"#0{{0,6}}{ord(character)}", f"#[xX]0{{0,6}}(?i:{code})", *([name] if name else [])]
    notations = [
        rf"\\{{0,8}}{re.escape(character)}",
        rf"\\{{1,8}}(?:u\{{?0{{0,6}}|x)(?i:{code:0>2})\}}?",
        rf"%(?:25){{0,4}}(?i:{code:0>2})",
        rf"&(?:amp;){{0,4}}(?:{'|'.join(references)});",
    ]
    return f"(?:{'|'.join(notations)})"


def _base64_cores(secret: str) -> Iterator[str]:
    """Yield what base64 makes of the secret inside other bytes, for each of the three places that it can begin at."""
    for shift in range(3):
        data = bytes(shift) + secret.encode()
        data = data[: len(data) // 3 * 3]
        core = base64.b64encode(data).decode()[4 if shift else 0 :]
        if len(core) >= _LEAST_SHOWN_CHARS:
            yield from {core, core.replace("+", "-").replace("/", "_")}
