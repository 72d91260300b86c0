"""What participants of the demo school do on a track: hand in, review, answer reviews, keep a diary."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from random import Random

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.actions import hand_in
from learning_platform.attempts.progress import progress_at
from learning_platform.attempts.rules import AssignmentLocked, NoSubmission
from learning_platform.attempts.submissions import submission
from learning_platform.demo.cohorts import Rhythm
from learning_platform.demo.fetches import plan_fetch
from learning_platform.demo.hand_ins import code_of, received_of, repository_of, second_iteration_of, way_of
from learning_platform.demo.people import SIGN_INS
from learning_platform.demo.questions import QUESTIONS, ask_about
from learning_platform.demo.remarks import answer_remarks, comment_on_code, say_what_was_fixed
from learning_platform.demo.voices import VOICES, Voice, tone_of
from learning_platform.demo.world import Code, Course, Task, Way, World
from learning_platform.diary.actions import write_entry
from learning_platform.reviews.claims import ClaimedSubmission, claim
from learning_platform.reviews.queries import criteria, received_reviews
from learning_platform.reviews.results import Criterion, Score
from learning_platform.reviews.returns import return_claim
from learning_platform.reviews.reviewing import answer, review
from learning_platform.reviews.rules import NothingToReview, OwnReviewsFirst, ReviewNotOpen, ReviewsDone
from learning_platform.snapshots.freezing import Received
from learning_platform.tracks.rules import DeadlinePassed, TrackOver

REVIEWS_OWED = 3
# A review takes this share of the time for reviews.
REVIEWING = 0.03
KEEPS_A_DIARY, IS_UNFAIR = 0.45, 0.06


@dataclass(frozen=True, slots=True)
class Seat:
    """One participant at one assignment; `number` is that of the participant in the track."""

    world: World
    course: Course
    task: Task
    username: str
    number: int
    rhythm: Rhythm

    @property
    def user_id(self) -> int:
        """Return who it is."""
        return self.world.user_ids[self.username]

    @property
    def voice(self) -> Voice:
        """Return what is said in the language of the track."""
        return VOICES[self.course.language]


def plan_life(seat: Seat) -> None:
    """Plan everything a participant does at an assignment, whether or not it will be open for them by then."""
    timeline, chance, task = seat.world.timeline, seat.world.chance, seat.task
    if seat.rhythm.hand_in is not None:
        timeline.plan(task.while_open(seat.rhythm.hand_in), partial(_hand_in, seat))
    for number, share in enumerate(seat.rhythm.reviews):
        timeline.plan(task.while_reviewed(share), partial(_ask_for_work, seat, number))
    if chance.random() < KEEPS_A_DIARY or seat.username in SIGN_INS:
        timeline.plan(task.while_open(chance.uniform(0.2, 1.2)), partial(_note, seat))
    if seat.number < len(QUESTIONS[seat.course.language]) and task.position < 2:
        timeline.plan(task.while_open(0.3 + 0.1 * seat.number), partial(_ask, seat))
    timeline.plan(task.while_reviewed(0.98), partial(_answer_reviews, seat))
    if task.iteration_hours:
        share = Random(f"again {seat.username} {task.position}").uniform(0.1, 0.7)  # noqa: S311 - no secret
        timeline.plan(task.while_iterated(share), partial(_hand_in_again, seat))


async def _hand_in(seat: Seat, now: datetime) -> None:
    world = seat.world
    code = code_of(seat.course, seat.task, username=seat.username, number=seat.number)
    way = way_of(seat.course, seat.task, seat.username)
    received = _received(seat, code, way, now=now)
    with suppress(AssignmentLocked, DeadlinePassed, TrackOver):
        handed_in = await hand_in(
            world.db,
            assignment_id=seat.task.id,
            user_id=seat.user_id,
            received=received,
            comment=world.chance.choice([None, *seat.voice.with_submission]),
            now=now,
        )
        if code is not None and way not in {"private", "away"}:
            world.code[handed_in.submission.id] = code
        if code is not None and received.repo_url is not None:
            plan_fetch(world, received.repo_url, repository_of(code, way, now=now), now=now)
        # How good people are differs more than how good one person is from one day to the next.
        skill = Random(seat.username).uniform(0.55, 1.05)  # noqa: S311 - no secret
        world.quality[handed_in.submission.id] = world.chance.gauss(skill, 0.07)


def _received(seat: Seat, code: Code | None, way: Way, *, now: datetime) -> Received:
    repo_url = _repository(seat)
    if code is None:
        return Received("link", repo_url=repo_url)
    return received_of(code, way, repo_url=repo_url, now=now)


def _repository(seat: Seat) -> str:
    """Return a link that shows a reviewer neither its author nor the author's other submissions."""
    words = seat.task.title if seat.task.title.isascii() else f"task {seat.task.position + 1}"
    name = "-".join(words.lower().replace(",", "").split())
    alias = Random(f"{seat.username} {seat.task.id}").getrandbits(24)  # noqa: S311 - no secret
    return f"https://git.example/guest-{alias:06x}/{name}"


async def _ask_for_work(seat: Seat, number: int, now: datetime) -> None:
    world = seat.world
    # Not open: the deadline was moved since this was planned.
    with suppress(AssignmentLocked, ReviewNotOpen, ReviewsDone, NothingToReview, TrackOver):
        work = await claim(
            world.db,
            assignment_id=seat.task.id,
            user_id=seat.user_id,
            volunteers=number >= REVIEWS_OWED,
            now=now,
        )
        does = _return if seat.rhythm.returns_first and number == 0 else _review
        world.timeline.plan(now + REVIEWING * seat.task.time_for_reviews, partial(does, seat, work))


async def _review(seat: Seat, work: ClaimedSubmission, now: datetime) -> None:
    scores, comment = _judgement(work.criteria, seat, quality=seat.world.quality[work.submission_id])
    with suppress(TrackOver):
        await comment_on_code(
            seat.world, submission_id=work.submission_id, reviewer=seat.username, rubric=work.criteria, now=now
        )
        await review(
            seat.world.db,
            submission_id=work.submission_id,
            actor=Actor(seat.user_id),
            scores=scores,
            comment=comment,
            now=now,
        )


async def _return(seat: Seat, work: ClaimedSubmission, now: datetime) -> None:
    await return_claim(
        seat.world.db,
        submission_id=work.submission_id,
        reviewer_id=seat.user_id,
        reason="broken",
        comment=seat.voice.returned,
        now=now,
    )
    await _ask_for_work(seat, 1, now)


def _judgement(criteria: Sequence[Criterion], seat: Seat, *, quality: float) -> tuple[list[Score], str | None]:
    """Return scores around the quality of the work, and what goes with them."""
    chance = seat.world.chance
    if chance.random() < IS_UNFAIR:
        quality /= 2
    scores = []
    for criterion in criteria:
        share = min(max(chance.gauss(quality, 0.1), 0.0), 1.0)
        points = round(share * criterion.max_score)
        remark = None if points == criterion.max_score else chance.choice(seat.voice.about[criterion.name])
        scores.append(Score(criterion.id, points, remark))
    share = sum(score.score for score in scores) / sum(criterion.max_score for criterion in criteria)
    overall = chance.choice(seat.voice.overall[tone_of(share)])
    return scores, overall if chance.random() < 0.8 else None


async def _answer_reviews(seat: Seat, now: datetime) -> None:
    """Say of some of the reviews received whether they helped."""
    world = seat.world
    with suppress(NoSubmission, OwnReviewsFirst, TrackOver):
        here = await progress_at(world.db, assignment_id=seat.task.id, user_id=seat.user_id, now=now)
        rubric = await criteria(world.db, assignment_id=seat.task.id)
        received = await received_reviews(world.db, here, rubric=rubric, now=now)
        await answer_remarks(
            world,
            submission_id=received.submission_id,
            author=Actor(seat.user_id),
            has_iteration=seat.task.iteration_hours > 0,
            now=now,
        )
        for each in received.reviews:
            if world.chance.random() < 0.6:
                helpful = world.chance.random() < 0.85
                await answer(world.db, review_id=each.id, user_id=seat.user_id, helpful=helpful, comment=None, now=now)


async def _note(seat: Seat, now: datetime) -> None:
    texts = seat.voice.diary
    with suppress(AssignmentLocked):
        await write_entry(
            seat.world.db,
            assignment_id=seat.task.id,
            user_id=seat.user_id,
            text=texts[(seat.user_id + seat.task.position) % len(texts)],
            visibility=seat.world.chance.choice(("private", "track")),
            now=now,
        )


async def _ask(seat: Seat, now: datetime) -> None:
    with suppress(AssignmentLocked, TrackOver):
        await ask_about(
            seat.world,
            assignment_id=seat.task.id,
            asker_id=seat.user_id,
            author_id=seat.course.author_id,
            language=seat.course.language,
            number=seat.number,
            now=now,
        )


async def _hand_in_again(seat: Seat, now: datetime) -> None:
    """Hand in a second iteration, if there is something to correct, and say what was."""
    world = seat.world
    handed_in = await submission(world.db, assignment_id=seat.task.id, user_id=seat.user_id)
    if handed_in is None or handed_in.id not in world.code:
        return
    better = second_iteration_of(world.code[handed_in.id])
    with suppress(AssignmentLocked, DeadlinePassed, TrackOver, OwnReviewsFirst):
        if better is not None:
            received = received_of(better, "push", repo_url="", now=now)
            await hand_in(
                world.db, assignment_id=seat.task.id, user_id=seat.user_id, received=received, comment=None, now=now
            )
        await say_what_was_fixed(
            world,
            submission_id=handed_in.id,
            author=Actor(seat.user_id),
            is_handed_in=better is not None,
            now=now,
        )
