"""Flag values are read unchanged, or refused with the reason before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anyscribe.cli.parsing import read_fields, read_prompt
from anyscribe.errors import UsageError
from anyscribe.form import read_language, read_temperature

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program


@pytest.mark.parametrize("given", ["0", "1", "0.5", ".5", "1.", "0.20", "1.000"])
def test_temperature_keeps_its_digits(given: str):
    """A legal temperature is kept as it was written."""
    assert read_temperature(given) == given


@pytest.mark.parametrize("given", ["", "-1", "1.01", "2", "nan", "inf", "1e-1", "0,5", " 0.5", "\u0967", "0_5"])
def test_other_temperatures_are_refused(given: str):
    """Anything but a plain number from 0 to 1 is refused, with the range."""
    with pytest.raises(UsageError, match="from 0 to 1"):
        read_temperature(given)


@pytest.mark.parametrize(
    ("given", "code"),
    [("en", "en"), ("EN", "en"), ("yue", "yue"), ("pt-BR", "pt"), ("zh_Hant", "zh"), ("English", "en"), ("auto", None)],
)
def test_languages_become_codes(given: str, code: str | None):
    """A language may be given as a code, a tag or a name; ``auto`` leaves it to the model."""
    assert read_language(given) == code


@pytest.mark.parametrize("given", ["", "e", "klingon", "en us", "en;"])
def test_what_is_no_language_is_refused(given: str):
    """The message shows what a language looks like."""
    with pytest.raises(UsageError, match="such as en"):
        read_language(given)


def test_misspelt_language_is_guessed():
    """A name that resembles a language's is refused with that name."""
    with pytest.raises(UsageError, match=r"^language germna: not a language: did you mean german\? give ISO-639-1"):
        read_language("germna")


def test_prompt_file_is_read_but_for_its_last_line_end(tmp_path: Path):
    """A prompt file is used completely, except for the byte order mark and the last line break."""
    (tmp_path / "p.txt").write_bytes(b"\xef\xbb\xbfZo\xc3\xab,\r\n AnyAPI\r\n")
    assert read_prompt(f"@{tmp_path / 'p.txt'}") == "Zoë,\r\n AnyAPI"


def test_prompt_text_is_kept_as_it_is():
    """A prompt without @ is sent unchanged; one that begins with it is written with two."""
    assert read_prompt(" a @file \n") == " a @file \n"
    assert read_prompt("@@anyscribe @@ me") == "@anyscribe @@ me"
    assert read_prompt("@@@") == "@@"
    assert read_prompt(None) is None


def test_prompt_file_that_cannot_be_read_is_refused(tmp_path: Path):
    """A missing file, a folder, and bytes that are not text are refused with the name of the file."""
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    for name in ("missing", "", "bytes"):
        with pytest.raises(UsageError, match=r"^prompt @"):
            read_prompt(f"@{tmp_path / name}")


def test_fields_are_split_at_the_first_equals_sign():
    """A value may hold equals signs, and may be empty."""
    assert read_fields(["a=b=c", "keywords[]=x", "n="]) == (("a", "b=c"), ("keywords[]", "x"), ("n", ""))


@pytest.mark.parametrize("given", ["novalue", "=x", "", "model=x", "timestamp_granularities[]=word", "file=x"])
def test_fields_without_name_or_with_a_flag_of_their_own_are_refused(given: str):
    """--field is for fields without a flag; the message for any other field names its flag."""
    with pytest.raises(UsageError, match="field"):
        read_fields([given])


@pytest.mark.parametrize(
    ("arguments", "legal"),
    [
        (["-f", "pdf"], "verbose_json"),
        (["--timestamp-granularities", "letter"], "segment"),
        (["--suffix", "both"], "full"),
        (["-t", "2"], "0 to 1"),
        (["-l", "klingon"], "ISO-639-1"),
        (["-f", ","], "--format ,: it is empty"),
        (["-f", "srt,pdf"], "--format pdf: no such format: use one of text, json,"),
        (["-j", "0"], "x>=1"),
        (["--base-url", "example.com"], "https://"),
        (["--local", "--field", "vad_filter=no"], "--field vad_filter"),
        (["-o", "x", "-d", "y"], "exclude each other"),
        (["--local", "--base-url", "http://127.0.0.1:9/v1"], "exclude each other"),
        (["--no-such-flag"], "--help"),
        (["--timeout", "nan"], "not a time in seconds"),
        (["--timeout", "inf"], "not a time in seconds"),
        (["--timeout", "0"], "not a time in seconds"),
        (["--connect-timeout", "1e12"], "not a time in seconds"),
    ],
)
def test_wrong_flags_are_refused_before_anything_is_sent(
    anyscribe: Program, server: LoopbackServer, media: Path, arguments: list[str], legal: str
):
    """A wrong command line gives one line that says what would be right, exit code 2, and no request."""
    named = {} if "--base-url" in arguments else {"base_url": server.url}
    result = anyscribe(media / "hello.mp3", *arguments, **named)
    assert result.code == 2
    assert len(result.err_lines) == 1
    assert result.err_lines[0].startswith("anyscribe: error: ")
    assert legal in result.err_lines[0]
    assert result.out == b""
    assert server.requests == []


def test_address_as_input_says_how_to_get_it(anyscribe: Program, server: LoopbackServer):
    """If an input is an address that is not known here, the message names it whole, and says how to pipe it in."""
    for address in (
        "ftp://example.com/talk.mp3",
        "RTMP://example.com:8443//a//b",
        "file://elsewhere/talk.mp3",
    ):
        result = anyscribe(address, base_url=server.url)
        assert (result.code, result.out) == (6, b"")
        why = "that is an address, not a file: download it, or pipe it into anyscribe -"
        assert result.err_lines == [f"anyscribe: error: {address}: {why}"]


@pytest.mark.parametrize("language", ["en", "EN", "en-GB", "en_US", "eng"])
def test_built_in_engine_knows_english_by_every_code(anyscribe: Program, media: Path, language: str):
    """English is accepted with every region, also as the shell's LANG writes it."""
    pytest.importorskip("faster_whisper")
    result = anyscribe("--local", "--model", "tiny.en", media / "silence.flac", "-l", language)
    assert (result.code, result.out) == (0, b"")
    assert "no speech was detected" in result.err


def test_folder_that_is_usual_gives_way_to_a_file_named_now(anyscribe: Program, media: Path, tmp_path: Path):
    """A flag overrides the environment, also if the two exclude each other."""
    pytest.importorskip("faster_whisper")
    result = anyscribe(
        "--local",
        "--model",
        "tiny.en",
        media / "hello.mp3",
        "-o",
        "now.txt",
        env={"ANYSCRIBE_OUTPUT_DIR": str(tmp_path / "usual")},
    )
    assert result.code == 0
    assert "library" in (tmp_path / "now.txt").read_text(encoding="utf-8")
    assert not (tmp_path / "usual").exists()
