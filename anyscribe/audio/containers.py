"""Which file names are media, and what servers are told of them. Knows names only: nothing here opens a file."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

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
