"""Reported posts of a track, and how many reports of it wait for a decision of staff."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from learning_platform.core.database import Connection, fetch_value, fetch_values
from learning_platform.questions.queries import REPORTS, Report
from learning_platform.questions.rules import Role
from learning_platform.reviews.threads.rules import Decision, ReportState
from learning_platform.tracks.access import TrackAccess

# Ids are random: the list goes on after the time at which the post whose id is given was first reported.
REPORTED_POSTS = """
select p.id, p.question_id, q.assignment_id, asked.title as question_title, w.username as writer, p.role, p.position,
    p.text, p.hidden_at is not null as is_hidden, first_report.at as reported_at,
    case when p.reported_at is not null then 'open' when p.hidden_at is not null then 'hidden' else 'kept' end
        as decision,
    case when p.reported_at is null then coalesce(p.hidden_at, p.kept_at) end as decided_at,
    case when p.reported_at is null then d.username end as decided_by
from (select post_id, min(created_at) as at from question_reports group by post_id) first_report
    join question_posts p on p.id = first_report.post_id join questions q on q.id = p.question_id
    join question_posts asked on asked.question_id = q.id and asked.position = 1
    join users w on w.id = p.writer_id left join users d on d.id = coalesce(p.hidden_by, p.kept_by)
where q.track_id = $1 and ($4::text is null or ($4 = 'open') = (p.reported_at is not null))
    and ($2::bigint = 0 or (first_report.at, p.id) > (
        select min(l.created_at), $2 from question_reports l where l.post_id = $2))
order by first_report.at, p.id limit $3
"""
OPEN_REPORTS = """
select (
    select count(*) from question_posts p join questions q on q.id = p.question_id
    where p.reported_at is not null and q.track_id = $1
) as posts, (
    select count(*) from thread_messages m join threads h on h.id = m.thread_id
        join submissions s on s.id = h.submission_id join assignments a on a.id = s.assignment_id
    where m.reported_at is not null and a.track_id = $1
) as messages
"""


@dataclass(frozen=True, slots=True)
class ReportedPost:
    """A question or an answer that users have reported; and what staff decided, when and who."""

    id: int
    question_id: int
    assignment_id: int
    question_title: str
    writer: str
    role: Role
    position: int
    text: str
    is_hidden: bool
    reported_at: datetime
    decision: Decision
    decided_at: datetime | None
    decided_by: str | None
    reports: Sequence[Report] = ()


@dataclass(frozen=True, slots=True)
class OpenReports:
    """How many posts, and how many messages of reviews, were reported and wait for a decision."""

    posts: int = 0
    messages: int = 0

    @property
    def count(self) -> int:
        """Return how many wait in all."""
        return self.posts + self.messages


async def reported_posts(
    db: Connection, access: TrackAccess, *, state: ReportState | None, after: int, limit: int
) -> list[ReportedPost]:
    """Return the reported posts of a track, those reported first first. Raises NotTheAuthor, TakesPart."""
    access.ensure_oversees()
    found = await fetch_values(db, ReportedPost, REPORTED_POSTS, access.track_id, after, limit, state)
    reports = await fetch_values(db, Report, REPORTS, [post.id for post in found])
    return [replace(post, reports=[each for each in reports if each.post_id == post.id]) for post in found]


async def open_reports(db: Connection, *, track_id: int) -> OpenReports:
    """Return how many reports wait for a decision of the staff of a track."""
    found = await fetch_value(db, OpenReports, OPEN_REPORTS, track_id)
    assert found is not None
    return found
