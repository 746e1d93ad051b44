"""Recordings and results in S3, with moto's server as a process; its libraries stand beside ours in no environment."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from circumstances import SAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from loopback import LoopbackServer
    from programs import Program

s3fs = pytest.importorskip("s3fs")
MOTO = os.environ.get("MOTO_SERVER") or shutil.which("moto_server")
pytestmark = pytest.mark.skipif(MOTO is None, reason="needs moto_server, on PATH or named by MOTO_SERVER")

FLAGS = ("--no-check", "-f", "text")


class Bucket:
    """A server for S3, and what it was asked.

    Args:
        url: Its address.
        log: What it writes.
    """

    def __init__(self, url: str, log: Path) -> None:
        self.settings = {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "somebody",
            "AWS_SECRET_ACCESS_KEY": "yorick",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        self._log = log
        names = {"key": "AWS_ACCESS_KEY_ID", "secret": "AWS_SECRET_ACCESS_KEY", "endpoint_url": "AWS_ENDPOINT_URL"}
        options = {option: self.settings[name] for option, name in names.items()}
        self.files = s3fs.S3FileSystem(**options, use_listings_cache=False, skip_instance_cache=True)

    def asked(self) -> list[str]:
        """Return the requests since the last call, each as a method and a path."""
        log = self._log.read_text()
        self._log.write_text("")
        return [" ".join(words) for words in re.findall(r'"[^"]*?([A-Z]+) (/\S*) HTTP', log)]


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    """Yield a server with two recordings in one bucket, and another one that is empty."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("moto") / "log"
    with log.open("a") as file, subprocess.Popen([str(MOTO), "-H", "127.0.0.1", "-p", str(port)], stderr=file) as moto:
        while moto.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.05)
        running = Bucket(f"http://127.0.0.1:{port}", log)
        running.files.mkdir("calls")
        running.files.mkdir("texts")
        for name in ("a.ogg", "x/b.ogg"):
            running.files.pipe_file(f"calls/2026/{name}", SAMPLE.read_bytes() + name.encode())
        yield running
        moto.kill()


def test_bucket_to_bucket(anyscribe: Program, server: LoopbackServer, bucket: Bucket):
    """A recording takes three requests beside the listings; the same command again takes two listings."""
    anyscribe.keeps_answers = True
    command = ("s3://calls/2026/**/*.ogg", *FLAGS, "-d", "s3://texts/out")
    bucket.files.pipe_file("texts/out/x/other.txt", b"")
    bucket.asked()
    run = anyscribe(*command, base_url=server.url, env=bucket.settings)
    assert (run.code, len(server.requests)) == (0, 2)
    asked = bucket.asked()
    assert sorted(request for request in asked if "list-type" not in request and "trial" not in request) == [
        "GET /calls/2026/a.ogg",
        "GET /calls/2026/x/b.ogg",
        "HEAD /calls/2026/a.ogg",
        "HEAD /calls/2026/x/b.ogg",
        "PUT /texts/out/a.txt",
        "PUT /texts/out/x/b.txt",
    ]
    again = anyscribe(*command, base_url=server.url, env=bucket.settings)
    assert (again.code, len(server.requests)) == (0, 2)
    assert [request.partition("?")[0] for request in bucket.asked()] == ["GET /calls", "GET /texts"]
    assert bucket.files.cat_file("texts/out/x/b.txt") == b"hello\n"


def test_result_that_appears_meanwhile_is_kept(bucket: Bucket):
    """The put is conditional: what somebody else has written stays."""
    from anyscribe.places import FileSystems, read_address  # noqa: PLC0415 - as the program does it
    from anyscribe.places.transfers import write_remote  # noqa: PLC0415 - likewise

    address = read_address("s3://texts/mine.txt")
    assert address is not None
    with pytest.MonkeyPatch.context() as patch:
        for name, value in bucket.settings.items():
            patch.setenv(name, value)
        file = FileSystems().file(address)
        write_remote(file, b"first", overwrite=False)
        with pytest.raises(FileExistsError):
            write_remote(file, b"second", overwrite=False)
    assert bucket.files.cat_file("texts/mine.txt") == b"first"


def test_places_that_are_not_there(anyscribe: Program, server: LoopbackServer, bucket: Bucket):
    """A bucket that is not there is told before anything is sent."""
    commands = (
        ("s3://nobody/*.ogg", "s3://nobody/*.ogg: the folder cannot be listed (there is no such bucket)"),
        ("s3://calls/none.ogg", "s3://calls/none.ogg: cannot be read (there is no such file or folder)"),
        ("s3://calls/2026/a.ogg -d s3://nobody", "s3://nobody/: the folder cannot be listed (there is no such bucket)"),
    )
    for command, message in commands:
        run = anyscribe(*command.split(), *FLAGS, base_url=server.url, env=bucket.settings)
        assert run.code in (1, 6)
        assert f"anyscribe: error: {message}: check the address" in run.err_lines
    assert server.requests == []


def test_empty_places(anyscribe: Program, server: LoopbackServer, bucket: Bucket):
    """A folder for results that is not there yet takes one listing; an empty object is the folder of its name."""
    bucket.files.pipe_file("calls/x/c.ogg", SAMPLE.read_bytes())
    bucket.files.call_s3("put_object", Bucket="calls", Key="x", Body=b"")
    bucket.asked()
    run = anyscribe("s3://calls/x", "-d", "s3://texts/new", "--dry-run", base_url=server.url, env=bucket.settings)
    assert "s3://calls/x/c.ogg: " in run.text
    asked = [request.partition("&delimiter")[0] for request in bucket.asked()]
    assert asked == ["HEAD /calls/x", "GET /calls?list-type=2&prefix=x/", "GET /texts?list-type=2&prefix=new/"]


@pytest.mark.parametrize(
    ("code", "status", "reason", "remedy"),
    [
        ("ExpiredToken", 400, "the credentials have expired", "renew them"),
        (
            "AuthorizationHeaderMalformed",
            400,
            "the bucket is in another region",
            "set AWS_DEFAULT_REGION to its region",
        ),
        ("InvalidAccessKeyId", 403, "no permission", "check the address and your credentials"),
        ("NoSuchBucket", 404, "there is no such bucket", "check the address"),
        ("SlowDown", 503, "Please reduce your request rate.", "check the address, or try again later"),
    ],
)
def test_refusals_of_s3(code: str, status: int, reason: str, remedy: str):
    """Its codes become a few words, and what to do."""
    from anyscribe.places.faults import reason_of, remedy_of  # noqa: PLC0415 - as the program does it

    told = {"Code": code, "Message": "The specified bucket …" if status == 404 else reason}
    answer = {"Error": told, "ResponseMetadata": {"HTTPStatusCode": status}}
    error = pytest.importorskip("botocore.exceptions").ClientError(answer, "ListObjectsV2")
    raised = pytest.importorskip("s3fs.errors").translate_boto_error(error)
    assert (reason_of(raised), remedy_of(raised)) == (reason, remedy)
