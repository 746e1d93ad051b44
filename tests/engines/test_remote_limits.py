"""Server limits: known for some models, read from refusals, and guessed if a refusal names none."""

from __future__ import annotations

import pytest

from anyscribe.engines.remote.server_limits import capabilities_of, read_size_limits, smaller_than
from anyscribe.request import ResponseFormat

BARE = {ResponseFormat.TEXT, ResponseFormat.JSON}


@pytest.mark.parametrize(
    "model",
    [
        "gpt-4o-transcribe",
        "gpt-4o-mini-transcribe",
        "gpt-4o-transcribe-diarize",
        "gpt-transcribe",
        "openai/gpt-4o-mini-transcribe-2025-12-15",
    ],
)
def test_models_that_answer_bare_text_are_known(model: str) -> None:
    """OpenAI's models after whisper-1 answer json and text, and take 1,400 seconds."""
    capabilities = capabilities_of("127.0.0.1", model)
    assert capabilities.formats == BARE
    room_for_voices = (2 << 20) if "diarize" in model else 0
    assert (capabilities.max_ms, capabilities.max_body_bytes) == (1_400_000, 26_214_400 - room_for_voices)


@pytest.mark.parametrize("model", [None, "whisper-1", "whisper-large-v3", "my-gpt-4o-transcriber", "transcribe"])
def test_of_others_nothing_is_known(model: str | None) -> None:
    """Any other model is assumed to support every format and length."""
    capabilities = capabilities_of("127.0.0.1", model)
    assert (capabilities.formats, capabilities.max_ms) == (set(ResponseFormat), None)


def test_groq_renders_no_subtitles() -> None:
    """Groq supports times, but neither srt nor vtt."""
    capabilities = capabilities_of("api.groq.com", "whisper-large-v3-turbo")
    assert ResponseFormat.VERBOSE_JSON in capabilities.formats
    assert not {ResponseFormat.SRT, ResponseFormat.VTT} & capabilities.formats


@pytest.mark.parametrize(
    ("status", "message", "limit"),
    [
        (413, "Maximum content size limit (26214400) exceeded (26374211 bytes read)", (26_214_400, None)),
        (413, "", (None, None)),
        (413, "413 Request Entity Too Large", (None, None)),
        (413, "File size exceeds the maximum of 25MB", (25_000_000, None)),
        (400, "file must be less than 15 MiB", (15_000_000, None)),
        (
            400,
            "audio duration 1500.2 seconds is longer than 1400 seconds which is the maximum for this model",
            (None, 1_400_000),
        ),
        (400, "Audio too long: at most 30s", (None, 30_000)),
        (422, "the longest recording is 25 minutes", (None, 1_500_000)),
        (400, "maximum duration is 2 hours", (None, 7_200_000)),
        (400, "Audio file is too short. Minimum audio length is 0.1 seconds.", None),
        (400, "temperature must be less than or equal to 1", None),
        (400, "maximum of 224 tokens exceeded", None),
        (429, "limit of 60 seconds of audio a minute", None),
        (500, "Maximum content size limit (26214400) exceeded", None),
        (400, "5 MB", None),
    ],
)
def test_limits_are_read_from_refusals(status: int, message: str, limit: tuple[int | None, int | None] | None) -> None:
    """Limits in bytes or time are read from refusals; other messages are not limits."""
    assert read_size_limits(status, message, None) == limit


def test_another_field_is_no_limit() -> None:
    """A length limit may be about another field, such as the prompt."""
    assert read_size_limits(400, "at most 1000 bytes", "prompt") is None
    assert read_size_limits(400, "at most 1000 bytes", "file") == (1000, None)


def test_the_guess_goes_down() -> None:
    """Without a stated limit, the next smaller usual limit is tried, and below the smallest one, half."""
    guesses = [100_000_000]
    while guesses[-1] > 100_000:
        guesses.append(smaller_than(guesses[-1]))
    assert guesses[1:7] == [26_214_400, 15_000_000, 10_000_000, 5_000_000, 1_000_000, 500_000]
