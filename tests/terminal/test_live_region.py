"""Text that comes is on the terminal once and exactly, whatever the terminal is like and whatever happens meanwhile."""

from __future__ import annotations

import io
import itertools
import re

import pytest
from emulator import Emulator, one_by_one, without_spacing_marks
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_texts import PLACES, SPOKEN, pieces_of

from anyscribe.terminal.live_region import LiveRegion

unhurried = settings(deadline=None)  # what is loaded first takes its time

KINDS = st.sampled_from(
    [
        {"cells_of": one_by_one},
        {"cells_of": without_spacing_marks},
        {"cells_of": one_by_one, "is_joining": True},
        {"cells_of": without_spacing_marks, "is_joining": True},
    ]
)
SIZES = st.tuples(st.integers(1, 10) | st.integers(11, 120), st.integers(1, 12))


class Glass(io.TextIOBase):
    """The stream of a terminal that is an emulator."""

    encoding = "utf-8"  # type: ignore[assignment] # the base has none

    def __init__(self, screen: Emulator) -> None:
        self.screen = screen

    def write(self, text: str, /) -> int:
        """Show text, as the terminal's driver passes it on."""
        self.screen.feed(text.replace("\n", "\r\n").encode())
        return len(text)


class Bench:
    """A region, its terminal, and a clock that is a second later each time it is asked."""

    def __init__(self, size: tuple[int, int], kind: dict[str, object], *, is_kept: bool = True) -> None:
        self.screen = Emulator(*size, **kind)  # type: ignore[arg-type] # one of the kinds
        self.glass = Glass(self.screen)
        ticks = itertools.count()
        self.region = LiveRegion(
            self.glass,  # type: ignore[arg-type] # enough of one
            is_kept=is_kept,
            measure=lambda: (self.screen.columns, self.screen.lines),
            clock=lambda: float(next(ticks)),
        )

    def note(self, text: str) -> None:
        """Have something else written."""
        with self.region.cleared():
            self.glass.write(f"{text}\n")

    def shown(self, but: str = r"note \d+") -> list[str]:
        """Give all lines but those that something else has written."""
        return [line for line in self.screen.shown if not re.fullmatch(but, line)]


def as_shown(text: str) -> str:
    """Give what text looks like on a terminal, lines joined."""
    return text.replace("\n", "")


@unhurried
@given(SPOKEN, PLACES, SIZES, KINDS)
def test_text_stands_once_and_exactly(text: str, places: list[int], size: tuple[int, int], kind: dict[str, object]):
    """Whatever is said, in whatever pieces, on whatever terminal: in the end the lines, joined, are the text."""
    bench = Bench(size, kind)
    come = ""
    for piece in pieces_of(text, places):
        bench.region.add("talk", piece)
        come += piece
        # All of it is there at any moment, but for a character that is wider than the window.
        if size[0] >= 8:
            assert "".join(bench.shown()) == as_shown(come)
    bench.region.end("talk")
    assert "".join(bench.shown()) == as_shown(text)
    assert bench.screen.cursor_column == 0
    assert bench.screen.is_cursor_shown
    # An empty line would be one only if the text has it.
    assert bench.screen.shown[-1] == ""


@unhurried
@given(SPOKEN, st.lists(st.tuples(st.integers(0, 10_000), SIZES | st.none()), max_size=8), SIZES, KINDS)
def test_resizing_loses_nothing(
    text: str,
    happenings: list[tuple[int, tuple[int, int] | None]],
    size: tuple[int, int],
    kind: dict[str, object],
):
    """Windows that change their size between any two pieces, and lines of others in between, cost nothing."""
    text = text.strip()
    bench = Bench(size, kind)
    places = [place for place, _ in happenings]
    notes = itertools.count()
    for piece, (_, happening) in itertools.zip_longest(pieces_of(text, places), happenings, fillvalue=("", None)):
        if piece and isinstance(piece, str):
            bench.region.add("talk", piece)
        if happening is None:
            bench.note(f"note {next(notes)}")
        else:
            bench.screen.resize(*happening)
    bench.region.end("talk")
    assert "".join(bench.shown()) == as_shown(text)


@unhurried
@given(st.lists(SPOKEN, min_size=2, max_size=5), st.randoms(use_true_random=False), SIZES, KINDS)
def test_several_texts(texts: list[str], random: object, size: tuple[int, int], kind: dict[str, object]):
    """Of several texts each line says whose it is, and the lines of one are its text."""
    size = (max(size[0], 24), size[1])
    bench = Bench(size, kind)
    waiting = {f"{number}.mp3": pieces_of(text, list(range(0, 400, 7))) for number, text in enumerate(texts)}
    while waiting:
        name = random.choice(sorted(waiting))  # type: ignore[attr-defined] # hypothesis has no name for its type
        if waiting[name]:
            bench.region.add(name, waiting[name].pop(0), name=name)
        else:
            bench.region.end(name)
            del waiting[name]
    lines = bench.shown()[:-1]
    for number, text in enumerate(texts):
        prefix = f"{number}.mp3: "
        assert "".join(line.removeprefix(prefix) for line in lines if line.startswith(prefix)) == as_shown(text)
    assert all(re.match(r"\d\.mp3: ", line) for line in lines)


@unhurried
@given(SPOKEN, PLACES, SIZES)
def test_text_that_will_stand_elsewhere(text: str, places: list[int], size: tuple[int, int]):
    """Where the text is not to stay, only its last line is ever seen, and nothing is left of it."""
    bench = Bench(size, {}, is_kept=False)
    for piece in pieces_of(text, places):
        bench.region.add("talk", piece)
        assert len(bench.screen.rows) == 1
    bench.note("note 1")
    bench.region.end("talk")
    assert bench.screen.shown == ["note 1", ""]


def test_rows_are_bounded_by_the_window():
    """More texts than the window has lines are not all seen, but none of them is lost."""
    bench = Bench((40, 4), {})
    for number in range(9):
        bench.region.add(number, f"text {number}", name=f"{number}.mp3")
        assert len(bench.screen.rows) <= 3
    for number in range(9):
        bench.region.end(number)
    assert bench.shown() == [f"{number}.mp3: text {number}" for number in range(9)] + [""]


def test_long_names_are_cut():
    """A name takes a third of the window at the most, and keeps its end; where that is nothing, there is none."""
    bench = Bench((30, 5), {})
    bench.region.add(1, "one", name="a recording with a long name.mp3")
    bench.region.add(2, "two", name="\u56f3\u66f8\u9928\u306f\u753a\u3067.mp3")
    bench.region.add(3, "three", name="x\x1b[2J")
    for key in (1, 2, 3):
        bench.region.end(key)
    assert bench.shown() == ["\u2026 name.mp3: one", "\u2026\u753a\u3067.mp3: two", r"x\x1b[2J: three", ""]
    narrow = Bench((8, 5), {})
    narrow.region.add(1, "one", name="talk.mp3")
    narrow.region.end(1)
    assert narrow.shown() == ["one", ""]


def test_nothing_is_erased_without_need():
    """Words that come whole are added to what stands there: nothing flickers, not even where lines end."""
    writings: list[str] = []

    class Watched(Glass):
        def write(self, text: str, /) -> int:
            writings.append(text)
            return super().write(text)

    screen = Emulator(20, 5)
    ticks = itertools.count()
    region = LiveRegion(
        Watched(screen),  # type: ignore[arg-type] # enough of one
        measure=lambda: (20, 5),
        clock=lambda: float(next(ticks)),
    )
    for word in ("The", " library", " is", " the oldest", " building", " in the", " town, and", " open"):
        region.add("talk", word)
    assert screen.shown == ["The library is the ", "oldest building in ", "the town, and open"]
    # But for the line that it begins on.
    assert "".join(writings) == "\r\x1b[2K" + "\n".join(screen.shown)
    # A word that turns out to be too long for its line has to be.
    region.add("talk", "ing")
    assert screen.shown[-2:] == ["the town, and ", "opening"]


def test_size_must_be_steady():
    """While a window is being resized full lines are printed, but no row is shown that might have to be erased."""
    now_s = [0.0]
    screen = Emulator(20, 5)
    region = LiveRegion(
        Glass(screen),  # type: ignore[arg-type] # enough of one
        measure=lambda: (screen.columns, screen.lines),
        clock=lambda: now_s[0],
    )
    region.add("talk", "The library")
    screen.resize(16, 5)
    now_s[0] = 0.1
    region.add("talk", " is the oldest")
    assert screen.shown == ["The library", ""]
    now_s[0] = 0.2
    region.add("talk", " building")
    assert screen.shown == ["The library", " is the oldest ", ""]
    region.end("talk")
    assert screen.shown == ["The library", " is the oldest ", "building", ""]


def test_text_is_data():
    """Escape sequences, tabs and characters that the terminal's encoding does not know do nothing and break nothing."""
    bench = Bench((30, 5), {})
    bench.glass.encoding = "latin-1"
    bench.region.add("talk", "\x1b[2J\ttab [bold]x[/bold] :smile: caf\u00e9 \u4f60")
    bench.region.end("talk")
    assert "".join(bench.shown()) == r"\x1b[2J tab [bold]x[/bold] :smile: " + "caf\u00e9 ?"


class Gone(Glass):
    """A terminal that has gone."""

    def write(self, text: str, /) -> int:
        """Fail."""
        raise OSError(5, f"cannot write {len(text)} characters")


def test_terminal_that_has_gone():
    """Whoever feeds text to a terminal that has gone is told, each time; closing it is no matter."""
    screen = Emulator()
    region = LiveRegion(Gone(screen), measure=lambda: (80, 24))  # type: ignore[arg-type] # enough of one
    for _ in range(2):
        with pytest.raises(OSError, match="cannot write"):
            region.add("talk", "text")
    with region.cleared():
        pass
    region.close()


def test_closed_region_shows_nothing_more():
    """After its end a region keeps what it has, and takes no more."""
    bench = Bench((30, 5), {})
    bench.region.add("talk", "some text")
    bench.region.close()
    bench.region.add("talk", " and more")
    bench.region.end("talk")
    bench.region.close()
    assert bench.screen.shown == ["some text", ""]
