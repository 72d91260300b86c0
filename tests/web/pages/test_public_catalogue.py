"""What visitors without an account, and search engines, see of tracks."""

import re
from html import unescape
from typing import Any

import pytest

from learning_platform.core.settings import Settings
from tests import make
from tests.conftest import test_settings
from tests.people import Person, School
from tests.routes import routes_of
from tests.web.pages.browsing import LINK, Browser
from tests.web.pages.test_mail_pages import link_to_confirm
from tests.web.pages.test_signing_in import PASSWORD

pytestmark = pytest.mark.anyio
PUBLIC_PATHS = ("/tracks", "/tracks/1", "/tracks/1/cohorts")
SECRETS = ("a private thought", "git.example", "because", "It does the job")
PATH_PARAMETER = re.compile(r"\{[^}]*\}")


@pytest.fixture
def settings(database_url: str, request: pytest.FixtureRequest) -> Settings:
    """Return settings with a public address, and the catalogue public or not."""
    return test_settings(database_url, public_url="https://learn.example", **getattr(request, "param", {}))


CLOSED = pytest.mark.parametrize("settings", [{"public_catalogue": "off"}], indirect=True)


async def reviewed_track(school: School) -> tuple[Person, list[Person]]:
    """Return the author of a track, and participants who handed in, wrote diaries and reviewed."""
    author, people = await school.person("the_author"), await school.people(3)
    await school.running_track(author, people)
    for person in people:
        await person.submit(1)
        await person.ok("POST", "/assignments/1/diary", 201, json={"text": SECRETS[0], "visibility": "track"})
    await school.advance(hours=10)
    for person in people:
        await person.review_all(1)
    return author, people


async def test_a_visitor_reads_what_a_track_is_about(school: School) -> None:
    await reviewed_track(school)
    visitor = Browser(school)
    assert "Python basics" in await visitor.see("/tracks")
    page = await visitor.see("/tracks/1")
    for shown in ("From zero to a command-line program", "Correctness", "Hello", "the_author", "3 participants"):
        assert shown in page


@pytest.mark.parametrize("hours", [0, 10, 100])
async def test_a_visitor_sees_nothing_of_people_but_their_number(school: School, hours: int) -> None:
    _, people = await reviewed_track(school)
    await school.advance(hours=hours)
    visitor = Browser(school)
    for path in PUBLIC_PATHS:
        html = (await visitor.get(path)).text
        assert not [secret for secret in (*SECRETS, *(each.username for each in people)) if secret in html]
        assert "reviews done" not in html
        assert "Print it" not in html


async def test_no_link_of_the_public_pages_and_no_other_page_shows_a_visitor_more(school: School) -> None:
    await reviewed_track(school)
    visitor = Browser(school)
    linked = {path for page in PUBLIC_PATHS for path in LINK.findall((await visitor.get(page)).text)}
    pages = {
        PATH_PARAMETER.sub("1", route.path)
        for route in routes_of(school.app)
        if route.is_page and route.method == "GET"
    }
    is_open = re.compile(
        r"^/$|^/(tracks|tracks/1|tracks/1/cohorts|register|sign-in|docs|static/.*|password/forgotten)$|^/confirm/"
    )
    for path in sorted(linked | pages):
        if not is_open.search(path):
            answer = await visitor.get(path, follow_redirects=False)
            is_refused = answer.status_code in {401, 404} or answer.headers.get("location", "").startswith("/sign-in")
            assert is_refused or path.startswith(("/password/", "/unsubscribe/")), f"{path}: {answer.status_code}"


async def test_programs_still_need_a_token(school: School) -> None:
    await reviewed_track(school)
    for path in (*PUBLIC_PATHS, "/tracks/1/assignments"):
        answer = await Browser(school).get(path, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize("hidden", [{"draft": True}, {"visibility": "private"}])
async def test_a_track_that_others_may_not_know_of_is_not_there(school: School, hidden: dict[str, Any]) -> None:
    await school.track(await school.person(), **hidden)
    visitor = Browser(school)
    assert "Python basics" not in await visitor.see("/tracks")
    assert "Python basics" not in await visitor.see("/tracks?q=python")
    assert "Python basics" not in await visitor.see("/")
    assert "Python basics" not in await visitor.see("/tracks/1", 404)
    assert "/tracks/1<" not in (await visitor.get("/sitemap-0.xml")).text


async def test_an_unlisted_track_is_found_by_its_address_alone(school: School) -> None:
    await school.track(await school.person(), visibility="unlisted")
    visitor = Browser(school)
    assert "Python basics" not in await visitor.see("/tracks")
    page = (await visitor.get("/tracks/1")).text
    assert '<meta name="robots" content="noindex">' in page
    assert "canonical" not in page
    assert "/tracks/1<" not in (await visitor.get("/sitemap-0.xml")).text


async def test_a_shared_link_says_what_it_leads_to(school: School) -> None:
    hostile = '"><script>alert(1)</script>'
    described = f"# Learn **Go** with [links](https://x.example) {hostile} " + "and more " * 50
    await school.track(await school.person(), title=f"Go {hostile}", description=described)
    head = (await Browser(school).get("/tracks/1")).text.partition("</head>")[0]
    assert '<link rel="canonical" href="https://learn.example/tracks/1">' in head
    assert "<script>alert" not in head
    assert 'property="og:description" content="Learn Go with links' in head
    picture = re.findall(r'og:image" content="https://learn.example(/static/[^"]+)"', head)[0]
    assert (await Browser(school).get(picture)).headers["content-type"] == "image/png"


async def test_search_engines_get_the_listed_tracks(school: School) -> None:
    await school.track(await school.person())
    visitor = Browser(school)
    assert "Sitemap: https://learn.example/sitemap.xml" in (await visitor.get("/robots.txt")).text
    assert "https://learn.example/sitemap-0.xml" in (await visitor.get("/sitemap.xml")).text
    assert "<loc>https://learn.example/tracks/1</loc>" in (await visitor.get("/sitemap-0.xml")).text
    assert "<loc>" not in (await visitor.get("/sitemap-1.xml")).text


@CLOSED
async def test_a_catalogue_that_is_not_public_asks_visitors_to_sign_in(school: School) -> None:
    await school.track(await school.person())
    visitor = Browser(school)
    for path in PUBLIC_PATHS:
        assert (await visitor.get(path)).url.path == "/sign-in"
    assert "Disallow: /tracks\n" in (await visitor.get("/robots.txt")).text
    for path in ("/sitemap.xml", "/sitemap-0.xml"):
        assert (await visitor.get(path, headers={"Accept": "*/*"})).status_code == 404


async def test_a_visitor_who_signs_up_to_enroll_comes_back_and_confirms_it(school: School) -> None:
    await school.track(await school.person())
    visitor = Browser(school)
    page = await visitor.get("/tracks/1")
    assert "You need an account to enroll" in page.text
    way_in = next(link for link in re.findall(r'href="(/register\?next=[^"]+)"', page.text) if "enroll" in link)
    form = await visitor.get(way_in)
    wish = re.findall(r'name="next" value="([^"]*)"', form.text)[0]
    page = await visitor.post(
        "/register",
        data={"next": wish, "username": "newcomer", "email": "new@example.com", "password": PASSWORD},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert str(page.url) == "http://test/tracks/1?enroll=true"
    assert '<details class="confirm" open>' in page.text
    newcomer = await school.person("other")
    page = await visitor.post(await link_to_confirm(school, newcomer), headers={"Sec-Fetch-Site": "same-origin"})
    assert page.url.path == "/tracks/1"
    assert "You're enrolled" in await visitor.fill_in("/tracks/1/enroll")


async def test_pages_of_a_search_go_on_from_the_typed_words_to_similar_ones(school: School) -> None:
    async with school.services.database.transaction() as db:
        author_id = (await school.person()).id
        titles = [f"Docker {number}" for number in range(30)] + [f"Докер {number}" for number in range(30)]
        for title in titles:
            await make.track(db, author_id=author_id, title=title)
    visitor, found, path = Browser(school), [], "/tracks?q=docker"
    while path:
        html = (await visitor.get(path)).text
        found += re.findall(r'<h3><a href="/tracks/\d+"><bdi[^>]*>([^<]+)</bdi></a>', html)
        path = unescape((re.findall(r'rel="next" href="([^"]+)"', html) or [""])[0])
    assert found == [*reversed(titles[:30]), *reversed(titles[30:])]


PREVIEW_AGENTS = (
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "TelegramBot (like TwitterBot)",
    "WhatsApp/2.23.20.0",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "Mozilla/5.0 (compatible; vkShare; +http://vk.com/dev/Share)",
    "http.rb/5.1.1 (Mastodon/4.2.0; +https://social.example/)",
)


@pytest.mark.parametrize("agent", PREVIEW_AGENTS)
async def test_programs_that_fetch_link_previews_get_the_page(school: School, agent: str) -> None:
    await school.track(await school.person())
    browser = Browser(school)
    for path in ("/", "/tracks", "/tracks/1"):
        for accept in ("*/*", ""):
            answer = await browser.get(path, headers={"Accept": accept, "User-Agent": agent})
            assert (answer.status_code, 'property="og:title"' in answer.text) == (200, True)
    answer = await browser.get("/tracks/1", headers={"Accept": "application/json", "User-Agent": agent})
    assert answer.json()["code"] == "not_signed_in"
    answer = await browser.post("/register", json={}, headers={"Accept": "*/*", "User-Agent": agent})
    assert answer.json()["code"] == "invalid_input"


@pytest.mark.parametrize(("accept", "status"), [("*/*", 200), ("", 200), ("text/html", 200), ("application/json", 404)])
async def test_the_bare_address_is_a_page_unless_json_is_asked_for(school: School, accept: str, status: int) -> None:
    browser = Browser(school)
    for method in ("GET", "HEAD"):
        assert (await browser.request(method, "/", headers={"Accept": accept})).status_code == status
