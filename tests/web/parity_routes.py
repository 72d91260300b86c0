"""Routes that use one feature of FastAPI each, in the way its documentation says."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import (
    APIRouter,
    BackgroundTasks,
    Body,
    Cookie,
    Depends,
    File,
    Form,
    Header,
    Query,
    Request,
    Response,
    UploadFile,
    WebSocket,
)
from fastapi.responses import PlainTextResponse, StreamingResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field, computed_field, field_serializer

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
