"""Calendars in iCalendar (RFC 5545 and 7986), for one track or for everything a user takes part in.

Every assignment is two entries: what is to be handed in, and what is to be reviewed, each with its deadline as its end.
Their ids stay the same when a deadline moves and differ between installations; `SEQUENCE` and `LAST-MODIFIED` show
calendar programs that an entry has changed. Nothing depends on when the calendar is asked for, so that it is the same
until something changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from icalendar import Alarm, Calendar, Event

from learning_platform.attempts.queries import AssignmentView
from learning_platform.core.languages import N_, Language, Message, translate
from learning_platform.tracks.queries import Track

HAND_IN = N_("{assignment}: submission deadline ({track})")
REVIEW = N_("{assignment}: review deadline ({track})")
START = N_("{track} starts")
ITERATION = N_("{assignment}: second iteration ({track})")
NAME_OF_EVERYTHING = "Learning Platform"
# How often calendar programs should look; many look less often whatever is asked for.
REFRESH_EVERY, REFRESH_EVERY_TEXT = timedelta(hours=1), "PT1H"
# The reminder comes when a fifth of the time is left, like the warning of the platform itself.
ALARM_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class CalendarOwner:
    """Where a calendar comes from, and in which language."""

    installation: UUID
    public_url: str
    language: Language


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: str
    summary: Message
    begins_at: datetime
    ends_at: datetime


def icalendar(
    courses: Sequence[tuple[Track, Sequence[AssignmentView]]],
    changes: Mapping[int, datetime],
    owner: CalendarOwner,
    *,
    name: str,
) -> bytes:
    """Return tracks and their assignments as a calendar; what has no date yet is left out.

    `changes`: when the dates of each assignment last changed.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Learning Platform//EN")
    calendar.add("version", "2.0")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH_EVERY, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", REFRESH_EVERY_TEXT)
    for track, assignments in courses:
        if track.status == "enrolling" and track.starts_at is not None and track.start_missed_at is None:
            calendar.add_component(_planned_start(track, track.starts_at, owner))
        for assignment in assignments:
            for event in _events(track, assignment, changes, owner):
                calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _planned_start(track: Track, starts_at: datetime, owner: CalendarOwner) -> Event:
    """Return the entry of a start that is planned; it goes when the track starts, and the assignments come."""
    changed_at = track.calendar_changed_at or track.created_at
    event = Event()
    event.add("uid", f"start-{track.id}@{owner.installation}")
    event.add("dtstamp", changed_at)
    event.add("last-modified", changed_at)
    event.add("sequence", int((changed_at - track.created_at).total_seconds()))
    # Without an end it takes no time (RFC 5545, section 3.6.1).
    event.add("dtstart", starts_at)
    event.add("transp", "TRANSPARENT")
    event.add("summary", translate(START, owner.language, track=track.title))
    event.add("url", f"{owner.public_url}/tracks/{track.id}")
    event.add("status", "CONFIRMED")
    return event


def _events(
    track: Track, assignment: AssignmentView, changes: Mapping[int, datetime], owner: CalendarOwner
) -> Iterable[Event]:
    if assignment.opens_at is None or assignment.due_at is None or assignment.reviews_due_at is None:
        return
    assert track.started_at is not None
    changed_at = changes.get(assignment.id, track.started_at)
    due_at = assignment.personal_due_at or assignment.due_at
    entries = [
        _Entry("hand-in", HAND_IN, assignment.opens_at, due_at),
        _Entry("review", REVIEW, due_at, assignment.reviews_due_at),
    ]
    if assignment.iteration_due_at is not None:
        entries.append(_Entry("iteration", ITERATION, assignment.reviews_due_at, assignment.iteration_due_at))
    for entry in entries:
        event = Event()
        event.add("uid", f"{entry.kind}-{assignment.id}@{owner.installation}")
        event.add("dtstamp", changed_at)
        event.add("last-modified", changed_at)
        # It must grow with every change, and need not be dense.
        event.add("sequence", int((changed_at - track.started_at).total_seconds()))
        event.add("dtstart", entry.begins_at)
        event.add("dtend", entry.ends_at)
        # A participant is not busy for the whole time: others may still invite them.
        event.add("transp", "TRANSPARENT")
        summary = translate(entry.summary, owner.language, assignment=assignment.title, track=track.title)
        event.add("summary", summary)
        event.add("url", f"{owner.public_url}/assignments/{assignment.id}")
        event.add("status", "CANCELLED" if track.status == "cancelled" else "CONFIRMED")
        if track.status != "cancelled":
            event.add_component(_alarm(summary, before_end=(entry.ends_at - entry.begins_at) * ALARM_SHARE))
        yield event


def _alarm(text: str, *, before_end: timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", text)
    # Whole seconds: a duration of iCalendar has no fractions.
    alarm.add("trigger", -timedelta(seconds=int(before_end.total_seconds())), parameters={"RELATED": "END"})
    return alarm
