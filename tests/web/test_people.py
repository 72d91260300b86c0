"""Staff, invitations, removal and hand-over, by programs and on pages."""

from datetime import timedelta
from typing import Any

import pytest

from learning_platform.core.retention import remove_part
from learning_platform.people.retention import retentions
from learning_platform.personal_data.deletion import AuthorOfRunningTracks, delete_account_data
from tests.people import Person, School
from tests.web.pages.browsing import Browser, signed_in

pytestmark = pytest.mark.anyio


async def link(author: Person, track: Any, **changes: Any) -> str:
    """Create an invitation link; return its token."""
    created = await author.ok("POST", f"/tracks/{track['id']}/invitations", 201, json=changes)
    token: str = created["token"]
    return token


@pytest.mark.parametrize(("start", "is_said"), [({}, True), ({"start": {"rule": "on_date"}}, False)])
async def test_an_invitation_says_whether_the_track_starts_when_it_is_accepted(
    school: School, start: dict[str, Any], is_said: bool
) -> None:
    author, first, invited = await school.people(3)
    track = await school.track(author, required_participants=2, **start)
    await first.ok("POST", f"/tracks/{track['id']}/enroll", 201)
    page = await signed_in(school, invited).see(f"/invitations/{await link(author, track)}")
    assert ("the track starts immediately" in page) is is_said


async def test_a_private_track_is_reached_by_its_invitation_only(school: School) -> None:
    author, invited, stranger = await school.people(3)
    track = await school.track(author, visibility="private")
    token = await link(author, track, max_uses=1)
    assert (await invited.ok("GET", f"/invitations/{token}"))["track"]["title"] == "Python basics"
    await invited.refused("GET", f"/tracks/{track['id']}", 404, "track_not_found")
    await invited.refused("POST", f"/tracks/{track['id']}/enroll", 404, "track_not_found")

    accepted = await invited.ok("POST", f"/invitations/{token}/accept")
    assert accepted == {"track_id": track["id"], "role": "participant", "track_started": False}
    assert (await invited.ok("GET", f"/tracks/{track['id']}"))["enrolled"]
    await invited.refused("POST", f"/invitations/{token}/accept", 409, "already_enrolled")
    # Used up: a user who gets the link now does not even learn the title.
    await stranger.refused("GET", f"/invitations/{token}", 404, "invitation_not_found")
    [listed] = await author.ok("GET", f"/tracks/{track['id']}/invitations")
    assert (listed["state"], listed["accepted_by"]) == ("used_up", [invited.username])


async def test_an_invitation_to_the_staff_says_who_has_nothing_to_gain_by_it(school: School) -> None:
    author, mentor, stranger = await school.people(3)
    track = await school.track(author)
    await author.ok("PUT", f"/tracks/{track['id']}/staff/{mentor.username}", json={"role": "mentor"})
    to_mentors = f"/invitations/{await link(author, track, role='mentor')}"
    to_co_authors = f"/invitations/{await link(author, track, role='co_author')}"
    for person, path, role in (
        (author, to_mentors, "author"),
        (author, to_co_authors, "author"),
        (mentor, to_mentors, "mentor"),
    ):
        said = await signed_in(school, person).see(path)
        assert f"You are already on the staff of this track: {role}. Go to the track" in said
        assert "Accept" not in said
    for person, path in ((mentor, to_co_authors), (stranger, to_mentors)):
        assert "Accept" in await signed_in(school, person).see(path)


async def test_an_invitation_that_was_withdrawn_or_has_expired_is_unknown(school: School) -> None:
    author, invited = await school.people(2)
    track = await school.track(author)
    token = await link(author, track)
    [listed] = await author.ok("GET", f"/tracks/{track['id']}/invitations")
    await invited.refused("DELETE", f"/invitations/{listed['id']}", 403, "not_the_author")
    await author.ok("DELETE", f"/invitations/{listed['id']}", 204)
    await invited.refused("POST", f"/invitations/{token}/accept", 404, "invitation_not_found")
    short = await link(author, track, expires_at=(school.clock.now + timedelta(hours=1)).isoformat())
    school.clock.advance(hours=1)
    await invited.refused("POST", f"/invitations/{short}/accept", 404, "invitation_not_found")
    late = (school.clock.now + timedelta(days=366)).isoformat()
    await author.refused(
        "POST", f"/tracks/{track['id']}/invitations", 422, "invitation_expiry", json={"expires_at": late}
    )


async def test_only_the_author_invites_to_the_staff(school: School) -> None:
    author, helper, mentor = await school.people(3)
    track = await school.track(author, draft=True)
    token = await link(author, track, role="co_author")
    await helper.ok("POST", f"/invitations/{token}/accept")
    assert (await helper.ok("GET", f"/tracks/{track['id']}"))["status"] == "draft"
    path = f"/tracks/{track['id']}/invitations"
    await helper.refused("POST", path, 403, "not_the_author", json={"role": "mentor"})
    participants = await link(helper, track)
    await mentor.refused("POST", f"/invitations/{participants}/accept", 409, "track_is_draft")
    # A member who was removed does not come back by the same link.
    await author.ok("DELETE", f"/tracks/{track['id']}/staff/{helper.username}", 204)
    await helper.refused("POST", f"/invitations/{token}/accept", 404, "invitation_not_found")
    assert await helper.notification_types() == ["staff_changed"]


async def test_staff_are_added_change_roles_and_leave(school: School) -> None:
    author, helper, other = await school.people(3)
    track = await school.track(author)
    path = f"/tracks/{track['id']}/staff"
    await author.ok("PUT", f"{path}/{helper.username.upper()}", json={"role": "mentor"})
    await author.ok("PUT", f"{path}/{helper.username}", json={"role": "co_author"})
    assert [(each["username"], each["role"]) for each in await other.ok("GET", path)] == [
        (author.username, "author"),
        (helper.username, "co_author"),
    ]
    await helper.refused("PUT", f"{path}/{other.username}", 403, "not_the_author", json={"role": "mentor"})
    await author.refused("PUT", f"{path}/no-such-user", 404, "user_not_found", json={"role": "mentor"})
    await author.refused("PUT", f"{path}/{author.username}", 409, "author_of_track", json={"role": "mentor"})
    await author.refused("DELETE", f"{path}/{author.username}", 409, "author_of_track")
    await helper.ok("DELETE", f"{path}/{helper.username}", 204)
    await helper.refused("DELETE", f"{path}/{helper.username}", 404, "not_on_the_staff")
    assert await helper.notification_types() == ["staff_changed", "staff_changed"]


async def test_a_participant_who_was_removed_reads_why_and_cannot_enroll_until_allowed(school: School) -> None:
    author, mentor, participant = await school.people(3)
    track = await school.track(author)
    await author.ok("PUT", f"/tracks/{track['id']}/staff/{mentor.username}", json={"role": "mentor"})
    await participant.ok("POST", f"/tracks/{track['id']}/enroll", 201)
    path, why = f"/tracks/{track['id']}/participants/{participant.username}", {"reason": "Two accounts"}
    await mentor.refused("DELETE", path, 403, "not_the_author", json=why)
    await author.refused("DELETE", path, 422, "invalid_input", json={"reason": " "})
    await author.ok("DELETE", path, 204, json=why)
    await author.refused("DELETE", path, 404, "participant_not_found", json=why)
    await participant.refused("POST", f"/tracks/{track['id']}/enroll", 409, "removed_from_track")
    token = await link(author, track)
    await participant.refused("POST", f"/invitations/{token}/accept", 409, "removed_from_track")
    assert await participant.notification_types() == ["removed_from_track"]
    assert "Two accounts" in (await signed_in(school, participant).get(f"/tracks/{track['id']}/removal")).text
    [listed] = await author.ok("GET", f"/tracks/{track['id']}/people")
    assert (listed["state"], listed["reason"]) == ("removed", "Two accounts")
    await author.ok("DELETE", f"/tracks/{track['id']}/removals/{participant.username}", 204)
    await participant.ok("POST", f"/tracks/{track['id']}/enroll", 201)


async def test_leaving_and_removal_from_a_running_track_notify_staff_who_do_not_take_part(school: School) -> None:
    author, mentor, one, two, three = await school.people(5)
    track = await school.running_track(author, [mentor, one, two, three])
    await author.ok("PUT", f"/tracks/{track['id']}/staff/{mentor.username}", json={"role": "mentor"})
    await author.ok("DELETE", f"/tracks/{track['id']}/participants/{one.username}", 204, json={"reason": "spam"})
    await two.ok("POST", f"/tracks/{track['id']}/leave", 204)
    assert (await author.notification_types()).count("participant_left") == 2
    assert "participant_left" not in await mentor.notification_types()
    states = {each["username"]: each["state"] for each in await author.ok("GET", f"/tracks/{track['id']}/people")}
    assert (states[one.username], states[two.username], states[three.username]) == ("removed", "left", "enrolled")
    await mentor.refused("GET", f"/tracks/{track['id']}/people", 403, "takes_part")
    found = await author.ok("GET", f"/tracks/{track['id']}/people", params={"q": two.username[-2:], "state": "left"})
    assert [each["username"] for each in found] == [two.username]


async def test_a_track_changes_hands_when_the_other_accepts(school: School) -> None:
    author, heir, other = await school.people(3)
    track = await school.track(author, visibility="private")
    path = f"/tracks/{track['id']}/hand-over"
    await heir.refused("GET", path, 404, "track_not_found")
    await author.ok("POST", path, 204, json={"username": heir.username})
    assert (await heir.ok("GET", path))["track_title"] == "Python basics"
    await other.refused("POST", f"{path}/accept", 404, "no_offer")
    assert "Become the author of “Python basics”?" in await signed_in(school, heir).see("/")
    assert "Become the author" not in await signed_in(school, other).see("/")
    await heir.ok("DELETE", path, 204)
    assert "Become the author" not in await signed_in(school, heir).see("/")
    await heir.refused("POST", f"{path}/accept", 404, "no_offer")
    await author.ok("POST", path, 204, json={"username": heir.username})
    assert (await heir.ok("POST", f"{path}/accept"))["author"]["username"] == heir.username
    roles = {each["username"]: each["role"] for each in await heir.ok("GET", f"/tracks/{track['id']}/staff")}
    assert roles == {heir.username: "author", author.username: "co_author"}
    assert (await author.notification_types()) == ["track_handed_over"]
    await author.refused("POST", path, 403, "not_the_author", json={"username": other.username})


async def test_an_administrator_takes_a_track_over_directly(school: School) -> None:
    author, admin = await school.person(), await school.person(role="admin")
    track = await school.track(author)
    await admin.ok("POST", f"/tracks/{track['id']}/hand-over", 204, json={"username": admin.username})
    assert (await admin.ok("GET", f"/tracks/{track['id']}"))["author"]["username"] == admin.username


async def test_guessing_tokens_is_limited(school: School) -> None:
    [guesser] = await school.people(1)
    statuses = {(await guesser.get(f"/invitations/lpi_{number}")).status_code for number in range(302)}
    assert statuses == {404, 429}


async def test_a_visitor_sees_the_track_and_is_led_back_after_signing_up(school: School) -> None:
    author, invited = await school.people(2)
    track = await school.track(author, visibility="private", title="<b>Secret</b>")
    token = await link(author, track, max_uses=1)
    shown = await Browser(school).get(f"/invitations/{token}")
    assert shown.status_code == 200
    assert "&lt;b&gt;Secret" in shown.text
    assert f"/register?next=/invitations/{token}" in shown.text
    # The address is a secret.
    assert (shown.headers["referrer-policy"], shown.headers["cache-control"]) == ("same-origin", "no-store")
    # Accepting needs an account; a second click leads to the track, as the first does.
    browser = signed_in(school, invited)
    for _ in range(2):
        accepted = await browser.post(f"/invitations/{token}/accept", headers={"Sec-Fetch-Site": "same-origin"})
        assert (accepted.status_code, accepted.url.path) == (200, f"/tracks/{track['id']}")


async def test_a_track_has_a_limit_of_open_links_and_a_role_is_taken_once(school: School) -> None:
    author, helper = await school.people(2)
    track = await school.track(author)
    for _ in range(2):
        token = await link(author, track, role="co_author")
        response = await helper.post(f"/invitations/{token}/accept")
    assert (response.status_code, response.json()["code"]) == (409, "already_staff")
    for _ in range(98):
        await link(author, track)
    await author.refused("POST", f"/tracks/{track['id']}/invitations", 409, "too_many_invitations", json={})


async def test_the_author_of_a_running_track_hands_it_over_before_deleting_the_account(school: School) -> None:
    author, heir, *people = await school.people(4)
    track = await school.running_track(author, people, title="Python & more")
    async with school.services.database.transaction() as db:
        with pytest.raises(AuthorOfRunningTracks) as refused:
            await delete_account_data(db, user_id=author.id, password_hash="none", now=school.clock.now)
    assert refused.value.values["tracks"] == "“Python & more”"
    page = (await signed_in(school, author).get("/settings/data")).text
    assert f'href="/tracks/{track["id"]}/people#hand-over"' in page
    await author.ok("POST", f"/tracks/{track['id']}/hand-over", 204, json={"username": heir.username})
    await heir.ok("POST", f"/tracks/{track['id']}/hand-over/accept")
    async with school.services.database.transaction() as db:
        await delete_account_data(db, user_id=author.id, password_hash="none", now=school.clock.now)
    [left] = await heir.ok("GET", f"/tracks/{track['id']}/staff")
    assert left["username"] == heir.username


async def test_a_roster_is_previewed_before_each_person_gets_a_link(school: School) -> None:
    author, ann, bob = await school.people(3)
    track = await school.track(author, visibility="private")
    path, listed = f"/tracks/{track['id']}/roster", f"/tracks/{track['id']}/invitations"
    csv = f"email;name\n{ann.username}@example.com;=cmd()\nnobody\n{bob.username}@example.com;<b>Bob</b>"
    preview = await author.ok("POST", path, json={"csv": csv})
    assert [each["token"] for each in preview["invited"]] == [None, None]
    assert [(each["line"], each["problem"]) for each in preview["errors"]] == [(3, "no_email")]
    assert await author.ok("GET", listed) == []
    await bob.refused("POST", path, 404, "track_not_found", json={"csv": csv})

    created = await author.ok("POST", path, json={"csv": csv, "confirm": True})
    first, second = (each["token"] for each in created["invited"])
    await ann.ok("POST", f"/invitations/{first}/accept")
    await bob.ok("POST", f"/invitations/{second}/decline", 204)
    assert [each["state"] for each in await author.ok("GET", listed)] == ["accepted", "declined"]
    school.clock.advance(seconds=1)
    again = await author.ok("POST", path, json={"csv": csv, "confirm": True})
    assert [each["email"] for each in again["invited"]] == [f"{bob.username}@example.com"]
    assert again["pending"] == [f"{ann.username}@example.com"]
    await bob.refused("POST", f"/invitations/{second}/accept", 404, "invitation_not_found")


async def test_a_roster_can_be_uploaded_looked_at_and_confirmed_on_pages(school: School) -> None:
    author, other = await school.people(2)
    track = await school.track(author)
    browser, path = signed_in(school, author), f"/tracks/{track['id']}/roster"
    same_site = {"Sec-Fetch-Site": "same-origin"}
    file = {"file": ("group.csv", "Иван Петров;ivan@example.com\n<i>x</i>;bad@".encode("cp1251"), "text/csv")}
    shown = await browser.post(path, files=file, data={"text": ""}, headers=same_site)
    assert "Иван Петров" in shown.text
    assert "<i>x</i>" not in shown.text
    assert await author.ok("GET", f"/tracks/{track['id']}/invitations") == []
    confirmed = await browser.post(path, data={"text": "ivan@example.com", "confirmed": "yes"}, headers=same_site)
    assert "/invitations/lpi_" in confirmed.text
    [listed] = await author.ok("GET", f"/tracks/{track['id']}/invitations")
    assert (listed["email"], listed["state"]) == ("ivan@example.com", "open")
    assert (await browser.post(path, data={"text": " "}, headers=same_site)).status_code == 422
    assert (await signed_in(school, other).post(path, data={"text": "a@b.co"}, headers=same_site)).status_code == 403


async def test_invitations_are_deleted_a_month_after_their_end(school: School) -> None:
    author, _ = await school.people(2)
    track = await school.track(author)
    await author.ok("POST", f"/tracks/{track['id']}/roster", json={"csv": "a@example.com", "confirm": True})
    for days, left in ((59, 1), (2, 0)):
        now = school.clock.advance(days=days)
        async with school.services.database.transaction() as db:
            for retention in retentions():
                await remove_part(db, retention, now=now)
            assert await db.fetchval("select count(*) from invitations") == left


async def test_a_site_without_mail_sends_no_invitations(school: School) -> None:
    author, _ = await school.people(2)
    track = await school.track(author)
    report = await author.ok("POST", f"/tracks/{track['id']}/roster", json={"csv": "a@example.com", "confirm": True})
    assert [each["emailed"] for each in report["invited"]] == [False]
    [listed] = await author.ok("GET", f"/tracks/{track['id']}/invitations")
    assert (listed["state"], listed["delivery"]) == ("open", None)
    await author.refused("POST", f"/invitations/{listed['id']}/send", 409, "sends_no_email")
