"""A sign-in that is under way, and a person whom a provider named: signed values that the browser keeps in cookies.

Nothing is stored on the server, so the answer of a provider may reach any process. Every sign-in has a cookie of its
own, so two tabs do not disturb each other.
"""

import hashlib
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt

from learning_platform.accounts.external.providers import ExternalUser, ProviderKey
from learning_platform.accounts.tokens import ALGORITHM, ISSUER

FLOW_LIFETIME = timedelta(minutes=10)
# From coming back from a provider to having chosen a username.
NEWCOMER_LIFETIME = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Flow:
    """A sign-in under way.

    `links_to`: the user who links an identity; `is_again`: a person who is signed in confirms who they are.
    """

    provider: ProviderKey
    state: str
    nonce: str
    verifier: str
    next: str
    links_to: int | None = None
    is_again: bool = False

    @property
    def id(self) -> str:
        """Return the name of its cookie."""
        return flow_id(self.state)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person whom a provider named and who has no account yet, or has not linked it."""

    user: ExternalUser
    provider: ProviderKey
    next: str


class SignedFlows:
    """Signs and reads what browsers keep."""

    def __init__(self, key: str) -> None:
        self._key = key

    def sign_flow(self, flow: Flow, *, now: datetime) -> str:
        """Return a token that is valid for FLOW_LIFETIME."""
        return self._sign("flow", asdict(flow), now + FLOW_LIFETIME)

    def sign_newcomer(self, newcomer: Newcomer, *, now: datetime) -> str:
        """Return a token that is valid for NEWCOMER_LIFETIME."""
        return self._sign("newcomer", asdict(newcomer), now + NEWCOMER_LIFETIME)

    def read_flow(self, token: str, *, now: datetime) -> Flow | None:
        """Return a sign-in under way, or None if the token is invalid or has expired."""
        claims = self._read("flow", token, now=now)
        return None if claims is None else Flow(**claims)

    def read_newcomer(self, token: str, *, now: datetime) -> Newcomer | None:
        """Return a person without an account, or None if the token is invalid or has expired."""
        claims = self._read("newcomer", token, now=now)
        return None if claims is None else Newcomer(**claims | {"user": ExternalUser(**claims["user"])})

    def _sign(self, purpose: str, value: dict[str, object], expires_at: datetime) -> str:
        claims = {"iss": ISSUER, "aud": f"external-{purpose}", "exp": expires_at, "value": value}
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)

    def _read(self, purpose: str, token: str, *, now: datetime) -> dict[str, Any] | None:
        options: Any = {"require": ["exp", "iss", "aud", "value"], "verify_exp": False}
        try:
            claims = jwt.decode(
                token, self._key, algorithms=[ALGORITHM], issuer=ISSUER, audience=f"external-{purpose}", options=options
            )
        except jwt.InvalidTokenError:
            return None
        value: dict[str, Any] = claims["value"]
        return value if float(claims["exp"]) > now.timestamp() else None


def new_flow(provider: ProviderKey, *, next: str, links_to: int | None = None, is_again: bool = False) -> Flow:
    """Return the beginning of a sign-in, with secrets of its own."""
    # RFC 7636, section 4.1: 43 characters at least.
    state, nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    return Flow(provider, state, nonce, verifier, next, links_to, is_again)


def flow_id(state: str) -> str:
    """Return the name that a sign-in has in cookies and addresses; the state cannot be found from it."""
    return hashlib.sha256(state.encode(errors="replace")).hexdigest()[:16]
