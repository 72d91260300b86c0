"""Access tokens (JWT, short-lived, self-contained) and refresh tokens (random, stored as hashes).

An access token contains the user's id and role, so a request does not load the user. Sessions and users that were
revoked before their tokens expire are in `accounts.revocations`.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

import jwt

from learning_platform.accounts.actor import Actor
from learning_platform.accounts.rules import BadToken

ALGORITHM = "HS256"
ISSUER = "learning-platform"
AUDIENCE = "learning-platform-api"
PAGES_AUDIENCE = "learning-platform-pages"
REQUIRED_CLAIMS = ["exp", "iat", "iss", "aud", "sub", "sid", "role"]
# A client sends the same token with every request, so its signature is checked once and its expiry each time.
MAX_CACHED_TOKENS = 10_000
Role = Literal["user", "author", "admin"]


@dataclass(frozen=True, slots=True)
class Identity:
    """The identity in an access token."""

    user_id: int
    session_id: int
    role: Role
    expires_at: float

    @property
    def is_admin(self) -> bool:
        """Say whether the user is an administrator."""
        return self.role == "admin"

    @property
    def actor(self) -> Actor:
        """Return the user as an actor."""
        return Actor(self.user_id, self.is_admin)


class AccessTokens:
    """Issues and reads access tokens. Lifetimes are timedeltas; `expires_at` is in seconds since the epoch."""

    def __init__(self, key: str, lifetime: timedelta) -> None:
        self.lifetime = lifetime
        self._key = key
        self._verified = lru_cache(MAX_CACHED_TOKENS)(self._verify)

    def issue(self, *, user_id: int, session_id: int, role: Role, now: datetime) -> str:
        """Return a signed token that is valid for `lifetime` from `now`."""
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(user_id),
            "sid": session_id,
            "role": role,
            "iat": now,
            "exp": now + self.lifetime,
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)

    def read(self, token: str, now: datetime) -> Identity:
        """Return the identity in a token. Raises BadToken if its signature is wrong or it has expired at `now`."""
        identity = self._verified(token)
        if identity.expires_at <= now.timestamp():
            raise BadToken
        return identity

    def _verify(self, token: str) -> Identity:
        try:
            # The caller compares the expiry with `now`; PyJWT would use its own clock.
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                audience=AUDIENCE,
                options={"require": REQUIRED_CLAIMS, "verify_exp": False, "verify_iat": False},
            )
            return Identity(int(claims["sub"]), int(claims["sid"]), claims["role"], float(claims["exp"]))
        except (jwt.InvalidTokenError, ValueError, TypeError) as error:
            raise BadToken from error


class SessionTokens:
    """Issues and reads session cookies: the signed id of a session.

    A cookie does not expire by itself: the row of the session decides, so that signing out ends it immediately.
    """

    def __init__(self, key: str) -> None:
        self._key = key

    def issue(self, session_id: int) -> str:
        """Return the signed id of a session."""
        claims = {"iss": ISSUER, "aud": PAGES_AUDIENCE, "sid": session_id}
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)

    def read(self, token: str) -> int | None:
        """Return the id of the session, or None if the signature is wrong."""
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                audience=PAGES_AUDIENCE,
                options={"require": ["iss", "aud", "sid"]},
            )
            return int(claims["sid"])
        except (jwt.InvalidTokenError, ValueError, TypeError):
            return None


def new_refresh_token() -> str:
    """Return a random token of 256 bits."""
    return secrets.token_urlsafe(32)


def hash_of(refresh_token: str) -> bytes:
    """Return the hash of a refresh token; tokens are random, so a fast hash is enough."""
    return hashlib.sha256(refresh_token.encode()).digest()
