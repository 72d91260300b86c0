"""The languages of the platform: gettext catalogues, and the choice of a language.

English texts are in the code, as message ids; `locale/<language>/LC_MESSAGES/messages.po` has the translations.
Catalogues are compiled in memory at first use, so there is no build step.
"""

import gettext
import io
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, NewType, get_args

Language = Literal["en", "ru"]
# Each is written in itself, so that its speakers find it.
LANGUAGE_NAMES: Mapping[Language, str] = {"en": "English", "ru": "Русский"}
LANGUAGES: tuple[Language, ...] = get_args(Language)
DEFAULT_LANGUAGE: Language = "en"
GUESSED_CHARACTERS = 1000
# Russian texts name tools in Latin script; a text with this share of Cyrillic characters is Russian.
CYRILLIC_SHARE = 0.25
CATALOGUES = Path(__file__).resolve().parents[2] / "locale"

Message = NewType("Message", str)


def N_(text: str) -> Message:  # noqa: N802 - the name gettext's tools look for
    """Mark `text` for translation; it is translated when it is shown."""
    return Message(text)


@cache
def catalogue(language: Language) -> gettext.NullTranslations:
    """Load the translations into `language`; English needs none."""
    if language == DEFAULT_LANGUAGE:
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with (CATALOGUES / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        messages = read_po(source, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def translate(message: Message, language: Language, **values: object) -> str:
    """Return `message` in `language`, its {placeholders} filled."""
    return catalogue(language).gettext(message).format(**values)


def translate_plural(singular: str, plural: str, language: Language, *, count: int, **values: object) -> str:
    """Return the plural form for `count`, which also fills {count}.

    Both forms have to be literals in the call, where `make messages` finds them.
    """
    return catalogue(language).ngettext(singular, plural, count).format(count=count, **values)


@lru_cache(maxsize=512)
def preferred_language(accept_language: str) -> Language:
    """Choose the best supported language for an Accept-Language header (RFC 9110, section 12.5.4)."""
    wishes = [_wish(part) for part in accept_language[:200].split(",")]
    named = {name for _, name in wishes}
    for quality, name in sorted(wishes, key=lambda wish: -wish[0]):
        for language in LANGUAGES:
            if quality > 0 and (name == language or (name == "*" and language not in named)):
                return language
    return DEFAULT_LANGUAGE


def _wish(part: str) -> tuple[float, str]:
    tag, _, parameter = part.partition(";")
    try:
        quality = float(parameter.strip().lower().removeprefix("q=") or 1)
    except ValueError:
        quality = 0.0
    return quality if 0 <= quality <= 1 else 0.0, tag.strip().lower().partition("-")[0]


def language_by_script(text: str) -> Language | None:
    """Guess the language of a text by its script; of other scripts, and of none, nothing is said."""
    alphabetic = [each for each in text[:GUESSED_CHARACTERS] if each.isalpha()]
    cyrillic = sum("\u0400" <= each <= "\u04ff" for each in alphabetic)
    latin = sum(each < "\u0250" for each in alphabetic)
    if cyrillic and cyrillic >= CYRILLIC_SHARE * len(alphabetic):
        return "ru"
    return "en" if latin > len(alphabetic) / 2 else None
