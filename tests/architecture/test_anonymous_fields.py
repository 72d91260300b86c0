"""Every id and every time that is shown says what it reveals: nothing, or nothing about a user whose name is not shown.

A field or a line of a page that is added has to be put into one of the lists.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import get_args

import pytest

import learning_platform.web.schemas as schemas
from learning_platform.core.anonymity import shown_day
from learning_platform.core.database import Connection
from learning_platform.notifications.messages import SHOWN_BY_DAY, NotificationType
from learning_platform.web.pages.kit.rendering import TEMPLATES, environment
from learning_platform.web.schemas.common import Output
from tests.architecture.test_random_ids import SHOWN_ANONYMOUSLY

# Of tracks, their calendars and people who are named where it is shown.
PUBLIC = {
    "Assignment.*",
    "AssignmentOutcome.assignment_id",
    "Accepted.*",
    "Author.id",
    # Of a finished track, to those to whom the holder gave its address.
    "Certificate.*",
    "Criterion.id",
    "CriterionResult.criterion_id",
    "CurrentAssignment.*",
    "Invited.*",
    "MyTrack.*",
    "Offer.*",
    "BoardRow.id",
    "ParticipantOutcome.id",
    "PublicProfile.created_at",
    "QuestionSummary.assignment_id",
    "QuestionSummary.track_id",
    "Question.assignment_id",
    "Question.track_id",
    "ReviewQuality.id",
    "Score.criterion_id",
    "StaffMember.*",
    "Starter.*",
    "Thread.criterion_id",
    "Track.*",
    "Waiting.*",
    "TrackStart.*",
}
# Of what the reader did, or what was given to them by name.
OWN = {
    "Appeal.created_at",
    "Appeal.settled_at",
    "ClaimedSubmission.assignment_id",
    "ClaimedSubmission.claimed_until",
    # By staff, of one's own submission.
    "Correction.corrected_at",
    "EmailChange.*",
    "CreatedHandInToken.*",
    "DiaryEntry.assignment_id",
    "Enrollment.*",
    "Extension.*",
    "LeftOut.*",
    "HandInToken.*",
    "Notification.assignment_id",
    "Notification.due_at",
    # In the order of one's own inbox, which `after` and `up_to` rely on.
    "Notification.id",
    "Notification.track_id",
    "SecondIteration.*",
    "Snapshot.*",
    "Submission.assignment_id",
    "Submission.submitted_at",
    "AssignmentProgress.assignment_id",
    "TrackProgress.*",
    "User.*",
    "UserSession.*",
}
# To people who oversee a track; they see the names too.
STAFF = {
    "CohortFigures.*",
    "CreatedInvitation.*",
    "Invitation.*",
    "OverseenAppeal.assignment_id",
    "OverseenAppeal.created_at",
    "OverseenAppeal.settled_at",
    "OverseenSubmission.assignment_id",
    "OverseenSubmission.participant_id",
    "BoardCell.extended_to",
    "OverseenSubmission.submitted_at",
    "Participant.*",
    "Report.reported_at",
    "ReportOfPost.reported_at",
    "ReportedMessage.assignment_id",
    "ReportedMessage.reported_at",
    "ReportedMessage.decided_at",
    "ReportedPost.*",
    "ReturnedClaim.assignment_id",
    "ReturnedClaim.returned_at",
    "TrackCertificate.*",
}
# Shown anonymously, drawn at random: of which table.
RANDOM = {
    "Appeal.id": "appeals",
    "Appeal.submission_id": "submissions",
    "BoardCell.submission_id": "submissions",
    "ClaimedSubmission.id": "claims",
    "ClaimedSubmission.submission_id": "submissions",
    "Correction.id": "corrections",
    "DiaryEntry.id": "diary_entries",
    "Post.id": "question_posts",
    "EqualSubmission.id": "submissions",
    "Question.id": "questions",
    "QuestionSummary.id": "questions",
    "OverseenAppeal.id": "appeals",
    "OverseenAppeal.submission_id": "submissions",
    "OverseenSubmission.id": "submissions",
    "ReceivedReviews.submission_id": "submissions",
    "ReportedMessage.id": "thread_messages",
    "ReportedMessage.submission_id": "submissions",
    "ReportedMessage.thread_id": "threads",
    "ReturnedClaim.id": "claims",
    "ReturnedClaim.submission_id": "submissions",
    "GivenReview.id": "reviews",
    "Review.id": "reviews",
    "Submission.id": "submissions",
    "Thread.id": "threads",
    "ThreadMessage.id": "thread_messages",
}
# Shown anonymously, as a day.
DAY = {
    "ClaimedSubmission.changed_at",
    # Of others' entries; `updated_at` is null of them.
    "DiaryEntry.created_at",
    "DiaryEntry.updated_at",
    # Of what is in SHOWN_BY_DAY.
    "Notification.created_at",
    # Of others' reviews.
    "GivenReview.updated_at",
    "Review.updated_at",
    "SettledAppeal.settled_at",
    # Where the writer is not named.
    "Post.created_at",
    "ThreadMessage.created_at",
}
# What brings about each message: the clock, the track's author, the reader; or a user whose name is not shown.
BY_CLOCK = {
    "assignment_opened",
    "deadline_warning",
    "review_started",
    "reviews_overdue",
    "iteration_opened",
    "iteration_reminder",
    "track_finished",
    "certificate_issued",
    # The reader's own repository.
    "hand_in_failed",
    "repository_changed",
    # Of the starter code that the reader gave.
    "starter_failed",
}
BY_NAMED = {
    "start_planned",
    "start_missed",
    "seat_received",
    "next_cohort",
    "assignments_changed",
    "track_started",
    "deadline_moved",
    "staff_reminder",
    "appeal_settled",
    "scores_corrected",
    "certificate_revoked",
    "track_cancelled",
    "staff_changed",
    "track_offered",
    "track_handed_over",
    "removed_from_track",
    # Staff who oversee the track see the name.
    "participant_left",
    "appeal_made",
    "post_reported",
    "message_reported",
    "review_returned",
}
# The times on pages that participants see, by template; pages of staff and of one's own settings are left out below.
TIME_FILTERS = {"datetime", "left", "until", "ago", "day", "date"}
TIME = re.compile(rf"([a-z_.]+) \| ({'|'.join(sorted(TIME_FILTERS))})\b")
SHOWN_TIMES = {
    "assignment.html": {
        "assignment.iteration_due_at",
        "assignment.opens_at",
        "assignment.reviews_due_at",
        "due_at",
        # One's own entries; those of others by day.
        "each.created_at",
        "each.submitted_at",
    },
    # `each.time`: a deadline that staff moved while another of them was filling in the form for it. `place`: one's own.
    "components.html": {"each.time", "place.until", "start.at", "track.finishes_at"},
    # Of a track that is over, and chosen to be shown by its holder.
    "certificate.html": {
        "certificate.finished_at",
        "certificate.issued_at",
        "certificate.revoked_at",
        "certificate.started_at",
    },
    "code_threads.html": {"message.created_at"},
    "cohorts.html": {"each.finishes_at", "each.started_at"},
    "feedback.html": {"appeals_due_at"},
    "feedback_parts.html": {"assignment.iteration_due_at", "received.appeal.created_at"},
    # Of one's own hand-in.
    "hand_in_state.html": {"version.snapshot.frozen_at"},
    "home.html": {
        "at.finishes_at",
        "at.reviews_due_at",
        "at.start.at",
        "each.last_at",
        "each.since",
        "each.until",
        "track.start.at",
    },
    "invitation.html": {"invited.expires_at", "track.finishes_at", "track.started_at"},
    "removal.html": {"removal.removed_at"},
    "inbox.html": {"each.created_at"},
    "profile.html": {"each.issued_at", "profile.created_at"},
    # One's own.
    "progress.html": {"each.issued_at"},
    # Days, where the writer is not named; of those who are named, the time.
    "question.html": {"post.created_at"},
    "questions.html": {"each.question.created_at"},
    # One's own reviews.
    "review.html": {
        "assignment.reviews_due_at",
        "each.created_at",
        "progress.personal_due_at",
        # A day.
        "settled.settled_at",
        "work.changed_at",
        "work.claimed_until",
    },
    "scores.html": {"each.corrected_at"},
    # For the track's author.
    "starter.html": {"given.received_at"},
    "manage_track.html": {"first_due_at", "track.start.at"},
    "timeline.html": {"dates.due_at", "dates.iteration_due_at", "dates.opens_at", "dates.reviews_due_at"},
    "track.html": {
        "appeals_due_at",
        "plan.ends_at",
        "track.head_start_until",
        "track.finishes_at",
        "track.started_at",
        "until",
    },
}
BY_DAY_ON_PAGES = {
    ("assignment.html", "each.created_at"),
    ("code_threads.html", "message.created_at"),
    ("home.html", "each.last_at"),
    ("inbox.html", "each.created_at"),
    ("question.html", "post.created_at"),
    ("questions.html", "each.question.created_at"),
    ("review.html", "settled.settled_at"),
    ("review.html", "work.changed_at"),
}
STAFF_AND_OWN_TEMPLATES = re.compile(r"(admin|board|extend|replace|settings|track_form|submission)")


def shown_fields() -> Iterator[str]:
    """Yield every id and every time of every schema of answers."""
    for module in pkgutil.iter_modules(schemas.__path__):
        importlib.import_module(f"{schemas.__name__}.{module.name}")
    ahead = [Output]
    while ahead:
        schema = ahead.pop()
        # Tests make schemas of their own.
        ahead += [each for each in schema.__subclasses__() if each.__module__.startswith(schemas.__name__)]
        for name, field in schema.model_fields.items():
            if name == "id" or name.endswith("_id") or "datetime" in str(field.annotation):
                yield f"{schema.__name__}.{name}"


def test_every_id_and_time_of_an_answer_says_what_it_reveals() -> None:
    listed = PUBLIC | OWN | STAFF | set(RANDOM) | DAY
    fields = set(shown_fields())
    unknown = {field for field in fields if field not in listed and f"{field.partition('.')[0]}.*" not in listed}
    assert unknown == set()
    assert {name for name in listed if not name.endswith(".*")} <= fields, "listed, and there no more"
    assert set(RANDOM.values()) == SHOWN_ANONYMOUSLY


def test_every_message_says_who_brings_it_about() -> None:
    assert set(get_args(NotificationType)) == BY_CLOCK | BY_NAMED | SHOWN_BY_DAY
    assert not SHOWN_BY_DAY & (BY_CLOCK | BY_NAMED)


def test_every_filter_for_times_exists() -> None:
    assert set(environment("en").filters) >= TIME_FILTERS


def test_every_time_on_a_page_for_participants_is_known() -> None:
    found: dict[str, set[str]] = {}
    by_day = set()
    for template in TEMPLATES.glob("*.html"):
        if not STAFF_AND_OWN_TEMPLATES.search(template.name):
            for expression, filter in TIME.findall(template.read_text()):
                found.setdefault(template.name, set()).add(expression)
                if filter == "day":
                    by_day.add((template.name, expression))
    assert found == SHOWN_TIMES
    assert by_day == BY_DAY_ON_PAGES


@pytest.mark.parametrize("hours", [-26, -1, 0, 5, 11, 12, 30])
async def test_the_day_is_the_same_in_the_database(db: Connection, hours: int) -> None:
    time = datetime(2030, 1, 1, 12, 34, 56, 789, tzinfo=UTC) + timedelta(hours=hours)
    day = shown_day(time.astimezone(timezone(timedelta(hours=9))))
    assert day == await db.fetchval("select shown_day($1)", time)
    assert day == datetime(time.year, time.month, time.day, tzinfo=UTC)


WINDOW_END, TRACK_END = datetime(2030, 1, 3, tzinfo=UTC), datetime(2030, 1, 9, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("sees_all", "status", "now", "before"),
    [
        (False, "running", WINDOW_END - MICROSECOND, None),
        (False, "running", WINDOW_END, WINDOW_END),
        (False, "running", TRACK_END - MICROSECOND, WINDOW_END),
        # By the clock, whether or not anything has noticed.
        (False, "running", TRACK_END, "infinity"),
        (False, "finished", TRACK_END, "infinity"),
        (False, "cancelled", WINDOW_END - MICROSECOND, None),
        (False, "cancelled", WINDOW_END, "infinity"),
        (True, "running", WINDOW_END - MICROSECOND, "infinity"),
        (True, "running", WINDOW_END, "infinity"),
    ],
)
async def test_what_others_are_shown(
    db: Connection, sees_all: bool, status: str, now: datetime, before: datetime | str | None
) -> None:
    shown = await db.fetchval(
        "select shown_before($1, $2, $3, $4, $5)::text", sees_all, WINDOW_END, TRACK_END, status, now
    )
    assert shown == (str(before) + "" if isinstance(before, str) else before and f"{before:%Y-%m-%d %H:%M:%S}+00")
