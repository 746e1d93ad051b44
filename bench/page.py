"""The page to read along: how long it takes to write, to open and to scroll, in Chromium.

python bench/page.py
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from rendering import long_transcript

from anyscribe.formats import OUTPUT_FORMATS
from anyscribe.rendering import RenderOptions, render

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from chromium import Chromium, chromium_path

_WORDS = 10_000
_RUNS = 5
_OPENED = (
    "const [page] = performance.getEntriesByType('navigation');"
    "const [paint] = performance.getEntriesByName('first-contentful-paint');"
    "return [paint.startTime, page.domInteractive, page.domContentLoadedEventEnd];"
)
_SCROLLED = """
    const frames = [];
    let last = await new Promise(requestAnimationFrame);
    for (let at = 0; at < document.body.scrollHeight; at += 400) {
        scrollTo(0, at);
        const now = await new Promise(requestAnimationFrame);
        frames.push(now - last);
        last = now;
    }
    frames.sort((one, other) => one - other);
    const at = (share) => frames[Math.min(frames.length - 1, Math.floor(frames.length * share))];
    return [frames.length, at(0.5), at(0.99), at(1)];
"""


def main() -> None:
    """Print all figures."""
    began_s = time.perf_counter()
    size = len(render(long_transcript(), OUTPUT_FORMATS["html"], RenderOptions()))
    print(f"200,000 words: {time.perf_counter() - began_s:.2f} s, {size:,} characters   (at most 3 s)")
    if chromium_path() is None:
        print("there is no Chromium")
        return
    page = render(long_transcript(_WORDS), OUTPUT_FORMATS["html"], RenderOptions())
    with tempfile.TemporaryDirectory() as folder, Chromium() as browser:
        path = Path(folder) / "page.html"
        path.write_text(str(page), encoding="utf-8")
        for _ in range(_RUNS):
            browser.open(path.as_uri())
            paint, interactive, ready = browser.run(_OPENED)
            print(
                f"{_WORDS:,} words: first paint after {paint:.0f} ms, parsed after {interactive:.0f} ms, "
                f"ready after {ready:.0f} ms   (at most 1,000 ms)"
            )
        count, middle, most, longest = browser.run(_SCROLLED)
        print(
            f"scrolled from top to end: {count} frames, median {middle:.1f} ms, 99 % within {most:.1f} ms, "
            f"longest {longest:.1f} ms"
        )


if __name__ == "__main__":
    main()
