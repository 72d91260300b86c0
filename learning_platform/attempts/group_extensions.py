"""A later deadline for many participants: all who may have it get it, and the others are named with the reason.

The same rules as for one (attempts/extensions.py), in as many statements for ten thousand as for two.
"""

import hashlib
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from learning_platform.attempts.extensions import LOCK_ASSIGNMENT
from learning_platform.attempts.rules import (
    ExtensionKept,
    NotExtendable,
    ParticipantLeft,
    ParticipantNotFound,
    ensure_extension_fits,
)
from learning_platform.attempts.schedule import update_schedule
from learning_platform.core.database import Connection, fetch_value, fetch_values
from learning_platform.core.errors import Refusal
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.tracks.queries import lock_track_of
from learning_platform.tracks.rules import AssignmentNotFound, CalendarOpen, ensure_not_over

ASSIGNMENT = "select id, track_id, title, due_at, reviews_due_at from assignments where id = $1"
CHOSEN = """
select c.user_id, u.username, p.user_id is not null as is_participant, p.left_at is not null as has_left,
    m.finished_at is not null as is_finished, e.due_at as extended_to
from unnest($3::bigint[]) as c (user_id) left join users u on u.id = c.user_id
    left join participants p on p.track_id = $2 and p.user_id = c.user_id
    left join attempts m on m.assignment_id = $1 and m.user_id = c.user_id
    left join extensions e on e.assignment_id = $1 and e.user_id = c.user_id
order by lower(u.username), c.user_id
"""
GRANT_TO_MANY = """
insert into extensions (assignment_id, user_id, due_at, reason, granted_by, granted_at)
select $1, user_id, $3, $4, $5, $6 from unnest($2::bigint[]) as chosen (user_id) order by user_id
on conflict (assignment_id, user_id) do update set due_at = excluded.due_at, reason = excluded.reason,
    granted_by = excluded.granted_by, granted_at = excluded.granted_at,
    review_started_at = null, version = extensions.version + 1
"""
OWE_LATER = "update attempts set reviews_required = null where assignment_id = $1 and user_id = any($2::bigint[])"
UNSCHEDULE_AT = "delete from scheduled_events where assignment_id = $1 and user_id = any($2::bigint[])"


class ChosenUser(Protocol):
    """A user who was chosen, with what decides whether something may be done for them."""

    @property
    def user_id(self) -> int:
        """Return the id of the user."""

    @property
    def username(self) -> str | None:
        """Return the username, or None if there is no such user."""


Choice = TypeVar("Choice", bound=ChosenUser)
Claimants = Callable[[Connection, int, Sequence[int]], Awaitable[Collection[int]]]


@dataclass(frozen=True, slots=True)
class Refused:
    """A chosen participant for whom something was not done, and why."""

    user_id: int
    username: str | None
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class GroupOutcome:
    """For whom something was done, and for whom it was not."""

    done: Sequence[int]
    refused: Sequence[Refused]


@dataclass(frozen=True, slots=True)
class _Assignment:
    id: int
    track_id: int
    title: str
    due_at: datetime | None
    reviews_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Chosen:
    user_id: int
    username: str | None
    is_participant: bool
    has_left: bool
    is_finished: bool
    extended_to: datetime | None


async def extend_for_many(
    db: Connection,
    *,
    assignment_id: int,
    user_ids: Sequence[int],
    due_at: datetime,
    reason: str,
    granted_by: int,
    claimants: Claimants,
    now: datetime,
) -> GroupOutcome:
    """Give many participants until `due_at` and notify them; those who have this deadline already are left alone.

    `claimants(db, assignment_id, user_ids)` says which of them have been given a submission to review. Raises
    AssignmentNotFound, TrackOver, CalendarOpen, ExtensionOutOfRange.
    """
    track = await lock_track_of(db, assignment_id=assignment_id)
    await db.execute(LOCK_ASSIGNMENT, assignment_id)
    assignment = await fetch_value(db, _Assignment, ASSIGNMENT, assignment_id)
    if assignment is None:
        raise AssignmentNotFound
    ensure_not_over(track.status, finishes_at=track.finishes_at, now=now)
    if assignment.due_at is None or assignment.reviews_due_at is None:
        raise CalendarOpen
    ensure_extension_fits(to=due_at, due_at=assignment.due_at, reviews_due_at=assignment.reviews_due_at, now=now)
    unique = sorted(set(user_ids))
    chosen = await fetch_values(db, _Chosen, CHOSEN, assignment_id, track.id, unique)
    has_claimed = frozenset(await claimants(db, assignment_id, unique))
    outcome = outcome_of(
        chosen, lambda one: _ensure_extendable(one, has_claimed=one.user_id in has_claimed, due_at=due_at)
    )
    if outcome.done:
        await db.execute(GRANT_TO_MANY, assignment_id, outcome.done, due_at, reason, granted_by, now)
        await db.execute(OWE_LATER, assignment_id, outcome.done)
        await db.execute(UNSCHEDULE_AT, assignment_id, outcome.done)
        await update_schedule(db, track_id=track.id, now=now)
        words = {"track": track.title, "assignment": assignment.title, "only_you": "yes"}
        await announce(db, _announcement(assignment, outcome.done, words, due_at, now), to=outcome.done, now=now)
    return outcome


def group_key(user_ids: Sequence[int], *, now: datetime) -> str:
    """Return a name for what is announced to this group now: another group may be notified at the same time."""
    return f"{hashlib.sha256(','.join(map(str, user_ids)).encode()).hexdigest()[:16]}:{now.isoformat()}"


def outcome_of(chosen: Sequence[Choice], ensure: Callable[[Choice], None]) -> GroupOutcome:
    """Return for which of the chosen participants something may be done: `ensure` raises a Refusal for the others."""
    done: list[int] = []
    refused: list[Refused] = []
    for one in chosen:
        try:
            ensure(one)
        except Refusal as refusal:
            refused.append(Refused(one.user_id, one.username, refusal))
        else:
            done.append(one.user_id)
    return GroupOutcome(sorted(done), refused)


def _ensure_extendable(one: _Chosen, *, has_claimed: bool, due_at: datetime) -> None:
    if not one.is_participant:
        raise ParticipantNotFound
    if one.has_left:
        raise ParticipantLeft
    if one.is_finished or has_claimed:
        raise NotExtendable
    if one.extended_to == due_at:
        raise ExtensionKept


def _announcement(
    assignment: _Assignment, user_ids: Sequence[int], words: Mapping[str, str], due_at: datetime, now: datetime
) -> Announcement:
    return Announcement(
        event=f"deadline_moved:{assignment.id}:{group_key(user_ids, now=now)}:{due_at.isoformat()}",
        type="deadline_moved",
        track_id=assignment.track_id,
        assignment_id=assignment.id,
        due_at=due_at,
        parameters=words,
    )
