"""The whole life of a track, lived by four people who click only what they see."""

import asyncio
from collections.abc import Sequence

import pytest

from learning_platform.core.database import Connection
from tests.browser import worlds
from tests.browser.authors import CORRECTNESS, READABILITY, write_track
from tests.browser.people import Crowd, Person

pytestmark = pytest.mark.anyio
ASSIGNMENTS = (
    {"Title": "First steps", "days": "2"},
    {"Title": "Further on", "days": "", "hours": "24"},
)
# Days pass within a second here; what an open page shows when time is up is for test_live.
TRACK = "select id from tracks where title = $1"


async def take_a_place(person: Person, title: str) -> None:
    """Find a track and enroll."""
    await person.click("Find a track")
    await person.click(title)
    await person.click("Enroll")
    await person.click("Confirm enrollment")


async def hand_in(person: Person) -> None:
    """Go where home says, and leave a link there."""
    await go_home(person)
    await person.click("Submit “First steps”")
    await person.fill({"Link to your repository": f"https://git.example/{person.name}/first"})
    await person.click("Submit")
    await person.sees_message("Submitted. You can replace the link until the deadline.")


async def review(person: Person, others: Sequence[Person]) -> None:
    """See that the deadline has passed, then review what the others handed in."""
    await person.follow("are closed. Review other participants' submissions by")
    for number in range(1, len(others) + 1):
        await person.click("Get a submission to review")
        await person.score("Correctness", "9")
        await person.score("Readability", "5")
        await person.fill({"Overall comment": f"Good work, said {person.name}."})
        await person.click("Send review")
        await person.sees_message("Review sent. Thank you!")
        await person.sees(f"{number} of {len(others)} reviews done")


async def read_feedback(person: Person, others: Sequence[Person]) -> None:
    """Read what the others said, and thank one of them."""
    await person.click("View feedback")
    await person.sees("93.3%", *[f"Good work, said {other.name}." for other in others])
    await person.page.get_by_role("button", name="Helpful", exact=True).first.click()
    await person.sees("You found this review helpful.")


async def see_what_is_next(person: Person) -> None:
    """Find the next assignment at home, open early for who has reviewed early."""
    await go_home(person)
    await person.sees("assignment 2 of 2", "Submit “Further on”")


async def see_the_end(person: Person, title: str, participants: Sequence[Person]) -> None:
    """See that the track is over, and look at what came of it."""
    await person.follow(f"“{title}” has finished. The results are ready.")
    await person.click("Results")
    await person.sees(*[other.name for other in participants], "93.3%")


async def go_home(person: Person) -> None:
    """Press the name of the place."""
    await person.page.get_by_role("link", name="Learning Platform").click()


async def test_four_people_live_through_a_track(crowd: Crowd, db: Connection) -> None:
    author, *group = [await crowd.visitor() for _ in range(4)]
    others = {person.name: [other for other in group if other is not person] for person in group}
    title = f"Together with {author.name}"
    await asyncio.gather(*[person.sign_up() for person in (author, *group)])
    await write_track(
        author,
        title=title,
        places=len(group),
        review_hours="24",
        criteria=[CORRECTNESS, READABILITY],
        assignments=ASSIGNMENTS,
    )
    *first_ones, last = group
    for person in first_ones:
        await take_a_place(person, title)
        await person.sees("You're enrolled.")
    await take_a_place(last, title)
    await asyncio.gather(
        last.sees_message("You took the last place, so the track has started."),
        *[person.sees_message(f"All places in “{title}” are taken") for person in first_ones],
    )
    await asyncio.gather(*[hand_in(person) for person in group])

    track_id = await db.fetchval(TRACK, title)
    await worlds.let_deadline_pass(db, track_id)
    await asyncio.gather(*[review(person, others[person.name]) for person in group])
    await asyncio.gather(*[read_feedback(person, others[person.name]) for person in group])
    await asyncio.gather(*[see_what_is_next(person) for person in group])

    await go_home(author)
    await author.click(title)
    await author.sees("3 of 3 submitted", "6 of 6 reviews done")
    await worlds.let_track_end(db, track_id)
    await asyncio.gather(*[see_the_end(person, title, group) for person in group])
    await author.click("Results")
    await author.sees("93.3%")
