"""What participants add to what is hidden from reviewers in their files."""

from tests.domain.reviews.scene import come, running
from tests.frozen import hand_in_code
from tests.people import School


async def test_added_terms_are_kept_in_their_order_without_repetitions(school: School) -> None:
    scene = await running(school)
    path = f"/tracks/{scene.track_id}/hidden-terms"

    assert await scene.people[0].ok("GET", path) == {"terms": []}
    kept = await scene.people[0].ok("PUT", path, json={"terms": ["Vanya", " Group 21-3", "vanya"]})

    assert kept == {"terms": ["Vanya", "Group 21-3"]}
    assert await scene.people[0].ok("GET", path) == kept
    assert await scene.people[1].ok("GET", path) == {"terms": []}
    assert await scene.people[0].ok("PUT", path, json={"terms": []}) == {"terms": []}


async def test_terms_have_limits(school: School) -> None:
    scene = await running(school)
    path = f"/tracks/{scene.track_id}/hidden-terms"

    for terms in (["x"], ["x" * 101], [f"term {number}" for number in range(51)], ["a\x00b"], "word", [None], None):
        await scene.people[0].refused("PUT", path, 422, "invalid_input", json={"terms": terms})
    await scene.people[0].ok("PUT", path, json={"terms": [f"term {number}" for number in range(50)]})


async def test_terms_are_for_participants(school: School) -> None:
    scene = await running(school)
    path = f"/tracks/{scene.track_id}/hidden-terms"

    for other in (scene.author, await school.person()):
        await other.refused("GET", path, 403, "not_a_participant")
        await other.refused("PUT", path, 403, "not_a_participant", json={"terms": []})
    await scene.people[0].refused("GET", "/tracks/987654/hidden-terms", 404, "track_not_found")


async def test_an_added_term_is_hidden_immediately(school: School) -> None:
    scene = await running(school)
    submission_id = await hand_in_code(school, scene.people[0], scene.assignment_id, {"a.txt": "by Vanya\n"})
    await come(scene, "due_at")
    await scene.claim_work_of(scene.people[0], scene.people[1])
    path = f"/submissions/{submission_id}/code/file?path=a.txt"

    before = await scene.people[1].ok("GET", path)
    await scene.people[0].ok("PUT", f"/tracks/{scene.track_id}/hidden-terms", json={"terms": ["Ваня"]})
    after = await scene.people[1].ok("GET", path)

    assert (before["lines"], after["lines"]) == (["by Vanya"], ["by _hidden_"])
    assert (await scene.people[0].ok("GET", path))["lines"] == ["by Vanya"]
    assert (await scene.author.ok("GET", path))["lines"] == ["by Vanya"]
