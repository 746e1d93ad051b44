"""What stands beside numbers: units, currencies, magnitudes."""

from __future__ import annotations

from typing import Final

from anyscribe.alignment.sphinx.reading.readings import table_of, words_of

UNITS: Final = table_of("""
km: kilometer / kilometers / k / k m
m: meter / meters / million / m
cm: centimeter / centimeters / c m
mm: millimeter / millimeters / mil / m m
nm: nanometer / nanometers
µm μm: micrometer / micrometers / microns
mi: mile / miles
ft: foot / feet / f t
in: inch / inches / in
yr yrs: year / years
tsp: teaspoon / teaspoons
tbsp: tablespoon / tablespoons
yd yds: yard / yards
ha: hectare / hectares
ac: acre / acres
m²: square meter / square meters / meters squared
km²: square kilometer / square kilometers / kilometers squared
m³: cubic meter / cubic meters / meters cubed
ft²: square foot / square feet
sqm: square meter / square meters
kg: kilogram / kilograms / kilos / k g
g: gram / grams / g
mg: milligram / milligrams
µg μg mcg: microgram / micrograms
t: ton / tons / t
lb lbs: pound / pounds
oz: ounce / ounces
l L: liter / liters / l
ml mL: milliliter / milliliters / mils / m l
cl: centiliter / centiliters
h: hour / hours / h
hr hrs: hour / hours
min mins: minute / minutes
s: second / seconds / s
sec secs: second / seconds
ms: millisecond / milliseconds
mph: mile per hour / miles per hour / miles an hour / m p h
km/h kmh kph: kilometer per hour / kilometers per hour / kilometers an hour / k p h
m/s: meter per second / meters per second
rpm: r p m / revolutions per minute / r p m
bpm: b p m / beats per minute / b p m
wpm: word per minute / words per minute / w p m
fps: f p s / frames per second / f p s
ppm: part per million / parts per million / p p m
Hz: hertz / hertz
kHz: kilohertz / kilohertz
MHz: megahertz / megahertz
GHz: gigahertz / gigahertz
KB kB: kilobyte / kilobytes / k b
MB: megabyte / megabytes / megs / m b
GB: gigabyte / gigabytes / gigs / g b
TB: terabyte / terabytes / t b
Kbps kbps kbit/s: kilobit per second / kilobits per second
Mbps Mbit/s: megabit per second / megabits per second / megabits
Gbps Gbit/s: gigabit per second / gigabits per second / gigabits
MiB: mebibyte / mebibytes
GiB: gibibyte / gibibytes
W: watt / watts
kW: kilowatt / kilowatts
MW: megawatt / megawatts
GW: gigawatt / gigawatts
kWh: kilowatt hour / kilowatt hours
V: volt / volts
mA: milliamp / milliamps
mAh: milliamp hour / milliamp hours
dB: decibel / decibels / d b
kcal: kilocalorie / kilocalories / calories
cal: calorie / calories
px: pixel / pixels
° deg: degree / degrees
°C ℃: degree celsius / degrees celsius / degrees / degrees c / c
°F ℉: degree fahrenheit / degrees fahrenheit / degrees / degrees f / f
C: degree celsius / degrees celsius / degrees / c
F: degree fahrenheit / degrees fahrenheit / degrees / f
K: thousand / thousand / k / kelvin
¢: cent / cents
%: percent / percent
‰: per thousand / per thousand / per mille
k: thousand / thousand / k
bn: billion / billion / b n
tn trn: trillion / trillion
M mn: million / million / m
B: billion / billion / b
x: times / times / x / by
p: p / pence / p
": inch / inches
""")
"""Of one thing, of several, then other ways."""

SINGLE_THINGS: Final = frozenset({"1", "a", "an", "one", "per", "each"})
"""Words after which a unit is said of one thing."""

UNMISTAKABLE: Final = frozenset(
    unit for unit in UNITS if not unit.isascii() or (len(unit) > 1 and not set(unit.lower()) & set("aeiouy"))
) - {"mm", "ms", "mn", "hr", "%"}
"""Units wherever they stand: nothing else is written so."""

NOT_ALONE: Final = words_of("""
C F K M B V W h k t p x s l L m g in ac c ° "
""")
"""Units that may be something else if a space stands before them."""

CURRENCIES: Final = {
    sign: (one, many, cent, cents)
    for signs, one, many, cent, cents in (
        ("$", "dollar", "dollars", "cent", "cents"),
        ("£ GBP", "pound", "pounds", "penny", "pence"),
        ("€ EUR", "euro", "euros", "cent", "cents"),
        ("¥ JPY", "yen", "yen", "sen", "sen"),
        ("₹ INR Rs", "rupee", "rupees", "paisa", "paise"),
        ("₩ KRW", "won", "won", "jeon", "jeon"),
        ("₽ RUB", "ruble", "rubles", "kopek", "kopeks"),
        ("₺ TRY", "lira", "lira", "kurus", "kurus"),
        ("₴ UAH", "hryvnia", "hryvnia", "kopek", "kopeks"),
        ("₪ ILS", "shekel", "shekels", "agora", "agorot"),
        ("₿ BTC", "bitcoin", "bitcoin", "cent", "cents"),
        ("CHF", "swiss franc", "swiss francs", "cent", "cents"),
        ("CNY RMB", "yuan", "yuan", "fen", "fen"),
        ("USD US$", "u s dollar", "u s dollars", "cent", "cents"),
        ("CAD C$ CA$", "canadian dollar", "canadian dollars", "cent", "cents"),
        ("AUD A$ AU$", "australian dollar", "australian dollars", "cent", "cents"),
        ("NZ$ NZD", "new zealand dollar", "new zealand dollars", "cent", "cents"),
        ("HK$ HKD", "hong kong dollar", "hong kong dollars", "cent", "cents"),
        ("S$ SGD", "singapore dollar", "singapore dollars", "cent", "cents"),
        ("R$ BRL", "real", "reais", "centavo", "centavos"),
    )
    for sign in signs.split()
}
"""One, several; the hundredth part, several of it."""

MAGNITUDES: Final = {
    "hundred": "hundred", "k": "thousand", "K": "thousand", "thousand": "thousand",
    "m": "million", "M": "million", "mn": "million", "mln": "million", "million": "million",
    "b": "billion", "B": "billion", "bn": "billion", "bln": "billion", "billion": "billion",
    "t": "trillion", "T": "trillion", "tn": "trillion", "trn": "trillion", "trillion": "trillion",
}  # fmt: skip
"""What may stand between a number and a currency."""
