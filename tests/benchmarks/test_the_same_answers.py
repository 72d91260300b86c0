"""What the benchmarks compare the product with gives the same answers; else the comparison means nothing."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr

from benchmarks import plain_fastapi, servers
from benchmarks.data import Size, fill
from benchmarks.load import Request
from benchmarks.reference import Reference
from benchmarks.requests import Endpoint, endpoints
from learning_platform.core.clock import system_clock
from learning_platform.web.services import open_services
from tests.conftest import NO_LIMITS, test_settings

SMALL = Size("small", users=200, tracks=4, participants=50)
ENDPOINTS = endpoints(SMALL)


@pytest.fixture
async def filled(database_url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Fill a database as the benchmarks do."""
    db = await asyncpg.connect(database_url)
    await fill(db, SMALL)
    yield db
    await db.close()


async def answer(app: object, request: Request) -> object:
    headers = {"Authorization": f"Bearer {request.token}", "Content-Type": "application/json"}
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:  # type: ignore[arg-type]
        answered = await client.request(request.method, request.path, content=request.body, headers=headers)
    assert answered.is_success, answered.text
    return answered.json()


async def answers_of_all(
    app: FastAPI, database_url: str, db: "asyncpg.Connection[asyncpg.Record]", endpoint: Endpoint
) -> list[object]:
    """Return what the product, the reference and plain FastAPI answer, each to a school as it was filled."""
    settings = test_settings(database_url, **NO_LIMITS).model_copy(update={"secret_key": SecretStr(servers.KEY)})
    reference, plain = Reference(database_url, servers.KEY), plain_fastapi.application(database_url, servers.KEY)
    async with open_services(settings, system_clock) as app.state.services:
        answers = [await answer(app, endpoint.requests[0])]
    await undo(db, endpoint)
    async with reference.connected():
        answers.append(await answer(reference, endpoint.requests[0]))
    await undo(db, endpoint)
    async with plain.router.lifespan_context(plain):
        answers.append(await answer(plain, endpoint.requests[0]))
    return answers


async def undo(db: "asyncpg.Connection[asyncpg.Record]", endpoint: Endpoint) -> None:
    for statement in endpoint.undo:
        await db.execute(statement)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=[one.name for one in ENDPOINTS])
async def test_the_reference_and_plain_fastapi_answer_as_the_product_does(
    app: FastAPI, database_url: str, filled: "asyncpg.Connection[asyncpg.Record]", endpoint: Endpoint
) -> None:
    ours, reference, plain = await answers_of_all(app, database_url, filled, endpoint)
    if endpoint.undo:
        # Ids and times are new each time, and what is drawn to review is random.
        assert fields(ours) == fields(reference) == fields(plain)
    else:
        assert ours == reference == plain


def fields(answered: object) -> list[str]:
    assert isinstance(answered, dict)
    return sorted(answered)
