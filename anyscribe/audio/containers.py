"""Which file names are media, and what servers are told of them. Knows names only: nothing here opens a file."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

MEDIA_TYPES: Final = {
    # The contract's own nine. Servers pick a decoder by the extension, hardly any by the media type.
    "flac": "audio/flac",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "mpeg": "video/mpeg",
    "mpga": "audio/mpeg",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "wav": "audio/wav",
    "webm": "video/webm",
    # What else people have in their folders.
    "3gp": "video/3gpp",
    "aac": "audio/aac",
    "aif": "audio/aiff",
    "aiff": "audio/aiff",
    "amr": "audio/amr",
    "avi": "video/x-msvideo",
    "caf": "audio/x-caf",
    "flv": "video/x-flv",
    "m4b": "audio/mp4",
    "m4v": "video/mp4",
    "mka": "audio/x-matroska",
    "mkv": "video/x-matroska",
    "mov": "video/quicktime",
    "mp2": "audio/mpeg",
    "mpg": "video/mpeg",
    "mts": "video/mp2t",
    "oga": "audio/ogg",
    "ogv": "video/ogg",
    "opus": "audio/ogg",
    "ts": "video/mp2t",
    "wma": "audio/x-ms-wma",
    "wmv": "video/x-ms-wmv",
}
"""File name extension, in lower case and without its dot, to media type."""

MEDIA_EXTENSIONS: Final = frozenset(MEDIA_TYPES)
"""The extensions by which a folder's files are taken for recordings."""

_ALIASES: Final = {"oga": "ogg", "opus": "ogg"}
"""The same container by a name that the contract does not know."""

_EXTENSION_OF_FORMAT: Final = {
    "mov": "mp4",
    "mpegts": "ts",
    "asf": "wma",
    "w64": "wav",
}
"""FFmpeg's first name of a container, where it is not itself an extension."""


_KIN_OF_MP4: Final = frozenset({"mov", "3gp"})
"""Files of these names are what they say, also where their brand is MP4's."""


def choose_extension(name: str, format_names: str) -> str:
    """Choose the extension by which a server will know the container.

    Args:
        name: The file's own name; its extension is kept where it is one of media.
        format_names: FFmpeg's names of the container, separated by commas, as in ``mov,mp4,m4a``.

    Returns:
        An extension in lower case, without its dot.
    """
    own = PurePath(name).suffix[1:].lower()
    if own in MEDIA_TYPES:
        return _ALIASES.get(own, own)
    names = format_names.split(",")
    if "webm" in names:
        # FFmpeg does not tell the two apart; of Matroska and WebM, servers know only WebM, and read both by it.
        return "webm"
    return _EXTENSION_OF_FORMAT.get(names[0], names[0])


def contract_extensions(format_names: str, *, codec: str, brand: str, doctype: str) -> tuple[str, ...]:
    """Say by which of the contract's names servers know what a file really is.

    Args:
        format_names: FFmpeg's names of the container, separated by commas.
        codec: FFmpeg's name of the sound's codec.
        brand: The major brand of an MP4 and its kin; empty in other containers.
        doctype: What a Matroska says it is, ``webm`` or ``matroska``; empty in other containers.

    Returns:
        Extensions, the most fitting first; none for what the contract does not name.
    """
    container = format_names.partition(",")[0]
    if container == "mov":
        # QuickTime is the elder of the family, 3GPP the poor cousin; servers that know MP4 need not know them.
        if brand == "qt" or brand.startswith("3g"):
            return ()
        return ("m4a", "mp4") if brand.startswith(("M4A", "M4B")) else ("mp4", "m4a")
    if container == "matroska":
        return ("webm",) if doctype == "webm" else ()
    if container == "mp3":
        return ("mp3", "mpga", "mpeg") if codec.startswith("mp3") else ()
    return (container,) if container in {"flac", "mpeg", "ogg", "wav"} else ()


def contract_extension(extension: str, real: Sequence[str]) -> str | None:
    """Choose the extension under which a file can be sent as it is.

    Args:
        extension: The one that it would have, by its own name; see `choose_extension`.
        real: Those that tell what it is; see `contract_extensions`.

    Returns:
        One of the real ones; None where the contract does not name the container, or the file's name says of an
        MP4 that it is QuickTime's.
    """
    if extension in real:
        return extension
    if not real or ("mp4" in real and extension in _KIN_OF_MP4):
        return None
    return real[0]


def plain_filename(name: str, extension: str) -> str:
    """Make a file name that every server's multipart parser takes.

    Args:
        name: The file's own name, in any script, with any bytes.
        extension: What the result ends in.

    Returns:
        The name itself where it is plain, printable ASCII with that extension; else a stand-in. Raw UTF-8,
        ``filename*`` and percent-encoding are each misread by some server, an ASCII name by none.
    """
    plain = name.isascii() and name.isprintable() and not set(name) & set("\"\\%'")
    return name if plain and name.lower().endswith(f".{extension}") else f"recording.{extension}"
