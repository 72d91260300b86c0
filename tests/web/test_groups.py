"""What staff do for many participants: each chosen one exactly once, and those who are left out are named."""

from datetime import datetime, timedelta

import pytest

from learning_platform.attempts.rules import AssignmentNotOpen
from tests.people import Json, Person, School
from tests.web.pages.browsing import Browser, signed_in

pytestmark = pytest.mark.anyio


class Group:
    """A running track with four participants, at its first assignment."""

    def __init__(self, school: School, author: Person, people: list[Person], track: Json, assignments: list[int]):
        self.school, self.author, self.people, self.track = school, author, people, track
        self.first, self.second = assignments
        self.ids = [person.id for person in people]
        self.board = f"/tracks/{track['id']}/board"

    @property
    def browser(self) -> Browser:
        """Return the browser of the author."""
        return signed_in(self.school, self.author)

    async def due(self) -> datetime:
        """Return the common deadline."""
        views = await self.author.ok("GET", f"/tracks/{self.track['id']}/assignments")
        return datetime.fromisoformat(views[0]["due_at"])


@pytest.fixture
async def group(school: School) -> Group:
    author, *people = await school.people(5)
    track = await school.running_track(author, people)
    return Group(school, author, people, track, await school.assignment_ids(author, track))


async def test_each_chosen_participant_is_reminded_exactly_once_a_day(group: Group) -> None:
    path, chosen = f"/assignments/{group.first}/reminders", group.ids[:3]
    outcome = await group.author.ok("POST", path, json={"user_ids": [*chosen, *chosen]})
    again = await group.author.ok("POST", path, json={"user_ids": group.ids})

    assert (outcome["done"], outcome["refused"]) == (sorted(chosen), [])
    assert again["done"] == group.ids[3:]
    assert {each["code"] for each in again["refused"]} == {"reminded_already"}
    for person in group.people:
        assert (await person.notification_types()).count("staff_reminder") == 1
    await group.school.advance(hours=25)
    assert (await group.author.ok("POST", path, json={"user_ids": chosen}))["done"] == sorted(chosen)


async def test_reminders_are_sent_by_staff_and_for_open_assignments(group: Group) -> None:
    body = {"user_ids": group.ids}
    await group.people[0].refused("POST", f"/assignments/{group.first}/reminders", 403, "not_the_author", json=body)
    later = f"/assignments/{group.second}/reminders"
    await group.author.refused("POST", later, 409, AssignmentNotOpen.code, json=body)
    await group.author.refused("POST", "/assignments/999/reminders", 404, "assignment_not_found", json=body)
    assert "staff_reminder" not in await group.people[0].notification_types()


async def test_a_group_gets_a_later_deadline_but_those_who_cannot_have_it(group: Group) -> None:
    gone, *others = group.people
    stranger = await group.school.person("mallory")
    await gone.ok("POST", f"/tracks/{group.track['id']}/leave", 204)
    due_at = await group.due() + timedelta(hours=1)
    body = {"user_ids": [*group.ids, stranger.id], "due_at": due_at.isoformat(), "reason": "The server was down"}
    path = f"/assignments/{group.first}/group-extensions"

    outcome = await group.author.ok("POST", path, json=body)
    again = await group.author.ok("POST", path, json=body)

    assert outcome["done"] == sorted(person.id for person in others)
    reasons = {each["user_id"]: each["code"] for each in outcome["refused"]}
    assert reasons == {gone.id: "participant_left", stranger.id: "participant_not_found"}
    assert (again["done"], {each["code"] for each in again["refused"]} >= {"extension_kept"}) == ([], True)
    for person in others:
        assert (await person.notification_types()).count("deadline_moved") == 1
        (view, _) = await person.ok("GET", f"/tracks/{group.track['id']}/assignments")
        assert datetime.fromisoformat(view["personal_due_at"]) == due_at


async def test_a_deadline_out_of_range_extends_for_none(group: Group) -> None:
    early = {"user_ids": group.ids, "due_at": (await group.due()).isoformat(), "reason": "Illness"}
    path = f"/assignments/{group.first}/group-extensions"
    await group.author.refused("POST", path, 422, "extension_out_of_range", json=early)
    assert "deadline_moved" not in await group.people[0].notification_types()


async def test_the_board_asks_with_the_number_before_it_reminds(group: Group) -> None:
    first, second, *_ = group.people
    question = f"{group.board}/selection?action=remind&person={first.id}&person={second.id}"
    page = await group.browser.see(question)
    assert "Remind 2 participants?" in page
    assert "staff_reminder" not in await first.notification_types()

    typed = {"people": f"{first.id} {second.id}", "assignment_id": str(group.first)}
    assert "The participants have been reminded." in await group.browser.fill_in(f"{group.board}/remind", **typed)
    page = await group.browser.fill_in(f"{group.board}/remind", **typed)
    assert "No participant was reminded" in page
    assert page.count("This participant was already reminded") == 2
    assert (await first.notification_types()).count("staff_reminder") == 1


async def test_all_that_fit_are_chosen_whatever_page_is_shown(group: Group) -> None:
    await group.people[0].submit(group.first)
    for action, asks in [("remind", "Remind 3 participants?"), ("extend", "Extend the deadline for 3 participants?")]:
        query = f"action={action}&all=yes&show=not_submitted"
        assert asks in await group.browser.see(f"{group.board}/selection?{query}")
    assert "No participants chosen." in await group.browser.see(f"{group.board}/selection?action=remind&person=999")
    await signed_in(group.school, group.people[0]).see(f"{group.board}/selection?action=remind&all=yes", 403)


async def test_a_refused_form_keeps_what_was_typed(group: Group) -> None:
    typed = {"people": str(group.ids[0]), "assignment_id": str(group.first), "due_at": "", "reason": "Was ill"}
    page = await group.browser.fill_in(f"{group.board}/extend", 422, **typed)
    assert "Extend the deadline for 1 participant?" in page
    assert "Was ill" in page


async def test_the_chosen_are_exported(group: Group) -> None:
    first, second, *_ = group.people
    chosen = await group.browser.get(f"{group.board}.csv?person={first.id}&bom=1")
    assert chosen.content.startswith(b"\xef\xbb\xbf")
    assert (first.username in chosen.text, second.username in chosen.text) == (True, False)
    everyone = await group.author.get(f"{group.board}.csv", headers={"Accept-Language": "ru"})
    assert "в работе" in everyone.text or "выполняет" in everyone.text
    await group.people[0].refused("GET", f"{group.board}.csv", 403, "not_the_author")
