"""What of a notification is true when an email about it goes out: seconds after it was made, or days."""

from dataclasses import dataclass, replace
from datetime import datetime

from learning_platform.attempts.rules import personal_deadline
from learning_platform.core.database import Connection, fetch_value
from learning_platform.notifications.messages import NotificationType
from learning_platform.notifications.queries import Notification
from learning_platform.tracks.rules import TrackStatus

FACTS = """
select t.status, t.finishes_at, a.due_at, e.due_at as extended_to, a.reviews_due_at,
    iteration_due_at(a.reviews_due_at, t.iteration_hours) as iteration_due_at,
    p.user_id is null or p.left_at is not null as has_left, m.finished_at is not null as is_through,
    exists (select from submissions s where s.assignment_id = a.id and s.user_id = $3) as has_submission,
    exists (select from submissions s join submission_versions v on v.submission_id = s.id and v.iteration = 2
        where s.assignment_id = a.id and s.user_id = $3) as has_second_iteration
from tracks t left join assignments a on a.track_id = t.id and a.id = $2
    left join participants p on p.track_id = t.id and p.user_id = $3
    left join attempts m on m.assignment_id = a.id and m.user_id = $3
    left join extensions e on e.assignment_id = a.id and e.user_id = $3
where t.id = $1
"""
# The others stay true: something happened.
CALLS_FOR_ACTION: frozenset[NotificationType] = frozenset(
    {
        "track_started",
        "assignment_opened",
        "deadline_warning",
        "deadline_moved",
        "review_started",
        "submission_returned",
        "reviews_overdue",
        "iteration_opened",
        "iteration_reminder",
    }
)


@dataclass(frozen=True, slots=True)
class Facts:
    """How things are for one person on a track, and at the assignment a notification is about."""

    status: TrackStatus
    finishes_at: datetime | None
    due_at: datetime | None
    extended_to: datetime | None
    reviews_due_at: datetime | None
    iteration_due_at: datetime | None
    has_left: bool
    is_through: bool
    has_submission: bool
    has_second_iteration: bool


async def current_facts(db: Connection, notification: Notification, now: datetime) -> Notification | None:
    """Return the notification as it is true at `now`, or None if there is no point in it any more."""
    if notification.type not in CALLS_FOR_ACTION:
        return notification
    facts = await fetch_value(db, Facts, FACTS, notification.track_id, notification.assignment_id, notification.user_id)
    return None if facts is None else as_it_is(notification, facts, now=now)


def as_it_is(notification: Notification, facts: Facts, *, now: datetime) -> Notification | None:
    """Return a notification that calls for action with the times and facts of `now`, or None."""
    is_over = facts.status != "running" or (facts.finishes_at is not None and facts.finishes_at <= now)
    if is_over or facts.has_left:
        return None
    due_at = personal_deadline(due_at=facts.due_at, extended_to=facts.extended_to)
    match notification.type:
        case "deadline_warning" | "deadline_moved":
            # Another message announces a deadline that has moved again.
            is_outdated = due_at is None or due_at <= now or due_at != notification.due_at
            return None if is_outdated else _with_submission(notification, facts)
        case "assignment_opened":
            return None if facts.is_through else replace(notification, due_at=due_at)
        case "review_started" if "nothing_owed" in notification.parameters:
            return notification
        case "review_started" | "reviews_overdue":
            return None if facts.is_through else replace(notification, due_at=facts.reviews_due_at)
        case "iteration_opened" | "iteration_reminder":
            is_closed = facts.iteration_due_at is None or facts.iteration_due_at <= now or facts.has_second_iteration
            return None if is_closed else replace(notification, due_at=facts.iteration_due_at)
        case "submission_returned":
            is_closed = facts.reviews_due_at is None or facts.reviews_due_at <= now
            return None if is_closed else replace(notification, due_at=facts.reviews_due_at)
    return notification


def _with_submission(notification: Notification, facts: Facts) -> Notification:
    if notification.type != "deadline_warning":
        return notification
    return replace(notification, submitted=facts.has_submission)
