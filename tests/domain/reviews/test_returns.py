"""A submission that cannot be reviewed is returned; its author may correct the link."""

import pytest

from tests.domain.reviews.scene import Scene, come, full_marks, return_path, reviewing
from tests.people import Json, Person, School

pytestmark = pytest.mark.anyio
CORRECTED = "https://git.example/corrected/link"


@pytest.mark.parametrize("reason", ["broken", "empty", "know_author", "other"])
async def test_work_is_returned_for_a_reason_and_replaced_immediately(school: School, reason: str) -> None:
    scene = await reviewing(school)
    person = scene.people[0]
    work = (await person.claim(scene.assignment_id)).json()

    await person.ok("POST", return_path(work), 204, json={"reason": reason, "comment": "see the log"})

    replacement = (await person.claim(scene.assignment_id)).json()
    assert replacement["submission_id"] != work["submission_id"]
    (returned,) = await scene.author.ok("GET", f"/tracks/{scene.track_id}/returns")
    assert (returned["reason"], returned["comment"]) == (reason, "see the log")
    assert (returned["submission_id"], returned["reviewer"]) == (work["submission_id"], person.username)


async def test_a_return_needs_a_known_reason(school: School) -> None:
    scene = await reviewing(school)
    work = (await scene.people[0].claim(scene.assignment_id)).json()

    for body in ({}, {"reason": "bored"}):
        response = await scene.people[0].post(return_path(work), json=body)
        assert response.status_code == 422


async def test_returned_work_never_comes_back_to_the_same_person(school: School) -> None:
    scene = await reviewing(school, 4)
    person = scene.people[0]
    returned = (await person.claim(scene.assignment_id)).json()
    await person.ok("POST", return_path(returned), 204, json={"reason": "other"})

    given = set()
    while (response := await person.claim(scene.assignment_id)).status_code == 200:
        given.add(response.json()["submission_id"])
        await person.review(response.json())

    assert len(given) == 2
    assert returned["submission_id"] not in given


async def test_a_user_who_returns_everything_owes_nothing_more_and_goes_on(school: School) -> None:
    scene = await reviewing(school, 3)
    person = scene.people[0]
    for _ in range(2):
        work = (await person.claim(scene.assignment_id)).json()
        await person.ok("POST", return_path(work), 204, json={"reason": "know_author"})

    await person.refused("GET", f"/assignments/{scene.assignment_id}/review/submission", 404, "reviews_done")

    current = await person.ok("GET", f"/tracks/{scene.track_id}/assignments/current")
    assert current["id"] == scene.assignment_ids[1]


async def test_only_what_is_in_ones_hands_can_be_returned(school: School) -> None:
    scene = await reviewing(school)
    person, other = scene.people[:2]
    work = (await person.claim(scene.assignment_id)).json()
    reason = {"reason": "broken"}

    own = await scene.overseen(other)
    await other.refused("POST", return_path({"submission_id": own["id"]}), 403, "not_yours_to_review", json=reason)
    await other.refused("POST", return_path({"submission_id": 999_999}), 404, "submission_not_found", json=reason)
    await person.ok("POST", return_path(work), 204, json=reason)
    await person.refused("POST", return_path(work), 403, "not_yours_to_review", json=reason)
    reviewed = (await person.claim(scene.assignment_id)).json()
    await person.review(reviewed)
    await person.refused("POST", return_path(reviewed), 409, "already_reviewed", json=reason)


async def test_nothing_is_returned_when_the_track_is_over(school: School) -> None:
    scene = await reviewing(school)
    work = (await scene.people[0].claim(scene.assignment_id)).json()
    await come(scene, "reviews_due_at", at=1)

    await scene.people[0].refused("POST", return_path(work), 409, "track_over", json={"reason": "broken"})


async def test_two_broken_returns_notify_the_author_once(school: School) -> None:
    scene = await reviewing(school)
    author, *others = scene.people
    for number, (person, reason) in enumerate(zip(others[:3], ("broken", "empty", "broken"), strict=True), start=1):
        await _return_work_of(scene, author, person, reason)
        count = (await author.notification_types()).count("submission_returned")
        assert count == (0 if number == 1 else 1)


async def test_knowing_the_author_says_nothing_against_the_work(school: School) -> None:
    scene = await reviewing(school)
    author, *others = scene.people
    for person, reason in zip(others[:3], ("know_author", "other", "broken"), strict=True):
        await _return_work_of(scene, author, person, reason)

    assert "submission_returned" not in await author.notification_types()
    await _correction_is_refused(scene, author)


async def test_a_broken_link_is_corrected_and_nothing_but_the_link(school: School) -> None:
    scene = await reviewing(school)
    author, *others = scene.people
    path = f"/assignments/{scene.assignment_id}/submission"
    before = await author.ok("GET", path)
    await _correction_is_refused(scene, author)
    for person in others[:2]:
        await _return_work_of(scene, author, person, "broken")

    corrected = await author.ok("PATCH", path, json={"repo_url": CORRECTED})

    assert corrected == {**before, "repo_url": CORRECTED}
    work = await scene.claim_work_of(author, others[2])
    assert work["repo_url"] == CORRECTED
    assert (await scene.overseen(author))["returns_count"] == 2


@pytest.mark.parametrize(
    "link", ["", "ftp://git.example/a/b", "https://git.example", "https://me:secret@git.example/a"]
)
async def test_a_correction_has_to_be_a_link_to_a_repository(school: School, link: str) -> None:
    scene = await _with_two_broken_returns(school)

    response = await scene.people[0].patch(f"/assignments/{scene.assignment_id}/submission", json={"repo_url": link})

    assert response.status_code == 422


async def test_a_correction_takes_a_link_and_nothing_else(school: School) -> None:
    scene = await _with_two_broken_returns(school)

    path = f"/assignments/{scene.assignment_id}/submission"
    before = await scene.people[0].ok("GET", path)
    await scene.people[0].patch(path, json={"repo_url": CORRECTED, "comment": "and more", "id": 1})

    after = await scene.people[0].ok("GET", path)
    assert {**after, "repo_url": None} == {**before, "repo_url": None}


async def test_a_link_is_corrected_within_the_review_window_only(school: School) -> None:
    scene = await _with_two_broken_returns(school)
    await come(scene, "reviews_due_at")

    await _correction_is_refused(scene, scene.people[0])


async def test_reviews_written_before_the_link_was_corrected_stay(school: School) -> None:
    scene = await reviewing(school)
    author, reviewer, *others = scene.people
    work = await scene.claim_work_of(author, reviewer)
    await reviewer.review(work)
    for person in others[:2]:
        await _return_work_of(scene, author, person, "broken")

    await author.ok("PATCH", f"/assignments/{scene.assignment_id}/submission", json={"repo_url": CORRECTED})

    assert (await scene.overseen(author))["reviews_count"] == 1


async def test_returns_are_shown_to_the_author_of_the_track_alone(school: School) -> None:
    scene = await reviewing(school)
    work = (await scene.people[0].claim(scene.assignment_id)).json()
    await scene.people[0].ok("POST", return_path(work), 204, json={"reason": "empty"})
    admin = await school.person(role="admin")

    for person in (scene.people[0], scene.people[1], await school.person()):
        await person.refused("GET", f"/tracks/{scene.track_id}/returns", 403, "not_the_author")
    assert len(await admin.ok("GET", f"/tracks/{scene.track_id}/returns")) == 1


async def test_returned_work_cannot_be_reviewed_by_who_returned_it(school: School) -> None:
    scene = await reviewing(school)
    person = scene.people[0]
    work = (await person.claim(scene.assignment_id)).json()
    await person.ok("POST", return_path(work), 204, json={"reason": "broken"})

    await person.refused(
        "POST", f"/submissions/{work['submission_id']}/review", 403, "not_yours_to_review", json=_marks(work)
    )


def _marks(work: Json) -> Json:
    return full_marks(work["criteria"])


async def _return_work_of(scene: Scene, author: Person, by: Person, reason: str) -> None:
    work = await scene.claim_work_of(author, by)
    await by.ok("POST", return_path(work), 204, json={"reason": reason})


async def _with_two_broken_returns(school: School) -> Scene:
    """Let two people find the work of the first one broken."""
    scene = await reviewing(school)
    for person in scene.people[1:3]:
        await _return_work_of(scene, scene.people[0], person, "broken")
    return scene


async def _correction_is_refused(scene: Scene, person: Person) -> None:
    path = f"/assignments/{scene.assignment_id}/submission"
    await person.refused("PATCH", path, 409, "link_not_correctable", json={"repo_url": CORRECTED})
