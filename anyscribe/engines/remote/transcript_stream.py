"""Convert streamed events of any dialect to text as it arrives, and to a transcript at the end.

The dialects are distinguished by their shape, event by event: OpenAI's and Mistral's name the type of each event,
vLLM's has the shape of chat completion chunks, and WhisperLive's are segments without a type, each sent again while it
grows. See "Streams" in the contract.

Source: https://developers.openai.com/api/reference/resources/audio/subresources/transcriptions/streaming-events, the
types of Mistral's client, vLLM's ``speech_to_text.py``, and WhisperLive's ``client.py``.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from anyscribe.engines.remote.replies import reports_error
from anyscribe.formats.json_reading import read_members
from anyscribe.formats.lenient_json import clean, mended
from anyscribe.formats.prose import running_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyscribe.engines.remote.sse import ServerEvent
    from anyscribe.formats.reading import Reading

_END: Final = "[DONE]"
_UNNAMED: Final = "message"
_DELTAS: Final = frozenset({"transcript.text.delta", "transcription.text.delta"})
_SEGMENTS: Final = frozenset({"transcript.text.segment", "transcription.segment"})
_LANGUAGE: Final = "transcription.language"
_DONE: Final = frozenset({"transcript.text.done", "transcription.done"})
_KNOWN: Final = _DELTAS | _SEGMENTS | _DONE | {_LANGUAGE}
_SENT_AGAIN: Final = 16
"""How many of the last segments are looked at for one that a server sends again."""

_FIRST_HALF: Final = re.compile(r"[\ud800-\udbff]\Z")


class ReportedError(Exception):
    """The server reports an error in its stream; never leaves this package.

    Args:
        data: The event's data, which describes the error.
    """

    def __init__(self, data: str) -> None:
        super().__init__(data)
        self.data = data


class UnreadableEventError(Exception):
    """The stream contains data that cannot be read; never leaves this package.

    Args:
        message: What is wrong.
        data: The data of the event concerned.
    """

    def __init__(self, message: str, data: str) -> None:
        super().__init__(message)
        self.message = message
        self.data = data


class StreamedTranscript:
    """A transcript that arrives as a stream of events.

    Args:
        tell: Receives each piece of the text as soon as it is known, never an empty one. Joined, and without
            surrounding whitespace, the pieces are the transcript's text, unless the server corrects itself at the end.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._told: list[str] = []
        self._tells_segments = False
        self._deltas: list[str] = []
        self._half = ""
        self._segments: list[dict[str, Any]] = []
        self._growing: dict[str, Any] | None = None
        self._logprobs: list[Any] = []
        self._language: str | None = None
        self._members: dict[str, Any] = {}
        self._is_known = False
        self._unknown = ""
        self._last = ""
        self.event_count = 0

    @property
    def text_so_far(self) -> str:
        """The text emitted so far."""
        return "".join(self._told)

    def take(self, event: ServerEvent) -> bool:
        """Process the next event.

        Args:
            event: The event.

        Returns:
            Whether the transcript is complete, so that the rest of the stream can be skipped.

        Raises:
            ReportedError: The event reports an error.
            UnreadableEventError: The event cannot be read.
        """
        self.event_count += 1
        self._last = event.data
        if event.data.strip() == _END:
            return True
        if event.type == "error":
            raise ReportedError(event.data)
        value = _read_data(event)
        if not isinstance(value, dict):
            return self._pass_over(event)
        if _reports_error(value, event.type):
            raise ReportedError(event.data)
        if isinstance(value.get("choices"), list):
            return self._take_chunk(value)
        return self._take_typed(value, event)

    def reading(self) -> Reading:
        """Read the transcript once it is complete, and emit the rest of its text.

        Returns:
            The transcript, and what could not be read. The final event takes precedence over the events before it.

        Raises:
            UnreadableEventError: The transcript cannot be read, or no event was recognised.
        """
        if self._unknown and not self._is_known:
            raise UnreadableEventError("the server's stream holds no transcript", self._unknown)
        members = dict(self._members)
        said = members.get("text")
        if not (isinstance(said, str) and said.strip()):
            self._add(mended(self._half))
            members["text"] = "".join(self._deltas)
        if not members.get("segments") and self._segments:
            members["segments"] = self._segments
        if not members.get("logprobs") and self._logprobs:
            members["logprobs"] = self._logprobs
        if members.get("language") is None and self._language is not None:
            members["language"] = self._language
        try:
            reading = read_members(clean(members))
        except (ValueError, RecursionError) as error:
            raise UnreadableEventError(f"the server's stream cannot be read ({error})", self._last) from None
        self._tell_rest(reading.transcript.text)
        return reading

    def _take_chunk(self, value: dict[str, Any]) -> bool:
        """Process a chunk from vLLM; a ``finish_reason`` ends half a minute of audio, not the stream."""
        self._is_known = True
        choices, usage = value["choices"], value.get("usage")
        if usage:
            self._members = {"usage": usage}
        if not choices:
            # A chunk with the usage alone is the last one before [DONE], which not every gateway passes on.
            return bool(usage)
        delta = choices[0].get("delta") if isinstance(choices[0], dict) else None
        self._take_delta(delta.get("content") if isinstance(delta, dict) else None)
        return False

    def _take_typed(self, value: dict[str, Any], event: ServerEvent) -> bool:
        """Process an event from OpenAI or Mistral."""
        kind = _kind(value, event.type)
        if kind == _UNNAMED and _is_segment(value):
            self._is_known = True
            self._take_growing(value)
            return False
        if kind not in _KNOWN:
            return self._pass_over(event)
        self._is_known = True
        if kind in _DONE:
            self._members = {name: member for name, member in value.items() if name != "type"}
            return True
        if kind in _DELTAS:
            self._take_delta(value.get("text") if value.get("delta") is None else value["delta"])
            self._logprobs += value["logprobs"] if isinstance(value.get("logprobs"), list) else ()
        elif kind in _SEGMENTS:
            self._take_segment({name: member for name, member in value.items() if name != "type"})
        else:
            language = value.get("audio_language") or value.get("language")
            self._language = language if isinstance(language, str) else self._language
        return False

    def _pass_over(self, event: ServerEvent) -> bool:
        if event.data.strip():
            self._unknown = event.data
        return False

    def _take_delta(self, text: object) -> None:
        if not isinstance(text, str):
            return
        whole = self._half + text
        # A surrogate pair may be split between two events, each with one escaped half.
        self._half = whole[-1:] if _FIRST_HALF.search(whole) else ""
        self._add(mended(whole[: len(whole) - len(self._half)]))

    def _add(self, delta: str) -> None:
        if not delta:
            return
        self._deltas.append(delta)
        # If segments were emitted first, the deltas beside them repeat their words.
        if not self._tells_segments:
            self._tell_piece(delta)

    def _take_growing(self, members: dict[str, Any]) -> None:
        """Process a segment that the server may send again; emit it when the next one shows that it is complete."""
        for index in range(len(self._segments) - 1, max(-1, len(self._segments) - 1 - _SENT_AGAIN), -1):
            if _is_same(members, self._segments[index]):
                is_open = self._segments[index] is self._growing
                self._segments[index] = members
                self._growing = members if is_open else self._growing
                return
        if self._growing is not None:
            self._tell_segment(self._growing)
        self._segments.append(members)
        self._growing = members

    def _take_segment(self, members: dict[str, Any]) -> None:
        self._segments.append(members)
        self._tell_segment(members)

    def _tell_segment(self, members: dict[str, Any]) -> None:
        text = members.get("text")
        if not isinstance(text, str) or ((self._deltas or self._half) and not self._tells_segments):
            return
        self._tells_segments = True
        # Join it to the last character emitted, so that a space separates them if the language uses spaces.
        last = self._told[-1][-1] if self._told else ""
        self._tell_piece(running_text([last, mended(text)])[len(last) :])

    def _tell_rest(self, text: str) -> None:
        """Emit the text that has not been emitted yet, if it continues the emitted text."""
        told = self.text_so_far.lstrip()
        if text.startswith(told):
            self._tell_piece(text[len(told) :])

    def _tell_piece(self, piece: str) -> None:
        if piece:
            self._told.append(piece)
            self._tell(piece)


def _read_data(event: ServerEvent) -> object:
    """Decode an event's data; return None if it is empty, or unreadable in an event that may be skipped."""
    if not event.data.strip():
        return None
    try:
        # Not msgspec, which rejects a lone surrogate; NaN and infinities are read as null.
        return json.loads(event.data, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        # An unknown event may hold any data; an event without an end was cut off with the stream.
        if event.type not in _KNOWN | {_UNNAMED} or not event.is_ended:
            return None
        reason = "JSON is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UnreadableEventError(f"the server's stream holds broken JSON ({reason})", event.data) from None


def _kind(value: dict[str, Any], name: str) -> str:
    kind = value.get("type")
    return kind if isinstance(kind, str) else name


def _is_segment(value: dict[str, Any]) -> bool:
    return isinstance(value.get("text"), str) and value.get("start") is not None and value.get("end") is not None


def _is_same(segment: dict[str, Any], earlier: dict[str, Any]) -> bool:
    """Return whether a segment is an earlier one, sent again with more text or another end.

    Some servers number segments, others send one number with all of them or count the events.
    """
    is_same_number = segment.get("id") == earlier.get("id")
    if segment["start"] == earlier["start"]:
        return is_same_number or None in (segment.get("id"), earlier.get("id")) or _goes_on(segment, earlier)
    times = (segment["start"], segment["end"], earlier["end"])
    if not is_same_number or segment.get("id") is None or not all(isinstance(time, int | float) for time in times):
        return False
    start, end, earlier_end = times
    return bool(start < earlier_end <= end)


def _goes_on(segment: dict[str, Any], earlier: dict[str, Any]) -> bool:
    begun: str = earlier["text"].strip()
    return bool(segment["text"].strip().startswith(begun.rstrip(".…")))


def _reports_error(value: dict[str, Any], name: str) -> bool:
    if reports_error(value.get("error")) or _kind(value, name) == "error" or value.get("object") == "error":
        return True
    # FastAPI's envelope, which has no type.
    return bool(value.get("detail")) and _kind(value, name) == _UNNAMED and "choices" not in value
