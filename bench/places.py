"""Recordings in buckets: what a run asks the bucket for, how long it takes, and what a long listing costs.

Real processes transcribe with a server on loopback that counts (`bench/folder.py`). The bucket is that of moto's
server, which is not installed beside this program, since its libraries contradict those of s3fs:

    python -m venv moto && moto/bin/pip install 'moto[server]'
    pip install -e '.[s3]' && MOTO_SERVER=moto/bin/moto_server python bench/places.py [CASE...] [--recordings 400]

Cases: bucket, listing. For the listing, a server that can do nothing else says that there are 100,000 objects.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import resource
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from folder import Folder, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_OBJECTS: Final = 100_000
_PAGE: Final = 1_000
_DELAY_S: Final = 0.1


def _environment(folder: Folder, server: Server, bucket: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANYSCRIBE_", "AWS_"))}
    return {
        **kept,
        "HOME": str(folder.home),
        "XDG_DATA_HOME": str(folder.home / "data"),
        "TMPDIR": str(folder.temporary),
        "ANYSCRIBE_BASE_URL": server.url,
        "AWS_ENDPOINT_URL": bucket,
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


def _run(arguments: Sequence[str], environment: dict[str, str]) -> tuple[int, float, str]:
    """Run the program; return its exit code, its seconds, and the last line that it printed."""
    command = [sys.executable, "-m", "anyscribe", *arguments]
    began = time.monotonic()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, time.monotonic() - began, (done.stderr or done.stdout).splitlines()[-1]


@contextlib.contextmanager
def _moto(folder: Folder) -> Iterator[tuple[str, Path]]:
    """Start moto's server; yield its address, and the file in which it notes what it was asked."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = folder.home / "moto.log"
    command = [os.environ["MOTO_SERVER"], "-H", "127.0.0.1", "-p", str(port)]
    with log.open("a") as file, subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=file) as process:
        while process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}", log
        process.kill()


def _asked(log: Path) -> Counter[str]:
    """Return how many requests of each kind there were since the last call."""
    text = log.read_text()
    log.write_text("")
    requests = re.findall(r'"[^"]*?([A-Z]+) (/\S*) HTTP', text)
    return Counter("list" if "list-type" in path else method.lower() for method, path in requests)


def bucket(recordings: int) -> None:
    """Transcribe from a bucket to another one, again, with workers, and from a folder to a folder."""
    import s3fs  # noqa: PLC0415 - only this case needs it

    server, folder = Server(_DELAY_S), Folder(recordings)
    with _moto(folder) as (url, log):
        environment = _environment(folder, server, url)
        files = s3fs.S3FileSystem(key="bench", secret="bench", endpoint_url=url)  # noqa: S106 - a server of this bench
        for name in ("calls", "texts", "alone", "together"):
            files.mkdir(name)
        files.put([str(path) for path in folder.talks.iterdir()], "calls/2026/")
        _asked(log)
        flags = ("-f", "srt", "--no-check", "--no-align", "-j4")
        for name in ("bucket to bucket", "again"):
            before = sum(server.asked.values())
            code, seconds, end = _run(["s3://calls/2026/**/*.wav", *flags, "-d", "s3://texts"], environment)
            asked = _asked(log)
            each = (asked["get"] + asked["head"] + asked["put"]) / recordings
            print(
                f"{name}: {seconds:.1f} s, exit {code}, {sum(server.asked.values()) - before} transcribed;"
                f" of the bucket {dict(asked)}, {each:.2f} a recording beside listings; {end}"
            )
        for name, machines in (("alone", ()), ("together", ("--cluster", "local:4"))):
            # Another store, so that all is asked again.
            flags = ("-f", "srt", "--no-check", "--no-align", "-j16", "--store", str(folder.home / name), *machines)
            code, seconds, end = _run(["s3://calls/2026/**/*.wav", *flags, "-d", f"s3://{name}"], environment)
            print(f"16 at a time, {name}: {seconds:.1f} s, exit {code}; of the bucket {dict(_asked(log))}; {end}")
    server, same = Server(_DELAY_S), folder.home / "texts"
    flags = ("-f", "srt", "--no-check", "--no-align", "-j4")
    environment["ANYSCRIBE_BASE_URL"] = server.url
    code, seconds, end = _run([str(folder.talks), *flags, "-d", str(same)], environment)
    print(f"folder to folder: {seconds:.1f} s, exit {code}; {end}")
    folder.close()


class _Lists(BaseHTTPRequestHandler):
    """Lists objects, page by page, and does nothing else."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:  # noqa: ANN401 - as its base
        pass

    def do_GET(self) -> None:
        """Send a page."""
        address = urlsplit(self.path)
        first = int(parse_qs(address.query).get("continuation-token", ["0"])[0])
        # The other bucket is that for results.
        last = first + _PAGE if address.path.startswith("/calls") else first
        listed = "".join(
            f"<Contents><Key>2026/{number // 1000:03}/{number:06}.mp3</Key><Size>1000000</Size>"
            f"<ETag>&quot;{number:032x}&quot;</ETag><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
            for number in range(first, last)
        )
        more = f"<IsTruncated>true</IsTruncated><NextContinuationToken>{last}</NextContinuationToken>"
        body = f"<ListBucketResult>{listed}{more if first < last < _OBJECTS else ''}</ListBucketResult>".encode()
        self.send_response(200)
        self.send_header("content-type", "application/xml")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def listing(_: int) -> None:
    """Plan a run over 100,000 objects."""
    server, folder, lists = Server(), Folder(0), ThreadingHTTPServer(("127.0.0.1", 0), _Lists)
    threading.Thread(target=lists.serve_forever, daemon=True).start()
    environment = _environment(folder, server, f"http://127.0.0.1:{lists.server_port}")
    arguments = ["s3://calls/2026/**/*.mp3", "-f", "srt", "-d", "s3://texts", "--dry-run"]
    code, seconds, end = _run(arguments, environment)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s, mib = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    print(f"{_OBJECTS:,} objects: {seconds:.1f} s, {cpu_s:.1f} s of CPU, at most {mib:.0f} MiB, exit {code}; {end}")
    folder.close()


def main() -> None:
    """Run the cases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", nargs="*", default=[])
    parser.add_argument("--recordings", type=int, default=400)
    arguments = parser.parse_args()
    # The listing comes first: afterwards, the memory of the largest process is known.
    cases: dict[str, Callable[[int], None]] = {"listing": listing, "bucket": bucket}
    for name in arguments.case or cases:
        cases[name](arguments.recordings)


if __name__ == "__main__":
    main()
