"""What is known of a person and therefore hidden: logins, addresses, names, and what they add themselves."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, field
from itertools import permutations, product

import orjson

from learning_platform.snapshots.masking.atoms import atoms
from learning_platform.snapshots.masking.transliteration import folded, skeletons

# Part of the digest: what was kept is not used after the rules of masking have changed.
RULES_VERSION = 1
# Shorter words are hidden only as a part of their name: «Ли», "de", "I.".
MIN_WORD, MIN_LOGIN_PART, MIN_CONTAINED = 3, 5, 5
MAX_NAME_WORDS = 3
# Parts of logins and of addresses that name no person.
COMMON_WORDS = """
admin author books class coder coding computer contact dark developer email engineer games github gitlab group hacker
hello learn learning login master noreply office online party peace power program programmer python school space student
study super support teacher team users world yandex
"""
COMMON = frozenset(COMMON_WORDS.split())
MAILBOXES = frozenset({"admin", "contact", "dev", "git", "github", "hello", "info", "mail", "me", "noreply", "student"})


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of one author. `names`: of people; `whole`: hidden only as they are, such as usernames of others, hosts."""

    logins: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()

    @property
    def digest(self) -> bytes:
        """Return what distinguishes these terms, and the rules of masking, from others."""
        parts = [sorted(part) for part in astuple(self)]
        return hashlib.sha256(orjson.dumps([RULES_VERSION, *parts])).digest()


@dataclass(frozen=True, slots=True)
class Keys:
    """Terms as they are looked for in prose, as skeletons.

    `whole`: sequences of atoms without what separates them; `stems`: words whose Russian endings vary; `contained`:
    words so long that they are found inside others.
    """

    whole: frozenset[str]
    stems: frozenset[str]
    contained: tuple[str, ...]
    beginnings: frozenset[str] = field(repr=False)


def keys_of(terms: Terms) -> Keys:
    """Return what is looked for in prose."""
    mailboxes = [local for local in map(_local_part, terms.emails) if folded(local) not in MAILBOXES]
    accounts = [*terms.logins, *mailboxes]
    names = [*terms.names, *terms.added]
    words = {word for name in terms.names for word in _words(name) if len(folded(word)) >= MIN_WORD}
    parts = {part for account in accounts for part in _words(account) if _is_telling(part)}
    whole = _skeletons_of([*accounts, *names, *terms.whole, *_orders(terms.names), *words, *parts])
    contained = {key for key in _skeletons_of([*accounts, *names, *words]) if len(key) >= MIN_CONTAINED}
    stems = {key.rstrip("aeiou") for key in _skeletons_of([*words, *parts, *terms.added, *accounts])}
    return Keys(
        whole=frozenset(whole),
        stems=frozenset(stem for stem in stems if len(stem) >= MIN_WORD),
        contained=tuple(sorted(contained)),
        beginnings=frozenset(key[:end] for key in whole for end in range(1, len(key) + 1)),
    )


def _local_part(email: str) -> str:
    # GitHub's addresses are a number, a plus sign and the login.
    return email.partition("@")[0].rpartition("+")[2]


def _words(name: str) -> list[str]:
    return [atom for atom in _atoms(name) if not atom.isdecimal()]


def _is_telling(part: str) -> bool:
    return len(part) >= MIN_LOGIN_PART and folded(part) not in COMMON


def _orders(names: Iterable[str]) -> Iterator[str]:
    """Yield names with their words in every order: the family name comes first or last."""
    for name in names:
        words = _words(name)
        if 1 < len(words) <= MAX_NAME_WORDS:
            yield from (" ".join(order) for order in permutations(words))


def _skeletons_of(terms: Iterable[str]) -> set[str]:
    found = {skeleton for term in terms for skeleton in _joined(_atoms(term))}
    # One character would hide every list's "a)".
    return {skeleton for skeleton in found if len(skeleton) > 1}


def _joined(parts: Sequence[str]) -> Iterator[str]:
    """Yield the skeletons of atoms written without a space: characters that meet may form another sound."""
    yield from ("".join(each) for each in product(*map(skeletons, parts)))
    yield from skeletons("".join(parts))


def _atoms(term: str) -> list[str]:
    return [term[start:end] for start, end in atoms(term)]
