"""The command line and the settings, as an operator meets them."""

import asyncio
import socket
from pathlib import Path

import pytest
from httpx import AsyncClient

from learning_platform.core.settings import PROJECT
from tests.journeys.visitors import PASSWORD, listening, sign_in, visitor
from tests.processes import command, free_port, served

pytestmark = pytest.mark.anyio
# Any address will do where nothing is to be reached.
DATABASE_URL = "postgresql://user:top-secret@127.0.0.1:1/nowhere"
UNSAFE = [
    (
        {"environment": "production", "public_url": "https://x.example", "secret_key": ""},
        "SECRET_KEY must be set when ENVIRONMENT=production",
    ),
    ({"environment": "production", "public_url": "http://x.example"}, "PUBLIC_URL must begin with https://"),
    (
        {"environment": "production", "public_url": "https://x.example", "database_url": ""},
        "DATABASE_URL must be set when ENVIRONMENT=production",
    ),
    (
        {"environment": "production", "public_url": "https://x.example", "secret_key": "x" * 40},
        "SECRET_KEY is too easy to guess",
    ),
    ({"secret_key": "short"}, "SECRET_KEY must have at least 32 characters"),
    ({"database_url": "mysql://root:top-secret@host/name"}, "DATABASE_URL must look like postgresql://"),
    ({"scheduler": "sometimes"}, "SCHEDULER: Input should be 'on' or 'off'"),
    ({"public_url": "https://x.example/school"}, "PUBLIC_URL must look like https://learn.example.org, without a path"),
    (
        {"scheduler_metrics": "127.0.0.1:99999"},
        "SCHEDULER_METRICS must look like 127.0.0.1:9101, with a port from 1 to",
    ),
    ({"scheduler_metrics": "9101"}, "SCHEDULER_METRICS must look like 127.0.0.1:9101, with a port from 1 to 65535"),
    ({"limit_tracks": "many"}, "LIMIT_TRACKS: must look like 20/hour"),
    ({"limit_letters": "many"}, "LIMIT_EMAILS: must look like 20/hour"),
]


@pytest.mark.parametrize(("settings", "said"), UNSAFE, ids=[said for _, said in UNSAFE])
async def test_settings_that_will_not_do_are_refused_in_one_line(
    settings: dict[str, str], said: str, tmp_path: Path
) -> None:
    chosen = {"database_url": DATABASE_URL, **settings}
    async with command("learning_platform", "serve", cwd=tmp_path, **chosen) as process:
        assert await process.ends() == 2
        assert said in process.output
        assert process.output.count("\n") == 1
        assert "top-secret" not in process.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--port", "99999"), "99999 is not a port from 1 to 65535"),
        (("--port", "http"), "http is not a port"),
        (("--workers", "0"), "0 is not a number of processes"),
    ],
)
async def test_a_wrong_argument_is_explained(arguments: tuple[str, str], said: str, tmp_path: Path) -> None:
    async with command("learning_platform", "serve", *arguments, cwd=tmp_path) as process:
        assert await process.ends() == 2
        assert said in process.output
        assert "Traceback" not in process.output


async def test_a_scheduler_says_that_it_cannot_publish_its_metrics(database_url: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        settings = {"database_url": database_url, "scheduler_metrics": address}
        async with command("learning_platform", "scheduler", cwd=tmp_path, **settings) as process:
            assert await process.ends() == 2
            assert process.output.startswith(f"Cannot publish metrics on SCHEDULER_METRICS ({address}): ")
            assert process.output.count("\n") == 1


async def test_the_seeds_way_refuses_them_too_and_shows_no_secret(tmp_path: Path) -> None:
    unsafe = {"environment": "production", "secret_key": "not-long-enough", "database_url": DATABASE_URL}
    async with command("uvicorn", "app:app", "--app-dir", str(PROJECT), cwd=tmp_path, **unsafe) as process:
        assert await process.ends() != 0
        assert "SECRET_KEY must have at least 32 characters" in process.output
        assert "not-long-enough" not in process.output
        assert "top-secret" not in process.output


async def test_the_seeds_way_takes_the_address_of_the_database_from_a_file(database_url: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"DATABASE_URL={database_url}\nSCHEDULER=off\n")
    port = free_port()
    arguments = ("uvicorn", "app:app", "--app-dir", str(PROJECT), "--port", str(port))
    async with command(*arguments, cwd=tmp_path) as process:
        await process.says("Uvicorn running on")
        async with AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            account = {"email": "alice@example.com", "username": "alice", "password": PASSWORD}
            assert (await client.post("/register", json=account)).status_code == 201

    async with served(cwd=tmp_path, database_url=database_url) as same, AsyncClient(base_url=same.url) as client:
        assert await sign_in(client, "alice")


async def test_links_lead_to_the_port_that_was_asked_for(database_url: str, tmp_path: Path) -> None:
    async with served(cwd=tmp_path, database_url=database_url) as web, visitor(web) as person:
        link = (await person.ok("POST", "/me/calendar-link"))["url"]
        assert link.startswith(f"http://localhost:{web.port}/calendar.ics?key=")


async def test_a_new_administrator_is_one_from_the_next_sign_in(database_url: str, tmp_path: Path) -> None:
    async with served(cwd=tmp_path, database_url=database_url) as web, visitor(web, "alice") as alice:
        async with command("learning_platform", "make-admin", "Alice", cwd=tmp_path, database_url=database_url) as it:
            assert await it.ends() == 0
        async with asyncio.timeout(10):
            while (await alice.get("/me")).is_success:  # noqa: ASYNC110 - the old token ends when the server has heard
                await asyncio.sleep(0.01)

        alice.headers["Authorization"] = f"Bearer {await sign_in(alice, 'alice')}"

        assert (await alice.ok("GET", "/me"))["role"] == "admin"


async def test_a_wrong_name_makes_no_administrator(database_url: str, tmp_path: Path) -> None:
    async with command("learning_platform", "make-admin", "unknown", cwd=tmp_path, database_url=database_url) as it:
        assert await it.ends() == 1
        assert it.output == "User unknown not found.\n"


async def test_no_secret_gets_into_the_most_talkative_log(database_url: str, tmp_path: Path) -> None:
    async with served(cwd=tmp_path, database_url=database_url, log_level="debug") as web, visitor(web) as person:
        pair = (await person.post("/token", data={"username": person.username, "password": PASSWORD})).json()
        fresh = await person.ok("POST", "/token/refresh", json={"refresh_token": pair["refresh_token"]})
        await person.post("/token/refresh", json={"refresh_token": pair["refresh_token"]})
        await person.post("/token", data={"username": person.username, "password": "wrong password"})
        await person.get("/tracks", params={"token": person.token})
        async with listening(web, person.token):
            pass
        await web.process.stop()

    said = web.process.output
    assert "/ws/…" in said
    assert "POST /token " in said
    secrets = [pair["access_token"], pair["refresh_token"], fresh["access_token"], fresh["refresh_token"]]
    for secret in (person.token, *secrets, PASSWORD, "wrong password", "@example.com"):
        assert secret not in said
