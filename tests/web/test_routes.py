"""What an address answers, to people and to programs."""

from httpx import AsyncClient
from pydantic import JsonValue

from learning_platform.web.app import API_ROUTERS
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.schemas.track_file import TrackFile
from tests.people import School


def test_every_answer_of_the_api_is_written_by_a_prepared_writer() -> None:
    # Files of tracks are seldom asked for; FastAPI checks and writes them.
    by_the_framework = {None, TrackFile, dict[str, JsonValue]}
    for router in API_ROUTERS:
        for route in router.routes:
            if isinstance(route, ApiRoute):
                assert route.is_prepared or route.response_model in by_the_framework, route.path


async def test_a_user_who_is_not_signed_in_is_refused_before_anything_about_their_input(client: AsyncClient) -> None:
    answer = await client.post("/tracks", json={"title": 5})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


async def test_an_id_that_is_no_number_is_invalid_input(school: School) -> None:
    alice = await school.person("alice")
    await alice.refused("GET", "/tracks/first", 422, "invalid_input")
    await alice.refused("GET", "/tracks/0", 422, "invalid_input")
    await alice.refused("GET", f"/tracks/{10**30}", 422, "invalid_input")


async def test_an_address_beside_the_routes_is_not_there(school: School) -> None:
    alice = await school.person("alice")
    await alice.refused("GET", "/tracks/1/2", 404, "not_found")
    await alice.refused("DELETE", "/me", 405, "method_not_allowed")


async def test_a_fixed_word_is_preferred_to_an_id(school: School) -> None:
    alice = await school.person("alice")
    assert await alice.ok("GET", "/tracks/my") == []


async def test_the_same_address_is_for_people_and_for_programs(school: School) -> None:
    alice = await school.person("alice")
    page = await alice.get("/notifications", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.headers["location"].startswith("/sign-in")
    assert (await alice.get("/notifications", headers={"Accept": "*/*"})).json() == []


async def test_a_refusal_within_a_transaction_leaves_nothing_behind(school: School) -> None:
    alice = await school.person("alice")
    track = await school.track(alice)
    await alice.ok("POST", f"/tracks/{track['id']}/enroll", 201)
    await alice.refused("POST", f"/tracks/{track['id']}/enroll", 409, "already_enrolled")
    assert (await alice.ok("GET", f"/tracks/{track['id']}"))["participants_count"] == 1
