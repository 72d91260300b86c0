"""What one person takes along: everything that is kept about them, as `personal_data` lists it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from learning_platform.accounts.rules import BadToken
from learning_platform.core.database import Connection

# Section by section, each from the user id ($1).
USER = """
select id, email, username, role, locale, time_zone, created_at, email_confirmed_at, email_refused_at,
    display_name, about, profile_visibility from users where id = $1
"""
SESSIONS = """
select created_at, expires_at, revoked_at, browser, system from sessions where user_id = $1 order by created_at
"""
EMAIL_CHANGES = """
select old_email, new_email, requested_at, expires_at, confirmed_at, undo_until, undone_at, cancelled_at
from email_changes where user_id = $1 order by id
"""
EXTERNAL_IDENTITIES = """
select provider, subject, created_at, last_used_at from external_identities where user_id = $1 order by created_at, id
"""
KNOWN_NETWORKS = "select last_used_at from known_networks where user_id = $1 order by last_used_at"
HAND_IN_TOKENS = """
select name, created_at, expires_at, last_used_at from hand_in_tokens where user_id = $1 order by created_at
"""
CREATED_TRACKS = """
select t.title, t.description, t.tags, track_status(t.status, t.finishes_at, $2) as status, t.created_at,
    (select jsonb_agg(jsonb_build_object('name', c.name, 'description', c.description) order by c.position)
     from criteria c where c.track_id = t.id) as criteria,
    (select jsonb_agg(jsonb_build_object('title', a.title, 'description', a.description) order by a.position)
     from assignments a where a.track_id = t.id) as assignments
from tracks t where t.author_id = $1 order by t.id
"""
STAFF_ROLES = """
select t.title as track, f.role, f.added_at
from track_staff f join tracks t on t.id = f.track_id where f.user_id = $1 order by f.added_at
"""
WAITING_LISTS = """
select t.title as track, w.joined_at
from waiting_list w join tracks t on t.id = w.track_id where w.user_id = $1 order by w.id
"""
CERTIFICATES = """
select t.title as track, c.code::text, c.issued_at, c.assignments, c.submitted, c.reviewed, c.revoked_at,
    c.revoke_reason
from certificates c join tracks t on t.id = c.track_id where c.user_id = $1 order by c.issued_at
"""
INVITATIONS = """
select t.title as track, i.role, i.email, i.name, i.created_at, i.expires_at, i.withdrawn_at, i.declined_at,
    i.opened_at
from invitations i join tracks t on t.id = i.track_id
where lower(i.email) = (select lower(email) from users where id = $1)
    or exists (select from email_changes c where c.user_id = $1 and lower(c.old_email) = lower(i.email)
        and c.undone_at is null and i.created_at < c.confirmed_at)
    or i.email is not null and i.id in (select invitation_id from invitation_uses where user_id = $1) order by i.id
"""
ACCEPTED_INVITATIONS = """
select t.title as track, i.role, s.used_at
from invitation_uses s join invitations i on i.id = s.invitation_id join tracks t on t.id = i.track_id
where s.user_id = $1 order by s.used_at, i.id
"""
OFFERED_TRACKS = """
select t.title as track, o.offered_at from hand_over_offers o join tracks t on t.id = o.track_id
where o.user_id = $1 order by o.offered_at
"""
REMOVALS = """
select t.title as track, r.reason, r.removed_at from removals r join tracks t on t.id = r.track_id
where r.user_id = $1 order by r.removed_at
"""
TRACKS = """
select t.title, track_status(t.status, t.finishes_at, $2) as status, t.started_at, t.finishes_at, p.enrolled_at,
    p.left_at, p.moved_up_at, p.reminded_at
from participants p join tracks t on t.id = p.track_id where p.user_id = $1 order by t.id
"""
ASSIGNMENTS = """
select t.title as track, a.title as assignment, m.opened_at, m.finished_at, m.reviews_required, m.reviews_done,
    m.excused_reviews, m.excused_at
from attempts m join assignments a on a.id = m.assignment_id join tracks t on t.id = a.track_id
where m.user_id = $1 order by t.id, a.position
"""
SUBMISSIONS = """
select t.title as track, a.title as assignment, s.repo_url, s.comment, s.submitted_at,
    (select jsonb_agg(jsonb_build_object('repo_url', v.repo_url, 'comment', v.comment, 'submitted_at', v.submitted_at)
        order by v.id)
     from submission_versions v where v.submission_id = s.id) as versions
from submissions s join assignments a on a.id = s.assignment_id join tracks t on t.id = a.track_id
where s.user_id = $1 order by t.id, a.position
"""
SNAPSHOTS = """
select t.title as track, a.title as assignment, n.origin, n.state, n.repo_url, n.commit, n.committed_at, n.error,
    n.warnings, n.mask_terms, n.received_at, n.frozen_at, n.changed_at
from snapshots n join assignments a on a.id = n.assignment_id join tracks t on t.id = n.track_id
where n.user_id = $1 order by n.id
"""
HIDDEN_TERMS = """
select t.title as track, h.terms from hidden_terms h join tracks t on t.id = h.track_id
where h.user_id = $1 order by t.id
"""
EXTENSIONS = """
select t.title as track, a.title as assignment, e.due_at, e.reason, e.granted_at
from extensions e join assignments a on a.id = e.assignment_id join tracks t on t.id = a.track_id
where e.user_id = $1 order by e.granted_at
"""
CLAIMS = """
select t.title as track, a.title as assignment, c.state, c.reason, c.claimed_at, c.ended_at, c.return_reason,
    c.return_comment
from claims c join assignments a on a.id = c.assignment_id join tracks t on t.id = a.track_id
where c.reviewer_id = $1 order by c.claimed_at
"""
REVIEWS = """
select t.title as track, a.title as assignment, r.comment, r.created_at, r.updated_at,
    (select jsonb_agg(jsonb_build_object('criterion', c.name, 'score', s.score, 'comment', s.comment)
        order by c.position)
     from scores s join criteria c on c.id = s.criterion_id where s.review_id = r.id) as scores
from reviews r join assignments a on a.id = r.assignment_id join tracks t on t.id = a.track_id
where r.reviewer_id = $1 order by r.created_at, r.id
"""
# Nothing that would say sooner than the pages do what reviewers wrote.
ANSWERS = """
select t.title as track, a.title as assignment, r.helpful, r.answer as comment, r.answered_at
from submissions s join reviews r on r.submission_id = s.id join assignments a on a.id = s.assignment_id
    join tracks t on t.id = a.track_id
where s.user_id = $1 and r.answered_at is not null order by r.answered_at, r.id
"""
COMMENTS = """
select t.title as track, a.title as assignment, h.kind, h.first_line, h.last_line, h.created_at, h.sent_at,
    (select jsonb_agg(jsonb_build_object('text', m.text, 'created_at', m.created_at) order by m.position)
     from thread_messages m where m.thread_id = h.id and m.writer_id = $1) as messages
from threads h join submissions s on s.id = h.submission_id join assignments a on a.id = s.assignment_id
    join tracks t on t.id = a.track_id
where h.writer_id = $1 order by h.created_at, h.id
"""
ANSWERS_TO_COMMENTS = """
select t.title as track, a.title as assignment, m.text, m.created_at
from thread_messages m join threads h on h.id = m.thread_id join submissions s on s.id = h.submission_id
    join assignments a on a.id = s.assignment_id join tracks t on t.id = a.track_id
where m.writer_id = $1 and h.writer_id <> $1 order by m.created_at, m.id
"""
REPORTS = "select reason, created_at from message_reports where user_id = $1 order by created_at, message_id"
APPEALS = """
select t.title as track, a.title as assignment, p.text, p.created_at, p.settled_at, p.settlement,
    (select jsonb_agg(jsonb_build_object('criterion', c.name, 'score', k.score) order by c.position)
     from corrected_scores k join criteria c on c.id = k.criterion_id where k.appeal_id = p.id) as corrected_scores
from submissions s join appeals p on p.submission_id = s.id join assignments a on a.id = s.assignment_id
    join tracks t on t.id = a.track_id
where s.user_id = $1 order by p.created_at
"""
CORRECTIONS = """
select t.title as track, a.title as assignment, k.reason, k.corrected_at,
    (select jsonb_agg(jsonb_build_object('criterion', c.name, 'score', v.score) order by c.position)
     from correction_scores v join criteria c on c.id = v.criterion_id where v.correction_id = k.id) as scores
from submissions s join corrections k on k.submission_id = s.id join assignments a on a.id = s.assignment_id
    join tracks t on t.id = a.track_id
where s.user_id = $1 order by k.corrected_at
"""
DIARY = """
select t.title as track, a.title as assignment, d.text, d.shown_text as text_shown_to_others, d.visibility,
    d.created_at, d.updated_at, d.shared_at
from diary_entries d join assignments a on a.id = d.assignment_id join tracks t on t.id = a.track_id
where d.user_id = $1 order by d.created_at, d.id
"""
QUESTIONS = """
select t.title as track, a.title as assignment, p.role, p.title, p.text, p.created_at, p.updated_at,
    case when p.position = 1 then q.created_at end as asked_at,
    case when p.position = 1 then q.answered_at end as answered_at
from question_posts p join questions q on q.id = p.question_id join assignments a on a.id = q.assignment_id
    join tracks t on t.id = q.track_id
where p.writer_id = $1 order by p.created_at, p.id
"""
QUESTION_REPORTS = "select reason, created_at from question_reports where user_id = $1 order by created_at, post_id"
QUESTION_CHOICES = """
select t.title as track, r.read_up_to, r.is_muted, (select count(*) from question_mutes m
    join questions q on q.id = m.question_id where m.user_id = $1 and q.track_id = t.id) as muted_questions
from question_readers r join tracks t on t.id = r.track_id where r.user_id = $1 order by t.id
"""
NOTIFICATIONS = """
select n.id, a.type, a.parameters, a.due_at, a.created_at, n.submitted,
    n.is_read or n.id <= coalesce(i.read_up_to, 0) as read
from notifications n join announcements a on a.id = n.announcement_id left join inboxes i on i.user_id = n.user_id
where n.user_id = $1 order by n.id
"""
INBOX = "select read_up_to from inboxes where user_id = $1"
MAIL_CHOICES = """
select types, delivery, digest_hour, quiet_from, quiet_until from mail_preferences where user_id = $1
"""
EMAILS = "select kind, state, created_at from emails where user_id = $1 order by id"
SECTIONS: Mapping[str, str] = {
    "sessions": SESSIONS,
    "email_changes": EMAIL_CHANGES,
    "external_identities": EXTERNAL_IDENTITIES,
    "known_networks": KNOWN_NETWORKS,
    "hand_in_tokens": HAND_IN_TOKENS,
    "created_tracks": CREATED_TRACKS,
    "staff_roles": STAFF_ROLES,
    "waiting_lists": WAITING_LISTS,
    "certificates": CERTIFICATES,
    "offered_tracks": OFFERED_TRACKS,
    "invitations": INVITATIONS,
    "accepted_invitations": ACCEPTED_INVITATIONS,
    "removals": REMOVALS,
    "tracks": TRACKS,
    "assignments": ASSIGNMENTS,
    "submissions": SUBMISSIONS,
    "snapshots": SNAPSHOTS,
    "hidden_terms": HIDDEN_TERMS,
    "extensions": EXTENSIONS,
    "claims": CLAIMS,
    "reviews": REVIEWS,
    "answers": ANSWERS,
    "comments": COMMENTS,
    "answers_to_comments": ANSWERS_TO_COMMENTS,
    "reported_messages": REPORTS,
    "appeals": APPEALS,
    "corrections": CORRECTIONS,
    "diary": DIARY,
    "questions": QUESTIONS,
    "reported_questions": QUESTION_REPORTS,
    "question_choices": QUESTION_CHOICES,
    "notifications": NOTIFICATIONS,
    "inbox": INBOX,
    "mail_choices": MAIL_CHOICES,
    "emails": EMAILS,
}
# A track's status depends on the time ($2).
BY_TIME = {"created_tracks", "tracks"}


async def everything_about(db: Connection, *, user_id: int, now: datetime) -> dict[str, Any]:
    """Return what is kept about one person, section by section. Raises BadToken if the account is gone."""
    user = await db.fetchrow(USER, user_id)
    if user is None:
        raise BadToken
    found: dict[str, Any] = {"user": dict(user)}
    for name, statement in SECTIONS.items():
        arguments = (user_id, now) if name in BY_TIME else (user_id,)
        found[name] = [dict(row) for row in await db.fetch(statement, *arguments)]
    return found
