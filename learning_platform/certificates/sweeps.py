"""Issue certificates when a track is over."""

from datetime import datetime

from learning_platform.core.database import Connection, fetch_ids
from learning_platform.core.sweep import Sweep
from learning_platform.notifications.actions import Announcement, announce

# The end of the track is an event of its own (attempts/scheduled_events.py), which sets the status.
TRACKS_DUE = """
select id, finishes_at from tracks where certificates_pending and status = 'finished' and finishes_at <= $1
order by finishes_at limit $2
"""
TRACKS_UPCOMING = "select min(finishes_at) from tracks where certificates_pending and finishes_at > $1"
LOCK_TRACK = """
select title from tracks where id = $1 and certificates_pending and status = 'finished'
for no key update skip locked
"""
# In the order of names, in which the staff of the track see them. Late reviews count until the track ends, so this is
# the last word. In Python: certificates.rules.is_earned.
ISSUE = """
insert into certificates (track_id, user_id, issued_at, assignments, submitted, reviewed)
select t.id, p.user_id, $2, n.assignments, n.submitted, n.reviewed
from tracks t join participants p on p.track_id = t.id join users u on u.id = p.user_id cross join lateral (
    select count(*) as assignments, count(s.id) as submitted, count(m.finished_at) as reviewed
    from assignments a
        left join submissions s on s.assignment_id = a.id and s.user_id = p.user_id and not s.is_withdrawn
        left join attempts m on m.assignment_id = a.id and m.user_id = p.user_id
    where a.track_id = t.id) n
where t.id = $1 and p.left_at is null and n.submitted * 100 >= t.certificate_submissions * n.assignments
    and n.reviewed * 100 >= t.certificate_reviews * n.assignments
order by lower(u.username)
on conflict (track_id, user_id) do nothing
returning user_id as id
"""
ISSUED = "update tracks set certificates_pending = false where id = $1"


async def issue(db: Connection, track_id: int, now: datetime) -> bool:
    """Issue the certificates of a track that is over, and notify their holders."""
    title = await db.fetchval(LOCK_TRACK, track_id)
    if title is None:
        return False
    holders = await fetch_ids(db, ISSUE, track_id, now)
    await db.execute(ISSUED, track_id)
    issued = Announcement(
        event=f"certificate_issued:{track_id}",
        type="certificate_issued",
        track_id=track_id,
        parameters={"track": title},
    )
    await announce(db, issued, to=holders, now=now)
    return True


SWEEPS = (Sweep("certificates", TRACKS_DUE, TRACKS_UPCOMING, issue),)
