"""The checks of ``anyscribe doctor``, in the order of a transcription."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyscribe.alignment.registry import Aligners
from anyscribe.cli.precedence import choose
from anyscribe.config import Local, Origin, Server, Setting
from anyscribe.engines.whisper import is_whisper_installed
from anyscribe.engines.whisper.packaged import PACKAGED
from anyscribe.errors import AnyscribeError, ServerError
from anyscribe.keys.addresses import address_of
from anyscribe.optional import is_installed
from anyscribe.sentence import Extra, Option, Sentence
from anyscribe.session import default_model
from anyscribe.store import Store, StoreError, store_path
from anyscribe.terminal.colors import color_choice
from anyscribe.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anyscribe.cli.invocation import Invocation
    from anyscribe.cli.settings import Settings
    from anyscribe.sentence import Text

_CONNECT_S: Final = 10
_READ_S: Final = 20
_CLOCK_S: Final = 300
"""Certificates and times of rate limits bear smaller differences."""

_LEAST_FREE_BYTES: Final = 1_000_000_000
_MEGABYTE: Final = 1_000_000
_MEBIBYTE: Final = 1 << 20
_PACKAGES: Final = {
    "server": ("python_multipart", "starlette", "uvicorn"),
    "multilingual": tuple(part[0] for known in PACKAGED[1:] for part in known.parts),
    "socks": ("socks",),
    "docs": ("docx",),
    "sherpa": ("sherpa_onnx",),
    "keyring": ("keyring",),
    "cluster": ("distributed",),
    "https": ("fsspec", "aiohttp"),
    "s3": ("fsspec", "s3fs"),
    "gcs": ("fsspec", "gcsfs"),
    "azure": ("fsspec", "adlfs"),
    "sftp": ("fsspec", "paramiko"),
}
"""What the extras besides ``local`` are recognised by."""


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome of a check.

    Args:
        is_ok: Whether all is well.
        subject: What was looked at, in a word.
        finding: What was found.
        remedy: What to do about it.
    """

    is_ok: bool
    subject: str
    finding: Text
    remedy: Text = ""


def run_checks(invocation: Invocation, settings: Settings, profile: str | None) -> Iterator[Check]:
    """Check everything; a check that finds a problem stops no other.

    Args:
        invocation: What the process gives the run.
        settings: What is set for the main command.
        profile: The profile that was named on the command line; None if none was.

    Yields:
        Each outcome as soon as it is known.
    """
    yield Check(
        is_ok=True, subject="python", finding=f"{platform.python_version()}, anyscribe {__version__}, {sys.executable}"
    )
    yield _extras()
    yield _models()
    try:
        settings.choose(profile)
        yield _voices(settings.get("speakers_model"))
        yield _settings(settings)
        yield from _place(settings)
        store = settings.get("store")
    except AnyscribeError as error:
        yield _problem("settings", error)
        store = None
    yield _store(Path(store) if store else None)
    yield _temporary_folder()
    yield _terminal(invocation)


def _problem(subject: str, error: AnyscribeError) -> Check:
    return Check(is_ok=False, subject=subject, finding=error.message, remedy=error.remedy)


def _extras() -> Check:
    installed = {"local": is_whisper_installed() and Aligners().can_align()}
    installed |= {extra: is_installed(*packages) for extra, packages in _PACKAGES.items()}
    here = [extra for extra, is_here in installed.items() if is_here]
    missing = [extra for extra, is_here in installed.items() if not is_here]
    finding = ", ".join(here) or "none"
    if not missing:
        return Check(is_ok=True, subject="extras", finding=finding)
    return Check(
        is_ok=True,
        subject="extras",
        finding=f"{finding}; not installed: {', '.join(missing)}",
        remedy=Sentence("if you want one, {}", Extra(missing[0])),
    )


def _models() -> Check:
    if not is_whisper_installed():
        return Check(is_ok=True, subject="models", finding="no built-in engine is installed")
    from anyscribe.engines.whisper.catalogue import models_here  # noqa: PLC0415 - only if it is installed

    try:
        here = models_here()
    except AnyscribeError as error:
        return _problem("models", error)
    return Check(is_ok=True, subject="models", finding=f"{', '.join(here) or 'none'} on this machine")


def _voices(folder: str | None) -> Check:
    from anyscribe.speakers.registry import make_diarizer  # noqa: PLC0415 - only this check needs it

    try:
        make_diarizer(folder)
    except AnyscribeError as error:
        # Few runs need it, except if its model was chosen.
        return Check(is_ok=folder is None, subject="voices", finding=error.message, remedy=error.remedy)
    return Check(is_ok=True, subject="voices", finding="they can be told apart on this machine")


def _settings(settings: Settings) -> Check:
    profile = settings.profile
    parts = [str(settings.path) if settings.has_file else "no config.toml"]
    if profile is not None:
        parts.append(f"profile {profile.name}")
    return Check(is_ok=True, subject="settings", finding=", ".join(parts))


def _place(settings: Settings) -> Iterator[Check]:
    """Check the key and the server; on this machine, neither is needed."""
    local = settings.find("local") or Setting(value=False, origin=Origin.DEFAULT)
    base_url = settings.find("base_url") or Setting(None, Origin.DEFAULT)
    try:
        place = choose(local, base_url, settings)
    except AnyscribeError as error:
        yield _problem("key", error)
        return
    if isinstance(place, Local):
        yield Check(is_ok=True, subject="server", finding=place.notice or "none: this machine transcribes")
        return
    yield _key(place, settings)
    yield _server(place, settings)


def _key(place: Server, settings: Settings) -> Check:
    address = address_of(place.base_url)
    if place.key:
        found = f"found in {place.key_name}, for {address}"
        return Check(is_ok=True, subject="key", finding=f"{found}; {place.notice}" if place.notice else found)
    profile = settings.profile
    command = f"anyscribe login {profile.name}" if profile else "anyscribe login"
    # Not every server wants one: the next check tells.
    return Check(
        is_ok=True,
        subject="key",
        finding=f"none for {address}",
        remedy=f"if it wants one, set {place.key_name}, or use {command}",
    )


def _server(place: Server, settings: Settings) -> Check:
    from anyscribe.engines.remote import Endpoint  # noqa: PLC0415 - loads the network
    from anyscribe.engines.remote.model_list import KNOWS_NO_LIST, fetch_models  # noqa: PLC0415 - likewise
    from anyscribe.engines.remote.server_limits import capabilities_of  # noqa: PLC0415 - likewise

    began = time.monotonic()
    try:
        endpoint = Endpoint(place.base_url, place.key, place.key_name, bool(settings.get("insecure_http")))
        listed = fetch_models(endpoint, connect_seconds=_CONNECT_S, read_seconds=_READ_S)
    except ServerError as error:
        if error.status in KNOWS_NO_LIST:
            finding = f"{address_of(place.base_url)} answers, but lists no models ({error.status})"
            return Check(is_ok=True, subject="server", finding=finding)
        return _problem("server", error)
    except AnyscribeError as error:
        return _problem("server", error)
    model = settings.get("model") or default_model(place) or ""
    known = capabilities_of(endpoint.hostname, model)
    names = [offered.name for offered in listed.models]
    parts = [
        f"{endpoint.host} answers within {time.monotonic() - began:.1f} s",
        _count(len(names), "model") + ("" if model in names else f", without {model}"),
        f"at most {(known.max_body_bytes or 0) // _MEBIBYTE} MiB a request",
    ]
    if known.max_ms is not None:
        parts.append(f"at most {known.max_ms // 1000:,} s of audio")
    ahead = listed.ahead_seconds
    if ahead is not None:
        parts.append(f"its clock differs by {abs(ahead):,.0f} s")
    is_ok = ahead is None or abs(ahead) < _CLOCK_S
    return Check(is_ok, "server", ", ".join(parts), "" if is_ok else "set the clock of this machine")


def _count(number: int, name: str) -> str:
    return f"{number:,} {name}{'' if number == 1 else 's'}"


def _store(path: Path | None) -> Check:
    told: list[str] = []
    remedy = Sentence("{} names another file", Option("store", "PATH"))
    try:
        path = path or store_path()
        if not path.exists():
            folder = next(one for one in path.parents if one.exists())
            is_ok = os.access(folder, os.W_OK)
            finding = f"none yet; it will be {path}" if is_ok else f"{folder} cannot be written"
            return Check(is_ok, "store", finding, "" if is_ok else remedy)
        Store(path, told.append).close()
        size = path.stat().st_size / _MEGABYTE
    except (StoreError, OSError) as error:
        return Check(is_ok=False, subject="store", finding=f"it cannot be used ({error})", remedy=remedy)
    if told:
        return Check(is_ok=False, subject="store", finding="; ".join(told))
    return Check(is_ok=True, subject="store", finding=f"{path}, {size:,.1f} MB")


def _temporary_folder() -> Check:
    remedy = "TMPDIR names another folder"
    try:
        folder = tempfile.gettempdir()
        with tempfile.TemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free
    except OSError as error:
        finding = f"no temporary file can be written ({error.strerror or error})"
        return Check(is_ok=False, subject="temporary", finding=finding, remedy=remedy)
    finding = f"{folder}, {free / 1000 / _MEGABYTE:,.1f} GB free"
    is_ok = free >= _LEAST_FREE_BYTES
    return Check(is_ok, "temporary", finding, "" if is_ok else f"make room, or {remedy}")


def _terminal(invocation: Invocation) -> Check:
    stream = invocation.stderr
    if stream is None or not stream.isatty():
        return Check(is_ok=True, subject="terminal", finding="standard error is none")
    encoding = (stream.encoding or "").lower()
    colors = "no colours" if color_choice(invocation.environ) is False else "colours"
    finding = f"{colors}, {encoding}, {shutil.get_terminal_size().columns} columns"
    is_ok = encoding.replace("-", "") in ("utf8", "cp65001")
    return Check(is_ok, "terminal", finding, "" if is_ok else "set LANG to a UTF-8 locale, or PYTHONUTF8=1")
