"""The page, used in a real browser: heard, read along, searched, corrected, shared, downloaded and printed.

It needs Chromium; and for the check of accessibility axe-core, in the folder that ANYSCRIBE_NODE_MODULES names:
`npm install --prefix DIR axe-core@4`, and the variable is DIR/node_modules.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from chromium import Chromium, chromium_path

from anyscribe.formats import OUTPUT_FORMATS, Metadata
from anyscribe.formats.excerpts import Excerpt
from anyscribe.formats.json_reading import parse_json_reply
from anyscribe.formats.page.review import Reviewed, render_review
from anyscribe.rendering import RenderOptions, render
from anyscribe.timespan import Span
from anyscribe.transcript import Finding, Segment, Transcript, Word

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

pytestmark = pytest.mark.skipif(chromium_path() is None, reason="there is no Chromium")

HTML = OUTPUT_FORMATS["html"]
WORD_MS = 300
TURNS = [
    ("Ada", "The door is opened."),
    ("Bob", "Who waits in the <garden> & the café? Nobody knows."),
    ("Ada", "The door is closed again."),
]
FINDINGS = (Finding(Span(900, 1_500), "sounds like speech, but the transcript is empty", "empty"),)
WORDS = "main [data-m]"
KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('anyscribe:')).length"


def conversation(turns: Sequence[tuple[str, str]] = TURNS) -> Transcript:
    """Return a transcript in which every word takes 300 ms; the fifth one is unsure."""
    words, segments = [], []
    for speaker, text in turns:
        start_ms = len(words) * WORD_MS
        for said in text.split():
            number = len(words)
            chance = 0.2 if number == 4 else 0.9
            words.append(Word(said, number * WORD_MS, (number + 1) * WORD_MS, chance, speaker=speaker))
        segments.append(Segment(text, start_ms, len(words) * WORD_MS, speaker=speaker))
    text = " ".join(segment.text for segment in segments)
    return Transcript(text, "en", 8_000, tuple(segments), tuple(words), findings=FINDINGS)


def written(folder: Path, name: str, transcript: Transcript, media: str = "") -> str:
    """Write a page, and return its address."""
    page = folder / f"{name}.html"
    page.write_text(render(transcript, HTML, RenderOptions(metadata=Metadata(name, media=media))), encoding="utf-8")
    return page.as_uri()


def test_page(tmp_path: Path, media: Path):
    """A reader does everything that the page is for, in one session of the browser."""
    shutil.copy(media / "pause.flac", tmp_path)
    address = written(tmp_path, "talk", conversation(), "pause.flac")
    with Chromium() as browser:
        browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
        browser.open(address)
        browser.until("document.querySelector('audio').readyState >= 1")
        hear_and_follow(browser)
        use_keys(browser)
        search(browser)
        go_through(browser)
        correct(browser, address)
        download(browser, tmp_path)
        share(browser, address)
        assert browser.complaints() == []
        be_served(browser, tmp_path)
        be_without_recording(browser, tmp_path)
        read_other_scripts(browser, tmp_path)
        survive_a_full_store(browser, address)
        look_for_barriers(browser, address)
        review(browser, tmp_path)


def watch(browser: Chromium):
    """Have the page note each word that is lit: on a busy machine, it may be over before one looks."""
    browser.run(
        "window.lit = []; const note = ({target}) => target.matches('.said') && lit.push(target.textContent);"
        "new MutationObserver((changes) => changes.forEach(note))"
        ".observe(document.querySelector('main'), {subtree: true, attributes: true, attributeFilter: ['class']});"
    )


def seconds(browser: Chromium) -> float:
    """Return where the player is."""
    return browser.run("return document.querySelector('audio').currentTime")


def hear_and_follow(browser: Chromium):
    """A click on a word plays from there, and the word that is said is lit and moves on."""
    browser.run(f"document.querySelectorAll('{WORDS}')[5].id = 'waits'")
    watch(browser)
    browser.click("#waits")
    browser.until("lit[0] === 'waits' && lit.length > 2")
    assert seconds(browser) >= 1.5
    # The reader scrolls away: the page stays where it is, and offers the way back.
    browser.call("Emulation.setDeviceMetricsOverride", width=360, height=400, deviceScaleFactor=1, mobile=True)
    browser.until("scrollY > 0")
    browser.run("scrollTo(0, 0)")
    browser.until("!document.querySelector('#follow').hidden")
    browser.click("#follow")
    browser.until("document.querySelector('#follow').hidden && scrollY > 0")
    browser.call("Emulation.clearDeviceMetricsOverride")
    browser.press(" ")
    assert browser.run("return document.querySelector('audio').paused")


def use_keys(browser: Chromium):
    """One word is reached with Tab, the others with arrows; Enter plays; space, arrows and Shift work as they say."""
    assert browser.run("return document.querySelectorAll('main [tabindex=\"0\"]').length") == 1
    browser.run("document.querySelector('main [tabindex=\"0\"]').focus()")
    browser.press("ArrowDown")
    browser.press("ArrowUp")
    browser.press("End")
    assert browser.run("return document.activeElement.textContent") == "knows."
    browser.press("Home")
    browser.press("ArrowRight")
    assert browser.run("return [document.activeElement.textContent, document.activeElement.role]") == [
        "waits",
        "button",
    ]
    browser.run("lit.length = 0")
    browser.press("Enter")
    browser.until("lit[0] === 'waits'")
    browser.press(" ")
    browser.press("ArrowRight", shift=True)
    assert seconds(browser) > 6
    browser.press("ArrowLeft", shift=True)
    browser.press("ArrowLeft", shift=True)
    assert seconds(browser) == 0
    browser.press("ArrowUp", shift=True)
    assert browser.run("return document.querySelector('audio').playbackRate") == 1.25
    browser.press("ArrowDown", shift=True)


def search(browser: Chromium):
    """What is typed is no command; accents, case, marks and ends of words do not matter; a result goes to its place."""
    browser.click("#query")
    browser.type("&")
    browser.until("document.querySelectorAll('.hit').length === 1")
    browser.run("document.querySelector('#query').value = ''")
    browser.type("CAFE nob")
    browser.press(" ")
    assert browser.run("return document.querySelector('audio').paused")
    browser.until("document.querySelectorAll('.hit').length === 2")
    assert browser.run("return document.querySelector('#hits').innerText").split("\n")[0].startswith("00:00:03")
    browser.click("#hits button")
    assert browser.run("return document.activeElement.textContent") == "café?"
    assert seconds(browser) == pytest.approx(3.3)


def go_through(browser: Chromium):
    """Findings and unsure words are a list in order of time."""
    browser.click("#check summary")
    assert browser.run("return [...document.querySelectorAll('#places li')].map((place) => place.textContent)") == [
        "00:00:00\u201300:00:02 sounds like speech, but the transcript is empty",
        "00:00:01 “Who” heard with 20 %",
    ]
    assert browser.run("return document.querySelector('.flag + span').textContent") == "opened."
    browser.click("#next")
    browser.click("#next")
    assert browser.run("return document.activeElement.textContent") == "Who"


def correct(browser: Chromium, address: str):
    """Words and names are corrected; the corrections are there again when the page is opened again."""
    browser.press("F2")
    browser.type("Who else")
    browser.press("Tab")
    browser.type("is <i>")
    browser.press("Enter")
    assert browser.run("return document.querySelector('#left').textContent") == "1"
    browser.click("#edit")
    browser.click("main p:last-child [data-m]:last-child")
    browser.run("document.activeElement.value = ''")
    browser.press("Enter")
    browser.click("#edit")
    browser.click("#people summary")
    browser.run("document.querySelector('#speaker-0').select()")
    browser.click("#speaker-0")
    browser.run("document.activeElement.select()")
    browser.type('Zoë "Z"')
    browser.press("Enter")
    browser.open(address)
    expected = '00:00:04 Zoë "Z": The door is closed '
    assert browser.run("return document.querySelector('main p:last-child').textContent") == expected
    assert browser.run("return [...document.querySelectorAll('.changed')].map((word) => word.textContent)") == [
        "Who else",
        "is <i>",
        "",
    ]
    assert browser.run(f"return {KEPT}") == 1


def download(browser: Chromium, folder: Path):
    """What is downloaded is a transcript as the program itself writes and reads it, with the corrections."""
    browser.click("#save")
    browser.wait_for("Page.downloadProgress")
    while browser.wait_for("Page.downloadProgress")["state"] != "completed":
        pass
    downloaded = (folder / "talk.json").read_text(encoding="utf-8")
    transcript = parse_json_reply(downloaded).transcript
    assert transcript.text == (
        "The door is opened. Who else is <i> in the <garden> & the café? Nobody knows. The door is closed"
    )
    assert [segment.speaker for segment in transcript.segments] == ['Zoë "Z"', "Bob", 'Zoë "Z"']
    words = {word.text: word for word in transcript.words}
    assert (words["else"].start_ms, words["else"].end_ms, words["else"].probability) == (1_350, 1_500, None)
    assert (words["garden" if "garden" in words else "<garden>"].probability, words["door"].speaker) == (0.9, 'Zoë "Z"')
    assert (transcript.language, transcript.duration_ms) == ("en", 8_000)
    assert json.loads(downloaded)["task"] == "transcribe"


def share(browser: Chromium, address: str):
    """What is selected becomes an address, which opens at that passage and stops at its end."""
    browser.run(
        f"const words = document.querySelectorAll('{WORDS}');"
        "getSelection().setBaseAndExtent(words[1].firstChild, 0, words[3].firstChild, 3)"
    )
    browser.click("#share")
    browser.until("location.hash === '#t=0.3,1.2'")
    browser.open("about:blank")
    browser.open(f"{address}#t=0.3,1.2")
    browser.until("document.querySelector('audio').currentTime === 0.3")
    assert browser.run(
        "return [...document.querySelectorAll('.passage')].map((word) => word.textContent).join(' ')"
    ) == ("door is opened.")
    browser.press(" ")
    browser.click(".flag")
    browser.until("document.querySelector('audio').paused && document.querySelector('audio').currentTime >= 1.5")
    assert seconds(browser) < 3


def be_served(browser: Chromium, folder: Path):
    """From a web server, words are heard as from disk, also if the server can only send whole files."""
    handler = partial(QuietHandler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser.open(f"http://127.0.0.1:{server.server_port}/talk.html")
        browser.until("document.querySelector('audio').readyState >= 1")
        watch(browser)
        browser.click("main p:nth-child(2) [data-m]")
        browser.until("lit.includes('Who')")
        assert browser.complaints() == []
        browser.open("about:blank")
        server.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    """Sends the files of a folder, each as a whole."""

    def log_message(self, *_: object) -> None:
        """Write nothing."""


def be_without_recording(browser: Chromium, folder: Path):
    """A recording that has moved can be chosen."""
    browser.open(written(folder, "moved", conversation(), "gone/pause.flac"))
    browser.until("!document.querySelector('#missing').hidden")
    document = browser.call("DOM.getDocument")["root"]["nodeId"]
    chooser = browser.call("DOM.querySelector", nodeId=document, selector="#choose")["nodeId"]
    browser.call("DOM.setFileInputFiles", nodeId=chooser, files=[str(folder / "pause.flac")])
    browser.until("document.querySelector('audio').readyState >= 1 && document.querySelector('#missing').hidden")
    browser.open(written(folder, "silent", Transcript("")))
    assert browser.run("return document.querySelector('main p').textContent") == "Nothing is said."
    browser.open(written(folder, "timeless", Transcript("One two.\nThree.")))
    browser.run("document.querySelector('main span span').focus()")
    assert browser.run("return document.querySelectorAll('main p').length") == 2
    assert browser.complaints() == []


def read_other_scripts(browser: Chromium, folder: Path):
    """Arabic runs from right to left, also under the arrow keys; Japanese gains no spaces."""
    arabic = Transcript(
        "مرحبا بكم",
        "ar",
        segments=(Segment("مرحبا بكم", 0, 600),),
        words=(Word("مرحبا", 0, 300), Word("بكم", 300, 600)),
    )
    browser.open(written(folder, "arabic", arabic))
    browser.run("document.querySelector('main [tabindex=\"0\"]').focus()")
    browser.press("ArrowLeft")
    assert browser.run(
        "return [document.activeElement.textContent, getComputedStyle(document.activeElement).direction]"
    ) == [
        "بكم",
        "rtl",
    ]
    words = tuple(
        Word(character, 3_000 * (number > 1), 3_000 * (number > 1) + 100) for number, character in enumerate("庭で待つ")
    )
    japanese = Transcript(
        "庭で待つ", "ja", segments=(Segment("庭で", 0, 200), Segment("待つ", 3_000, 3_100)), words=words
    )
    browser.open(written(folder, "japanese", japanese))
    browser.click("#query")
    browser.type("で待")
    browser.click("#save")
    while browser.wait_for("Page.downloadProgress")["state"] != "completed":
        pass
    assert json.loads((folder / "japanese.json").read_text(encoding="utf-8"))["text"] == "庭で待つ"


def survive_a_full_store(browser: Chromium, address: str):
    """A browser that can keep nothing says so, and the page still works; discarding removes what is kept."""
    browser.open(address)
    browser.run("window.confirm = () => true; document.querySelector('#keys').open = true")
    browser.click("#discard")
    assert browser.run(f"return [{KEPT}, document.querySelectorAll('.changed').length]") == [0, 0]
    browser.run("Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }")
    browser.click("main [data-m]", 2)
    browser.until("document.activeElement.matches('main input')")
    browser.type("That")
    browser.press("Enter")
    assert "cannot keep" in browser.run("return document.querySelector('#status').textContent")
    browser.click("#undo")
    assert browser.run("return document.querySelector('main [data-m]').textContent") == "The"


def look_for_barriers(browser: Chromium, address: str):
    """Axe finds nothing, in light and dark, wide and narrow; print has the text and its times alone."""
    for scheme, width in (("light", 1_200), ("dark", 360)):
        browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        browser.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
        browser.open(address)
        assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
        browser.run("for (const details of document.querySelectorAll('details')) details.open = true")
        browser.click("main [data-m]")
        assert barriers(browser) == []
    browser.call("Emulation.setEmulatedMedia", media="print")
    assert browser.run("return document.body.innerText").startswith("talk\n\n00:00:00 Ada: The door is opened.\n")


def barriers(browser: Chromium) -> list[Any]:
    """Return what axe finds in the page, which is nothing without axe."""
    axe = Path(os.environ.get("ANYSCRIBE_NODE_MODULES", "")) / "axe-core" / "axe.min.js"
    if not axe.is_file():
        return []
    browser.call("Runtime.evaluate", expression=axe.read_text(encoding="utf-8"))
    return browser.run(
        "const {violations} = await axe.run({resultTypes: ['violations']});"
        "return violations.map((one) => [one.id, one.nodes.map((node) => node.html)]);"
    )


def review(browser: Chromium, folder: Path):
    """The places of a batch are heard one after the other, and left out once they are done."""
    found = tuple(
        Excerpt(Finding(Span(at, at + 400), "looks wrong", "loop"), "before", "<b>", "after") for at in (0, 2_000)
    )
    page = folder / "review.html"
    recordings = [Reviewed("talk", found[:1], media="pause.flac"), Reviewed("worse", found, media="pause.flac")]
    page.write_text(render_review("Review", [*recordings, Reviewed("good")], [("bad", "broken")]), encoding="utf-8")
    browser.call("Emulation.setEmulatedMedia", media="screen")
    browser.open(page.as_uri())
    assert browser.run("return [...document.querySelectorAll('h2')].map((name) => name.textContent)") == [
        "worse",
        "talk",
    ]
    browser.click("#next")
    browser.click("#next")
    browser.until("document.querySelector('video').paused && document.querySelector('video').currentTime >= 2.4")
    assert browser.run("return document.querySelector('.passage .play').textContent") == "▶ 00:00:02\u201300:00:03"
    browser.click(".finding input")
    browser.open(page.as_uri())
    assert browser.run("return document.querySelectorAll('.finding input:checked').length") == 1
    browser.click("#open")
    assert browser.run("return document.querySelector('.finding').hidden")
    browser.click("#open")
    assert browser.complaints() == []
    assert barriers(browser) == []
    dark = {"name": "prefers-color-scheme", "value": "dark"}
    browser.call("Emulation.setEmulatedMedia", media="screen", features=[dark])
    assert barriers(browser) == []
