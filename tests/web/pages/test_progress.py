"""Certificates, one's own progress and profiles: by the API and on pages, to the end of a track."""

from uuid import uuid4

import pytest

from tests.people import Json, Person, School
from tests.web.pages.browsing import Browser, signed_in

pytestmark = pytest.mark.anyio
RULE = {"submissions": 50, "reviews": 50}


async def finished(school: School, author: Person, people: list[Person], *, idle: Person) -> Json:
    """Let a track with the rule above run to its end; `idle` takes part and does nothing."""
    track = await school.running_track(
        author, [*people, idle], assignments=[{"title": "Word count", "duration_hours": 10}]
    )
    await author.ok("PUT", f"/tracks/{track['id']}/certificate-rule", json=RULE)
    (task,) = await school.assignment_ids(author, track)
    for person in people:
        await person.submit(task)
    await school.advance(hours=10)
    for person in people:
        await person.review_all(task)
    await school.advance(hours=10)
    return track


async def test_a_certificate_can_be_earned_verified_and_revoked(school: School) -> None:
    author, *people, idle = await school.people(5)
    track = await finished(school, author, people, idle=idle)
    path = f"/tracks/{track['id']}"
    issued = await author.ok("GET", f"{path}/certificates")
    assert [each["username"] for each in issued] == [person.username for person in people]
    assert await idle.ok("GET", "/me/certificates") == []
    (mine,) = await people[0].ok("GET", "/me/certificates")
    assert (mine["submitted"], mine["reviewed"], mine["assignments"]) == (1, 1, 1)
    address = f"/certificates/{mine['code']}"
    visitor = Browser(school)
    assert "completed the track" in await visitor.see(address)
    await people[1].refused("POST", f"{address}/revoke", 403, "not_the_author", json={"reason": "envy"})
    staff = signed_in(school, author)
    assert "Please fix" in await staff.fill_in(f"{address}/revoke", 422, reason="")
    assert "Certificate revoked." in await staff.fill_in(f"{address}/revoke", reason="The code was copied.")
    await author.refused("POST", f"{address}/revoke", 409, "already_revoked", json={"reason": "again"})
    assert "The code was copied." in await visitor.see(address)
    assert "certificate_revoked" in await people[0].notification_types()
    assert "valid again" in await staff.fill_in(f"{address}/restore")
    assert (await author.ok("GET", address))["revoked_at"] is None
    await author.refused("GET", f"/certificates/{uuid4()}", 404, "certificate_not_found")
    await visitor.see("/certificates/nonsense", 404)
    await people[0].refused("GET", f"{path}/certificates", 403, "not_the_author")


async def test_the_rule_is_set_on_the_board_until_the_track_is_over(school: School) -> None:
    author, *people, idle = await school.people(5)
    draft = await school.track(author)
    board = f"/tracks/{draft['id']}/certificates"
    staff = signed_in(school, author)
    assert "This track issues no certificates." in await staff.see(board)
    await staff.fill_in(board, 422, issues="yes", submissions="0", reviews="101")
    assert "They are issued when the track ends." in await staff.fill_in(
        board, issues="yes", submissions="70", reviews="60"
    )
    rule = f"/tracks/{draft['id']}/certificate-rule"
    assert await people[0].ok("GET", rule) == {"submissions": 70, "reviews": 60}
    await staff.fill_in(board)
    assert await author.ok("GET", rule) is None
    await author.ok("PUT", rule, json=RULE)
    await author.ok("DELETE", rule, 204)
    await signed_in(school, people[0]).see(board, 403)
    over = await finished(school, author, people, idle=idle)
    await author.refused("DELETE", f"/tracks/{over['id']}/certificate-rule", 409, "track_over")


async def test_progress_has_what_one_did_on_every_track(school: School) -> None:
    author, *people, idle = await school.people(5)
    track = await finished(school, author, people, idle=idle)
    (mine,) = await people[0].ok("GET", "/me/progress")
    assert (mine["id"], mine["status"], mine["submitted"], mine["total"]) == (track["id"], "finished", 1, 100)
    assert [(each["assignment_title"], each["result"]) for each in mine["assignments"]] == [("Word count", 100)]
    assert (await idle.ok("GET", "/me/progress"))[0]["total"] == 0
    shown = await signed_in(school, people[0]).see("/progress")
    assert "Word count" in shown
    assert "result 100%" in shown
    assert "Nothing here yet." in await signed_in(school, author).see("/progress")


async def test_a_result_appears_in_the_progress_when_its_reviews_may_be_seen(school: School) -> None:
    author, *people = await school.people(4)
    track = await school.running_track(author, people)
    task, _ = await school.assignment_ids(author, track)
    for person in people:
        await person.submit(task)
    await school.advance(hours=10)
    await people[1].review_all(task)
    assert [(await person.ok("GET", "/me/progress"))[0]["assignments"][0]["result"] for person in people[:2]] == [
        None,
        None,
    ]
    await people[0].review_all(task)
    assert (await people[0].ok("GET", "/me/progress"))[0]["assignments"][0]["result"] == 100


async def test_a_profile_is_shown_to_whom_its_owner_chose(school: School) -> None:
    owner, classmate, stranger = await school.people(3)
    track = await school.track(classmate)
    await owner.ok("POST", f"/tracks/{track['id']}/enroll", 201)
    path, visitor = f"/users/{owner.username}", Browser(school)
    edit = {"display_name": " Анна\nПетрова ", "about": "I like parsers.", "visibility": "participants"}
    assert (await owner.ok("PUT", "/me/profile", json=edit))["display_name"] == "Анна Петрова"
    assert (await classmate.ok("GET", path))["about"] == "I like parsers."
    await stranger.refused("GET", path, 404, "profile_not_found")
    await visitor.see(path, 404)
    mine = signed_in(school, owner)
    await mine.fill_in("/settings/profile", 422, display_name="x" * 61, visibility="everyone")
    assert "Saved." in await mine.fill_in("/settings/profile", display_name="Anna", visibility="everyone")
    assert "Anna" in await visitor.see(path)
    await owner.ok("PUT", "/me/profile", json={"visibility": "private"})
    await classmate.refused("GET", path, 404, "profile_not_found")
    assert (await owner.ok("GET", "/me/profile"))["display_name"] is None
