"""Whatever a program may send by the OpenAPI document, the answer is one the document describes; none is a 5xx."""

import asyncio
import sys
from pathlib import Path

from httpx import AsyncClient

from tests.conftest import NO_LIMITS
from tests.people import track_json
from tests.processes import environment, served

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)
# Signing out would end the session of everything that comes after; failed sign-ins would be too many at the same time.
LEFT_OUT = ("/logout", "/token", "/metrics")
EXAMPLES = "12"
PASSWORD = "correct horse battery"


async def test_schemathesis_finds_no_answer_that_the_document_does_not_describe(
    database_url: str, tmp_path: Path
) -> None:
    unlimited = {name.upper(): value for name, value in NO_LIMITS.items()}
    async with served(cwd=tmp_path, database_url=database_url, **unlimited) as server:
        async with AsyncClient(base_url=server.url) as client:
            token = await _signed_in_author_of_a_running_track(client)
        code, output = await _schemathesis(f"{server.url}/openapi.json", token, cwd=tmp_path)
    assert code == 0, output
    assert " passed" in output, output


async def _signed_in_author_of_a_running_track(client: AsyncClient) -> str:
    """Register two people whose track is running, so that ids from 1 on name something; return the author's token."""
    tokens = []
    for username in ("author", "other"):
        account = {"email": f"{username}@example.com", "username": username, "password": PASSWORD}
        assert (await client.post("/register", json=account)).status_code == 201
        signed_in = await client.post("/token", data={"username": username, "password": PASSWORD})
        tokens.append(signed_in.json()["access_token"])
    bearer = [{"Authorization": f"Bearer {token}"} for token in tokens]
    track = await client.post("/tracks", json=track_json(required_participants=2), headers=bearer[0])
    for header in bearer:
        assert (await client.post(f"/tracks/{track.json()['id']}/enroll", headers=header)).status_code == 201
    return str(tokens[0])


async def _schemathesis(document: str, token: str, *, cwd: Path) -> tuple[int, str]:
    arguments = ["run", document, "--no-color", "--generation-deterministic", "--phases", "examples,coverage,fuzzing"]
    arguments += [
        "--checks",
        ",".join(CHECKS),
        "--max-examples",
        EXAMPLES,
        "--header",
        f"Authorization: Bearer {token}",
    ]
    # How fast a machine makes up data says nothing about the service.
    arguments += ["--suppress-health-check", "too_slow"]
    for path in LEFT_OUT:
        arguments += ["--exclude-path", path]
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("st")),
        *arguments,
        cwd=cwd,
        env=environment({}),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()
