"""What a user wants by mail: which types, each in an email of its own or in a daily digest, and when not."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Literal, TypedDict, Unpack

from learning_platform.core.database import Connection, fetch_value
from learning_platform.core.versions import Seen, VersionConflict, is_other
from learning_platform.notifications.messages import WORDINGS, NotificationType
from learning_platform.notifications.rules import ensure_quiet_hours

MailDelivery = Literal["single", "daily", "none"]
# These types matter to users who are not online; the others are only in the inbox.
MAILED_BY_DEFAULT: tuple[NotificationType, ...] = (
    "seat_received",
    "next_cohort",
    "track_started",
    "deadline_warning",
    "deadline_moved",
    "hand_in_failed",
    "repository_changed",
    "starter_failed",
    "review_started",
    "submission_returned",
    "reviews_overdue",
    "iteration_opened",
    "iteration_reminder",
    "staff_reminder",
    "appeal_settled",
    "scores_corrected",
    "track_finished",
    "certificate_issued",
    "certificate_revoked",
    "track_cancelled",
    "staff_changed",
    "track_offered",
    "track_handed_over",
    "removed_from_track",
    "appeal_made",
    "post_reported",
    "message_reported",
)
PREFERENCES = """
select types, delivery, digest_hour, quiet_from, quiet_until, version from mail_preferences where user_id = $1
"""
# Two choices at the same time queue here, also when there is no row yet.
LOCK_USER = "select from users where id = $1 for no key update"
CHOOSE = """
insert into mail_preferences as p (user_id, types, delivery, digest_hour, quiet_from, quiet_until)
values ($1, $2, $3, $4, $5, $6)
on conflict (user_id) do update set types = excluded.types, delivery = excluded.delivery,
    digest_hour = excluded.digest_hour, quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until,
    version = p.version + 1
returning types, delivery, digest_hour, quiet_from, quiet_until, version
"""
# The mail worker then looks again when the digest is due.
LOOK_AT_DIGEST = "update emails set next_try_at = $2 where user_id = $1 and state = 'gathering'"
# These do not write what was read before, so that two links opened at the same time both take effect. A form that is
# saved meanwhile does, and waits.
STOP_MAIL_TYPE = """
insert into mail_preferences (user_id, types) values ($1, array_remove($3::text[], $2))
on conflict (user_id) do update set types = array_remove(mail_preferences.types, $2),
    version = mail_preferences.version + 1
"""
STOP_MAIL = """
insert into mail_preferences (user_id, types, delivery) values ($1, $2::text[], 'none')
on conflict (user_id) do update set delivery = 'none', version = mail_preferences.version + 1
"""


@dataclass(frozen=True, slots=True)
class MailChoice:
    """What a user wants by mail; version 0 is what holds before any choice. Hours are 0 to 23, in the user's zone."""

    types: Sequence[str]
    delivery: MailDelivery
    digest_hour: int
    quiet_from: int | None
    quiet_until: int | None
    version: int

    def wants(self, type: str) -> bool:
        """Say whether notifications of a type are wanted by mail."""
        return self.delivery != "none" and type in self.types


class MailChange(TypedDict, total=False):
    """What is to change; what is left out stays."""

    types: Sequence[NotificationType]
    delivery: MailDelivery
    digest_hour: int
    quiet_from: int | None
    quiet_until: int | None


DEFAULT_CHOICE = MailChoice(
    MAILED_BY_DEFAULT, delivery="single", digest_hour=9, quiet_from=None, quiet_until=None, version=0
)


async def mail_choice(db: Connection, *, user_id: int) -> MailChoice:
    """Return what the user wants by mail."""
    chosen = await fetch_value(db, MailChoice, PREFERENCES, user_id)
    return DEFAULT_CHOICE if chosen is None else chosen


async def choose_mail(
    db: Connection, *, user_id: int, seen: Seen = None, now: datetime, **change: Unpack[MailChange]
) -> MailChoice:
    """Store what the user wants by mail. Raises VersionConflict, QuietHoursIncomplete."""
    await db.execute(LOCK_USER, user_id)
    stored = await mail_choice(db, user_id=user_id)
    if is_other(stored.version, seen=seen):
        raise VersionConflict(version=stored.version, current=_fields(stored))
    chosen = replace(stored, **change)
    ensure_quiet_hours(chosen.quiet_from, chosen.quiet_until)
    changed = await fetch_value(
        db,
        MailChoice,
        CHOOSE,
        user_id,
        list(chosen.types),
        chosen.delivery,
        chosen.digest_hour,
        chosen.quiet_from,
        chosen.quiet_until,
    )
    assert changed is not None
    await db.execute(LOOK_AT_DIGEST, user_id, now)
    return changed


async def stop_mail_type(db: Connection, *, user_id: int, type: str) -> None:
    """Unsubscribe the user from emails of one type."""
    await db.execute(LOCK_USER, user_id)
    await db.execute(STOP_MAIL_TYPE, user_id, type, list(MAILED_BY_DEFAULT))


async def stop_mail(db: Connection, *, user_id: int) -> None:
    """Unsubscribe the user from all emails about notifications."""
    await db.execute(LOCK_USER, user_id)
    await db.execute(STOP_MAIL, user_id, list(MAILED_BY_DEFAULT))


def _fields(stored: MailChoice) -> dict[str, object]:
    """Return the fields of the form: a type is one of them."""
    others = {name: value for name, value in asdict(stored).items() if name not in {"types", "version"}}
    return {**others, **{type: type in stored.types for type in WORDINGS}}
