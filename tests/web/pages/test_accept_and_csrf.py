"""How pages and JSON share addresses, and what protects every page: CSRF checks, headers, safe redirects."""

import re

import pytest
from httpx import AsyncClient

from learning_platform.web.http.accept import asks_for_page
from learning_platform.web.http.redirects import safe_path
from learning_platform.web.pages.kit.csrf import CrossSiteRequest, is_own_site
from learning_platform.web.pages.kit.rendering import STATIC
from tests.people import School
from tests.web.pages.browsing import Browser, signed_in, words

pytestmark = pytest.mark.anyio
CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "is_page"),
    [
        (CHROME, True),
        ("text/html", True),
        ("TEXT/HTML; charset=utf-8", True),
        ("application/json, text/html", True),
        ("application/json, text/html;q=0.5", False),
        ("text/html;q=0", False),
        ("text/html;q=many", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_a_page_is_asked_for_by_name(accept: str, *, is_page: bool) -> None:
    assert asks_for_page(accept) is is_page


async def test_an_address_answers_people_with_a_page_and_programs_with_json(school: School) -> None:
    alice = await school.person("alice")
    track = await school.track(alice)
    browser = signed_in(school, alice)
    page = await browser.get(f"/tracks/{track['id']}")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Accept" in page.headers.get_list("vary", split_commas=True)
    answer = await alice.get(f"/tracks/{track['id']}")
    assert answer.json()["title"] == "Python basics"
    assert "Accept" in answer.headers.get_list("vary", split_commas=True)


async def test_a_user_who_is_signed_in_finds_nothing_where_only_programs_do(school: School) -> None:
    browser = signed_in(school, await school.person())
    assert "There is nothing at this address." in await browser.see("/me", 404)


@pytest.mark.parametrize(
    ("form", "page"),
    [
        ("/settings/password", "/settings/security#password-title"),
        ("/settings/delete", "/settings/data#delete"),
        ("/assignments/{}/submit", "/assignments/{}"),
        ("/assignments/{}/diary", "/assignments/{}"),
        ("/assignments/{}/appeal", "/assignments/{}/reviews"),
    ],
)
async def test_the_address_a_refused_form_leaves_leads_to_its_page(school: School, form: str, page: str) -> None:
    alice, bob = await school.people(2)
    first, _ = await school.assignment_ids(alice, await school.running_track(alice, [alice, bob]))
    response = await signed_in(school, alice).get(form.format(first), follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, page.format(first))


async def test_the_cookie_of_a_page_opens_nothing_in_the_api(school: School) -> None:
    browser = signed_in(school, await school.person())
    answer = await browser.get("/me", headers={"Accept": "application/json"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("site", "origin", "is_own"),
    [
        ("same-origin", "http://test", True),
        ("none", None, True),
        ("cross-site", "http://test", False),
        ("same-site", None, False),
        (None, "http://test", True),
        (None, "http://evil.example", False),
        (None, "null", False),
        (None, None, True),
    ],
)
def test_the_origin_of_a_request_is_stated_by_the_browser(
    site: str | None, origin: str | None, *, is_own: bool
) -> None:
    assert is_own_site(site=site, origin=origin, host="test") is is_own


async def test_a_form_sent_by_another_site_changes_nothing(school: School) -> None:
    alice, bob = await school.people(2)
    track = await school.track(bob)
    browser = signed_in(school, alice)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}):
        refused = await browser.post(f"/tracks/{track['id']}/enroll", headers=headers)
        assert refused.status_code == 403
        assert CrossSiteRequest.message in words(refused)
    assert (await alice.ok("GET", f"/tracks/{track['id']}"))["enrolled"] is False


async def test_pages_allow_no_inline_script_no_frames_and_nothing_from_elsewhere(client: AsyncClient) -> None:
    page = await client.get("/", headers={"Accept": "text/html"})
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cache-control"] == "no-store"


async def test_what_pages_load_may_be_cached_permanently_and_is_small(client: AsyncClient) -> None:
    page = await client.get("/", headers={"Accept": "text/html"})
    addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    assert len(addresses) == 3
    # What it imports is loaded with it.
    size = len((STATIC / "drafts.js").read_bytes())
    for address in addresses:
        answer = await client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        size += len(answer.content)
    assert size < 76 * 1024


async def test_a_script_imports_another_in_its_own_version(client: AsyncClient) -> None:
    page = await client.get("/", headers={"Accept": "text/html"})
    (script,) = re.findall(r'src="(/static/[^"]+/app\.js)"', page.text)
    imported = re.findall(r'from "\./([^"]+)"', (await client.get(script)).text)
    assert imported == ["drafts.js"]
    answer = await client.get(script.replace("app.js", imported[0]))
    assert "immutable" in answer.headers["cache-control"]


async def test_a_version_of_another_process_is_answered_but_not_kept(client: AsyncClient) -> None:
    answer = await client.get("/static/000000000000/app.js")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    assert (await client.get("/static/000000000000/nothing.js")).status_code == 404
    assert (await client.get("/static/app.js")).status_code == 404


async def test_an_unknown_address_is_a_page_in_the_readers_language(school: School) -> None:
    english, russian = Browser(school), Browser(school, language="ru")
    assert "Not found" in await english.see("/nowhere", 404)
    assert "Не найдено" in await russian.see("/nowhere", 404)
    marie = await school.person(language="ru")
    assert "Не найдено" in await signed_in(school, marie, language="en").see("/tracks/999", 404)


async def test_what_can_be_read_can_be_asked_about(school: School) -> None:
    alice = await school.person()
    track = await school.track(alice)
    browser = signed_in(school, alice)
    for path in ("/", "/tracks", "/tracks/new", f"/tracks/{track['id']}", "/settings"):
        asked, read = await browser.head(path), await browser.get(path)
        assert asked.status_code == read.status_code == 200, path
        assert asked.headers["content-type"] == read.headers["content-type"]
    assert (await browser.head("/logout")).status_code == 405


async def test_an_address_that_cannot_be_is_not_found_and_a_wrong_method_names_the_right_ones(school: School) -> None:
    browser = signed_in(school, await school.person())
    for path in ("/tracks/abc", "/tracks/0", f"/assignments/{2**70}", "/tracks/999", "/nowhere"):
        assert "Not found" in await browser.see(path, 404)
    refused = await browser.get("/logout")
    assert refused.status_code == 405
    assert refused.headers["allow"] == "POST"
    assert "Method not allowed" in words(refused)


async def test_addresses_of_forms_lead_to_the_page_above_them(school: School) -> None:
    author = await school.person()
    track = await school.track(author)
    browser, path = signed_in(school, author), f"/tracks/{track['id']}"
    for form, above in (("/staff", path), ("/board/extend", f"{path}/board"), ("/copy", path)):
        answer = await browser.get(f"{path}{form}", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, above), form


async def test_another_language_leads_back_to_the_page_of_a_refused_form(school: School) -> None:
    author = await school.person()
    track = await school.track(author)
    browser, people = signed_in(school, author), f"/tracks/{track['id']}/people"
    headers = {"Sec-Fetch-Site": "same-origin", "Referer": f"http://test{people}"}
    refused = await browser.post(
        f"/tracks/{track['id']}/staff", data={"username": "unknown", "role": "mentor"}, headers=headers
    )
    assert f'name="next" value="{people}"' in refused.text
    assert 'name="next" value="/tracks"' in (await browser.get("/tracks?q=one&sort=title")).text


def test_scripts_ask_for_pages() -> None:
    """Without `Accept` a request goes to the API, which does not know the addresses of forms."""
    requests = [
        script.name + request
        for script in STATIC.glob("*.js")
        for request in re.findall(r"fetch\([^;]*;", script.read_text())
        if "Accept" not in request
    ]
    assert requests == []


def test_scripts_read_the_addresses_of_forms_as_attributes() -> None:
    """Where a form has a field or a button called `action`, the property is that element."""
    read = re.compile(r"form\.action\b(?! = |`)")
    assert [script.name for script in STATIC.glob("*.js") if read.search(script.read_text())] == []


async def test_programs_still_get_problems(client: AsyncClient) -> None:
    answer = await client.get("/nowhere")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "",
        "/a\tb",
        "/\n/evil.example",
    ],
)
def test_sign_in_never_redirects_elsewhere(path: str) -> None:
    assert safe_path(path) == "/"


def test_after_signing_in_one_comes_back_to_where_one_was() -> None:
    assert safe_path("/tracks/1?q=a b") == "/tracks/1?q=a b"
