"""How results were made, as documents with room for remarks tell it."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from anyscribe.config import KnownText, Local
from anyscribe.formats import Provenance
from anyscribe.version import __version__

if TYPE_CHECKING:
    import typer

    from anyscribe.config import Place
    from anyscribe.request import TranscriptionRequest

_ROUTE: Final = "/audio/transcriptions"
_HERE: Final = "on this machine"
_PROFILE_SUFFIX: Final = ".toml"


def told_provenance(ctx: typer.Context) -> Provenance | None:
    """Return what is told before anything is known of the work; None if nothing is to be told.

    Args:
        ctx: The context of a command with these flags.
    """
    if not ctx.params["provenance"]:
        return None
    # The name of a file is enough: its folder is nobody's business.
    profile = PurePath(ctx.params["cues"] or "").name.removesuffix(_PROFILE_SUFFIX)
    return Provenance(version=__version__, profile=profile)


def made_by(place: Place, request: TranscriptionRequest) -> tuple[str, str]:
    """Return the model and the server, or what else transcribes.

    Args:
        place: Where it is transcribed.
        request: The form fields; a built-in model may depend on them.
    """
    if isinstance(place, KnownText):
        return "", ""
    if not isinstance(place, Local):
        return request.model or "", without_secrets(place.base_url)
    if request.model is not None:
        # A model may be a folder.
        return PurePath(request.model).name, _HERE
    from anyscribe.engines.whisper.choice import choose_model  # noqa: PLC0415 - few runs tell it
    from anyscribe.engines.whisper.decoding_options import read_spoken_language  # noqa: PLC0415 - as above

    return choose_model(read_spoken_language(request, None), translates=request.translate), _HERE


def without_secrets(address: str) -> str:
    """Return a server's address without its route, and without user, password and query, which may hold a key.

    Args:
        address: The address.
    """
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host, path=parts.path.removesuffix(_ROUTE), query="", fragment="").geturl()
