"""The queue of letters: who wants which mail, what is to go out, and what became of it.

A letter goes out at most once. It is marked `sending`, and that is committed, before it is handed over; what is known
not to have been accepted is tried again after a growing pause; what is not known (a process killed between) never is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from learning_platform.core.database import Connection, fetch_values
from learning_platform.core.doorbell import ring
from learning_platform.notifications.messages import NotificationType

LetterKind = Literal["notification", "confirmation", "reset"]
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
FIRST_PAUSE, LONGEST_PAUSE, MOST_TRIES = timedelta(minutes=1), timedelta(hours=6), 12
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
ASK_FOR_LETTER = "insert into letters (user_id, kind, created_at, next_try_at) values ($1, $2, $3, $3)"
# One mark for all processes, locked while letters are written up to it; on the first day it starts at the present.
LOCK_MARK = "select announcement_id from mail_marks where id = 1 for update"
START_MARK = """
insert into mail_marks (id, announcement_id) select 1, coalesce(max(id), 0) from announcements
on conflict (id) do nothing
"""
WRITE_LETTERS = """
with fresh as (select id, type from announcements where id > $1 order by id limit 500),
written as (
    insert into letters (user_id, kind, notification_id, created_at, next_try_at)
    select n.user_id, 'notification', n.id, $2, $2
    from fresh f join notifications n on n.announcement_id = f.id join users u on u.id = n.user_id
        left join mail_preferences p on p.user_id = n.user_id
    where u.email_confirmed_at is not null and u.blocked_at is null and f.type = any(coalesce(p.types, $3::text[]))
    on conflict (user_id, notification_id) do nothing
)
update mail_marks set announcement_id = (select max(id) from fresh)
where id = 1 and exists (select from fresh) returning announcement_id
"""
TAKE_LETTERS = """
update letters set state = 'sending', tries = tries + 1
where id in (
    select id from letters where state = 'waiting' and next_try_at <= $1 order by next_try_at limit $2
    for update skip locked)
returning id, user_id, kind, notification_id, tries
"""
NEXT_TRY = "select min(next_try_at) from letters where state = 'waiting'"
END_LETTER = "update letters set state = $2 where id = $1"
TRY_AGAIN = "update letters set state = 'waiting', next_try_at = $2 where id = $1"
QUEUE_LENGTH = "select count(*) from letters where state = 'waiting'"
LETTERS_BY_STATE = "select state, count(*) from letters group by state"
FORGET_PREFERENCES = "delete from mail_preferences where user_id = $1"
FORGET_LETTERS = "delete from letters where user_id = $1 and state = 'waiting'"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter about to be sent; `tries` counts this one."""

    id: int
    user_id: int
    kind: LetterKind
    notification_id: int | None
    tries: int


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


async def ask_for_letter(db: Connection, *, user_id: int, kind: LetterKind, now: datetime) -> None:
    """Send a letter that somebody asked for: to confirm an address, or to choose a new password."""
    await db.execute(ASK_FOR_LETTER, user_id, kind, now)
    await ring(db, "mail")


async def write_letters(db: Connection, *, now: datetime) -> bool:
    """Write letters for what was announced since the last time; return whether there may be more.

    Everybody's turn at the mark: several processes write each letter once.
    """
    mark = await db.fetchval(LOCK_MARK)
    if mark is None:
        await db.execute(START_MARK)
        return False
    return await db.fetchval(WRITE_LETTERS, mark, now, list(MAILED_BY_DEFAULT)) is not None


async def take_letters(db: Connection, *, limit: int, now: datetime) -> list[Letter]:
    """Mark letters that are due as being sent, and return them. Commit before sending them."""
    return await fetch_values(db, Letter, TAKE_LETTERS, now, limit)


async def next_try_at(db: Connection) -> datetime | None:
    """Return when the next letter is due."""
    moment: datetime | None = await db.fetchval(NEXT_TRY)
    return moment


async def note_sent(db: Connection, letter: Letter) -> None:
    """Note that a letter was accepted."""
    await db.execute(END_LETTER, letter.id, "sent")


async def note_refused(db: Connection, letter: Letter, *, is_final: bool, now: datetime) -> None:
    """Note that a letter was surely not accepted: try again later, unless that is pointless."""
    if is_final or letter.tries >= MOST_TRIES:
        await db.execute(END_LETTER, letter.id, "failed")
    else:
        await db.execute(TRY_AGAIN, letter.id, now + min(FIRST_PAUSE * 2 ** (letter.tries - 1), LONGEST_PAUSE))


async def queue_length(db: Connection) -> int:
    """Return how many letters wait."""
    return int(await db.fetchval(QUEUE_LENGTH))


async def letters_by_state(db: Connection) -> dict[str, int]:
    """Return how many letters wait, are being sent, were sent, and have failed."""
    return {state: count for state, count in await db.fetch(LETTERS_BY_STATE)}


async def forget_mail(db: Connection, *, user_id: int) -> None:
    """Forget what a user wants by mail, and what was to go out to them."""
    await db.execute(FORGET_PREFERENCES, user_id)
    await db.execute(FORGET_LETTERS, user_id)
