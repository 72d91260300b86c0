"""Access tokens: ours alone, unchanged, and for as long as they say. No database."""

from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest

from learning_platform.accounts.rules import BadToken
from learning_platform.accounts.tokens import AUDIENCE, ISSUER, AccessTokens, hash_of, new_refresh_token

KEY = "a secret of the tests, 32 characters"
LIFETIME = timedelta(minutes=30)


@pytest.fixture
def tokens() -> AccessTokens:
    return AccessTokens(KEY, LIFETIME)


def claims(now: datetime, **others: Any) -> dict[str, Any]:
    """Return the claims of a good token, with some changed; None leaves one out."""
    every = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "7",
        "sid": 3,
        "role": "user",
        "iat": now,
        "exp": now + LIFETIME,
        **others,
    }
    return {name: value for name, value in every.items() if value is not None}


def test_a_token_names_the_user_the_role_and_the_session(tokens: AccessTokens, now: datetime) -> None:
    token = tokens.issue(user_id=7, session_id=3, role="author", now=now)
    identity = tokens.read(token, now)
    assert (identity.user_id, identity.session_id, identity.role) == (7, 3, "author")
    assert not identity.is_admin
    assert tokens.read(tokens.issue(user_id=7, session_id=3, role="admin", now=now), now).is_admin


def test_a_token_lives_exactly_as_long_as_it_says(tokens: AccessTokens, now: datetime) -> None:
    token = tokens.issue(user_id=7, session_id=3, role="user", now=now)
    tokens.read(token, now + LIFETIME - timedelta(seconds=1))
    with pytest.raises(BadToken):
        tokens.read(token, now + LIFETIME)


def test_a_token_made_of_the_right_claims_is_taken(tokens: AccessTokens, now: datetime) -> None:
    assert tokens.read(jwt.encode(claims(now), KEY), now).user_id == 7


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "another-issuer"},
        {"aud": "another-service"},
        {"iss": None},
        {"aud": None},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"sid": None},
        {"role": None},
        {"sub": "not a number"},
        {"sub": 7},
        {"sid": "x"},
        {"sid": [1]},
        {"exp": "never"},
    ],
    ids=str,
)
def test_a_token_with_other_claims_is_refused(tokens: AccessTokens, now: datetime, changed: dict[str, Any]) -> None:
    with pytest.raises(BadToken):
        tokens.read(jwt.encode(claims(now, **changed), KEY), now)


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_a_token_signed_with_another_key_or_algorithm_is_refused(tokens: AccessTokens, now: datetime) -> None:
    others = [
        jwt.encode(claims(now), "another secret, also of 32 characters"),
        jwt.encode(claims(now), KEY, algorithm="HS512"),
        jwt.encode(claims(now), "", algorithm="none"),
    ]
    for token in others:
        with pytest.raises(BadToken):
            tokens.read(token, now)


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "é.é.é", "\x00", "." * 10_000, "eyJhbGciOiJIUzI1NiJ9..", "\ud800"])
def test_what_is_no_token_is_refused(tokens: AccessTokens, now: datetime, text: str) -> None:
    with pytest.raises(BadToken):
        tokens.read(text, now)


def test_refresh_tokens_cannot_be_guessed_and_are_not_stored_as_they_are() -> None:
    token = new_refresh_token()
    assert len(token) >= 43
    assert token != new_refresh_token()
    assert token.encode() not in hash_of(token)
