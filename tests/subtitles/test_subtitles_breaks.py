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


def in_segments(drawing: str, language: str | None = "en", *, blank: str = " ") -> Transcript:
    """Return a text with evenly paced words and with segments, whose borders are drawn as `^`."""
    parts = drawing.split(" ^ ")
    text = blank.join(parts)
    tokens = list(text) if not blank else text.split()
    words = spoken(tokens, word_ms=130 if not blank else 280, gap_ms=20)
    segments = []
    first = 0
    for part in parts:
        own = words[first : first + (len(part) if not blank else len(part.split()))]
        first += len(own)
        segments.append(Segment(part, own[0].start_ms, own[-1].end_ms))
    return Transcript(text, language, words[-1].end_ms + 2_000, tuple(segments), words)


COMMAS = {
    "It was the best of times, it was the worst of times, it was the age of wisdom, it was ^ the age of foolishness, "
    "it was the epoch of belief, it was ^ the epoch of incredulity, it was the season of Light.": (
        "It was the best of times, it was the worst / of times, it was the age of wisdom, | "
        "it was the age of foolishness, / it was the epoch of belief, | "
        "it was the epoch of incredulity, / it was the season of Light."
    ),
    "we had everything before us, we had nothing before us, we ^ were all going direct to Heaven, we were all going ^ "
    "direct the other way": (
        "we had everything before us, / we had nothing before us, | "
        "we were all going direct to Heaven, / we were all going direct the other way"
    ),
}


@pytest.mark.parametrize("drawing", COMMAS)
def test_segments_that_end_inside_a_clause_do_not_divide_it(drawing: str) -> None:
    """Where a text has commas, they divide it, even if there are few full stops and segments end elsewhere."""
    assert drawn(in_segments(drawing)) == COMMAS[drawing]


INSIDE = [
    ("en", "he told me that we would have to wait for the ^ train until the sun came up again that morning"),
    ("en", "he told me that we would have to wait and that she ^ came to the station with all of her brothers"),
    ("en", "nobody had ever said that the old house by the sea was ^ the place that they were looking for all day"),
    ("en", "most of the people that we met had come to live in ^ old houses near the river or by the sea"),
    ("en", "some of them were tired but they went on walking because ^ rain came down on the hills again that day"),
    ("en", "in the afternoon we all went to see my old friend mr ^ smith who had a garden full of apple trees"),
    ("en", "when the others had gone we went to see Mr. ^ Smith who had a garden full of apple trees and roses"),
    ("en", "the shop down at the corner of our street sells about five ^ hundred kilos of apples in a single week"),
    ("en", "on the last day of the tour they walked for about 25 ^ kilometers without a single stop for some water"),
    ("en", "they said the meeting would take place at our office on floor ^ 5 and then everybody went back home"),
    ("en", "nobody in the town had ever heard of the great painter Vincent ^ van Gogh before he came to live there"),
    ("en", "there was not much to see in the great old city ^ of London on that cold and rainy day in May"),
    ("en", "if they had known it they would have told us that it ^ makes no difference at all to any of us"),
    ("de", "wir sind gestern alle zusammen nach Hause gegangen weil die ^ Kinder müde waren und es schon spät war"),
    ("de", "er hat uns gesagt dass wir noch etwas warten sollen und ^ dann sind wir alle zusammen nach Hause gefahren"),
    ("fr", "nous avons passé toute la journée à la maison avec ^ mes parents et mes amis parce que la pluie tombait"),
    ("es", "todos los niños de la casa fueron a jugar en el ^ jardín que estaba detrás de la iglesia del pueblo"),
    ("it", "siamo andati tutti insieme alla stazione per prendere il ^ treno che partiva alle otto di sera da Roma"),
    ("pt", "fomos todos juntos até à estação para apanhar o ^ comboio que partia às oito horas da noite de ontem"),
    ("nl", "we gingen gisteren met zijn allen naar huis omdat de ^ kinderen moe waren en het al heel laat was"),
    ("pl", "wszyscy razem poszliśmy wczoraj wieczorem do domu ale nasze dzieci nie ^ chciały jeszcze spać tej nocy"),
    ("ru", "вчера вечером мы все вместе пошли домой потому что дети не ^ хотели больше играть во дворе с друзьями"),  # noqa: RUF001
    ("sv", "vi gick alla tillsammans till stationen igår kväll för vi ^ ville ta tåget som gick klockan åtta till byn"),
]


@pytest.mark.parametrize(("language", "drawing"), INSIDE)
def test_a_border_inside_a_phrase_is_no_evidence(language: str, drawing: str) -> None:
    """After an article, a pronoun, an auxiliary, a title or a number, or before a unit, a border changes nothing."""
    with_border = in_segments(drawing, language)
    without = in_segments(drawing.replace(" ^ ", " "), language)
    assert texts(with_border) == texts(without)
    before, after = drawing.split(" ^ ")
    assert f"{before.split()[-1]} | {after.split()[0]}" not in drawn(with_border).replace("/", "|")


@pytest.mark.parametrize(
    "drawing",
    [
        "昨日は友達と一緒に新しい映画 ^ を見に行きましたとても面白かったのでもう一度見たいと思います",
        "約束したのに結局一週間たっても何の連絡 ^ もなかったので私はとても心配になりました",
        "データセン ^ ターのサーバーが停止したため多くのユーザーがログインできなくなりました",
    ],
)
def test_a_japanese_border_before_a_particle_or_in_a_word_is_no_evidence(drawing: str) -> None:
    """A particle stays with the word before it, and a word in katakana stays whole."""
    plain_text = drawing.replace(" ^ ", "")
    assert texts(in_segments(drawing, "ja", blank="")) == texts(in_segments(plain_text, "ja", blank=""))


def test_a_border_after_a_japanese_sentence_counts() -> None:
    """Without marks, a segment that ends in hiragana ends a sentence."""
    first, second = "昨日は友達と一緒に新しい映画を見に行きました", "これはとても面白かったのでもう一度見たいです"
    assert drawn(in_segments(f"{first} ^ {second}", "ja", blank="")) == f"{first} | {second}"
    assert drawn(in_segments(first + second, "ja", blank="")) != f"{first} | {second}"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("it was late and the road was long", "nobody knew where the others were"),
        ("we would all like to thank you", "we are going home now with the others"),
        ("this is everything that I know about it", "and he said that he would come back"),
        ("Wir gingen gestern alle nach Hause", "Kinder spielten noch lange auf der Straße"),
    ],
)
def test_a_border_between_clauses_without_marks_counts(first: str, second: str) -> None:
    """Where a text has no marks, the end of a segment that may end a clause ends a cue."""
    language = "de" if first.startswith("Wir") else "en"
    assert [cue.replace("\n", " ") for cue in texts(in_segments(f"{first} ^ {second}", language))] == [first, second]


def test_a_full_stop_that_is_missing_between_segments() -> None:
    """Whisper leaves out the full stop at the end of some segments: a capital function word shows the next sentence."""
    drawing = (
        "It was the age of wisdom. It was the age of foolishness ^ It was the epoch of belief. It was the winter of "
        "despair ^ We had everything before us. We had nothing before us."
    )
    assert drawn(in_segments(drawing)) == (
        "It was the age of wisdom. | It was the age of foolishness | It was the epoch of belief. | "
        "It was the winter of despair | We had everything before us. / We had nothing before us."
    )


@pytest.mark.parametrize("window_s", [8, 15, 30])
def test_windows_of_the_recording_are_no_sentences(window_s: int) -> None:
    """Segments that are windows of one length, or longer than a sentence, end anywhere and change nothing."""
    tokens = ["people", "walk", "along", "roads", "where", "many", "tall", "trees", "grow"] * 40
    words = spoken(tokens, word_ms=280, gap_ms=20)
    count = window_s * 1_000 // 300 + 1
    groups = [words[first : first + count] for first in range(0, len(words), count)]
    segments = tuple(
        Segment(" ".join(word.text for word in group), number * window_s * 1_000, (number + 1) * window_s * 1_000)
        for number, group in enumerate(groups)
    )
    text = " ".join(tokens)
    assert texts(Transcript(text, "en", None, segments, words)) == texts(Transcript(text, "en", None, (), words))


def test_a_window_that_ends_inside_a_word() -> None:
    """If the text says that a word goes on in the next segment, it stays whole, and no cue begins there."""
    text = "The members of the committee decided yesterday that the United Nations should send an observer."
    words = spoken(text.split())
    segments = (Segment("The members of the commit", 0, 1_350), Segment(text[25:], 1_350, words[-1].end_ms))
    assert texts(Transcript(text, "en", None, segments, words)) == texts(Transcript(text, "en", None, (), words))
    assert drawn(Transcript("", "en", None, segments, words)).startswith("The members of the commit / tee")
