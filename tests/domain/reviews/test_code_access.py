"""The code of a submission is shown to its author, to reviewers of it, and to staff; to others it does not exist."""

from itertools import product

import pytest

from learning_platform.accounts.actor import Actor
from learning_platform.reviews.code_access import CodeAccess, code_access, role_of
from learning_platform.reviews.rules import SubmissionNotFound
from tests.domain.reviews.scene import Scene, come, full_marks, return_path, running
from tests.frozen import PROGRAM, give_starter, hand_in_code
from tests.people import Person, School

pytestmark = pytest.mark.anyio


async def test_an_author_sees_their_own_code_before_and_after_the_deadline(school: School) -> None:
    scene, submission_id = await _handed_in(school)
    author = scene.people[0]

    before = await _access(scene, submission_id, author)
    await come(scene, "due_at")

    assert before.role == "author"
    assert before.author_id == author.id
    assert before.tree_id is not None
    assert before.claim_id is before.review_id is before.starter_tree_id is None
    assert await _access(scene, submission_id, author) == before


async def test_before_the_deadline_only_the_author_and_staff_see_code(school: School) -> None:
    scene, submission_id = await _handed_in(school)

    assert (await _access(scene, submission_id, scene.author)).role == "staff"
    for other in scene.people[1:]:
        await _refused(scene, submission_id, other)


async def test_the_holder_of_a_claim_is_a_reviewer_also_when_their_time_has_run_out(school: School) -> None:
    scene, submission_id = await _in_review(school)
    reviewer = scene.people[1]
    await scene.claim_work_of(scene.people[0], reviewer)

    held = await _access(scene, submission_id, reviewer)
    await school.advance(hours=9)

    assert held.role == "reviewer"
    assert held.claim_id is not None
    assert held.review_id is None
    assert await _access(scene, submission_id, reviewer) == held


async def test_a_claim_before_the_deadline_opens_no_code(school: School) -> None:
    """Deadlines may be moved: a claim alone is not enough."""
    scene, submission_id = await _in_review(school)
    reviewer = scene.people[1]
    await scene.claim_work_of(scene.people[0], reviewer)

    school.clock.advance(hours=-1)

    await _refused(scene, submission_id, reviewer)


async def test_a_reviewer_still_sees_the_code_after_the_review_and_after_leaving(school: School) -> None:
    scene, submission_id = await _in_review(school)
    reviewer = scene.people[1]
    work = await scene.claim_work_of(scene.people[0], reviewer)
    await reviewer.ok("POST", f"/submissions/{submission_id}/review", 201, json=full_marks(work["criteria"]))

    reviewed = await _access(scene, submission_id, reviewer)
    await reviewer.ok("POST", f"/tracks/{scene.track_id}/leave", 204)

    assert reviewed.role == "reviewer"
    assert reviewed.review_id is not None
    assert await _access(scene, submission_id, reviewer) == reviewed


async def test_a_returned_claim_and_one_released_by_leaving_open_no_code(school: School) -> None:
    scene, submission_id = await _in_review(school)
    returning, leaving = scene.people[1:3]
    work = await scene.claim_work_of(scene.people[0], returning)
    await returning.ok("POST", return_path(work), 204, json={"reason": "other"})
    await scene.claim_work_of(scene.people[0], leaving)
    await leaving.ok("POST", f"/tracks/{scene.track_id}/leave", 204)

    for former in (returning, leaving):
        await _refused(scene, submission_id, former)


async def test_an_author_who_has_left_still_sees_their_code(school: School) -> None:
    scene, submission_id = await _in_review(school)

    await scene.people[0].ok("POST", f"/tracks/{scene.track_id}/leave", 204)

    assert (await _access(scene, submission_id, scene.people[0])).role == "author"


async def test_strangers_and_participants_without_a_claim_see_no_code(school: School) -> None:
    scene, submission_id = await _in_review(school)

    for other in (await school.person(), scene.people[2]):
        await _refused(scene, submission_id, other)
    with pytest.raises(SubmissionNotFound):
        await _access(scene, 999_999, scene.author)


async def test_staff_see_all_code_unless_they_take_part(school: School) -> None:
    scene, submission_id = await _in_review(school)
    administrator = await school.person(role="admin")

    assert (await _access(scene, submission_id, scene.author)).role == "staff"
    assert (await _access(scene, submission_id, administrator, is_admin=True)).role == "staff"
    await school.hand_over(scene.track_id, scene.people[2])
    await _refused(scene, submission_id, scene.people[2])
    await _refused(scene, submission_id, scene.people[3], is_admin=True)
    await _refused(scene, submission_id, scene.author)


async def test_the_code_of_a_deleted_account_is_not_shown(school: School) -> None:
    scene, submission_id = await _in_review(school)
    reviewer = scene.people[1]
    work = await scene.claim_work_of(scene.people[0], reviewer)
    await reviewer.ok("POST", f"/submissions/{submission_id}/review", 201, json=full_marks(work["criteria"]))
    async with school.services.database.transaction() as db:
        await db.execute("update submissions set is_withdrawn = true where id = $1", submission_id)

    withdrawn = await _access(scene, submission_id, reviewer)

    assert withdrawn.snapshot_id is withdrawn.tree_id is None


async def test_a_starter_and_a_link_that_is_not_frozen(school: School) -> None:
    scene = await running(school)
    author = scene.people[0]
    submission_id = (await author.submit(scene.assignment_id)).json()["id"]
    async with school.services.database.transaction() as db:
        await give_starter(db, scene.assignment_id, {**PROGRAM, "tests.py": "assert True\n"}, now=school.clock.now)

    access = await _access(scene, submission_id, author)

    assert access.snapshot_id is not None
    assert access.tree_id is None
    assert access.starter_tree_id is not None


@pytest.mark.parametrize(("is_author", "is_staff", "reviews"), list(product([False, True], repeat=3)))
def test_the_author_comes_before_staff_and_staff_before_reviewers(
    is_author: bool, is_staff: bool, reviews: bool
) -> None:
    if not (is_author or is_staff or reviews):
        with pytest.raises(SubmissionNotFound):
            role_of(is_author=is_author, is_staff=is_staff, reviews=reviews)
        return
    expected = "author" if is_author else "staff" if is_staff else "reviewer"
    assert role_of(is_author=is_author, is_staff=is_staff, reviews=reviews) == expected


async def _handed_in(school: School) -> tuple[Scene, int]:
    scene = await running(school)
    first, *_ = [await hand_in_code(school, person, scene.assignment_id) for person in scene.people]
    return scene, first


async def _in_review(school: School) -> tuple[Scene, int]:
    scene, submission_id = await _handed_in(school)
    await come(scene, "due_at")
    return scene, submission_id


async def _access(scene: Scene, submission_id: int, person: Person, *, is_admin: bool = False) -> CodeAccess:
    async with scene.school.services.database.connection() as db:
        actor = Actor(person.id, is_admin=is_admin)
        return await code_access(db, submission_id=submission_id, actor=actor, now=scene.school.clock.now)


async def _refused(scene: Scene, submission_id: int, person: Person, *, is_admin: bool = False) -> None:
    with pytest.raises(SubmissionNotFound):
        await _access(scene, submission_id, person, is_admin=is_admin)
