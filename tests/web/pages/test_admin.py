"""What administrators see and do, and no other user does."""

import re

import pytest

from learning_platform.accounts.email_links import addressee
from learning_platform.accounts.rules import NotYourself
from learning_platform.attempts.scheduled_events import SCHEDULED_EVENTS
from learning_platform.notifications.mail.queue import queue_requested_email
from tests import make
from tests.people import Person, School
from tests.web.pages.browsing import Browser, signed_in
from tests.web.pages.counting import counted_statements
from tests.web.pages.test_signing_in import PASSWORD
from tests.web.pages.test_signing_in import register as sign_up

pytestmark = pytest.mark.anyio
PAGES = ("/admin", "/admin/users", "/admin/tracks")


@pytest.fixture
async def root(school: School) -> Person:
    """Return an administrator."""
    return await school.person("root", role="admin")


@pytest.fixture
async def admin(school: School, root: Person) -> Browser:
    """Return an administrator's browser."""
    return signed_in(school, root)


@pytest.mark.parametrize("path", [*PAGES, "/admin/users/1"])
async def test_only_administrators_get_in(school: School, path: str) -> None:
    author = signed_in(school, await school.person(role="author"))
    assert "Only administrators can do this." in await author.see(path, 403)
    assert (await Browser(school).get(path)).url.path == "/sign-in"


async def test_no_other_user_may_change_an_account(school: School) -> None:
    alice, bob = await school.people(2)
    for ending in ("role", "block", "unblock", "reset-link"):
        await signed_in(school, alice).fill_in(f"/admin/users/{bob.id}/{ending}", 403, role="admin")
    await bob.ok("GET", "/me")


async def test_the_menu_leads_only_administrators_here(school: School, admin: Browser) -> None:
    assert "Administration" in await admin.see("/")
    assert "Administration" not in await signed_in(school, await school.person()).see("/")


async def test_the_health_of_the_service_is_on_one_page(school: School, admin: Browser) -> None:
    page = await admin.see("/admin")
    assert "All due events have been handled." in page
    assert "SMTP_URL is not set" in page
    assert re.search(r"[\d.]+ MiB", page)
    async with school.services.database.connection() as db:
        assert f"PostgreSQL {await db.fetchval('show server_version')}" in page


async def test_overdue_events_and_waiting_emails_are_shown(school: School, root: Person, admin: Browser) -> None:
    alice = await school.person()
    await school.running_track(alice, [alice, await school.person()])
    async with school.services.database.transaction() as db:
        await queue_requested_email(db, user_id=alice.id, kind="reset", now=school.clock.now)
    school.clock.advance(hours=9)  # There is no sweep.
    page = await admin.see("/admin")
    assert "1 h ago" in page
    assert "Is a scheduler running?" in page
    async with school.services.database.connection() as db:
        assert await db.fetchval("select count(*) from emails where state = 'waiting'") == 1


async def test_users_are_found_by_name_and_address_in_any_case(school: School, admin: Browser) -> None:
    await school.person("Alice")
    await school.person("bob")
    assert "Alice" in await admin.see("/admin/users?q=ALI")
    assert "bob" not in await admin.see("/admin/users?q=ALI")
    assert "bob" in await admin.see("/admin/users?q=bob@EXAMPLE")
    assert "No users found." in await admin.see("/admin/users?q=100%25")
    assert "Alice" not in await admin.see("/admin/users?role=admin")


async def test_long_lists_of_users_are_paged(school: School, admin: Browser) -> None:
    people = await school.people(31)
    first = await admin.see("/admin/users")
    assert people[-1].username in first
    assert "root" not in first.split("Created")[1]
    last = await admin.see(f"/admin/users?before={people[1].id}")
    assert people[0].username in last


async def test_a_role_is_given_and_the_user_signs_in_again(school: School, admin: Browser) -> None:
    alice = await school.person("alice")
    browser = signed_in(school, alice)
    page = await admin.fill_in(f"/admin/users/{alice.id}/role", role="author")
    assert "Saved." in page
    assert (await browser.get("/settings")).url.path == "/sign-in"
    assert "alice" in await admin.see("/admin/users?role=author")
    await admin.fill_in(f"/admin/users/{alice.id}/role", 422, role="king")


async def test_a_user_who_is_blocked_is_out_immediately_until_unblocked(school: School, admin: Browser) -> None:
    browser = Browser(school)
    await sign_up(browser)
    async with school.services.database.connection() as db:
        alice_id = await db.fetchval("select id from users where username = 'alice'")
    assert "Account blocked" in await admin.fill_in(f"/admin/users/{alice_id}/block")
    assert (await browser.get("/settings")).url.path == "/sign-in"
    await browser.fill_in("/sign-in", 401, username="alice", password=PASSWORD)
    assert "alice" in await admin.see("/admin/users?role=blocked")
    assert "Account unblocked" in await admin.fill_in(f"/admin/users/{alice_id}/unblock")
    assert "What to do now" in await browser.fill_in("/sign-in", username="alice", password=PASSWORD)


async def test_blocking_ends_access_tokens_too(school: School, admin: Browser) -> None:
    alice = await school.person()
    await alice.ok("GET", "/me")
    await admin.fill_in(f"/admin/users/{alice.id}/block")
    await school.services.revocations.load()  # What a notification makes every process do.
    await alice.refused("GET", "/me", 401, "bad_token")


@pytest.mark.parametrize("ending", ["role", "block", "unblock"])
async def test_no_administrator_locks_themselves_out(school: School, root: Person, admin: Browser, ending: str) -> None:
    page = await admin.fill_in(f"/admin/users/{root.id}/{ending}", 403, role="user")
    assert NotYourself.message in page
    assert "This is your own account." in await admin.see(f"/admin/users/{root.id}")


async def test_a_reset_link_is_shown_once_and_works_once(school: School, admin: Browser) -> None:
    alice = await school.person("alice")
    response = await admin.post(f"/admin/users/{alice.id}/reset-link")
    (link,) = re.findall(r"http://localhost:8000(/password/[\w.-]+)", response.text)
    assert response.headers["cache-control"] == "no-store"
    assert "/password/" not in (await admin.get(f"/admin/users/{alice.id}")).text
    visitor = Browser(school)
    assert "For alice." in await visitor.see(link)
    assert "Password changed." in await visitor.fill_in(link, password="battery staple")
    assert "What to do now" in await visitor.fill_in("/sign-in", username="alice", password="battery staple")
    await Browser(school).see(link, 404)
    assert "not confirmed" in await admin.see(f"/admin/users/{alice.id}")


async def test_a_reset_link_ends_after_an_hour(school: School, admin: Browser) -> None:
    alice = await school.person()
    response = await admin.post(f"/admin/users/{alice.id}/reset-link")
    (link,) = re.findall(r"http://localhost:8000(/password/[\w.-]+)", response.text)
    school.clock.advance(hours=1)
    assert "This link is no longer valid." in await Browser(school).see(link, 404)


async def test_there_is_no_link_for_who_is_blocked_or_gone(school: School, admin: Browser) -> None:
    browser = Browser(school)
    await sign_up(browser)
    await browser.fill_in("/settings/delete", confirm_password=PASSWORD)
    async with school.services.database.connection() as db:
        gone_id = await db.fetchval("select id from users where username like 'former%'")
        assert await addressee(db, user_id=gone_id) is None
    assert "deleted" in await admin.see(f"/admin/users/{gone_id}")
    await admin.fill_in(f"/admin/users/{gone_id}/reset-link", 409)
    await admin.fill_in(f"/admin/users/{gone_id}/unblock", 409)
    await admin.see("/admin/users/999", 404)


async def test_administrators_find_any_track(school: School, admin: Browser) -> None:
    author = await school.person("author")
    track = await school.track(author, title="Compilers", required_participants=2)
    await school.running_track(author, await school.people(2), title="Databases")
    page = await admin.see("/admin/tracks?q=compil")
    assert "Compilers" in page
    assert "Databases" not in page
    await school.person("helper")
    await author.ok("PUT", f"/tracks/{track['id']}/staff/helper", json={"role": "mentor"})
    page = await admin.see("/admin/tracks?q=helper")
    assert "Compilers author and 1 more helper, mentor" in page
    assert "Databases" not in page
    for sort, first in (
        ("title", "Compilers"),
        ("-title", "Databases"),
        ("participants", "Compilers"),
        ("ends", "Databases"),
    ):
        page = await admin.see(f"/admin/tracks?sort={sort}")
        assert min(("Compilers", "Databases"), key=page.index) == first, sort
    assert "Databases" in await admin.see("/admin/tracks?status=running")
    assert "No tracks found." in await admin.see("/admin/tracks?status=finished")
    assert f'action="/tracks/{track["id"]}/cancel"' in (await admin.get("/admin/tracks")).text


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_costs_the_same_statements_however_much_there_is(
    school: School, admin: Browser, path: str
) -> None:
    costs = []
    for more in (1, 40):
        async with school.services.database.transaction() as db:
            people = await make.users(db, more)
            for person_id in people:
                await make.track(db, author_id=person_id)
        await admin.see(path)  # A connection used for the first time asks what types there are.
        with counted_statements() as statements:
            await admin.see(path)
        costs.append(len(statements))
    # The first page asks for the next event of each kind.
    assert costs[0] == costs[1] <= 9 + len(SCHEDULED_EVENTS)


async def test_administrators_read_russian_too(school: School) -> None:
    root = await school.person("root", role="admin", language="ru")
    for path in PAGES:
        page = await signed_in(school, root).see(path)
        assert "Администрирование" in page
        assert not re.search(r"\b(the|your|with|and)\b", page), page
