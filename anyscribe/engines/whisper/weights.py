"""Download a model's weights from the hub, once, in a separate thread, and report the progress."""

from __future__ import annotations

import contextlib
import fnmatch
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from tqdm import tqdm

from anyscribe.engines.whisper.catalogue import FILES, WEIGHTS, repositories
from anyscribe.engines.whisper.libraries import hub_library, one_line
from anyscribe.events import Fetched, Notice
from anyscribe.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.events import Emit

    # At run time the class is not generic.
    _Tqdm = tqdm[Any]
else:
    _Tqdm = tqdm

_TELL_S: Final = 0.2
_MEGABYTE: Final = 1_000_000
_SELF: Final = {"library_name": "anyscribe", "library_version": __version__}


class FetchError(Exception):
    """The weights could not be downloaded; never leaves this package.

    Args:
        reason: Why, in a few words.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _AbandonedError(Exception):
    """The download was cancelled."""


class Fetch:
    """The download of one model, which starts at once.

    It continues if a caller stops waiting, since the next one will need the same weights, until it is abandoned.

    Args:
        model: The model's name.
    """

    def __init__(self, model: str) -> None:
        self._model = model
        self._repository = repositories()[model]
        cache = Path(hub_library().constants.HF_HUB_CACHE)
        self._blobs = cache / f"models--{self._repository.replace('/', '--')}" / "blobs"
        self._strangers = set(self._unfinished())
        self._meters: list[_Meter] = []
        self._total_bytes = 0
        self._folder: Path | None = None
        self._error: Exception | None = None
        self._is_abandoned = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def has_ended(self) -> bool:
        """Whether the download has ended, with or without success."""
        return self._ended.is_set()

    def wait(self, emit: Emit) -> Path:
        """Wait for the weights.

        Args:
            emit: Receives a notice once the size is known, and `anyscribe.events.Fetched`, in the calling thread.

        Returns:
            The folder that contains them.

        Raises:
            FetchError: They could not be downloaded.
        """
        is_noticed = False
        while not self._ended.wait(_TELL_S):
            if self._total_bytes and not is_noticed:
                is_noticed = True
                emit(Notice(self._notice()))
            emit(Fetched(self._model, min(self._done_bytes(), self._total_bytes), self._total_bytes))
        if self._error is not None:
            raise FetchError(_reason(self._error)) from self._error
        emit(Fetched(self._model, self._total_bytes, self._total_bytes))
        assert self._folder is not None  # noqa: S101 - either the error or the folder is set
        return self._folder

    def abandon(self, longest_s: float) -> None:
        """Cancel the download and delete its partial files.

        Args:
            longest_s: The longest wait for the download to end, in seconds.
        """
        self._is_abandoned.set()
        self._thread.join(longest_s)
        # On a slow connection the library has not noticed yet, and its files would be left behind.
        for path in self._unfinished():
            if path not in self._strangers:
                with contextlib.suppress(OSError):
                    path.unlink()

    def _notice(self) -> str:
        size = f"{self._total_bytes / _MEGABYTE:,.0f} MB"
        kept = hub_library().constants.HF_HUB_CACHE
        return f"downloading the model {self._model} ({size}) from {hub_host()}, once; it is kept in {kept}"

    def _run(self) -> None:
        try:
            self._folder = self._fetched()
        except Exception as error:  # noqa: BLE001 - raised in the waiting threads
            self._error = error
        finally:
            self._ended.set()

    def _fetched(self) -> Path:
        hub = hub_library()
        # Report a missing connection soon: after 10 s, unless the environment sets another timeout.
        reach_s = hub.constants.HF_HUB_ETAG_TIMEOUT
        known = hub.HfApi(**_SELF).model_info(self._repository, files_metadata=True, timeout=reach_s)
        self._total_bytes = sum(
            file.size or 0
            for file in known.siblings or ()
            if any(fnmatch.fnmatch(file.rfilename, pattern) for pattern in FILES)
        )
        # Download the weights last: if they are in the cache, the model is complete, even after an interruption.
        for patterns in ([name for name in FILES if name != WEIGHTS], list(FILES)):
            meter = _Meter(self._is_abandoned)
            self._meters.append(meter)
            bars = type("_Bars", (_DownloadBar,), {"meter": meter})
            folder = hub.snapshot_download(self._repository, allow_patterns=patterns, tqdm_class=bars, **_SELF)
        return Path(folder)

    def _done_bytes(self) -> int:
        counted = sum(meter.done_bytes for meter in self._meters)
        if counted:
            return counted
        # Before 1.0 the library counted files, not bytes.
        sizes = []
        with contextlib.suppress(OSError):
            sizes = [path.stat().st_size for path in self._blobs.iterdir()]
        return sum(sizes)

    def _unfinished(self) -> list[Path]:
        """Return the partial files, whose names a later attempt cannot use."""
        return list(self._blobs.glob("*.*.incomplete"))


class _Meter:
    """Counts the bytes of one download: if several bars count the same bytes, the highest count.

    Args:
        is_abandoned: Cancels the download when it is set.
    """

    def __init__(self, is_abandoned: threading.Event) -> None:
        self._is_abandoned = is_abandoned
        self._bars: dict[int, int] = {}

    @property
    def done_bytes(self) -> int:
        """The number of bytes downloaded so far."""
        return max(list(self._bars.values()), default=0)

    def count(self, bar: int, more_bytes: int) -> None:
        """Record bytes that arrived.

        Args:
            bar: The id of the bar that reports them.
            more_bytes: The number of further bytes; negative if they must be downloaded again.

        Raises:
            _AbandonedError: The download was cancelled.
        """
        if self._is_abandoned.is_set():
            raise _AbandonedError
        self._bars[bar] = self._bars.get(bar, 0) + more_bytes


class _DownloadBar(_Tqdm):
    """The progress bar for the hub's library: it draws nothing, and counts bytes."""

    meter: ClassVar[_Meter]
    monitor_interval = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as in tqdm
        # One of the bars counts files.
        self._counts_bytes = kwargs.get("unit") == "B"
        # Only the library's own class accepts a name.
        kwargs.pop("name", None)
        super().__init__(*args, **{**kwargs, "disable": True})

    def update(self, n: float | None = 1) -> bool | None:
        """Count bytes."""
        if self._counts_bytes:
            self.meter.count(id(self), int(n or 0))
        return None


def hub_host() -> str:
    """Return the host that weights are downloaded from."""
    # HF_ENDPOINT may contain any text, even if it is not a URL.
    endpoint = str(hub_library().constants.ENDPOINT)
    return (endpoint.partition("//")[2] or endpoint).partition("/")[0].rpartition("@")[2]


def _reason(error: Exception) -> str:
    """Return in a few words why the download failed; the hub's library wraps the same error in many ways."""
    causes = list(_causes(error))
    kinds = " ".join(type(cause).__name__ for cause in causes).lower()
    host = hub_host()
    if "offlinemode" in kinds:
        return "HF_HUB_OFFLINE is set"
    statuses = (getattr(getattr(cause, "response", None), "status_code", None) for cause in causes)
    status = next((status for status in statuses if status), None)
    if status is not None:
        return f"{host} answered {status}" + ("; HF_TOKEN may be wrong" if status in (401, 403) else "")
    if "timeout" in kinds:
        return f"no answer from {host}"
    if any(kind in kinds for kind in ("protocolerror", "incompleteread", "readerror", "connectionreset")):
        return f"{host} broke off the connection"
    return _system_reason(causes, f"cannot reach {host}: " if "connect" in kinds else "") or one_line(error)


def _system_reason(causes: Sequence[BaseException], of_network: str) -> str:
    """Return the operating system's message for the error; empty if there is none."""
    for cause in causes:
        if isinstance(cause, OSError) and cause.strerror:
            place = f"{cause.filename}: " if cause.filename else of_network
            return f"{place}{cause.strerror.lower()}"
    return ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all errors that led to it."""
    seen = set[int]()
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop(0)
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]
