"""Ask users again who they are before what cannot be taken back: by their password, or by a recent sign-in."""

from datetime import datetime

from learning_platform.accounts.external.identities import ways_in
from learning_platform.accounts.queries import LiveSession
from learning_platform.accounts.rules import SignInAgain, WrongCredentials, WrongPassword
from learning_platform.web.services import Services


async def has_password(services: Services, user: LiveSession) -> bool:
    """Say whether a user can sign in with a password."""
    async with services.database.connection() as db:
        return (await ways_in(db, user_id=user.user_id)).has_password


async def check_identity(
    services: Services, *, user: LiveSession, password: str | None, address: str, now: datetime
) -> str | None:
    """Return the hash a password was checked against; None for an account without one, whose sign-in is recent.

    Raises SignInAgain, WrongPassword, or TooManyAttempts: guesses count as those of a sign-in do.
    """
    if password is None:
        if not user.is_fresh(now=now):
            raise SignInAgain
        return None
    try:
        checked = await services.sign_in.check(login=user.username, password=password, address=address, now=now)
    except WrongCredentials as error:
        raise WrongPassword(loc=("body", "password")) from error
    return checked.password_hash
