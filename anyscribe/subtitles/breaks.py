"""The costs of a break between two words: low after a sentence, prohibitive inside a name.

Source: Netflix, "Timed Text Style Guide: General Requirements", line treatment: break after punctuation, before
conjunctions and prepositions; never separate a noun from its article, a first name from a last name, a verb from its
subject pronoun, auxiliary or negation.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from anyscribe.scripts import can_part
from anyscribe.subtitles.profile import Script
from anyscribe.subtitles.word_classes import WordClass, WordClasses

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anyscribe.subtitles.function_words import FunctionWords
    from anyscribe.subtitles.profile import CueLimits
    from anyscribe.subtitles.timed_tokens import TimedToken

# On the scale of the cost of a cue, 60 (see `segmentation`): a sentence is worth a separate cue, a clause is not.
_SENTENCE = -70.0
_CLAUSE_BEFORE_CONJUNCTION = 20.0
_CLAUSE = 30.0
_CONJUNCTION = 45.0
_UNSURE_SENTENCE = 60.0
_PREPOSITION = 65.0
_PRONOUN = 60.0
PLAIN: Final = 100.0
_OF = 105.0
_CLOSE = 130.0
_AFTER_SHORT_WORD = 140.0
_WORSE = 200.0
_BAD = 400.0
NEVER: Final = 10_000.0
"""A break only if the limits leave no other way: it outweighs any breaks in better places."""
_GLUE = 50_000.0
_LONGEST_PAUSE_RELIEF = 120.0
BEST: Final = _SENTENCE - _LONGEST_PAUSE_RELIEF
"""No break costs less."""
_BEST_BUT_SENTENCE = _SENTENCE + 10
_BORDER = 65.0
"""A segment border inside a sentence: a little better than any other place."""
# A text that is written with marks has at least one in this many words.
_WORDS_TO_MARK = 25


class _Rule(NamedTuple):
    """The cost of a break between words of two classes; 0 is any class."""

    cost: float
    left: WordClass = WordClass(0)
    right: WordClass = WordClass(0)
    unless_left: WordClass = WordClass(0)
    unless_right: WordClass = WordClass(0)


_BEGINS_PHRASE = WordClass.DETERMINER | WordClass.PREPOSITION | WordClass.CONJUNCTION
"""Words that may begin a phrase after a verb without another verb: `is | in the garden`."""
_COUNT = WordClass.DIGITS | WordClass.NUMERAL

# The first matching rule counts.
_RULES: Final = (
    # Separate marks, as in French, stay with their word; so does a dash, after which a line may end.
    _Rule(_GLUE, right=WordClass.CLOSING),
    _Rule(_GLUE, right=WordClass.DASH, unless_left=WordClass.SENTENCE_END),
    _Rule(_GLUE, left=WordClass.OPENING),
    # Full stops inside a sentence: `Dr. Smith`, `No. 5`, `J. Lee`, `the U.S. Army`, `3. Oktober`, `5 p.m. sharp`.
    _Rule(NEVER, left=WordClass.TITLE, right=WordClass.CAPITAL),
    _Rule(NEVER, left=WordClass.NUMBERED, right=WordClass.DIGITS),
    _Rule(NEVER, left=WordClass.INITIAL, right=WordClass.CAPITAL, unless_right=WordClass.FUNCTION_WORD),
    _Rule(PLAIN, left=WordClass.TITLE | WordClass.INITIAL | WordClass.ABBREVIATION, right=WordClass.SMALL),
    _Rule(_UNSURE_SENTENCE, left=WordClass.TITLE | WordClass.INITIAL | WordClass.ABBREVIATION),
    _Rule(_CLAUSE, left=WordClass.SENTENCE_END, right=WordClass.SMALL),
    _Rule(_SENTENCE, left=WordClass.SENTENCE_END),
    # Other marks, but not in a date (`August 28, 1963`), and less after a single function word (`But, of course`). In
    # scripts without spaces between words, a space acts as a mark.
    _Rule(_BAD, left=WordClass.DIGITS, right=WordClass.DIGITS),
    _Rule(
        _CLAUSE_BEFORE_CONJUNCTION,
        left=WordClass.CLAUSE_END,
        right=WordClass.CONJUNCTION,
        unless_left=WordClass.CONJUNCTION,
    ),
    _Rule(_CLAUSE, left=WordClass.CLAUSE_END, unless_left=WordClass.CONJUNCTION),
    _Rule(_WORSE, left=WordClass.CLAUSE_END),
    _Rule(_CLAUSE, left=WordClass.PARENTHESIS_END | WordClass.UNSPACED_LAST),
    _Rule(_CLAUSE, right=WordClass.UNSPACED_FIRST),
    # Words that belong to the next word. `This | is` and `is | a` are weaker bonds than `this | man` and `is | going`.
    _Rule(
        NEVER,
        left=WordClass.DETERMINER,
        unless_left=WordClass.CONJUNCTION,
        unless_right=WordClass.CONJUNCTION | WordClass.PREPOSITION,
    ),
    _Rule(NEVER, left=WordClass.POSSESSIVE, unless_right=WordClass.CONJUNCTION | WordClass.PREPOSITION),
    _Rule(NEVER, left=WordClass.NEGATION, unless_right=WordClass.CONJUNCTION),
    _Rule(NEVER, left=WordClass.AUXILIARY, unless_right=_BEGINS_PHRASE),
    _Rule(NEVER, left=WordClass.PREPOSITION, unless_right=WordClass.CONJUNCTION | WordClass.SUBJECT),
    _Rule(NEVER, left=WordClass.SUBJECT, unless_right=_BEGINS_PHRASE),
    _Rule(_BAD, left=WordClass.CONJUNCTION),
    _Rule(NEVER, left=_COUNT, unless_right=WordClass.FUNCTION_WORD),
    # Names, and numbered nouns. Two adjacent German nouns mostly belong together, but not always.
    _Rule(
        _BAD,
        left=WordClass.NOUN,
        right=WordClass.NOUN,
        unless_left=WordClass.FUNCTION_WORD,
        unless_right=WordClass.FUNCTION_WORD,
    ),
    _Rule(
        NEVER,
        WordClass.CAPITAL,
        WordClass.CAPITAL,
        unless_left=WordClass.FUNCTION_WORD,
        unless_right=WordClass.FUNCTION_WORD,
    ),
    _Rule(NEVER, left=WordClass.CAPITAL, right=WordClass.PARTICLE, unless_left=WordClass.FUNCTION_WORD),
    _Rule(NEVER, left=WordClass.PARTICLE, right=WordClass.CAPITAL),
    _Rule(_BAD, left=WordClass.CAPITAL, right=WordClass.DIGITS),
    # The word that the next line would begin with.
    _Rule(_OF, right=WordClass.OF),
    _Rule(_CONJUNCTION, right=WordClass.CONJUNCTION),
    _Rule(_PREPOSITION, right=WordClass.PREPOSITION),
    _Rule(_PRONOUN, right=WordClass.SUBJECT),
    _Rule(_WORSE, left=WordClass.WEAK_PRONOUN, unless_right=WordClass.DETERMINER),
    _Rule(_WORSE, right=WordClass.WEAK_PRONOUN | WordClass.NEGATION | WordClass.DIGITS),
    _Rule(_CLOSE, right=WordClass.AUXILIARY),
    _Rule(_AFTER_SHORT_WORD, left=WordClass.SHORT),
    _Rule(PLAIN),
)


_LEADS_ON = (
    WordClass.FUNCTION_WORD
    | WordClass.POSSESSIVE
    | WordClass.NUMERAL
    | WordClass.PARTICLE
    | WordClass.TITLE
    | WordClass.NUMBERED
    | WordClass.OPENING
    | WordClass.SHORT
)
"""Words after which a segment that ends there ends inside a clause."""
_MARK = WordClass.SENTENCE_END | WordClass.CLAUSE_END
_BEGINS_CLAUSE = WordClass.CONJUNCTION | WordClass.SUBJECT
"""After a pronoun that may be an object, these words begin a clause: `thank you | we are done`."""


def break_costs(  # noqa: PLR0913 - all that decides
    text: str,
    tokens: Sequence[TimedToken],
    *,
    grammar: FunctionWords,
    limits: CueLimits,
    borders: Sequence[int] = (),
    classes: WordClasses | None = None,
) -> list[float]:
    """Return the cost of a break before each token of a text.

    Args:
        text: The text, with single spaces.
        tokens: Its tokens, in order; at least one.
        grammar: The function words of its language.
        limits: The limits of a cue: the script of most of the text, and the length of a pause that lowers the cost of a
            break as far as possible.
        borders: The indices of tokens that begin a segment, if segments may end where sentences do.
        classes: The classes of words that are known from other texts of the same grammar; None for none.

    Returns:
        One cost per token; the first one is for the start of the text, which counts as the end of a sentence.
    """
    find_kind = WordClasses(grammar) if classes is None else classes
    kinds = [find_kind[text[token.begin : token.end]] for token in tokens]
    if sum(map(int(WordClass.CAPITAL).__and__, kinds)) * 2 > len(kinds) * WordClass.CAPITAL:
        # If most words are capitalised, as on old teletext, capitals carry no information.
        kinds = [kind & ~int(WordClass.CAPITAL) for kind in kinds]
    costs = [_SENTENCE, *(_COSTS[pair] for pair in pairwise(kinds))]
    if not text.isascii():
        for index, (left, right) in enumerate(pairwise(tokens), start=1):
            if left.end == right.begin:
                costs[index] = _unspaced_cost(text[left.end - 1], text[right.begin], kinds[index - 1], limits.script)
    # As numbers: each operation on a flag makes another flag.
    dash = int(WordClass.DASH)
    if any(map(dash.__and__, kinds)):
        for index in range(1, len(costs)):
            if kinds[index - 1] & dash and ends_sentence(costs[index - 1]):
                # A dash after a sentence belongs to the sentence that follows.
                costs[index] = _GLUE
    relieved = _after_pauses(costs, tokens, limits.pause_ms)
    if borders:
        begins = [text[token.begin : token.begin + 2] for token in tokens]
        for border, cost in _costs_at_borders(borders, costs, kinds, begins):
            relieved[border] = min(relieved[border], cost)
    return relieved


def _after_pauses(costs: Sequence[float], tokens: Sequence[TimedToken], pause_ms: int) -> list[float]:
    """Return the costs, lower after a pause.

    A pause alone never ends a sentence. Relief beyond the longest pause changes nothing: a cue ends there anyway.
    """
    silences_ms = [0, *(right.start_ms - left.end_ms for left, right in pairwise(tokens))]
    relief = _LONGEST_PAUSE_RELIEF / max(1, pause_ms)
    return [
        cost
        if silence_ms <= 0 or cost >= NEVER
        else lowered
        if (lowered := cost - relief * silence_ms) > _BEST_BUT_SENTENCE or cost <= _SENTENCE
        else _BEST_BUT_SENTENCE
        for cost, silence_ms in zip(costs, silences_ms, strict=True)
    ]


def _costs_at_borders(
    borders: Sequence[int], costs: Sequence[float], kinds: Sequence[int], begins: Sequence[str]
) -> Iterator[tuple[int, float]]:
    """Yield what a break at a segment border costs at most, as far as the border is evidence of a clause.

    If there are no marks nearby, nothing else shows where sentences end. If there are, the border is inside a clause,
    unless the next word shows that only the full stop is missing, as at the end of some of Whisper's segments.

    Args:
        borders: The indices of the tokens that begin a segment.
        costs: The costs without regard to pauses.
        kinds: The classes of each token.
        begins: The first two characters of each token and what follows it.
    """
    # The mark at the end of the text says nothing about the text before it.
    marks = [0, *accumulate(1 if kind & _MARK else 0 for kind in kinds[:-1])]
    for border in borders:
        if not 0 < border < len(kinds) or not _may_end_clause(kinds[border - 1], kinds[border], costs[border]):
            continue
        nearby = marks[max(0, border - _WORDS_TO_MARK) : border + _WORDS_TO_MARK]
        if _begins_sentence(kinds[border], begins[border], has_marks=nearby[-1] > nearby[0]):
            yield border, _SENTENCE
        elif costs[border] == PLAIN:
            yield border, _BORDER


def _begins_sentence(kind: int, begin: str, *, has_marks: bool) -> bool:
    """Return whether the first word of a segment may begin a sentence although there is no mark before it.

    Args:
        kind: The word's classes.
        begin: Its first two characters.
        has_marks: Whether the text nearby has marks.
    """
    if has_marks:
        is_i = begin[0] == "I" and not begin[1:].isalpha()
        return bool(kind & WordClass.CAPITAL and kind & WordClass.FUNCTION_WORD) and not is_i
    # A Japanese particle is followed by a sign that is not hiragana.
    return begin[0] not in _PARTICLES or _HIRAGANA[0] <= begin[1:] <= _HIRAGANA[1]


def _may_end_clause(left: int, right: int, cost: float) -> bool:
    """Return whether a segment that ends between two words without a mark may end a clause there.

    Args:
        left: The classes of its last word.
        right: The classes of the next word.
        cost: The cost of a break between them, without regard to a pause.
    """
    # In scripts without spaces, a token may be a single sign, which says nothing.
    leads_on = left & _LEADS_ON and not left & WordClass.UNSPACED_LAST
    if leads_on and not (left & WordClass.WEAK_PRONOUN and right & _BEGINS_CLAUSE):
        return False
    if right & (WordClass.OF | WordClass.DIGITS):
        return False
    # Two nouns, as in German, may belong to two clauses.
    return cost < _BAD or (cost == _BAD and bool(left & right & WordClass.NOUN))


def ends_sentence(cost: float) -> bool:
    """Return whether a break of this cost is the end of a sentence."""
    return cost <= _SENTENCE


class _Costs(dict[tuple[int, int], float]):
    """The costs of a break between two combinations of word classes, computed when they first occur."""

    def __missing__(self, pair: tuple[int, int]) -> float:
        left, right = pair
        self[pair] = cost = next(
            rule.cost
            for rule in _RULES
            if (not rule.left or left & rule.left)
            and (not rule.right or right & rule.right)
            and not left & rule.unless_left
            and not right & rule.unless_right
        )
        return cost


_COSTS: Final = _Costs()
_HIRAGANA = ("\u3041", "\u309f")
_PARTICLES = frozenset("\u306f\u304c\u3092\u306b\u3067\u3068\u3082\u306e\u3078\u3084\u304b\u306d\u3088")
"""Japanese particles, which follow the word that they belong to."""
_CHINESE_PARTICLES = frozenset(
    "\u7684\u4e86\u5417\u5462\u5427\u554a\u4eec\u7740\u8fc7\u561b\u5440\u55ce\u5011\u8457\u904e"
)


def _unspaced_cost(left: str, right: str, kind: int, script: Script) -> float:
    """Return the cost of a break between two characters without a space between them."""
    if not can_part(left, right):
        return _GLUE
    if kind & (WordClass.SENTENCE_END | WordClass.CLAUSE_END):
        return _SENTENCE if kind & WordClass.SENTENCE_END else _CLAUSE
    if left.isdecimal():
        # A number and the counted noun.
        return NEVER
    if script is Script.CHINESE:
        return _BAD if right in _CHINESE_PARTICLES else PLAIN
    if script is Script.JAPANESE and _HIRAGANA[0] <= left <= _HIRAGANA[1]:
        # Phrases mostly end in hiragana, with a particle or an ending, and begin with another script.
        return _WORSE if _HIRAGANA[0] <= right <= _HIRAGANA[1] else _PREPOSITION
    return _BAD if script is Script.JAPANESE else _WORSE
