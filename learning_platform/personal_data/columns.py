"""What is kept about people, column by column.

`KEPT` says of every column of every table whether it is about a person, whether their export has it (`data_export`),
and what becomes of it when they delete their account (`web.erasure`). A test compares it with the schema, with an
export and with a deletion: a new column fails it until it stands here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

# What deleting an account does with a value:
#   erased   it is overwritten or set to null
#   deleted  its row is deleted
#   expires  its row is deleted when its time is over: until then it says that access tokens are revoked
#   kept     it stays: it identifies no person once the name is gone, or it belongs to another user too
Deletion = Literal["erased", "deleted", "expires", "kept"]


@dataclass(frozen=True, slots=True)
class Personal:
    """A column about a person: whether the export has it, and what becomes of it when the account is deleted."""

    deletion: Deletion
    exported: bool = True


EXPORTED_AND_KEPT, EXPORTED_AND_ERASED = Personal("kept"), Personal("erased")
EXPORTED_AND_DELETED = Personal("deleted")
# Numbers of rows and of the people in them: without a name they say nothing, and an export has names instead.
REFERENCE = Personal("kept", exported=False)
REFERENCE_DELETED = Personal("deleted", exported=False)
# Secrets that give access are never exported.
SECRET = Personal("erased", exported=False)
EXPORTED_AND_EXPIRES, REFERENCE_EXPIRES = Personal("expires"), Personal("expires", exported=False)
# What the platform notes for itself about something of theirs.
BOOKKEEPING = Personal("kept", exported=False)
NOT_PERSONAL = None

KEPT: Mapping[str, Mapping[str, Personal | None]] = {
    "users": {
        "id": EXPORTED_AND_KEPT,
        "email": EXPORTED_AND_ERASED,
        "username": EXPORTED_AND_ERASED,
        "password_hash": SECRET,
        "role": EXPORTED_AND_KEPT,
        "locale": EXPORTED_AND_KEPT,
        "time_zone": EXPORTED_AND_ERASED,
        "created_at": EXPORTED_AND_KEPT,
        # A blocked user cannot sign in to export; for a deleted account the value says that it is deleted.
        "blocked_at": BOOKKEEPING,
        "email_confirmed_at": EXPORTED_AND_ERASED,
        "feed_key": SECRET,
        "version": BOOKKEEPING,
    },
    "sessions": {
        "id": REFERENCE_EXPIRES,
        "user_id": REFERENCE_EXPIRES,
        "created_at": EXPORTED_AND_EXPIRES,
        "expires_at": EXPORTED_AND_EXPIRES,
        "revoked_at": EXPORTED_AND_EXPIRES,
    },
    "refresh_tokens": {
        "token_hash": REFERENCE_EXPIRES,
        "session_id": REFERENCE_EXPIRES,
        "created_at": REFERENCE_EXPIRES,
        "used_at": REFERENCE_EXPIRES,
    },
    # The network is a keyed hash: it can be compared, and not read.
    "known_networks": {
        "user_id": REFERENCE_DELETED,
        "network": REFERENCE_DELETED,
        "last_used_at": EXPORTED_AND_DELETED,
    },
    # Keyed hashes of addresses and accounts, forgotten when their time is over.
    "rate_limits": {
        "rule": NOT_PERSONAL,
        "key": NOT_PERSONAL,
        "uses": NOT_PERSONAL,
        "free_at": NOT_PERSONAL,
    },
    # Courses that others learn by. One that gathers people goes with its author.
    "tracks": {
        "id": REFERENCE,
        "author_id": REFERENCE,
        "title": EXPORTED_AND_KEPT,
        "description": EXPORTED_AND_KEPT,
        "status": EXPORTED_AND_KEPT,
        "required_participants": NOT_PERSONAL,
        "participants_count": NOT_PERSONAL,
        "review_hours": NOT_PERSONAL,
        "created_at": EXPORTED_AND_KEPT,
        "started_at": NOT_PERSONAL,
        "finishes_at": NOT_PERSONAL,
        "search": BOOKKEEPING,
        "calendar_changed_at": NOT_PERSONAL,
        "version": NOT_PERSONAL,
    },
    "criteria": {
        "id": NOT_PERSONAL,
        "track_id": NOT_PERSONAL,
        "position": NOT_PERSONAL,
        "name": EXPORTED_AND_KEPT,
        "description": EXPORTED_AND_KEPT,
        "max_score": NOT_PERSONAL,
    },
    "assignments": {
        "id": NOT_PERSONAL,
        "track_id": NOT_PERSONAL,
        "position": NOT_PERSONAL,
        "title": EXPORTED_AND_KEPT,
        "description": EXPORTED_AND_KEPT,
        "duration_hours": NOT_PERSONAL,
        "opens_at": NOT_PERSONAL,
        "due_at": NOT_PERSONAL,
        "reviews_due_at": NOT_PERSONAL,
        "review_started_at": NOT_PERSONAL,
        "version": NOT_PERSONAL,
    },
    "scheduled_events": {
        "id": REFERENCE,
        "track_id": REFERENCE,
        "assignment_id": REFERENCE,
        "user_id": REFERENCE,
        "kind": BOOKKEEPING,
        "due_at": BOOKKEEPING,
        "pending": BOOKKEEPING,
    },
    "participants": {
        "track_id": REFERENCE,
        "user_id": REFERENCE,
        "enrolled_at": EXPORTED_AND_KEPT,
        "left_at": EXPORTED_AND_KEPT,
    },
    "attempts": {
        "id": REFERENCE,
        "track_id": REFERENCE,
        "assignment_id": REFERENCE,
        "user_id": REFERENCE,
        "opened_at": EXPORTED_AND_KEPT,
        "finished_at": EXPORTED_AND_KEPT,
        "reviews_required": EXPORTED_AND_KEPT,
        "reviews_done": EXPORTED_AND_KEPT,
        "excused_reviews": EXPORTED_AND_KEPT,
        "excused_at": EXPORTED_AND_KEPT,
    },
    # A link names its owner. What reviewers said of the work stays, for them and for the medians of the track.
    "submissions": {
        "id": REFERENCE,
        "attempt_id": REFERENCE,
        "assignment_id": REFERENCE,
        "user_id": REFERENCE,
        "repo_url": EXPORTED_AND_ERASED,
        "comment": EXPORTED_AND_ERASED,
        "submitted_at": EXPORTED_AND_KEPT,
        "review_count": BOOKKEEPING,
        "author_owes": BOOKKEEPING,
        "draw_key": BOOKKEEPING,
        "is_disputed": BOOKKEEPING,
        "is_withdrawn": BOOKKEEPING,
        "version": BOOKKEEPING,
    },
    "submission_versions": {
        "id": REFERENCE_DELETED,
        "submission_id": REFERENCE_DELETED,
        "repo_url": EXPORTED_AND_DELETED,
        "comment": EXPORTED_AND_DELETED,
        "submitted_at": EXPORTED_AND_DELETED,
    },
    "extensions": {
        "id": REFERENCE,
        "assignment_id": REFERENCE,
        "user_id": REFERENCE,
        "due_at": EXPORTED_AND_KEPT,
        "reason": EXPORTED_AND_ERASED,
        "granted_by": REFERENCE,
        "granted_at": EXPORTED_AND_KEPT,
        "review_started_at": BOOKKEEPING,
        "version": BOOKKEEPING,
    },
    # What was said of others' work belongs to them too, and names no person.
    "claims": {
        "id": REFERENCE,
        "assignment_id": REFERENCE,
        "submission_id": REFERENCE,
        "reviewer_id": REFERENCE,
        "state": EXPORTED_AND_KEPT,
        "reason": EXPORTED_AND_KEPT,
        "counts": BOOKKEEPING,
        "claimed_at": EXPORTED_AND_KEPT,
        "claimed_until": BOOKKEEPING,
        "ended_at": EXPORTED_AND_KEPT,
        "return_reason": EXPORTED_AND_KEPT,
        "return_comment": EXPORTED_AND_KEPT,
    },
    "reviews": {
        "id": REFERENCE,
        "assignment_id": REFERENCE,
        "submission_id": REFERENCE,
        "reviewer_id": REFERENCE,
        "comment": EXPORTED_AND_KEPT,
        "created_at": EXPORTED_AND_KEPT,
        "updated_at": EXPORTED_AND_KEPT,
        # By the author of the submission, about the review.
        "helpful": EXPORTED_AND_KEPT,
        "answer": EXPORTED_AND_KEPT,
        "answered_at": EXPORTED_AND_KEPT,
        "answer_version": BOOKKEEPING,
        "version": BOOKKEEPING,
    },
    "scores": {
        "review_id": REFERENCE,
        "criterion_id": REFERENCE,
        "score": EXPORTED_AND_KEPT,
        "comment": EXPORTED_AND_KEPT,
    },
    # One that waits for an answer is deleted; of others the corrected scores stay, which results rest on.
    "appeals": {
        "id": REFERENCE,
        "assignment_id": REFERENCE,
        "submission_id": REFERENCE,
        "text": EXPORTED_AND_ERASED,
        "created_at": EXPORTED_AND_KEPT,
        "settled_at": EXPORTED_AND_KEPT,
        "settled_by": REFERENCE,
        "settlement": EXPORTED_AND_ERASED,
    },
    "corrected_scores": {
        "appeal_id": REFERENCE,
        "criterion_id": REFERENCE,
        "score": EXPORTED_AND_KEPT,
    },
    # What was shared with a group stays with it; what was private is deleted.
    "diary_entries": {
        "id": REFERENCE,
        "assignment_id": REFERENCE,
        "user_id": REFERENCE,
        "text": EXPORTED_AND_KEPT,
        "visibility": EXPORTED_AND_KEPT,
        "created_at": EXPORTED_AND_KEPT,
        "updated_at": EXPORTED_AND_KEPT,
        "shared_at": EXPORTED_AND_KEPT,
        "shown_text": EXPORTED_AND_KEPT,
        "version": BOOKKEEPING,
    },
    # What happened on a track, announced to many users.
    "announcements": {
        "id": NOT_PERSONAL,
        "event": NOT_PERSONAL,
        "type": NOT_PERSONAL,
        "track_id": NOT_PERSONAL,
        "assignment_id": NOT_PERSONAL,
        "due_at": NOT_PERSONAL,
        "parameters": NOT_PERSONAL,
        "created_at": NOT_PERSONAL,
    },
    "notifications": {
        "id": EXPORTED_AND_DELETED,
        "user_id": REFERENCE_DELETED,
        "announcement_id": REFERENCE_DELETED,
        "submitted": EXPORTED_AND_DELETED,
    },
    "inboxes": {
        "user_id": REFERENCE_DELETED,
        "read_up_to": EXPORTED_AND_DELETED,
    },
    "mail_preferences": {
        "user_id": REFERENCE_DELETED,
        "types": EXPORTED_AND_DELETED,
        "version": REFERENCE_DELETED,
    },
    # Those that wait are deleted; those sent are counted until a retention removes them.
    "emails": {
        "id": REFERENCE_EXPIRES,
        "user_id": REFERENCE_EXPIRES,
        "kind": EXPORTED_AND_EXPIRES,
        "notification_id": REFERENCE_EXPIRES,
        "state": EXPORTED_AND_EXPIRES,
        "tries": REFERENCE_EXPIRES,
        "created_at": EXPORTED_AND_EXPIRES,
        "next_try_at": REFERENCE_EXPIRES,
    },
    "installation": {
        "is_only": NOT_PERSONAL,
        "uuid": NOT_PERSONAL,
    },
    "email_cursors": {
        "id": NOT_PERSONAL,
        "announcement_id": NOT_PERSONAL,
    },
}
