"""Classify the words of a text by their letters, their marks and the function words of the language."""

from __future__ import annotations

import re
from enum import IntFlag, auto
from typing import Final

from anyscribe.scripts import has_unspaced_words
from anyscribe.subtitles.function_words import ABBREVIATIONS, NO_FUNCTION_WORDS, NUMBERED, TITLES, FunctionWords


class WordClass(IntFlag):
    """The classes of a word; a word may have several."""

    DETERMINER = auto()
    PREPOSITION = auto()
    CONJUNCTION = auto()
    AUXILIARY = auto()
    SUBJECT = auto()
    WEAK_PRONOUN = auto()
    """A pronoun that may be subject or object."""
    NEGATION = auto()
    NUMERAL = auto()
    """A number in words."""
    PARTICLE = auto()
    """A word inside a name, such as ``van``."""
    OF = auto()
    """A preposition that belongs to the noun before it."""
    POSSESSIVE = auto()
    """It ends as an English possessive, which belongs to the next noun."""
    DIGITS = auto()
    CAPITAL = auto()
    NOUN = auto()
    """A capitalised word in a language that capitalises all nouns."""
    SMALL = auto()
    """It begins with a lower-case letter."""
    SHORT = auto()
    """A word of one or two letters, in a language whose function words are unknown."""
    TITLE = auto()
    """A title with a full stop: ``Dr. Smith``."""
    NUMBERED = auto()
    """A word with a full stop that precedes a number: ``No. 5``."""
    INITIAL = auto()
    """One letter or more, each with a full stop (``J.``, ``p.m.``), or a short number with one (``3.``)."""
    ABBREVIATION = auto()
    """A word whose full stop may or may not end a sentence."""
    SENTENCE_END = auto()
    CLAUSE_END = auto()
    PARENTHESIS_END = auto()
    OPENING = auto()
    """Not a word, but a mark that belongs to the next word."""
    CLOSING = auto()
    """Not a word, but a mark that belongs to the previous word."""
    DASH = auto()
    """Not a word, but a dash."""
    UNSPACED_FIRST = auto()
    """It begins with a character of a script without spaces."""
    UNSPACED_LAST = auto()

    FUNCTION_WORD = DETERMINER | PREPOSITION | CONJUNCTION | AUXILIARY | SUBJECT | WEAK_PRONOUN | NEGATION


# Marks of many scripts, as escapes because some look like Latin ones: ellipsis, Devanagari danda, Arabic question mark
# and full stop, ideographic and full-width full stops; then their commas, colons and semicolons, and dashes.
_SENTENCE_MARKS = ".!?\u2026\u0964\u061f\u06d4\u3002\uff0e\uff61\uff01\uff1f\u203c\u2047\u2048\u2049"
_CLAUSE_MARKS = ",;:\u2013\u2014\u060c\u061b\u3001\uff0c\uff1a\uff1b\uff64"
_CLOSING_MARKS = "\"')\\]}\u00bb\u203a\u2019\u201c\u201d\u300d\u300f\uff09"
_OPENING_MARKS = "\"'([{\u00ab\u2039\u201c\u201e\u201a\u2018\u00bf\u00a1\u300c\u300e\uff08"
_SENTENCE_END = re.compile(f"[{_SENTENCE_MARKS}][{_CLOSING_MARKS}]*\\Z")
_CLAUSE_END = re.compile(f"(?:[{_CLAUSE_MARKS}]|--|(?<=\\w)-)[{_CLOSING_MARKS}]*\\Z")
_PARENTHESIS_END = re.compile("[)\\]}\u00bb\u201d\u300d\u300f\uff09]\\Z")
_MARKS_AFTER = frozenset(_SENTENCE_MARKS + _CLAUSE_MARKS + ")]}\u00bb\u203a\u201d\u300d\u300f\uff09%\u2030\u00b0")
_MARKS_BEFORE = frozenset(_OPENING_MARKS + "$\u20ac\u00a3\u00a5#\u00a7\u2116") - frozenset("\"'\u2018")
_DASHES = frozenset(("-", "--", "\u2013", "\u2014", "\u2015"))
_NUMBER = re.compile(r"[^\w\s]{0,2}\d[\d.,:/'\u2019\u00a0\u202f-]*(?:[^\W\d_]{0,2}|[%\u2030])\Z")
_INITIAL = re.compile(r"(?:(?:[^\W\d_]\.)+|\d{1,2}\.)\Z")
_SHORTEST_WORD = 3

_ABBREVIATED: Final = {
    **dict.fromkeys(TITLES.split(), WordClass.TITLE),
    **dict.fromkeys(NUMBERED.split(), WordClass.NUMBERED),
    **dict.fromkeys(ABBREVIATIONS.split(), WordClass.ABBREVIATION),
}


class WordClasses(dict[str, int]):
    """The classes of each word, computed at its first occurrence: a text repeats a small vocabulary.

    The values are plain integers made of `WordClass`, for speed: a recording may last a day.

    Args:
        grammar: The function words of the text's language.
    """

    def __init__(self, grammar: FunctionWords) -> None:
        super().__init__()
        self._is_known = grammar is not NO_FUNCTION_WORDS
        self._capital = WordClass.CAPITAL | WordClass.NOUN if grammar.nouns_are_capital else WordClass.CAPITAL
        self._small_words: dict[str, WordClass] = {}
        for kind, words in (
            (WordClass.DETERMINER, grammar.determiners),
            (WordClass.PREPOSITION, grammar.prepositions),
            (WordClass.CONJUNCTION, grammar.conjunctions),
            (WordClass.AUXILIARY, grammar.auxiliaries),
            (WordClass.SUBJECT, grammar.pronouns),
            (WordClass.WEAK_PRONOUN, grammar.weak_pronouns),
            (WordClass.NEGATION, grammar.negations),
            (WordClass.NUMERAL, grammar.numerals),
            (WordClass.PARTICLE, grammar.particles),
            (WordClass.OF, grammar.close_prepositions),
        ):
            for word in words.split():
                self._small_words[word] = self._small_words.get(word, WordClass(0)) | kind

    def __missing__(self, token: str) -> int:
        bare = token.strip(_OPENING_MARKS + _SENTENCE_MARKS + _CLAUSE_MARKS + _CLOSING_MARKS)
        word = bare.lower().replace("\u2019", "'")
        kind = self._small_words.get(word, WordClass(0)) | _ends(token)
        if not any(map(str.isalnum, token)):
            kind |= _mark(token)
        else:
            if _NUMBER.match(token):
                kind |= WordClass.DIGITS
            if token[0].islower():
                kind |= WordClass.SMALL
            elif bare[:1].isupper():
                kind |= self._capital
            if not token[-1].isalnum():
                kind |= _ending(token, word)
            if word.endswith("'s") and not kind & WordClass.FUNCTION_WORD:
                kind |= WordClass.POSSESSIVE
            if len(word) < _SHORTEST_WORD and not self._is_known:
                kind |= WordClass.SHORT
        self[token] = value = int(kind)
        return value


def _ends(token: str) -> WordClass:
    kind = WordClass(0)
    if has_unspaced_words(token[0]):
        kind |= WordClass.UNSPACED_FIRST
    if has_unspaced_words(token[-1]):
        kind |= WordClass.UNSPACED_LAST
    return kind


def _mark(token: str) -> WordClass:
    if token in _DASHES:
        return WordClass.DASH | WordClass.CLAUSE_END
    if token[0] in _MARKS_BEFORE:
        return WordClass.OPENING
    kind = WordClass.CLOSING if token[0] in _MARKS_AFTER else WordClass(0)
    if _SENTENCE_END.search(token):
        return kind | WordClass.SENTENCE_END
    return kind | WordClass.CLAUSE_END if _CLAUSE_END.search(token) else kind


def _ending(token: str, word: str) -> WordClass:
    if not _SENTENCE_END.search(token):
        if _CLAUSE_END.search(token):
            return WordClass.CLAUSE_END
        return WordClass.PARENTHESIS_END if _PARENTHESIS_END.search(token) else WordClass(0)
    if token[-1] == "." and _INITIAL.match(token.lstrip(_OPENING_MARKS)):
        return WordClass.SENTENCE_END | WordClass.INITIAL
    return WordClass.SENTENCE_END | (_ABBREVIATED.get(word, WordClass(0)) if token[-1] == "." else WordClass(0))
