"""The queue of emails: emails to send, and their states.

An email is sent at most once. A mail worker takes some emails for a short time (`LEASE`) by moving the time of their
next try. Immediately before an email is handed to the mail server it is marked `sending`, in a transaction of its own.
Emails that were taken and not handed over are put back, or become due again by themselves if the worker was killed. An
email without a response of the mail server stays `sending`: it may have been accepted, and is never sent again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from learning_platform.core.database import Connection, fetch_values
from learning_platform.core.notifier import notify
from learning_platform.notifications.mail.preferences import MAILED_BY_DEFAULT

EmailKind = Literal[
    "notification", "digest", "confirmation", "reset", "invitation", "email_change", "email_change_notice"
]
RequestedKind = Literal["confirmation", "reset"]
ChangeKind = Literal["email_change", "email_change_notice"]
# One statement queues no more, unless a single announcement has more recipients.
MAX_EMAILS_PER_STATEMENT = 5000
FIRST_PAUSE, MAX_PAUSE, MAX_TRIES = timedelta(minutes=1), timedelta(hours=6), 12
# The lease is longer than sending a few emails takes. The emails of a killed worker wait until it ends.
LEASE = timedelta(minutes=2)
QUEUE_REQUESTED_EMAIL = "insert into emails (user_id, kind, created_at, next_try_at) values ($1, $2, $3, $3)"
QUEUE_CHANGE_EMAIL = """
insert into emails (user_id, kind, email_change_id, created_at, next_try_at) values ($1, $2, $3, $4, $4)
"""
IS_CHANGE_REJECTED = """
select exists (select from emails where email_change_id = $1 and kind = 'email_change' and state = 'failed')
"""
# One email of an invitation waits at a time, so that a second click queues no other.
QUEUE_INVITATIONS = """
insert into emails (kind, invitation_id, created_at, next_try_at)
select 'invitation', i.id, $2, $2 from unnest($1::bigint[]) i (id)
where not exists (select from emails e where e.invitation_id = i.id and e.state = 'waiting') order by i.id
"""
CANCEL_INVITATION = "update emails set state = 'skipped' where invitation_id = $1 and state = 'waiting'"
# All processes share one cursor, which is locked while emails are queued. It starts at the latest announcement.
LOCK_CURSOR = "select announcement_id from email_cursors where id = 1 for update"
START_CURSOR = """
insert into email_cursors (id, announcement_id) select 1, coalesce(max(id), 0) from announcements
on conflict (id) do nothing
"""
QUEUE_ANNOUNCED_EMAILS = """
with ahead as (
    select id, type, row_number() over (order by id) as number,
        sum((select count(*) from notifications n where n.announcement_id = a.id)) over (order by id) as recipients
    from announcements a where id > $1 order by id limit 500
),
fresh as (select id, type from ahead where number = 1 or recipients <= $4),
written as (
    insert into emails (user_id, kind, notification_id, created_at, next_try_at)
    select n.user_id, 'notification', n.id, $2, $2
    from fresh f join notifications n on n.announcement_id = f.id join users u on u.id = n.user_id
        left join mail_preferences p on p.user_id = n.user_id
    where u.email_confirmed_at is not null and u.email_refused_at is null and u.blocked_at is null
        and f.type = any(coalesce(p.types, $3::text[])) and coalesce(p.delivery, 'single') <> 'none'
    on conflict (user_id, notification_id) do nothing
)
update email_cursors set announcement_id = (select max(id) from fresh)
where id = 1 and exists (select from fresh) returning announcement_id
"""
# `taken_until` identifies the taker: another process can take the email only after it, and sets a later one.
TAKE = """
update emails set next_try_at = $3 where id in (
    select id from emails where state = 'waiting' and next_try_at <= $1 order by next_try_at, id limit $2
    for update skip locked)
returning id, user_id, kind, notification_id, invitation_id, email_change_id, tries,
    created_at, next_try_at as taken_until
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
PUT_OFF = "update emails set next_try_at = $3 where id = $1 and state = 'waiting' and next_try_at = $2"
NEXT_TRY = """
select least((select min(next_try_at) from emails where state = 'waiting'),
    (select min(next_try_at) from emails where state = 'gathering'))
"""
# Only the process that has taken an email may end it: it is being sent, or was taken and is not due again yet.
END = """
update emails set state = $3 where id = $1 and (state = 'sending' or state = 'waiting' and next_try_at = $2)
"""
TRY_AGAIN = """
update emails set state = 'waiting', tries = tries + 1, next_try_at = $3
where id = $1 and (state = 'sending' or state = 'waiting' and next_try_at = $2)
"""
EMAILS_BY_STATE = "select state, count(*) from emails group by state"
DELETE_PREFERENCES = "delete from mail_preferences where user_id = $1"
DELETE_WAITING_EMAILS = "delete from emails where user_id = $1 and state in ('waiting', 'gathering', 'bundled')"


@dataclass(frozen=True, slots=True)
class Email:
    """An email that this process has taken until `taken_until`; `tries` counts earlier tries.

    It is for a user or, an invitation, for a person who may have no account.
    """

    id: int
    user_id: int | None
    kind: EmailKind
    notification_id: int | None
    invitation_id: int | None
    email_change_id: int | None
    tries: int
    created_at: datetime
    taken_until: datetime


async def queue_requested_email(db: Connection, *, user_id: int, kind: RequestedKind, now: datetime) -> None:
    """Queue an email that the user requested: to confirm an address, or to reset a password."""
    await db.execute(QUEUE_REQUESTED_EMAIL, user_id, kind, now)
    await notify(db, "mail")


async def queue_invitations(db: Connection, *, invitation_ids: Sequence[int], now: datetime) -> None:
    """Queue an email for each of these invitations, unless one waits already. The caller has locked them."""
    await db.execute(QUEUE_INVITATIONS, invitation_ids, now)
    await notify(db, "mail")


async def queue_change_email(db: Connection, *, user_id: int, kind: ChangeKind, change_id: int, now: datetime) -> None:
    """Queue an email about a change of an address: to the new one, or a notice to the former one."""
    await db.execute(QUEUE_CHANGE_EMAIL, user_id, kind, change_id, now)
    await notify(db, "mail")


async def is_change_rejected(db: Connection, *, change_id: int) -> bool:
    """Say whether a mail server has rejected the email to a new address for good."""
    rejected: bool = await db.fetchval(IS_CHANGE_REJECTED, change_id)
    return rejected


async def cancel_invitation(db: Connection, *, invitation_id: int) -> None:
    """Do not send the emails of an invitation that are not yet being handed over."""
    await db.execute(CANCEL_INVITATION, invitation_id)


async def queue_announced_emails(db: Connection, *, now: datetime) -> bool:
    """Queue emails for the announcements since the last call; return whether there may be more.

    The lock on the cursor lets several processes queue each email once.
    """
    mark = await db.fetchval(LOCK_CURSOR)
    if mark is None:
        await db.execute(START_CURSOR)
        return False
    queued = await db.fetchval(QUEUE_ANNOUNCED_EMAILS, mark, now, list(MAILED_BY_DEFAULT), MAX_EMAILS_PER_STATEMENT)
    return queued is not None


async def take_emails(db: Connection, *, limit: int, now: datetime) -> list[Email]:
    """Take emails that are due, the oldest first; after LEASE they are due again. Commit before sending."""
    taken = await fetch_values(db, Email, TAKE, now, limit, now + LEASE)
    return sorted(taken, key=lambda email: email.id)


async def put_back(db: Connection, emails: Sequence[Email], *, now: datetime) -> None:
    """Make emails due again that were taken together and not handed over."""
    if emails:
        await db.execute(PUT_BACK, [email.id for email in emails], emails[0].taken_until, now)


async def put_off(db: Connection, email: Email, *, until: datetime) -> None:
    """Let an email that this process has taken be due later."""
    await db.execute(PUT_OFF, email.id, email.taken_until, until)


async def mark_sending(db: Connection, email: Email) -> bool:
    """Mark an email as being sent unless its lease has ended; return whether. Commit before sending."""
    return await db.fetchval(MARK_SENDING, email.id, email.taken_until) is not None


async def next_try_at(db: Connection) -> datetime | None:
    """Return when the next email is due."""
    at: datetime | None = await db.fetchval(NEXT_TRY)
    return at


async def unmark_sending(db: Connection, email: Email, *, now: datetime) -> None:
    """Make an email due again that this process has marked as being sent and not handed over."""
    await db.execute(UNMARK_SENDING, email.id, email.taken_until, now)


async def note_sent(db: Connection, email: Email) -> None:
    """Store that the mail server accepted an email."""
    await db.execute(END, email.id, email.taken_until, "sent")


async def note_skipped(db: Connection, email: Email) -> None:
    """Store that an email is out of date or no longer wanted."""
    await db.execute(END, email.id, email.taken_until, "skipped")


async def note_refused(db: Connection, email: Email, *, is_final: bool, now: datetime) -> None:
    """Store that an email was not accepted, and schedule another try unless the refusal is final."""
    if is_final or email.tries + 1 >= MAX_TRIES:
        await db.execute(END, email.id, email.taken_until, "failed")
    else:
        await db.execute(TRY_AGAIN, email.id, email.taken_until, now + pause_after(email.tries))


def pause_after(tries: int) -> timedelta:
    """Return the pause after a failed try with `tries` before it."""
    return min(FIRST_PAUSE * float(2**tries), MAX_PAUSE)


async def emails_by_state(db: Connection) -> dict[str, int]:
    """Return the number of emails in each state."""
    return {state: count for state, count in await db.fetch(EMAILS_BY_STATE)}


async def delete_mail(db: Connection, *, user_id: int) -> None:
    """Delete the mail preferences of a user and their waiting emails."""
    await db.execute(DELETE_PREFERENCES, user_id)
    await db.execute(DELETE_WAITING_EMAILS, user_id)
