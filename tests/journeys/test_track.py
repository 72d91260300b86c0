"""The whole life of a track, the clock moved by hand."""

import pytest

from tests.people import School

pytestmark = pytest.mark.anyio


async def test_five_people_go_through_two_assignments_in_step(school: School) -> None:
    people = await school.people(5)
    track = await school.running_track(people[0], people)
    first, second = await school.assignment_ids(people[0], track)
    for assignment_id in (first, second):
        for person in people:
            assert (await person.submit(assignment_id)).status_code == 201
        await school.advance(hours=10)
        for person in people:
            assert await person.review_all(assignment_id) == 3
        for person in people:
            received = await person.ok("GET", f"/assignments/{assignment_id}/reviews")
            assert received["result"]["reviews_count"] == 3
            assert received["result"]["total"] == 100
        await school.advance(hours=10)
    finished = await people[0].ok("GET", f"/tracks/{track['id']}")
    assert finished["status"] == "finished"
    assert (await people[1].notification_types()).count("track_finished") == 1
