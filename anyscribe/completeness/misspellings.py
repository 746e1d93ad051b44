"""Find words of a vocabulary that a transcript probably spells otherwise.

Of each word that the transcript lacks, something nearly the same is looked for in it: ``Kasandra`` for ``Cassandra``.
Ordinary words come near names by chance, so the evidence has to be strong: it sounds the same by its letters, few of
them differ, and it is written like a name.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from anyscribe.completeness.timed_text import in_reading_order, quoted
from anyscribe.scripts import has_unspaced_words
from anyscribe.timespan import Span
from anyscribe.transcript import Finding
from anyscribe.words import bare_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.transcript import Transcript

_MOST: Final = 5
_LEAST_LETTERS: Final = 5
_LEAST_PLAIN_LETTERS: Final = 7
"""Words without a capital are compared if they are long: short ones come near ordinary words by chance."""

_LETTERS_FOR_TWO: Final = 7
_LETTERS_FOR_THREE: Final = 10
_LEAST_SPLIT_LETTERS: Final = 7
_ENDING: Final = 2
"""The most letters that grammar changes at the end of a name."""

_POSSESSIVE: Final = re.compile(r"['\u2019][sS]$")
_SENTENCE_END: Final = re.compile(
    r"[.!?\u2026:;\"\u201c-\u201e\u00ab\u00bb()\[\]\u2013\u2014-]['\"\u2019\u201d\u00bb)\]]*$"
)
_SAME_SOUNDS: Final = (
    (re.compile(r"^h"), "x"),
    (re.compile(r"qu|qv|kw"), "kf"),
    (re.compile(r"ph|v|w"), "f"),
    (re.compile(r"sch|sh|cz|ch|tch"), "x"),
    (re.compile(r"th|dt"), "t"),
    (re.compile(r"c(?=[eiy])|z|ts|tz"), "s"),
    (re.compile(r"ck|c|q|gh|g(?![eiy])"), "k"),
    (re.compile(r"g(?=[eiy])"), "j"),
    (re.compile(r"d"), "t"),
    (re.compile(r"b"), "p"),
)
"""Letters that speech recognition confuses in names, in this order."""

_VOWELS: Final = re.compile(r"[aeiouyh]+")
_VOWEL: Final = "a"
_CONSONANTS: Final = str.maketrans(dict.fromkeys("bcdfgjklmnpqrstvwxz", "c"))
_DOUBLED: Final = re.compile(r"(.)\1+")


@dataclass(frozen=True, slots=True)
class _Token:
    """A word of the transcript.

    Args:
        text: It, as it is written.
        letters: Its letters and digits, without case and accents.
        span: When it is spoken, about; None if unknown.
        is_name: Whether it has a capital that no sentence's start explains.
    """

    text: str
    letters: str
    span: Span | None
    is_name: bool


@dataclass(frozen=True, slots=True)
class _Term:
    """A word of the vocabulary.

    Args:
        text: It, as it shall be spelled.
        letters: As those of a `_Token`.
        sound: As `_sound` gives it.
        words: How many words it has.
    """

    text: str
    letters: str
    sound: str
    words: int


def find_misspelled(transcript: Transcript, vocabulary: Sequence[str]) -> list[Finding]:
    """Find what may be words of a vocabulary that are spelled otherwise.

    Words in scripts without spaces, and short ones, are not looked for.

    Args:
        transcript: The transcript of a whole recording.
        vocabulary: Names and terms, as they shall be spelled.

    Returns:
        A few findings at most, in the order of the text.
    """
    terms = [_term(text) for text in vocabulary if not any(map(has_unspaced_words, text))]
    candidates = _Candidates(list(_tokens(transcript)), {term.letters for term in terms})
    found: dict[tuple[int, int], _Term] = {}
    for term in terms:
        place = candidates.nearest(term)
        if place is not None:
            found.setdefault(place, term)
    in_order = sorted(found.items(), key=_place)[:_MOST]
    return [_finding(candidates.tokens[first : last + 1], term) for (first, last), term in in_order]


def _place(found: tuple[tuple[int, int], _Term]) -> tuple[int, int]:
    return found[0]


def _finding(tokens: Sequence[_Token], term: _Term) -> Finding:
    begin, end = tokens[0].span, tokens[-1].span
    span = Span(begin.start_ms, max(begin.end_ms, end.end_ms)) if begin and end else None
    said = quoted(" ".join(token.text for token in tokens))
    return Finding(span, f"says {said}, which may be {quoted(term.text)} of the vocabulary", "misspelled")


def _tokens(transcript: Transcript) -> Iterator[_Token]:
    parts: list[tuple[str, Span | None]] = [
        (part.text, Span(part.start_ms, part.end_ms)) for part in in_reading_order(transcript)
    ]
    is_start = True
    for text, span in parts or [(transcript.text, None)]:
        for raw in text.split():
            for word in bare_words(raw):
                bare = _POSSESSIVE.sub("", word)
                is_name = not is_start and bare[:1] != bare[:1].lower()
                yield _Token(bare, _letters(bare), span, is_name)
                is_start = False
            is_start = is_start or _SENTENCE_END.search(raw) is not None


class _Candidates:
    """What may be terms: each word, and words that follow each other.

    Args:
        tokens: The words of the transcript.
        known: The letters of all terms: what is one of them is not a misspelling of another one.
    """

    def __init__(self, tokens: Sequence[_Token], known: set[str]) -> None:
        self.tokens: Final = tokens
        self._known = known
        self._sounds = [_sound(token.letters) for token in tokens]
        self._all = "".join(token.letters for token in tokens)
        self._has_capitals = any(token.is_name for token in tokens)
        self._by_sound: dict[int, dict[str, list[int]]] = {}

    def nearest(self, term: _Term) -> tuple[int, int] | None:
        """Return the first and last word of what comes nearest to a term; None if it is there, or nothing near it.

        Args:
            term: The term.
        """
        is_name = self._has_capitals and term.text != term.text.lower()
        shortest = _LEAST_LETTERS if is_name else _LEAST_PLAIN_LETTERS
        # With an ending, it is there too.
        if len(term.letters) < shortest or term.letters in self._all:
            return None
        best: tuple[int, int] | None = None
        least = _most_edits(len(term.letters), is_name=is_name) + 1
        for count in self._word_counts(term, is_name=is_name):
            if count != term.words:
                least = min(least, 2)
            for first in self._places(count).get(term.sound, ()):
                tokens = self.tokens[first : first + count]
                letters = "".join(token.letters for token in tokens)
                if (is_name and not tokens[0].is_name) or letters in self._known:
                    continue
                if not is_name and _syllables(letters) != _syllables(term.letters):
                    continue
                if _is_form_of(letters, term.letters) or _digits(letters) != _digits(term.letters):
                    continue
                edits = _edits(letters, term.letters, least)
                if edits < least:
                    best, least = (first, first + count - 1), edits
        return best

    def _word_counts(self, term: _Term, *, is_name: bool) -> Sequence[int]:
        """Return how many words a term may have become: speech recognition also divides names and joins them."""
        if not is_name or len(term.letters) < _LEAST_SPLIT_LETTERS:
            return (term.words,)
        return (term.words, *([term.words - 1] if term.words > 1 else []), term.words + 1)

    def _places(self, count: int) -> dict[str, list[int]]:
        """Return where so many words in a row sound alike."""
        places = self._by_sound.get(count)
        if places is None:
            places = self._by_sound[count] = {}
            for first in range(len(self.tokens) - count + 1):
                places.setdefault(_joined(self._sounds[first : first + count]), []).append(first)
        return places


def _term(text: str) -> _Term:
    words = [_letters(word) for word in bare_words(text)]
    return _Term(text, "".join(words), _joined([_sound(word) for word in words]), len(words))


def _most_edits(letters: int, *, is_name: bool) -> int:
    most = 1 + (letters >= _LETTERS_FOR_TWO) + (letters >= _LETTERS_FOR_THREE)
    return most if is_name else max(1, most - 1)


def _is_form_of(one: str, other: str) -> bool:
    """Return whether two words may be forms of one: they differ in their last vowels, or one has an ending more."""
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    rests = sorted((one[same:], other[same:]), key=len)
    if len(rests[1]) > _ENDING:
        return False
    is_ending = not rests[0] and rests[1][:1] != one[same - 1 : same]
    return is_ending or not _VOWELS.sub("", "".join(rests))


def _letters(text: str) -> str:
    """Return a text's letters and digits, without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in plain if character.isalnum())


def _digits(letters: str) -> str:
    return "".join(filter(str.isdigit, letters))


@lru_cache(maxsize=4096)
def _sound(letters: str) -> str:
    """Return a word's consonants by their sound, after a mark if it begins with a vowel."""
    sound = letters
    for pattern, same in _SAME_SOUNDS:
        sound = pattern.sub(same, sound)
    return (_VOWEL if _VOWELS.match(sound) else "") + _VOWELS.sub("", sound)


def _syllables(letters: str) -> str:
    """Return where a word has its vowels."""
    return _VOWELS.sub(_VOWEL, _DOUBLED.sub(r"\1", letters)).translate(_CONSONANTS)


def _joined(sounds: Sequence[str]) -> str:
    """Return the sound of words in a row; only at the start does it count that one begins with a vowel."""
    first, *others = sounds or [""]
    return _DOUBLED.sub(r"\1", first + "".join(others).replace(_VOWEL, ""))


def _edits(one: str, other: str, most: int) -> int:
    """Count the letters to insert, delete, replace or swap with the next one; ``most`` stands for it and all above."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for index, letter in enumerate(one, 1):
        earlier, before = before, row
        row = [index]
        for column, wanted in enumerate(other, 1):
            cost = min(before[column] + 1, row[-1] + 1, before[column - 1] + (letter != wanted))
            if index > 1 < column and letter == other[column - 2] and one[index - 2] == wanted:
                cost = min(cost, earlier[column - 2] + 1)
            row.append(cost)
        if min(row) >= most:
            return most
    return row[-1]
