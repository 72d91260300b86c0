"""The results of a track: a row for each participant, with a cell for each assignment.

Participants see each other's results, never the reviewers.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from learning_platform.attempts.rules import ReviewCount, count_reviews
from learning_platform.core.database import Connection, fetch_ids, fetch_values
from learning_platform.reviews.results import track_total
from learning_platform.tracks.access import TrackAccess

PARTICIPANTS = """
select p.user_id as id, u.username,
    coalesce(p.left_at < leavers_shown_before($3 or p.user_id = $4, t.id, t.finishes_at, t.status, $5), false)
        as has_left
from participants p join users u on u.id = p.user_id join tracks t on t.id = p.track_id
where p.track_id = $1 and p.user_id = any($2::bigint[])
"""
NEXT_PARTICIPANTS = "select user_id from participants where track_id = $1 and user_id > $2 order by user_id limit $3"
# Every participant at every assignment, also one that never opened for them: a participant who does no reviews must not
# come off better for it. What is shown of it to this reader ($4, who oversees the track if $3) happened before `shown`
# (core/anonymity.py); of their own result, readers see nothing before they may see its reviews.
RESULTS = """
with outcomes as (
    select p.user_id, a.id as assignment_id, a.position, a.due_at, a.reviews_due_at, s.id as submission_id,
        s.result, s.end_result, s.window_result,
        m.opened_at, m.reviews_done, m.reviews_required, m.excused_at, m.excused_reviews,
        p.user_id <> $4 or may_see_reviews(m.finished_at, p.left_at, a.reviews_due_at, $5) as is_result_open,
        shown_before($3 or p.user_id = $4, a.reviews_due_at, t.finishes_at, t.status, $5) as shown,
        are_corrections_open(t.status, t.finishes_at, t.appeal_days, $5) as corrections_open
    from participants p join tracks t on t.id = p.track_id join assignments a on a.track_id = p.track_id
        left join attempts m on m.assignment_id = a.id and m.user_id = p.user_id
        left join submissions s on s.assignment_id = a.id and s.user_id = p.user_id
    where p.track_id = $1 and p.user_id = any($2::bigint[])
)
select o.user_id, o.assignment_id, coalesce(o.reviews_due_at <= $5, false) as is_final,
    case when o.shown is not null then o.submission_id is not null else o.due_at <= $5 and exists (
        select from submission_versions v where v.submission_id = o.submission_id and v.submitted_at < o.due_at)
        end as submitted,
    case when o.shown = 'infinity' then coalesce(o.reviews_done, 0)
        when o.shown is not null then (select count(*) from claims c
            where c.assignment_id = o.assignment_id and c.reviewer_id = o.user_id and c.state = 'reviewed'
                and c.reason <> 'author' and c.ended_at < o.shown) end as reviews_done,
    shown_reviews_required(o.opened_at, o.reviews_required, o.excused_at, o.excused_reviews, o.shown)
        as reviews_required,
    case when o.is_result_open then shown_result($3 or o.user_id = $4, o.shown, o.corrections_open,
        o.result, o.end_result, o.window_result) end as result
from outcomes o order by o.user_id, o.position
"""


@dataclass(frozen=True, slots=True)
class AssignmentOutcome:
    """One participant at one assignment; `result` in percent, None while there is none or it may not be seen.

    A reader who does not oversee the track learns of others `submitted` at the deadline (late work counts when the
    window for reviews is over), and how many reviews they did in time when it is over: None before. What happens after
    the window is shown when the track is over; scores corrected after that, when no more are.
    """

    assignment_id: int
    submitted: bool
    reviews_done: int | None
    reviews_required: int | None
    result: float | None

    @property
    def reviews(self) -> ReviewCount | None:
        """Return the participant's reviews, if there are any to do and the reader may know of them."""
        if self.reviews_done is None or not self.reviews_required:
            return None
        return count_reviews(required=self.reviews_required, done=self.reviews_done)


@dataclass(frozen=True, slots=True)
class ParticipantOutcome:
    """One row of the results. `total`: the mean over the assignments whose reviews are over, 0 for no submission."""

    id: int
    username: str
    has_left: bool
    assignments: Sequence[AssignmentOutcome]
    total: float | None


@dataclass(frozen=True, slots=True)
class _Participant:
    id: int
    username: str
    has_left: bool


@dataclass(frozen=True, slots=True)
class _Outcome:
    user_id: int
    assignment_id: int
    is_final: bool
    submitted: bool
    reviews_done: int | None
    reviews_required: int | None
    result: float | None


async def results(
    db: Connection, access: TrackAccess, *, after: int, limit: int, now: datetime
) -> list[ParticipantOutcome]:
    """Return a row per participant, by id. Raises NotAParticipant."""
    access.ensure_sees_results()
    ids = await fetch_ids(db, NEXT_PARTICIPANTS, access.track_id, after, limit)
    return await results_of(db, access, ids=ids, now=now)


async def results_of(
    db: Connection, access: TrackAccess, *, ids: Sequence[int], now: datetime
) -> list[ParticipantOutcome]:
    """Return a row for each of these participants, in their order. Raises NotAParticipant."""
    access.ensure_sees_results()
    asked = (access.track_id, ids, access.oversees, access.user_id, now)
    people = {one.id: one for one in await fetch_values(db, _Participant, PARTICIPANTS, *asked)}
    outcomes: defaultdict[int, list[_Outcome]] = defaultdict(list)
    for outcome in await fetch_values(db, _Outcome, RESULTS, *asked):
        outcomes[outcome.user_id].append(outcome)
    return [_row(people[id], outcomes[id]) for id in ids if id in people]


def _row(person: _Participant, outcomes: Sequence[_Outcome]) -> ParticipantOutcome:
    return ParticipantOutcome(
        id=person.id,
        username=person.username,
        has_left=person.has_left,
        assignments=[
            AssignmentOutcome(one.assignment_id, one.submitted, one.reviews_done, one.reviews_required, one.result)
            for one in outcomes
        ],
        total=track_total([(one.submitted, one.result) for one in outcomes if one.is_final]),
    )
