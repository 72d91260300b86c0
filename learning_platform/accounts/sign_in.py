"""Check the credentials of a sign-in, and limit guessing.

Only failures count, by three rules: for one account from one network (typing errors or guesses), for one network (a
machine that tries many names), and for one account from all networks (many machines that guess one password). On
networks from which the owner has signed in before, only the first rule applies: failures elsewhere do not matter
there, and failures on the same network delay the owner by at most a minute.

A limit that is reached refuses before a password is hashed. Attempts take turns in a process, so a hundred simultaneous
guesses get no more than the limit allows, and one more for each further process.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from learning_platform.accounts.actions import remember_network
from learning_platform.accounts.hand_in_tokens import TokenOwner, owner_of_token
from learning_platform.accounts.networks import network_of
from learning_platform.accounts.password_rules import ensure_hard_to_guess
from learning_platform.accounts.passwords import Passwords
from learning_platform.accounts.queries import Credentials, credentials, ensure_available
from learning_platform.accounts.rate_limits import Counted, Counter, RateLimits
from learning_platform.accounts.rules import BadHandInToken, TooManyAttempts, UserBlocked, WrongCredentials
from learning_platform.accounts.tokens import Role
from learning_platform.core.database import Connection, Database

# Networks are remembered for weeks, so storing their use once a day is enough.
REMEMBER_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CheckedUser:
    """A user with the correct password, and the hash it was checked against."""

    id: int
    role: Role
    password_hash: str


class SignIn:
    """Checks credentials. `address` is the address of the client."""

    def __init__(self, database: Database, passwords: Passwords, limits: RateLimits) -> None:
        self._database = database
        self._passwords = passwords
        self._limits = limits

    async def check(self, *, login: str, password: str, address: str, now: datetime) -> CheckedUser:
        """Return the user who signed in. Raises WrongCredentials, TooManyAttempts, PasswordsBusy; UserBlocked."""
        network = network_of(address)
        if self._passwords.is_busy:
            # A sign-in that will be refused must not wait in the queue and delay others.
            await self._allowed(login, network, now=now)
        async with self._passwords.turn(network):
            # Attempts that had their turn in the meantime may have failed.
            asked, counters = await self._allowed(login, network, now=now)
            if not await self._passwords.is_correct(password, asked.password_hash):
                async with self._database.connection() as db:
                    await self._limits.count_failures(db, _counted(asked, network), counters, now=now)
                raise WrongCredentials
        return await self._found(asked, network, now=now)

    async def check_token(self, *, login: str, token: str, address: str, now: datetime) -> TokenOwner:
        """Return the person who hands in with a token. Raises BadHandInToken, TooManyAttempts.

        Failures count as those with passwords do. A correct token is accepted whatever failed before: it is too long to
        be guessed, and no other person shall keep its owner from handing in.
        """
        async with self._database.connection() as db:
            owner = await owner_of_token(db, login=login, token=token, now=now)
        if owner is not None:
            return owner
        network = network_of(address)
        asked, counters = await self._allowed(login.replace("\0", ""), network, now=now)
        async with self._database.connection() as db:
            await self._limits.count_failures(db, _counted(asked, network), counters, now=now)
        raise BadHandInToken

    async def hash_for_new_account(
        self, *, email: str, username: str, password: str, address: str, now: datetime
    ) -> str:
        """Check whether an account can be created, and only then hash its password.

        Raises CommonPassword, PasswordIsName, EmailTaken, UsernameTaken, TooManyActions, PasswordsBusy.
        """
        ensure_hard_to_guess(password, username=username, email=email)
        network = network_of(address)
        async with self._database.connection() as db:
            await self._limits.ensure_free(db, "registrations", network, now=now)
            await ensure_available(db, email=email, username=username, now=now)
        return await self._passwords.hash(password, network=network)

    async def remember_network(self, db: Connection, *, user_id: int, address: str, now: datetime) -> None:
        """Remember that a user signs in from this network."""
        await remember_network(db, user_id=user_id, network=self._stored(network_of(address)), now=now)

    async def _allowed(self, login: str, network: str, *, now: datetime) -> tuple[Credentials, list[Counter]]:
        """Return the credentials and the counters of their failures. Raises TooManyAttempts."""
        async with self._database.connection() as db:
            asked = await credentials(db, login=login, network=self._stored(network))
            counters = await self._limits.counters(db, _counted(asked, network), now=now)
        seconds = self._limits.longest_wait(counters, now=now)
        if seconds:
            raise TooManyAttempts(retry_after=seconds)
        return asked, counters

    async def _found(self, asked: Credentials, network: str, *, now: datetime) -> CheckedUser:
        assert asked.id is not None
        assert asked.role is not None
        assert asked.password_hash is not None
        if asked.is_blocked:
            raise UserBlocked
        if asked.network_used_at is None or asked.network_used_at < now - REMEMBER_AFTER:
            async with self._database.connection() as db:
                await self.remember_network(db, user_id=asked.id, address=network, now=now)
        return CheckedUser(asked.id, asked.role, asked.password_hash)

    def _stored(self, network: str) -> bytes:
        return self._limits.key_of("network", network)


def _counted(asked: Credentials, network: str) -> list[Counted]:
    by_both = Counted("sign_in", f"{asked.account} {network}")
    if asked.network_used_at is not None:
        return [by_both]
    return [by_both, Counted("sign_in_address", network), Counted("sign_in_account", asked.account)]
