"""``anyscribe render``: a transcript that one has, in any format; nothing is sent."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

import pytest
from circumstances import place
from failures import the_error
from loopback import json_reply
from missing import without

from anyscribe.batch import making
from anyscribe.formats import srt
from anyscribe.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program

TALK = {
    "text": "Good morning. Thank you! Let us begin now.",
    "language": "english",
    "duration": 12.0,
    "segments": [
        {"start": 0.5, "end": 2.0, "text": " Good morning.", "speaker": "A"},
        {"start": 4.0, "end": 5.0, "text": " Thank you!", "speaker": "B"},
        {"start": 8.0, "end": 10.0, "text": " Let us begin now.", "speaker": "A"},
    ],
    "words": [
        {"word": word, "start": start, "end": start + 0.4}
        for word, start in (
            *(("Good", 0.5), ("morning.", 1.5), ("Thank", 4.0), ("you!", 4.6)),
            *(("Let", 8.0), ("us", 8.5), ("begin", 9.0), ("now.", 9.6)),
        )
    ],
}
CUES = "1\n00:00:01,000 --> 00:00:02,000\nGuten\nMorgen.\n\n2\n00:00:04,000 --> 00:00:05,500\nDanke!\n\n"


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """Return a transcript in the program's folder."""
    path = tmp_path / "talk.json"
    path.write_text(json.dumps(TALK), encoding="utf-8")
    return path


def cues(document: str) -> list[tuple[int, int, str]]:
    return [(cue.start_ms, cue.end_ms, cue.text) for cue in srt.parse(document).segments]


def test_to_standard_output_and_files(anyscribe: Program, talk: Path):
    """One goes to standard output; formats or transcripts go beside the transcript, or into a folder; none is lost."""
    assert anyscribe("render", talk).text == "A: Good morning.\n\nB: Thank you!\n\nA: Let us begin now.\n"
    run = anyscribe("render", talk, "-f", "srt,textgrid,srt-words")
    assert run.code == 0, run.err
    assert sorted(path.name for path in talk.parent.glob("talk.*")) == [
        "talk.TextGrid",
        "talk.json",
        "talk.srt",
        "talk.words.srt",
    ]
    assert "kept" in anyscribe("render", talk, "-f", "srt", "-d", ".").err
    other = talk.with_name("other.vtt")
    other.write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nHello.\n", encoding="utf-8")
    assert anyscribe("render", talk, other, "-f", "ttml", "-d", "out").code == 0
    assert sorted(path.name for path in (talk.parent / "out").iterdir()) == ["other.ttml", "talk.ttml"]
    assert anyscribe("render", talk, "-o", "a.words.srt").code == 0
    assert len(cues((talk.parent / "a.words.srt").read_text(encoding="utf-8"))) == 8
    both = anyscribe("render", talk, other, "-o", "-").text
    assert both.startswith(f"==> {talk} <==\nA: Good morning.")
    assert anyscribe("render", "-", "-f", "srt", stdin=talk.read_bytes()).text.startswith("1\n00:00:00,500")
    assert "talk.json is an input" in the_error(anyscribe("render", talk, "-f", "json", "-d", "."), 2)


def test_names_and_times(anyscribe: Program, talk: Path):
    """Speakers are named, times move, and what is not wanted is left out, also inside of a segment."""
    run = anyscribe("render", talk, "--timestamps", "--speaker", "A=Maria Curie", "--from", "0:04", "--to", "9")
    assert run.text == "[00:00:04] B: Thank you!\n\n[00:00:08] Maria Curie: Let us\n", run.err
    document = anyscribe("render", talk, "-f", "srt", "--offset", "-4.5").text
    assert [cue[2] for cue in cues(document)] == ["B: you!", "A: Let us begin now."]
    assert cues(document)[0][0] == 100
    slower = cues(anyscribe("render", talk, "-f", "srt", "--from-fps", "25", "--frame-rate", "23.976").text)
    assert [start_ms for start_ms, _, _ in slower] == [521, 4_171, 8_342]
    edl = anyscribe("render", talk, "-f", "edl", "--frame-rate", "25").text
    assert "01:00:08:00" in edl
    assert "--frame-rate 23.976" in the_error(anyscribe("render", talk, "--from-fps", "25"), 2)
    assert "no time" in the_error(anyscribe("render", talk, "--from", "noon"), 2)


def test_cues_stay_unless_limits_are_given(anyscribe: Program, tmp_path: Path):
    """Lines and times of subtitles are their author's; limits for cues make new ones."""
    subtitles = tmp_path / "film.srt"
    subtitles.write_text(CUES, encoding="utf-8")
    assert anyscribe("render", subtitles, "-f", "srt").text == CUES
    assert "Guten Morgen." in anyscribe("render", subtitles, "-f", "srt", "--max-lines", "1").text
    moved = cues(anyscribe("render", subtitles, "-f", "srt", "--from-fps", "25", "--frame-rate", "24").text)
    assert moved[0] == (1_042, 2_083, "Guten\nMorgen.")


def test_second_language(anyscribe: Program, talk: Path):
    """A second language is below the first; what it has alone has a cue of its own."""
    german = talk.with_name("german.srt")
    german.write_text(CUES + "3\n00:00:06,000 --> 00:00:07,000\n(Beifall)\n", encoding="utf-8")
    document = anyscribe("render", talk, "-f", "srt", "--translate-with", german).text
    assert [text for _, _, text in cues(document)] == [
        "A: Good morning.\nGuten Morgen.",
        "B: Thank you!\nDanke!",
        "(Beifall)",
        "A: Let us begin now.",
    ]
    assert "is for subtitles" in the_error(anyscribe("render", talk, "-f", "md", "--translate-with", german), 2)


def test_page_plays_the_recording_beside_it(anyscribe: Program, talk: Path):
    """A page of a transcript plays the recording with its name, if there is one, and never the transcript."""
    assert 'src="' not in anyscribe("render", talk, "-f", "html").text.partition("</audio>")[0]
    place(talk.parent, "talk.ogg")
    assert 'src="talk.ogg"' in anyscribe("render", talk, "-f", "html").text


def test_what_is_no_transcript(anyscribe: Program, talk: Path):
    """One clear line says what was expected."""
    (talk.parent / "talk.txt").write_text("Good morning.", encoding="utf-8")
    assert "no transcript with times" in the_error(anyscribe("render", "talk.txt"), 2)
    assert "Deepgram" in the_error(anyscribe("render", "-", stdin=b'{"a": 1}'), 2)
    assert "broken JSON" in the_error(anyscribe("render", "-", stdin=talk.read_bytes()[:-9]), 2)
    assert "No such file" in the_error(anyscribe("render", "none.json"), 2)
    assert "cannot be read: line 2: not XML" in the_error(anyscribe("render", "-", stdin=b"<tt>\n<p>Hi"), 2)
    run = anyscribe("render", talk, "none.json", "-d", "out")
    assert run.code == 3
    assert (talk.parent / "out" / "talk.txt").exists()


def test_kept_answer(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """What was paid for is rendered again in other formats, with nothing asked, and says who answered."""
    anyscribe.keeps_answers = True
    (recording,) = place(tmp_path, "hello.wav")
    assert "no answer about this recording is kept" in the_error(anyscribe("render", recording), 2)
    server.answer(json_reply(TALK))
    assert anyscribe(recording, "-m", "whisper-1", "-f", "verbose_json", base_url=server.url).code == 0
    asked = len(server.requests)
    run = anyscribe("render", recording, "-f", "srt", "--speaker", "B=Otto")
    assert [text for _, _, text in cues(run.text)] == ["A: Good morning.", "Otto: Thank you!", "A: Let us begin now."]
    head = anyscribe("render", recording, "-f", "ass").text.splitlines()[1]
    assert head.startswith(f"; anyscribe {__version__}, ")
    assert head.endswith(f", model whisper-1, {server.url}")
    assert len(server.requests) == asked


def test_kept_text_gets_times(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """If the answer has no times, its words are timed in the recording."""
    pytest.importorskip("hama")
    anyscribe.keeps_answers = True
    (recording,) = place(tmp_path, "hello.wav")
    server.answer(json_reply({"text": "Welcome to the town library."}))
    assert anyscribe(recording, "-m", "one", "-f", "text", "--no-check", base_url=server.url).code == 0
    document = json.loads(
        anyscribe("render", recording, "-f", "verbose_json", "--timestamp-granularities", "word").text
    )
    assert {word["timing"] for word in document["words"]} == {"aligned"}
    assert len(server.requests) == 1


def test_a_format_whose_package_is_missing(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """It is told before anything is read or sent, also if only the file's name says the format."""
    (recording,) = place(tmp_path, "hello.ogg")
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    env = without(hidden, "docx")
    for command in ([recording, "-m", "one"], ["render", tmp_path / "talk.json"]):
        for wanted in (["-o", "talk.docx"], ["-f", "docx"]):
            error = the_error(anyscribe(*command, *wanted, base_url=server.url, env=env), 2)
            assert "docx needs docx: " in error
            assert "[docs]" in error
    assert server.requests == []


def test_how_it_was_made(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """Formats with room for remarks say how they were made; without a key, and not if that is not wanted."""
    pytest.importorskip("docx")
    (recording,) = place(tmp_path, "hello.ogg")
    for _ in range(4):
        server.answer(json_reply(TALK))
    address = server.url.replace("http://", "http://user:secret-password@")
    common = (recording, "-m", "whisper-1", "--cues", "bbc")
    run = anyscribe(*common, "-f", "docx,otio,eaf,srt", "-d", "out", base_url=address)
    assert run.code == 0, run.err
    with zipfile.ZipFile(tmp_path / "out" / "hello.docx") as archive:
        properties = archive.read("docProps/core.xml").decode()
    documents = [
        properties,
        *((tmp_path / "out" / f"hello.{name}").read_text(encoding="utf-8") for name in ("otio", "eaf")),
    ]
    for document in documents:
        assert f"model whisper-1, {server.url}, cues bbc" in document
        assert f"anyscribe {__version__}, 20" in document
        assert "secret" not in document
    assert "whisper-1" not in (tmp_path / "out" / "hello.srt").read_text(encoding="utf-8")
    run = anyscribe(*common, "-f", "otio", "--no-provenance", base_url=server.url)
    assert json.loads(run.text)["metadata"] == {}


def test_another_day_is_no_reason_to_write_again(
    anyscribe: Program, server: LoopbackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A result is not outdated because of the date that it tells; it is if nothing shall be told any more."""
    anyscribe.keeps_answers = True
    (recording,) = place(tmp_path, "hello.ogg")
    server.answer(json_reply(TALK))
    command = (recording, "-m", "whisper-1", "-f", "ass", "-d", "out")
    assert anyscribe(*command, base_url=server.url).code == 0
    written = tmp_path / "out" / "hello.ass"
    before = written.read_bytes()

    class Later(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime(2099, 1, 1, tzinfo=tz or UTC)

    monkeypatch.setattr(making, "datetime", Later)
    assert anyscribe(*command, base_url=server.url).code == 0
    assert written.read_bytes() == before
    assert anyscribe(*command, "--no-provenance", base_url=server.url).code == 0
    assert b"; anyscribe" not in written.read_bytes()
    assert anyscribe(*command, "--overwrite", base_url=server.url).code == 0
    assert b", 2099-01-01, model whisper-1" in written.read_bytes()


def test_flags_about_a_format_want_it(anyscribe: Program, talk: Path):
    """A flag about one format is refused without it; with it, words are lit and paragraphs have times."""
    assert "--karaoke is about --format ass" in the_error(anyscribe("render", talk, "--karaoke", "-f", "srt"), 2)
    assert "--timestamps is about --format text" in the_error(anyscribe("render", talk, "--timestamps", "-f", "md"), 2)
    assert "{\\k40}Good{\\k60} {\\k40}morning." in anyscribe("render", talk, "-f", "ass", "--karaoke").text


def test_words_are_asked_for(anyscribe: Program, server: LoopbackServer, media: Path):
    """Formats with words ask a server for word times; servers are never asked for a format that they do not know."""
    server.answer(json_reply(TALK))
    run = anyscribe(media / "hello.mp3", "-f", "ass", "--karaoke", "-m", "whisper-1", base_url=server.url)
    assert "{\\k" in run.text
    fields = server.requests[0].fields
    assert fields["response_format"] == ["verbose_json"]
    assert fields["timestamp_granularities[]"] == ["segment", "word"]


def test_which_of_several_answers(anyscribe: Program, server: LoopbackServer, tmp_path: Path):
    """Of several answers the last one is taken, and a line names the others; flags choose, and may find none."""
    anyscribe.keeps_answers = True
    (recording,) = place(tmp_path, "hello.wav")
    for model, text, flags in (("old", "Hallo.", ("-l", "de")), ("new", "Hello.", ())):
        server.answer(json_reply({**TALK, "text": text, "segments": [], "words": []}))
        assert anyscribe(recording, "-m", model, *flags, "--no-check", base_url=server.url).code == 0
    run = anyscribe("render", recording)
    assert run.text == "Hello.\n"
    (line,) = run.err.splitlines()
    assert f"also kept: old at {server.url}" in line
    assert "(de)" in line
    for flags in (("--model", "old"), ("-l", "German"), ("-m", "old", "--base-url", f"{server.url}/")):
        chosen = anyscribe("render", recording, *flags)
        assert (chosen.text, chosen.err) == ("Hallo.\n", "")
    assert anyscribe("render", recording, "--no-translate", "-m", "new").text == "Hello.\n"
    assert "there are: new at" in the_error(anyscribe("render", recording, "--translate"), 2)
    assert anyscribe("render", recording, env={"ANYSCRIBE_MODEL": "old"}).text == "Hello.\n"


def test_addresses(anyscribe: Program, talk: Path):
    """Transcripts, their translations and results may be at addresses, whose secrets are not shown."""
    fsspec = pytest.importorskip("fsspec")
    system = fsspec.filesystem("memory")
    system.store.clear()
    try:
        system.pipe("/bucket/talk.json", talk.read_bytes())
        system.pipe("/bucket/german.srt", CUES.encode())
        run = anyscribe("render", "memory://bucket/talk.json", "-f", "srt,md", "-d", "memory://bucket/out")
        assert run.code == 0, run.err
        assert {name for name in system.store if "/out/" in name} == {"/bucket/out/talk.srt", "/bucket/out/talk.md"}
        both = ("--translate-with", "memory://bucket/german.srt", "-o", "memory://bucket/both.vtt")
        assert anyscribe("render", "memory://bucket/talk.json", *both).code == 0
        assert "Danke!" in system.cat("/bucket/both.vtt").decode()
        assert anyscribe("render", "memory://bucket/talk.json").text.startswith("A: Good morning.")
        assert anyscribe("render", "memory://bucket/*.json", "-f", "sbv", "-d", "memory://bucket/all").code == 0
        assert [name for name in system.store if "/all/" in name] == ["/bucket/all/talk.sbv"]
        assert "matches" in the_error(anyscribe("render", "memory://bucket/*.none"), 6)
        missing = the_error(anyscribe("render", "memory://bucket/none.json"), 2)
        assert "memory://bucket/none.json: it cannot be read" in missing
        missing = the_error(anyscribe("render", talk, "-f", "srt", "--translate-with", "memory://bucket/none.srt"), 2)
        assert "memory://bucket/none.srt: it cannot be read" in missing
    finally:
        system.store.clear()


def test_kept_answer_of_a_recording_elsewhere(anyscribe: Program, server: LoopbackServer, media: Path):
    """What was answered about a recording in a bucket is found by its address."""
    fsspec = pytest.importorskip("fsspec")
    anyscribe.keeps_answers = True
    system = fsspec.filesystem("memory")
    system.store.clear()
    try:
        system.pipe("/bucket/hello.wav", (media / "hello.wav").read_bytes())
        server.answer(json_reply(TALK))
        assert anyscribe("memory://bucket/hello.wav", "-o", "-", base_url=server.url).code == 0
        run = anyscribe("render", "memory://bucket/hello.wav", "-f", "srt")
        assert cues(run.text)[0][2] == "A: Good morning."
    finally:
        system.store.clear()


ASS = "[Events]\nFormat: Start, End, Name, Text\nDialogue: 0:00:01.00,0:00:02.00,Ada,Hello {\\i1}you"
TTML = """<tt xmlns="http://www.w3.org/ns/ttml" xmlns:m="http://www.w3.org/ns/ttml#metadata"><body><div>
<p begin="1s" end="2s" m:agent="Ada">Hello<br/>you</p></div></body></tt>"""


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("a.ass", ASS.replace("\n", "\r\n").encode()),
        ("a.SSA", f"[Script Info]\n{ASS}".encode("utf-16")),
        ("a.dfxp", TTML.encode()),
        ("a.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ada><i>Hello</i> you\n"),
        ("a.ctm", b"a 1 1.00 0.50 Hello 0.9 lex Ada\na 1 1.50 0.50 you 0.9 lex Ada\n"),
    ],
)
def test_kinds_of_files(anyscribe: Program, tmp_path: Path, name: str, document: bytes):
    """Subtitles of every kind are read with their speakers, whatever their encoding and line ends."""
    path = tmp_path / name
    path.write_bytes(document)
    run = anyscribe("render", path)
    assert (run.code, run.err) == (0, "")
    assert run.text == "Ada: Hello you\n"
    (cue,) = cues(anyscribe("render", path, "-f", "srt").text)
    assert (cue[:2], cue[2].split()) == ((1_000, 2_000), ["Ada:", "Hello", "you"])


def test_language_of_a_file(anyscribe: Program, tmp_path: Path):
    """A language is known from the document, else from its name, and the flag is stronger."""
    for name, document in (
        ("a.new.srt", CUES),
        ("a.de.srt", CUES),
        ("b.de.dfxp", TTML.replace("<tt ", '<tt xml:lang="fr" ')),
    ):
        (tmp_path / name).write_text(document, encoding="utf-8")

    def language(*command: str) -> str | None:
        return json.loads(anyscribe("render", *command, "-f", "verbose_json").text)["language"]

    assert [language(name) for name in ("a.new.srt", "a.de.srt", "b.de.dfxp")] == [None, "de", "fr"]
    assert language("a.de.srt", "--language", "nl") == "nl"


def test_what_people_should_know_of_their_file(anyscribe: Program, tmp_path: Path):
    """What was left out, and letters that may be wrong, are said in a line each."""
    path = tmp_path / "film.srt"
    path.write_bytes("1\n00:00:01,000 --> 00:00:02,000\nGrüße\n\n2\n0:0:3 -> 4\nTschüss\n".encode("cp1252"))
    run = anyscribe("render", path, "-f", "vtt")
    assert (run.code, "Grüße" in run.text) == (0, True)
    assert "read as cp1252" in run.err


def test_a_part_without_anything_is_told(anyscribe: Program) -> None:
    """An end before the beginning is a mistake; a part in which nobody speaks is not."""
    (anyscribe.cwd / "talk.srt").write_text("1\n00:00:01,000 --> 00:00:04,000\nThe ferry leaves at ten.\n\n")
    error = the_error(anyscribe("render", "talk.srt", "--from", "5", "--to", "3"), 2)
    assert "nothing is between --from 5 and --to 3" in error
    run = anyscribe("render", "talk.srt", "--from", "60")
    assert (run.code, run.out) == (0, b"")
    assert run.err_lines == ["anyscribe: nothing is said in this part"]
