"""The checks of this project: `nox` runs all of them, `nox -s lint` one."""

from __future__ import annotations

import nox

nox.options.default_venv_backend = "uv|virtualenv"
LINTERS = (("ruff", "check"), ("ruff", "format", "--check"), ("mypy",), ("lint-imports",))


@nox.session(python=["3.11", "3.12", "3.13"])
def tests(session: nox.Session) -> None:
    """Run the tests; arguments after `--` go to pytest."""
    session.install("-e", ".[local,dev]")
    session.run("pytest", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, format, types and the direction of imports."""
    session.install("-e", ".[local,dev]")
    for linter in LINTERS:
        session.run(*linter)
