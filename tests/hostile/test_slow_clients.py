"""Clients that send a little and wait delay no other: neither with the body of any route, nor with a header."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
import uvicorn
from httpx import AsyncClient
from starlette.types import Message, Receive, Scope

from learning_platform.core.settings import Settings
from learning_platform.web.app import create_app
from learning_platform.web.connections import MAX_HEADER_BYTES, HttpConnection
from learning_platform.web.http.request_body import MAX_BODY_BYTES, STREAMED, WholeBodyMiddleware
from tests.conftest import NOON, test_settings
from tests.people import HandClock, Person, School
from tests.routes import JSON, PAGE, WRITING, Route, routes_of
from tests.waiting import until

FORM = b"application/x-www-form-urlencoded"
SMALL_POOL = 2
# Far more than an answer takes; a client that holds a connection would hold it for as long as the test runs.
PATIENCE_SECONDS = 30.0
CONTEXT = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "root_path": ""}


class Impatient(HttpConnection):
    """Gives a client little time for its header."""

    header_timeout_seconds = 0.3


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Return settings with hardly any connections."""
    return test_settings(database_url, database_pool_size=SMALL_POOL)


@pytest.fixture
async def small_school(settings: Settings) -> AsyncIterator[School]:
    """Open an application of its own, with hardly any connections."""
    clock = HandClock(NOON)
    app = create_app(settings, clock)
    async with app.router.lifespan_context(app):
        yield School(app, clock)


def scope_of(route: Route, person: Person, school: School, *, length: int = 1000) -> Scope:
    """Return the beginning of a request of a signed-in user."""
    path = route.path
    for parameter in route.parameters("path"):
        path = path.replace(f"{{{parameter.alias}}}", "1")
    cookie = school.services.session_tokens.issue(person.session_id)
    headers = [
        (b"host", b"test"),
        (b"accept", route.accept.encode()),
        (b"content-type", FORM if route.is_page or route.path == "/token" else b"application/json"),
        (b"content-length", str(length).encode()),
        (b"authorization", f"Bearer {person.token}".encode()),
        (b"cookie", f"session={cookie}".encode()),
    ]
    raw = path.encode()
    return {**CONTEXT, "method": route.method, "path": path, "raw_path": raw, "query_string": b"", "headers": headers}


def is_streamed(route: Route) -> bool:
    """Say whether the handler reads the body itself, and may answer before it is whole."""
    return any(pattern.fullmatch(route.path.replace("{assignment_id}", "1")) for pattern in STREAMED)


def read_whole(school: School) -> list[Route]:
    """Return the routes that write whose bodies are read before their handlers begin; others go to files."""
    return [route for route in routes_of(school.app) if route.method in WRITING and not is_streamed(route)]


def stalled(*pieces: bytes) -> Receive:
    """Return the far end of a connection whose client sends these pieces, and then nothing."""
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]

    async def receive() -> Message:
        if messages:
            return messages.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    return receive


class Answer:
    """What was sent back."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.body = b""

    async def send(self, message: Message) -> None:
        """Note a part of the answer."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        else:
            self.body += message["body"]


async def test_a_stalled_body_of_any_route_delays_no_other_client(small_school: School) -> None:
    alice = await small_school.person("alice")
    routes = read_whole(small_school)
    assert len(routes) > 60
    answers = [Answer() for _ in routes]
    stuck = [
        asyncio.create_task(small_school.app(scope_of(route, alice, small_school), stalled(b"tit"), answer.send))
        for route, answer in zip(routes, answers, strict=True)
    ]
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert (await alice.get("/me")).status_code == 200
            assert (await alice.get("/health")).status_code == 200
            await small_school.track(alice)
        finished = [str(route) for route, task in zip(routes, stuck, strict=True) if task.done()]
        assert not finished, "answered before the body was whole"
    finally:
        for task in stuck:
            task.cancel()
        await asyncio.gather(*stuck, return_exceptions=True)


async def test_a_stalled_body_is_refused_in_time_on_any_route(school: School) -> None:
    alice = await school.person("alice")
    impatient = WholeBodyMiddleware(school.app, max_seconds=0.01)
    for route in read_whole(school):
        answer = Answer()
        scope = {**scope_of(route, alice, school), "app": school.app}
        await impatient(scope, stalled(b"tit"), answer.send)
        assert (answer.status, answer.headers[b"connection"]) == (408, b"close"), route
        if route.is_page:
            assert b"<h1" in answer.body, route
        else:
            assert b'"request_timeout"' in answer.body, route


async def test_stalled_archives_hold_no_connection_and_are_refused_in_time(small_school: School) -> None:
    people = await small_school.people(SMALL_POOL + 1)
    first, _ = await small_school.assignment_ids(people[0], await small_school.running_track(people[0], people))
    path = f"/assignments/{first}/submit/archive"
    impatient = WholeBodyMiddleware(small_school.app, streamed={re.compile(re.escape(path)): (1000, 1.0)})
    route = next(each for each in routes_of(small_school.app) if each.path.endswith("/archive") and not each.is_page)
    answers = [Answer() for _ in people]
    begun = stalled(b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\nPK')
    stuck = []
    for person, answer in zip(people, answers, strict=True):
        scope = {**scope_of(route, person, small_school), "app": small_school.app, "path": path}
        headers = [(name, value) for name, value in scope["headers"] if name != b"content-type"]
        scope["headers"] = [*headers, (b"content-type", b"multipart/form-data; boundary=x")]
        stuck.append(asyncio.create_task(impatient(scope, begun, answer.send)))
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert (await people[0].get("/health")).status_code == 200
        await small_school.track(people[0])
        await asyncio.gather(*stuck)
    for answer in answers:
        assert (answer.status, answer.headers[b"connection"]) == (408, b"close")
        assert b'"request_timeout"' in answer.body


@pytest.mark.parametrize("accept", [PAGE, JSON])
async def test_a_body_that_says_itself_too_large_is_not_waited_for(school: School, accept: str) -> None:
    alice = await school.person("alice")
    route = next(each for each in routes_of(school.app) if each.method == "POST" and each.accept == accept)
    answer = Answer()
    await school.app(scope_of(route, alice, school, length=MAX_BODY_BYTES + 1), stalled(), answer.send)
    assert (answer.status, answer.headers[b"connection"]) == (413, b"close")


@asynccontextmanager
async def listening(school: School) -> AsyncIterator[int]:
    """Serve an opened school by the server of production; yield the port."""
    config = uvicorn.Config(school.app, port=0, http=Impatient, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


@asynccontextmanager
async def connected(school: School) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Connect to a server of its own; yield what comes and what goes."""
    async with listening(school) as port, asyncio.timeout(PATIENCE_SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        yield reader, writer
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


@pytest.mark.parametrize(
    "sent",
    [b"", b"G", b"GET /me HTTP/1.1\r\nHost: x\r\nX-Half: ", b"\r\n\r\n", b"GET /health HTTP/1.1\r\nHost: x\r\n\r\nG"],
    ids=["nothing", "one byte", "half a header", "blank lines", "a second request"],
)
async def test_a_header_that_does_not_come_ends_the_connection(school: School, sent: bytes) -> None:
    async with connected(school) as (reader, writer):
        writer.write(sent)
        answered = await read_to_the_end(reader)
        assert answered.startswith(b"HTTP/1.1 200" if b"health" in sent else b""), answered


async def test_a_connection_cannot_be_kept_by_blank_lines(school: School) -> None:
    async with connected(school) as (reader, writer):
        ended = asyncio.create_task(read_to_the_end(reader))
        while not ended.done():
            writer.write(b"\r\n")
            await asyncio.sleep(0.05)


async def test_a_header_without_end_ends_the_connection(school: School) -> None:
    async with connected(school) as (reader, writer):
        writer.write(b"GET /me HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * (2 * MAX_HEADER_BYTES))
        await read_to_the_end(reader)


async def test_a_connection_serves_several_requests_and_bodies_in_pieces(school: School) -> None:
    async with listening(school) as port, AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:

        async def in_pieces() -> AsyncIterator[bytes]:
            # Longer than a header may take.
            for piece in (b'{"email": "a@example.com", ', b'"username": "ab", ', b'"password": "12345678"}'):
                yield piece
                await asyncio.sleep(Impatient.header_timeout_seconds / 2)

        headers = {"Content-Type": "application/json"}
        assert (await client.get("/health")).status_code == 200
        assert (await client.post("/register", content=in_pieces(), headers=headers)).status_code == 422
        assert (await client.get("/health")).status_code == 200


async def read_to_the_end(reader: asyncio.StreamReader) -> bytes:
    """Return everything that comes until the other side ends the connection, politely or not."""
    received = b""
    try:
        while piece := await reader.read(65_536):
            received += piece
    except ConnectionResetError:
        pass
    return received
