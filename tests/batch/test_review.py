"""``anyscribe review``: what looks wrong in a batch, from the store and from results, as a page to go through."""

from __future__ import annotations

import json
import re
import shutil
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from failures import the_error
from loopback import json_reply

if TYPE_CHECKING:
    from loopback import LoopbackServer
    from programs import Program

LOOP = "and so we go on " * 30
GOOD = "The door is open. The children are waiting in the garden."


@pytest.fixture
def program(anyscribe: Program, server: LoopbackServer, tmp_path: Path, media: Path) -> Program:
    """Return the program, after paid runs: in two recordings something looks wrong, in one nothing, one failed."""
    anyscribe.keeps_answers = True
    talks = tmp_path / "talks"
    talks.mkdir()
    for name, said in (("bad & #1", LOOP), ("good", GOOD), ("worst", "")):
        source = media / "pause.flac" if name != "worst" else media.parent.parent / "samples" / "library.flac"
        # Another content for each, as another length of the file's end.
        (talks / f"{name}.flac").write_bytes(source.read_bytes() + name.encode())
        server.answer(json_reply({"text": said}))
        run = anyscribe(talks / f"{name}.flac", "-f", "srt,html", "--no-align", base_url=server.url)
        assert run.code == 0, run.err
    (talks / "none.wav").write_bytes(b"nothing")
    assert anyscribe(talks / "none.wav", "-f", "srt", base_url=server.url).code != 0
    return anyscribe


def reviewed(page: Path) -> list[tuple[str, str]]:
    """Return the recordings of a review and the rest of what is said about each."""
    text = page.read_text(encoding="utf-8")
    sections = re.findall(r'<section class="recording"><h2 dir="auto">(.*?)</h2>(.*?)</section>', text, re.DOTALL)
    return [(unescape(name), rest) for name, rest in sections]


def test_review_of_a_paid_batch(program: Program, tmp_path: Path):
    """The worst comes first; each place has its message, its player, the text around it, and a link."""
    run = program("review", "talks")
    assert (run.code, run.out) == (0, b"")
    assert run.err == "anyscribe: something looks wrong in 2 of 3 recordings \u2192 talks/review.html\n"
    (worst, holes), (bad, loop) = reviewed(tmp_path / "talks" / "review.html")
    assert (worst, bad) == ("worst.flac", "bad & #1.flac")
    assert 'data-media="worst.flac" data-from=' in holes
    assert "sounds like speech, but the transcript is empty" in holes
    assert 'data-media="bad%20%26%20%231.flac"' in loop or 'href="bad%20%26%20%231.html' in loop
    assert re.search(r"says \S*and so we go on.* 30 times", unescape(loop))
    text = (tmp_path / "talks" / "review.html").read_text(encoding="utf-8")
    assert "Nothing was found in (1)" in text
    assert "Failed (1)" in text
    # Again: its own page is replaced, another file is not, and what is set for results is not meant for it.
    assert program("review", "talks", env={"ANYSCRIBE_OUTPUT": "elsewhere.html"}).code == 0
    assert not (tmp_path / "elsewhere.html").exists()
    (tmp_path / "mine.html").write_text("mine")
    assert "is no review" in the_error(program("review", "talks", "-o", "mine.html"), 2)


def test_what_happened_since(program: Program, tmp_path: Path):
    """Edited results, changed and moved recordings are told; the store's file stands for all that it knows."""
    talks = tmp_path / "talks"
    with (talks / "worst.srt").open("a", encoding="utf-8") as file:
        file.write("\n")
    (talks / "worst.flac").write_bytes(b"changed")
    assert program("review", talks).code == 0
    assert "worst.srt was changed since" in reviewed(talks / "review.html")[0][1]
    (talks / "bad & #1.flac").rename(tmp_path / "moved.flac")
    store = Path(program("store", "path").text.strip())
    run = program("review", store, "-o", "-")
    (tmp_path / "all.html").write_bytes(run.out)
    (worst, first), (bad, second) = reviewed(tmp_path / "all.html")
    assert "worst.srt was changed since it was written; the recording has changed since it was transcribed" in first
    assert (worst, bad) == (str(talks / "worst.flac"), str(talks / "bad & #1.flac"))
    assert "the recording is not where it was" in second
    assert "data-media" not in second
    assert 'href="talks/bad%20%26%20%231.html' in second
    # What is pruned is forgotten.
    assert program("store", "prune", "--older-than", "0").code == 0
    shutil.rmtree(talks)
    talks.mkdir()
    assert "in 0 of 0 recordings" in program("review", talks).err


def test_results_alone(program: Program, tmp_path: Path):
    """Pages are enough, wherever they are; JSON transcripts are checked again, without their sound."""
    away = tmp_path / "away"
    away.mkdir()
    shutil.copy(tmp_path / "talks" / "worst.html", away)
    shutil.copy(tmp_path / "talks" / "worst.flac", away)
    segments = [{"start": 0, "end": 60, "text": LOOP}]
    (away / "other.json").write_text(json.dumps({"text": LOOP, "segments": segments}))
    words = [{"punctuated_word": word, "start": at, "end": at + 0.4} for at, word in enumerate(LOOP.split())]
    channel = {"alternatives": [{"transcript": LOOP, "words": words}]}
    (away / "service.json").write_text(json.dumps({"results": {"channels": [channel]}}))
    (away / "settings.json").write_text("{}")
    (away / "page.html").write_text("<p>hello</p>")
    run = program("review", away, env={"XDG_DATA_HOME": str(tmp_path / "nowhere")})
    assert run.code == 0, run.err
    (other, loop), (service, _), (worst, holes) = sorted(reviewed(away / "review.html"))
    assert (other, service, worst) == ("other.json", "service.json", "worst.flac")
    assert "checked without its sound" in loop
    assert 'data-media="worst.flac"' in holes
    assert 'href="worst.html"' in holes
    (tmp_path / "empty").mkdir()
    assert "nothing is known" in the_error(program("review", "empty"), 2)
    assert "no folder and no store" in the_error(program("review", "nowhere"), 2)
    assert "worst.flac is no store" in the_error(program("review", away / "worst.flac"), 2)


def test_what_this_machine_found(anyscribe: Program, tmp_path: Path, media: Path):
    """With the built-in engine, findings and failures are noted in a store that is named; answers never are."""
    pytest.importorskip("faster_whisper")
    anyscribe.keeps_answers = True
    talks = tmp_path / "talks"
    talks.mkdir()
    shutil.copy(media / "pause.flac", talks)
    (talks / "none.wav").write_bytes(b"nothing")
    local = ("--local", "--model", "tiny.en", talks, "-f", "srt")
    assert anyscribe(*local).code != 0
    assert "nothing is known" in the_error(anyscribe("review", talks), 2)
    noted = ("--store", tmp_path / "noted.sqlite")
    assert anyscribe(*local, "--overwrite", *noted).code != 0
    run = anyscribe("review", talks, *noted)
    assert (run.code, "of 1 recordings" in run.err) == (0, True)
    page = (talks / "review.html").read_text(encoding="utf-8")
    assert "Failed (1)" in page
    assert anyscribe("store", "list", *noted).text == ""
