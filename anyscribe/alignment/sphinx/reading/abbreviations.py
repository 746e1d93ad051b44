"""What short forms stand for: titles, signs, initials."""

from __future__ import annotations

from typing import Final

from anyscribe.alignment.sphinx.reading.readings import table_of, words_of

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

MONTH_NAMES: Final = frozenset(MONTHS) | words_of("""
Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec
""")

WITH_OR_WITHOUT_DOT: Final = table_of("""
Mr: mister
Mrs: missus / misses
Ms: miz / miss / m s
Messrs: messers
Mx: mix
Prof: professor / prof
Jr: junior
Sr: senior
Esq: esquire
vs: versus / v s
etc: et cetera / and so on
eg e.g E.g: for example / e g
ie i.e I.e: that is / i e
approx: approximately / approx
dept Dept: department
govt Govt: government
Ltd: limited / l t d
Inc: incorporated / ink
Corp: corporation / corp
Bros: brothers / bros
Blvd: boulevard
Ave: avenue / ave
Rd: road
Sq: square
Hwy: highway
Rm: room
Calif: california
Mt: mount / mountain
Ft: fort / feet
Sgt: sergeant
Lt: lieutenant
Capt: captain
Cmdr: commander
Jan: january / jan
Feb: february / feb
Apr: april
Aug: august
Sep Sept: september
Oct: october
Nov: november / nov
Dec: december / dec
Mon: monday / mon
Tue Tues: tuesday
Wed: wednesday / wed
Thu Thur Thurs: thursday
Fri: friday
w/: with
w/o: without
b/c: because
a.k.a aka: also known as / a k a
PhD Ph.D: p h d
Wi-Fi WiFi Wifi wifi wi-fi: wifi / wi fi
WWI: world war one / w w one
WWII: world war two / w w two
""")
"""Short forms that are no other word as they are written here; matched without a last dot."""

WITH_DOT: Final = table_of("""
Gen: general / gen
Rep: representative / rep
Sen: senator / sen
Gov: governor / gov
Pres: president
Rev: reverend / rev
Hon: honorable / hon
Col: colonel / col
Maj: major
Adm: admiral
Co: company / co
Univ: university
Assn: association
Mass: massachusetts / mass
Jun: june / jun
Jul: july
Mar: march / mar
Sat: saturday / sat
Sun: sunday / sun
est: established / estimated / est
max: maximum / max
min: minimum / minutes / min
misc: miscellaneous
ext: extension
tel: telephone / tel
incl: including
excl: excluding
avg: average
hr: hour
hrs: hours
mins: minutes
sec: second
secs: seconds
c ca: circa / about / c
fl: fluid
sq: square
""")
"""Short forms that are other words without their dot, or at a sentence's end."""

BEFORE_NUMBER: Final = table_of("""
no No: number / no
nos Nos: numbers / nos
fig Fig: figure / fig
figs Figs: figures
p pg: page / p
pp: pages / p p
ch Ch: chapter
vol Vol: volume / vol
sec Sec: section
art Art: article
par para: paragraph
op Op: opus / op
ex Ex: exercise
ver: version
Mar: march
""")
"""Short forms that mean this only if a number follows."""

SIGNS: Final = table_of("""
&: and
+: plus / and
=: equals / is / equal
@: at
%: percent
÷: divided by / over
±: plus or minus
≈: approximately / about
≠: is not equal to / not equal to
≤: less than or equal to
≥: greater than or equal to
<: less than / is less than
>: greater than / is greater than / more than
→: to / arrow
√: square root of / root
∞: infinity
π: pi
§: section
°: degrees
#: number / hashtag / pound
~: about / approximately
^: to the power of / to the
""")
"""Signs that are spoken if they stand between or before numbers, or alone."""

STAGE_DIRECTIONS: Final = words_of("""
applause cheering chuckles chuckling cough coughs coughing crosstalk crying gasps giggles inaudible indistinct
laugh laughing laughs laughter music noise pause shouting sighs silence singing sobs sniffs unintelligible
whispers
""")
"""Words that, alone in round brackets, are not read."""

WORDS_FROM_INITIALS: Final = words_of("""
aids ascii asean captcha covid fema fifa gif ikea imax interpol jpeg lego laser nafta nasa nasdaq nato opec
pin radar ram rom scuba sim sonar swat uefa unesco unicef osha norad nimby yolo lol zip pixar
""")
"""Initials that are said as one word."""

PLAIN_WORDS: Final = words_of("""
a all always am an and any are as at be best big but by can cannot do does don done down end even every for free
from get go good great had has have he her here him his hot how i if in is its just last let like look lot
love made make may me more most much must my need never new no not now of off oh old on one only open or our
out over please really red right said see she should so some sorry stop than that the their them then there
they this those to too two under up very wait want was way we well were what when where which why will with
won wow yes yet you your
""")
"""Words that are themselves also when written in capitals."""

ELISIONS: Final = words_of("""
'em 'til 'tis 'twas 'cause 'bout 'round 'n 'course
""")
"""Words that begin with an apostrophe."""

UNVOWELLED: Final = words_of("""
hm hmm hmmm mm mmm sh shh psst pst brr grr nth zzz pfft tsk cwm crwth
""")
"""Words without a vowel that are not spelled out."""

NUMBERED_BY_ROMANS: Final = words_of("""
Act Appendix Article Book Ch Chapter Fig Class Level Mark Part Phase Rocky Section Stage Title Type Vol Volume War
""")
"""Words after which a Roman numeral is a count: ``World War two``; after names it is an ordinal."""

REGNAL: Final = words_of("""
Albert Alexander Alfonso Catherine Charles Edward Elizabeth Ferdinand Francis Frederick George Gregory Henry
Ivan James John Leopold Louis Mary Napoleon Nicholas Otto Paul Peter Philip Pius Rama Ramesses Richard Robert
Stephen Victor Wilhelm William
""")
"""Names after which a single ``I`` may be an ordinal."""

SPELLED_DOMAINS: Final = words_of("""
ai at au be ca ch cn cz de dk es eu fi fm fr gg hk hu ie il in io ip it jp kr ly me mx nl no nz pl pt ro ru se
sg sk tv uk us xyz
""")
SPOKEN_DOMAINS: Final = words_of("""
app biz blog com dev edu gov info mil name net online org shop site store tech
""")
