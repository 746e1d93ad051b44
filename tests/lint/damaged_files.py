"""Files of subtitles with everything wrong that people and programs do, made from a number; the same one each time."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_WORDS: Final = (
    *(
        "the",
        "a",
        "ferry",
        "leaves",
        "from",
        "old",
        "harbour.",
        "Harbour",
        "of",
        "Mr.",
        "Smith",
        "10",
        "p.m.",
        "price,",
    ),
    *(
        "—",
        "-No.",
        "-Yes",
        "...",
        "don\u2019t",
        "naïve",
        "שלום",
        "مرحبا",
        "今天",
        "天気",
        "👍🏽",
        "e\u0301tude",
        "♪",
        "[music]",
    ),
    *("&", "<", ">", "{", "}", "\\N", "-->", "a-->b", "12", "00:01", "WEBVTT", "NOTE", "STYLE", "http://x.y/z?a=1&b=2"),
    *(
        "x" * 50,
        "今天" * 30,
        "\u00a0",
        "\u200b",
        "\u202b\u05e2\u05d1\u05e8\u202c",
        "&amp;",
        "&lt;",
        "&nbsp;",
        "&bogus;",
        "\ufffd",
        "\u2028",
    ),
    *("\x85", "\x0b", "\t", "Ã©"),
)
_TAGS: Final = {
    ".srt": (
        "<i>",
        "</i>",
        "<b>",
        '<font color="#ff0000">',
        "</font>",
        "{\\an8}",
        "{\\i1}",
        "<br>",
        "<v Bob>",
        "<i",
        "i>",
    ),
    ".vtt": ("<i>", "</i>", "<v Bob>", "<v.loud Ann B>", "<c.red>", "</c>", "<ruby>", "<rt>", "<00:00:01.500>", "<x>"),
    ".ass": (
        "{\\i1}",
        "{\\i0}",
        "{\\an8}",
        "{\\pos(1,2)}",
        "{\\k20}",
        "{\\fad(1,2)}",
        "{comment}",
        "\\N",
        "\\n",
        "\\h",
    ),
    ".ttml": (
        "<span>x</span>",
        "<br/>",
        "<br></br>",
        "<!-- c -->",
        "<metadata/>",
        "&#233;",
        "<![CDATA[ a < b ]]>",
        "<?x?>",
    ),
}
_LENGTHS_MS: Final = (0, 50, 200, 900, 2_000, 3_000, 6_999, 7_100, 20_000, 60_000)
_GAPS_MS: Final = (-500, -10, 0, 1, 40, 83, 84, 100, 300, 600, 1_500, 9_000)
_SETTINGS: Final = ("", "", "", " align:start position:10%", "\tline:-1 size:50%", " region:fred")
_ASIDES: Final = ("NOTE of\ntwo lines\n\n", "STYLE\n::cue { color: red }\n\n", "REGION\nid:fred\nwidth:40%\n\n")
_ASS_HEAD: Final = (
    "[Script Info]\n; comment\n\n[V4+ Styles]\nStyle: Default,Arial\n\n[Fonts]\nfontname: a.ttf\n!!\n\n[Events]\n"
)
_ASS_ASIDES: Final = ("Comment: 0,0:00:00.00,0:00:01.00,,,,,,,note\n", "; c\n", "\n")
_XML: Final = re.compile("|".join(map(re.escape, _TAGS[".ttml"])))


def damaged_file(number: int) -> tuple[bytes, str]:
    """Make a file.

    Args:
        number: Which one.

    Returns:
        Its bytes and its name's end.
    """
    chance = random.Random(number)  # noqa: S311 - no secret
    extension = chance.choice(tuple(_MAKERS))
    text = _MAKERS[extension](chance)
    newline = chance.choice(("\n", "\n", "\n", "\r\n", "\r"))
    encoding = chance.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252"))
    return text.replace("\n", newline).encode(encoding, "ignore"), extension


def _text(chance: random.Random, extension: str, breaks: tuple[str, ...]) -> str:
    out = []
    for _ in range(chance.choice((0, 1, 2, 5, 9, 20))):
        out.append(chance.choice(_TAGS[extension] if chance.random() < 0.15 else _WORDS))
        if chance.random() < 0.2:
            out.append(chance.choice(breaks))
    return " ".join(out)


def _times(chance: random.Random) -> Iterator[tuple[int, int]]:
    now_ms = chance.randrange(5_000)
    for _ in range(chance.randrange(9)):
        if chance.random() < 0.08:
            now_ms = max(0, now_ms - chance.randrange(4_000))
        length_ms = chance.choice(_LENGTHS_MS)
        yield now_ms, max(0, now_ms - 500) if chance.random() < 0.05 else now_ms + length_ms
        now_ms = max(0, now_ms + length_ms + chance.choice(_GAPS_MS))


def _clock(time_ms: int, point: str) -> str:
    seconds, ms = divmod(time_ms, 1_000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{point}{ms:03d}"


def _srt(chance: random.Random) -> str:
    out = []
    for number, (start_ms, end_ms) in enumerate(_times(chance), start=1):
        label = f"{number}\n" if chance.random() < 0.8 else chance.choice(("", "7\n", " 3 \n"))
        times = f"{_clock(start_ms, ',')} --> {_clock(end_ms, chance.choice(',,.'))}"
        times = chance.choice((times, times, times, times[3:], times.replace(" ", ""), f"{times}  X1:40 X2:600"))
        text = _text(chance, ".srt", ("\n", "\n", "\n\n", "\n \n"))
        out.append(f"{label}{times}\n{text}\n" + chance.choice(("\n", "\n", "\n\n", "", "  \n")))
    return "".join(out)


def _vtt(chance: random.Random) -> str:
    out = [chance.choice(("WEBVTT\n\n", "WEBVTT - title\n\n", "WEBVTT\nKind: captions\nLanguage: en\n\n"))]
    for start_ms, end_ms in _times(chance):
        out += [chance.choice(_ASIDES)] if chance.random() < 0.2 else []
        label = chance.choice(("", "", "1\n", "cue 5 - x\n"))
        settings = chance.choice(_SETTINGS)
        text = _text(chance, ".vtt", ("\n", "\n", "\n\n"))
        out.append(f"{label}{_clock(start_ms, '.')} --> {_clock(end_ms, '.')}{settings}\n{text}\n\n")
    return "".join(out)


def _ass(chance: random.Random) -> str:
    fields = ["Layer", "Start", "End", "Style", "Name", "MarginL", "MarginR", "MarginV", "Effect"]
    if chance.random() < 0.3:
        chance.shuffle(fields)
    out = [f"{_ASS_HEAD}Format: {', '.join([*fields, 'Text'])}\n"]
    for start_ms, end_ms in _times(chance):
        out += [chance.choice(_ASS_ASIDES)] if chance.random() < 0.15 else []
        known = {
            "Layer": chance.choice("001"),
            "Style": chance.choice(("Default", "Top")),
            "Name": chance.choice(("", "Bob")),
        }
        known |= {"Start": _clock(start_ms, ".")[1:-1], "End": _clock(end_ms, ".")[1:-1]}
        values = ",".join(known.get(field, "0") for field in fields)
        text = _text(chance, ".ass", ("\\N",))
        out.append(f"Dialogue: {values},{text}\n")
    return "".join(out)


def _ttml(chance: random.Random) -> str:
    prefix = chance.choice(("", "", "tt:", "ns0:"))
    name = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    extra = chance.choice(("", ' ttp:frameRate="25"', ' xml:space="preserve"'))
    spaces = 'xmlns:ttp="http://www.w3.org/ns/ttml#parameter"'
    out = [f'<{prefix}tt {name}="http://www.w3.org/ns/ttml" {spaces}{extra}><{prefix}body><{prefix}div>\n']
    for start_ms, end_ms in _times(chance):
        text = _text(chance, ".ttml", ("<br/>", "\n")).replace("\x0b", "")
        between = _XML.split(text)
        tags = _XML.findall(text)
        plain = [part.replace("&", "&amp;").replace("<", "&lt;").replace("]]>", "") for part in between]
        whole = "".join(part + tag for part, tag in zip(plain, [*tags, ""], strict=True))
        whole = re.sub(r"(</?)(span|br|metadata)", rf"\1{prefix}\2", whole)
        times = chance.choice(
            (
                f'begin="{_clock(start_ms, ".")}" end="{_clock(end_ms, ".")}"',
                f'begin="{start_ms}ms" dur="{max(0, end_ms - start_ms)}ms" region="r1"',
                f'end="{end_ms // 40}f" xml:id="c" begin="{start_ms // 40}f"',
            )
        )
        out.append(f"<{prefix}p {times}>{whole}</{prefix}p>\n")
    return f"{''.join(out)}</{prefix}div></{prefix}body></{prefix}tt>\n"


_MAKERS: Final[dict[str, Callable[[random.Random], str]]] = {".srt": _srt, ".vtt": _vtt, ".ass": _ass, ".ttml": _ttml}
