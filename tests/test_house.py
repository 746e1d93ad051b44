"""Project rules that no linter checks; the linters themselves run in `.ci/run` and `nox`."""

from __future__ import annotations

import ast
import functools
import importlib.util
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from anyscribe.cli.app import program
from anyscribe.form import FIELDS

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "anyscribe").rglob("*.py"))


@functools.cache
def trees() -> dict[Path, ast.Module]:
    """Return the syntax tree of every module, by its place."""
    return {path.relative_to(ROOT): ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}


def strings(tree: ast.AST) -> list[ast.Constant]:
    """Return the strings of a module that are not docstrings."""
    documentation = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation
    ]


def test_installed_package_is_this_one():
    """The tests run the package that lies beside them."""
    found = importlib.util.find_spec("anyscribe")
    assert found is not None
    assert found.origin is not None
    installed = Path(found.origin).parent
    ours = {path.relative_to(ROOT / "anyscribe"): path.read_bytes() for path in MODULES}
    theirs = {path.relative_to(installed): path.read_bytes() for path in installed.rglob("*.py")}
    assert theirs == ours


def test_flags_are_named_in_cli_alone():
    """Outside `cli/`, no message names a flag or a way to install; errors carry options and extras as data."""
    flag = re.compile(r"(?<![\w-])--[a-z]{2}|pip install|(?<![\w-])-[a-z] [A-Z]{3}")
    found = [
        f"{path}:{node.lineno}: {node.value}"
        for path, tree in trees().items()
        if path.parts[1] != "cli"
        for node in strings(tree)
        if flag.search(node.value)
    ]
    assert found == []


def test_options_in_messages_exist():
    """Each option that a message names is an option of the command line."""
    options = {
        option
        for command in program.commands.values()
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    flags = {option.lstrip("-").replace("-", "_") for option in options if option.startswith("--")}
    named = {
        node.args[0].value
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"Option", "OptionError"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    others = {"traceback", "help", "standard_input"}
    assert len(named) > 10
    assert named - flags - others - {*FIELDS} == set()


def test_no_class_has_two_meanings():
    """A class name has one meaning in the whole program; only a class that extends another one may share its name."""
    homes = defaultdict(list)
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and f".{node.name}" not in ",".join(map(ast.unparse, node.bases)):
                homes[node.name].append(str(path))
    assert {name: paths for name, paths in homes.items() if len(paths) > 1} == {}


def test_functions_fit_on_a_screen():
    """No function body is longer than 60 lines; signatures do not count, since some of them define the flags."""
    long = {}
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[1] if len(node.body) > 1 and ast.get_docstring(node) is not None else node.body[0]
                lines = (node.end_lineno or 0) - first.lineno + 1
                if lines > 60:
                    long[f"{path}:{node.name}"] = lines
    assert long == {}


def test_way_of_a_request_is_the_one_that_is_drawn():
    """A recording passes through the files that `docs/architecture.md` draws, in that order, and enters each once."""
    walk = subprocess.run([sys.executable, ROOT / "bench" / "walk.py"], capture_output=True, text=True, check=False)
    assert walk.returncode == 0, walk.stdout + walk.stderr
    stations = re.findall(r"^1 x (\S+?):(?:\w+\.)?(\w+)$", walk.stdout, re.MULTILINE)
    drawn = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert len(stations) == 12
    assert [station for station in re.findall(r"(\S+\.py)\s+(\w+)", drawn) if station in stations] == stations
