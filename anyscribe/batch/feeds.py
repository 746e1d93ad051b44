"""From the address of a podcast's feed to recordings: one for each episode, named after it, the newest first."""

from __future__ import annotations

import calendar
import gzip
import html
import io
import mimetypes
import re
import unicodedata
import zlib
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin

from anyscribe.batch.names import extension_of, is_media_name
from anyscribe.batch.sources import Source
from anyscribe.errors import AudioError, MissingExtraError, UsageError
from anyscribe.places import FileSystems, check_address, read_address, shown
from anyscribe.places.transfers import read_page
from anyscribe.sentence import Option, Sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from anyscribe.places import Address, RemoteFile

_MOST_BYTES: Final = 64_000_000
_COMPRESSED: Final = b"\x1f\x8b"
_SOUND: Final = ("audio/", "video/")
_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')
_LONGEST_NAME_BYTES: Final = 150
"""Most file systems take 255, and a language and an extension follow."""


@dataclass(frozen=True, slots=True)
class _Episode:
    """An episode with a recording.

    Args:
        address: Where that is.
        title: What it is called, safe as a part of a file's name; empty if it has no title.
        published: When it was published; None if that is not known.
        media_type: What the feed calls the recording's kind.
        key: What tells it from the other episodes.
    """

    address: Address
    title: str
    published: datetime | None
    media_type: str
    key: str

    @property
    def stem(self) -> str:
        """The name of its file, without extension, if no other one has the same."""
        day = f"{self.published:%Y-%m-%d}" if self.published else ""
        name = " ".join(filter(None, (day, self.title)))
        if not self.title:
            name = " ".join(filter(None, (day, _safe(Path(self.address.path).stem))))
        return name.encode()[:_LONGEST_NAME_BYTES].decode(errors="ignore").strip(" .") or "episode"

    @property
    def extension(self) -> str:
        """The extension of its file, with its dot; empty if nothing tells it."""
        name = Path(self.address.path).name
        return f".{extension_of(name)}" if is_media_name(name) else mimetypes.guess_extension(self.media_type) or ""


def find_episodes(
    given: str, *, since: datetime | None, limit: int | None, tell: Callable[[str], None]
) -> Iterator[Source]:
    """Find the recordings of a podcast.

    Args:
        given: The address of its feed.
        since: The time from which on episodes are wanted; None for all.
        limit: How many are wanted at most; None for all.
        tell: Takes what is left out, and why.

    Yields:
        The recordings of its episodes, the newest first; those without a date last. A feed that cannot be read, with
        its error.

    Raises:
        UsageError: It is no address on the web.
        MissingExtraError: What reads the web, or feeds, is not installed.
    """
    address = read_address(given)
    if address is None or not address.is_web:
        raise UsageError(
            Sentence("{} is no address of a feed", Option("feed", shown(given))), remedy="write https://HOST/…"
        )
    check_address(address)
    systems = FileSystems()
    feed = systems.file(address)
    try:
        episodes = _episodes(feed, address, tell)
    except AudioError as error:
        yield Source(feed, Path(), error=error)
        return
    names = _names(episodes)
    wanted = [*zip(episodes, names, strict=True)]
    if since is not None:
        undated = sum(episode.published is None for episode in episodes)
        if undated:
            tell(f"{feed}: {undated:,} of its episodes have no date and are left out")
        wanted = [pair for pair in wanted if pair[0].published and pair[0].published >= since]
    for episode, name in wanted[:limit]:
        yield Source(systems.file(episode.address), Path(name), name=name, label=name)


def _episodes(feed: RemoteFile, address: Address, tell: Callable[[str], None]) -> list[_Episode]:
    """Read a feed; the newest episodes come first."""
    try:
        import feedparser  # noqa: PLC0415 - few runs need it
    except ImportError:
        raise MissingExtraError("what reads feeds is not installed", extra="https") from None
    body = _expanded(read_page(feed, _MOST_BYTES))
    # A file: text or bytes could be taken for an address, which would be asked for. Its texts are not shown as HTML.
    parsed = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    if not parsed.get("version") and not parsed.entries:
        raise AudioError("it is no feed", remedy="give the address of an RSS or Atom feed, not of a page about it")
    if parsed.bozo and not isinstance(parsed.bozo_exception, feedparser.CharacterEncodingOverride):
        tell(f"{feed}: the feed is damaged; {len(parsed.entries):,} episodes of it can be read")
    found = [_episode(entry, address) for entry in parsed.entries]
    episodes = [episode for episode in found if episode is not None]
    if not episodes:
        raise AudioError("no episode of this feed has a recording", remedy="check the address")
    oldest = datetime.min.replace(tzinfo=UTC)
    return sorted(episodes, key=lambda episode: episode.published or oldest, reverse=True)


def _expanded(body: bytes) -> bytes:
    """Return what a compressed feed holds."""
    if not body.startswith(_COMPRESSED):
        return body
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
            expanded = file.read(_MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise AudioError("its compression is damaged", remedy="try again later") from None
    if len(expanded) > _MOST_BYTES:
        raise AudioError(f"it is longer than {_MOST_BYTES:,} bytes", remedy="check the address")
    return expanded


def _episode(entry: Any, feed: Address) -> _Episode | None:  # noqa: ANN401 - feedparser has no types
    """Return an episode; None for an entry without a recording on the web."""
    links = [*entry.get("enclosures", ()), *entry.get("media_content", ())]
    for link in links:
        media_type = str(link.get("type") or "").lower()
        address = read_address(urljoin(str(feed), str(link.get("href") or link.get("url") or "").strip()))
        # A feed comes from outside: it names no files and no buckets.
        if address is None or not address.is_web or not address.host:
            continue
        if not (media_type.startswith(_SOUND) or is_media_name(Path(address.path).name)):
            continue
        if (address.protocol, address.host) == (feed.protocol, feed.host) and not address.login:
            # Who may read a private feed may read its recordings with the same password.
            address = replace(address, login=feed.login)
        title = _safe(html.unescape(str(entry.get("title") or "")))
        return _Episode(address, title, _time_of(entry), media_type, str(entry.get("id") or address))
    return None


def _time_of(entry: Any) -> datetime | None:  # noqa: ANN401 - as above
    """Return when an entry was published; a time without a zone counts as UTC."""
    # Asked for in vain, the second one would be a copy of the first, with a warning.
    parsed = entry.get("published_parsed") or ("updated_parsed" in entry and entry["updated_parsed"])
    try:
        if parsed:
            return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
        # feedparser takes no mail's date without a zone.
        time = parsedate_to_datetime(str(entry.get("published") or ""))
    except (ValueError, OverflowError, OSError):
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _safe(text: str) -> str:
    """Return a text as a part of a file's name on any system."""
    return " ".join(_UNSAFE.sub(" ", unicodedata.normalize("NFC", text)).split()).strip(" .")


def _names(episodes: Sequence[_Episode]) -> list[str]:
    """Name the files of episodes; no two are alike, also where file systems ignore case."""
    stems = [episode.stem for episode in episodes]
    counts = Counter(stem.casefold() for stem in stems)

    def name(episode: _Episode, stem: str) -> str:
        if counts[stem.casefold()] > 1:
            stem = f"{stem} {blake2b(episode.key.encode(), digest_size=4).hexdigest()}"
        return stem + episode.extension

    return [name(episode, stem) for episode, stem in zip(episodes, stems, strict=True)]
