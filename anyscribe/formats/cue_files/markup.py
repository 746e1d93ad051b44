"""The text of a cue as each format writes it: characters, tags, entities and line breaks.

A text is changed without touching its tags: `laid` gives it other white space, `cut` divides it.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FIXED: Final = "\u00a0\u2007\u202f"
"""Spaces that are part of a word."""

UNPARSED: Final = "<![CDATA["
"""Begins a part of XML in which no tag is read."""

_NAME: Final = re.compile(r"</?([a-zA-Z]+:)?([a-zA-Z]+)")
_OVERRIDE: Final = r"\{[^{}]*\}"
_ENTITY: Final = r"&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,8}|[a-zA-Z][a-zA-Z0-9]{1,31});"
_CLOSES: Final = re.compile(r"</|\{\\[ibus]0")
_INDIVISIBLE: Final = re.compile(r"\\(?:[kK]|t\(|move|fad|p[1-9])|<[0-9:]+\.[0-9]{3}>|<!\[CDATA\[")
"""What holds for a cue's time as it is: karaoke, animations, drawings."""


class Atom(NamedTuple):
    """A part of a cue's content that is never divided.

    Args:
        raw: How it is written.
        shown: The character that a viewer sees, a line feed for a line break, or nothing.
        is_tag: Whether it is a tag.
    """

    raw: str
    shown: str
    is_tag: bool = False

    @property
    def is_space(self) -> bool:
        """Whether it is white space at which a line may end."""
        return not self.is_tag and (not self.shown or (self.shown.isspace() and self.shown not in FIXED))


@dataclass(frozen=True, slots=True)
class Markup:
    """How a format writes text.

    Args:
        line_break: A line break.
        parts: Matches the next atom that is more than a character.
        tags: The names of the tags that the format knows, in small letters; others are text. Empty for any.
        breaks: How line breaks are written, in small letters.
        spaces: White space that is written in another way, and what it shows.
        collapses: Whether white space is mere layout of the file, as in XML.
        has_overrides: Whether tags stand in braces and need no end.
        escapes: Characters that are written in another way.
    """

    line_break: str
    parts: re.Pattern[str]
    tags: frozenset[str] = frozenset()
    breaks: frozenset[str] = frozenset({"\n"})
    spaces: dict[str, str] = field(default_factory=dict)
    collapses: bool = False
    has_overrides: bool = False

    def atoms(self, content: str) -> list[Atom]:
        """Divide a cue's content.

        Args:
            content: The content as the format writes it.
        """
        atoms = []
        at = 0
        while at < len(content):
            match = self.parts.match(content, at)
            raw = match.group() if match else content[at]
            if raw[0] == "&" and html.unescape(raw) == raw:
                # Nobody knows this entity: it is shown as it is written.
                raw = "&"
            atoms.append(self._atom(raw))
            at += len(raw)
        return _without_layout(atoms) if self.collapses else atoms

    def _atom(self, raw: str) -> Atom:
        if raw.lower() in self.breaks or (self.collapses and _IS_BR.match(raw)):
            return Atom(raw, "\n")
        if raw in self.spaces:
            return Atom(raw, self.spaces[raw])
        if raw[0] == "&" and len(raw) > 1:
            shown = html.unescape(raw)
            return Atom(raw, shown if len(shown) == 1 else "\ufffd")
        if self.collapses and raw.isspace():
            return Atom(raw, " ")
        is_tag = len(raw) > 1 and raw[0] in "<{]"
        return Atom(raw, "" if is_tag else raw, is_tag)

    def is_known(self, tag: str) -> bool:
        """Return whether the format knows a tag.

        Args:
            tag: The tag, with its brackets.
        """
        return tag[0] == "{" or not self.tags or tag_name(tag) in self.tags


def tag_name(tag: str) -> str:
    """Return the name of a tag in small letters; empty for one that has none."""
    found = _NAME.match(tag)
    return found[2].lower() if found else ""


def is_end(tag: str) -> bool:
    """Return whether a tag ends what another one began."""
    return _CLOSES.match(tag) is not None


def shown_text(atoms: Iterable[Atom]) -> str:
    """Return what a viewer sees."""
    return "".join(atom.shown for atom in atoms)


def open_tags(atoms: Iterable[Atom]) -> list[str]:
    """Return the tags that are begun and not ended, in order."""
    found: list[str] = []
    for atom in atoms:
        if not atom.is_tag or atom.raw[0] == "{" or atom.raw.endswith("/>") or not tag_name(atom.raw):
            continue
        if not is_end(atom.raw):
            found.append(atom.raw)
            continue
        for index in range(len(found) - 1, -1, -1):
            if tag_name(found[index]) == tag_name(atom.raw):
                del found[index]
                break
    return found


def laid(atoms: Sequence[Atom], text: str, line_break: str) -> str:
    """Write the same characters with other white space between them; tags stay where they are.

    Args:
        atoms: The content.
        text: What is to be shown: the characters of the content, with single spaces and line feeds.
        line_break: How the format writes a line break.
    """
    out: list[str] = []
    at = 0
    for character in text:
        if character in " \n":
            while at < len(atoms) and atoms[at].is_tag and is_end(atoms[at].raw):
                out.append(atoms[at].raw)
                at += 1
            out.append(line_break if character == "\n" else " ")
            continue
        while at < len(atoms) and (atoms[at].is_tag or atoms[at].is_space):
            out += [atoms[at].raw] if atoms[at].is_tag else []
            at += 1
        out.append(atoms[at].raw)
        at += 1
    return "".join([*out, *(atom.raw for atom in atoms[at:] if atom.is_tag)])


def can_cut(content: str) -> bool:
    """Return whether a content means the same in two parts, and in two cues made one."""
    return not _INDIVISIBLE.search(content)


def cut(atoms: Sequence[Atom], chars: int) -> tuple[list[Atom], list[Atom]]:
    """Divide a content; what is begun and not ended in the first part is ended there, and begun anew in the second.

    Args:
        atoms: The content.
        chars: How many characters, without white space, the first part has.
    """
    at = 0
    while at < len(atoms) and chars:
        chars -= not (atoms[at].is_tag or atoms[at].is_space)
        at += 1
    while at < len(atoms) and atoms[at].is_tag and is_end(atoms[at].raw):
        at += 1
    first, second = list(atoms[:at]), list(atoms[at:])
    begun = open_tags(first)
    ends = [Atom(f"</{tag.strip('<>').split()[0].split('.')[0]}>", "", is_tag=True) for tag in reversed(begun)]
    again = [Atom(tag, "", is_tag=True) for tag in begun]
    overrides = [atom for atom in first if atom.is_tag and atom.raw[0] == "{"]
    return first + ends, overrides + again + second


def _without_layout(atoms: Sequence[Atom]) -> list[Atom]:
    """Show no white space at the begin or the end of a line; more in a row is one."""
    found = []
    is_gap = True
    for atom in atoms:
        is_layout = atom.is_space and atom.shown == " "
        found.append(atom._replace(shown="") if is_layout and is_gap else atom)
        if not atom.is_tag:
            is_gap = is_layout or atom.shown == "\n"
    is_gap = True
    for index in range(len(found) - 1, -1, -1):
        atom = found[index]
        if atom.is_tag or not atom.shown:
            continue
        if atom.shown == " " and atom.is_space and is_gap:
            found[index] = atom._replace(shown="")
        else:
            is_gap = atom.shown == "\n"
    return found


_BR: Final = r"<(?:[\w.-]+:)?br(?:\s[^<>]*)?(?:/>|(?<!/)>\s*</(?:[\w.-]+:)?br\s*>)"
"""A line break in XML, with any prefix, empty or ended."""

_BRACKETED: Final = r"</?[a-zA-Z][^<>\n]*>"

SRT: Final = Markup(
    "\n", re.compile(r"</?(?i:i|b|u|s|font)(?:\s[^<>\n]*)?>|\{\\[^{}\n]*\}"), frozenset({"i", "b", "u", "s", "font"})
)
VTT: Final = Markup(
    "\n",
    re.compile(
        r"</?(?:c|i|b|u|v|ruby|rt|lang)(?:\.[^\s<>]*)?>|<(?:v|lang|c)(?:\.[^\s<>]*)?\s[^<>]*>|<[0-9:]+\.[0-9]{3}>|"
        + _ENTITY
    ),
    frozenset({"c", "i", "b", "u", "v", "ruby", "rt", "lang"}),
)
ASS: Final = Markup(
    r"\N", re.compile(rf"{_OVERRIDE}|\\[Nnh]"), breaks=frozenset({"\\n"}), spaces={r"\h": "\u00a0"}, has_overrides=True
)
TTML: Final = Markup(
    "<br/>",
    re.compile(rf"{_BR}|<!--.*?-->|<!\[CDATA\[|\]\]>|<[^<>]*>|{_ENTITY}|[ \t\r\n]+", re.DOTALL),
    collapses=True,
)
_IS_BR: Final = re.compile(_BR)
UNKNOWN_TAG: Final = re.compile(_BRACKETED)
"""What looks like a tag among the characters that are shown."""
