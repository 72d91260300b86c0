"""Words that readers would have to learn do not come back: code, texts and documents use the terms of the trade."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
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
# A sentence that begins with "Who …" as its subject: in a docstring, a comment or a document, but not a question.
WHO_AS_SUBJECT = re.compile(r"(?:\"\"\"|#+ |// |\* |\{# |[.;:!] |^)Who(?:ever)? (?![^.\n]*\?)")
# Words of other services, with the words of docs/glossary.md.
IN_RUSSIAN = {
    r"аккаунт\w*": "учётная запись",
    r"дедлайн\w*": "срок сдачи, срок проверок",
    r"e-?mail\w*|[еи]?мейл\w*": "электронная почта, письмо",
    r"ревью\w*|рецензи\w+": "проверка",
    r"(?:за|раз)?логин\w*": "войти, имя пользователя",
    r"юзер\w*": "пользователь",
    r"сабмит\w*": "сдать решение",
    r"канцел\w*": "отменить",
    r"доска|доски|борд\w*": "панель трека",
    r"кто бы ни|кто угодно": "любой пользователь",
    r"комнат\w+|двер\w+|колокол\w+|звон\w+": "see docs/glossary.md",
    r"еще|все-таки|ее|нее": "with ё",
}
# In these places all words above are forbidden. A place is added as soon as it is clean.
CLEAN = (
    ".env.example",
    "CHANGELOG.md",
    "README.md",
    "SECURITY.md",
    "benchmarks/",
    "docs/",
    "learning_platform/",
    "tests/",
)
# Uses with another meaning, by file: the text around the word.
ALLOWED = {
    "README.md": ["not_mendable"],
    "docs/glossary.md": ["not: e-mail, letter", "small letter"],
    "learning_platform/web/pages/static/style.css": ["letter-spacing"],
    "learning_platform/web/pages/templates/admin_users.html": ["fewer letters"],
    "learning_platform/web/pages/templates/register.html": ["Latin letters"],
    "learning_platform/web/pages/templates/external_account.html": ["Latin letters"],
    "CHANGELOG.md": ["not_mendable", "too_many_letters", "LIMIT_LETTERS"],
    "learning_platform/accounts/rules.py": ["too_many_letters"],
    "learning_platform/core/settings.py": ["limit_letters"],
    "learning_platform/web/http/error_answers.py": ["Try again in a moment"],
    "learning_platform/web/http/validation.py": ["Latin letters"],
    "learning_platform/reviews/rules.py": ["not_mendable"],
    "learning_platform/core/server_check.py": ["may lack the letter"],
    "learning_platform/core/migrate.py": ["Cyrillic letters"],
    "learning_platform/core/postmaster.py": ["with one letter"],
    "tests/domain/core/test_settings.py": ["LIMIT_LETTERS"],
    "tests/domain/notifications/test_emails.py": ["Latin letters"],
    "tests/journeys/test_command_line.py": ["limit_letters"],
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


@cache
def _catalogue(language: str) -> Catalog:
    with (Path(CATALOGUES) / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        return read_po(source, locale=language)


def test_code_and_documents_use_the_terms_of_the_trade() -> None:
    problems = [problem for path in _files() for problem in _problems(path)]
    assert not problems, "\n".join(problems)


def test_no_sentence_has_who_as_its_subject() -> None:
    problems = [
        f"{path}:{number}: {line.strip()}"
        for path in _files()
        for number, line in enumerate((PROJECT / path).read_text().splitlines(), start=1)
        if WHO_AS_SUBJECT.search(line)
    ]
    assert not problems, "\n".join(problems)


def test_texts_use_the_terms_of_the_trade() -> None:
    language = next(language for language in LANGUAGES if (CATALOGUES / language).exists())
    catalogue = _catalogue(language)
    allowed = [use for uses in ALLOWED.values() for use in uses]
    problems = [
        f"“{message.id}” contains “{word}” — write: {_instead(word)}"
        for message in catalogue
        if message.id and any(location.startswith(CLEAN) for location, _ in message.locations)
        for _, word in _found(str(message.id), (*EVERYWHERE, *IN_CLEAN_PLACES), allowed=allowed)
    ]
    assert not problems, "\n".join(problems)


def test_russian_texts_use_the_words_of_the_glossary() -> None:
    texts = [message.string for message in _catalogue("ru") if message.id]
    forms = [form for text in texts for form in ([text] if isinstance(text, str) else text or ())]
    problems = [
        f"“{form}” contains “{found[0]}”" for form in forms for found in _pattern(tuple(IN_RUSSIAN)).finditer(form)
    ]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("text", ["# Who leaves keeps nothing.", '"""Who may join."""', "It ends. Who is late waits."])
def test_who_as_a_subject_is_found(text: str) -> None:
    assert WHO_AS_SUBJECT.search(text)


@pytest.mark.parametrize("text", ["# Those who leave keep nothing.", "## Who may see this?", "WHO_REVIEWED"])
def test_other_uses_of_who_are_not_found(text: str) -> None:
    assert not WHO_AS_SUBJECT.search(text)


@pytest.mark.parametrize("text", ["_doorbell", "SocketDoor", "a Letter", "It rings.", "for ever"])
def test_a_word_is_found_in_text_and_in_names(text: str) -> None:
    assert list(_found(text, tuple(IN_CLEAN_PLACES), allowed=[]))


@pytest.mark.parametrize("text", ["string", "during", "bring", "mushroom", "recommend", "doorstep", "tellers"])
def test_a_part_of_another_word_is_not_found(text: str) -> None:
    assert not list(_found(text, tuple(IN_CLEAN_PLACES), allowed=[]))


def test_every_allowed_use_exists() -> None:
    missing = [(path, use) for path, uses in ALLOWED.items() for use in uses if use not in (PROJECT / path).read_text()]
    assert missing == []
