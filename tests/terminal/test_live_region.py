"""Live text is on the terminal exactly once, on any terminal and in all circumstances."""

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

unhurried = settings(deadline=None)  # modules that are loaded first take time

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
    """The stream of an emulated terminal."""

    encoding = "utf-8"  # type: ignore[assignment] # the base has none

    def __init__(self, screen: Emulator) -> None:
        self.screen = screen

    def write(self, text: str, /) -> int:
        """Show text, as the terminal's driver passes it on."""
        self.screen.feed(text.replace("\n", "\r\n").encode())
        return len(text)


class WorkerState:
    """A region, its terminal, and a clock that advances by a second each time it is read."""

    def __init__(self, size: tuple[int, int], kind: dict[str, object], *, is_kept: bool = True) -> None:
        self.screen = Emulator(*size, **kind)  # type: ignore[arg-type] # one of the kinds
        self.glass = Glass(self.screen)
        ticks = itertools.count()
        self.region = LiveRegion(
            self.glass,  # type: ignore[arg-type] # enough of a stream
            is_kept=is_kept,
            measure=lambda: (self.screen.columns, self.screen.lines),
            clock=lambda: float(next(ticks)),
        )

    def note(self, text: str) -> None:
        """Write something else."""
        with self.region.cleared():
            self.glass.write(f"{text}\n")

    def shown(self, but: str = r"note \d+") -> list[str]:
        """Return all lines except those of other output."""
        return [line for line in self.screen.shown if not re.fullmatch(but, line)]


def as_shown(text: str) -> str:
    """Return what text looks like on a terminal, with lines joined."""
    return text.replace("\n", "")


@unhurried
@given(SPOKEN, PLACES, SIZES, KINDS)
def test_text_stands_once_and_exactly(text: str, places: list[int], size: tuple[int, int], kind: dict[str, object]):
    """For any text, any pieces and any terminal, the lines, joined, are the text."""
    bench = WorkerState(size, kind)
    come = ""
    for piece in pieces_of(text, places):
        bench.region.add("talk", piece)
        come += piece
        # All of it is visible at any moment, unless a character is wider than the window.
        if size[0] >= 8:
            assert "".join(bench.shown()) == as_shown(come)
    bench.region.end("talk")
    assert "".join(bench.shown()) == as_shown(text)
    assert bench.screen.cursor_column == 0
    assert bench.screen.is_cursor_shown
    # The cursor is on a new line, which is empty.
    assert bench.screen.shown[-1] == ""


@unhurried
@given(SPOKEN, st.lists(st.tuples(st.integers(0, 10_000), SIZES | st.none()), max_size=8), SIZES, KINDS)
def test_resizing_loses_nothing(
    text: str,
    happenings: list[tuple[int, tuple[int, int] | None]],
    size: tuple[int, int],
    kind: dict[str, object],
):
    """Resizing between any two pieces, and other output in between, lose nothing."""
    text = text.strip()
    bench = WorkerState(size, kind)
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
    """With several texts, each line names its text, and the lines of one text make up that text."""
    size = (max(size[0], 24), size[1])
    bench = WorkerState(size, kind)
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
    """If the text is not kept, only its last line is ever visible, and nothing remains of it."""
    bench = WorkerState(size, {}, is_kept=False)
    for piece in pieces_of(text, places):
        bench.region.add("talk", piece)
        assert len(bench.screen.rows) == 1
    bench.note("note 1")
    bench.region.end("talk")
    assert bench.screen.shown == ["note 1", ""]


@unhurried
@given(
    st.lists(SPOKEN, min_size=1, max_size=3),
    st.lists(SIZES | st.none(), min_size=1, max_size=12),
    st.tuples(st.integers(10, 120), st.integers(4, 12)),
)
def test_text_that_will_stand_elsewhere_leaves_nothing(
    texts: list[str], happenings: list[tuple[int, int] | None], size: tuple[int, int]
):
    """So it is if the window is resized, to any width, and if other output and the echo of keys come in between."""
    bench = WorkerState(size, {}, is_kept=False)
    notes = itertools.count()
    for number, happening in enumerate(happenings):
        for key, text in enumerate(texts):
            bench.region.add(key, text[number * 5 : number * 5 + 5].strip(), name=f"{key}.mp3" if texts[1:] else "")
        if happening is None:
            if bench.screen.shown[-1]:
                bench.screen.feed(b"^C")
            bench.note(f"note {next(notes)}")
        else:
            # What a lower window moves out of it is out of reach.
            bench.screen.resize(max(happening[0], 2), 60)
    bench.region.close()
    left = "".join(bench.screen.shown)
    assert left == "".join(f"note {number}" for number in range(next(notes)))


def test_rows_are_bounded_by_the_window():
    """If there are more texts than the window has lines, not all are visible, but none is lost."""
    bench = WorkerState((40, 4), {})
    for number in range(9):
        bench.region.add(number, f"text {number}", name=f"{number}.mp3")
        assert len(bench.screen.rows) <= 3
    for number in range(9):
        bench.region.end(number)
    assert bench.shown() == [f"{number}.mp3: text {number}" for number in range(9)] + [""]


def test_long_names_are_cut():
    """A name takes at most a third of the window and keeps its end; if that leaves nothing, there is no name."""
    bench = WorkerState((30, 5), {})
    bench.region.add(1, "one", name="a recording with a long name.mp3")
    bench.region.add(2, "two", name="\u56f3\u66f8\u9928\u306f\u753a\u3067.mp3")
    bench.region.add(3, "three", name="x\x1b[2J")
    for key in (1, 2, 3):
        bench.region.end(key)
    assert bench.shown() == ["\u2026 name.mp3: one", "\u2026\u753a\u3067.mp3: two", r"x\x1b[2J: three", ""]
    narrow = WorkerState((8, 5), {})
    narrow.region.add(1, "one", name="talk.mp3")
    narrow.region.end(1)
    assert narrow.shown() == ["one", ""]


def test_nothing_is_erased_without_need():
    """Whole words are added to the existing text: nothing flickers, not even at line ends."""
    writings: list[str] = []

    class Watched(Glass):
        def write(self, text: str, /) -> int:
            writings.append(text)
            return super().write(text)

    screen = Emulator(20, 5)
    ticks = itertools.count()
    region = LiveRegion(
        Watched(screen),  # type: ignore[arg-type] # enough of a stream
        measure=lambda: (20, 5),
        clock=lambda: float(next(ticks)),
    )
    for word in ("The", " library", " is", " the oldest", " building", " in the", " town, and", " open"):
        region.add("talk", word)
    assert screen.shown == ["The library is the ", "oldest building in ", "the town, and open"]
    # Only the first line is erased before it is written.
    assert "".join(writings) == "\r\x1b[2K" + "\n".join(screen.shown)
    # A word that turns out to be too long for its line has to be erased.
    region.add("talk", "ing")
    assert screen.shown[-2:] == ["the town, and ", "opening"]


def test_size_must_be_steady():
    """While a window is being resized, full lines are printed, but no row is shown that might have to be erased."""
    now_s = [0.0]
    screen = Emulator(20, 5)
    region = LiveRegion(
        Glass(screen),  # type: ignore[arg-type] # enough of a stream
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
    """Escape sequences, tabs and characters that the terminal's encoding lacks have no effect and break nothing."""
    bench = WorkerState((30, 5), {})
    bench.glass.encoding = "latin-1"
    bench.region.add("talk", "\x1b[2J\ttab [bold]x[/bold] :smile: caf\u00e9 \u4f60")
    bench.region.end("talk")
    assert "".join(bench.shown()) == r"\x1b[2J tab [bold]x[/bold] :smile: " + "caf\u00e9 ?"


class Gone(Glass):
    """A terminal that is gone."""

    def write(self, text: str, /) -> int:
        """Fail."""
        raise OSError(5, f"cannot write {len(text)} characters")


def test_terminal_that_has_gone():
    """Adding text to a terminal that is gone raises an error each time; closing the region does not."""
    screen = Emulator()
    region = LiveRegion(Gone(screen), measure=lambda: (80, 24))  # type: ignore[arg-type] # enough of a stream
    for _ in range(2):
        with pytest.raises(OSError, match="cannot write"):
            region.add("talk", "text")
    with region.cleared():
        pass
    region.close()


def test_closed_region_shows_nothing_more():
    """A closed region keeps its text, and accepts no more."""
    bench = WorkerState((30, 5), {})
    bench.region.add("talk", "some text")
    bench.region.close()
    bench.region.add("talk", " and more")
    bench.region.end("talk")
    bench.region.close()
    assert bench.screen.shown == ["some text", ""]
