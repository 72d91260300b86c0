"""Rate limits of users and addresses, counted in PostgreSQL for all processes together.

A counter is one row with the time at which the whole limit is free again. Each use moves it by the interval of the
limit, and a use that would move it further ahead than the period of the limit is refused (the generic cell rate
algorithm, ITU-T I.371). So a check is one short statement, and a row whose time has passed can be deleted.

A counter that belongs to an action is written in the transaction of the action, so refused and failed actions do not
count. Names and addresses are stored as keyed hashes only.
"""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from learning_platform.accounts.rules import TooManyActions
from learning_platform.core.database import Connection, fetch_values
from learning_platform.core.errors import TooManyRequests
from learning_platform.core.limit import Limit
from learning_platform.core.settings import Settings

# Each rule has a setting with the prefix LIMIT_. The first three count failed sign-in attempts.
RuleName = Literal[
    "sign_in",
    "sign_in_address",
    "sign_in_account",
    "registrations",
    "refreshes",
    "emails",
    "emails_address",
    "tracks",
    "submissions",
    "diary_entries",
    "returns",
    "announcements",
    "external_sign_in",
    "unknown_invitations",
    "invitations",
    "invitations_address",
    "writes",
]
RULE_NAMES: tuple[RuleName, ...] = get_args(RuleName)
# After the last allowed failure each further one doubles the waiting time, up to the period of the limit.
GROWING: frozenset[RuleName] = frozenset({"sign_in"})
USE = """
insert into rate_limits as r (rule, key, uses, free_at)
values ($1, $2, 1, $3::timestamptz + $4::interval)
on conflict (rule, key) do update set free_at = greatest(r.free_at, $3) + $4,
    uses = case when r.free_at <= $3 then 1 else r.uses + 1 end
where greatest(r.free_at, $3) + $4 <= $3 + $5::interval
returning free_at
"""
# As USE, for many keys.
USE_EACH = """
insert into rate_limits as r (rule, key, uses, free_at)
select $1, key, 1, $3::timestamptz + $4::interval from unnest($2::bytea[]) one (key) order by key
on conflict (rule, key) do update set free_at = greatest(r.free_at, $3) + $4,
    uses = case when r.free_at <= $3 then 1 else r.uses + 1 end
where greatest(r.free_at, $3) + $4 <= $3 + $5::interval
returning key
"""
# Counters are locked in the order of their keys, so that two processes cannot deadlock.
COUNT = """
insert into rate_limits as r (rule, key, uses, free_at)
select rule, key, 1, $4::timestamptz + step
from unnest($1::text[], $2::bytea[], $3::interval[]) one (rule, key, step) order by rule, key
on conflict (rule, key) do update set free_at = greatest(r.free_at, $4) + (excluded.free_at - $4),
    uses = case when r.free_at <= $4 then 1 else r.uses + 1 end
"""
COUNTERS = """
select r.rule, r.key, r.uses, r.free_at
from unnest($1::text[], $2::bytea[]) asked (rule, key) join rate_limits r using (rule, key) where r.free_at > $3
"""


@dataclass(frozen=True, slots=True)
class Counter:
    """The use of a limit; `free_at` is when the whole limit is free again."""

    rule: str
    key: bytes
    uses: int
    free_at: datetime


@dataclass(frozen=True, slots=True)
class Counted:
    """A counter: its rule, and what it counts (a user, an address, a name)."""

    rule: RuleName
    whose: str


class RateLimits:
    """Counts uses; a rule with the setting `off` counts nothing."""

    def __init__(self, limits: Mapping[RuleName, Limit], *, secret: str) -> None:
        self._limits = limits
        self._secret = hashlib.sha256(f"rate limits {secret}".encode()).digest()

    @classmethod
    def of(cls, settings: Settings, *, secret: str) -> "RateLimits":
        """Return the limits of the settings; `secret` is the key for hashes of names and addresses."""
        written = {rule: Limit.parse(getattr(settings, f"limit_{rule}")) for rule in RULE_NAMES}
        return cls({rule: limit for rule, limit in written.items() if limit is not None}, secret=secret)

    async def use(
        self,
        db: Connection,
        rule: RuleName,
        whose: str,
        *,
        times: int = 1,
        now: datetime,
        refusal: type[TooManyRequests] = TooManyActions,
    ) -> None:
        """Count a use, or several together, if the transaction commits. Raises `refusal` if the limit is reached."""
        if not await self.try_use(db, rule, whose, times=times, now=now):
            seconds = await self.seconds_until_free(db, [Counted(rule, whose)], now=now)
            raise refusal(retry_after=max(seconds + self._seconds_of_more(rule, times), 1))

    async def try_use(self, db: Connection, rule: RuleName, whose: str, *, times: int = 1, now: datetime) -> bool:
        """Count a use, or several together, unless the limit is reached; return whether they were counted."""
        limit = self._limits.get(rule)
        if limit is None:
            return True
        key = self.key_of(rule, whose)
        is_within = times <= limit.times
        return is_within and await db.fetchval(USE, rule, key, now, limit.interval * times, limit.period) is not None

    async def use_each(self, db: Connection, rule: RuleName, whose: Sequence[str], *, now: datetime) -> set[str]:
        """Count a use of each of these whose limit is not reached; return of which."""
        limit = self._limits.get(rule)
        if limit is None:
            return set(whose)
        by_key = {self.key_of(rule, each): each for each in whose}
        rows = await db.fetch(USE_EACH, rule, list(by_key), now, limit.interval, limit.period)
        return {by_key[row["key"]] for row in rows}

    async def ensure_free(self, db: Connection, rule: RuleName, whose: str, *, now: datetime) -> None:
        """Check whether another use would be allowed, without counting it. Raises TooManyActions."""
        seconds = await self.seconds_until_free(db, [Counted(rule, whose)], now=now)
        if seconds:
            raise TooManyActions(retry_after=seconds)

    async def seconds_until_free(self, db: Connection, asked: Sequence[Counted], *, now: datetime) -> int:
        """Return the seconds until one more use of each of these is allowed; 0 if it is now."""
        return self.longest_wait(await self.counters(db, asked, now=now), now=now)

    async def counters(self, db: Connection, asked: Sequence[Counted], *, now: datetime) -> list[Counter]:
        """Return those of these counters that are in use."""
        asked = [one for one in asked if one.rule in self._limits]
        keys = [self.key_of(one.rule, one.whose) for one in asked]
        return await fetch_values(db, Counter, COUNTERS, [one.rule for one in asked], keys, now)

    def longest_wait(self, counters: Iterable[Counter], *, now: datetime) -> int:
        """Return the seconds after which each of these counters allows another use."""
        return max((self._seconds_of(counter, now) for counter in counters), default=0)

    async def count_failures(
        self, db: Connection, failed: Sequence[Counted], counters: Sequence[Counter], *, now: datetime
    ) -> None:
        """Count a failure on each counter in one statement; `counters` are their values before it."""
        uses = {counter.key: counter.uses for counter in counters}
        rows = [(one.rule, self.key_of(one.rule, one.whose)) for one in failed if one.rule in self._limits]
        steps = [self._step(rule, uses.get(key, 0)) for rule, key in rows]
        await db.execute(COUNT, [rule for rule, _ in rows], [key for _, key in rows], steps, now)

    def key_of(self, rule: str, whose: str) -> bytes:
        """Return the keyed hash that is stored instead of a name or an address."""
        return hashlib.blake2b(f"{rule} {whose}".encode(), key=self._secret, digest_size=16).digest()

    def _seconds_of(self, counter: Counter, now: datetime) -> int:
        limit = next(limit for rule, limit in self._limits.items() if rule == counter.rule)
        wait = counter.free_at + limit.interval - limit.period - now
        return max(math.ceil(wait.total_seconds()), 0)

    def _seconds_of_more(self, rule: RuleName, times: int) -> int:
        """Return how much longer it takes until so many uses are allowed together, or the period if they never are."""
        limit = self._limits[rule]
        return math.ceil(limit.interval.total_seconds() * (min(times, limit.times) - 1))

    def _step(self, rule: RuleName, uses: int) -> timedelta:
        """Return by how much the next failure moves a counter."""
        limit = self._limits[rule]
        doublings = min(max(uses + 1 - limit.times, 0), 20) if rule in GROWING else 0
        return min(limit.interval * float(2**doublings), limit.period)
