"""Change a track before it starts, and notify participants of what has changed for them."""

from collections.abc import Sequence
from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection
from learning_platform.enrollment.rules import ChangedAssignments, Outline, changed_assignments
from learning_platform.enrollment.starting import announce_start, ensure_start_not_due, start_when_full, wait_until_full
from learning_platform.enrollment.waiting_list import move_up
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.snapshots.store import delete_unused
from learning_platform.tracks import actions as tracks
from learning_platform.tracks.actions import TrackChange
from learning_platform.tracks.permissions import ensure_may
from learning_platform.tracks.queries import TrackHead, lock_track, participants
from learning_platform.tracks.start_rules import StartPlan, TrackStart, ensure_start_plan
from learning_platform.tracks.starts import set_plan, start_of_track

OUTLINE = "select title, duration_hours from assignments where track_id = $1 order by position"


async def edit_track(db: Connection, *, track_id: int, actor: Actor, change: TrackChange, now: datetime) -> bool:
    """Change a track while people gather; one left with no free place starts. Return whether it did.

    Raises as tracks.actions.edit_track, and what `ensure_start_plan` raises.
    """
    present = await lock_track(db, track_id=track_id)
    await ensure_may(db, "edit", track=present, actor=actor)
    await ensure_start_not_due(db, present, now=now)
    outline = await _outline(db, track_id=track_id)
    track = await tracks.edit_track(db, track_id=track_id, actor=actor, change=change)
    await _change_plan(db, track, change.start, now=now)
    # An assignment that was removed may have had a starter.
    await delete_unused(db, track_ids=[track_id])
    await _announce_changes(db, track, since=outline, now=now)
    if track.status != "enrolling":
        return False
    # There may be more places now.
    if await move_up(db, track, now=now):
        track = await lock_track(db, track_id=track_id)
        if track.status != "enrolling":
            return True
    has_started = await start_when_full(db, track, count=track.participants_count, now=now)
    if not has_started:
        await wait_until_full(db, track, now=now)
    return has_started


async def _change_plan(db: Connection, track: TrackHead, plan: StartPlan | None, *, now: datetime) -> None:
    """Write how the track is to start, and notify participants if that means another time."""
    start = await start_of_track(db, track_id=track.id)
    plan = plan or start
    ensure_start_plan(plan, seats=track.required_participants, now=now, is_new_date=plan.at != start.at)
    if _is_same_plan(plan, start):
        return
    await set_plan(db, track_id=track.id, plan=plan, now=now)
    if track.status != "enrolling" or (plan.rule, plan.rule == "on_date" and plan.at) == (start.rule, start.at):
        return
    if plan.rule == "on_date":
        await announce_start(db, track, plan.at, wording=None if plan.at else "date_not_set", now=now)
    elif start.rule == "on_date":
        await announce_start(db, track, None, wording="when_full", now=now)


def _is_same_plan(plan: StartPlan, start: TrackStart) -> bool:
    """Say whether a plan changes nothing: the time at which a full track starts is not part of it."""
    kept = (plan.rule, plan.min_participants, plan.time_zone, plan.from_hour, plan.until_hour)
    is_same_date = plan.rule == "when_full" or plan.at == start.at
    return is_same_date and kept == (
        start.rule,
        start.min_participants,
        start.time_zone,
        start.from_hour,
        start.until_hour,
    )


async def _outline(db: Connection, *, track_id: int) -> Sequence[Outline]:
    return [Outline(*row) for row in await db.fetch(OUTLINE, track_id)]


async def _announce_changes(db: Connection, track: TrackHead, *, since: Sequence[Outline], now: datetime) -> None:
    """Notify participants of assignments that were added, removed or changed, once for everything that was saved."""
    changes = changed_assignments(since, await _outline(db, track_id=track.id))
    if changes is None or track.status != "enrolling":
        return
    await announce(db, _assignments_changed(track, changes), to=await participants(db, track_id=track.id), now=now)


def _assignments_changed(track: TrackHead, changes: ChangedAssignments) -> Announcement:
    flags = {} if changes.how == "changed" else {changes.how: "yes"}
    return Announcement(
        event=f"assignments_changed:{track.id}:{track.version}",
        type="assignments_changed",
        track_id=track.id,
        parameters={"track": track.title, "assignment": changes.titles} | flags,
    )
