"""Access tokens (JWT, short-lived, self-contained) and refresh tokens (random, stored as hashes).

An access token says who somebody is and in which role, so a request loads no user. What must end sooner than the token
itself, a revoked session or a blocked user, is in `accounts.revocations`.
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
# A client sends the same token with every request: its signature is checked once, its expiry each time.
MAX_CACHED_TOKENS = 10_000
Role = Literal["user", "author", "admin"]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking, as their access token says."""

    user_id: int
    session_id: int
    role: Role
    expires_at: float

    @property
    def is_admin(self) -> bool:
        """Say whether they may do everything."""
        return self.role == "admin"

    @property
    def actor(self) -> Actor:
        """Return the user as the one who acts."""
        return Actor(self.user_id, self.is_admin)


class AccessTokens:
    """Issues and reads access tokens. Lengths of life are timedeltas; `expires_at` is seconds since the epoch."""

    def __init__(self, key: str, lifetime: timedelta) -> None:
        self.lifetime = lifetime
        self._key = key
        self._verified = lru_cache(MAX_CACHED_TOKENS)(self._verify)

    def issue(self, *, user_id: int, session_id: int, role: Role, now: datetime) -> str:
        """Return a signed token that lives for `lifetime` from `now`."""
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
        """Return whose token this is. Raises BadToken if it is not ours, was changed, or has expired at `now`."""
        identity = self._verified(token)
        if identity.expires_at <= now.timestamp():
            raise BadToken
        return identity

    def _verify(self, token: str) -> Identity:
        try:
            # Expiry is compared with our clock by the caller, not with PyJWT's.
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
    """Issues and reads what a browser keeps in its cookie: the name of a session, signed.

    It does not expire by itself: the session's row says whether it is alive, so that signing out ends it at once.
    """

    def __init__(self, key: str) -> None:
        self._key = key

    def issue(self, session_id: int) -> str:
        """Return the signed name of a session."""
        claims = {"iss": ISSUER, "aud": PAGES_AUDIENCE, "sid": session_id}
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)

    def read(self, token: str) -> int | None:
        """Return the id of the session, or None for what is not ours."""
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
    """Return a token nobody can guess (256 bits)."""
    return secrets.token_urlsafe(32)


def hash_of(refresh_token: str) -> bytes:
    """Return what is stored of a refresh token; it is random, so a fast hash is enough."""
    return hashlib.sha256(refresh_token.encode()).digest()
