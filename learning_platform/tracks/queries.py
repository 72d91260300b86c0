"""Read tracks, their assignments and their participants."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection, Json, fetch_ids, fetch_value, fetch_values
from learning_platform.tracks.details import Level
from learning_platform.tracks.filters import TrackFilter
from learning_platform.tracks.rules import (
    AssignmentNotFound,
    Participation,
    StaffRole,
    TrackNotFound,
    TrackStatus,
    Visibility,
    is_hidden_from_others,
)
from learning_platform.tracks.similar_words import similar_ids
from learning_platform.tracks.start_rules import StartRule, StartState, TrackStart, start_of_row, state_before_start

# A user without an account.
VISITOR = Actor(user_id=0)

# Whether a track is over depends on the time and not on the sweep: the function `track_status`, created by a migration,
# decides it in SQL, and `track_status_stored_as` lets an index find the rows that may have a status. The query first
# checks whether any participant has left, because finding since when that is visible takes ten times as long.
# The planner does not see the number of rows asked for; see PROGRESS (attempts/progress.py).
TRACKS = """
select t.id, t.title, t.description,
    track_status(t.status, t.finishes_at, $3) as status,
    t.required_participants,
    t.participants_count + case
        when exists (select from participants p where p.track_id = t.id and p.left_at is not null)
            and track_status(t.status, t.finishes_at, $3) = 'running'
        then (select count(*) from participants p where p.track_id = t.id and p.left_at >= leavers_shown_before(
            (t.author_id = $1 or t.id in (select track_id from track_staff where user_id = $1))
                and t.id not in (select track_id from participants where user_id = $1),
            t.id, t.finishes_at, t.status, $3))
        else 0 end as participants_count,
    t.review_hours, t.iteration_hours, t.appeal_days, t.show_repository, t.visibility, t.language, t.level, t.tags,
    t.effort, t.author_id, u.username as author_name, t.start_rule, t.starts_at, t.start_missed_at, t.min_participants,
    t.time_zone, t.start_from_hour, t.start_until_hour, t.series_id, t.cohort, t.head_start_until, t.created_at,
    t.started_at, t.finishes_at,
    t.calendar_changed_at, t.version,
    t.criteria_changeable and t.participants_count = 0 and t.status in ('draft', 'enrolling') as criteria_changeable,
    (select count(*) from assignments a where a.track_id = t.id) as assignments_count,
    t.id in (select track_id from participants where user_id = $1 and left_at is null) as enrolled,
    case when t.author_id = $1 then 'author' else f.role end as staff_role,
    t.id in (select track_id from participants where user_id = $1) as takes_part,
    (select json_agg(c) from (
        select id, position, name, description, max_score from criteria where track_id = t.id order by position) c
    ) as criteria
from tracks t join users u on u.id = t.author_id left join track_staff f on f.track_id = t.id and f.user_id = $1
where t.id = any((select $2::bigint[])::bigint[]) order by t.id
"""
# Lists have the public tracks, and those on which the user has a role; administrators find all. A migration creates
# the function `track_ids_of`.
TRACK_IDS = """
select id from tracks where id > $1 and (is_listed or $4 or id in (select * from track_ids_of($3))) order by id limit $2
"""
TRACK_IDS_BY_STATUS = """
select id from tracks
where id > $1 and status = any(track_status_stored_as($2)) and track_status(status, finishes_at, $4) = $2
    and (is_listed or $6 or id in (select * from track_ids_of($5)))
order by id limit $3
"""
# `track_query` is created by a migration; without words, $3 is null.
# A common word is found quickly by reading tracks in order, a rare one by the index of words. PostgreSQL would choose
# one plan for both, which reads every track for a rare word, or all matching tracks for a common one. It does not see
# the value in `(select …)`, and so does not estimate how rare the word is.
FOUND_TRACK_IDS = """
with near as materialized (
    select id from (
        select id, status, finishes_at, search, is_listed
        from tracks where id > $1 order by id limit 2 * $4::bigint) next
    where search @@ (select track_query($3, $8, $9))
        and ($2::text is null or track_status(status, finishes_at, $5) = $2)
        and (is_listed or $7 or id in (select * from track_ids_of($6))) order by id limit $4
), anywhere as materialized (
    select id from tracks where (select count(*) from near) < $4
        and search @@ (select track_query($3, $8, $9)) and id > $1
        and ($2::text is null or track_status(status, finishes_at, $5) = $2)
        and (is_listed or $7 or id in (select * from track_ids_of($6)))
)
select id from near union select id from anywhere order by id limit $4
"""
MY_TRACK_IDS = "select id from track_ids_of($1) as id where id > $2 order by id limit $3"
TRACK_HEAD = """
select id, author_id, title, track_status(status, finishes_at, $2) as status, required_participants, participants_count,
    review_hours, iteration_hours, appeal_days, started_at, finishes_at, version, visibility, criteria_changeable
from tracks where id = $1
"""
LOCK_TRACK = """
select id, author_id, title, status, required_participants, participants_count, review_hours, iteration_hours,
    appeal_days, started_at, finishes_at, version, visibility, criteria_changeable
from tracks where id = $1 for no key update
"""
LOCK_TRACK_OF = """
select t.id, t.author_id, t.title, t.status, t.required_participants, t.participants_count, t.review_hours,
    t.iteration_hours, t.appeal_days, t.started_at, t.finishes_at, t.version, t.visibility, t.criteria_changeable
from tracks t join assignments a on a.track_id = t.id where a.id = $1 for no key update of t
"""
PARTICIPATION = "select left_at is not null from participants where track_id = $1 and user_id = $2"
# To be notified when a track is cancelled.
INTERESTED = """
select user_id from participants where track_id = $1 and left_at is null
union select user_id from waiting_list where track_id = $1
"""
PARTICIPANTS = "select user_id from participants where track_id = $1 and left_at is null"


@dataclass(frozen=True, slots=True)
class Author:
    """The author of a track."""

    id: int
    username: str


@dataclass(frozen=True, slots=True)
class Track:
    """A track as one user sees it."""

    id: int
    title: str
    description: str
    status: TrackStatus
    required_participants: int
    participants_count: int
    review_hours: float
    iteration_hours: float
    appeal_days: float
    show_repository: bool
    visibility: Visibility
    language: str | None
    level: Level | None
    tags: Sequence[str]
    effort: int | None
    author_id: int
    author_name: str
    start_rule: StartRule
    starts_at: datetime | None
    start_missed_at: datetime | None
    min_participants: int
    time_zone: str
    start_from_hour: int | None
    start_until_hour: int | None
    series_id: int | None
    cohort: int | None
    head_start_until: datetime | None
    created_at: datetime
    started_at: datetime | None
    finishes_at: datetime | None
    calendar_changed_at: datetime | None
    version: int
    criteria_changeable: bool
    assignments_count: int
    enrolled: bool
    staff_role: StaffRole | None
    takes_part: bool
    criteria: Json

    @property
    def author(self) -> Author:
        """Return the author."""
        return Author(self.author_id, self.author_name)

    @property
    def start(self) -> TrackStart:
        """Return how the track is to start."""
        return start_of_row(self)

    @property
    def start_state(self) -> StartState | None:
        """Return what the track waits for; None once it has started."""
        return state_before_start(self)

    @property
    def starts_with_next(self) -> bool:
        """Say whether the next participant takes the last place, and the track starts immediately."""
        is_last = self.participants_count + 1 == self.required_participants
        return is_last and self.start_state == "when_full" and not self.start.hours

    @property
    def my_role(self) -> Literal["author", "co_author", "mentor", "participant"]:
        """Return the role of the user on the track; staff who take part count as staff."""
        return self.staff_role or "participant"


@dataclass(frozen=True, slots=True)
class TrackHead:
    """The fields of a track that rules need."""

    id: int
    author_id: int
    title: str
    status: TrackStatus
    required_participants: int
    participants_count: int
    review_hours: float
    iteration_hours: float
    appeal_days: float
    started_at: datetime | None
    finishes_at: datetime | None
    version: int
    visibility: Visibility
    criteria_changeable: bool


async def track(db: Connection, *, track_id: int, viewer: Actor, now: datetime) -> Track:
    """Return the track. Raises TrackNotFound, also for a track that the user may not know of."""
    found = await fetch_value(db, Track, TRACKS, viewer.user_id, [track_id], now)
    if found is None or not (viewer.is_admin or may_know_of(found)):
        raise TrackNotFound
    return found


async def track_for_invited(db: Connection, *, track_id: int, viewer: Actor, now: datetime) -> Track:
    """Return the track for a person who holds an invitation to it, and so may know of it. Raises TrackNotFound."""
    found = await fetch_value(db, Track, TRACKS, viewer.user_id, [track_id], now)
    if found is None:
        raise TrackNotFound
    return found


def may_know_of(track: Track) -> bool:
    """Say whether the user for whom a track was read may know that it exists."""
    is_hidden = is_hidden_from_others(status=track.status, visibility=track.visibility)
    return not is_hidden or track.staff_role is not None or track.takes_part


async def tracks(db: Connection, wanted: TrackFilter, *, after: int, limit: int, now: datetime) -> list[Track]:
    """Return tracks by id, those with all words of the search, or if none has these, those with similar words."""
    words, viewer = wanted.words, wanted.viewer_arguments
    if words or not wanted.details.is_empty:
        ids = await _found_ids(db, wanted, after=after, limit=limit, now=now)
        # Only if there is none on earlier pages either.
        if words and not (ids or (after and await _found_ids(db, wanted, after=0, limit=1, now=now))):
            ids = await similar_ids(db, wanted, after=after, limit=limit, now=now)
    elif wanted.status is not None:
        ids = await fetch_ids(db, TRACK_IDS_BY_STATUS, after, wanted.status, limit, now, *viewer)
    else:
        ids = await fetch_ids(db, TRACK_IDS, after, limit, *viewer)
    return await fetch_values(db, Track, TRACKS, wanted.viewer.user_id, ids, now)


async def _found_ids(db: Connection, wanted: TrackFilter, *, after: int, limit: int, now: datetime) -> Sequence[int]:
    details = (*wanted.viewer_arguments, *wanted.detail_arguments)
    return await fetch_ids(db, FOUND_TRACK_IDS, after, wanted.status, wanted.words, limit, now, *details)


async def tracks_of(db: Connection, *, user_id: int, after: int, limit: int, now: datetime) -> list[Track]:
    """Return the tracks on which the user takes part or is staff."""
    ids = await fetch_ids(db, MY_TRACK_IDS, user_id, after, limit)
    return await fetch_values(db, Track, TRACKS, user_id, ids, now)


async def track_head(db: Connection, *, track_id: int, now: datetime) -> TrackHead:
    """Return the fields that rules need, with the status at `now`. Raises TrackNotFound."""
    return _found(await fetch_value(db, TrackHead, TRACK_HEAD, track_id, now))


async def lock_track(db: Connection, *, track_id: int) -> TrackHead:
    """Lock the row of the track, which comes first in the order of locks. Raises TrackNotFound."""
    return _found(await fetch_value(db, TrackHead, LOCK_TRACK, track_id))


async def lock_track_of(db: Connection, *, assignment_id: int) -> TrackHead:
    """Lock the row of an assignment's track. Raises AssignmentNotFound."""
    head = await fetch_value(db, TrackHead, LOCK_TRACK_OF, assignment_id)
    if head is None:
        raise AssignmentNotFound
    return head


async def participants(db: Connection, *, track_id: int) -> Sequence[int]:
    """Return the ids of the participants, without those who have left."""
    return await fetch_ids(db, PARTICIPANTS, track_id)


async def interested(db: Connection, *, track_id: int) -> Sequence[int]:
    """Return the ids of the participants, without those who have left, and of those on the waiting list."""
    return await fetch_ids(db, INTERESTED, track_id)


async def participation(db: Connection, *, track_id: int, user_id: int) -> Participation:
    """Return whether a user takes part in a track, has left it, or neither."""
    has_left: bool | None = await db.fetchval(PARTICIPATION, track_id, user_id)
    return "none" if has_left is None else "left" if has_left else "present"


def _found(head: TrackHead | None) -> TrackHead:
    if head is None:
        raise TrackNotFound
    return head
