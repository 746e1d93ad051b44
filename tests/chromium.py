"""Chromium, driven by its DevTools protocol through two pipes: no port, no library.

`with Chromium() as browser:` starts one, and removes all that it has written when it ends.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import tempfile
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--remote-debugging-pipe",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--mute-audio",
    "--autoplay-policy=no-user-gesture-required",
    # Whatever a page asks for that is not on this machine has no address.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
PATIENCE_S = 30
KEYS = {" ": ("Space", 32, " "), "Enter": ("Enter", 13, "\r")}


def chromium_path() -> str | None:
    """Return the path of a Chromium; None if there is none, or no pipes as it wants them."""
    return None if os.name == "nt" else next(filter(None, map(shutil.which, NAMES)), None)


class Chromium:
    """A browser with one page, whose calls wait for their answer; an error in the page fails the call that sees it."""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True)
        to_browser, self._writing = os.pipe()
        self._reading, from_browser = os.pipe()
        path = chromium_path()
        assert path is not None
        # The browser reads from descriptor 3 and writes to 4, which a shell can arrange safely.
        script = f'exec "$@" 3<&{to_browser} 4>&{from_browser}'
        command = ["bash", "-c", script, "bash", path, *SWITCHES, f"--user-data-dir={self._folder.name}", "about:blank"]
        self._process = subprocess.Popen(
            command,
            pass_fds=(to_browser, from_browser),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": self._folder.name},
        )
        os.close(to_browser)
        os.close(from_browser)
        self._read = b""
        self._number = 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._session = None
            self._send("Browser.close", {})
        os.close(self._writing)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._reading)
        self._folder.cleanup()

    def call(self, method: str, **parameters: Any) -> Any:
        """Call a method of the protocol, and return its result."""
        number = self._send(method, parameters)
        while True:
            message = self._receive()
            if message.get("id") != number:
                self.events.append(message)
                continue
            assert "error" not in message, (method, message["error"])
            return message["result"]

    def wait_for(self, event: str) -> dict[str, Any]:
        """Return the parameters of the next event of a name, also if it came while something else was waited for."""
        while True:
            for at, message in enumerate(self.events):
                if message.get("method") == event:
                    return self.events.pop(at)["params"]
            self.events.append(self._receive())

    def open(self, address: str) -> None:
        """Open a page, and wait until it is loaded."""
        self.call("Page.navigate", url="about:blank")
        self.wait_for("Page.loadEventFired")
        self.events.clear()
        self.call("Page.navigate", url=address)
        self.wait_for("Page.loadEventFired")

    def run(self, script: str) -> Any:
        """Run the body of an asynchronous function in the page, and return its value."""
        found = self.call(
            "Runtime.evaluate",
            expression=f"(async () => {{ {script} }})()",
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def until(self, condition: str) -> None:
        """Wait until an expression is true in the page; it is looked at before each frame."""
        met = self.run(
            f"const begun = performance.now(); while (!({condition})) {{"
            " if (performance.now() - begun > 10000) return false; await new Promise(requestAnimationFrame); }"
            " return true;"
        )
        assert met, f"not within ten seconds: {condition}"

    def click(self, selector: str, count: int = 1) -> None:
        """Click into the middle of the element that a selector finds."""
        x, y = self.run(
            f"const found = document.querySelector({json.dumps(selector)}); found.scrollIntoView({{block: 'center'}});"
            " const box = found.getBoundingClientRect(); return [box.left + box.width / 2, box.top + box.height / 2];"
        )
        for number in range(1, count + 1):
            for kind in ("mousePressed", "mouseReleased"):
                self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=number)

    def press(self, key: str, *, shift: bool = False) -> None:
        """Press a key by its name, such as ``a``, ``Enter``, ``ArrowLeft``."""
        code, number, text = KEYS.get(key, (key, 0, key if len(key) == 1 else ""))
        shared = {"key": key, "code": code, "windowsVirtualKeyCode": number, "modifiers": 8 if shift else 0}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **shared)
        self.call("Input.dispatchKeyEvent", type="keyUp", **shared)

    def type(self, text: str) -> None:
        """Type a text into what has the focus."""
        self.call("Input.insertText", text=text)

    def picture(self, path: Path) -> None:
        """Write what is seen as a PNG file."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def complaints(self) -> list[str]:
        """Return errors that the page has logged since it was opened."""
        self.run("")
        logged = [event["params"]["entry"]["text"] for event in self.events if event.get("method") == "Log.entryAdded"]
        thrown = [
            event["params"]["exceptionDetails"].get("exception", {}).get("description", "")
            for event in self.events
            if event.get("method") == "Runtime.exceptionThrown"
        ]
        return [*logged, *thrown]

    def _send(self, method: str, parameters: dict[str, Any]) -> int:
        self._number += 1
        session = {"sessionId": self._session} if self._session else {}
        message = {"id": self._number, "method": method, "params": parameters, **session}
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._writing, data) :]
        return self._number

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._read:
            assert select.select([self._reading], [], [], PATIENCE_S)[0], "the browser is silent"
            chunk = os.read(self._reading, 1 << 20)
            assert chunk, "the browser is gone"
            self._read += chunk
        message, _, self._read = self._read.partition(b"\0")
        return json.loads(message)
