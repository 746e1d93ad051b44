"""The path of one request through the files of the package, as drawn in `docs/architecture.md`.

python bench/walk.py

Runs the command line in this process against a loopback server and traces every call. Prints the stations in the order
in which the recording reaches them and how often each is entered, then the other files of the package that took part in
the run. Fails if a station is missing, out of order, or entered more than once.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
import threading
from collections import Counter
from contextlib import chdir
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import anyscribe
from anyscribe.cli.command_line import run
from anyscribe.cli.invocation import Invocation

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from loopback import LoopbackServer, json_reply

if TYPE_CHECKING:
    from types import FrameType

ROOT: Final = Path(anyscribe.__file__).parent
STATIONS: Final = (
    "cli/transcription.py:TranscriptionRun.run",
    "batch/inputs.py:find_sources",
    "batch/outputs.py:plan_jobs",
    "batch/job_runner.py:run_jobs",
    "recording/transcriber.py:Transcriber.transcribe",
    "audio/probe.py:probe",
    "recording/requester.py:Requester.ask_once",
    "engines/remote/engine.py:RemoteEngine.transcribe",
    "engines/remote/response.py:Receiver.receive",
    "recording/analysis.py:Analyzer.analyze",
    "rendering.py:render_outputs",
    "batch/writing.py:write_whole",
)
VERBOSE: Final = {
    "task": "transcribe",
    "duration": 2.27,
    "text": "Welcome to the town library.",
    "segments": [{"id": 0, "start": 0.1, "end": 2.1, "text": "Welcome to the town library."}],
}


class Tracer:
    """Records every call of a function of the package, in any thread."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def note(self, frame: FrameType, event: str, _argument: Any) -> None:  # noqa: ANN401 - as in sys.setprofile
        """Record an event; see `sys.setprofile`."""
        path = Path(frame.f_code.co_filename)
        if event == "call" and path.is_relative_to(ROOT):
            self.calls.append(f"{path.relative_to(ROOT).as_posix()}:{frame.f_code.co_qualname}")


def traced() -> list[str]:
    """Run one request with its result in a file, and return the calls."""
    tracer = Tracer()
    recording = Path(__file__).parent.parent / "tests" / "media" / "hello.mp3"
    with tempfile.TemporaryDirectory() as folder, chdir(folder), LoopbackServer() as server:
        shutil.copy(recording, "talk.mp3")
        server.answer(json_reply(VERBOSE))
        environ = {
            "ANYSCRIBE_BASE_URL": server.url,
            "HOME": folder,
            "ANYSCRIBE_CONFIG": os.devnull,
            "ANYSCRIBE_NO_STORE": "1",
        }
        arguments = ["talk.mp3", "-f", "srt", "-o", "talk.srt", "-m", "whisper-1", "--overwrite"]
        # Trace the second run, after all imports.
        for note in (None, tracer.note):
            threading.setprofile(note)
            sys.setprofile(note)
            try:
                code = run(arguments, Invocation(*(io.TextIOWrapper(io.BytesIO()) for _ in range(3)), environ))
            finally:
                sys.setprofile(None)
                threading.setprofile(None)
        assert code == 0, code  # noqa: S101 - a failed run has no valid figure
    return tracer.calls


def main() -> None:
    """Print the path."""
    calls = traced()
    entered = Counter(call for call in calls if call in STATIONS)
    order = [call for call in dict.fromkeys(calls) if call in STATIONS]
    for station in order:
        print(f"{entered[station]} x {station}")
    files = {call.partition(":")[0] for call in calls}
    stations = {station.partition(":")[0] for station in STATIONS}
    print(f"\n{len(stations)} stations; {len(files - stations)} other files had a part:")
    print("  " + ", ".join(sorted(files - stations)))
    if tuple(order) != STATIONS or set(entered.values()) != {1}:
        raise SystemExit("the way is not the one that is drawn")


if __name__ == "__main__":
    main()
