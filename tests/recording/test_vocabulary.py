"""A vocabulary reaches each model as it knows it, and what is spelled otherwise is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from failures import the_error
from loopback import json_reply

import anyscribe as package
from anyscribe.completeness.misspellings import find_misspelled
from anyscribe.engines import BUILT_IN
from anyscribe.recording.vocabulary import read_terms, with_vocabulary
from anyscribe.request import ResponseFormat, TranscriptionRequest
from anyscribe.timespan import Span
from anyscribe.transcript import Transcript, Word

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program

FILE = """# speakers
Ada Lovelace
Babbage # the other one

C#, Ada  Lovelace
"""
WAYS = {
    "gpt-transcribe": ("keywords[]", ["Ada Lovelace", "Babbage", "C#"]),
    "openai/gpt-transcribe": ("keywords[]", ["Ada Lovelace", "Babbage", "C#"]),
    "voxtral-mini-latest": ("context_bias", ["Ada_Lovelace", "Babbage", "C#"]),
    "mistralai/Voxtral-Mini-3B-2507": ("prompt", ["Ada Lovelace, Babbage, C#."]),
    "Systran/faster-whisper-large-v3": ("hotwords", ["Ada Lovelace, Babbage, C#"]),
    "gpt-4o-transcribe": ("prompt", ["Ada Lovelace, Babbage, C#."]),
}


@pytest.mark.parametrize("model", WAYS)
def test_each_model_is_told_in_its_way(anyscribe: Program, server: LoopbackServer, media: Path, model: str) -> None:
    """As keywords, context or hotwords where that is documented, otherwise in the prompt; each word once.

    So is the language.
    """
    (anyscribe.cwd / "names").write_text(FILE, encoding="utf-8")
    run = anyscribe(media / "hello.flac", "-m", model, "--vocabulary", "names", "-l", "de", base_url=server.url)
    assert (run.code, run.err) == (0, "")
    (fields,) = [request.fields for request in server.requests]
    field, values = WAYS[model]
    language = "languages[]" if "gpt-transcribe" in model else "language"
    assert {name: value for name, value in fields.items() if name not in {"model", "response_format"}} == {
        field: values,
        language: ["de"],
    }


def test_words_of_the_command_line_join_the_prompt(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """The user's own prompt comes first; the variable's words may have spaces, and the flag takes precedence."""
    flags = ["--prompt", "A talk. ", "--vocabulary", "Ada Lovelace,Babbage", "--vocabulary", "Turing"]
    variable = {"ANYSCRIBE_VOCABULARY": "Grace Hopper"}
    anyscribe(media / "hello.flac", *flags, base_url=server.url, env=variable)
    anyscribe(media / "hello.flac", base_url=server.url, env=variable)
    prompts = [request.fields["prompt"] for request in server.requests]
    assert prompts == [["A talk. Ada Lovelace, Babbage, Turing."], ["Grace Hopper."]]


def test_what_there_is_no_room_for_is_told(anyscribe: Program, server: LoopbackServer, media: Path) -> None:
    """A prompt stays within what models take of it, and the words that are left out are named."""
    words = [f"Name{number:04}" for number in range(300)]
    run = anyscribe(media / "hello.flac", "--vocabulary", ",".join(words), base_url=server.url)
    (prompt,) = server.requests[0].fields["prompt"]
    sent = prompt.removesuffix(".").split(", ")
    rest = words[len(sent) :]
    assert (sent, len(prompt) <= 896) == (words[: len(sent)], True)
    assert run.err == (
        f"anyscribe: the model takes no more of the vocabulary; {len(rest)} of 300 words are not sent: "
        f"{', '.join(rest[:5])}, …\n"
    )


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (
            ["-m", "gpt-4o-transcribe-diarize", "--vocabulary", "Ada"],
            "the model gpt-4o-transcribe-diarize takes neither",
        ),
        (["--vocabulary", "names.txt"], "--vocabulary names.txt: no such file"),
        (["--vocabulary", " , "], "--vocabulary  ,: no words in it"),
    ],
)
def test_impossible_vocabularies(
    anyscribe: Program, server: LoopbackServer, media: Path, flags: list[str], said: str
) -> None:
    """They are refused before anything is sent."""
    assert the_error(anyscribe(media / "hello.flac", *flags, base_url=server.url), 2).startswith(said)
    assert server.requests == []


def test_the_vocabulary_is_a_part_of_the_question(server: LoopbackServer, media: Path) -> None:
    """With other words it is asked again, with the same ones it is not, and findings are made each time."""
    server.answer(json_reply({"text": "we met Kasandra here"}))
    for words, asked in ((["Cassandra"], 1), (["Cassandra"], 1), (["Babbage"], 2)):
        told = package.transcribe(media / "hello.flac", base_url=server.url, vocabulary=words, align=False)
        assert len(server.requests) == asked
        found = [finding.message for finding in told.findings]
        assert ("says “Kasandra”, which may be “Cassandra” of the vocabulary" in found) == (words == ["Cassandra"])


def test_the_built_in_engine_is_told_hotwords() -> None:
    """They join those that the user sets as a field, and commas join them."""
    request = TranscriptionRequest(ResponseFormat.JSON, fields=(("hotwords", "Turing"), ("vad_filter", "true")))
    told, left_out = with_vocabulary(request, read_terms(["Ada Lovelace, Babbage"]), BUILT_IN.hints)
    assert (told.fields, told.prompt, left_out) == (
        (("vad_filter", "true"), ("hotwords", "Turing, Ada Lovelace, Babbage")),
        None,
        (),
    )


def said_of(text: str, *vocabulary: str) -> list[str]:
    """Return what may be which word of a vocabulary."""
    found = find_misspelled(Transcript(text=text), vocabulary)
    return [finding.message.replace("says ", "").replace(" of the vocabulary", "") for finding in found]


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("Kasandra", "Cassandra"),
        ("Zigler", "Ziegler"),
        ("Cubernetes", "Kubernetes"),
        ("Cube Flow", "Kubeflow"),
        ("Older Creek Design", "Alder Creek Design"),
        ("Schmidt", "Schmitt"),
        ("Lindquist", "Lindqvist"),
        ("atorvestatin", "atorvastatin"),
    ],
)
def test_near_spellings_are_found(heard: str, meant: str) -> None:
    """What sounds like a word that the transcript lacks is reported, also in the possessive."""
    assert said_of(f"Then we spoke of {heard}'s house.", meant) == [f"“{heard}”, which may be “{meant}”"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("We met Cassandra and Kasandra.", "Cassandra"),
        ("Cassandras Haus, wie es war.", "Cassandra"),
        ("They saw killer whales. Killer whales swim.", "Keller"),
        ("We met Maria there.", "Marie"),
        ("We met Fernandez there.", "Hernandez"),
        ("That is the string.", "storing"),
        ("He is leaking and looking.", "locking"),
        ("Das war die Rede von 1985.", "Model 1986"),
        ("昨日は東京タワーに行きました", "東京タワ"),
        ("", "Cassandra"),
    ],
)
def test_what_only_looks_near_is_not(text: str, word: str) -> None:
    """Words that are there, forms of a word, ordinary words and other names raise no alarm."""
    assert said_of(text, word) == []


def test_a_finding_has_its_place() -> None:
    """It is that of the words that were said."""
    names = ["We", "met", "Ada", "Luvlace", "today."]
    words = tuple(Word(text, 1000 * index, 1000 * index + 800) for index, text in enumerate(names))
    (finding,) = find_misspelled(Transcript(text=" ".join(names), words=words), ["Ada Lovelace"])
    assert finding.span == Span(2000, 3800)
