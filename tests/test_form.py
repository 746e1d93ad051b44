"""A request is converted to form fields and back without loss."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anyscribe.errors import FieldError, UsageError
from anyscribe.form import FIELDS, read_form, write_form
from anyscribe.request import Granularity, ResponseFormat, TranscriptionRequest
from anyscribe.sentence import Option

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
foreign_names = texts.filter(lambda name: name not in FIELDS and not name.startswith(("include[", "timestamp_gran")))
requests = st.builds(
    TranscriptionRequest,
    response_format=st.sampled_from(ResponseFormat),
    model=st.none() | texts,
    language=st.none() | st.sampled_from(["en", "pt", "yue"]),
    prompt=st.none() | texts,
    temperature=st.none() | st.sampled_from(["0", ".5", "0.20", "1."]),
    timestamp_granularities=st.lists(st.sampled_from(Granularity), max_size=3).map(tuple),
    include=st.lists(texts, max_size=3).map(tuple),
    stream=st.none() | st.booleans(),
    fields=st.lists(st.tuples(foreign_names, st.text(st.characters(exclude_categories=["Cs"])))).map(tuple),
)


@given(requests)
def test_what_is_written_is_read(request: TranscriptionRequest):
    """Reading is the inverse of writing."""
    assert read_form(write_form(request)) == request


@given(requests, st.randoms(use_true_random=False))
def test_order_of_different_fields_means_nothing(request: TranscriptionRequest, random):
    """Only fields of one name, and unknown fields, have an order among themselves."""
    fields = [field for field in write_form(request) if field not in request.fields]
    names = list(dict.fromkeys(name for name, _ in fields))
    random.shuffle(names)
    shuffled = [field for name in names for field in fields if field[0] == name]
    assert read_form(shuffled) == read_form(fields)


@pytest.mark.parametrize("mark", ["", "[]", "[0]"])
def test_lists_are_marked_in_any_way(mark: str):
    """A list is accepted with brackets, without them, and with the indices that some form libraries add."""
    request = read_form([(f"timestamp_granularities{mark}", "word"), (f"include{mark}", "logprobs")])
    assert (request.timestamp_granularities, request.include) == ((Granularity.WORD,), ("logprobs",))


def test_what_is_left_empty_is_not_set():
    """Empty fields count as unset, since clients send them for inputs that were not filled in."""
    names = ["model", "language", "prompt", "response_format", "temperature", "stream", "include[]"]
    assert read_form([(name, "") for name in names]) == TranscriptionRequest(ResponseFormat.JSON)


def test_the_last_of_two_values_counts():
    """If a field that is not a list is given twice, the later value replaces the earlier one."""
    assert read_form([("model", "a"), ("model", "b")]).model == "b"


@pytest.mark.parametrize(
    ("given_text", "stream"), [("true", True), ("True", True), ("1", True), ("false", False), ("False", False)]
)
def test_booleans_are_read_as_careless_clients_write_them(given_text: str, *, stream: bool):
    """Python's spelling of booleans is wrong on the wire but common, and is accepted."""
    assert read_form([("stream", given_text)]).stream is stream


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("response_format", "xml", "text, json, verbose_json, srt, vtt"),
        ("timestamp_granularities[]", "character", "word, segment"),
        ("stream", "perhaps", "true, false"),
        ("temperature", "1.5", "0 to 1"),
        ("temperature", "warm", "0 to 1"),
        ("language", "klingon", "ISO-639-1"),
    ],
)
def test_what_the_contract_does_not_allow_is_refused(name: str, value: str, told: str):
    """The refusal names the field, its value, and the legal values."""
    with pytest.raises(FieldError) as caught:
        read_form([(name, value)])
    error = caught.value
    assert (error.option, error.value) == (name.removesuffix("[]"), value)
    assert str(error).startswith(f"{error.option} {value}: ")
    assert told in str(error)


def test_a_refusal_takes_the_name_that_its_reader_knows():
    """A refusal uses the reader's names; the command line calls fields by their flags."""
    error = FieldError("response_format", "xml", "no such value", legal=("text", "json"))
    name_of = {Option("response_format", "xml"): "--format xml"}.__getitem__
    assert error.text(name_of) == "--format xml: no such value: use one of text, json"


def test_what_is_no_text_is_refused():
    """Argument bytes in another encoding are refused, since they cannot be sent as UTF-8."""
    with pytest.raises(UsageError, match="prompt"):
        write_form(TranscriptionRequest(ResponseFormat.TEXT, prompt="caf\udce9"))
