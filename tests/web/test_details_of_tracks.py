"""Details of tracks in the API and on pages: written, changed, and used to find tracks."""

import re
from html import unescape

import pytest

from tests.people import School
from tests.web.pages.browsing import Browser, signed_in

pytestmark = pytest.mark.anyio
STATED = {"language": "ru", "level": "beginner", "tags": ["python", "web dev"], "effort": 5}


async def test_details_are_cleaned_changed_singly_and_removed(school: School) -> None:
    author = await school.person()
    untidy = {**STATED, "language": "RU", "tags": [" Python", "web  DEV", "python"]}
    track = await school.track(author, **untidy)
    assert {name: track[name] for name in STATED} == STATED
    path = f"/tracks/{track['id']}"
    changed = await author.ok("PATCH", path, json={"level": None, "tags": []})
    assert {name: changed[name] for name in STATED} == {**STATED, "level": None, "tags": []}


@pytest.mark.parametrize(
    "wrong",
    [
        {"language": "xx"},
        {"language": "english"},
        {"level": "expert"},
        {"effort": 0},
        {"effort": 61},
        {"tags": ["x"] * 9},
        {"tags": ["a, b"]},
        {"tags": ["x" * 31]},
        {"tags": [" "]},
    ],
)
async def test_details_that_do_not_fit_are_refused(school: School, wrong: dict[str, object]) -> None:
    author = await school.person()
    track = await school.track(author)
    answer = await author.patch(f"/tracks/{track['id']}", json=wrong)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"][1] == next(iter(wrong))


async def test_the_api_filters_by_details(school: School) -> None:
    author = await school.person()
    track = await school.track(author, **STATED)
    await school.track(author)
    for query in ("language=ru", "level=beginner", "tag=Web%20Dev", "max_effort=5", "q=dev&language=ru&max_effort=60"):
        assert [each["id"] for each in await author.ok("GET", f"/tracks?{query}")] == [track["id"]], query
    for query in ("language=en", "level=advanced", "tag=web", "max_effort=4"):
        assert await author.ok("GET", f"/tracks?{query}") == [], query


async def test_the_api_sorts_and_pages_in_every_order(school: School) -> None:
    author = await school.person()
    stated = ((5, 8), (2, None), (2, 3), (9, 3))
    ids = [
        (await school.track(author, title="Rust", required_participants=places, effort=effort))["id"]
        for places, effort in stated
    ]
    orders = {"newest": (3, 2, 1, 0), "places": (2, 1, 0, 3), "effort": (3, 2, 0, 1)}
    for sort, order in orders.items():
        for search in ("", "&q=rust", "&q=rustt", "&status=enrolling"):
            paged: list[int] = []
            path: str | None = f"/tracks?sort={sort}&limit=1{search}"
            while path:
                answer = await author.get(path)
                paged += [each["id"] for each in answer.json()]
                path = answer.links.get("next", {}).get("url")
            expected = orders["newest"] if search == "&q=rustt" else order
            assert paged == [ids[position] for position in expected], (sort, search)
    assert [each["id"] for each in await author.ok("GET", "/tracks")] == ids
    assert (await author.get("/tracks?sort=age")).status_code == 422


async def test_details_are_written_in_the_form_and_shown_on_pages(school: School) -> None:
    author = await school.person()
    track = await school.track(author, **STATED, draft=True)
    browser = signed_in(school, author)
    form = (await browser.get(f"/tracks/{track['id']}/edit")).text
    fields = {name: value for name, value in re.findall(r'name="([^"]+)"[^>]* value="([^"]*)"', form) if name != "save"}
    assert fields["tags"] == "python, web dev"
    sent = fields | {"language": "en", "level": "advanced", "tags": "Rust, a|b,", "effort": "7", "rows": ""}
    page = await browser.fill_in(f"/tracks/{track['id']}/edit", **sent)
    for shown in ("English", "advanced level", "7 hours a week", "rust", "a|b"):
        assert shown in page
    page = await browser.fill_in(f"/tracks/{track['id']}/edit", 422, **(sent | {"tags": "fine," + "x" * 31}))
    assert "Use at most 30 characters." in page


async def test_the_catalogue_leaves_out_what_is_over_unless_it_is_asked_for(school: School) -> None:
    author = await school.person()
    await school.track(author, title="Open course", **STATED)
    cancelled = await school.track(author, title="Cancelled course")
    await author.ok("POST", f"/tracks/{cancelled['id']}/cancel")
    visitor = Browser(school)
    for order in ("", "?sort=places", "?sort=effort", "?q=course", "?q=coursse"):
        page = await visitor.see(f"/tracks{order}")
        assert "Open course" in page, order
        assert "Cancelled course" not in page, order
    for query in ("status=cancelled", "status=cancelled&sort=effort", "status=all&q=cancelled"):
        assert "Cancelled course" in await visitor.see(f"/tracks?{query}"), query
    assert len(await author.ok("GET", "/tracks")) == 2


async def test_the_catalogue_filters_by_details_and_offers_to_clear_the_filters(school: School) -> None:
    await school.track(await school.person(), title="Open course", **STATED)
    visitor = Browser(school)
    for query in ("language=ru", "level=beginner", "tag=python", "effort=5", "tag=python&sort=effort&q=open"):
        assert "Open course" in await visitor.see(f"/tracks?{query}"), query
    for query in ("level=advanced", "tag=rust", "effort=3", "language=en&sort=places"):
        assert "Open course" not in await visitor.see(f"/tracks?{query}"), query
    html = (await visitor.get("/tracks?level=advanced&tag=rust")).text
    assert '<a class="button quiet" href="/tracks">Clear filters</a>' in html
    assert "finished ones" not in html
    # An old or a mistyped address is not refused.
    assert "Open course" in await visitor.see("/tracks?level=x&language=xx&effort=many&sort=none&status=none")


async def test_a_search_that_only_finished_tracks_fit_leads_to_the_same_search_in_all_statuses(school: School) -> None:
    author = await school.person()
    cancelled = await school.track(author, title="Cancelled course", **STATED)
    await author.ok("POST", f"/tracks/{cancelled['id']}/cancel")
    visitor = Browser(school)
    assert "Search all tracks, also finished ones" in await visitor.see("/tracks")
    for query in ("q=cancelled&tag=python&status=", "tag=python&sort=effort"):
        html = (await visitor.get(f"/tracks?{query}")).text
        (path,) = re.findall(r'href="([^"]+)">Search all tracks, also finished ones</a>', html)
        assert '<a class="button quiet" href="/tracks">Clear filters</a>' in html
        assert "tag=python" in path
        assert "Cancelled course" in await visitor.see(unescape(path))
    for query in ("q=cancelled&tag=rust", "q=cancelled&status=running", "q=cancelled&status=all&tag=rust"):
        page = await visitor.see(f"/tracks?{query}")
        assert "No tracks found." in page
        assert "finished ones" not in page
