"""Compose the content of a daily digest: its messages by track, in the recipient's language. Pure functions."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from learning_platform.core.languages import N_, translate, translate_plural
from learning_platform.notifications.mail.composition import OPEN_LINK, TIMES_ARE_IN, Content, Entry, Section
from learning_platform.notifications.queries import Notification

MAX_ENTRIES = 50
INTRODUCTION = N_("These are your new messages.")
OPEN_INBOX = N_("Open the inbox")
OTHER_MESSAGES = N_("Other messages")


def digest(notifications: Sequence[Notification], *, public_url: str, unsubscribe: str, now: datetime) -> Content:
    """Return the content of a digest of at least one notification, as they are true at `now`."""
    language, shown = notifications[0].locale, notifications[:MAX_ENTRIES]
    more = len(notifications) - len(shown)
    names_time = any(each.due_at is not None for each in shown)
    zone = translate(TIMES_ARE_IN, language, time_zone=notifications[0].time_zone) if names_time else None
    return Content(
        subject=translate_plural(
            "Daily digest: {count} message", "Daily digest: {count} messages", language, count=len(notifications)
        ),
        text=translate(INTRODUCTION, language),
        link=f"{public_url}/notifications",
        link_label=translate_plural("{count} more in the inbox", "{count} more in the inbox", language, count=more)
        if more
        else translate(OPEN_INBOX, language),
        unsubscribe=unsubscribe,
        times_are_in=zone,
        sections=_by_track(shown, public_url=public_url, now=now),
    )


def _by_track(shown: Sequence[Notification], *, public_url: str, now: datetime) -> list[Section]:
    by_track = sorted(shown, key=lambda each: each.track_id or 0)
    sections = []
    for _, of_track in groupby(by_track, key=lambda each: each.track_id or 0):
        found = list(of_track)
        language = found[-1].locale
        title = found[-1].parameters.get("track") or translate(OTHER_MESSAGES, language)
        label = translate(OPEN_LINK, language)
        entries = [Entry(each.title_at(now), each.text_at(now), f"{public_url}{each.url}", label) for each in found]
        sections.append(Section(title, entries))
    return sections
