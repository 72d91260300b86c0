"""Words in one spelling: without case, accents and compatibility forms, and in Latin script.

A skeleton is what the usual schemes of transliteration have in common: «Щукин», Shchukin and Schukin have the same.
Skeletons are for comparison only; different words may share one.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import product

# Characters that casefold() and decomposition leave as they are. Cyrillic ones are those of languages of the region.
LATIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
PLAIN = dict(zip("абвгдезийклмнопрстуфі", "abvgdeziiklmnoprstufi", strict=True))
CYRILLIC = str.maketrans(
    PLAIN
    | {"х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ж": "zh", "ъ": "", "ы": "y", "ь": "", "э": "e"}
    | {"ю": "yu", "я": "ya", "є": "e", "ґ": "g", "ў": "u", "ђ": "dj", "ј": "j", "љ": "l", "њ": "n"}
    | {"ћ": "ch", "џ": "dzh", "ә": "a", "ғ": "g", "қ": "k", "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "һ": "h"}
)
# Scientific transliteration writes these for sounds for which other schemes use two characters.
SCIENTIFIC = {"š": "sh", "č": "ch", "ž": "zh", "ŝ": "sh", "ĉ": "ch", "â": "ya", "û": "yu", "ë": "e"}
X_IS = ("ks", "h")
# In this order: the longest spellings of a sound first, so that no part of one is taken for another.
SPELLINGS = [
    (re.compile(pattern), spelling)
    for pattern, spelling in (
        ("s+h?ch|sch|shh", "sh"),
        ("tsch|tch", "ch"),
        ("kh", "h"),
        ("ts|tz|cz", "c"),
        ("ph", "f"),
        ("ck|q", "k"),
        ("w", "v"),
        ("ae", "a"),
        ("oe", "o"),
        ("ue", "u"),
        ("[yj]", "i"),
        ("i+[eo]", "e"),
        ("ii+", "i"),
    )
]
# Soft signs, apostrophes, and characters without width.
IGNORED = re.compile("['’ʼ`´ʹʺ\u00ad\u200b-\u200f\u2060\ufeff]")
# "ИП" is no IP: so short words are compared as they are.
MAX_SHORT = 2


@lru_cache(maxsize=50_000)
def folded(word: str) -> str:
    """Return a word without case, accents, compatibility forms and invisible characters."""
    return _without_marks(_composed(word)).translate(LATIN)


@lru_cache(maxsize=50_000)
def skeletons(word: str) -> tuple[str, ...]:
    """Return the skeletons of a word: one, or several where a character has several readings."""
    plain = folded(word)
    if len(plain) <= MAX_SHORT:
        return (plain,)
    readings = {plain, _without_marks(_scientific(_composed(word))).translate(LATIN)}
    latin = {reading.translate(CYRILLIC) for reading in readings}
    return tuple(sorted({_spelled(each.replace("x", x)) for each, x in product(latin, X_IS)}))


def _composed(word: str) -> str:
    return unicodedata.normalize("NFKC", IGNORED.sub("", unicodedata.normalize("NFKC", word).casefold()))


def _without_marks(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


def _scientific(word: str) -> str:
    return "".join(SCIENTIFIC.get(character, character) for character in word)


def _spelled(latin: str) -> str:
    for pattern, spelling in SPELLINGS:
        latin = pattern.sub(spelling, latin)
    return latin
