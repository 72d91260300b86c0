"""Words that readers would have to learn do not come back: code, texts and documents use the terms of the trade."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from learning_platform.core.languages import CATALOGUES, LANGUAGES
from learning_platform.core.settings import PROJECT

# Each word, as a regular expression, with what to write instead.
EVERYWHERE = {
    "postm[ae]n": "mail worker",
    "speech|spoken": "formatting, format_…",
}
IN_CLEAN_PLACES = {
    "doorbells?|rings?|ringing": "notifier, notification, to notify",
    "switchboards?|surroundings": "dispatcher, middleware",
    "doors?|rooms?": "interface, package",
    "letters?": "email",
    "loans?|lend(?:s|ing)?|lent|borrow(?:s|ed|ing)?": "acquire, release",
    "mend(?:s|ed|ing|able)?": "correct, fix",
    "summon(?:s|ed|ing)?": "assign by staff",
    "whereabouts": "current assignment",
    "foresight": "preview",
    "veil": "anonymity",
    "desks?": "assigned reviews",
    "prospects?|doubts?|outlooks?": "score, probability, model",
    "moments?": "time, date and time",
    "hears?|tells?|told": "is notified, says, returns",
    "fates?": "delivery status",
    "nobody|everybody|somebody|whoever": "no user, all participants, a user, the user who",
    "anew": "again",
    "for ever": "permanently, without end",
    "at once": "immediately, at the same time",
    "of ours": "this project's, or leave it out",
    "of (?:their|its|your|one's)? ?own accord": "optional, by itself",
    "(?-i:MOST|LONGEST|SHORTEST|FEWEST)": "MAX_…, MIN_…",
    "needs you": "needs attention",
    "such an?": "this, or say which",
}
# In these places all words above are forbidden. A place is added as soon as it is clean.
CLEAN = (
    ".env.example",
    "CHANGELOG.md",
    "README.md",
    "SECURITY.md",
    "docs/",
    "learning_platform/",
)
# Uses with another meaning, by file: the text around the word.
ALLOWED = {
    "README.md": ["not_mendable"],
    "docs/glossary.md": ["not: e-mail, letter", "small letter"],
    "learning_platform/web/pages/static/style.css": ["letter-spacing"],
    "learning_platform/web/pages/templates/admin_users.html": ["fewer letters"],
    "learning_platform/web/pages/templates/register.html": ["Latin letters"],
    "CHANGELOG.md": ["not_mendable", "too_many_letters", "LIMIT_LETTERS"],
    "learning_platform/accounts/rules.py": ["too_many_letters"],
    "learning_platform/core/settings.py": ["limit_letters"],
    "learning_platform/web/http/error_answers.py": ["Try again in a moment"],
    "learning_platform/web/http/validation.py": ["Latin letters"],
    "learning_platform/reviews/rules.py": ["not_mendable"],
    "learning_platform/core/server_check.py": ["may lack the letter"],
    "learning_platform/core/migrate.py": ["Cyrillic letters"],
    "learning_platform/core/postmaster.py": ["with one letter"],
}
SUFFIXES = (".py", ".html", ".js", ".css", ".md", ".example")
# This file has to contain the words; migrations are history.
NOT_READ = ("tests/architecture/test_words.py", "migrations/", "tests/upgrade/")
# Parts of identifiers are words, too: `_doorbell`, `SocketDoor`.
INSIDE_NAMES = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


def _files() -> Iterator[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True)
    return (path for path in listed.stdout.splitlines() if path.endswith(SUFFIXES) and not path.startswith(NOT_READ))


def _instead(word: str) -> str:
    words = EVERYWHERE | IN_CLEAN_PLACES
    return next(better for pattern, better in words.items() if re.fullmatch(pattern, word, re.IGNORECASE))


def _found(text: str, words: tuple[str, ...], *, allowed: list[str]) -> Iterator[tuple[int, str]]:
    """Yield the number of each line with one of the words, and the word."""
    for number, line in enumerate(text.splitlines(), start=1):
        for use in allowed:
            line = line.replace(use, "")
        for match in _pattern(words).finditer(INSIDE_NAMES.sub(" ", line)):
            yield number, match[0]


def _problems(path: str) -> list[str]:
    words = (*EVERYWHERE, *(IN_CLEAN_PLACES if path.startswith(CLEAN) else ()))
    found = _found((PROJECT / path).read_text(), words, allowed=ALLOWED.get(path, []))
    return [f"{path}:{number}: “{word}” — write: {_instead(word)}" for number, word in found]


def test_code_and_documents_use_the_terms_of_the_trade() -> None:
    problems = [problem for path in _files() for problem in _problems(path)]
    assert not problems, "\n".join(problems)


def test_texts_use_the_terms_of_the_trade() -> None:
    language = next(language for language in LANGUAGES if (CATALOGUES / language).exists())
    with (Path(CATALOGUES) / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        catalogue = read_po(source, locale=language)
    allowed = [use for uses in ALLOWED.values() for use in uses]
    problems = [
        f"“{message.id}” contains “{word}” — write: {_instead(word)}"
        for message in catalogue
        if message.id and any(location.startswith(CLEAN) for location, _ in message.locations)
        for _, word in _found(str(message.id), (*EVERYWHERE, *IN_CLEAN_PLACES), allowed=allowed)
    ]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("text", ["_doorbell", "SocketDoor", "a Letter", "It rings.", "for ever"])
def test_a_word_is_found_in_text_and_in_names(text: str) -> None:
    assert list(_found(text, tuple(IN_CLEAN_PLACES), allowed=[]))


@pytest.mark.parametrize("text", ["string", "during", "bring", "mushroom", "recommend", "doorstep", "tellers"])
def test_a_part_of_another_word_is_not_found(text: str) -> None:
    assert not list(_found(text, tuple(IN_CLEAN_PLACES), allowed=[]))


def test_every_allowed_use_exists() -> None:
    missing = [(path, use) for path, uses in ALLOWED.items() for use in uses if use not in (PROJECT / path).read_text()]
    assert missing == []
