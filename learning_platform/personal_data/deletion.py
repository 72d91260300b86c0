"""Delete an account: what becomes of every column is listed in `web.exports.personal_data`, and done here.

Locks tracks, then what lies on them, as every action does (docs/locking.md).
"""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.accounts.actions import delete_account
from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection, fetch_ids, fetch_values
from learning_platform.core.errors import Conflict
from learning_platform.core.languages import N_
from learning_platform.diary.actions import delete_private_entries
from learning_platform.enrollment.actions import leave_enrolling_tracks, note_free_places
from learning_platform.notifications.actions import delete_notifications
from learning_platform.notifications.mail.queue import delete_mail
from learning_platform.reviews.claims import release
from learning_platform.reviews.leaving import leave_running_tracks
from learning_platform.snapshots.store import delete_unused
from learning_platform.tracks.actions import delete_track

# All in one statement, in the order of ids: two people who delete their accounts may be on each other's tracks.
LOCK_TRACKS = """
select id from tracks
where author_id = $1 and status in ('draft', 'enrolling', 'running')
    or id in (select track_id from participants where user_id = $1)
    or id in (select track_id from waiting_list where user_id = $1)
order by id for no key update
"""
# Before the assignments, as when something is handed in.
LOCK_PARTICIPATIONS = "select track_id from participants where user_id = $1 order by track_id for no key update"
# Claims and reviews under way end before, and none begins: what is claimed of this person's work is known.
LOCK_ASSIGNMENTS = """
select id from assignments where id in (select assignment_id from submissions where user_id = $1)
order by id for update
"""
# Answers under way end before, and none begins: a question that has been answered is not deleted.
LOCK_QUESTIONS = """
select id from questions where id in (
    select question_id from question_posts where writer_id = $1) order by id for update
"""
ENROLLING_TRACKS = "select id from tracks where author_id = $1 and status in ('draft', 'enrolling') order by id"
RUNNING_TRACKS = """
select id, title from tracks where author_id = $1 and status = 'running' and finishes_at > $2 order by id
"""
# Before the deadline no reviewer has seen a submission; it is deleted as if it had never been handed in.
DELETE_UNSEEN_SUBMISSIONS = """
delete from submissions s using assignments a
where s.user_id = $1 and a.id = s.assignment_id and a.due_at > $2
    and not exists (select from claims c where c.submission_id = s.id)
"""
END_CLAIMS_ON = """
with held as (
    select c.id, c.counts, c.submission_id, o.id as own_submission_id
    from claims c join submissions s on s.id = c.submission_id
        left join submissions o on o.assignment_id = c.assignment_id and o.user_id = c.reviewer_id
    where s.user_id = $1 and c.state = 'open' order by c.id for update of c
)
update claims c set state = 'released', counts = false, ended_at = $2 from held
where c.id = held.id returning c.submission_id, held.counts, held.own_submission_id
"""
# A link names its owner, most often in its path. `.invalid` leads nowhere by RFC 2606.
WITHDRAW_SUBMISSIONS = """
update submissions
set repo_url = case when repo_url is not null then 'https://deleted.invalid/' end,
    comment = null, is_withdrawn = true
where user_id = $1
"""
DELETE_VERSIONS = """
delete from submission_versions where submission_id in (select id from submissions where user_id = $1)
"""
DELETE_DRAFTS = "delete from threads where writer_id = $1 and sent_at is null"
DELETE_THREADS = "delete from threads where submission_id in (select id from submissions where user_id = $1)"
DELETE_VIEWED = "delete from viewed_files where user_id = $1"
# A starter that an author gave stays with the track, as its assignments do.
DELETE_SNAPSHOTS = """
delete from snapshots n where n.user_id = $1 and not exists (select from starters b where b.snapshot_id = n.id)
"""
TRACKS_OF_SNAPSHOTS = "select distinct track_id as id from snapshots where user_id = $1 order by id"
DELETE_HIDDEN_TERMS = "delete from hidden_terms where user_id = $1"
DELETE_STAFF_ROLES = "delete from track_staff where user_id = $1"
DELETE_CERTIFICATES = "delete from certificates where user_id = $1"
DELETE_OFFERS = "delete from hand_over_offers where user_id = $1 or offered_by = $1"
DELETE_REMOVALS = "delete from removals where user_id = $1"
# Only now: they say which invitations were theirs.
DELETE_EMAIL_CHANGES = "delete from email_changes where user_id = $1"
DELETE_INVITATION_USES = "delete from invitation_uses where user_id = $1"
# Those that were sent to their address, or to a former one while it was theirs, and those that they accepted.
DELETE_INVITATIONS = """
delete from invitations i where lower(email) = (select lower(email) from users where id = $1)
    or exists (select from email_changes c where c.user_id = $1 and lower(c.old_email) = lower(i.email)
        and c.undone_at is null and i.created_at < c.confirmed_at)
    or email is not null and id in (select invitation_id from invitation_uses where user_id = $1)
"""
DELETE_WAITING = "delete from waiting_list where user_id = $1"
DELETE_TOKENS = "delete from hand_in_tokens where user_id = $1"
ERASE_REASONS = "update extensions set reason = '' where user_id = $1"
DELETE_OPEN_APPEALS = """
delete from appeals where settled_at is null and submission_id in (select id from submissions where user_id = $1)
"""
ERASE_APPEALS = """
update appeals set text = '', settlement = '' where submission_id in (select id from submissions where user_id = $1)
"""
ERASE_CORRECTIONS = """
update corrections set reason = '' where submission_id in (select id from submissions where user_id = $1)
"""
DELETE_UNANSWERED_QUESTIONS = """
delete from questions q where q.writer_id = $1 and not exists (
    select from question_posts p where p.question_id = q.id and p.writer_id <> $1)
"""
# What others see of a post before names are shown is kept.
MASK_POSTS = "update question_posts set title = masked_title, text = masked_text where writer_id = $1"
DELETE_QUESTION_READER = "delete from question_readers where user_id = $1"
DELETE_QUESTION_MUTES = "delete from question_mutes where user_id = $1"
DELETE_INBOX = "delete from inboxes where user_id = $1"
BY_USER = (
    DELETE_VERSIONS,
    DELETE_DRAFTS,
    DELETE_THREADS,
    DELETE_VIEWED,
    DELETE_SNAPSHOTS,
    DELETE_HIDDEN_TERMS,
    DELETE_STAFF_ROLES,
    DELETE_CERTIFICATES,
    DELETE_OFFERS,
    DELETE_REMOVALS,
    DELETE_INVITATIONS,
    DELETE_EMAIL_CHANGES,
    DELETE_INVITATION_USES,
    DELETE_WAITING,
    DELETE_TOKENS,
    ERASE_REASONS,
    DELETE_OPEN_APPEALS,
    ERASE_APPEALS,
    ERASE_CORRECTIONS,
    DELETE_UNANSWERED_QUESTIONS,
    MASK_POSTS,
    DELETE_QUESTION_READER,
    DELETE_QUESTION_MUTES,
    DELETE_INBOX,
)


class AuthorOfRunningTracks(Conflict):
    code = "author_of_running_tracks"
    message = N_("You are the author of running tracks: {tracks}. Hand them over or cancel them first.")


@dataclass(frozen=True, slots=True)
class RunningTrack:
    """A track under way."""

    id: int
    title: str


async def delete_account_data(db: Connection, *, user_id: int, password_hash: str, now: datetime) -> None:
    """Erase a person whose account is locked. What others need stays, without a name: reviews, shared diary entries.

    `password_hash` is that of a password that no person knows. Raises AuthorOfRunningTracks.
    """
    await db.execute(LOCK_TRACKS, user_id)
    await ensure_no_running_tracks(db, user_id=user_id, now=now)
    await db.execute(LOCK_PARTICIPATIONS, user_id)
    await db.execute(LOCK_ASSIGNMENTS, user_id)
    await db.execute(LOCK_QUESTIONS, user_id)
    free_on = await leave_enrolling_tracks(db, user_id=user_id)
    await leave_running_tracks(db, user_id=user_id, now=now)
    await _withdraw_submissions(db, user_id=user_id, now=now)
    handed_in_on = await fetch_ids(db, TRACKS_OF_SNAPSHOTS, user_id)
    for statement in BY_USER:
        await db.execute(statement, user_id)
    await delete_unused(db, track_ids=handed_in_on)
    await delete_private_entries(db, user_id=user_id)
    await delete_mail(db, user_id=user_id)
    await delete_account(db, user_id=user_id, password_hash=password_hash, now=now)
    # Last: participants are notified (docs/locking.md).
    own = await fetch_ids(db, ENROLLING_TRACKS, user_id)
    await note_free_places(db, track_ids=[track_id for track_id in free_on if track_id not in own], now=now)
    for track_id in own:
        await delete_track(db, track_id=track_id, actor=Actor(user_id), now=now)
    await delete_notifications(db, user_id=user_id)


async def ensure_no_running_tracks(db: Connection, *, user_id: int, now: datetime) -> None:
    """Raise AuthorOfRunningTracks if a track of theirs is under way, which would be without an author."""
    running = await running_tracks(db, user_id=user_id, now=now)
    if running:
        raise AuthorOfRunningTracks(tracks=", ".join(f"“{track.title}”" for track in running))


async def running_tracks(db: Connection, *, user_id: int, now: datetime) -> list[RunningTrack]:
    """Return the tracks under way of which the user is the author."""
    return await fetch_values(db, RunningTrack, RUNNING_TRACKS, user_id, now)


async def _withdraw_submissions(db: Connection, *, user_id: int, now: datetime) -> None:
    """Erase links, and give those who were to review them something else when they ask again."""
    await db.execute(DELETE_UNSEEN_SUBMISSIONS, user_id, now)
    for row in await db.fetch(END_CLAIMS_ON, user_id, now):
        if row["counts"]:
            await release(db, submission_id=row["submission_id"], own_submission_id=row["own_submission_id"])
    await db.execute(WITHDRAW_SUBMISSIONS, user_id)
