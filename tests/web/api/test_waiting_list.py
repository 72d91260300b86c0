"""Waiting lists, in the API and on the page of a track."""

from tests.people import School
from tests.web.pages.browsing import signed_in


async def test_a_user_waits_sees_the_position_and_gets_the_place(school: School) -> None:
    alice, bob, carol, dave = await school.people(4)
    start = {"rule": "on_date", "at": "2030-01-03T12:00:00Z"}
    track = await school.track(alice, required_participants=2, start=start)
    path = f"/tracks/{track['id']}"
    await carol.refused("POST", f"{path}/waiting-list", 409, "places_free")
    for person in (alice, bob):
        await person.ok("POST", f"{path}/enroll", 201)
    for person, position in ((carol, 1), (dave, 2), (dave, 2)):
        assert (await person.ok("POST", f"{path}/waiting-list", 201))["position"] == position
    assert [each["user_id"] for each in await alice.ok("GET", f"{path}/waiting-list")] == [carol.id, dave.id]
    assert [each["position"] for each in await dave.ok("GET", f"{path}/waiting-list")] == [2]
    async with signed_in(school, dave) as browser:
        assert "You're number 2 on the waiting list." in await browser.see(path)

    await bob.ok("DELETE", f"{path}/enroll", 204)

    assert await carol.notification_types() == ["seat_received"]
    assert (await carol.ok("GET", path))["enrolled"]
    await dave.ok("DELETE", f"{path}/waiting-list", 204)
    await dave.refused("DELETE", f"{path}/waiting-list", 404, "not_waiting")
    await alice.refused("POST", f"{path}/waiting-list/{dave.id}/admit", 409, "track_full")
