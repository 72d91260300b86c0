"""Calendars in iCalendar (RFC 5545), for one track or for everything somebody takes part in.

Every assignment is two entries: what is to be handed in, and what is to be reviewed, each with its deadline as its end.
Ids stay the same when a deadline moves, so that a calendar program moves the entry.
"""

from collections.abc import Iterable
from datetime import datetime

from icalendar import Calendar, Event

from learning_platform.attempts.queries import AssignmentView
from learning_platform.core.languages import N_, Language, translate
from learning_platform.tracks.queries import Track

HAND_IN = N_("{assignment}: hand in ({track})")
REVIEW = N_("{assignment}: review ({track})")


def icalendar(
    courses: Iterable[tuple[Track, list[AssignmentView]]], *, language: Language, public_url: str, now: datetime
) -> bytes:
    """Return tracks and their assignments as a calendar; what has no moment yet is left out."""
    calendar = Calendar()
    calendar.add("prodid", "-//Learning Platform//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for track, assignments in courses:
        for assignment in assignments:
            for event in _events(track, assignment, language=language, public_url=public_url, now=now):
                calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _events(
    track: Track, assignment: AssignmentView, *, language: Language, public_url: str, now: datetime
) -> Iterable[Event]:
    if assignment.opens_at is None or assignment.due_at is None or assignment.reviews_due_at is None:
        return
    due_at = assignment.personal_due_at or assignment.due_at
    spans = (("hand-in", HAND_IN, assignment.opens_at, due_at), ("review", REVIEW, due_at, assignment.reviews_due_at))
    for kind, summary, begins_at, ends_at in spans:
        event = Event()
        event.add("uid", f"{kind}-{assignment.id}@learning-platform")
        event.add("dtstamp", now)
        event.add("dtstart", begins_at)
        event.add("dtend", ends_at)
        event.add("summary", translate(summary, language, assignment=assignment.title, track=track.title))
        event.add("url", f"{public_url}/assignments/{assignment.id}")
        if track.status == "cancelled":
            event.add("status", "CANCELLED")
        yield event
