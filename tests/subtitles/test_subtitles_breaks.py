"""Cues and lines end where a professional subtitler would end them."""

from __future__ import annotations

import pytest
from spoken import drawn, read_out, spoken, texts

from anyscribe.subtitles.profile import CueProfile
from anyscribe.transcript import Segment, Transcript, Word

# Bars separate cues, slashes separate lines.
ENGLISH = [
    "The committee decided yesterday | that the United Nations should send / an observer.",
    "I was told / that Mrs. Robinson had been waiting | for Benjamin Braddock / in the hotel bar all night.",
    "We need 300 kilometers of cable | and about two million dollars to finish / before the winter.",
    "He said that he would never have done it | if he had known / what was going to happen to her.",
    "They bought bread / and butter at the market, | then walked along the river / to the old bridge.",
    "The train to Edinburgh leaves / at 7:45 a.m. from platform 9, | but it is late on most Sundays.",
    "Although the weather was terrible, | the captain of the ship decided / to leave the harbor at dawn.",
    "The United States Supreme Court ruled | on Monday that the law was not in line / with the Constitution.",
    "My grandmother's house stood / at the end of a long road | that nobody had repaired for twenty years.",
    "Please call 555 0199 / or write to Ms. Van der Berg | at the office in New York City by Friday.",
    "Dr. Martin Luther King Jr. spoke / in Washington on August 28, 1963, | to more than 250,000 people.",
    "so the thing is / that you can never really know | what the other person is thinking / about you",
    "THE PRESIDENT OF THE COMPANY SAID | THAT THE NEW FACTORY WOULD OPEN / IN THE SPRING OF NEXT YEAR.",
]
MARKS = [
    "Are you sure? Of course I'm sure! | Then let's go to the station / and ask somebody there.",
    "- Where have you been? | - At the library, with Anna / and her little brother from Norway.",
    "It's not that I don't like it — | I simply can't afford / to buy a new one every other year.",
    "It rose by 3.5 % last year. | The year before, it was only 2.1 %, / which surprised everybody.",
    "“I have a dream,” he said, | “that one day this nation will rise up / and live out the true meaning.”",
]
OTHERS = {
    "de": [
        "Ich habe nicht gewusst, dass du gestern | mit dem Zug nach München gefahren bist, / weil es schneite.",
        "Die Kosten stiegen um 2,5 Prozent / auf 12 Millionen Euro, | obwohl niemand damit gerechnet hatte.",
        "Sie konnte den Brief, den ihr Bruder / aus Amerika geschickt hatte, | nicht ohne Brille lesen.",
        "Herr Müller hat seine Frau am 3. Oktober / in der Nähe von Frankfurt kennengelernt.",
    ],
    "fr": [
        "« Est-ce que tu viens ? » demanda-t-elle. | « Non, je n'ai pas le temps / de prendre un café ! »",
        "Quand nous sommes arrivés / à la gare de Lyon, | le train pour Marseille était déjà parti.",
    ],
    "es": ["Cuando llegamos a la estación, | el tren ya había salido / y no había nadie en la taquilla."],
    "it": ["Quando siamo arrivati alla stazione, | il treno per Napoli era già partito / con tutti gli amici."],
    "pt": ["Quando chegámos à estação, | o comboio já tinha partido / e não havia ninguém na bilheteira."],
    "pl": ["Kiedy przyjechaliśmy na dworzec, | pociąg do Krakowa już odjechał, / więc musieliśmy czekać."],
    "sv": ["När vi kom fram till stationen / hade tåget redan gått, | och det fanns ingen kvar i biljettluckan."],
    "ru": ["Когда мы приехали на вокзал, / поезд в Москву уже ушёл, | и нам пришлось ждать до утра."],
    "ar": ["عندما وصلنا إلى المحطة، / كان القطار قد غادر بالفعل، | ولم يكن هناك أحد في مكتب التذاكر."],
}
UNSPACED = {
    "ja": [
        "昨日は友達と一緒に新しい映画を見に行きました。 | とても面白かったので、 / もう一度見たいと思います。",
        "彼は「明日までに必ず終わらせます」と | 約束したのに、 / 結局一週間たっても何の連絡もありませんでした。",
        "データセンターのサーバーが停止したため、 | 約1,200万人のユーザーが / ログインできなくなりました。",
    ],
    "zh": [
        "昨天我和朋友一起 / 去看了一部新电影\uff0c | 非常有意思\uff0c所以我还想再看一遍。",
        "我們今天要談的是“人工智慧”\uff0c / 它已經改變了我們的生活\uff01 | 你覺得呢\uff1f",
    ],
}


def plain(drawing: str, blank: str = " ") -> str:
    """Return an example's text without bars and slashes."""
    return drawing.replace(" | ", blank).replace(" / ", blank)


@pytest.mark.parametrize("expected", [*ENGLISH, *MARKS])
def test_english_is_broken_by_its_grammar(expected: str) -> None:
    """Cues and lines end at punctuation, before conjunctions or prepositions, never after an article or in a name."""
    assert drawn(read_out(plain(expected), language="en")) == expected


@pytest.mark.parametrize("expected", ENGLISH[:6])
def test_the_language_is_detected_if_unknown(expected: str) -> None:
    """The language of a text with enough function words is detected."""
    assert drawn(read_out(plain(expected))) == expected


@pytest.mark.parametrize(("language", "expected"), [(code, text) for code, found in OTHERS.items() for text in found])
def test_other_languages_are_broken_by_what_is_known_of_them(language: str, expected: str) -> None:
    """Some languages have lists of function words; for the others punctuation and balance decide."""
    assert drawn(read_out(plain(expected), language=language)) == expected


@pytest.mark.parametrize(("language", "expected"), [(code, text) for code, found in UNSPACED.items() for text in found])
def test_scripts_without_blanks_are_broken_between_characters(language: str, expected: str) -> None:
    """A single word that is a whole text is split; numbers, Latin words, brackets and their contents stay together."""
    assert drawn(read_out(plain(expected, ""), language=language, is_unspaced=True)) == expected


def test_thai_is_broken_between_its_words_and_best_at_its_blanks() -> None:
    """The words from the recogniser stay whole."""
    first = "วันนี้|อากาศ|ดี|มาก|เรา|จึง|ไป|เดิน|เล่น"
    second = "แล้ว|ก็|กลับ|บ้าน|ตอน|เย็น|พร้อม|กับ|เพื่อน"
    text = f"{first} {second}".replace("|", "")
    words = spoken([*first.split("|"), *second.split("|")], word_ms=200)
    lines = [line for cue in texts(Transcript(text, "th", words=words)) for line in cue.split("\n")]
    assert " ".join(lines).replace(" ", "") == text.replace(" ", "")
    assert text.split()[0] in lines


def test_titles_and_initials_end_no_sentence() -> None:
    """A full stop after a title or before a lower-case letter does not end a sentence."""
    text = "We met Dr. Smith and J. R. Lee at 5 p.m. sharp. It rained all the time."
    assert texts(Transcript(text, words=spoken(text.split()))) == [
        "We met Dr. Smith\nand J. R. Lee at 5 p.m. sharp.",
        "It rained all the time.",
    ]


def test_a_text_that_fits_one_line_has_one() -> None:
    """A text that fits on one line is not broken, even after a comma."""
    text = "Well, if you say so, then it is so, I say."
    assert len(text) == 42
    assert texts(read_out(text)) == [text]
    assert "\n" in texts(read_out(text.replace("Well", "Wells")))[0]


def test_the_lower_line_is_the_longer_one() -> None:
    """If two breaks are about equally good, the upper line is the shorter one, even if the lines are less balanced."""
    lines = "a" * 15 + "\nbbbb " + "c" * 16
    transcript = Transcript(lines.replace("\n", " "), words=spoken(lines.split()))
    assert texts(transcript, CueProfile(max_line_chars=30)) == [lines]


def test_as_many_lines_as_are_allowed() -> None:
    """A text too long for two lines fits into three, and they are balanced too."""
    text = "one two six ten one two six ten one two six ten"
    transcript = Transcript(text, "xx", words=spoken(text.split(), word_ms=100))
    assert texts(transcript, CueProfile(max_line_chars=16, max_lines=3, max_cps=99)) == [
        "one two six ten\none two six ten\none two six ten"
    ]
    assert all("\n" not in cue for cue in texts(transcript, CueProfile(max_line_chars=16, max_lines=1)))


def test_where_nothing_else_fits_even_a_name_is_broken() -> None:
    """Limits take precedence over grammar."""
    name = "Wolfgang Amadeus Chrysostomus Theophilus Sigismundus Mozart von Salzburg Wien Augsburg"
    cues = texts(read_out(name, language="en"))
    assert all(len(line) <= 42 for cue in cues for line in cue.split("\n"))
    assert " ".join(cues).replace("\n", " ") == name


def test_without_punctuation_the_longest_pause_divides() -> None:
    """Without punctuation, a cue ends at the longest pause."""
    tokens = [f"word{number}" for number in range(18)]
    words = [Word(token, number * 300, number * 300 + 250) for number, token in enumerate(tokens)]
    words[11:] = [Word(word.text, word.start_ms + 700, word.end_ms + 700) for word in words[11:]]
    cues = texts(Transcript(" ".join(tokens), words=tuple(words)))
    assert [cue.replace("\n", " ") for cue in cues] == [" ".join(tokens[:11]), " ".join(tokens[11:])]


def test_without_punctuation_or_pause_cues_are_even() -> None:
    """A text of a line and a half more than fits is not split into a full cue and a short rest."""
    tokens = [f"w{number:02d}" for number in range(24)]
    first, second = texts(Transcript(" ".join(tokens), words=spoken(tokens)))
    assert min(len(first), len(second)) >= 39


def test_segments_tell_of_sentences_where_no_full_stops_do() -> None:
    """Without punctuation, segment ends mark sentence ends."""
    first, second = "it was late and the road was long", "nobody knew where the others were"
    words = spoken([*first.split(), *second.split()])
    middle_ms = words[len(first.split())].start_ms
    segments = (Segment(first, 0, middle_ms), Segment(second, middle_ms, words[-1].end_ms))
    assert texts(Transcript(f"{first} {second}", "en", None, segments, words)) == [first, second]
    assert texts(Transcript(f"{first} {second}", "en", None, (), words)) != [first, second]


def test_segments_that_end_inside_a_sentence_do_not_count() -> None:
    """A segment end inside a sentence, for example after an article, is ignored."""
    first, second = "He put all of the books on the", "table. Then he went home to his wife."
    words = spoken([*first.split(), *second.split()])
    middle_ms = words[len(first.split())].start_ms
    segments = (Segment(first, 0, middle_ms), Segment(second, middle_ms, words[-1].end_ms))
    assert texts(Transcript(f"{first} {second}", "en", None, segments, words)) == [
        "He put all of the books on the table.",
        "Then he went home to his wife.",
    ]
