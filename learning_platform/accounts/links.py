"""Signed links for one purpose and one user: confirm an address, reset a password, unsubscribe from a type of mail.

Links are not stored: a link is signed and contains a fingerprint of what it is about. A link that resets a password
works once, because the fingerprint of the new password is different.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import jwt

from learning_platform.accounts.rules import BadLink
from learning_platform.accounts.tokens import ALGORITHM, ISSUER

Purpose = Literal["confirmation", "reset", "unsubscription", "email_change", "email_undo"]
LIFETIME_OF: dict[Purpose, timedelta] = {
    "confirmation": timedelta(days=7),
    "reset": timedelta(hours=1),
    "unsubscription": timedelta(days=3650),
    # What is stored about a change decides before: a link is signed when its email is sent.
    "email_change": timedelta(days=2),
    "email_undo": timedelta(days=8),
}


@dataclass(frozen=True, slots=True)
class Link:
    """The content of a link: its user, and a fingerprint of what it is about."""

    user_id: int
    about: str


class Links:
    """Signs and reads links."""

    def __init__(self, key: str) -> None:
        self._key = key

    def sign(self, purpose: Purpose, *, user_id: int, about: str, now: datetime) -> str:
        """Return the token of a link, which is valid for LIFETIME_OF its purpose."""
        claims = {"iss": ISSUER, "aud": purpose, "sub": str(user_id), "about": about, "exp": now + LIFETIME_OF[purpose]}
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)

    def secret_of(self, about: str) -> str:
        """Return a secret of 192 bits that follows from what it is about, so that it need not be stored."""
        digest = hmac.digest(self._key.encode(), about.encode(), "sha256")
        return base64.urlsafe_b64encode(digest[:24]).decode()

    def read(self, purpose: Purpose, token: str, *, now: datetime) -> Link:
        """Return the content of a link. Raises BadLink if the signature or purpose is wrong or it has expired."""
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                audience=purpose,
                options={"require": ["exp", "iss", "aud", "sub", "about"], "verify_exp": False},
            )
            link, expires_at = Link(int(claims["sub"]), str(claims["about"])), float(claims["exp"])
        except (jwt.InvalidTokenError, ValueError, TypeError) as error:
            raise BadLink from error
        if expires_at <= now.timestamp():
            raise BadLink
        return link


def fingerprint(secret: str) -> str:
    """Return a fingerprint of a secret value, which a link may contain."""
    return hashlib.sha256(secret.encode()).hexdigest()[:32]
