"""The last use of an invitation link, wanted by several users at the same time."""

import pytest

from tests.concurrency.outcomes import concurrently, outcomes
from tests.people import School

pytestmark = pytest.mark.anyio


async def test_the_last_use_of_a_link_goes_to_one_of_four_users(school: School) -> None:
    author, *people = await school.people(5)
    track = await school.track(author, visibility="private")
    created = await author.ok("POST", f"/tracks/{track['id']}/invitations", 201, json={"max_uses": 1})

    responses = await concurrently(person.post(f"/invitations/{created['token']}/accept") for person in people)

    assert outcomes(responses) == {"200": 1, "404 invitation_not_found": 3}
    assert (await author.ok("GET", f"/tracks/{track['id']}"))["participants_count"] == 1
