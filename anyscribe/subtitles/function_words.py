"""The function words of some languages, which decide where a line may end or begin.

The lists hold the frequent words, and of words with several uses the use that matters most to a reader. For other
languages, punctuation, capitals and the length of words must suffice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class FunctionWords:
    """The function words of a language, in lower case, in lists separated by spaces.

    Args:
        determiners: Articles, possessives and similar words, which belong to the next noun.
        prepositions: Prepositions, which belong to the next phrase; a line may begin with one.
        conjunctions: Conjunctions and words that begin a clause, which belong to what follows; the best start of a
            line.
        auxiliaries: Verbs followed by another verb or a complement.
        pronouns: Pronouns that are only subjects: they belong to the next verb, and mostly begin a clause.
        weak_pronouns: Pronouns that may also be an object, or follow their verb, as in German and Dutch.
        negations: Negations, which belong to the next word.
        numerals: Numbers in words, which belong to the counted noun.
        particles: Words inside names (``van``) that have no other frequent use.
        close_prepositions: Prepositions that also belong to the previous noun (``of``).
        nouns_are_capital: Whether the language capitalises nouns, so that capitals are weak evidence of names.
    """

    determiners: str = ""
    prepositions: str = ""
    conjunctions: str = ""
    auxiliaries: str = ""
    pronouns: str = ""
    weak_pronouns: str = ""
    negations: str = ""
    numerals: str = ""
    particles: str = ""
    close_prepositions: str = ""
    nouns_are_capital: bool = False


TITLES: Final = (
    "mr mrs ms mx dr prof st sr jr rev hon gen col capt lt sgt gov sen rep pres mme mlle hr fr dra sra srta dott sig vs"
)
"""Titles and similar words, whose full stop does not end a sentence before a name."""

NUMBERED: Final = "no nr num art fig vol ch pp p"
"""Words whose full stop does not end a sentence before a number."""

ABBREVIATIONS: Final = "etc inc ltd co corp bros dept est approx usw bzw ca ggf inkl evtl sog ecc enz"
"""Other words whose full stop may or may not end a sentence."""

_ENGLISH = FunctionWords(
    determiners="a an the my your his its our their this these those every each no some any another whose mr mrs ms dr",
    prepositions="of in on at by for with from to into onto about over under between among through during without "
    "within against toward towards across behind beyond near around above below beside besides despite except inside "
    "outside upon via per along amid",
    conjunctions="and but or nor so yet because although though while whereas if unless when whenever where wherever "
    "that which who whom whether since until till before after as than what how why",
    auxiliaries="am is are was were be been being have has had do does did will would shall should can could may might "
    "must ain't aren't can't couldn't didn't doesn't don't hadn't hasn't haven't isn't mustn't shouldn't wasn't "
    "weren't won't wouldn't cannot i'm you're he's she's it's we're they're there's that's who's what's i've you've "
    "we've they've i'll you'll he'll she'll it'll we'll they'll i'd you'd he'd she'd we'd they'd gonna gotta let's",
    pronouns="i he she we they",
    weak_pronouns="you it there",
    negations="not never hardly very too",
    numerals="one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million "
    "billion half dozen",
    particles="van von de da di del della der den la le al bin ben",
    close_prepositions="of",
)
_GERMAN = FunctionWords(
    determiners="der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner mein meine "
    "meinen meinem meiner dein deine deinen sein seine seinen seinem seiner ihr ihre ihren ihrem ihrer unser unsere "
    "unseren unserem unserer euer eure dieser diese dieses diesen diesem jeder jede jedes jeden jedem welche herr "
    "herrn frau",
    prepositions="in im ins an am ans auf aus bei beim mit nach von vom zu zum zur für durch gegen ohne um unter "
    "über vor hinter neben zwischen seit während wegen trotz ab per laut",
    conjunctions="und oder aber denn sondern weil dass da wenn als ob obwohl damit sodass bevor nachdem bis indem "
    "falls sobald solange wo wie warum",
    auxiliaries="bin bist ist sind seid war waren habe hast hat haben hatte hatten werde wirst wird werden wurde "
    "wurden kann können konnte muss müssen musste soll sollen sollte will wollen wollte darf dürfen",
    weak_pronouns="ich du er wir man es sie mich dich sich uns euch",
    negations="nicht nie sehr zu",
    numerals="zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig hundert tausend million "
    "millionen milliarden halb",
    nouns_are_capital=True,
)
_FRENCH = FunctionWords(
    determiners="le la les un une du des mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs ce cet cette "
    "ces chaque quelques plusieurs aucun aucune tout toute tous toutes",
    prepositions="à au aux de en dans par pour sur sous avec sans chez vers entre contre depuis pendant avant "
    "après devant derrière jusque jusqu'à dès malgré selon",
    conjunctions="et ou mais donc or ni car que qui quand lorsque si comme parce puisque quoique dont où "
    "afin pourquoi comment",
    auxiliaries="suis es est sommes êtes sont étais était étaient sera seront serait ai as a avons "
    "avez ont avais avait avaient aura va vais vas vont peux peut peuvent doit dois doivent veux veut faut c'est j'ai "
    "n'est n'a n'ai s'est",
    pronouns="je tu il ils on",
    weak_pronouns="elle elles nous vous me te se y lui",
    negations="ne pas plus très trop jamais",
    numerals="deux trois quatre cinq six sept huit neuf dix onze douze vingt trente quarante cinquante cent mille "
    "million millions milliards",
    close_prepositions="de du des",
)
_SPANISH = FunctionWords(
    determiners="el la los las un una unos unas mi mis tu tus su sus nuestro nuestra nuestros nuestras este esta estos "
    "estas ese esa esos esas aquel aquella cada algunos algún ningún todo toda todos todas",
    prepositions="a al ante bajo con contra de del desde en entre hacia hasta para por según sin sobre tras durante",
    conjunctions="y e o u ni pero sino que si porque cuando donde como aunque mientras pues quien cual cuyo",
    auxiliaries="soy eres es somos son era eran fue fueron estoy estás está estamos están estaba he has "
    "ha hemos han había hay voy vas va vamos van puedo puede pueden debe deben quiero quiere",
    pronouns="yo tú",
    weak_pronouns="él ella nosotros ellos ellas usted ustedes me te se le les nos lo",
    negations="no nunca muy",
    numerals="dos tres cuatro cinco seis siete ocho nueve diez once doce veinte treinta cien mil millón millones",
    close_prepositions="de del",
)
_ITALIAN = FunctionWords(
    determiners="il lo la i gli le un uno una mio mia miei mie tuo tua suo sua suoi sue nostro nostra vostro loro "
    "questo questa questi queste quel quella quei quelle ogni qualche alcuni tutti tutte",
    prepositions="di a da in con su per tra fra del dello della dei degli delle al allo alla ai agli alle dal dalla "
    "dai dalle nel nello nella nei negli nelle sul sulla sui sulle senza verso durante dopo prima contro sotto sopra",
    conjunctions="e ed o ma però perché che chi cui quando dove come se mentre quindi anche sebbene",
    auxiliaries="sono sei è siamo siete era erano sarà ho hai ha abbiamo avete hanno aveva avevano può "
    "possono deve devono vuole voglio sta stanno c'è",
    pronouns="io tu",
    weak_pronouns="lui lei noi voi mi ti si ci vi lo ne",
    negations="non molto",
    numerals="due tre quattro cinque sei sette otto nove dieci venti trenta cento mille mila milioni miliardi",
    close_prepositions="di del dello della dei degli delle",
)
_PORTUGUESE = FunctionWords(
    determiners="o a os as um uma uns umas meu minha meus minhas teu tua seu sua seus suas nosso nossa este esta estes "
    "estas esse essa esses essas aquele aquela cada todo toda todos todas",
    prepositions="de do da dos das em no na nos nas por pelo pela para com sem sobre entre até desde contra sob "
    "ao aos à às num numa durante",
    conjunctions="e ou mas que se porque quando onde como embora enquanto pois quem",
    auxiliaries="sou é somos são era eram foi foram estou está estamos estão estava tenho tem "
    "têm tinha vou vai vamos vão pode podem deve devem quer há",
    pronouns="eu tu",
    weak_pronouns="ele ela nós eles elas você vocês me te se lhe",
    negations="não nunca muito",
    numerals="dois duas três quatro cinco seis sete oito nove dez vinte trinta cem mil milhão milhões",
    close_prepositions="de do da dos das",
)
_DUTCH = FunctionWords(
    determiners="de het een mijn jouw zijn haar ons onze hun deze dit die elke elk ieder iedere geen",
    prepositions="van in op aan met voor door bij naar uit over onder tegen tussen zonder sinds tijdens volgens om tot "
    "te",
    conjunctions="en of maar want dus omdat dat als wanneer toen terwijl hoewel zodat wie wat waar hoe dan",
    auxiliaries="ben bent is was waren heb hebt heeft hebben had hadden word wordt worden werd zal zullen zou kan "
    "kunnen kon moet moeten mag wil willen ga gaat gaan",
    weak_pronouns="ik jij je hij ze wij we zij jullie het er zich",
    negations="niet nooit heel zeer",
    numerals="twee drie vier vijf zes zeven acht negen tien twintig honderd duizend miljoen miljard",
    particles="der den ten",
    close_prepositions="van",
)
_POLISH = FunctionWords(
    determiners="ten ta to te ci mój moja moje twój jego jej nasz nasza ich każdy każda każde",
    prepositions="w we z ze na do od po przy za o u pod nad przed przez dla bez między ku podczas obok",
    conjunctions="i a oraz ale lecz albo lub czy że żeby aby bo ponieważ gdy kiedy jeśli choć "
    "który która które którzy gdzie jak więc",
    auxiliaries="jest są był była było byli były będzie będą może musi",
    pronouns="ja ty on ona my wy oni one",
    weak_pronouns="się ono",
    negations="nie bardzo",
    numerals="dwa dwie trzy cztery pięć sześć siedem osiem dziewięć dziesięć sto tysiąc tysięcy milion milionów",
)
# Some Russian single-letter words look like Latin letters.
_RUSSIAN = FunctionWords(
    determiners="этот эта эти тот мой моя твой его её их наш ваш каждый",  # noqa: RUF001
    prepositions="в во на с со к ко из от до по за под над при о об у для без через между перед",  # noqa: RUF001
    conjunctions="и а но или что чтобы потому когда если где как который которая которые хотя пока",  # noqa: RUF001
    auxiliaries="был была было были будет будут может",
    pronouns="я ты он она мы вы они",
    negations="не ни очень",
    numerals="два две три четыре пять шесть семь восемь девять десять сто тысяч",
)

NO_FUNCTION_WORDS: Final = FunctionWords()
_LANGUAGES: Final = {
    "en": _ENGLISH,
    "de": _GERMAN,
    "fr": _FRENCH,
    "es": _SPANISH,
    "it": _ITALIAN,
    "pt": _PORTUGUESE,
    "nl": _DUTCH,
    "pl": _POLISH,
    "ru": _RUSSIAN,
}
_CODES: Final = {
    "english": "en",
    "german": "de",
    "french": "fr",
    "spanish": "es",
    "castilian": "es",
    "italian": "it",
    "portuguese": "pt",
    "dutch": "nl",
    "flemish": "nl",
    "polish": "pl",
    "russian": "ru",
}
# A text's language is detected from its first words, if more than this share are function words of that language.
_WORDS_TO_SEE = 2_000
_LEAST_SHARE = 0.15


def function_words_of(language: str | None, words: Iterable[str]) -> FunctionWords:
    """Return the function words of a language.

    Args:
        language: A code (``en``, ``pt-BR``) or an English name; None if unknown: then it is detected from the words.
        words: The text's words.

    Returns:
        The language's function words; `NO_FUNCTION_WORDS` if the language is not supported or not detected.
    """
    if language:
        code = language.lower().replace("_", "-").partition("-")[0]
        return _LANGUAGES.get(_CODES.get(code, code), NO_FUNCTION_WORDS)
    seen = [word.lower() for word, _ in zip(words, range(_WORDS_TO_SEE), strict=False)]
    counts = {code: sum(map(_small_words(code).__contains__, seen)) for code in _LANGUAGES}
    best = max(counts, key=counts.__getitem__)
    return _LANGUAGES[best] if counts[best] > _LEAST_SHARE * len(seen) else NO_FUNCTION_WORDS


@cache
def _small_words(code: str) -> frozenset[str]:
    grammar = _LANGUAGES[code]
    lists = (
        grammar.determiners,
        grammar.prepositions,
        grammar.conjunctions,
        grammar.auxiliaries,
        grammar.pronouns,
        grammar.weak_pronouns,
    )
    return frozenset(word for words in lists for word in words.split())
