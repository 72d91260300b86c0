"""What reviews add up to, who sees it when, and how it leaves as a table."""

import csv
import io

import pytest

from learning_platform.web.exports.streamed_csv import csv_text
from tests.domain.reviews.scene import Scene, come, hand_in, reviewing, running
from tests.people import Person, School

pytestmark = pytest.mark.anyio


async def test_the_result_is_the_median_of_each_criterion_and_shows_the_spread(school: School) -> None:
    scene = await reviewing(school, 4)
    person, *others = scene.people
    await _review_work_of(scene, person, dict(zip(others, (2, 3, 5), strict=True)))
    await come(scene, "reviews_due_at")

    result = (await person.ok("GET", f"/assignments/{scene.assignment_id}/reviews"))["result"]

    first, second = result["criteria"]
    assert (first["median"], first["lowest"], first["highest"]) == (3, 2, 5)
    assert (second["median"], second["max_score"]) == (3, 5)
    assert (result["total"], result["spread"]) == (40, 40)
    assert result["is_disputed"]


@pytest.mark.parametrize(("scores", "is_disputed"), [((2, 4), False), ((0, 2), False), ((2, 5), False), ((1, 5), True)])
async def test_strong_disagreement_is_forty_points_between_the_totals(
    school: School, scores: tuple[int, int], is_disputed: bool
) -> None:
    criteria = [{"name": "All of it", "max_score": 10}]
    scene = await reviewing(school, 4, criteria=criteria)
    person, *others = scene.people
    await _review_work_of(scene, person, dict(zip(others[:2], scores, strict=True)))

    assert (await scene.overseen(person))["is_disputed"] == is_disputed


async def test_a_revision_may_end_a_dispute(school: School) -> None:
    scene = await reviewing(school, 4)
    person, first, second, _ = scene.people
    await _review_work_of(scene, person, {first: 0, second: 5})
    submission = await scene.overseen(person)
    assert submission["is_disputed"]
    said = await second.ok("GET", f"/submissions/{submission['id']}/review")
    kinder = [{"criterion_id": score["criterion_id"], "score": 1} for score in said["scores"]]

    await second.ok(
        "PUT", f"/submissions/{submission['id']}/review", json={"scores": kinder, "comment": "On reflection"}
    )

    assert not (await scene.overseen(person))["is_disputed"]


async def test_a_result_does_not_depend_on_the_order_of_reviews(school: School) -> None:
    for order in ((5, 1, 3), (3, 5, 1)):
        scene = await reviewing(school, 4)
        author, *others = scene.people
        await _review_work_of(scene, author, dict(zip(others, order, strict=True)))

        assert await _result(scene, author) == 40


async def test_others_see_a_result_when_the_window_is_over_oneself_and_the_author_sooner(school: School) -> None:
    scene = await reviewing(school, 4)
    person, other, *rest = scene.people
    for one in (other, *rest):
        await one.review_all(scene.assignment_id)

    assert await _result(scene, person) == 100
    assert await _result(scene, person, reader=other) is None
    assert await _result(scene, person, reader=person) is None
    await person.review_all(scene.assignment_id)
    assert await _result(scene, person, reader=person) == 100
    assert await _result(scene, person, reader=other) is None
    assert (await scene.outcome(person))["total"] is None
    await come(scene, "reviews_due_at")
    for reader in (person, other, scene.author):
        assert await _result(scene, person, reader=reader) == 100
        assert (await scene.outcome(person, reader=reader))["total"] == 100


async def test_results_are_for_participants_and_the_author(school: School) -> None:
    scene = await reviewing(school, 2)
    stranger, admin = await school.person(), await school.person(role="admin")

    await stranger.refused("GET", f"/tracks/{scene.track_id}/results", 403, "not_a_participant")
    await stranger.refused("GET", "/tracks/999999/results", 404, "track_not_found")
    assert len(await admin.ok("GET", f"/tracks/{scene.track_id}/results")) == 2


async def test_nothing_handed_in_counts_as_nothing_and_unreviewed_work_not_at_all(school: School) -> None:
    scene = await reviewing(school, 3, handing_in=2)
    absent = scene.people[2]
    await come(scene, "reviews_due_at")

    assert (await scene.outcome(absent))["total"] == 0
    unreviewed = await scene.outcome(scene.people[0])
    assert (unreviewed["total"], unreviewed["assignments"][0]["submitted"]) == (None, True)


async def test_a_user_who_never_reviews_and_so_never_gets_on_is_none_the_better_for_it(school: School) -> None:
    scene = await reviewing(school, 4)
    idle, *others = scene.people
    for person in others:
        await person.review_all(scene.assignment_id)
    await come(scene, "opens_at", at=1)
    await hand_in(scene, others, at=1)
    await come(scene, "reviews_due_at", at=1)

    outcome = await scene.outcome(idle)

    first, second = outcome["assignments"]
    assert (first["result"], second["submitted"], second["reviews_required"]) == (100, False, None)
    assert outcome["total"] == 50


async def test_results_come_page_by_page(school: School) -> None:
    scene = await reviewing(school, 3)
    path = f"/tracks/{scene.track_id}/results"

    response = await scene.author.get(path, params={"limit": 2})
    rest = await scene.author.ok("GET", path, params={"limit": 2, "after": response.json()[-1]["id"]})

    assert 'rel="next"' in response.headers["link"]
    assert [row["id"] for row in [*response.json(), *rest]] == [person.id for person in scene.people]


@pytest.mark.parametrize("way", ["?format=csv", ""])
async def test_results_come_as_a_table_that_a_spreadsheet_reads(school: School, way: str) -> None:
    scene = await running(school, 2, assignments=[{"title": "Привет, мир", "duration_hours": 10}])
    await hand_in(scene, scene.people[:1])

    accept = {"Accept": "application/json" if way else "text/csv"}
    response = await scene.author.get(f"/tracks/{scene.track_id}/results{way}", headers=accept)

    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert not response.content.startswith(b"\xef\xbb\xbf")
    for_excel = await scene.author.get(f"/tracks/{scene.track_id}/results.csv?bom=1")
    assert for_excel.content == b"\xef\xbb\xbf" + response.content
    head, first, second = _table(response.text)
    assert head == [
        "Username",
        "Left the track",
        "Привет, мир: submitted",
        "Привет, мир: reviews",
        "Привет, мир: result, %",
        "Total, %",
    ]
    assert first == [scene.people[0].username, "no", "yes", "0", "", ""]
    assert second == [scene.people[1].username, "no", "no", "0", "", ""]


async def test_a_participant_gets_in_the_table_only_what_they_may_see(school: School) -> None:
    scene = await reviewing(school, 3)
    for person in scene.people[1:]:
        await person.review_all(scene.assignment_id)

    path = f"/tracks/{scene.track_id}/results?format=csv"
    seen = {row[0]: row[4] for row in _table((await scene.people[1].get(path)).text)[1:]}

    assert seen[scene.people[0].username] == ""
    assert {row[0]: row[4] for row in _table((await scene.author.get(path)).text)}[scene.people[0].username] == "100.0"


async def test_no_cell_is_taken_for_a_formula(school: School) -> None:
    author, person, other = await school.person(), await school.person("-2_plus_3"), await school.person()
    track = await school.running_track(
        author, [person, other], assignments=[{"title": '=HYPERLINK("http://evil")', "duration_hours": 10}]
    )

    response = await author.get(f"/tracks/{track['id']}/results?format=csv")

    head, first, _ = _table(response.text)
    assert head[2] == '\'=HYPERLINK("http://evil"): submitted'
    assert first[0] == f"'{person.username}"


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "\r"])
def test_every_beginning_of_a_formula_is_disarmed(beginning: str) -> None:
    ((cell, number),) = _table(csv_text([[f"{beginning}1", -1.5]], "en"))

    assert (cell, number) == (f"'{beginning}1", "-1.5")


def _table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


async def _review_work_of(scene: Scene, author: Person, scores: dict[Person, int | None]) -> None:
    for reviewer, score in scores.items():
        response = await reviewer.review(await scene.claim_work_of(author, reviewer), score)
        assert response.status_code == 201, response.text


async def _result(scene: Scene, person: Person, *, reader: Person | None = None) -> float | None:
    found: float | None = (await scene.outcome(person, reader=reader))["assignments"][0]["result"]
    return found
