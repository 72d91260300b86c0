"""Create, edit, copy, delete and cancel tracks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection
from learning_platform.core.versions import Seen, VersionConflict, is_other
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.tracks.details import DETAILS, NO_DETAILS, Details, DetailsChange, set_details
from learning_platform.tracks.edited import edited_track
from learning_platform.tracks.permissions import ensure_may
from learning_platform.tracks.queries import TrackHead, interested, lock_track
from learning_platform.tracks.rules import (
    APPEAL_DAYS,
    Visibility,
    ensure_criteria_changeable,
    ensure_not_over,
    ensure_not_started,
    ensure_seats_for,
    kept_assignments,
)
from learning_platform.tracks.similar_words import learn_words
from learning_platform.tracks.start_rules import StartPlan, ensure_start_plan
from learning_platform.tracks.starts import set_plan

INSERT_TRACK = """
insert into tracks (author_id, title, description, required_participants, review_hours, iteration_hours,
    show_repository, visibility, status, criteria_changeable, created_at, appeal_days)
values ($1, $2, $3, $4, $5, $6, $7, $8, case when $9 then 'draft' else 'enrolling' end, $9, $10, $11) returning id
"""
INSERT_CRITERIA = """
insert into criteria (track_id, position, name, description, max_score)
select $1, row_number() over () - 1, * from unnest($2::text[], $3::text[], $4::smallint[])
"""
INSERT_ASSIGNMENTS = """
insert into assignments (track_id, position, title, description, duration_hours)
select $1, * from unnest($2::smallint[], $3::text[], $4::text[], $5::float8[])
"""
UPDATE_TRACK = """
update tracks set title = coalesce($2, title), description = coalesce($3, description),
    required_participants = coalesce($4, required_participants), review_hours = coalesce($5, review_hours),
    iteration_hours = coalesce($6, iteration_hours), show_repository = coalesce($7, show_repository),
    visibility = coalesce($8, visibility), appeal_days = coalesce($9, appeal_days),
    version = version + 1
where id = $1
"""
ASSIGNMENTS = "select id, title from assignments where track_id = $1 order by position"
DELETE_ASSIGNMENTS = "delete from assignments where track_id = $1 and not id = any($2::bigint[])"
# Two steps: no two assignments may have the same position, not even within a statement.
VACATE_POSITIONS = "update assignments set position = -1 - position where track_id = $1"
UPDATE_ASSIGNMENTS = """
update assignments a
set position = n.position, title = n.title, description = n.description, duration_hours = n.hours,
    version = version + 1
from unnest($1::bigint[], $2::smallint[], $3::text[], $4::text[], $5::float8[])
    as n (id, position, title, description, hours)
where a.id = n.id
"""
DELETE_CRITERIA = "delete from criteria where track_id = $1"
DELETE_TRACK = "delete from tracks where id = $1"
COPY_TRACK = """
insert into tracks (author_id, title, description, required_participants, review_hours, iteration_hours,
    appeal_days, show_repository, visibility, certificate_submissions, certificate_reviews, certificates_pending,
    start_rule, min_participants, time_zone, start_from_hour, start_until_hour, language, level, tags, effort,
    created_at)
select $2, title, description, required_participants, review_hours, iteration_hours, appeal_days, show_repository,
    visibility,
    certificate_submissions, certificate_reviews, certificate_submissions is not null, start_rule, min_participants,
    time_zone, start_from_hour, start_until_hour, language, level, tags, effort, $3
from tracks where id = $1 returning id
"""
COPY_CRITERIA = """
insert into criteria (track_id, position, name, description, max_score)
select $2, position, name, description, max_score from criteria where track_id = $1
"""
COPY_ASSIGNMENTS = """
insert into assignments (track_id, position, title, description, duration_hours)
select $2, position, title, description, duration_hours from assignments where track_id = $1
"""
CANCEL_TRACK = "update tracks set status = 'cancelled', calendar_changed_at = $2 where id = $1"
DELETE_WAITING_LIST = "delete from waiting_list where track_id = $1"
DELETE_SCHEDULE = "delete from scheduled_events where track_id = $1"


@dataclass(frozen=True, slots=True)
class CriterionDraft:
    """A criterion of a new track."""

    name: str
    description: str
    max_score: int


@dataclass(frozen=True, slots=True)
class AssignmentDraft:
    """An assignment of a new track; its duration in hours."""

    title: str
    description: str
    duration_hours: float


@dataclass(frozen=True, slots=True)
class TrackDraft:
    """A new track."""

    title: str
    description: str
    required_participants: int
    review_hours: float
    criteria: Sequence[CriterionDraft]
    assignments: Sequence[AssignmentDraft]
    iteration_hours: float = 0
    appeal_days: float = APPEAL_DAYS
    show_repository: bool = False
    visibility: Visibility = "public"
    details: Details = NO_DETAILS
    is_draft: bool = False
    start: StartPlan | None = None


@dataclass(frozen=True, slots=True)
class TrackChange:
    """The changes of a track; None keeps a value. `seen`: the versions on which they are based."""

    title: str | None = None
    description: str | None = None
    required_participants: int | None = None
    review_hours: float | None = None
    iteration_hours: float | None = None
    appeal_days: float | None = None
    show_repository: bool | None = None
    assignments: Sequence[AssignmentDraft] | None = None
    start: StartPlan | None = None
    names_criteria: bool = False
    criteria: Sequence[CriterionDraft] | None = None
    visibility: Visibility | None = None
    details: DetailsChange | None = None
    seen: Seen = None


async def create_track(db: Connection, *, author_id: int, draft: TrackDraft, now: datetime) -> int:
    """Create a track and return its id. Raises what `ensure_start_plan` raises."""
    if draft.start is not None:
        ensure_start_plan(draft.start, seats=draft.required_participants, now=now)
    track_id: int = await db.fetchval(
        INSERT_TRACK,
        author_id,
        draft.title,
        draft.description,
        draft.required_participants,
        draft.review_hours,
        draft.iteration_hours,
        draft.show_repository,
        draft.visibility,
        draft.is_draft,
        now,
        draft.appeal_days,
    )
    await _insert_criteria(db, track_id=track_id, drafts=draft.criteria)
    await _insert_assignments(db, track_id=track_id, drafts=list(enumerate(draft.assignments)))
    if draft.details != NO_DETAILS:
        await set_details(db, track_id=track_id, change=DetailsChange(DETAILS, draft.details))
    if draft.start is not None:
        await set_plan(db, track_id=track_id, plan=draft.start, now=now)
    await learn_words(db, track_id=track_id)
    return track_id


async def edit_track(db: Connection, *, track_id: int, actor: Actor, change: TrackChange) -> TrackHead:
    """Change a track before it starts and return it; `assignments` replaces the whole list.

    Raises TrackNotFound, NotTheAuthor, CriteriaFixed, TrackStarted, TrackOver, VersionConflict, SeatsTaken.
    """
    track = await lock_track(db, track_id=track_id)
    await ensure_may(db, "edit", track=track, actor=actor)
    if change.names_criteria:
        ensure_criteria_changeable(
            began_as_draft=track.criteria_changeable, participants_count=track.participants_count
        )
    ensure_not_started(track.status)
    if is_other(track.version, seen=change.seen):
        raise VersionConflict(version=track.version, current=await edited_track(db, track_id=track_id))
    if change.required_participants is not None:
        ensure_seats_for(track.participants_count, seats=change.required_participants)
    await db.execute(
        UPDATE_TRACK,
        track_id,
        change.title,
        change.description,
        change.required_participants,
        change.review_hours,
        change.iteration_hours,
        change.show_repository,
        change.visibility,
        change.appeal_days,
    )
    if change.details is not None:
        await set_details(db, track_id=track_id, change=change.details)
    if change.criteria is not None:
        await db.execute(DELETE_CRITERIA, track_id)
        await _insert_criteria(db, track_id=track_id, drafts=change.criteria)
    if change.assignments is not None:
        await _replace_assignments(db, track_id=track_id, drafts=change.assignments)
    await learn_words(db, track_id=track_id)
    return await lock_track(db, track_id=track_id)


async def delete_track(db: Connection, *, track_id: int, actor: Actor, now: datetime) -> None:
    """Delete a track that has not started, and notify its participants.

    Raises TrackNotFound, NotTheAuthor, TrackStarted, TrackOver.
    """
    track = await lock_track(db, track_id=track_id)
    await ensure_may(db, "delete", track=track, actor=actor)
    ensure_not_started(track.status)
    enrolled = await interested(db, track_id=track_id)
    await db.execute(DELETE_TRACK, track_id)
    await _announce_cancelled(db, track, to=enrolled, is_deleted=True, now=now)


async def copy_track(db: Connection, *, track_id: int, actor: Actor, now: datetime) -> int:
    """Create an `enrolling` copy that belongs to the user; return its id. Raises TrackNotFound, NotTheAuthor.

    The track is locked, because several statements copy it and must see the same state.
    """
    track = await lock_track(db, track_id=track_id)
    await ensure_may(db, "copy", track=track, actor=actor)
    copy_id: int = await db.fetchval(COPY_TRACK, track_id, actor.user_id, now)
    await db.execute(COPY_CRITERIA, track_id, copy_id)
    await db.execute(COPY_ASSIGNMENTS, track_id, copy_id)
    return copy_id


async def cancel_track(db: Connection, *, track_id: int, actor: Actor, now: datetime) -> None:
    """Cancel a track that is not over, and notify its participants. Raises TrackNotFound, NotTheAuthor, TrackOver."""
    track = await lock_track(db, track_id=track_id)
    await ensure_may(db, "cancel", track=track, actor=actor)
    ensure_not_over(track.status, finishes_at=track.finishes_at, now=now)
    await db.execute(CANCEL_TRACK, track_id, now)
    await db.execute(DELETE_SCHEDULE, track_id)
    to = await interested(db, track_id=track_id)
    await db.execute(DELETE_WAITING_LIST, track_id)
    await _announce_cancelled(db, track, to=to, now=now)


async def _announce_cancelled(
    db: Connection, track: TrackHead, *, to: Sequence[int], is_deleted: bool = False, now: datetime
) -> None:
    parameters = {"track": track.title} | ({"deleted": "yes"} if is_deleted else {})
    cancelled = Announcement(
        event=f"track_cancelled:{track.id}", type="track_cancelled", track_id=track.id, parameters=parameters
    )
    await announce(db, cancelled, to=to, now=now)


async def _insert_criteria(db: Connection, *, track_id: int, drafts: Sequence[CriterionDraft]) -> None:
    columns = [each.name for each in drafts], [each.description for each in drafts], [each.max_score for each in drafts]
    await db.execute(INSERT_CRITERIA, track_id, *columns)


async def _replace_assignments(db: Connection, *, track_id: int, drafts: Sequence[AssignmentDraft]) -> None:
    """Replace the list of assignments. Those that stay keep their id, and with it what was given to them."""
    present = [(row["id"], row["title"]) for row in await db.fetch(ASSIGNMENTS, track_id)]
    kept = kept_assignments(present, titles=[draft.title for draft in drafts])
    await db.execute(DELETE_ASSIGNMENTS, track_id, list(kept.values()))
    await db.execute(VACATE_POSITIONS, track_id)
    changed = [(position, drafts[position]) for position in kept]
    await db.execute(UPDATE_ASSIGNMENTS, list(kept.values()), *_columns_of(changed))
    new = [(position, draft) for position, draft in enumerate(drafts) if position not in kept]
    await _insert_assignments(db, track_id=track_id, drafts=new)


async def _insert_assignments(db: Connection, *, track_id: int, drafts: Sequence[tuple[int, AssignmentDraft]]) -> None:
    await db.execute(INSERT_ASSIGNMENTS, track_id, *_columns_of(drafts))


def _columns_of(drafts: Sequence[tuple[int, AssignmentDraft]]) -> tuple[list[object], ...]:
    return (
        [position for position, _ in drafts],
        [draft.title for _, draft in drafts],
        [draft.description for _, draft in drafts],
        [draft.duration_hours for _, draft in drafts],
    )
