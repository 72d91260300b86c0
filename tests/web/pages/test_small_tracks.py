"""The empty, the smallest and the abandoned track: every sentence on their pages is true."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from tests.domain.reviews.scene import Scene, come, running
from tests.people import Person, School
from tests.web.pages.browsing import signed_in

pytestmark = pytest.mark.anyio

TO_REVIEW = ("Get a submission", "left to do", "Go to reviews")
DONE_BY_THEM = ("All your reviews are done",)


@dataclass(frozen=True, slots=True)
class Pages:
    """What one person reads at an assignment and around it."""

    texts: Sequence[str]

    def says(self, *texts: str) -> bool:
        """Say whether any page shows any of these."""
        return any(text in page for page in self.texts for text in texts)


async def read(scene: Scene, person: Person, *, at: int = 0) -> Pages:
    """Open every page that speaks of an assignment."""
    browser = signed_in(scene.school, person)
    assignment, track = f"/assignments/{scene.assignment_ids[at]}", f"/tracks/{scene.track_id}"
    paths = ["/", track, assignment, f"{assignment}/review", f"{assignment}/reviews", f"{track}/results"]
    return Pages([await browser.see(path) for path in paths])


async def at_deadline(school: School, people: int, *, handing_in: int) -> Scene:
    """Let the first so many of a group hand in, and the deadline pass."""
    scene = await running(school, people)
    for person in scene.people[:handing_in]:
        assert (await person.submit(scene.assignment_id)).status_code == 201
    await come(scene, "due_at")
    return scene


async def test_without_submissions_no_review_is_asked_for(school: School) -> None:
    scene = await at_deadline(school, 3, handing_in=0)

    for event in ("now", "reviews_due_at"):
        if event != "now":
            await come(scene, event)
        pages = await read(scene, scene.people[0])
        assert pages.says("There was nothing for you to review.")
        assert pages.says("No other participant submitted this assignment.")
        assert pages.says("You did not submit this assignment.")
        assert not pages.says(*TO_REVIEW, *DONE_BY_THEM, "View your reviews", "Review one more", "View feedback")


async def test_the_only_one_to_hand_in_has_nothing_to_review_and_the_others_get_no_feedback(school: School) -> None:
    scene = await at_deadline(school, 3, handing_in=1)

    alone = await read(scene, scene.people[0])
    assert alone.says("Your submission has no reviews yet.")
    assert not alone.says(*TO_REVIEW, *DONE_BY_THEM)

    others = await read(scene, scene.people[1])
    assert others.says("When your reviews are done, the next assignment opens.")
    assert not others.says("your feedback")

    await scene.people[1].review_all(scene.assignment_id)
    others = await read(scene, scene.people[1])
    assert others.says("You did not submit this assignment, so there is no feedback for you.")
    assert not others.says("View feedback")


async def test_a_finished_track_asks_for_nothing(school: School) -> None:
    scene = await at_deadline(school, 3, handing_in=2)
    await come(scene, "reviews_due_at", at=1)

    for at in (0, 1):
        pages = await read(scene, scene.people[0], at=at)
        assert pages.says("Reviews are closed.")
        assert not pages.says(*TO_REVIEW, "We'll notify you when", "opens when", "not open for you yet")
    assert (await read(scene, scene.people[0])).says("Your submission has no reviews.", "reviews not done")
    assert (await read(scene, scene.people[0], at=1)).says("This assignment did not open for you.")


async def test_the_last_assignment_promises_no_next_one(school: School) -> None:
    scene = await running(school, 2)
    for at in (0, 1):
        for person in scene.people:
            assert (await person.submit(scene.assignment_ids[at])).status_code == 201
        await come(scene, "due_at", at=at)
        if at == 0:
            for person in scene.people:
                await person.review_all(scene.assignment_id)

    pages = await read(scene, scene.people[0], at=1)
    assert pages.says("This is the last assignment.")
    assert not pages.says("next assignment")


async def test_a_participant_who_left_sees_that_where_they_look(school: School) -> None:
    scene = await at_deadline(school, 3, handing_in=3)
    leaver = signed_in(school, scene.people[0])
    await leaver.fill_in(f"/tracks/{scene.track_id}/leave-for-good")

    pages = await read(scene, scene.people[0])

    assert pages.says("You have left this track.")
    assert not pages.says(*TO_REVIEW, *DONE_BY_THEM)


async def test_the_author_who_does_not_take_part_is_not_asked_for_reviews(school: School) -> None:
    scene = await at_deadline(school, 3, handing_in=2)
    author = signed_in(school, scene.author)

    page = await author.see(f"/assignments/{scene.assignment_id}/review")

    assert "You do not take part in this track." in page
    assert not any(text in page for text in TO_REVIEW)


async def test_the_board_calls_only_submissions_short_of_reviews(school: School) -> None:
    scene = await at_deadline(school, 3, handing_in=0)
    await come(scene, "reviews_due_at")
    author = signed_in(school, scene.author)

    page = await author.see(f"/tracks/{scene.track_id}/board")
    assert "needs reviews" not in page.replace("Submission needs reviews", "")


async def test_the_board_of_a_finished_track_asks_for_nothing_that_cannot_be_done(school: School) -> None:
    scene = await at_deadline(school, 3, handing_in=2)
    await come(scene, "reviews_due_at", at=1)
    author = signed_in(school, scene.author)

    assert "Needs attention" not in await author.see(f"/tracks/{scene.track_id}/board")
    submissions = (await author.get(f"/tracks/{scene.track_id}/submissions")).text
    assert '/review"' not in submissions


async def test_of_many_assignments_those_that_are_not_current_are_folded(school: School) -> None:
    author, *people = await school.people(3)
    assignments = [{"title": f"Exercise {number}", "duration_hours": 10} for number in range(1, 21)]
    track = await school.running_track(author, people, assignments=assignments)
    page = await signed_in(school, people[0]).see(f"/tracks/{track['id']}")
    shown, _, folded = page.partition("15 later assignments")
    assert "Exercise 5 " in shown
    assert "Exercise 6 " not in shown
    assert "Exercise 20 " in folded
    assert "earlier assignment" not in page
    # The reviews of the first three are due.
    await school.advance(hours=70)
    page = await signed_in(school, author).see(f"/tracks/{track['id']}")
    assert all(f"Exercise {number} " in page for number in range(1, 21))
    assert "earlier assignment" in page
