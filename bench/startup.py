"""The cost of a short run: ``--version`` compared with ``import typer``, a small upload with the OpenAI SDK's.

pip install '.[bench]' && python bench/startup.py
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from measure import PROGRAM, median_s, side_by_side

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from loopback import LoopbackServer, json_reply

_RUNS = 15
_MEDIA = Path(__file__).parent.parent / "tests" / "media"
_SDK = """
from openai import OpenAI
client = OpenAI(base_url={url!r}, api_key="x")
print(client.audio.transcriptions.create(model="m", file=open({path!r}, "rb")).text)
"""


def main() -> None:
    """Print both comparisons."""
    ours, theirs, ratio = side_by_side([PROGRAM, "--version"], [sys.executable, "-c", "import typer"], runs=_RUNS)
    print(f"anyscribe --version: {median_s(ours):.3f} s, python -c 'import typer': {median_s(theirs):.3f} s")
    print(f"   ratio {ratio:.2f}   (at most 2)")
    if importlib.util.find_spec("openai") is None:
        raise SystemExit("the second comparison needs the OpenAI SDK: pip install openai")
    path = str(_MEDIA / "hello.mp3")
    with LoopbackServer() as server:
        server.answer(json_reply({"text": "Welcome to the town library."}))
        sdk = _SDK.format(url=server.url, path=path)
        ours, theirs, ratio = side_by_side(
            [PROGRAM, path, "-f", "json", "--base-url", server.url], [sys.executable, "-c", sdk], runs=_RUNS
        )
    print(f"anyscribe, a small file: {median_s(ours):.3f} s, the OpenAI SDK: {median_s(theirs):.3f} s")
    print(f"   ratio {ratio:.2f}   (at most 0.5)")


if __name__ == "__main__":
    main()
