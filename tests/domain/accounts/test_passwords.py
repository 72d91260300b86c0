"""Password hashes: OWASP's parameters, off the event loop, the same work for unknown users."""

import threading
import unicodedata
from collections.abc import Iterator

import pytest

from learning_platform.accounts.passwords import HASHER, Passwords


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    passwords = Passwords()
    yield passwords
    passwords.close()


async def test_the_right_password_is_recognised_and_no_other(passwords: Passwords) -> None:
    kept = await passwords.hash("correct horse")
    assert await passwords.is_correct("correct horse", kept)
    assert not await passwords.is_correct("Correct horse", kept)
    assert not await passwords.is_correct("", kept)


async def test_a_hash_is_argon2id_with_the_parameters_of_owasp_and_a_salt(passwords: Passwords) -> None:
    one, other = await passwords.hash("correct horse"), await passwords.hash("correct horse")
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert one != other


@pytest.mark.parametrize("password", ["пароль из слов", "🔑" * 128, "with\x00nul", " spaces "])
async def test_any_characters_make_a_password(passwords: Passwords, password: str) -> None:
    assert await passwords.is_correct(password, await passwords.hash(password))


@pytest.mark.parametrize("password", ["мой пароль", "naïve café", "Å ngström", "한글 비밀번호"])
async def test_a_password_is_the_same_whichever_way_a_keyboard_composes_its_characters(
    passwords: Passwords, password: str
) -> None:
    one, other = unicodedata.normalize("NFC", password), unicodedata.normalize("NFD", password)
    assert one != other
    assert await passwords.is_correct(other, await passwords.hash(one))
    assert await passwords.is_correct(one, await passwords.hash(other))


async def test_a_hash_from_before_passwords_were_normalised_still_works(passwords: Passwords) -> None:
    typed = unicodedata.normalize("NFD", "мой пароль")
    kept = HASHER.hash(typed)
    assert await passwords.is_correct(typed, kept)
    assert not await passwords.is_correct("мои пароль", kept)


@pytest.mark.parametrize(
    "typed", ["correct horse ", " correct horse", "correct horse\u200b", "correct\u00a0horse", "ﬁsh"]
)
async def test_a_password_is_neither_trimmed_nor_made_the_like_of_another(passwords: Passwords, typed: str) -> None:
    kept = await passwords.hash(typed)
    assert await passwords.is_correct(typed, kept)
    for other in ("correct horse", "fish"):
        assert not await passwords.is_correct(other, kept)


async def test_an_unknown_user_has_no_right_password_not_even_the_one_compared_with(passwords: Passwords) -> None:
    assert not await passwords.is_correct("anything", None)


async def test_hashing_happens_in_one_thread_that_is_not_the_loops(passwords: Passwords) -> None:
    before = set(threading.enumerate())
    await passwords.hash("a")
    await passwords.hash("b")
    assert [thread.name for thread in set(threading.enumerate()) - before] in ([], ["passwords_0"])
