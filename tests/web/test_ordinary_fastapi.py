"""What FastAPI documents works in the real application: it answers as a bare one does, feature by feature."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute
from httpx import ASGITransport, AsyncClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from websockets.asyncio.client import connect

from learning_platform.accounts.tokens import Identity
from learning_platform.core.settings import Settings
from learning_platform.web.app import create_app
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import signed_in_user
from tests.conftest import opened_school
from tests.people import HandClock, School
from tests.web.api.live import serving
from tests.web.parity_routes import PREPARED, inside, no_user_signed_in, parity_router

ORIGIN = "https://elsewhere.example"


class Tagging:
    """An ordinary middleware."""

    def __init__(self, app: ASGIApp, tag: str) -> None:
        self.app = app
        self.tag = tag

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, and put a header on the answer."""

        async def tagged(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-tag", self.tag.encode())]
            await send(message)

        await self.app(scope, receive, tagged)


def furnish(app: FastAPI, route_class: type[APIRoute]) -> None:
    """Add everything to an application, in the way the documentation says."""
    app.state.log = []
    app.include_router(parity_router(route_class))
    app.add_middleware(CORSMiddleware, allow_origins=[ORIGIN], allow_methods=["*"], expose_headers=["X-Set"])
    app.add_middleware(Tagging, tag="ours")
    mounted = FastAPI(openapi_url=None)
    mounted.add_api_route("/inside", inside)
    app.mount("/mounted", mounted)
    app.dependency_overrides[no_user_signed_in] = lambda: "overridden"


REQUESTS: dict[str, dict[str, Any]] = {
    "GET /parity/list?tags=a&tags=b": {},
    "GET /parity/model?limit=3&words=a&words=b": {},
    "POST /parity/embedded": {"json": {"number": 5}},
    "POST /parity/upload": {"files": {"file": ("a.txt", b"content"), "raw": b"bytes"}, "data": {"note": "n"}},
    "GET /parity/alias": {},
    "GET /parity/computed": {},
    "GET /parity/serialized": {},
    "GET /parity/without-defaults": {},
    "GET /parity/annotated": {},
    "GET /parity/dictionary": {},
    "GET /parity/sync": {},
    "GET /parity/answer?number=3": {},
    "GET /parity/cookies": {"headers": {"Cookie": "seen=1", "X-Given": "g"}},
    "GET /parity/yield": {},
    "GET /parity/stream": {},
    "GET /parity/response": {},
    "GET /parity/overridden": {},
    "GET /parity/either/12": {},
    "GET /parity/either/word": {},
    "GET /parity/either/word/number/12": {},
    "DELETE /parity/nothing": {},
    "GET /mounted/inside": {},
}
REFUSED: dict[str, dict[str, Any]] = {
    "GET /parity/list": {},
    "GET /parity/model?limit=0": {},
    "GET /parity/model?other=1": {},
    "POST /parity/embedded": {"json": 5},
    "POST /parity/upload": {"data": {"note": "n"}},
    "GET /parity/either/word/number/x": {},
    "POST /parity/list": {},
    "OPTIONS /parity/list": {},
    "GET /parity/nowhere": {},
}


@dataclass
class Side:
    """An application that was furnished, and a client of it."""

    app: FastAPI
    client: AsyncClient

    async def ask(self, request: str, **options: Any) -> Any:
        """Return the answer to a request."""
        method, _, path = request.partition(" ")
        return await self.client.request(method, path, **options)


@dataclass
class Sides:
    """The real application and a bare one."""

    real: Side
    bare: Side
    school: School


@asynccontextmanager
async def furnished(app: FastAPI, route_class: type[APIRoute]) -> AsyncIterator[Side]:
    furnish(app, route_class)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        yield Side(app, client)


@pytest.fixture
async def sides(settings: Settings, clock: HandClock) -> AsyncIterator[Sides]:
    """Yield both applications, the real one open."""
    app, bare = create_app(settings, clock), FastAPI(docs_url=None, redoc_url=None)
    async with (
        opened_school(app, settings, clock) as school,
        furnished(app, ApiRoute) as real,
        furnished(bare, APIRoute) as other,
    ):
        yield Sides(real, other, school)


@pytest.mark.parametrize("request_", REQUESTS)
async def test_what_is_asked_for_is_answered_alike(sides: Sides, request_: str) -> None:
    options = REQUESTS[request_]
    for headers in ({}, {"Origin": ORIGIN}):
        sent = {**options, "headers": {**options.get("headers", {}), **headers}}
        real, bare = await sides.real.ask(request_, **sent), await sides.bare.ask(request_, **sent)
        assert bare.is_success, bare.text
        assert (real.status_code, real.content) == (bare.status_code, bare.content)
        assert {name: real.headers.get(name) for name in bare.headers if name != "vary"} == {
            name: value for name, value in bare.headers.items() if name != "vary"
        }
        assert real.headers["x-tag"] == "ours"
    assert sides.real.app.state.log == sides.bare.app.state.log


@pytest.mark.parametrize("request_", REFUSED)
async def test_what_is_refused_is_refused_alike(sides: Sides, request_: str) -> None:
    real = await sides.real.ask(request_, **REFUSED[request_])
    bare = await sides.bare.ask(request_, **REFUSED[request_])
    assert real.status_code == bare.status_code >= 400
    assert real.headers.get("allow") == bare.headers.get("allow")
    assert real.headers["x-tag"] == "ours"


async def test_a_preflight_is_answered_for_existing_routes_too(sides: Sides) -> None:
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "PATCH"}
    for accept in ("application/json", "text/html"):
        answer = await sides.real.ask("OPTIONS /me", headers={**asked, "Accept": accept})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, ORIGIN)


async def test_middleware_added_later_is_around_the_api_the_pages_and_every_refusal(sides: Sides) -> None:
    for accept in ("application/json", "text/html"):
        for path in ("/me", "/tracks", "/nowhere", "/health", "/static/x/y.js"):
            answer = await sides.real.ask(f"GET {path}", headers={"Accept": accept, "Origin": ORIGIN})
            assert answer.headers["x-tag"] == "ours", path
            assert answer.headers["access-control-allow-origin"] == ORIGIN, path


async def test_a_dependency_of_an_existing_route_can_be_overridden(sides: Sides) -> None:
    person = await sides.school.person("alice")
    me = Identity(person.id, person.session_id, "user", sides.school.clock.now.timestamp() + 60)
    assert (await sides.real.ask("GET /me")).status_code == 401
    sides.real.app.dependency_overrides = {signed_in_user: lambda: me}
    assert (await sides.real.ask("GET /me")).json()["username"] == "alice"


async def test_head_is_answered_like_get_without_the_content(sides: Sides) -> None:
    got, asked = await sides.real.ask("GET /parity/alias"), await sides.real.ask("HEAD /parity/alias")
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers == got.headers


async def test_a_dependency_of_a_websocket_is_solved(sides: Sides) -> None:
    received = []
    for side in (sides.real, sides.bare):
        async with serving(side.app) as server:
            address = f"ws://127.0.0.1:{server.port}/parity/socket?name=alice"
            async with connect(address, compression=None) as socket:
                await socket.send("hello")
                received.append(await socket.recv())
    assert received == ["alice at /parity/socket: hello"] * 2


def test_only_what_it_understands_is_written_by_the_prepared_writer() -> None:
    routes = [route for route in parity_router(ApiRoute).routes if isinstance(route, ApiRoute)]
    assert {route.path.removeprefix("/parity") for route in routes if route.is_prepared} == PREPARED
