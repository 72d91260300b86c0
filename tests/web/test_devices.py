"""The sessions of a user have the names of their devices, and end one by one."""

import re

import pytest
from httpx import AsyncClient

from learning_platform.accounts.devices import device_of
from learning_platform.accounts.rules import SessionNotFound
from tests.people import School
from tests.web.pages.browsing import Browser
from tests.web.pages.test_signing_in import PASSWORD, register

pytestmark = pytest.mark.anyio
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"


@pytest.mark.parametrize(
    ("user_agent", "browser", "system"),
    [
        (FIREFOX, "Firefox", "Linux"),
        (IPHONE, "Safari", "iPhone"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36 Edg/142.0.0.0", "Edge", "Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {CHROME} YaBrowser/25.8 Safari/537.36", "Yandex Browser", "Windows"),
        (f"Mozilla/5.0 (Linux; Android 15; K) {CHROME} Mobile Safari/537.36", "Chrome", "Android"),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {CHROME} Safari/537.36", "Chrome", "macOS"),
        ("curl/8.5.0", "curl", None),
        ("", None, None),
        ("<script>alert(1)</script>" * 1000, None, None),
    ],
)
def test_a_device_has_the_names_of_its_browser_and_system(
    user_agent: str, browser: str | None, system: str | None
) -> None:
    found = device_of(user_agent)
    assert (found.browser, found.system) == (browser, system)


async def test_a_person_recognises_a_device_and_signs_it_out(school: School) -> None:
    laptop, phone = Browser(school), Browser(school)
    laptop.headers["User-Agent"], phone.headers["User-Agent"] = FIREFOX, IPHONE
    await register(laptop)
    await phone.fill_in("/sign-in", username="alice", password=PASSWORD)
    page = await laptop.get("/settings/security")
    assert "Firefox on Linux</strong> <span" in page.text
    assert "Safari on iPhone" in page.text
    (end,) = re.findall(r'action="(/settings/sessions/\d+/end)"', page.text)
    assert "Signed out there." in await laptop.fill_in(end)
    assert "Signed out there." in await laptop.fill_in(end), "a second click does no harm"
    assert (await phone.get("/settings")).url.path == "/sign-in"
    assert "Safari on iPhone" not in await laptop.see("/settings/security")


async def test_a_session_of_another_user_does_not_end(school: School) -> None:
    alice, mallory = Browser(school), Browser(school)
    await register(alice)
    await register(mallory, username="mallory", email="mallory@example.com")
    async with school.services.database.connection() as db:
        id = await db.fetchval("select min(id) from sessions")
    assert SessionNotFound.message in await mallory.fill_in(f"/settings/sessions/{id}/end", 404)
    await alice.see("/settings")


async def test_programs_list_and_end_sessions(school: School, client: AsyncClient) -> None:
    await register(Browser(school))
    form = {"username": "alice", "password": PASSWORD}
    tokens = (await client.post("/token", data=form, headers={"User-Agent": "curl/8.5.0"})).json()
    client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    mine, other = (await client.get("/me/sessions")).json()
    if not mine["is_current"]:
        mine, other = other, mine
    assert (mine["browser"], mine["system"], mine["days_unused"]) == ("curl", None, 0)
    assert (await client.delete(f"/me/sessions/{other['id']}")).status_code == 204
    assert [each["id"] for each in (await client.get("/me/sessions")).json()] == [mine["id"]]
    assert (await client.delete("/me/sessions")).status_code == 204
    assert (await client.get("/me/sessions")).status_code == 200
    assert (await client.delete(f"/me/sessions/{mine['id']}")).status_code == 204
    assert (await client.get("/me/sessions")).status_code == 401
