"""The whole life of a track, lived by four people who click only what they see."""

import asyncio
from collections.abc import Sequence

import pytest

from tests.browser.authors import CORRECTNESS, READABILITY, write_track
from tests.browser.people import PASSWORD, Crowd, Person

pytestmark = pytest.mark.anyio
# The first is long enough for three people to hand in on a busy machine; nobody hands in for the second.
FIRST, SECOND, REVIEWS = "0.005", "0.001", "0.02"
ASSIGNMENTS = (
    {"Title": "First steps", "Hours to hand in": FIRST},
    {"Title": "Further on", "Hours to hand in": SECOND},
)


async def sign_up(person: Person) -> None:
    """Come to the front page and make an account."""
    await person.open("/")
    await person.click("Sign up")
    await person.fill({"Username": person.name, "E-mail": f"{person.name}@example.com", "Password": PASSWORD})
    await person.click("Create the account")
    await person.is_told("Welcome! Choose a track to begin with.")


async def take_a_place(person: Person, title: str) -> None:
    """Find a track and enroll."""
    await person.click("Find a track")
    await person.click(title)
    await person.click("Take a place")
    await person.click("Take the place")


async def hand_in(person: Person) -> None:
    """Go where home says, and leave a link there."""
    await person.page.get_by_role("link", name="Learning Platform").click()
    await person.click("Hand in “First steps”")
    await person.fill({"Link to your repository": f"https://git.example/{person.name}/first"})
    await person.click("Hand in")
    await person.is_told("Handed in. You may replace the link until the deadline.")


async def review(person: Person, others: Sequence[Person]) -> None:
    """Wait for the deadline, then review what the others handed in."""
    await person.sees("Review others")
    await person.click("Go to the reviews")
    for number in range(1, len(others) + 1):
        await person.click("Take a work to review")
        await person.score("Correctness", "9")
        await person.score("Readability", "5")
        await person.fill({"Overall comment": f"Good work, said {person.name}."})
        await person.click("Send the review")
        await person.is_told("Thank you: your review is sent.")
        await person.sees(f"{number} of {len(others)} done")


async def read_feedback(person: Person, others: Sequence[Person]) -> None:
    """Read what the others said, and thank one of them."""
    await person.click("Read your feedback")
    await person.sees("93.33 %", *[f"Good work, said {other.name}." for other in others])
    await person.page.get_by_role("button", name="Helpful", exact=True).first.click()
    await person.sees("You found it helpful.")


async def test_four_people_live_through_a_track(crowd: Crowd) -> None:
    author, *group = [await crowd.visitor() for _ in range(4)]
    title = f"Together with {author.name}"
    await asyncio.gather(*[sign_up(person) for person in (author, *group)])
    await write_track(
        author,
        title=title,
        places=len(group),
        review_hours=REVIEWS,
        criteria=[CORRECTNESS, READABILITY],
        assignments=ASSIGNMENTS,
    )
    *first_ones, last = group
    for person in first_ones:
        await take_a_place(person, title)
        await person.sees("You have a place.")
    await take_a_place(last, title)
    await last.is_told("You took the last place: the track has started.")
    await asyncio.gather(*[person.is_told(f"“{title}” has started") for person in first_ones])

    await asyncio.gather(*[hand_in(person) for person in group])
    others = {person.name: [other for other in group if other is not person] for person in group}
    await asyncio.gather(*[review(person, others[person.name]) for person in group])
    await asyncio.gather(*[read_feedback(person, others[person.name]) for person in group])

    for person in group:
        await person.page.get_by_role("link", name="Learning Platform").click()
        await person.sees("assignment 2 of 2")
    await author.open("/")
    await author.click(title)
    await author.sees("3 of 3 handed in", "6 of 6 reviews done")
    await author.click("Results")
    await author.sees(*[person.name for person in group], "93.33 %")
