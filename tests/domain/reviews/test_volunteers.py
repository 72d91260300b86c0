"""More than is owed: volunteers, and the author of the track."""

import pytest

from tests.domain.reviews.scene import Scene, come, full_marks, hand_in, reviewing, running
from tests.people import Json, Person, School
from tests.web.pages.browsing import signed_in

pytestmark = pytest.mark.anyio


async def test_a_user_who_has_done_theirs_is_given_more_only_as_a_volunteer(school: School) -> None:
    scene = await reviewing(school, 5)
    person = scene.people[0]
    assert await person.review_all(scene.assignment_id) == 3

    await person.refused("GET", f"/assignments/{scene.assignment_id}/review/submission", 404, "reviews_done")
    work = (await person.claim(scene.assignment_id, volunteer=True)).json()

    assert work["reason"] == "volunteer"
    assert (await person.review(work)).status_code == 201
    response = await person.claim(scene.assignment_id, volunteer=True)
    assert (response.status_code, response.json()["code"]) == (404, "nothing_to_review")


async def test_an_extra_review_of_a_volunteer_is_named_and_hides_no_missing_one_of_others(school: School) -> None:
    scene = await reviewing(school, 5)
    volunteer, idle = scene.people[0], scene.people[-1]
    for person in scene.people[:-1]:
        await person.review_all(scene.assignment_id)
    assert (await volunteer.review((await volunteer.claim(scene.assignment_id, volunteer=True)).json())).is_success
    await idle.review((await idle.claim(scene.assignment_id)).json())

    await scene.author.ok("POST", f"/tracks/{scene.track_id}/next-cohort", 201)
    (cohort,) = await scene.author.ok("GET", f"/tracks/{scene.track_id}/cohorts/results")
    theirs, staff = signed_in(school, volunteer), signed_in(school, scene.author)

    figures = cohort["assignments"][0]
    assert (figures["reviews_done"], figures["reviews_required"]) == (13, 15)
    for page, shown in [
        (staff, f"/tracks/{scene.track_id}"),
        (theirs, f"/tracks/{scene.track_id}"),
    ]:
        assert "13 of 15 reviews done" in await page.see(shown)
    assert "3 of 3 reviews done, 1 extra" in await theirs.see(f"/assignments/{scene.assignment_id}/review")
    assert "3 of 3, 1 extra" in await theirs.see("/progress")
    board = await staff.see(f"/tracks/{scene.track_id}/board")
    assert ("reviewed 1 of 3" in board, "reviewed 3 of 3" in board) == (True, False), "it says what is left to do"
    await come(scene, "reviews_due_at")
    assert "13 of 15 reviews done" in await theirs.see(f"/tracks/{scene.track_id}")


async def test_volunteering_is_no_way_around_what_one_owes(school: School) -> None:
    scene = await reviewing(school, 5)

    work = (await scene.people[0].claim(scene.assignment_id, volunteer=True)).json()

    assert work["reason"] == "planned"


async def test_a_volunteer_is_given_disputed_work_first_and_then_the_least_served(school: School) -> None:
    scene = await reviewing(school, 7)
    volunteer, *_ = scene.people
    await volunteer.review_all(scene.assignment_id)
    left = await _not_reviewed_by(scene, volunteer)
    disputed, *_ = left
    await _dispute(scene, disputed, [one for one in scene.people if one not in (volunteer, disputed)][:2])

    work = (await volunteer.claim(scene.assignment_id, volunteer=True)).json()
    await volunteer.review(work)
    following = (await volunteer.claim(scene.assignment_id, volunteer=True)).json()

    assert work["submission_id"] == (await scene.overseen(disputed))["id"]
    rest = {(await scene.overseen(one))["id"]: (await scene.overseen(one))["reviews_count"] for one in left[1:]}
    assert rest[following["submission_id"]] == min(rest.values())


async def test_the_author_sees_which_submissions_are_short_of_reviews_or_in_dispute(school: School) -> None:
    scene = await reviewing(school, 4)
    first, second, third, _ = scene.people
    await _dispute(scene, first, [second, third])

    async def needing() -> list[Json]:
        path = f"/tracks/{scene.track_id}/submissions"
        found: list[Json] = await scene.author.ok("GET", path, params={"attention": True})
        return found

    found = {one["participant_id"]: one for one in await needing()}
    assert set(found) == {person.id for person in scene.people}
    assert (found[first.id]["is_disputed"], found[second.id]["is_disputed"]) == (True, False)
    for person in scene.people:
        await person.review_all(scene.assignment_id)
    assert [one["participant_id"] for one in await needing() if one["is_disputed"]] == [first.id]
    for person in scene.people[:2]:
        await person.refused("GET", f"/tracks/{scene.track_id}/submissions", 403, "not_the_author")


async def test_the_author_reviews_any_submission_after_the_deadline(school: School) -> None:
    scene = await running(school, 3)
    person, admin = scene.people[0], await school.person(role="admin")
    await person.submit(scene.assignment_id)
    submission = await scene.overseen(person)
    marks = full_marks((await scene.author.ok("GET", f"/tracks/{scene.track_id}"))["criteria"])
    path = f"/submissions/{submission['id']}/review"
    await scene.author.refused("POST", path, 409, "review_not_open", json=marks)

    await come(scene, "due_at")

    await scene.author.ok("POST", path, 201, json=marks)
    await scene.author.refused("POST", path, 409, "already_reviewed", json=marks)
    await admin.ok("POST", path, 201, json=marks)
    assert (await scene.overseen(person))["reviews_count"] == 2
    assert await scene.review_count(person) == 2
    assert (await person.notification_types()).count("review_received") == 2


async def test_the_author_revises_their_own_volunteer_review(school: School) -> None:
    scene = await reviewing(school, 3)
    submission = await scene.overseen(scene.people[0])
    marks = full_marks((await scene.author.ok("GET", f"/tracks/{scene.track_id}"))["criteria"])
    path = f"/submissions/{submission['id']}/review"
    await scene.author.ok("POST", path, 201, json=marks)
    worse = {"scores": [{**score, "score": 0} for score in marks["scores"]], "comment": "It does not run."}

    await scene.author.ok("PUT", path, 200, json=worse)

    assert (await scene.outcome(scene.people[0]))["assignments"][0]["result"] == 0


async def test_no_other_user_reviews_what_was_not_assigned_to_them(school: School) -> None:
    scene = await reviewing(school, 5)
    stranger = await school.person()
    submission = await scene.overseen(scene.people[0])
    marks = full_marks((await scene.author.ok("GET", f"/tracks/{scene.track_id}"))["criteria"])

    for person in (scene.people[1], stranger):
        await person.refused("POST", f"/submissions/{submission['id']}/review", 403, "not_yours_to_review", json=marks)


async def test_an_author_who_takes_part_reviews_only_what_the_draw_gives(school: School) -> None:
    people = await school.people(5)
    author = people[0]
    track = await school.running_track(author, people)
    scene = Scene(school, author, people, track["id"], await school.assignment_ids(author, track))
    await hand_in(scene, people)
    marks = full_marks(track["criteria"])
    for person in people:
        submission = await person.ok("GET", f"/assignments/{scene.assignment_id}/submission")
        await author.refused("POST", f"/submissions/{submission['id']}/review", 403, "not_yours_to_review", json=marks)

    assert await author.review_all(scene.assignment_id) == 3


async def test_an_author_who_was_given_work_and_reviews_it_has_done_one_of_theirs(school: School) -> None:
    people = await school.people(5)
    track = await school.running_track(people[0], people)
    scene = Scene(school, people[0], people, track["id"], await school.assignment_ids(people[0], track))
    await hand_in(scene, people)
    work = (await people[0].claim(scene.assignment_id)).json()

    await people[0].review(work)

    current = await people[0].ok("GET", f"/tracks/{track['id']}/assignments/current")
    assert current["reviews_done"] == 1


async def test_an_extra_review_of_the_author_keeps_the_draw_from_sending_more_people_there(school: School) -> None:
    scene = await reviewing(school, 5)
    helped = scene.people[0]
    marks = full_marks((await scene.author.ok("GET", f"/tracks/{scene.track_id}"))["criteria"])
    submission = await scene.overseen(helped)
    await scene.author.ok("POST", f"/submissions/{submission['id']}/review", 201, json=marks)

    first = [(await person.claim(scene.assignment_id)).json()["submission_id"] for person in scene.people[1:]]

    assert submission["id"] not in first


async def _dispute(scene: Scene, author: Person, reviewers: list[Person]) -> None:
    """Let one reviewer give everything and another nothing."""
    for reviewer, score in zip(reviewers, (None, 0), strict=True):
        response = await reviewer.review(await scene.claim_work_of(author, reviewer), score)
        assert response.status_code == 201, response.text


async def _not_reviewed_by(scene: Scene, reviewer: Person) -> list[Person]:
    left = []
    for person in scene.people:
        submission = await scene.overseen(person)
        response = await reviewer.get(f"/submissions/{submission['id']}/review")
        if person is not reviewer and response.status_code == 404:
            left.append(person)
    return left
