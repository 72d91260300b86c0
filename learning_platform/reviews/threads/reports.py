"""Report a message to staff, who see both names and may hide it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection, fetch_values
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.reviews.code_access import Role
from learning_platform.reviews.threads.queries import message_of
from learning_platform.reviews.threads.rules import AlreadyReported, Decision, MessageNotFound, OwnMessage, ReportState
from learning_platform.tracks.access import TrackAccess, access_to_track
from learning_platform.tracks.staff_notices import staff_to_notify

# A message goes with the account of the author of the submission.
LOCK_MESSAGE = "select from thread_messages where id = $1 for key share"
INSERT_REPORT = """
insert into message_reports (message_id, user_id, reason, created_at) values ($1, $2, $3, $4)
on conflict (message_id, user_id) do nothing returning true
"""
AWAIT_DECISION = """
update thread_messages set reported_at = coalesce(reported_at, $2) where id = $1 and hidden_at is null
"""
TRACK_OF_MESSAGE = """
select a.track_id, a.id as assignment_id, a.title, t.title as track_title
from thread_messages m join threads h on h.id = m.thread_id
    join submissions s on s.id = h.submission_id join assignments a on a.id = s.assignment_id
    join tracks t on t.id = a.track_id
where m.id = $1 and h.sent_at is not null
"""
HIDE = """
update thread_messages set hidden_at = $2, hidden_by = $3, reported_at = null, kept_at = null, kept_by = null
where id = $1 and hidden_at is null
"""
KEEP = """
update thread_messages set hidden_at = null, hidden_by = null, reported_at = null, kept_at = $2, kept_by = $3
where id = $1 and (hidden_at is not null or reported_at is not null)
"""
# Ids are random: the list goes on after the time at which the message whose id is given was first reported.
REPORTED = """
select m.id, h.submission_id, s.assignment_id, h.id as thread_id, w.username as writer, m.role, m.text,
    m.hidden_at is not null as is_hidden, first_report.at as reported_at,
    case when m.reported_at is not null then 'open' when m.hidden_at is not null then 'hidden' else 'kept' end
        as decision,
    case when m.reported_at is null then coalesce(m.hidden_at, m.kept_at) end as decided_at,
    case when m.reported_at is null then d.username end as decided_by
from (select message_id, min(created_at) as at from message_reports group by message_id) first_report
    join thread_messages m on m.id = first_report.message_id
    join threads h on h.id = m.thread_id join submissions s on s.id = h.submission_id
    join assignments a on a.id = s.assignment_id join users w on w.id = m.writer_id
    left join users d on d.id = coalesce(m.hidden_by, m.kept_by)
where a.track_id = $1 and ($4::text is null or ($4 = 'open') = (m.reported_at is not null))
    and ($2::bigint = 0 or (first_report.at, m.id) > (
        select min(l.created_at), $2 from message_reports l where l.message_id = $2))
order by first_report.at, m.id limit $3
"""
REPORTS = """
select r.message_id, u.username as reporter, r.reason, r.created_at as reported_at
from message_reports r join users u on u.id = r.user_id where r.message_id = any($1::bigint[])
order by r.created_at, u.id
"""


@dataclass(frozen=True, slots=True)
class Report:
    """Why a user reported a message."""

    message_id: int
    reporter: str
    reason: str | None
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class ReportedMessage:
    """A message that users have reported, with the name of its writer; and what staff decided, when and who."""

    id: int
    submission_id: int
    assignment_id: int
    thread_id: int
    writer: str
    role: Role
    text: str
    is_hidden: bool
    reported_at: datetime
    decision: Decision
    decided_at: datetime | None
    decided_by: str | None
    reports: Sequence[Report] = ()


async def report_message(db: Connection, *, message_id: int, actor: Actor, reason: str | None, now: datetime) -> None:
    """Report a message that one sees, once; staff are notified. Raises MessageNotFound, OwnMessage, AlreadyReported."""
    await db.execute(LOCK_MESSAGE, message_id)
    message = await message_of(db, message_id=message_id, actor=actor, now=now)
    if message.is_own:
        raise OwnMessage
    if await db.fetchval(INSERT_REPORT, message_id, actor.user_id, reason, now) is None:
        raise AlreadyReported
    await db.execute(AWAIT_DECISION, message_id, now)
    about = await db.fetchrow(TRACK_OF_MESSAGE, message_id)
    assert about is not None
    reported = Announcement(
        event=f"message_reported:{message_id}",
        type="message_reported",
        track_id=about["track_id"],
        assignment_id=about["assignment_id"],
        parameters={"track": about["track_title"], "assignment": about["title"]},
    )
    await announce(db, reported, to=await staff_to_notify(db, "moderate", track_id=about["track_id"]), now=now)


async def set_hidden(db: Connection, *, message_id: int, actor: Actor, hidden: bool, now: datetime) -> None:
    """Hide a message from participants, or keep it: it is shown, and its reports are settled.

    Raises MessageNotFound, NotTheAuthor, TakesPart.
    """
    about = await db.fetchrow(TRACK_OF_MESSAGE, message_id)
    if about is None:
        raise MessageNotFound
    (await access_to_track(db, track_id=about["track_id"], actor=actor)).ensure_oversees()
    await db.execute(HIDE if hidden else KEEP, message_id, now, actor.user_id)


async def reported_messages(
    db: Connection, access: TrackAccess, *, state: ReportState | None, after: int, limit: int
) -> list[ReportedMessage]:
    """Return the reported messages of a track, those reported first first. Raises NotTheAuthor, TakesPart."""
    access.ensure_oversees()
    found = await fetch_values(db, ReportedMessage, REPORTED, access.track_id, after, limit, state)
    reports = await fetch_values(db, Report, REPORTS, [message.id for message in found])
    return [
        replace(message, reports=[report for report in reports if report.message_id == message.id]) for message in found
    ]
