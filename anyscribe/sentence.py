"""Sentences for people in which options, form fields and extras are data: each front end has its own names for them.

The command line calls an option ``--base-url``, Python calls it ``base_url``, and a server answers with the name of a
form field. A sentence therefore holds terms instead of names, and `Sentence.text` fills them in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable


class Option(NamedTuple):
    """An option of the program.

    Args:
        name: Its name in Python, such as ``base_url``.
        value: The value that it has or should have; empty if only the option is meant.
    """

    name: str
    value: str = ""


class Field(NamedTuple):
    """A form field of a request.

    Args:
        name: Its name in the contract, or any other that a server knows; without ``[]``.
        value: The value that it has or should have; empty if only the field is meant.
    """

    name: str
    value: str = ""


class Extra(NamedTuple):
    """An optional part of the program that can be installed.

    Args:
        name: The extra's name in the package's metadata, such as ``local``.
    """

    name: str


class Package(NamedTuple):
    """A package that can be installed beside the program, without what it depends on.

    Args:
        requirement: Its name and version, as installers read them.
    """

    requirement: str


Term: TypeAlias = Option | Field | Extra | Package


@dataclass(frozen=True, slots=True, init=False)
class Sentence:
    """One line of text with terms in it.

    Args:
        template: The text; each ``{}`` stands for one of the parts, in order.
        parts: Terms, plain strings and other sentences. Text from outside belongs here, never into the template.
    """

    template: str
    parts: tuple[Term | str | Sentence, ...]

    def __init__(self, template: str, *parts: Term | str | Sentence) -> None:
        object.__setattr__(self, "template", template)
        object.__setattr__(self, "parts", parts)

    def text(self, name_of: Callable[[Term], str]) -> str:
        """Write the sentence.

        Args:
            name_of: Returns what the reader calls a term.
        """
        return self.template.format(*(write(part, name_of) for part in self.parts))

    def mapped(self, change: Callable[[str], str]) -> Sentence:
        """Return the sentence with its plain strings changed.

        Args:
            change: Takes and returns a string; it redacts a key, for example.
        """
        parts = (
            part.mapped(change) if isinstance(part, Sentence) else change(part) if isinstance(part, str) else part
            for part in self.parts
        )
        return Sentence(self.template, *parts)

    def __str__(self) -> str:
        return self.text(plain_name)

    def __bool__(self) -> bool:
        return bool(self.template)


Text: TypeAlias = str | Sentence
"""What messages are made of."""


def write(part: Term | Text, name_of: Callable[[Term], str]) -> str:
    """Write a part of a sentence, or a whole one.

    Args:
        part: A term, a sentence or a plain string.
        name_of: Returns what the reader calls a term.
    """
    if isinstance(part, Sentence):
        return part.text(name_of)
    return name_of(part) if isinstance(part, Option | Field | Extra | Package) else part


def plain_name(term: Term) -> str:
    """Name a term for a reader of whom nothing is known.

    Args:
        term: The term.

    Returns:
        The option's Python name or the field's name, followed by its value if it has one; an instruction for an extra
        or a package.
    """
    if isinstance(term, Package):
        return f"install {term.requirement} without its dependencies"
    if isinstance(term, Extra):
        return f"install the extra {term.name!r}"
    return f"{term.name} {term.value}".rstrip()
