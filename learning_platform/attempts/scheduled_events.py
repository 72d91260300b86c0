"""What is done at which time: every kind of event that follows from the calendar of a track, in one list.

A kind says when it is due, as a function of the calendar of an assignment, and what is done then. The same function
serves participants with a deadline of their own: their calendar is the common one with their own `due_at`. Nothing else
lists the kinds; `schedule` writes their rows, `sweeps` handles what is due.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from learning_platform.attempts.due_events import Act
from learning_platform.attempts.iterations import announce_iteration
from learning_platform.attempts.reminders import finish_track, remind_of_reviews, warn_of_deadline
from learning_platform.attempts.review_stage import close_hand_in
from learning_platform.attempts.shown_answers import announce_answers
from learning_platform.attempts.shown_iterations import announce_iterations
from learning_platform.tracks.rules import (
    WARNING_SHARE,
    Calendar,
    during_hand_in,
    during_iteration,
    during_review,
)


@dataclass(frozen=True, slots=True)
class EventKind:
    """One kind of event, due at no time where a calendar has none for it.

    `of_track`: there is one for the whole track, from the calendar of its last assignment. `repeats`: what is done then
    may plan the event again, which no change of the calendar undoes.
    """

    name: str
    due_at: Callable[[Calendar], datetime | None]
    act: Act
    of_track: bool = False
    repeats: bool = False


# Events that are due at the same time are handled in this order.
SCHEDULED_EVENTS = (
    EventKind("deadline_warning", partial(during_hand_in, share=WARNING_SHARE), warn_of_deadline),
    EventKind("review_start", lambda calendar: calendar.due_at, close_hand_in),
    EventKind("review_reminder", partial(during_review, share=WARNING_SHARE), remind_of_reviews),
    EventKind("answers_shown", lambda calendar: calendar.reviews_due_at, announce_answers),
    EventKind("iterations_shown", partial(during_iteration, share=0), announce_iterations, repeats=True),
    EventKind("iteration_start", partial(during_iteration, share=0), announce_iteration),
    EventKind("iteration_reminder", partial(during_iteration, share=WARNING_SHARE), announce_iteration),
    EventKind("track_end", lambda calendar: calendar.ends_at, finish_track, of_track=True),
)
KINDS: Mapping[str, EventKind] = {kind.name: kind for kind in SCHEDULED_EVENTS}
