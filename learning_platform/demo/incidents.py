"""What is special about a track of the demo school: deadlines moved, appeals, a cancellation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.extensions import extend_deadline
from learning_platform.demo.world import Course, Task, World
from learning_platform.enrollment import waiting_list
from learning_platform.enrollment.actions import enroll
from learning_platform.enrollment.cohorts import open_next_cohort
from learning_platform.enrollment.editing import edit_track
from learning_platform.questions.actions import answer
from learning_platform.questions.moderation import report_post
from learning_platform.reviews import appeals
from learning_platform.reviews.author.extensions import grant_extension
from learning_platform.reviews.queries import criteria
from learning_platform.reviews.results import Score
from learning_platform.tracks.actions import TrackChange, cancel_track
from learning_platform.tracks.start_rules import StartPlan

APPEAL = {
    "en": "One review says it does not start. It does, with Python 3.11: the README has it in its first line.",
    "ru": "В одной проверке сказано, что решение не запускается. Запускается: в README указана нужная версия.",
}
SETTLEMENT = {
    "en": "You are right: I ran it, and it works. The first score is corrected.",
    "ru": "Вы правы: всё запускается, проверено. Первая оценка исправлена.",
}
REASON = "Болезнь, справка есть."
# An answer, and why it is reported.
RUDE = {
    "en": ("Read the description before you ask.", "Unfriendly, and no answer."),
    "ru": ("Сначала прочитайте описание.", "Грубо и не по делу."),
}
LAST_QUESTION = "select id, writer_id from questions where assignment_id = $1 order by created_at desc, id limit 1"


class Incident(Protocol):
    """Something that happens once on a track."""

    def plan(self, world: World, course: Course) -> None:
        """Plan it for when it happens."""


async def join_waiting_list(world: World, track_id: int, usernames: Sequence[str], now: datetime) -> None:
    """Let users wait for a place on a track."""
    for username in usernames:
        await waiting_list.join(world.db, track_id=track_id, user_id=world.user_ids[username], now=now)


@dataclass(frozen=True, slots=True)
class Extension:
    """The author moves a deadline for everyone, when the share `at` of the time for hand-in is over."""

    position: int
    at: float
    by: timedelta

    def plan(self, world: World, course: Course) -> None:
        """Plan it."""
        task = course.tasks[self.position]
        world.timeline.plan(task.while_open(self.at), partial(self._move, world, course, task))

    async def _move(self, world: World, course: Course, task: Task, now: datetime) -> None:
        await extend_deadline(
            world.db,
            assignment_id=task.id,
            due_at=task.due_at + self.by,
            actor=Actor(course.author_id),
            now=now,
        )


@dataclass(frozen=True, slots=True)
class MoreTime:
    """The author gives one participant more time, when the share `at` of the time for hand-in is over."""

    position: int
    username: str
    at: float
    by: timedelta

    def plan(self, world: World, course: Course) -> None:
        """Plan it."""
        task = course.tasks[self.position]
        world.timeline.plan(task.while_open(self.at), partial(self._grant, world, course, task))

    async def _grant(self, world: World, course: Course, task: Task, now: datetime) -> None:
        await grant_extension(
            world.db,
            assignment_id=task.id,
            username=self.username,
            due_at=task.due_at + self.by,
            reason=REASON,
            actor=Actor(course.author_id),
            now=now,
        )


@dataclass(frozen=True, slots=True)
class ReportedAnswer:
    """A participant answers the last question so far in a way that its asker reports."""

    position: int
    username: str
    at: float

    def plan(self, world: World, course: Course) -> None:
        """Plan it."""
        task = course.tasks[self.position]
        world.timeline.plan(task.while_open(self.at), partial(self._answer, world, course, task))

    async def _answer(self, world: World, course: Course, task: Task, now: datetime) -> None:
        asked = await world.db.fetchrow(LAST_QUESTION, task.id)
        if asked is None:
            return
        text, reason = RUDE[course.language]
        writer, asker = Actor(world.user_ids[self.username]), Actor(asked["writer_id"])
        answered = await answer(world.db, question_id=asked["id"], actor=writer, text=text, now=now)
        post_id = answered.posts[-1].id
        await report_post(world.db, post_id=post_id, actor=asker, reason=reason, now=now)


@dataclass(frozen=True, slots=True)
class Appeal:
    """A participant appeals after the reviews of an assignment; the author settles it a day later, or has yet to."""

    position: int
    username: str
    is_settled: bool

    def plan(self, world: World, course: Course) -> None:
        """Plan it."""
        task = course.tasks[self.position]
        at = task.reviews_due_at + timedelta(hours=3)
        world.timeline.plan(at, partial(self._appeal, world, course, task))

    async def _appeal(self, world: World, course: Course, task: Task, now: datetime) -> None:
        made = await appeals.appeal(
            world.db,
            assignment_id=task.id,
            user_id=world.user_ids[self.username],
            text=APPEAL[course.language],
            now=now,
        )
        if self.is_settled:
            at = now + timedelta(days=1)
            world.timeline.plan(at, partial(self._settle, world, course, task, made.id))

    async def _settle(self, world: World, course: Course, task: Task, appeal_id: int, now: datetime) -> None:
        first, *_ = await criteria(world.db, assignment_id=task.id)
        await appeals.settle(
            world.db,
            appeal_id=appeal_id,
            actor=Actor(course.author_id),
            text=SETTLEMENT[course.language],
            scores=[Score(first.id, first.max_score)],
            now=now,
        )


@dataclass(frozen=True, slots=True)
class Cancellation:
    """The author cancels the track some time after its start."""

    after: timedelta

    def plan(self, world: World, course: Course) -> None:
        """Plan it."""
        world.timeline.plan(course.tasks[0].opens_at + self.after, partial(self._cancel, world, course))

    async def _cancel(self, world: World, course: Course, now: datetime) -> None:
        await cancel_track(world.db, track_id=course.track_id, actor=Actor(course.author_id), now=now)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Users wait for a place some time after the start: staff could replace a participant who has submitted nothing."""

    usernames: Sequence[str]
    after: timedelta

    def plan(self, world: World, course: Course) -> None:
        """Plan it."""
        at = course.tasks[0].opens_at + self.after
        world.timeline.plan(at, partial(join_waiting_list, world, course.track_id, self.usernames))


@dataclass(frozen=True, slots=True)
class NextCohort:
    """Some users waited for a place; the author opens the next cohort, which starts on a date, and they enroll."""

    waiting: Sequence[str]
    after: timedelta
    starts_after: timedelta

    def plan(self, world: World, course: Course) -> None:
        """Plan it."""
        begin = course.tasks[0].opens_at
        joining = partial(join_waiting_list, world, course.track_id, self.waiting)
        world.timeline.plan(begin + timedelta(hours=1), joining)
        world.timeline.plan(begin + self.after, partial(self._open, world, course))

    async def _open(self, world: World, course: Course, now: datetime) -> None:
        author = Actor(course.author_id)
        opened = await open_next_cohort(world.db, track_id=course.track_id, actor=author, now=now)
        date = TrackChange(start=StartPlan("on_date", now + self.starts_after, min_participants=4))
        await edit_track(world.db, track_id=opened.track_id, actor=author, change=date, now=now)
        for number, username in enumerate(self.waiting[:-1], start=1):
            at = now + timedelta(hours=number)
            world.timeline.plan(at, partial(self._enroll, world, opened.track_id, username))

    async def _enroll(self, world: World, track_id: int, username: str, now: datetime) -> None:
        await enroll(world.db, track_id=track_id, user_id=world.user_ids[username], now=now)
