"""What the command line calls options, form fields and extras."""

from __future__ import annotations

from typing import Final

from anyscribe.form import FIELDS
from anyscribe.sentence import Extra, Field, Package, Term

_FLAGS: Final = {
    "file": "INPUT",
    "response_format": "--format",
    "standard_input": "anyscribe -",
    "traceback": "-vv",
    "help": "anyscribe --help",
}
"""What is not called by its own name."""


def name_of(term: Term) -> str:
    """Return what a user of the command line calls a term.

    Args:
        term: The term.

    Returns:
        A flag, followed by its value if it has one; for an extra or a package, the command that installs it.
    """
    if isinstance(term, Package):
        from anyscribe.cli.installation import package_command  # noqa: PLC0415 - loads importlib.metadata

        return package_command(term.requirement)
    if isinstance(term, Extra):
        from anyscribe.cli.installation import install_command  # noqa: PLC0415 - loads importlib.metadata

        return install_command(term.name)
    is_other_field = isinstance(term, Field) and term.name not in FIELDS
    flag = f"--field {term.name}" if is_other_field else flag_of(term.name)
    return f"{flag} {term.value}".rstrip()


def flag_of(name: str) -> str:
    """Return the flag of an option, or of a field of the contract.

    Args:
        name: Its name in Python or in the contract.
    """
    return _FLAGS.get(name) or f"--{name.replace('_', '-')}"
