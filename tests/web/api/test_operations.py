"""Health, metrics, and the headers around every answer."""

import asyncio

import asyncpg
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from learning_platform.core.settings import Settings
from tests.conftest import opened_school, test_settings
from tests.people import HandClock, School
from tests.web.pages.browsing import signed_in

CUT_OTHERS = "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = $1"

CLOCK_AHEAD = """
create function public.clock_timestamp() returns timestamptz language sql
as $$ select pg_catalog.clock_timestamp() + interval '5 minutes' $$
"""


def health(status: str = "ok", *, overdue_seconds: float = 0) -> dict[str, object]:
    return {
        "status": status,
        "overdue_seconds": overdue_seconds,
        "failing_tasks": [],
        "overdue_link_seconds": 0,
        "clock_skew_seconds": None,
    }


async def test_health_says_whether_anything_is_overdue(school: School, client: AsyncClient) -> None:
    alice, bob = await school.people(2)
    healthy = await client.get("/health")
    assert (healthy.status_code, healthy.json()) == (200, health())
    await school.running_track(alice, [alice, bob])
    school.clock.advance(hours=8, seconds=9)
    assert (await client.get("/health")).json() == health(overdue_seconds=9)
    school.clock.advance(seconds=21)
    assert (await client.get("/health")).json() == health("late", overdue_seconds=30)
    await school.sweep()
    assert (await client.get("/health")).json() == health()


async def test_health_says_whether_links_wait_for_long(school: School, client: AsyncClient) -> None:
    alice, bob = await school.people(2)
    track = await school.running_track(alice, [alice, bob])
    assert (await alice.submit((await school.assignment_ids(alice, track))[0])).status_code == 201
    school.clock.advance(minutes=10)
    assert (await client.get("/health")).json()["status"] == "ok"
    school.clock.advance(seconds=1)
    late = (await client.get("/health")).json()
    assert (late["status"], late["overdue_link_seconds"]) == ("late", 601)
    await school.sweep()
    measured = (await client.get("/metrics")).text
    assert "links_waiting 1.0" in measured
    assert "links_waiting_seconds 601.0" in measured


async def test_a_database_that_is_away_is_said_to_be_and_comes_back_by_itself(
    school: School, client: AsyncClient, server: str, caplog: pytest.LogCaptureFixture
) -> None:
    alice = await school.person()
    name = school.services.database.url.partition("?")[0].rpartition("/")[2]
    admin = await asyncpg.connect(server)
    await admin.execute(f"alter database {name} allow_connections false")
    await admin.execute(CUT_OTHERS, name)
    down = await client.get("/health")
    assert (down.status_code, down.json()) == (503, health("down"))
    refused = await alice.get("/tracks")
    assert (refused.status_code, refused.json()["code"]) == (503, "database_unavailable")
    assert refused.headers["content-type"] == "application/problem+json"
    assert int(refused.headers["retry-after"]) > 0
    await admin.execute(f"alter database {name} allow_connections true")
    await admin.close()
    assert (await client.get("/health")).status_code == 200
    assert await alice.ok("GET", "/tracks") == []


async def test_a_clock_of_the_database_that_differs_is_logged_at_start_and_shown(
    app: FastAPI, settings: Settings, clock: HandClock, capsys: pytest.CaptureFixture[str]
) -> None:
    assert settings.database_url is not None
    url = settings.database_url.get_secret_value()
    db = await asyncpg.connect(url)
    await db.execute(CLOCK_AHEAD)
    await db.execute(
        f"alter database {await db.fetchval('select current_database()')} set search_path = public, pg_catalog"
    )
    await db.close()
    async with (
        opened_school(app, settings, clock),
        AsyncClient(transport=ASGITransport(app), base_url="http://t") as it,
    ):
        said = (await it.get("/health")).json()
    assert said["status"] == "ok"
    assert said["clock_skew_seconds"] == pytest.approx(300, abs=60)
    assert "the clocks of this machine and of the database differ by" in capsys.readouterr().err


async def test_a_background_task_that_fails_is_shown(
    school: School, client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    has_failed = asyncio.Event()

    async def fail() -> None:
        has_failed.set()
        raise LookupError

    school.services.background.start("unlucky", fail)
    await has_failed.wait()
    await asyncio.sleep(0)
    response = await client.get("/health")
    assert (response.status_code, response.json()) == (200, health("degraded") | {"failing_tasks": ["unlucky"]})
    metrics = (await client.get("/metrics")).text
    assert 'background_task_failures_total{task="unlucky"} 1.0' in metrics
    assert 'background_task_running{task="unlucky"} 0.0' in metrics
    root = await school.person(role="admin")
    assert "1 failing" in await signed_in(school, root).see("/admin")


async def test_metrics_say_how_the_process_is_doing(school: School, client: AsyncClient) -> None:
    metrics = (await client.get("/metrics")).text
    for line in (
        "database_up 1.0",
        "database_read_only 0.0",
        "overdue_seconds 0.0",
        "database_pool_size 10.0",
        "database_pool_in_use 0.0",
        "database_pool_waiting 0.0",
        'sweep_failures_total{sweep="review_start"}',
        "notifications_sent_total",
        "listener_connected",
        'background_task_running{task="listener"}',
    ):
        assert f"\n{line}" in metrics, line


async def test_metrics_count_requests_by_route_and_never_by_path(school: School, client: AsyncClient) -> None:
    alice = await school.person()
    track = await school.track(alice)
    await alice.get(f"/tracks/{track['id']}")
    await client.get("/no/such/secret-path")
    response = await client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain")
    assert 'http_requests_total{method="GET",route="/tracks/{track_id}",status="200"}' in response.text
    assert "http_request_seconds_bucket" in response.text
    assert "websockets_open 0.0" in response.text
    assert "secret-path" not in response.text


async def test_metrics_can_be_closed(app: FastAPI, database_url: str, clock: HandClock) -> None:
    transport = ASGITransport(app)
    async with (
        opened_school(app, test_settings(database_url, metrics="off"), clock),
        AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        response = await client.get("/metrics")
    assert (response.status_code, response.json()["code"]) == (404, "metrics_closed")


async def test_answers_are_neither_guessed_at_framed_nor_kept_for_others(campus: School, stranger: AsyncClient) -> None:
    alice = await campus.person()
    for response in (await alice.get("/me"), await stranger.get("/me"), await stranger.get("/health")):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["x-frame-options"] == "DENY"
        assert response.headers["referrer-policy"] == "same-origin"
        assert response.headers["cache-control"] == "no-store"
        assert "accept" in response.headers["vary"].lower()
        assert "server" not in response.headers
