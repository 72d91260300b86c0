"""Parts from which worlds of actions are built: actions at a time, sweeps, and the state that is compared."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from learning_platform.accounts import actions as accounts
from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection
from learning_platform.personal_data.deletion import delete_account_data
from learning_platform.reviews import reviewing
from learning_platform.reviews.author.extensions import grant_extension
from learning_platform.reviews.claims import claim
from learning_platform.reviews.queries import criteria
from learning_platform.reviews.results import Score
from tests.concurrency.interleavings import Action

A_MILLISECOND = timedelta(milliseconds=1)
HOUR = timedelta(hours=1)
# Whose work is drawn is chance; how much each has had, in all, is not. That an author owes nothing more is only a
# preference of the draw, noted if the row is not locked; of those who have left it is certain.
STATE_OF_TRACKS = """
select 'track', id, status, title, required_participants, participants_count,
    concat_ws(' ', finishes_at, starts_at, start_missed_at, cohort, head_start_until) from tracks
union all select 'assignment', track_id, position || title, null, (review_started_at is null)::int, null,
    concat_ws(' ', due_at, reviews_due_at) from assignments
union all select 'event', assignment_id, user_id::text, kind, pending::int, null, due_at::text from scheduled_events
union all select 'criterion', track_id, name, null, null, null, null from criteria
union all select 'participant', track_id, user_id::text, null, null, null, left_at::text from participants
union all select 'waiting', track_id, user_id::text, null, null, null, null from waiting_list
union all select 'attempt', assignment_id, user_id::text, null, reviews_required, reviews_done,
    concat_ws(' ', opened_at, finished_at) from attempts
union all select 'submission', s.assignment_id, s.user_id::text, s.repo_url, null, null,
    (s.author_owes and p.left_at is not null)::text from submissions s join assignments a on a.id = s.assignment_id
    join participants p on p.track_id = a.track_id and p.user_id = s.user_id
union all select 'served', assignment_id, null, null, sum(review_count)::int, null, null
    from submissions group by assignment_id
union all select 'miscounted', id, null, null, null, null, null from submissions s
    where review_count <> (select count(*) from claims c where c.submission_id = s.id and c.counts)
union all select 'version', s.user_id, v.repo_url, null, null, null, null
    from submission_versions v join submissions s on s.id = v.submission_id
union all select 'claim', assignment_id, reviewer_id::text, state, counts::int, null,
    concat_ws(' ', reason, return_reason) from claims
union all select 'review', assignment_id, reviewer_id::text, comment, null, null, concat_ws(' ', helpful, answer)
    from reviews
union all select 'thread', h.submission_id, h.writer_id::text, concat_ws(' ', h.kind, h.state), h.version,
    (h.sent_at is not null)::int + (h.review_id is not null)::int, h.draft_key from threads h
union all select 'message', h.submission_id, m.writer_id::text, m.text, m.position, (m.hidden_at is not null)::int,
    m.role from thread_messages m join threads h on h.id = m.thread_id
union all select 'report', user_id, reason, null, null, null, null from message_reports
union all select 'extension', assignment_id, user_id::text, reason, (review_started_at is null)::int,
    null, due_at::text from extensions
union all select 'diary', assignment_id, user_id::text, text, null, null, visibility from diary_entries
union all select 'appeal', assignment_id, text, settlement, null, null, settled_at::text from appeals
union all select 'corrected', criterion_id, null, null, score, null, null from corrected_scores
union all select 'corrected by staff', k.submission_id, k.reason, null, s.criterion_id::int, s.score, null
    from corrections k left join correction_scores s on s.correction_id = k.id
union all select 'user', id, username, role, null, null, blocked_at::text from users
union all select 'notified', n.user_id, c.type, n.submitted::text, null, null, null
    from notifications n join announcements c on c.id = n.announcement_id
"""
STATE_OF_ACCOUNTS = """
select 'user', id, username, role, null::int, null::int, concat_ws(' ', password_hash, feed_key is not null, blocked_at)
    from users
union all select 'session', user_id, expires_at::text, null, null, null, revoked_at::text from sessions
union all select 'token', s.user_id, null, null, null, null, t.used_at::text
    from refresh_tokens t join sessions s on s.id = t.session_id
union all select 'hand-in token', user_id, name, expires_at::text, null, null, null from hand_in_tokens
union all select 'network', user_id, network::text, null, null, null, last_used_at::text from known_networks
union all select 'limit', uses, rule, null, null, null, free_at::text from rate_limits
union all select 'mail', user_id, array(select unnest(types) order by 1)::text, null, null, null, null
    from mail_preferences
union all select 'email', user_id, kind, state, tries::int, null, null from emails
"""


def at_time(at: datetime) -> Callable[..., Action]:
    """Return a maker of actions that happen at this time; their arguments are given by name."""

    def action(name: str, act: Callable[..., Awaitable[object]], **arguments: Any) -> Action:
        takes_now = "now" in act.__code__.co_varnames[: act.__code__.co_argcount + act.__code__.co_kwonlyargcount]

        async def run(db: Connection, now: datetime) -> object:
            return await act(db, **arguments, **({"now": now} if takes_now else {}))

        return Action(name, run, at)

    return action


def sweep(name: str, handle: Callable[[Connection, int, datetime], Awaitable[bool]], id: int, at: datetime) -> Action:
    async def run(db: Connection, now: datetime) -> object:
        return await handle(db, id, now)

    return Action(name, run, at, is_sweep=True)


async def delete_account(
    db: Connection, now: datetime, *, user_id: int, checked_hash: str | None = "not a hash"
) -> None:
    """Do what the page does on which an account is deleted (web.pages.settings)."""
    await accounts.lock_account(db, user_id=user_id, checked_hash=checked_hash)
    await delete_account_data(db, user_id=user_id, password_hash="none", now=now)


async def name_of(db: Connection, user_id: int) -> str:
    username: str = await db.fetchval("select username from users where id = $1", user_id)
    return username


async def give_time(db: Connection, assignment_id: int, to: str, by: int, *, until: datetime, now: datetime) -> None:
    await grant_extension(
        db,
        assignment_id=assignment_id,
        username=to,
        due_at=until,
        reason="Moving house",
        actor=Actor(by),
        now=now,
    )


async def verdict(db: Connection, assignment_id: int, *, points: int) -> dict[str, Any]:
    rubric = await criteria(db, assignment_id=assignment_id)
    return {"scores": [Score(one.id, points, None) for one in rubric], "comment": "Because"}


async def review_next(db: Connection, assignment_id: int, user_id: int, *, now: datetime) -> int:
    """Review what is drawn; return the submission."""
    drawn = await claim(db, assignment_id=assignment_id, user_id=user_id, volunteers=False, now=now)
    said = await verdict(db, assignment_id, points=5)
    await reviewing.review(db, submission_id=drawn.submission_id, actor=Actor(user_id), now=now, **said)
    return drawn.submission_id
