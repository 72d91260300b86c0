"""Report a message to staff, who see both names and may hide it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection, fetch_values
from learning_platform.reviews.code_access import Role
from learning_platform.reviews.threads.queries import message_of
from learning_platform.reviews.threads.rules import AlreadyReported, MessageNotFound, OwnMessage
from learning_platform.tracks.access import TrackAccess, access_to_track

# A message goes with the account of the author of the submission.
LOCK_MESSAGE = "select from thread_messages where id = $1 for key share"
INSERT_REPORT = """
insert into message_reports (message_id, user_id, reason, created_at) values ($1, $2, $3, $4)
on conflict (message_id, user_id) do nothing returning true
"""
TRACK_OF_MESSAGE = """
select a.track_id from thread_messages m join threads h on h.id = m.thread_id
    join submissions s on s.id = h.submission_id join assignments a on a.id = s.assignment_id
where m.id = $1 and h.sent_at is not null
"""
HIDE = "update thread_messages set hidden_at = $2, hidden_by = $3 where id = $1 and hidden_at is null"
SHOW = "update thread_messages set hidden_at = null, hidden_by = null where id = $1"
# Ids are random: the list goes on after the time at which the message whose id is given was first reported.
REPORTED = """
select m.id, h.submission_id, s.assignment_id, h.id as thread_id, w.username as writer, m.role, m.text,
    m.hidden_at is not null as is_hidden, first_report.at as reported_at
from thread_messages m join threads h on h.id = m.thread_id join submissions s on s.id = h.submission_id
    join assignments a on a.id = s.assignment_id join users w on w.id = m.writer_id
    cross join lateral (select min(r.created_at) as at from message_reports r where r.message_id = m.id) first_report
where a.track_id = $1 and first_report.at is not null
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
    """A message that users have reported, with the name of its writer."""

    id: int
    submission_id: int
    assignment_id: int
    thread_id: int
    writer: str
    role: Role
    text: str
    is_hidden: bool
    reported_at: datetime
    reports: Sequence[Report] = ()


async def report_message(db: Connection, *, message_id: int, actor: Actor, reason: str | None, now: datetime) -> None:
    """Report a message that one sees, once. Raises MessageNotFound, OwnMessage, AlreadyReported."""
    await db.execute(LOCK_MESSAGE, message_id)
    message = await message_of(db, message_id=message_id, actor=actor, now=now)
    if message.is_own:
        raise OwnMessage
    if await db.fetchval(INSERT_REPORT, message_id, actor.user_id, reason, now) is None:
        raise AlreadyReported


async def set_hidden(db: Connection, *, message_id: int, actor: Actor, hidden: bool, now: datetime) -> None:
    """Hide a message from participants, or show it again. Raises MessageNotFound, NotTheAuthor, TakesPart."""
    track_id = await db.fetchval(TRACK_OF_MESSAGE, message_id)
    if track_id is None:
        raise MessageNotFound
    (await access_to_track(db, track_id=track_id, actor=actor)).ensure_oversees()
    if hidden:
        await db.execute(HIDE, message_id, now, actor.user_id)
    else:
        await db.execute(SHOW, message_id)


async def reported_messages(db: Connection, access: TrackAccess, *, after: int, limit: int) -> list[ReportedMessage]:
    """Return the reported messages of a track, those reported first first. Raises NotTheAuthor, TakesPart."""
    access.ensure_oversees()
    found = await fetch_values(db, ReportedMessage, REPORTED, access.track_id, after, limit)
    reports = await fetch_values(db, Report, REPORTS, [message.id for message in found])
    return [
        replace(message, reports=[report for report in reports if report.message_id == message.id]) for message in found
    ]
