"""Map file names to media types and to the names sent to servers; works on names only, and opens no file."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

MEDIA_TYPES: Final = {
    # The nine that the contract names. Servers pick a decoder by the extension, hardly any by the media type.
    "flac": "audio/flac",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "mpeg": "video/mpeg",
    "mpga": "audio/mpeg",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "wav": "audio/wav",
    "webm": "video/webm",
    # Other formats that FFmpeg reads, of cameras, phones, dictation machines, telephone systems and old players.
    "3g2": "video/3gpp2",
    "3gp": "video/3gpp",
    "3gp2": "video/3gpp2",
    "3gpp": "video/3gpp",
    "aa3": "audio/x-oma",
    "aac": "audio/aac",
    "ac3": "audio/ac3",
    "aif": "audio/aiff",
    "aifc": "audio/aiff",
    "aiff": "audio/aiff",
    "amr": "audio/amr",
    "ape": "audio/x-ape",
    "asf": "video/x-ms-asf",
    "au": "audio/basic",
    "avi": "video/x-msvideo",
    "awb": "audio/amr-wb",
    "bwf": "audio/wav",
    "caf": "audio/x-caf",
    "dff": "audio/x-dff",
    "divx": "video/x-msvideo",
    "dsf": "audio/x-dsf",
    "dss": "audio/x-dss",
    "dts": "audio/vnd.dts",
    "dtshd": "audio/vnd.dts.hd",
    "dv": "video/dv",
    "dvr-ms": "video/x-ms-asf",
    "eac3": "audio/eac3",
    "ec3": "audio/eac3",
    "evo": "video/mpeg",
    "f4a": "audio/mp4",
    "f4b": "audio/mp4",
    "f4v": "video/mp4",
    "flv": "video/x-flv",
    "g722": "audio/g722",
    "gsm": "audio/x-gsm",
    "gxf": "application/gxf",
    "m2a": "audio/mpeg",
    "m2p": "video/mpeg",
    "m2t": "video/mp2t",
    "m2ts": "video/mp2t",
    "m4b": "audio/mp4",
    "m4r": "audio/mp4",
    "m4v": "video/mp4",
    "mk3d": "video/x-matroska",
    "mka": "audio/x-matroska",
    "mkv": "video/x-matroska",
    "mlp": "audio/x-mlp",
    "mov": "video/quicktime",
    "mp1": "audio/mpeg",
    "mp2": "audio/mpeg",
    "mpa": "audio/mpeg",
    "mpc": "audio/x-musepack",
    "mpe": "video/mpeg",
    "mpg": "video/mpeg",
    "mts": "video/mp2t",
    "mxf": "application/mxf",
    "nist": "audio/x-nist",
    "nut": "video/x-nut",
    "oga": "audio/ogg",
    "ogm": "video/ogg",
    "ogv": "video/ogg",
    "ogx": "application/ogg",
    "oma": "audio/x-oma",
    "opus": "audio/ogg",
    "qcp": "audio/qcelp",
    "qt": "video/quicktime",
    "ra": "audio/vnd.rn-realaudio",
    "rf64": "audio/wav",
    "rm": "application/vnd.rn-realmedia",
    "rmvb": "application/vnd.rn-realmedia-vbr",
    "shn": "audio/x-shorten",
    "sln": "audio/x-sln",
    "snd": "audio/basic",
    "sph": "audio/x-nist",
    "spx": "audio/ogg",
    "tak": "audio/x-tak",
    "thd": "audio/x-truehd",
    "tod": "video/mpeg",
    "tp": "video/mp2t",
    "trp": "video/mp2t",
    "ts": "video/mp2t",
    "tta": "audio/x-tta",
    "vob": "video/mpeg",
    "voc": "audio/x-voc",
    "vro": "video/mpeg",
    "w64": "audio/x-w64",
    "wave": "audio/wav",
    "weba": "audio/webm",
    "wm": "video/x-ms-asf",
    "wma": "audio/x-ms-wma",
    "wmv": "video/x-ms-wmv",
    "wtv": "video/x-ms-wtv",
    "wv": "audio/x-wavpack",
    "xvid": "video/x-msvideo",
}
"""File name extension, in lower case and without its dot, to media type."""

MEDIA_EXTENSIONS: Final = frozenset(MEDIA_TYPES)
"""Files in a folder that have one of these extensions are taken for recordings."""

_ALIASES: Final = {"oga": "ogg", "opus": "ogg"}
"""Extensions that the contract does not name, to the one that it names for the same container."""

_EXTENSION_OF_FORMAT: Final = {
    "mov": "mp4",
    "mpegts": "ts",
    "asf": "wma",
    "w64": "wav",
}
"""FFmpeg's first name of a container to an extension, if the name is not one itself."""


_KIN_OF_MP4: Final = frozenset({"mov", "3gp"})
"""Files with these extensions are not renamed, even if their brand is MP4's."""


def choose_extension(name: str, format_names: str) -> str:
    """Choose the extension by which a server identifies the container.

    Args:
        name: The file's own name; its extension is kept if it is one of `MEDIA_TYPES`.
        format_names: FFmpeg's names of the container, separated by commas, as in ``mov,mp4,m4a``.

    Returns:
        An extension in lower case, without its dot.
    """
    own = PurePath(name).suffix[1:].lower()
    if own in MEDIA_TYPES:
        return _ALIASES.get(own, own)
    names = format_names.split(",")
    if "webm" in names:
        # FFmpeg does not distinguish Matroska from WebM; servers know only the name WebM, and read both under it.
        return "webm"
    return _EXTENSION_OF_FORMAT.get(names[0], names[0])


def contract_extensions(format_names: str, *, codec: str, brand: str, doctype: str) -> tuple[str, ...]:
    """Return the contract's names for a file's actual container.

    Args:
        format_names: FFmpeg's names of the container, separated by commas.
        codec: FFmpeg's name of the audio codec.
        brand: The major brand of an MP4 or related file; empty in other containers.
        doctype: The document type of a Matroska file, ``webm`` or ``matroska``; empty in other containers.

    Returns:
        Extensions, the most fitting first; empty if the contract does not name the container.
    """
    container = format_names.partition(",")[0]
    if container == "mov":
        # QuickTime and 3GPP are related to MP4, but servers that read MP4 need not read them.
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
        extension: The one chosen by the file's own name; see `choose_extension`.
        real: Those of its actual container; see `contract_extensions`.

    Returns:
        One of the real ones; None if the contract does not name the container, or if an MP4 is named as a QuickTime
        or 3GPP file.
    """
    if extension in real:
        return extension
    if not real or ("mp4" in real and extension in _KIN_OF_MP4):
        return None
    return real[0]


def plain_filename(name: str, extension: str) -> str:
    """Return a file name that every server's multipart parser accepts.

    Args:
        name: The file's own name, in any script, with any bytes.
        extension: The extension of the result.

    Returns:
        The name itself if it is plain, printable ASCII with that extension; otherwise a substitute. Raw UTF-8,
        ``filename*`` and percent-encoding are each misread by some server, an ASCII name by none.
    """
    plain = name.isascii() and name.isprintable() and not set(name) & set("\"\\%'")
    return name if plain and name.lower().endswith(f".{extension}") else f"recording.{extension}"
