"""What FastAPI documents works in the real application: it answers as a bare one does, feature by feature."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import pytest
from fastapi import (
    APIRouter,
    BackgroundTasks,
    Body,
    Cookie,
    Depends,
    FastAPI,
    File,
    Form,
    Header,
    Query,
    Request,
    Response,
    UploadFile,
    WebSocket,
)
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import PlainTextResponse, StreamingResponse
from fastapi.routing import APIRoute
from httpx import ASGITransport, AsyncClient
from pydantic import BaseModel, ConfigDict, Field, computed_field, field_serializer
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

ORIGIN = "https://elsewhere.example"
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


class Filter(BaseModel):
    """Parameters of a query, as one model."""

    model_config = ConfigDict(extra="forbid")
    limit: int = Field(10, gt=0)
    words: list[str] = []


class Plain(BaseModel):
    """A response that the prepared writer understands."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str = "unnamed"
    at: datetime | None = None


class Aliased(BaseModel):
    """A field under another name."""

    user_name: str = Field(alias="userName")


class Computed(BaseModel):
    """A field that is worked out."""

    a: int
    b: int

    @computed_field  # type: ignore[prop-decorator]  # As Pydantic documents it.
    @property
    def total(self) -> int:
        """Return the sum."""
        return self.a + self.b


class Serialized(BaseModel):
    """A field with a serializer."""

    at: datetime

    @field_serializer("at")
    def as_year(self, at: datetime) -> int:
        """Return the year only."""
        return at.year


@dataclass
class Row:
    """A value of a handler, with more than the model has."""

    id: int
    name: str
    at: datetime | None
    secret: str = "not for clients"


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


async def no_user_signed_in() -> str:
    """Return a name that a test overrides."""
    return "none"


async def guest(websocket: WebSocket, name: str = "guest") -> str:
    """Return the name of a WebSocket's client."""
    return f"{name} at {websocket.url.path}"


async def in_request(request: Request) -> AsyncIterator[str]:
    """Yield for as long as FastAPI does by default: until the answer was sent."""
    request.app.state.log.append("request begins")
    yield "request"
    request.app.state.log.append("request ends")


async def in_function(request: Request) -> AsyncIterator[str]:
    """Yield until the handler has returned."""
    request.app.state.log.append("function begins")
    yield "function"
    request.app.state.log.append("function ends")


async def listed(tags: Annotated[list[str], Query()]) -> dict[str, list[str]]:
    return {"tags": tags}


async def modelled(asked: Annotated[Filter, Query()]) -> Filter:
    return asked


async def embedded(number: Annotated[int, Body(embed=True)]) -> Row:
    return Row(number, "x", NOON)


async def upload(file: UploadFile, note: Annotated[str, Form()], raw: Annotated[bytes, File()]) -> dict[str, str]:
    return {"name": file.filename or "", "content": (await file.read()).decode(), "note": note, "raw": raw.decode()}


async def aliased() -> Aliased:
    return Aliased(userName="alice")


async def computed() -> Computed:
    return Computed(a=1, b=2)


async def serialized() -> list[Serialized]:
    return [Serialized(at=NOON)]


async def plain() -> Plain:
    return Plain(id=1, at=NOON)


async def dictionary() -> dict[str, Any]:
    return {"id": "7", "more": 1}


def sync(response: Response) -> Row:
    response.headers["X-Set"] = "yes"
    return Row(1, "x", None)


async def answer(response: Response, number: int = 2) -> list[Row]:
    response.status_code = 202
    response.headers["X-Set"] = "yes"
    response.set_cookie("seen", "1")
    return [Row(id, "x", NOON) for id in range(number)]


async def cookies(seen: Annotated[str, Cookie()], x_given: Annotated[str, Header()]) -> dict[str, str]:
    return {"cookie": seen, "header": x_given}


async def yielded(
    request: Request,
    background: BackgroundTasks,
    one: Annotated[str, Depends(in_request)],
    two: Annotated[str, Depends(in_function, scope="function")],
) -> Row:
    background.add_task(request.app.state.log.append, "background")
    request.app.state.log.append("handler")
    return Row(1, f"{one} {two}", None)


async def stream() -> StreamingResponse:
    async def parts() -> AsyncIterator[bytes]:
        for number in range(3):
            yield b"%d," % number

    return StreamingResponse(parts(), media_type="text/csv")


async def response_itself() -> Response:
    return PlainTextResponse("as it is", headers={"X-Set": "yes"})


async def overridden(name: Annotated[str, Depends(no_user_signed_in)]) -> dict[str, str]:
    return {"name": name}


async def either(name: str) -> dict[str, str]:
    return {"name": name}


async def number_of(name: str, number: int) -> dict[str, int]:
    return {name: number}


async def nothing() -> None:
    return None


async def inside(request: Request) -> dict[str, str]:
    return {"root": request.scope["root_path"]}


async def socket(websocket: WebSocket, name: Annotated[str, Depends(guest)]) -> None:
    await websocket.accept()
    await websocket.send_text(f"{name}: {await websocket.receive_text()}")
    await websocket.close()


ROUTES: list[tuple[str, Callable[..., Any], dict[str, Any]]] = [
    ("GET /list", listed, {"response_model": dict[str, list[str]]}),
    ("GET /model", modelled, {"response_model": Filter}),
    ("POST /embedded", embedded, {"response_model": Plain, "status_code": 201}),
    ("POST /upload", upload, {"response_model": dict[str, str]}),
    ("GET /alias", aliased, {"response_model": Aliased}),
    ("GET /computed", computed, {"response_model": Computed}),
    ("GET /serialized", serialized, {"response_model": list[Serialized]}),
    ("GET /without-defaults", plain, {"response_model": Plain, "response_model_exclude_defaults": True}),
    ("GET /annotated", plain, {}),
    ("GET /dictionary", dictionary, {"response_model": Plain}),
    ("GET /sync", sync, {"response_model": Plain}),
    ("GET /answer", answer, {"response_model": list[Plain]}),
    ("GET /cookies", cookies, {"response_model": dict[str, str]}),
    ("GET /yield", yielded, {"response_model": Plain}),
    ("GET /stream", stream, {"response_model": None}),
    ("GET /response", response_itself, {"response_model": Plain}),
    ("GET /overridden", overridden, {"response_model": dict[str, str]}),
    ("GET /either/{name}", either, {"response_model": dict[str, str]}),
    ("GET /either/{name}/number/{number}", number_of, {"response_model": dict[str, int]}),
    ("DELETE /nothing", nothing, {"status_code": 204, "response_model": None}),
]
# What `/model` returns forbids what it does not name: a setting that the writer leaves to Pydantic.
PREPARED = {
    *("/list", "/embedded", "/upload", "/dictionary", "/answer", "/cookies", "/yield", "/response"),
    *("/overridden", "/either/{name}", "/either/{name}/number/{number}"),
}


def parity_router(route_class: type[APIRoute]) -> APIRouter:
    """Return routes that use one feature each."""
    router = APIRouter(prefix="/parity", route_class=route_class)
    for route, endpoint, options in ROUTES:
        method, _, path = route.partition(" ")
        router.add_api_route(path, endpoint, methods=[method], **options)
    router.add_api_websocket_route("/socket", socket)
    return router


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


async def test_a_preflight_is_answered_for_the_project_s_routes_too(sides: Sides) -> None:
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
    heard = []
    for side in (sides.real, sides.bare):
        async with serving(side.app) as server:
            address = f"ws://127.0.0.1:{server.port}/parity/socket?name=alice"
            async with connect(address, compression=None) as socket:
                await socket.send("hello")
                heard.append(await socket.recv())
    assert heard == ["alice at /parity/socket: hello"] * 2


def test_only_what_it_understands_is_written_by_the_prepared_writer() -> None:
    routes = [route for route in parity_router(ApiRoute).routes if isinstance(route, ApiRoute)]
    assert {route.path.removeprefix("/parity") for route in routes if route.is_prepared} == PREPARED
