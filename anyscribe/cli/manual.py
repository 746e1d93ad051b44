"""The reference of the command line, from the same source as ``--help``: a manual page, and a page of ``docs/``.

``python -m anyscribe.cli.manual`` in the project's folder writes both files; a test compares them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.cli.app import pages
from anyscribe.cli.command_line import PROGRAM
from anyscribe.cli.exit_codes import MEANINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from anyscribe.cli.help_page import Entries, HelpPage

MAN_PAGE: Final = "completions/anyscribe.1"
REFERENCE: Final = "docs/cli.md"

_DO_NOT_EDIT: Final = "Made by `python -m anyscribe.cli.manual`; change the flags' help instead."
_FORM_FIELDS: Final = (
    "The flags of a transcription are the form fields of `POST /v1/audio/transcriptions`, under the same names. "
    "`file` is INPUT, `response_format` is `--format`, and any field without a flag is `--field NAME=VALUE`. A flag "
    "that is not given is not sent, except `model` and `response_format`."
)
_SETTINGS: Final = (
    "Each flag that names no recordings can be set in a file too, for all runs or in profiles: "
    "[Configuration](configuration.md)."
)


def man_page() -> str:
    """Write the manual page, in roff's ``man`` macros."""
    main, *others = pages().items()
    return "\n".join([*_man_head(main[1]), *_man_body(main[1], dict(others)), ""])


def reference() -> str:
    """Write the page of the documentation, in Markdown."""
    parts = ["# The command line", f"<!-- {_DO_NOT_EDIT} -->", _FORM_FIELDS, _SETTINGS]
    for name, page in pages().items():
        parts += [f"## {name}", "```\n" + "\n".join(page.usage) + "\n```", *page.summary]
        for title, entries in page.groups.items():
            parts += [f"### {title}", _table(("flag", ""), ((f"`{term}`", text) for term, text in entries))]
        if page.examples:
            parts += ["### Examples", _code(page.examples)]
        for title, text in page.notes:
            parts += [f"### {title}", text]
    parts += ["## Exit codes", _table(("code", "meaning"), _exit_codes())]
    return "\n\n".join(parts) + "\n"


def _man_head(page: HelpPage) -> Iterator[str]:
    yield f'.\\" {_DO_NOT_EDIT}'
    yield f".TH {PROGRAM.upper()} 1"
    yield ".SH NAME"
    yield rf"{PROGRAM} \- {_roff(page.summary[0].partition(':')[0].lower())}"
    yield ".SH SYNOPSIS"
    for line in page.usage:
        yield ".PP"
        yield _roff(line)
    yield ".SH DESCRIPTION"
    yield from _paragraphs(page.summary)


def _man_body(page: HelpPage, others: Mapping[str, HelpPage]) -> Iterator[str]:
    yield ".SH OPTIONS"
    yield from _options(page)
    yield ".SH COMMANDS"
    for name, other in others.items():
        yield f'.SS "{_roff(name)}"'
        yield from _paragraphs(other.summary)
        yield from _options(other, is_nested=True)
    yield ".SH EXAMPLES"
    for line, comment in (example for shown in (page, *others.values()) for example in shown.examples):
        yield from (".TP", rf"\fB{_roff(line)}\fR", _roff(comment))
    for title, text in page.notes:
        yield f".SH {title.upper()}"
        yield from _paragraphs([text])
    yield ".SH EXIT STATUS"
    for code, meaning in _exit_codes():
        yield from (".TP", code, _roff(meaning))


def _options(page: HelpPage, *, is_nested: bool = False) -> Iterator[str]:
    for title, entries in page.groups.items():
        if not is_nested:
            yield f'.SS "{title}"'
        for term, text in entries:
            yield from (".TP", rf"\fB{_roff(term)}\fR", _roff(text))


def _paragraphs(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from (".PP", _roff(text))


def _roff(text: str) -> str:
    """Write text that roff takes as it is."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{escaped}" if escaped.startswith((".", "'")) else escaped


def _table(titles: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    lines = [titles, ("---", "---"), *((_cell(left), _cell(right)) for left, right in rows)]
    return "\n".join(f"| {left} | {right} |".replace("|  |", "| |") for left, right in lines)


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def _code(examples: Entries) -> str:
    longest = max(len(line) for line, _ in examples)
    return "\n".join(["```sh", *(f"{line.ljust(longest)}  # {comment}" for line, comment in examples), "```"])


def _exit_codes() -> Iterator[tuple[str, str]]:
    return ((str(code.value), meaning) for code, meaning in MEANINGS.items())


if __name__ == "__main__":
    for path, text in ((MAN_PAGE, man_page()), (REFERENCE, reference())):
        Path(path).write_text(text, encoding="utf-8")
