"""Which passwords are refused when one is chosen: very common ones, and names that everyone knows (NIST SP 800-63B).

Passwords that were chosen before keep working.
"""

import unicodedata
from functools import cache

from learning_platform.accounts.rules import MIN_PASSWORD_LENGTH, CommonPassword, PasswordIsName

MAX_RANK = 10_000
PRODUCT_NAMES = ("learning platform", "learning-platform", "learning_platform", "learningplatform")


def ensure_hard_to_guess(password: str, *, username: str, email: str) -> None:
    """Raise CommonPassword, or PasswordIsName if it is the username, the address or the name of this software."""
    folded = _folded(password)
    if folded in {_folded(name) for name in (username, email, email.partition("@")[0], *PRODUCT_NAMES)}:
        raise PasswordIsName(loc=("body", "password"))
    if folded in _common_passwords():
        raise CommonPassword(loc=("body", "password"))


@cache
def _common_passwords() -> frozenset[str]:
    # The package takes 13 MB of memory: processes in which no password is chosen do without.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    commonest = FREQUENCY_LISTS["passwords"][:MAX_RANK]
    return frozenset(_folded(password) for password in commonest if len(password) >= MIN_PASSWORD_LENGTH)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
