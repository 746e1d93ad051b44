"""Guess a word's sounds from its letters, as English spelling suggests them."""

from __future__ import annotations

import functools
import re
from string import ascii_lowercase
from typing import Final, NamedTuple

_NAMES: Final = (
    "EY/B IY/S IY/D IY/IY/EH F/JH IY/EY CH/AY/JH EY/K EY/EH L/EH M/EH N/OW/P IY/K Y UW/AA R/EH S/T IY/Y UW/V IY/"
    "D AH B AH L Y UW/EH K S/W AY/Z IY"
)
LETTER_NAMES: Final = dict(zip(ascii_lowercase, _NAMES.split("/"), strict=True))
"""How each letter of the alphabet is called."""

_RULES: Final = r"""
_ aa _ AA ; _ ae l EY ; ^(mc|mac)? ae _ EH ; _ ae _ EY ; _ augh t AO ; _ augh _ AO ; _ au _ AO ; _ aw V AH W ;
_ aw _ AO ; _ air _ EH R ; _ ai $ AY ; _ ai _ EY ; _ ayer s?$ EY ER ; _ ayo _ EY OW ; _ ay _ EY ; _ ah C|$ AA ;
^ a $ EY ; _ a $ AH ; _ al k(s|e[dr]s?|ing)?$ AO ; _ alm _ AA M ; _ a ll?$ AO ; _ a l[ldt] AO ; _ a lsk AA ;
[wq]u? ar C AO R ; w a [nst] AA ; qu a _ AA ; _ a rr EH ; _ are s?$ EH R ; S ary $ EH R IY ; S ard s?$ ER D ;
S ar s?$ ER ; S ari _ EH R IY ; _ ar V EH R ; _ ar _ AA R ; _ ange r?s?$ EY N JH ; _ aste? [sdr]?$ EY S T ;
S age s?$ IH JH ; _ ation _ EY SH AH N ; _ atur e AH CH ER ; S ally $ AH L IY ; S able s?$ AH B AH L ;
S ably $ AH B L IY ; S ability $ AH B IH L AH T IY ; _ ate [sd]?$ EY T ; _ atic _ AE T IH K ;
_ acious _ EY SH AH S ; _ acy $ AH S IY ; S ac k?s?$ AE K ; _ asm _ AE Z AH M ; S al ly$ AH ;
S al ([ds]|ism|ist|ness)?$ AH L ; S ance s?$ AH N S ; S ancy $ AH N S IY ; S ant (s|ly)?$ AH N T ;
S and s?$ AH N D ; S an (s|'s)?$ AH N ; S am s?$ AH M ; S as $ AH S ; S at $ AE T ; i a n AH ;
_ a Ce(s|d|r|rs)?$ EY ; _ a Cing$ EY ; _ a ble EY ; _ a [cgt]i(a|o|ou)[nls] EY ; ^ a (CC?V.*V) AH ;
_ a C?i[aeo] EY ; _ a ([sz])?k[iy]$ AA ; _ a Co$ AA ; _ a C[aiou]s?$ AA ; _ a Ci[cdnst] AE ; S a CV AH ;
_ a _ AE ;
m b (s|ed|ing|er)?$ _ ; _ bb _ B ; _ b t$ _ ; _ b _ B ;
^ cz _ CH ; _ cz _ CH ; _ cqu _ K W ; _ ck _ K ; _ cc E K S ; _ cch _ K ; _ cc _ K ; _ chm _ K M ; _ ch [rl] K ;
^ ch (or|oi[rc]|aos|em|ara[ck]) K ; ar ch [ai] K ; _ chs _ K S ; S chi a? K IY ; ps[yi] ch _ K ; te ch _ K ;
_ ch _ CH ; _ ci [aou] SH ; _ c s$ K ; s c E _ ; _ c E S ; _ c _ K ;
_ dg E JH ; _ dd _ D ; _ dj _ JH ; _ dt $ T ; _ d _ D ;
_ eau _ OW ; _ ea u IY ; _ ear C ER ; _ ear _ IH R ; _ ea (d|th|v[ey]|sure|lth|nt|lm) EH ;
^(cr|r|br|cl) ea t[ei] IY ; _ ea $ IY AH ; _ ea _ IY ; _ eer _ IH R ; _ ee _ IY ; ^ eigh t EY ; h eigh t AY ;
_ eigh _ EY ; _ eich _ AY K ; c ei _ IY ; _ ei r EH ; _ ei [lnst] AY ; _ ei _ AY ; _ ey $ IY ; _ ey s$ IY ;
_ ey e AY ; _ ey _ EY ; _ eu r Y UH ; _ eu _ UW ; [lrjs]|ch ew _ UW ; ^st ew _ UW ; _ ew _ Y UW ; _ eo u IY ;
l eo n IY AH ; ^g eo r AO ; _ eo _ IY AH ; _ err _ EH R ; ^(th|w)? ere $ EH R ; _ ere s?$ IH R ;
_ eri [aou] IH R IY ; _ ery $ ER IY ; _ er V EH R ; _ er _ ER ; S el (s|ed|ing|ly)?$ AH L ; S ell [aoi] EH L ;
S elle $ EH L ; S en (s|ed|ing)?$ AH N ; S ence s?$ AH N S ; S ency $ AH N S IY ; S ent (s|ly|ed)?$ AH N T ;
S ents ch EH N T ; S em s?$ AH M ; S et (s|ed|ing)?$ AH T ; S ess (es|ly|ness)?$ AH S ; S ety $ AH T IY ;
S es t AH S ; S enne $ EH N ; S ett e?s?$ EH T ; S ene $ IY N ; S(s|z|x|ch|sh|c|g|ss) es $ IH Z ;
[aeiouy] es $ Z ; ^C+ e s?$ IY ; C es $ Z ; C e $ _ ; [td] ed $ IH D ; S?[pkfsxc]|sh|ch ed $ T ; C ed $ D ;
C e (ly|ness|less|ful|ment)s?$ _ ; ^ en C EH N ; ^ ex V IH G Z ; ^ ex _ IH K S ; ^(r|d|pr|b) e CVC IH ;
_ e Ce$ IY ; _ e Ci[aou] IY ; _ e C[ou]s?$ EH ; _ e [ai][cln]? IY ; _ e u[ms] IY ; C e Ci[cdt] EH ; S e CV AH ;
_ e C[aou]$ EH ; _ e _ EH ;
_ ff _ F ; _ f _ F ;
_ ggi [aeo] JH ; _ gg E G ; _ gg _ G ; _ gh V G ; ^ gh _ G ; i gh _ _ ; _ gh _ _ ; ^ gn _ N ;
_ gn (s|ed|ing|er|ment)?s?$ N ; _ gn _ G N ; _ gli [aeo] L IY ; ^ g (e[eat]|i[lrvb]) G ; r g $ G ; _ gu [ei] G ;
_ gue s?$ G ; _ gi o JH IY ; _ g ([eiy])r?(s|mann?)?$ JH ; ber g e G ; n g er G ; _ g E JH ; _ g _ G ;
[aeiou] h C|$ _ ; x h _ _ ; _ h _ HH ;
_ igh _ AY ; _ ign (s|ed|ing|er|ment)?s?$ AY N ; _ ind (s|er|ing|ed)?s?$ AY N D ; _ ild $ AY L D ; _ ie [ld] IY ;
^C+ ie [sd]?$ AY ; _ ies $ IY Z ; _ ied $ IY D ; _ ie r IH ; _ ier s?$ IY ER ; _ iest $ IY AH S T ; _ iew _ Y UW ;
_ ie t AY AH ; _ ie n[ct] Y AH ; _ ie _ IY ; _ ique s?$ IY K ; _ ir [eo] AY R ; _ ir V IH R ; _ irr _ IH R ;
_ ir _ ER ; ^C* i Ve?[a-z]{1,3}$ AY ; _ i o[nu] IY ; _ i $ IY ; _ i [aou] IY ; _ ine s?$ IY N ; S ite s?$ AY T ;
S ive (s|ly|ness)?$ IH V ; S ice s?$ IH S ; S ity $ AH T IY ; S ities $ AH T IY Z ; S il $ AH L ;
S ify $ AH F AY ; S ism s?$ IH Z AH M ; S is e AY ; S iz [ei] AY ; S ib l AH ; S im $ IH M ;
_ i Ce(s|d|r|rs)?$ AY ; ^C+ i [nl]ing IH ; _ i gn IY ; C i C[ao]s?$ IY ; C i n[aou] IY ;
^[cdfhlmprstv] i n?[dlm]er AY ; ^(b|tr|m)$ i C[a-z]{3} AY ; S i [tf][aeiou] AH ; _ i _ IH ;
_ j ski Y ; [aeio] j [cnks] Y ; _ j _ JH ;
^ kn _ N ; _ kh _ K ; _ kk _ K ; _ k _ K ;
_ ll _ L ; C le s?$ AH L ; C le d$ AH L ; ou l d _ ; a l [fv]e?s?$ _ ; _ l _ L ;
^ mc [^kcghq] M AH K ; ^ mck _ M AH K ; ^ mc _ M AH ; ^ mn _ N ; _ mm _ M ; _ mn $ M ; s m s?$ AH M ; _ m _ M ;
^ ng u NG ; _ ngth _ NG K TH ; _ ng (le|er?$|ers$|u|r|l|a|o) NG G ; _ ng E N JH ; _ ng _ NG ; _ nk _ NG K ;
_ nx _ NG K S ; _ nq _ NG K ; _ n c[^eihys] NG ; _ nn _ N ; _ n _ N ;
_ oa r AO ; _ oa _ OW ; _ oo k UH ; _ oo r AO ; w oo d UH ; g oo d UH ; st oo d UH ; _ oo _ UW ; _ oeu _ UW ;
_ oe s?$ OW ; _ oe h OW ; _ oe _ OW ; _ oh _ OW ; _ oi _ OY ; _ oy _ OY ; c ough _ AO F ; _ ought _ AO T ;
_ ough _ OW ; _ our [nt] ER ; _ our s?$ AO R ; _ our _ AO R ; _ oux $ UW ; S ous (ly|ness)?$ AH S ; _ oul d UH ;
_ ou [pv]|ch?e|ss?$|[lj] UW ; ^[ty] ou _ UW ; _ ou _ AW ; _ ow n$ OW N ; S ow (s|ed|ing)?$ OW ;
^(bl|cr|fl|gr|gl|kn|l|r|m|sh|sl|sn|t|th) ow $ OW ; _ owsk _ AO F S K ; _ owicz _ OW V IH CH ; _ ow a OW ;
_ ow _ AW ; w or [dklmst] ER ; S or s?$ ER ; S ory $ ER IY ; _ or _ AO R ; _ ogue s?$ AO G ; _ ol d|k OW L ;
_ oll s?$ OW L ; _ ology _ AA L AH JH IY ; S on (s|'s|ed)?$ AH N ; S ond $ AH N D ; S om s?$ AH M ; S ot $ AH T ;
S ock s?$ AH K ; S op $ AH P ; S ol $ AO L ; S os $ OW S ; _ ost s?$ OW S T ; _ o s?$ OW ; _ os [ei]$ OW S ;
^C* o CV OW ; _ o Ce(s|d|r|rs)?$ OW ; _ o C[aoi]s?$ OW ; _ o Ci[aou] OW ; _ o [bcdglmnprtv]y$ OW ; _ o C+ic AA ;
S o Ci[a-z]{2} AA ; S o C[aeou] AH ; ^c o [mn][bcdfgmnpqstv]?V?.*V AH ; ^ o [bcf][bcf]V.*V AH ;
_ o [sgf][sfgt] AO ; _ o ng AO ; _ o e OW ; _ o a OW ; _ o _ AA ;
^ pf _ F ; ^ ps _ S ; ^ pn _ N ; ^ pt _ T ; _ ph _ F ; _ pp _ P ; _ p _ P ;
_ que s?$ K ; _ quer $ K ER ; ^ qu [ei]$ K ; _ qu V K W ; _ qu _ K UW ; _ q _ K ;
^ rh _ R ; _ rr _ R ; _ rh _ R ; _ r _ R ;
_ schw _ SH W ; _ sch _ SH ; _ sc E S ; _ shire $ SH ER ; _ sh _ SH ; _ ssion _ SH AH N ; _ ssur _ SH ER ;
V sion _ ZH AH N ; C sion _ SH AH N ; V sure _ ZH ER ; _ ss _ S ; _ stle s?$ S AH L ; _ sten _ S AH N ;
^ sz _ SH ; _ sz _ SH ; [bdglmnrvw] s $ Z ; S[aeiouy]y? s $ Z ; _ sm s?$ Z AH M ; V s e[sdr]?s?$ Z ; V s ing$ Z ;
e s $ Z ; [aeio] s [aeiouy] S ; _ s _ S ;
_ tch _ CH ; _ th (m|om[ap]|ai) T ; _ th er$ DH ; _ th ing$ DH ; _ th _ TH ; _ tian _ SH AH N ; s tion _ CH AH N ;
_ tion _ SH AH N ; _ tia _ SH AH ; _ tie n SH ; _ tious _ SH AH S ; _ ts ch T S ; _ tzsch _ CH ; _ tsch _ CH ;
_ tz _ T S ; _ tt _ T ; _ tu (al|a|re?|ous) CH UW ; s t [l]e$ _ ; _ t _ T ;
_ ur r ER ; _ ure s?$ Y ER ; _ ur V Y UH R ; _ ur _ ER ; g u [aei] W ; q u _ W ; _ ui [lt] UW ; ^C+ uy _ AY ;
_ uy _ AY ; _ ue s?$ UW ; _ ue _ UW ; [bp] u ll|sh UH ; S um s?$ AH M ; S us (es)?$ AH S ; S un $ AH N ;
S ul $ AH L ; S ut $ AH T ; _ u l[aoe] Y AH ; [rljsx]|ch|sh u CV UW ; ^ u n[aiou]..? Y UW ; ^un u _ Y UW ;
^ u [st][aeiu] Y UW ; [cmfhbpg] u C[eiou] Y UW ; _ u CV UW ; _ u $ UW ; _ u [ao] UW AH ; _ u CC?r?V AH ;
_ u _ AH ;
_ vv _ V ; _ v _ V ;
^ wr _ R ; _ wh o[^r] HH ; _ wh _ W ; [aeo] w $ _ ; _ w (s?k[iy]|icz) F ; _ w V W ; _ w h W ; _ w _ _ ;
^ xi [aou] SH IY ; ^ x _ Z ; au x $ _ ; _ x i[aou] K SH ; _ xc E K S ; _ xx _ K S ; _ x _ K S ;
^ y V Y ; ^ y C IH ; V y V Y ; ^C+ y $ AY ; [fp]l|pp?l y $ AY ; _ y $ IY ; _ y s$ IY ; ^C+ y Ce AY ; _ yr _ IH R ;
_ y [ao] Y ; _ y C[ei] AY ; _ y _ IH ;
_ zz [aeiou] T S ; _ zz _ Z ; _ zh _ ZH ; ^ z ski S ; t z _ _ ; _ z _ Z ;
_ ' _ _ ;
"""
"""Tried in order: what stands before, the letters that are read, what stands after, their sounds; ``_`` is nothing.

In the contexts ``V`` is a vowel letter, ``C`` a consonant, ``E`` a letter that softens c and g, ``S`` the end of an
earlier syllable.
"""

_VOWEL_LETTERS: Final = frozenset("aeiouy")
_CLASSES: Final = {
    "V": "[aeiouy]",
    "C": "[bcdfghjklmnpqrstvwxz]",
    "E": "[eiy]",
    "S": "[aeiouy].*[bcdfghjklmnpqrstvwxz]",
}


class _LetterRule(NamedTuple):
    """How some letters sound between others."""

    before: re.Pattern[str]
    letters: str
    after: re.Pattern[str]
    phones: tuple[str, ...]


def _compiled(context: str, form: str) -> re.Pattern[str]:
    return re.compile(form.format(re.sub("[A-Z]", lambda match: _CLASSES[match[0]], context.strip())))


@functools.cache
def _rules() -> dict[str, list[_LetterRule]]:
    rules: dict[str, list[_LetterRule]] = {}
    for rule in _RULES.replace("\n", " ").removesuffix("; ").split(" ; "):
        before, letters, after, *phones = ("" if field == "_" else field for field in rule.split())
        rules.setdefault(letters[0], []).append(
            _LetterRule(_compiled(before, "(?:{})$"), letters, _compiled(after, "(?:{})"), tuple(filter(None, phones)))
        )
    return rules


def sounds(word: str) -> tuple[str, ...]:
    """Guess the phones of a word from its letters.

    Args:
        word: In lower case; letters outside a to z and apostrophes are left out.

    Returns:
        At least one phone.
    """
    letters = "".join(letter for letter in word if letter.isascii() and (letter.isalpha() or letter == "'"))
    phones: list[str] = []
    at = 0
    while at < len(letters):
        rule = next(
            rule
            for rule in _rules()[letters[at]]
            if letters.startswith(rule.letters, at)
            and rule.after.match(letters, at + len(rule.letters))
            and rule.before.search(letters, 0, at)
        )
        phones += rule.phones
        at += len(rule.letters)
    if not phones or (set(letters) & _VOWEL_LETTERS and not any(phone[0] in "AEIOU" for phone in phones)):
        # A silent e at the end of a word that has no other vowel is not silent.
        phones.append("AH")
    return tuple(phones)
