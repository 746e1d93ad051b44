"""How this copy of the program was installed, and so how an extra is added to it.

Source: PEP 610 (``direct_url.json``), PEP 376 (``INSTALLER``), and the files that pipx and uv leave in their
environments.
"""

from __future__ import annotations

import importlib.metadata
import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from anyscribe.optional import is_installed

if TYPE_CHECKING:
    from typing import Any

DISTRIBUTION: Final = "anyscribe-transcriber"
"""The name of the distribution; the package and the command are called ``anyscribe``."""

_PIPX_FILE: Final = "pipx_metadata.json"
_UV_FILE: Final = "uv-receipt.toml"


@dataclass(frozen=True, slots=True)
class Installation:
    """How a copy was installed.

    Args:
        source: What was installed: a folder, a URL, or the distribution's name; without extras.
        is_editable: Whether the source folder is used in place.
        installer: The command that installs into its environment.
    """

    source: str
    is_editable: bool
    installer: str

    def command(self, extra: str) -> str:
        """Return the command that installs an extra.

        Args:
            extra: The extra.
        """
        is_folder_or_name = "://" not in self.source
        wanted = f"{self.source}[{extra}]" if is_folder_or_name else f"{DISTRIBUTION}[{extra}] @ {self.source}"
        return f"{self.installer} {'-e ' if self.is_editable else ''}{shlex.quote(wanted)}"


def install_command(extra: str) -> str:
    """Return the command that adds an extra to this copy.

    Args:
        extra: The extra.
    """
    return find_installation(Path(sys.prefix)).command(extra)


def package_command(requirement: str) -> str:
    """Return the command that installs a package beside this copy, without what it depends on.

    Args:
        requirement: The package and its version.
    """
    installer = find_installation(Path(sys.prefix)).installer
    if installer.startswith("pipx"):
        return f"pipx inject {DISTRIBUTION} {requirement} --pip-args=--no-deps"
    return f"{installer} --no-deps {requirement}"


def find_installation(prefix: Path) -> Installation:
    """Find out how this copy was installed.

    Args:
        prefix: The environment's folder.
    """
    try:
        distribution = importlib.metadata.distribution(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return Installation(DISTRIBUTION, is_editable=False, installer="pip install")
    source, is_editable = _source(distribution.read_text("direct_url.json"))
    return Installation(source, is_editable, _installer(prefix, distribution.read_text("INSTALLER")))


def _source(direct_url: str | None) -> tuple[str, bool]:
    """Read where the copy came from; an index leaves no record."""
    try:
        record: dict[str, Any] = json.loads(direct_url or "{}")
    except ValueError:
        record = {}
    url = record.get("url") or ""
    parts = urlsplit(url)
    if "dir_info" in record and parts.scheme == "file":
        return unquote(parts.path), bool(record["dir_info"].get("editable"))
    vcs = record.get("vcs_info")
    if vcs:
        revision = vcs.get("requested_revision") or vcs.get("commit_id")
        return f"{vcs.get('vcs')}+{url}" + (f"@{revision}" if revision else ""), False
    return url or DISTRIBUTION, False


def _installer(prefix: Path, installer: str | None) -> str:
    if (prefix / _PIPX_FILE).exists():
        return "pipx install --force"
    if (prefix / _UV_FILE).exists():
        return "uv tool install --force"
    if (installer or "").strip() == "uv" or not is_installed("pip"):
        return "uv pip install"
    return "pip install"
