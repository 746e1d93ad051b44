"""The house is in order: what the tools that watch over the code have to say."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOOLS = {
    "ruff finds no fault": ["ruff", "check"],
    "the code is formatted": ["ruff", "format", "--check"],
    "the types are right": ["mypy"],
    "imports only go down": ["lint-imports"],
}


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)
def test_tool_is_content(tool: list[str]):
    """Each tool of the workshop passes over the whole project."""
    program = Path(sys.executable).with_name(tool[0])
    result = subprocess.run([program, *tool[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_installed_package_is_this_one():
    """The package that the tests run is the one that lies beside them."""
    found = importlib.util.find_spec("anyscribe")
    assert found is not None
    assert found.origin is not None
    installed = Path(found.origin).parent
    ours = {path.relative_to(ROOT / "anyscribe"): path.read_bytes() for path in (ROOT / "anyscribe").rglob("*.py")}
    theirs = {path.relative_to(installed): path.read_bytes() for path in installed.rglob("*.py")}
    assert theirs == ours
