"""Messages that time brings about: a deadline is near, reviews are still owed, the track is over."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from learning_platform.attempts.due_events import DueEvent
from learning_platform.attempts.link_outcomes import check_links
from learning_platform.attempts.submissions import who_submitted
from learning_platform.core.database import Connection, fetch_ids, fetch_value
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.notifications.messages import NotificationType, Variant
from learning_platform.tracks.queries import participants

# Read when the track is locked.
SUBJECT = """
select a.title, t.title as track_title, greatest(a.due_at, e.due_at) as due_at, a.reviews_due_at
from assignments a join tracks t on t.id = a.track_id
    left join extensions e on e.assignment_id = a.id and e.user_id = $2
where a.id = $1
"""
# Those to whom the common deadline applies, or ($2) the participant with a later one, if that is still so.
SHARING_DEADLINE = """
select p.user_id from assignments a join participants p on p.track_id = a.track_id
    left join extensions e on e.assignment_id = a.id and e.user_id = p.user_id
where a.id = $1 and p.left_at is null and ($2::bigint is null or p.user_id = $2)
    and coalesce(e.due_at > a.due_at, false) = ($2 is not null)
"""
# Those whose own review stage is still to begin owe nothing yet.
OWING_REVIEWERS = """
select user_id from attempts
where assignment_id = $1 and ($2::bigint is null or user_id = $2)
    and finished_at is null and reviews_required is not null
"""
# Those whose code could not be fetched from their link, among these.
NOT_FROZEN = """
select s.user_id from submissions s join snapshots n on n.id = s.snapshot_id
where s.assignment_id = $1 and s.user_id = any($2::bigint[]) and n.state = 'failed'
"""
FINISH_TRACK = "update tracks set status = 'finished' where id = $1 and status = 'running' returning title"


@dataclass(frozen=True, slots=True)
class _Subject:
    title: str
    track_title: str
    due_at: datetime
    reviews_due_at: datetime


async def warn_of_deadline(db: Connection, event: DueEvent, now: datetime, *, wording: Sequence[Variant] = ()) -> None:
    """Remind participants that their deadline is near, and whether they have handed in.

    `wording`: which other texts of the message are used, for a further warning.
    """
    to = await fetch_ids(db, SHARING_DEADLINE, event.assignment_id, event.user_id)
    not_frozen = set(await fetch_ids(db, NOT_FROZEN, event.assignment_id, to))
    submitted = await who_submitted(db, assignment_id=event.assignment_id)
    subject = await _subject(db, event)
    key = _key(event.kind, event, subject.due_at)
    warning = _announcement(event, subject, type="deadline_warning", key=key, due_at=subject.due_at)
    warning = replace(warning, parameters={**warning.parameters, **dict.fromkeys(wording, "yes")})
    await check_links(db, assignment_id=event.assignment_id, user_ids=to, now=now)
    await announce(db, warning, to=[id for id in to if id not in not_frozen], submitted=submitted, now=now)
    about_code = {**warning.parameters, "not_frozen": "yes"}
    about_failure = replace(warning, event=f"{key}:not_frozen", parameters=about_code)
    await announce(db, about_failure, to=sorted(not_frozen), submitted=submitted, now=now)


async def remind_of_reviews(db: Connection, event: DueEvent, now: datetime) -> None:
    """Remind those, and only those, who still owe reviews."""
    to = await fetch_ids(db, OWING_REVIEWERS, event.assignment_id, event.user_id)
    subject = await _subject(db, event)
    key = f"reviews_overdue:{event.assignment_id}"
    if event.user_id is not None:
        key = _key("reviews_overdue", event, subject.reviews_due_at)
    reminder = _announcement(event, subject, type="reviews_overdue", key=key, due_at=subject.reviews_due_at)
    await announce(db, reminder, to=to, now=now)


async def finish_track(db: Connection, event: DueEvent, now: datetime) -> None:
    """End a track whose last review window is over, and notify its participants."""
    title = await db.fetchval(FINISH_TRACK, event.track_id)
    if title is None:
        return
    key = f"track_finished:{event.track_id}"
    finished = Announcement(event=key, type="track_finished", track_id=event.track_id, parameters={"track": title})
    await announce(db, finished, to=await participants(db, track_id=event.track_id), now=now)


async def _subject(db: Connection, event: DueEvent) -> _Subject:
    subject = await fetch_value(db, _Subject, SUBJECT, event.assignment_id, event.user_id)
    assert subject is not None
    return subject


def _key(name: str, event: DueEvent, at: datetime) -> str:
    """Return the unique name of an announcement of which there is one for each time: a moved deadline has another."""
    ids: Sequence[int] = [event.assignment_id] if event.user_id is None else [event.assignment_id, event.user_id]
    return ":".join([name, *map(str, ids), at.isoformat()])


def _announcement(
    event: DueEvent, subject: _Subject, *, type: NotificationType, key: str, due_at: datetime
) -> Announcement:
    return Announcement(
        event=key,
        type=type,
        track_id=event.track_id,
        assignment_id=event.assignment_id,
        due_at=due_at,
        parameters={"track": subject.track_title, "assignment": subject.title},
    )
