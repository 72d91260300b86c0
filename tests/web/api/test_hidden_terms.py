"""What participants add to what is hidden from reviewers in their files."""

from tests.domain.reviews.scene import come, running
from tests.frozen import give_starter, hand_in_code
from tests.people import School
from tests.web.pages.browsing import signed_in


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


async def test_a_path_is_shown_alike_in_the_starter_and_in_the_code(school: School) -> None:
    """Numbers of hidden names would make another file of it, wherever a name comes before."""
    scene = await running(school)
    author, reviewer = scene.people[:2]
    async with school.services.database.transaction() as db:
        await give_starter(db, scene.assignment_id, {"Vanya.py": "a = 1\n"}, now=school.clock.now)
    files = {"Anna.py": "entirely = 'different'\n", "Vanya.py": "a = 2\n"}
    submission_id = await hand_in_code(school, author, scene.assignment_id, files)
    await author.ok("PUT", f"/tracks/{scene.track_id}/hidden-terms", json={"terms": ["Anna", "Vanya"]})
    await come(scene, "due_at")
    await scene.claim_work_of(author, reviewer)

    shown = (await reviewer.ok("GET", f"/submissions/{submission_id}/code"))["files"]

    assert [(file["path"], file["change"]) for file in shown] == [("_hidden_.py", "changed"), ("_hidden_2.py", "added")]


async def test_a_note_for_reviewers_is_shown_without_terms(school: School) -> None:
    scene = await running(school)
    author, reviewer = scene.people[:2]
    note = {"repo_url": "https://git.example/a/b", "comment": "By Ваня, vanya@mail.example. Run `make`."}
    await author.ok("PUT", f"/tracks/{scene.track_id}/hidden-terms", json={"terms": ["Vanya"]})
    await author.ok("POST", f"/assignments/{scene.assignment_id}/submit", 201, json=note)
    await come(scene, "due_at")

    work = await scene.claim_work_of(author, reviewer)
    page = await signed_in(school, reviewer).see(f"/assignments/{scene.assignment_id}/review")
    own = await author.ok("GET", f"/assignments/{scene.assignment_id}/submission")
    overseen = await signed_in(school, scene.author).see(f"/submissions/{work['submission_id']}/reviews")

    assert work["comment"] == "By _hidden_, _hidden_. Run `make`."
    assert "By _hidden_, _hidden_. Run" in page
    assert own["comment"] == note["comment"]
    assert "By Ваня, vanya@mail.example" in overseen
