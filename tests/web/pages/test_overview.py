"""The home page of an author: where participants of all running tracks are stuck."""

from collections.abc import Sequence

import pytest

from learning_platform.accounts.actor import Actor
from learning_platform.reviews.author.overview import TrackOverview, overview
from learning_platform.reviews.author.standings import Choice, Filter, standings
from learning_platform.tracks.access import access_to_track
from tests.people import Json, Person, School
from tests.web.pages.browsing import signed_in
from tests.web.pages.counting import counted_statements

pytestmark = pytest.mark.anyio


async def seen_by(school: School, person: Person) -> Sequence[TrackOverview]:
    """Return what a user's home page counts."""
    async with school.services.database.connection() as db:
        return await overview(db, user_id=person.id, now=school.clock.now)


async def listed(school: School, person: Person, track: Json, filter: Filter, assignment_id: int) -> int:
    """Return how many participants a filter of the board lists."""
    async with school.services.database.connection() as db:
        access = await access_to_track(db, track_id=track["id"], actor=Actor(person.id))
        return len(
            await standings(db, access, Choice(filter=filter, assignment_id=assignment_id), now=school.clock.now)
        )


async def test_each_count_is_that_of_the_list_to_which_it_leads(school: School) -> None:
    author, people = await school.person("maria"), await school.people(5)
    calm = await school.running_track(author, await school.people(2), title="In order")
    track = await school.running_track(author, people, title="In trouble")
    first, _ = await school.assignment_ids(author, track)
    for person in people[:4]:
        await person.submit(first)
    await people[4].ok("POST", f"/tracks/{track['id']}/leave", 204)
    await school.advance(hours=10)
    work = (await people[0].claim(first)).json()
    returned = {"reason": "broken", "comment": "It does not open"}
    await people[0].ok("POST", f"/submissions/{work['submission_id']}/review/return", 204, json=returned)
    await people[1].review_all(first)
    trouble, quiet = await seen_by(school, author)
    assert (trouble.title, quiet.title) == ("In trouble", "In order")
    assert (trouble.returned, trouble.behind, trouble.assignment_id) == (1, 0, first)
    for now in ("while it is reviewed", "when reviews are late"):
        trouble, _ = await seen_by(school, author)
        filters: dict[Filter, int] = {
            "behind": trouble.behind,
            "owes_reviews": trouble.owing,
            "not_submitted": trouble.not_submitted,
        }
        for filter, count in filters.items():
            assert count == await listed(school, author, track, filter, first), (now, filter)
        await school.advance(hours=10)
    assert trouble.behind > 0
    assert quiet.track_id == calm["id"]


async def test_an_author_sees_their_running_tracks_at_any_number_by_as_many_statements(school: School) -> None:
    author = await school.person("maria")
    browser = signed_in(school, author)
    counts = []
    for number in (1, 11):
        for _ in range(number):
            await school.running_track(author, await school.people(2))
        with counted_statements() as statements:
            page = await browser.see("/")
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert "All participants are on time." in page
    assert "2 more tracks" in page


async def test_who_takes_part_in_their_own_track_sees_no_counts_of_it(school: School) -> None:
    author, other = await school.people(2)
    track = await school.running_track(author, [author, other])
    assert not await seen_by(school, author)
    assert not await seen_by(school, other)
    page = await signed_in(school, author).see("/")
    assert "Your running tracks" not in page
    assert track["title"] in page
