"""What reviewers of the demo school say at lines of code, and what authors make of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from random import Random

from learning_platform.accounts.actor import Actor
from learning_platform.demo.program_texts import Remark
from learning_platform.demo.world import Code, World
from learning_platform.reviews.code_access import code_access
from learning_platform.reviews.results import Criterion
from learning_platform.reviews.threads.conversations import answer_thread, set_state
from learning_platform.reviews.threads.drafts import comment_on
from learning_platform.reviews.threads.queries import Thread, threads_of
from learning_platform.reviews.threads.reports import report_message
from learning_platform.reviews.threads.rules import Comment, Place

REMARKS_OF_A_REVIEW = (1, 3)
ANSWERS, SETTLES = 0.8, 0.6
SETTLING = timedelta(hours=5)


async def comment_on_code(
    world: World, *, submission_id: int, reviewer: str, rubric: Sequence[Criterion], now: datetime
) -> None:
    """Write some remarks that other reviewers have not made, as drafts of a review."""
    code = world.code.get(submission_id)
    if code is None:
        return
    for remark in _chosen(code, reviewer):
        code.said[remark] = reviewer
        line = remark.line_in(code.files)
        await comment_on(
            world.db,
            submission_id=submission_id,
            actor=Actor(world.user_ids[reviewer]),
            place=Place(remark.path, first_line=line, last_line=line),
            comment=Comment(remark.text, remark.kind, rubric[remark.criterion - 1].id if remark.criterion else None),
            now=now,
        )


def _chosen(code: Code, reviewer: str) -> list[Remark]:
    """Return what one reviewer says: a problem first, if there is one left; what will be reported in any case."""
    chance = Random(reviewer.encode() + code.files["README.md"])  # noqa: S311 - no secret
    left = [remark for remark in code.solution.remarks if _applies(remark, code) and remark not in code.said]
    chance.shuffle(left)
    left.sort(key=lambda remark: (remark.report is None, remark.kind != "problem"))
    return left[: chance.randint(*REMARKS_OF_A_REVIEW)]


def _applies(remark: Remark, code: Code) -> bool:
    if remark.path not in code.files or (remark.edit is not None and remark.edit not in code.variations):
        return False
    return not remark.line or remark.line_in(code.files) is not None


async def answer_remarks(
    world: World, *, submission_id: int, author: Actor, has_iteration: bool, now: datetime
) -> None:
    """Answer most of the remarks that expect an answer now; report what is to be reported.

    `has_iteration`: what is fixed or declined is said then.
    """
    for remark, thread in await _remarks_to(world, submission_id=submission_id, author=author, now=now):
        is_answered = Random(remark.text).random() < ANSWERS  # noqa: S311 - no secret
        if remark.report is not None:
            message_id = thread.messages[0].id
            await report_message(world.db, message_id=message_id, actor=author, reason=remark.report, now=now)
        elif remark.answer and is_answered and not (has_iteration and remark.outcome):
            await answer_thread(world.db, thread_id=thread.id, actor=author, text=remark.answer, now=now)


async def say_what_was_fixed(
    world: World, *, submission_id: int, author: Actor, is_handed_in: bool, now: datetime
) -> None:
    """Say of remarks that they are fixed, where a second iteration was handed in, or declined."""
    for remark, thread in await _remarks_to(world, submission_id=submission_id, author=author, now=now):
        if remark.outcome is not None and (is_handed_in or remark.outcome == "declined"):
            state, text = remark.outcome, remark.answer
            await set_state(world.db, thread_id=thread.id, actor=author, state=state, text=text, now=now)
            if remark.outcome == "declined":
                continue
            reviewer = Actor(world.user_ids[world.code[submission_id].said[remark]])
            world.timeline.plan(now + SETTLING, partial(_settle, world, thread.id, reviewer))


async def _settle(world: World, thread_id: int, reviewer: Actor, now: datetime) -> None:
    if Random(thread_id).random() < SETTLES:  # noqa: S311 - no secret
        await set_state(world.db, thread_id=thread_id, actor=reviewer, state="settled", now=now)


async def _remarks_to(world: World, *, submission_id: int, author: Actor, now: datetime) -> list[tuple[Remark, Thread]]:
    """Return the remarks that the author of a submission sees, and the threads that they began."""
    code = world.code.get(submission_id)
    if code is None:
        return []
    access = await code_access(world.db, submission_id=submission_id, actor=author, now=now)
    threads = await threads_of(world.db, access, user_id=author.user_id, now=now)
    return [(remark, thread) for thread in threads for remark in code.said if remark.text == thread.messages[0].text]
