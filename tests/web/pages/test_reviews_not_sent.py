"""A review that can no longer be sent keeps its text on the page, whatever refuses it."""

from collections.abc import Awaitable, Callable

import pytest

from learning_platform.core.errors import Refusal
from learning_platform.reviews.rules import NotReviewedYet, NotYoursToReview, ReviewClosed
from learning_platform.tracks.rules import TrackOver
from tests.people import Json, School
from tests.web.pages.browsing import Browser, signed_in
from tests.web.pages.test_life import in_hand, review_fields, running, take

TEXT = "A long thought that took an hour."
# What happens while a review is being written: by the reviewer's browser, on a track of this author's browser.
Event = Callable[[School, Json, str, Browser, Browser], Awaitable[object]]


async def track_is_cancelled(_school: School, track: Json, _path: str, author: Browser, _reviewer: Browser) -> None:
    assert "Track cancelled" in await author.fill_in(f"/tracks/{track['id']}/cancel")


async def track_ends(school: School, _track: Json, _path: str, _author: Browser, _reviewer: Browser) -> None:
    await school.advance(hours=40)


async def reviews_end(school: School, _track: Json, _path: str, _author: Browser, _reviewer: Browser) -> None:
    await school.advance(hours=10)


async def it_is_returned(_school: School, _track: Json, path: str, _author: Browser, reviewer: Browser) -> None:
    assert "Submission returned." in await reviewer.fill_in(f"{path}/return", reason="broken")


async def nothing_happens(_school: School, _track: Json, _path: str, _author: Browser, _reviewer: Browser) -> None:
    """A revision is sent before the review."""


@pytest.mark.parametrize(
    ("event", "is_sent_before", "is_revision", "refusal", "status"),
    [
        (track_is_cancelled, False, False, TrackOver, 409),
        (track_is_cancelled, True, True, TrackOver, 409),
        (track_ends, False, False, TrackOver, 409),
        (reviews_end, True, True, ReviewClosed, 409),
        (it_is_returned, False, False, NotYoursToReview, 403),
        (nothing_happens, False, True, NotReviewedYet, 404),
    ],
)
async def test_a_review_that_can_no_longer_be_sent_keeps_its_text(
    school: School, event: Event, is_sent_before: bool, is_revision: bool, refusal: type[Refusal], status: int
) -> None:
    people = await school.people(4)
    track, assignment_id = await running(school, people)
    for person in people:
        await person.submit(assignment_id)
    await school.advance(hours=10)
    author, reviewer = signed_in(school, people[0]), signed_in(school, people[1])
    await take(reviewer, assignment_id)
    path = f"/submissions/{await in_hand(people[1], assignment_id)}/review"
    if is_sent_before:
        await reviewer.fill_in(path, **review_fields(track["criteria"], [9, 5]))
    await event(school, track, path, author, reviewer)

    fields = review_fields(track["criteria"], [7, 4], comment=TEXT) | {"scores-0-comment": "Seven, as it is slow."}
    page = await reviewer.fill_in(path, status, **fields, **({"revise": "yes"} if is_revision else {}))

    assert "Your review was not sent" in page
    assert str(refusal.message) in page
    assert TEXT in page
    assert "Correctness : 7 points Comment: Correctness Seven, as it is slow." in page
    assert ("You may have returned it in another window." in page) == (refusal is NotYoursToReview)


async def test_an_incomplete_review_is_not_shown_with_another_submission(school: School) -> None:
    people = await school.people(5)
    track, assignment_id = await running(school, people)
    for person in people:
        await person.submit(assignment_id)
    await school.advance(hours=10)
    author, reviewer = signed_in(school, people[0]), signed_in(school, people[1])
    await take(reviewer, assignment_id)
    path = f"/submissions/{await in_hand(people[1], assignment_id)}/review"
    await it_is_returned(school, track, path, author, reviewer)
    await take(reviewer, assignment_id)

    page = await reviewer.fill_in(path, 403, **review_fields(track["criteria"], ["", 4], comment=TEXT))

    assert "Your review was not sent" in page
    assert TEXT in page
