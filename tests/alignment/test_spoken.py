"""Written tokens are expanded to the ways in which people usually say them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anyscribe.alignment.sphinx.reading import numerals
from anyscribe.alignment.sphinx.reading.spoken import readings

MOST_READINGS = 6


def rows(table: str) -> list[tuple[str, list[str]]]:
    """Parse lines such as ``5 km: five kilometers / five k``: a text, its likeliest reading, other readings."""
    parts = (line.strip().partition(": ") for line in table.strip().splitlines())
    return [(text, ways.split(" / ")) for text, _, ways in parts]


def likeliest(text: str) -> str:
    """Return the likeliest reading of every token."""
    return " ".join(word for ways in readings(text.split()) for word in (ways[0] if ways else ()))


def can_be_read(text: str, said: str) -> bool:
    """Return whether some combination of the tokens' readings gives the spoken words."""
    heard = said.split()
    reached = {0}
    for ways in readings(text.split()):
        reached = {
            start + len(way)
            for start in reached
            for way in ways or [()]
            if tuple(heard[start : start + len(way)]) == way
        }
    return len(heard) in reached


def assert_read(text: str, ways: list[str]) -> None:
    """Assert that the first reading is the likeliest and each of the others is possible."""
    assert likeliest(text) == ways[0]
    assert [way for way in ways if not can_be_read(text, way)] == []


@pytest.mark.parametrize(
    ("text", "ways"),
    rows("""
        17: seventeen
        105: one hundred five / one hundred and five / a hundred and five / one oh five
        2,400: two thousand four hundred / twenty four hundred
        90,000: ninety thousand
        1,000,000: one million / a million
        0.75: zero point seven five / point seven five / nought point seven five
        12.5: twelve point five
        7.25: seven point two five / seven point twenty five / seven twenty five
        007: oh oh seven / zero zero seven
        48213: forty eight thousand two hundred thirteen / four eight two one three
        1234567890123: one two three four five six seven eight nine oh one two three
        -40: minus forty / negative forty
        100+: one hundred plus / one hundred
        ~50: about fifty / fifty / approximately fifty
        #1: number one / hashtag one
        2+2=4: two plus two equals four / two and two equals four / two plus two is four
        3\u00d74: three by four / three times four
        R&D: r and d
        10^6: ten to the six / ten to the power of six
        AT&T: a t and t
        you & me: you and me
    """),
)
def test_counts(text: str, ways: list[str]) -> None:
    """Counts are read as words, in American and British English, with adjacent signs."""
    assert_read(text, ways)


@pytest.mark.parametrize(
    ("text", "ways"),
    rows("""
        1st: first
        21st: twenty first
        112th: one hundred twelfth / one hundred and twelfth
        13th-century: thirteenth century
        1/2: one half / a half / half a / one over two
        2/3: two thirds / two over three / two out of three
        3/4: three quarters / three fourths
        9/11: nine elevenths / nine eleven
        3½: three and one half / three and a half
        3 ¾: three and three quarters
        10\u201320: ten to twenty / ten twenty / ten through twenty
        5-0: five nil / five zero / five to nil
        3:1: three to one
        5'10": five foot ten / five feet ten inches
    """),
)
def test_ordinals_fractions_and_ranges(text: str, ways: list[str]) -> None:
    """Ordinals, fractions and ranges have their own readings."""
    assert_read(text, ways)


@pytest.mark.parametrize(
    ("text", "ways"),
    rows("""
        2026: twenty twenty six / two thousand twenty six / two thousand and twenty six
        1905: nineteen oh five / nineteen hundred and five
        2008: two thousand eight / two thousand and eight / twenty oh eight
        1900: nineteen hundred
        2000: two thousand
        1990s: nineteen nineties
        '90s: nineties / nineteen nineties
        the \u201960s: the sixties
        '05: oh five
        1939-45: nineteen thirty nine to forty five / nineteen thirty nine forty five
        2024's: twenty twenty fours
        11/22/2026: november twenty second twenty twenty six / eleven twenty two twenty twenty six
        22/11/2026: november twenty second twenty twenty six / the twenty second of november twenty twenty six
        2026-11-22: november twenty second twenty twenty six
        May 3: may third / may the third / may three
        3 May: the third of may / third may / three may
        Nov. 22nd: november twenty second / november the twenty second
        14 October 2025: the fourteenth of october twenty twenty five / fourteen october twenty twenty five
        9:30: nine thirty / half past nine
        9:30am: nine thirty a m
        10:05: ten oh five / ten five / five past ten
        8:45: eight forty five / quarter to nine / a quarter to nine
        2:00: two o'clock / two
        2:00 p.m.: two p m
        17:00: seventeen / seventeen hundred
        7 p.m.: seven p m
    """),
)
def test_dates_and_times(text: str, ways: list[str]) -> None:
    """Years, days and hours are not read as counts, and the tokens around a number decide."""
    assert_read(text, ways)


@pytest.mark.parametrize(
    ("text", "ways"),
    rows("""
        $25: twenty five dollars / twenty five dollar / twenty five
        $1: one dollar
        $3.50: three dollars fifty / three dollars and fifty cents / three fifty
        $0.99: ninety nine cents
        £1.2m: one point two million pounds
        €99: ninety nine euros
        5€: five euros
        50¢: fifty cents
        $5 million: five million dollars / five million dollar
        €4.2 billion: four point two billion euros / four point two billion
        10 USD: ten u s dollars
        $10-20: ten to twenty dollars
        $71.30/barrel: seventy one dollars thirty per barrel / seventy one dollars thirty a barrel
        3.5%: three point five percent
        50 %: fifty percent
        5km: five kilometers / five k
        10 kg: ten kilograms / ten kilos
        1 kg: one kilogram
        25°C: twenty five degrees celsius / twenty five degrees
        60mph: sixty miles per hour / sixty miles an hour
        3GB: three gigabytes / three gigs
        100 m²: one hundred square meters
        2.5 mg/day: two point five milligrams per day
        10\u201320°C: ten to twenty degrees celsius
        $1-2m: one to two million dollars
        3 €, .5 %.: three euros point five percent
        64-bit: sixty four bit
        1080p: ten eighty p
    """),
)
def test_money_and_measures(text: str, ways: list[str]) -> None:
    """A unit is read after its number, a currency even after a magnitude in the next token."""
    assert_read(text, ways)


@pytest.mark.parametrize(
    ("text", "ways"),
    rows("""
        555-0142: five five five oh one four two / five five five zero one four two
        +1 (212): plus one two hundred twelve / plus one two one two
        v2.1.3: version two point one point three / version two dot one dot three / version two one three
        14.2.1: fourteen point two point one
        example.com/path: example dot com slash path
        www.example.co.uk: w w w dot example dot co dot u k
        https://example.org: example dot org / h t t p s colon slash slash example dot org
        help@example.org: help at example dot org
        #EveningRound: hashtag evening round / evening round
        @handle: at handle
    """),
)
def test_what_is_dialled_and_typed(text: str, ways: list[str]) -> None:
    """Telephone numbers, versions and addresses are read part by part."""
    assert_read(text, ways)


@pytest.mark.parametrize(
    ("text", "ways"),
    rows("""
        Dr. Ito: doctor ito
        Mulholland Dr.: mulholland drive
        St. Louis: saint louis
        on Main St. and: on main street and
        Mr. and Mrs. Ray: mister and missus ray
        etc.: et cetera
        e.g. this: for example this / e g this
        No. 5: number five
        I said no.: i said no
        pp. 33-41: pages thirty three to forty one
        Jan. 5: january fifth
        the U.S. team: the u s team
        J.R.R. Tolkien: j r r tolkien
        Ph.D.: p h d
        10:40 a.m.: ten forty a m
        I am here: i am here
        Henry VIII: henry the eighth / henry eight
        World War II: world war two
        Elizabeth I reigned: elizabeth i reigned / elizabeth the first reigned
        Because I think: because i think
        Malcolm X: malcolm x
        Vol. III, Ch. XIV: volume three chapter fourteen
        The XXIV Games: the twenty fourth games
        Vatican II's: vatican the second's / vatican two's
        NASA: nasa / n a s a
        NASA's: nasa's
        FBI: f b i / fbi
        CEOs: c e o's
        we asked the WHO: we asked the w h o / we asked the who
        MP3: m p three
        B2B: b two b
        COVID-19: covid nineteen
        F-16: f sixteen
        html: h t m l
        hmm: hmm
    """),
)
def test_abbreviations(text: str, ways: list[str]) -> None:
    """Abbreviations are read in full or spelled, depending on their context."""
    assert_read(text, ways)


@pytest.mark.parametrize(
    ("text", "ways"),
    rows("""
        “Hello,” she (quietly) said: hello she quietly said
        state-of-the-art: state of the art
        word—word -- word: word word word
        and/or: and or / and slash or
        wait... yes…no: wait yes no
        don\u2019t DON'T: don't don't
        workers' O\u2019Brien\u2019s: workers o'brien's
        'em rock 'n' roll: 'em rock 'n roll
        goin' home: goin' home
        \u2018quoted\u2019: quoted
        café Zürich: café zürich
        cafe\u0301: café
        THIS IS ALL SHOUTED HERE: this is all shouted here
        \ufb01ne \uff46\uff55ll: fine full
        [music] hello: hello / music hello
        CATS SANG, MICE RAN.: cats sang mice ran
        [door slams] hello: hello / door slams hello
        (laughs) hello: hello / laughs hello
        hello [upbeat music playing] again: hello again / hello upbeat music playing again
        see (below): see below
    """),
)
def test_words_and_punctuation(text: str, ways: list[str]) -> None:
    """Punctuation in any form is not read; stage directions are optional."""
    assert_read(text, ways)


def test_what_is_never_read_has_no_reading() -> None:
    """Dashes and bullets have no reading, stage directions have one without words."""
    assert readings(["\u2022", "\u2014", "\U0001f44d", "", "[music]"]) == [(), (), (), (), ((), ("music",))]


def test_lower_case_is_letters_only() -> None:
    """Lower-casing a capital may add a combining mark, which is dropped."""
    assert readings(["\u0130zmir", "x\u0301y"]) == [(("izmir",),), (("xy",),)]


def test_numbers_are_read_one_way_only_by_rule() -> None:
    """Every count up to a thousand and every power of ten has distinct words."""
    counts = [*range(1001), *(10**power for power in range(4, 18))]
    assert len({numerals.cardinal(count) for count in counts}) == len(counts)
    assert len({numerals.ordinal(count) for count in counts}) == len(counts)


def test_roman_numerals() -> None:
    """Only canonical Roman numerals are read."""
    assert [numerals.roman(text) for text in ("I", "IV", "XIV", "MCMXCIX", "IIII", "IC", "", "ABC")] == [
        1,
        4,
        14,
        1999,
        None,
        None,
        None,
        None,
    ]


def assert_well_formed(tokens: list[str]) -> None:
    """Assert one entry per token, few distinct readings, and words of lower-case letters and apostrophes."""
    found = readings(tokens)
    assert len(found) == len(tokens)
    for ways in found:
        assert len(ways) == len(set(ways)) <= MOST_READINGS
        for word in (word for way in ways for word in way):
            assert word.replace("'", "").isalpha()
            assert word == word.lower()


@given(st.lists(st.text(max_size=12), max_size=6))
def test_any_text_is_read(tokens: list[str]) -> None:
    """Tokens of any script are read without an error."""
    assert_well_formed(tokens)


_WRITTEN = st.text(alphabet="0123456789.,:-/$€%'+#@xkms°C ABpm&", min_size=1, max_size=14)
_NEIGHBOUR = st.sampled_from(
    ["May", "million", "$5", "St.", "II", "p.m.", "%", "-", "No.", "kg", "[music", "]", "Henry"]
)


@given(st.lists(_WRITTEN | _NEIGHBOUR, min_size=1, max_size=5))
def test_any_figures_are_read(tokens: list[str]) -> None:
    """Any mixture of digits and signs has few readings, made of words."""
    assert_well_formed(tokens)


@given(
    st.sampled_from(["1-", "a.", "9/", "$1,", "x@", "http://a/", "I'", "[", "A-1", "½", "....", "''"]),
    st.integers(1, 2_000),
)
def test_long_tokens_have_few_readings(part: str, count: int) -> None:
    """Very long tokens have no more readings than a word."""
    assert_well_formed([part * count])


@given(st.from_regex(r"[0-9]{1,12}(\.[0-9]{1,4})?", fullmatch=True))
def test_every_number_is_read(text: str) -> None:
    """A number has a reading, and none of its readings is empty."""
    [ways] = readings([text])
    assert ways
    assert all(ways)
