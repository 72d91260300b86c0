"""The queue of emails: who wants which, what is to go out, and what became of it.

An email goes out at most once. A mail worker takes a few for a short time (`LEASE`), by moving the time of their next
try. Immediately before one is handed to the mail server it is marked `sending`, and that is committed. What was taken
and not handed over is put back, or falls due again by itself when the worker was killed. What was handed over and
never answered stays `sending`: it may have been accepted, and is never sent again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from learning_platform.core.database import Connection, fetch_values
from learning_platform.core.notifier import notify
from learning_platform.notifications.messages import NotificationType

EmailKind = Literal["notification", "confirmation", "reset"]
# What matters when one is not looking; the rest waits in the inbox.
MAILED_BY_DEFAULT: tuple[NotificationType, ...] = (
    "track_started",
    "deadline_warning",
    "deadline_moved",
    "review_started",
    "submission_returned",
    "reviews_overdue",
    "appeal_settled",
    "track_finished",
    "track_cancelled",
)
FIRST_PAUSE, MAX_PAUSE, MAX_TRIES = timedelta(minutes=1), timedelta(hours=6), 12
# Longer than sending a few emails takes; what a killed worker had taken waits for it.
LEASE = timedelta(minutes=2)
PREFERENCES = "select types from mail_preferences where user_id = $1"
CHOOSE = """
insert into mail_preferences (user_id, types) values ($1, $2)
on conflict (user_id) do update set types = excluded.types
"""
# In one statement, so that two links followed at once both count.
STOP_MAIL_TYPE = """
insert into mail_preferences (user_id, types) values ($1, array_remove($3::text[], $2))
on conflict (user_id) do update set types = array_remove(mail_preferences.types, $2)
"""
QUEUE_REQUESTED_EMAIL = "insert into emails (user_id, kind, created_at, next_try_at) values ($1, $2, $3, $3)"
# One mark for all processes, locked while letters are written up to it; on the first day it starts at the present.
LOCK_CURSOR = "select announcement_id from email_cursors where id = 1 for update"
START_CURSOR = """
insert into email_cursors (id, announcement_id) select 1, coalesce(max(id), 0) from announcements
on conflict (id) do nothing
"""
QUEUE_ANNOUNCED_EMAILS = """
with fresh as (select id, type from announcements where id > $1 order by id limit 500),
written as (
    insert into emails (user_id, kind, notification_id, created_at, next_try_at)
    select n.user_id, 'notification', n.id, $2, $2
    from fresh f join notifications n on n.announcement_id = f.id join users u on u.id = n.user_id
        left join mail_preferences p on p.user_id = n.user_id
    where u.email_confirmed_at is not null and u.blocked_at is null and f.type = any(coalesce(p.types, $3::text[]))
    on conflict (user_id, notification_id) do nothing
)
update email_cursors set announcement_id = (select max(id) from fresh)
where id = 1 and exists (select from fresh) returning announcement_id
"""
# A time that no other process sets: a process that takes an email when this has passed sets a later one.
TAKE = """
update emails set next_try_at = $3 where id in (
    select id from emails where state = 'waiting' and next_try_at <= $1 order by next_try_at, id limit $2
    for update skip locked)
returning id, user_id, kind, notification_id, tries, created_at, next_try_at as taken_until
"""
MARK_SENDING = """
update emails set state = 'sending' where id = $1 and state = 'waiting' and next_try_at = $2 returning id
"""
UNMARK_SENDING = """
update emails set state = 'waiting', next_try_at = $3 where id = $1 and state = 'sending' and next_try_at = $2
"""
PUT_BACK = """
update emails set next_try_at = $3 where id = any($1::bigint[]) and state = 'waiting' and next_try_at = $2
"""
NEXT_TRY = "select min(next_try_at) from emails where state = 'waiting'"
# An email in hand: it is being sent, or was taken and is not due again yet.
END = """
update emails set state = $3 where id = $1 and (state = 'sending' or state = 'waiting' and next_try_at = $2)
"""
TRY_AGAIN = """
update emails set state = 'waiting', tries = tries + 1, next_try_at = $3
where id = $1 and (state = 'sending' or state = 'waiting' and next_try_at = $2)
"""
WANTS = """
select u.email_confirmed_at is not null and $2 = any(coalesce(p.types, $3::text[]))
from users u left join mail_preferences p on p.user_id = u.id where u.id = $1
"""
EMAILS_BY_STATE = "select state, count(*) from emails group by state"
DELETE_PREFERENCES = "delete from mail_preferences where user_id = $1"
DELETE_WAITING_EMAILS = "delete from emails where user_id = $1 and state = 'waiting'"


@dataclass(frozen=True, slots=True)
class Email:
    """An email that this process has taken until `taken_until`; `tries` counts the tries before."""

    id: int
    user_id: int
    kind: EmailKind
    notification_id: int | None
    tries: int
    created_at: datetime
    taken_until: datetime


async def mail_types(db: Connection, *, user_id: int) -> Sequence[str]:
    """Return the types of notifications that the user wants by mail."""
    types: Sequence[str] | None = await db.fetchval(PREFERENCES, user_id)
    return MAILED_BY_DEFAULT if types is None else types


async def choose_mail_types(db: Connection, *, user_id: int, types: Sequence[NotificationType]) -> None:
    """Note which types of notifications the user wants by mail."""
    await db.execute(CHOOSE, user_id, list(types))


async def stop_mail_type(db: Connection, *, user_id: int, type: str) -> None:
    """Stop mail of one type, as the link in such a letter asks."""
    await db.execute(STOP_MAIL_TYPE, user_id, type, list(MAILED_BY_DEFAULT))


async def queue_requested_email(db: Connection, *, user_id: int, kind: EmailKind, now: datetime) -> None:
    """Send a letter that somebody asked for: to confirm an address, or to choose a new password."""
    await db.execute(QUEUE_REQUESTED_EMAIL, user_id, kind, now)
    await notify(db, "mail")


async def queue_announced_emails(db: Connection, *, now: datetime) -> bool:
    """Write letters for what was announced since the last time; return whether there may be more.

    Everybody's turn at the mark: several processes write each letter once.
    """
    mark = await db.fetchval(LOCK_CURSOR)
    if mark is None:
        await db.execute(START_CURSOR)
        return False
    return await db.fetchval(QUEUE_ANNOUNCED_EMAILS, mark, now, list(MAILED_BY_DEFAULT)) is not None


async def wants_mail(db: Connection, *, user_id: int, type: NotificationType) -> bool:
    """Say whether emails about notifications of this type may go to the user now."""
    return bool(await db.fetchval(WANTS, user_id, type, list(MAILED_BY_DEFAULT)))


async def take_emails(db: Connection, *, limit: int, now: datetime) -> list[Email]:
    """Take emails that are due, the oldest first; after LEASE they fall due again. Commit before going on."""
    taken = await fetch_values(db, Email, TAKE, now, limit, now + LEASE)
    return sorted(taken, key=lambda email: email.id)


async def put_back(db: Connection, emails: Sequence[Email], *, now: datetime) -> None:
    """Let emails fall due now that were taken together and have not been handed over."""
    if emails:
        await db.execute(PUT_BACK, [email.id for email in emails], emails[0].taken_until, now)


async def mark_sending(db: Connection, email: Email) -> bool:
    """Mark an email as being sent, unless it has fallen due again meanwhile; say whether. Commit before sending."""
    return await db.fetchval(MARK_SENDING, email.id, email.taken_until) is not None


async def next_try_at(db: Connection) -> datetime | None:
    """Return when the next letter is due."""
    moment: datetime | None = await db.fetchval(NEXT_TRY)
    return moment


async def unmark_sending(db: Connection, email: Email, *, now: datetime) -> None:
    """Let an email fall due now that this process has marked as being sent, and not handed over."""
    await db.execute(UNMARK_SENDING, email.id, email.taken_until, now)


async def note_sent(db: Connection, email: Email) -> None:
    """Note that an email was accepted."""
    await db.execute(END, email.id, email.taken_until, "sent")


async def note_skipped(db: Connection, email: Email) -> None:
    """Note that an email has become pointless, or is not wanted any more."""
    await db.execute(END, email.id, email.taken_until, "skipped")


async def note_refused(db: Connection, email: Email, *, is_final: bool, now: datetime) -> None:
    """Note that an email was surely not accepted: try again later, unless that is pointless."""
    if is_final or email.tries + 1 >= MAX_TRIES:
        await db.execute(END, email.id, email.taken_until, "failed")
    else:
        await db.execute(TRY_AGAIN, email.id, email.taken_until, now + pause_after(email.tries))


def pause_after(tries: int) -> timedelta:
    """Return how long to wait after a failed try, when there were `tries` before."""
    return min(FIRST_PAUSE * float(2**tries), MAX_PAUSE)


async def emails_by_state(db: Connection) -> dict[str, int]:
    """Return how many letters wait, are being sent, were sent, and have failed."""
    return {state: count for state, count in await db.fetch(EMAILS_BY_STATE)}


async def delete_mail(db: Connection, *, user_id: int) -> None:
    """Forget what a user wants by mail, and what was to go out to them."""
    await db.execute(DELETE_PREFERENCES, user_id)
    await db.execute(DELETE_WAITING_EMAILS, user_id)
