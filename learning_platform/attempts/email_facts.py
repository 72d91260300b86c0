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
    s.id is not null as has_submission,
    exists (select from submission_versions v where v.submission_id = s.id and v.iteration = 2) as has_second_iteration,
    n.changed_at is not null as has_changed,
    coalesce((select latest.state = 'failed'
        from submission_versions v join snapshots latest on latest.id = v.snapshot_id
        where v.submission_id = s.id order by v.id desc limit 1), false) as is_not_frozen
from tracks t left join assignments a on a.track_id = t.id and a.id = $2
    left join submissions s on s.assignment_id = a.id and s.user_id = $3
    left join snapshots n on n.id = s.snapshot_id
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
        "hand_in_failed",
        "repository_changed",
        "review_started",
        "submission_returned",
        "reviews_overdue",
        "iteration_opened",
        "iteration_reminder",
        "staff_reminder",
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
    is_not_frozen: bool
    has_changed: bool


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
        case "hand_in_failed" | "repository_changed":
            return _about_code(notification, facts, due_at=due_at, now=now)
        case "assignment_opened":
            return None if facts.is_through else replace(notification, due_at=due_at)
        case "review_started" if "nothing_owed" in notification.parameters:
            return notification
        case "review_started" | "reviews_overdue":
            return None if facts.is_through else replace(notification, due_at=facts.reviews_due_at)
        case "iteration_opened" | "iteration_reminder" | "submission_returned":
            return _about_handing_in_again(notification, facts, now=now)
    return notification


def _about_code(
    notification: Notification, facts: Facts, *, due_at: datetime | None, now: datetime
) -> Notification | None:
    """Return what is said of the code that counts, unless other code counts by now."""
    if notification.type == "hand_in_failed":
        return notification if facts.is_not_frozen else None
    return _until(due_at, notification, now=now) if facts.has_changed else None


def _about_handing_in_again(notification: Notification, facts: Facts, *, now: datetime) -> Notification | None:
    if notification.type == "submission_returned":
        return _until(facts.reviews_due_at, notification, now=now)
    return None if facts.has_second_iteration else _until(facts.iteration_due_at, notification, now=now)


def _until(due_at: datetime | None, notification: Notification, *, now: datetime) -> Notification | None:
    return None if due_at is None or due_at <= now else replace(notification, due_at=due_at)


def _with_submission(notification: Notification, facts: Facts) -> Notification:
    if notification.type != "deadline_warning":
        return notification
    parameters = dict(notification.parameters)
    if not facts.is_not_frozen:
        parameters.pop("not_frozen", None)
    return replace(notification, submitted=facts.has_submission, parameters=parameters)
