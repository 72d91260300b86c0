"""Whatever people and time do to a track, in whatever order, what product.md promises holds after every step.

A class of five lives through a track of two assignments. The rules of the state machine are what anybody may press at
any time; most is refused, by a code of the contract. Time moves with and without anybody sweeping.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any, TypeVar

from fastapi import FastAPI
from httpx import Response
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.conftest import NOON, cloned_database, opened_school, test_settings
from tests.databases import Shelf
from tests.people import HandClock, Json, Person

Answer = TypeVar("Answer")
SIZE = 5
EXAMPLES, STEPS = 25, 30
people = st.integers(0, SIZE - 1)
assignments = st.integers(0, 1)
REVIEWED_BY = "select submission_id from reviews where assignment_id = $1 and reviewer_id = $2 order by id"
# Each counts what must not be: a row is a broken promise.
BROKEN_PROMISES = {
    "the counter of participants is wrong": """
        select t.id from tracks t where participants_count <>
            (select count(*) from participants p where p.track_id = t.id and p.left_at is null)""",
    "a submission's count is not its reviews and live claims": """
        select s.id from submissions s where review_count <>
            (select count(*) from claims c where c.submission_id = s.id and c.counts)""",
    "a review has no claim": """
        select r.id from reviews r where not exists (select from claims c where c.submission_id = r.submission_id
            and c.reviewer_id = r.reviewer_id and c.state = 'reviewed')""",
    "a user reviews their own submission": """
        select c.id from claims c join submissions s on s.id = c.submission_id where s.user_id = c.reviewer_id""",
    "more is owed than the others handed in, or than three": """
        select m.id from attempts m where m.reviews_required > least(3,
            (select count(*) from submissions s where s.assignment_id = m.assignment_id and s.user_id <> m.user_id))""",
    "an attempt is finished and still owes": """
        select id from attempts where finished_at is not null and reviews_done < reviews_required""",
    "an attempt owes nothing more and is not finished": """
        select m.id from attempts m join assignments a on a.id = m.assignment_id
        where m.finished_at is null and m.reviews_done >= m.reviews_required and a.review_started_at is not null""",
    "an assignment is open for who has not finished the one before": """
        select m.id from attempts m join assignments a on a.id = m.assignment_id where a.position = 1 and not exists (
            select from attempts b join assignments o on o.id = b.assignment_id
            where b.user_id = m.user_id and o.position = 0 and b.finished_at is not null)""",
    "a user was notified of one event twice": """
        select user_id from notifications group by user_id, announcement_id having count(*) > 1""",
    "the review stage was announced before the warning of its deadline": """
        select w.user_id from notifications w join announcements b on b.id = w.announcement_id
            join notifications n on n.user_id = w.user_id
            join announcements a on a.id = n.announcement_id and a.assignment_id = b.assignment_id
        where b.type = 'deadline_warning' and a.type = 'review_started' and n.id < w.id""",
    "a correction lies outside the rubric, or an appeal was made twice": """
        select c.appeal_id from corrected_scores c join criteria r on r.id = c.criterion_id
        where c.score not between 0 and r.max_score
        union all select min(id) from appeals group by submission_id having count(*) > 1""",
    "a user was notified twice that the review stage began": """
        select n.user_id from notifications n join announcements a on a.id = n.announcement_id
        where a.type = 'review_started' group by n.user_id, a.assignment_id having count(*) > 1""",
}


class LifeOfATrack(RuleBasedStateMachine):
    """Five people, one track, a clock."""

    def __init__(self, app: FastAPI, shelf: Shelf, runner: asyncio.Runner) -> None:
        super().__init__()
        self._app, self._shelf, self._runner = app, shelf, runner
        self._stack = AsyncExitStack()

    @initialize()
    def gather(self) -> None:
        self._run(self._open())

    @rule(who=people, which=assignments)
    def submit(self, who: int, which: int) -> None:
        answer = self._run(self._people[who].submit(self._ids[which], f"https://git.example/{who}/{which}"))
        self._is_one_of(answer, 200, 201, 409)

    @rule(who=people, which=assignments, volunteers=st.booleans(), full_marks=st.booleans())
    def review(self, who: int, which: int, volunteers: bool, full_marks: bool) -> None:
        work = self._run(self._people[who].claim(self._ids[which], volunteer=volunteers))
        if self._is_one_of(work, 200, 404, 409) == 200:
            again = self._run(self._people[who].claim(self._ids[which]))
            assert again.json()["submission_id"] == work.json()["submission_id"]
            done = self._run(self._people[who].review(work.json(), None if full_marks else 0))
            assert done.status_code == 201, done.text

    @rule(who=people, which=assignments)
    def claim_and_do_nothing(self, who: int, which: int) -> None:
        self._is_one_of(self._run(self._people[who].claim(self._ids[which])), 200, 404, 409)

    @rule(who=people, which=assignments, reason=st.sampled_from(["broken", "empty", "know_author", "other"]))
    def give_back(self, who: int, which: int, reason: str) -> None:
        work = self._run(self._people[who].claim(self._ids[which]))
        if self._is_one_of(work, 200, 404, 409) == 200:
            path = f"/submissions/{work.json()['submission_id']}/review/return"
            assert self._run(self._people[who].post(path, json={"reason": reason})).status_code == 204

    @rule(who=people, which=assignments, at=st.integers(0, 2), full_marks=st.booleans())
    def revise(self, who: int, which: int, at: int, full_marks: bool) -> None:
        given = self._run(self._reviewed_by(who, which))
        if at < len(given):
            scores = [{"criterion_id": id, "score": most if full_marks else 0} for id, most in self._criteria]
            path = f"/submissions/{given[at]}/review"
            answer = self._run(self._people[who].put(path, json={"scores": scores, "comment": "On second thoughts"}))
            self._is_one_of(answer, 200, 409)

    @rule(who=people, which=assignments, helpful=st.booleans())
    def answer(self, who: int, which: int, helpful: bool) -> None:
        received = self._run(self._people[who].get(f"/assignments/{self._ids[which]}/reviews"))
        if self._is_one_of(received, 200, 404, 409) == 200:
            for review in received.json()["reviews"]:
                path = f"/reviews/{review['id']}/answer"
                self._is_one_of(self._run(self._people[who].post(path, json={"helpful": helpful})), 200, 409)

    @rule(who=people, which=assignments)
    def appeal(self, who: int, which: int) -> None:
        path = f"/assignments/{self._ids[which]}/appeal"
        self._is_one_of(self._run(self._people[who].post(path, json={"text": "Look again"})), 201, 404, 409)

    @rule(corrects=st.booleans())
    def settle(self, corrects: bool) -> None:
        scores = [{"criterion_id": id, "score": most} for id, most in self._criteria] if corrects else []
        for appeal_id in self._run(self._appeals()):
            body = {"text": "Looked", "scores": scores}
            self._is_one_of(self._run(self._author.post(f"/appeals/{appeal_id}/settle", json=body)), 200, 409)

    @rule(who=st.integers(1, SIZE - 1), which=assignments, hours=st.sampled_from([3, 9, 14]))
    def grant(self, who: int, which: int, hours: float) -> None:
        until = (self._clock.now + timedelta(hours=hours)).isoformat()
        body = {"username": self._people[who].username, "due_at": until, "reason": "Moving house"}
        answer = self._run(self._author.post(f"/assignments/{self._ids[which]}/extensions", json=body))
        self._is_one_of(answer, 201, 409, 422)

    @rule(which=assignments, hours=st.sampled_from([1, 5]))
    def extend(self, which: int, hours: int) -> None:
        seen = self._run(self._author.ok("GET", f"/assignments/{self._ids[which]}"))
        due_at = (NOON.fromisoformat(seen["due_at"]) + timedelta(hours=hours)).isoformat()
        answer = self._run(self._author.patch(f"/assignments/{self._ids[which]}", json={"due_at": due_at}))
        self._is_one_of(answer, 200, 409)

    @rule(who=st.integers(1, SIZE - 1))
    def leave(self, who: int) -> None:
        self._is_one_of(self._run(self._people[who].post(f"/tracks/{self._track}/leave")), 204, 409)

    @rule(hours=st.sampled_from([0.5, 2, 8, 11]), is_swept=st.booleans())
    def time_passes(self, hours: float, is_swept: bool) -> None:
        self._clock.advance(hours=hours)
        if is_swept:
            seen = self._run(self._seen_by_all())
            self._run(self._school.sweep())
            assert self._run(self._seen_by_all()) == seen, "whether anybody noticed makes no difference"

    @invariant()
    def every_promise_is_kept(self) -> None:
        if hasattr(self, "_school"):
            assert self._run(self._broken()) == []

    def teardown(self) -> None:
        self._run(self._stack.aclose())

    async def _open(self) -> None:
        url = await self._shelf.take()
        self._stack.push_async_callback(self._shelf.put_back, url)
        self._clock = HandClock(NOON)
        school = await self._stack.enter_async_context(opened_school(self._app, test_settings(url), self._clock))
        self._people: list[Person] = await school.people(SIZE)
        self._author = await school.person()
        track = await school.running_track(self._author, self._people)
        self._track: int = track["id"]
        self._criteria = [(one["id"], one["max_score"]) for one in track["criteria"]]
        self._ids = await school.assignment_ids(self._people[0], track)
        self._school = school

    async def _broken(self) -> list[str]:
        async with self._school.services.database.connection() as db:
            return [promise for promise, query in BROKEN_PROMISES.items() if await db.fetch(query)]

    async def _seen_by_all(self) -> list[Json]:
        """Return what each participant sees of their progress."""
        path = f"/tracks/{self._track}/assignments"
        answers = [await person.get(one) for person in self._people for one in (path, f"{path}/current")]
        return [(answer.status_code, answer.json()) for answer in answers]

    async def _reviewed_by(self, who: int, which: int) -> list[int]:
        async with self._school.services.database.connection() as db:
            return [row[0] for row in await db.fetch(REVIEWED_BY, self._ids[which], self._people[who].id)]

    async def _appeals(self) -> list[int]:
        async with self._school.services.database.connection() as db:
            return [row[0] for row in await db.fetch("select id from appeals order by id")]

    def _is_one_of(self, answer: Response, *statuses: int) -> int:
        assert answer.status_code in statuses, answer.text
        return answer.status_code

    def _run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return self._runner.run(work)


def test_every_promise_is_kept_whatever_people_and_time_do(
    anyio_backend: str, app: FastAPI, server: str, template: str
) -> None:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        shelf = Shelf(lambda: stack.enter_async_context(cloned_database(server, template)))
        run_state_machine_as_test(
            lambda: LifeOfATrack(app, shelf, runner),  # type: ignore[arg-type]  # Any factory does, it is documented.
            settings=settings(max_examples=EXAMPLES, stateful_step_count=STEPS),
        )
        runner.run(stack.aclose())
