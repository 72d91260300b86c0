"""From the end of a review window until the track is over, what others see stands still, whatever people do.

A track of three assignments is caught after the review window of the first. Two of its six participants only look on;
late reviewers, volunteers, people who answer, appeal, write or leave, and the track's author, do what they like. What
the two see is asked of every GET route there is, of pages and of the API.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import product
from string import Formatter
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from tests.conftest import NOON, cloned_database, opened_school, test_settings
from tests.databases import Shelf
from tests.people import HandClock, Json, Person, School, track_json
from tests.routes import addresses_of
from tests.web.pages.browsing import signed_in

EXAMPLES, MAX_STEPS = 4, 14
# Handed nothing in, and does nothing: nothing whatever is theirs that others could change.
OUTSIDER = 0
# Handed in, and does nothing: others' late reviews reach them immediately, and nothing else does.
RECIPIENT = 1
ACTORS = (2, 3, 4, 5)
# These show no more of others than what concerns the reader's own work, and that comes immediately.
OWN = {"/assignments/{assignment_id}/reviews", "/notifications", "/tracks/{track_id}/review-quality"}
NOT_ASKED = {
    "/assignments/{assignment_id}/review/submission": "gives something to review",
    "/metrics": "counts requests",
    "/health": "is about the service",
    "/docs": "is the same for all",
    "/openapi.json": "is the same for all",
    "/static": "is the same for all",
    "/docs/assets": "is the same for all",
}
ASSIGNMENTS = [
    {"title": title, "description": "Do it", "duration_hours": 10} for title in ("Hello", "Goodbye", "Encore")
]


@dataclass(frozen=True)
class World:
    """A track after the first review window, its people and what can be named in a path."""

    school: School
    author: Person
    people: list[Person]
    track_id: int
    assignment_ids: list[int]
    submission_ids: list[int]

    @property
    def first(self) -> int:
        """Return the assignment whose review window is over."""
        return self.assignment_ids[0]

    def paths(self) -> Iterator[tuple[str, str]]:
        """Yield every address that can be read, with the path of its route."""
        values: dict[str, list[Any]] = {
            "track_id": [self.track_id],
            "assignment_id": self.assignment_ids[:2],
            "submission_id": self.submission_ids,
            "user_id": [self.people[2].id],
            "username": [self.people[2].username],
            "format": ["csv"],
            "token": ["none"],
            "code": [UUID(int=1)],
        }
        for path in sorted(readable(self.school.app)):
            names = [name for _, name, _, _ in Formatter().parse(path) if name]
            # Of other things there are none here, such as comments.
            for chosen in product(*(values.get(name, [1]) for name in names)):
                address = path.format(**dict(zip(names, chosen, strict=True)))
                yield path, address


def readable(app: FastAPI) -> set[str]:
    """Return the path of every route that answers GET."""
    found = {route.path for route in addresses_of(app) if route.method == "GET"}
    return {path for path in found if path not in NOT_ASKED}


async def late_review(world: World, who: Person, number: int) -> None:
    work = await who.claim(world.first, volunteer=number % 2 == 0)
    if work.status_code == 200:
        await who.review(work.json(), number % 6)


async def give_back(world: World, who: Person, number: int) -> None:
    work = await who.claim(world.first)
    if work.status_code == 200:
        path = f"/submissions/{work.json()['submission_id']}/review/return"
        await who.post(path, json={"reason": ("broken", "empty")[number % 2]})


async def revise(world: World, who: Person, number: int) -> None:
    criteria = (await who.ok("GET", f"/tracks/{world.track_id}"))["criteria"]
    scores = [{"criterion_id": criterion["id"], "score": number % 6} for criterion in criteria]
    for submission_id in world.submission_ids:
        await who.put(f"/submissions/{submission_id}/review", json={"scores": scores, "comment": "on second thought"})


async def answer(world: World, who: Person, number: int) -> None:
    received = await who.get(f"/assignments/{world.first}/reviews")
    for review in received.json().get("reviews", []):
        await who.post(f"/reviews/{review['id']}/answer", json={"helpful": number % 2 == 0, "comment": f"{number}"})


async def appeal(world: World, who: Person, number: int) -> None:
    await who.post(f"/assignments/{world.first}/appeal", json={"text": f"Look again, {number}"})


async def settle(world: World, _who: Person, number: int) -> None:
    criteria = (await world.author.ok("GET", f"/tracks/{world.track_id}"))["criteria"]
    scores = [{"criterion_id": criterion["id"], "score": number % 6} for criterion in criteria]
    for each in await world.author.ok("GET", f"/tracks/{world.track_id}/appeals"):
        await world.author.post(f"/appeals/{each['id']}/settle", json={"text": "Right", "scores": scores})


async def write(world: World, who: Person, number: int) -> None:
    visibility = ("track", "private")[number % 2]
    await who.post(f"/assignments/{world.first}/diary", json={"text": f"Late {number}", "visibility": visibility})


async def edit(world: World, who: Person, number: int) -> None:
    for entry in await who.ok("GET", f"/assignments/{world.first}/diary?author=me"):
        change = {"text": f"Changed {number}"} | ({"visibility": "track"} if entry["visibility"] == "private" else {})
        await who.ok("PATCH", f"/diary/{entry['id']}", json=change)


async def leave(world: World, who: Person, _number: int) -> None:
    await who.post(f"/tracks/{world.track_id}/leave")


async def review_as_staff(world: World, _who: Person, number: int) -> None:
    criteria = (await world.author.ok("GET", f"/tracks/{world.track_id}"))["criteria"]
    scores = [{"criterion_id": criterion["id"], "score": number % 6} for criterion in criteria]
    submission_id = world.submission_ids[number % len(world.submission_ids)]
    await world.author.post(f"/submissions/{submission_id}/review", json={"scores": scores, "comment": "I say"})


# Handing in for the next assignment is left out: before its deadline the page of the track counts, without names, how
# many have.
Action = Callable[[World, Person, int], Awaitable[None]]
ACTIONS: tuple[Action, ...] = (
    late_review,
    give_back,
    revise,
    answer,
    appeal,
    settle,
    write,
    edit,
    leave,
    review_as_staff,
)
EVERYTHING = [
    *((action, who, who % 3) for action in ACTIONS if action is not leave for who in ACTORS),
    (leave, 4, 0),
]
steps = st.lists(
    st.tuples(st.sampled_from(ACTIONS), st.sampled_from(ACTORS), st.integers(0, 5)), min_size=3, max_size=MAX_STEPS
)


async def seen_by(world: World, person: Person, *, is_outsider: bool) -> dict[str, Json]:
    """Return what a user sees of others, by address."""
    seen: dict[str, Json] = {}
    browser = signed_in(world.school, person)
    async with browser:
        for path, address in world.paths():
            if is_outsider:
                page = await browser.get(address, follow_redirects=False)
                seen[f"page {address}"] = (page.status_code, page.text)
            if is_outsider or path not in OWN:
                response = await person.get(address)
                seen[address] = (response.status_code, without_own(response.text, person))
    return seen


async def seen_by_all(world: World) -> dict[str, Json]:
    """Return what the two who look on see of others, and what every user sees of others' results."""
    outsider = await seen_by(world, world.people[OUTSIDER], is_outsider=True)
    recipient = await seen_by(world, world.people[RECIPIENT], is_outsider=False)
    results = {f"results of {person.id}": await others_results(world, person) for person in world.people}
    return outsider | {f"recipient {address}": answer for address, answer in recipient.items()} | results


def without_own(text: str, person: Person) -> str:
    """Return a text without the lines and rows about the reader."""
    lines = [line for line in text.splitlines() if not line.startswith(f"{person.username},")]
    return "" if text.startswith('[{"id":') and '"assignments":' in text else "\n".join(lines)


async def others_results(world: World, person: Person) -> Json:
    rows = await person.ok("GET", f"/tracks/{world.track_id}/results")
    return [row for row in rows if row["id"] != person.id]


@asynccontextmanager
async def after_the_window(app: FastAPI, shelf: Shelf) -> AsyncIterator[World]:
    """Lead a track past its first review window: two have done their reviews, two have not."""
    url = await shelf.take()
    clock = HandClock(NOON)
    async with opened_school(app, test_settings(url), clock) as school:
        author, people = await school.person(), await school.people(6)
        track = await author.ok(
            "POST", "/tracks", 201, json=track_json(required_participants=6, assignments=ASSIGNMENTS)
        )
        for person in people:
            await person.ok("POST", f"/tracks/{track['id']}/enroll", 201)
        ids = await school.assignment_ids(author, track)
        for person in people[1:]:
            await person.submit(ids[0], f"https://git.example/{person.id}/hello")
            await write_early(person, ids[0])
        await school.advance(hours=10)
        for person in people[2:4]:
            await person.review_all(ids[0])
            await answer(World(school, author, people, track["id"], ids, []), person, 1)
        await school.advance(hours=11)
        submissions = [each["id"] for each in await author.ok("GET", f"/tracks/{track['id']}/submissions")]
        yield World(school, author, people, track["id"], ids, submissions)
    await shelf.put_back(url)


async def write_early(person: Person, assignment_id: int) -> None:
    for visibility in ("track", "private"):
        entry = {"text": f"In time, {visibility}", "visibility": visibility}
        await person.ok("POST", f"/assignments/{assignment_id}/diary", 201, json=entry)


async def nothing_moves(app: FastAPI, shelf: Shelf, taken: list[tuple[Action, int, int]]) -> None:
    async with after_the_window(app, shelf) as world:
        before = await seen_by_all(world)
        assert sum(answer[0] == 200 for address, answer in before.items() if "results of" not in address) > 20
        for action, who, number in taken:
            await action(world, world.people[who], number)
        after = await seen_by_all(world)
        moved = {address: (before[address], after[address]) for address in before if before[address] != after[address]}
        assert moved == {}
        await world.school.advance(hours=100)
        # At the end everything appears together.
        live = await world.author.ok("GET", f"/tracks/{world.track_id}/results")
        for person in world.people:
            assert await person.ok("GET", f"/tracks/{world.track_id}/results") == live


def test_nothing_about_others_moves_between_the_window_and_the_end(
    anyio_backend: str, app: FastAPI, server: str, template: str
) -> None:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        shelf = Shelf(lambda: stack.enter_async_context(cloned_database(server, template)))

        # A failure is not made smaller: every try takes seconds, and a difference is named by its address.
        @settings(max_examples=EXAMPLES, deadline=None, phases=(Phase.explicit, Phase.generate))
        @example(taken=EVERYTHING)
        @given(taken=steps)
        def whatever_people_do(taken: list[tuple[Action, int, int]]) -> None:
            runner.run(nothing_moves(app, shelf, taken))

        whatever_people_do()
        runner.run(stack.aclose())
