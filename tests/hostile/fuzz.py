"""Hostile requests to every route: `python -m tests.hostile.fuzz --requests 1000000`. None may be answered with 5xx."""

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote, unquote, urlencode

import orjson
from pydantic import SecretStr
from starlette.types import Message, Scope

from learning_platform.accounts.sessions import start_session
from learning_platform.core.settings import Settings
from learning_platform.web.app import create_app
from tests.conftest import NO_LIMITS, NOON
from tests.hostile.forms import forms_of
from tests.hostile.values import ANYTHING, BODIES, HEADERS, LINKS, NAMES, NUMBERS, ROWS, TEXTS, TIMES, ZONES
from tests.hostile.world import World, look_up, new_world, restore_people
from tests.people import HandClock, School
from tests.routes import Route, routes_of

# So that what is about mail and other providers of accounts is there.
EVERYTHING: Mapping[str, Any] = {
    "smtp_url": SecretStr("smtp://localhost:1"),
    "github_client_id": "learning-platform",
    "github_client_secret": SecretStr("a secret of the client"),
    **NO_LIMITS,
}
REQUESTS_PER_WORLD = 2000
REQUESTS_PER_REPAIR = 150
SOMETHING: Mapping[str, Sequence[str]] = {
    "due_at": TIMES,
    "time_zone": ZONES,
    "repo_url": LINKS,
    "rows": ROWS,
    "username": NAMES,
    "email": NAMES,
    "q": (*NAMES, "c++", "%", "a" * 200),
    "visibility": ("private", "track"),
    "helpful": ("true", "false"),
    "reason": ("broken", "empty", "know_author", "other"),
    "role": ("user", "author", "admin", "blocked"),
    "status": ("enrolling", "running", "finished", "cancelled"),
    "password": ("hostile password", "correct horse battery"),
    "current_password": ("hostile password",),
    "confirm_password": ("hostile password",),
    "next": ("/tracks", "//evil.example", "/\\evil", "/%0a/x", "http://[::1"),
    "text": ("A thought", "x" * 20_001),
    "limit": ("1", "200", "201"),
}
# What was refused only by the handler of last resort is noted there: an answer of 422 that hides a defect.
LAST_RESORT = logging.getLogger("learning_platform.web.http.error_answers")


@dataclass(slots=True)
class Finding:
    """A request that broke something."""

    request: str
    answer: str

    def __str__(self) -> str:
        return f"{self.answer}: {self.request}"


@dataclass(slots=True)
class Request:
    """One request, as a server hands it over."""

    method: str
    path: str
    query: str
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""

    @property
    def scope(self) -> Scope:
        """Return what an ASGI application gets."""
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "scheme": "http",
            "method": self.method,
            "path": unquote(self.path),
            "raw_path": self.path.encode(),
            "query_string": self.query.encode("latin-1", "replace"),
            "root_path": "",
            "headers": [*self.headers, (b"content-length", str(len(self.body)).encode())],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8000),
            "state": {},
        }

    def __str__(self) -> str:
        headers = {name.decode(): value.decode("latin-1")[:200] for name, value in self.headers}
        return f"{self.method} {self.path[:300]}?{self.query[:300]} {headers} {self.body[:500]!r}"


@dataclass(slots=True)
class Fuzzer:
    """Makes requests out of what routes and forms take, sends them, and keeps what broke."""

    world: World
    routes: Sequence[Route]
    forms: Mapping[Route, Mapping[str, set[str]]]
    random: Random
    findings: list[Finding] = field(default_factory=list)
    asked: set[tuple[Route, str]] = field(default_factory=set)
    statuses: dict[int, int] = field(default_factory=dict)
    last: str = ""

    async def run(self, requests: int) -> None:
        """Send so many requests."""
        listening = logging.Handler()
        listening.emit = self.emit  # type: ignore[method-assign]  # One handler of one logger.
        LAST_RESORT.addHandler(listening)
        try:
            await self._run(requests)
        finally:
            LAST_RESORT.removeHandler(listening)

    async def _run(self, requests: int) -> None:
        for number in range(requests):
            if number % REQUESTS_PER_REPAIR == 0:
                kept = await self._repair()
            route = self.routes[(number + self.random.randrange(2)) % len(self.routes)]
            await self._send(self._request(route, kept))

    def emit(self, record: logging.LogRecord) -> None:
        """Note what was refused by the handler of last resort."""
        self.findings.append(Finding(self.last, record.getMessage()))

    async def _send(self, request: Request) -> None:
        self.last = str(request)
        status, body = 0, [{"type": "http.request", "body": request.body, "more_body": False}]

        async def receive() -> Message:
            return body.pop() if body else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)

        try:
            await self.world.school.app(request.scope, receive, send)
        except Exception as error:
            self.findings.append(Finding(str(request), f"{type(error).__name__}: {str(error)[:300]}"))
            return
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status >= 500 or status == 0:
            self.findings.append(Finding(str(request), str(status)))

    def _request(self, route: Route, kept: Mapping[str, tuple[str, str]]) -> Request:
        person = self.random.choice((*self.world.people, None))
        body, content_type = self._body(route)
        headers = {"host": "test", "accept": route.accept}
        if content_type:
            headers["content-type"] = content_type
        if route.is_page:
            headers["sec-fetch-site"] = "same-origin"
        cookies = dict(self.world.newcomers)
        if person is not None:
            cookies["session"], token = kept[person.username]
            headers["authorization"] = f"Bearer {token}"
        headers["cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        headers |= self._strange_headers(route)
        encoded = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
        method = self.random.choice(("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "x")) if self._is(0.01) else route.method
        return Request(method, self._path(route), self._query(route), encoded, body)

    def _path(self, route: Route) -> str:
        path = route.path
        for parameter in route.parameters("path"):
            known = self.world.ids.get(parameter.alias, [])
            value = self.random.choice(known) if known and self._is(0.9) else self._anything()[:2000]
            path = path.replace(f"{{{parameter.alias}}}", quote(value, safe="", errors="replace"))
        return path + self.random.choice(("/", "//", "?", "%00")) if self._is(0.01) else path

    def _query(self, route: Route) -> str:
        given = {}
        for parameter in route.parameters("query"):
            if self._is(0.6):
                given[parameter.alias] = self._value(parameter.alias)
                self.asked.add((route, f"query {parameter.alias}"))
        if self._is(0.02):
            return self.random.choice(("%", "&&=&", "a=%ED%A0%80", "\xff\xfe", "q=%00", "after=1&after=x", "=" * 500))
        return urlencode({name: value[:5000] for name, value in given.items()}, errors="replace")

    def _strange_headers(self, route: Route) -> dict[str, str]:
        strange = {}
        for name in self.random.sample(list(HEADERS), self.random.choice((0, 0, 0, 1, 1, 2))):
            strange[name] = self.random.choice(HEADERS[name])
            self.asked.add((route, f"header {name}"))
        return strange

    def _body(self, route: Route) -> tuple[bytes, str]:
        if route.method in {"GET", "HEAD"}:
            return b"", ""
        if self._is(0.05):
            return self.random.choice(BODIES), self.random.choice(HEADERS["content-type"])
        if route.is_page or route.path == "/token":
            return self._form(route)
        names = {name for body in route.parameters("body") for name in _names_of(body)}
        written = {name: self._json(name) for name in names if self._is(0.9)}
        return orjson.dumps(written), "application/json"

    def _form(self, route: Route) -> tuple[bytes, str]:
        typed: dict[str, str] = {}
        shown = self.forms.get(route, {})
        declared = {body.alias for body in route.parameters("body")}
        for name in sorted(set(shown) | declared):
            if self._is(0.93):
                known = sorted(shown.get(name, ()))
                typed[name] = self.random.choice(known) if known and self._is(0.5) else self._value(name)
                self.asked.add((route, f"form {name}"))
        if "rows" in typed and self._is(0.7):
            del typed["rows"]
        if self._is(0.05):
            typed[self._anything()[:100]] = self._anything()
        content = urlencode({name: value[:60_000] for name, value in typed.items()}, errors="replace")
        return content.encode(), "application/x-www-form-urlencoded"

    def _json(self, name: str, depth: int = 0) -> Any:
        kind = self.random.random()
        if name in {"criteria", "assignments", "scores"} and kind < 0.8 and depth < 2:
            parts = ("name", "title", "description", "max_score", "duration_hours", "criterion_id", "score", "comment")
            return [{part: self._json(part, depth + 1) for part in parts} for _ in range(self.random.randrange(3))]
        if kind < 0.5:
            return _printable(self._value(name)[:30_000])
        numbers: tuple[Any, ...] = (
            0,
            1,
            -1,
            5,
            10,
            2.5,
            1e300,
            2**53 + 1,
            2**63 - 1,
            True,
            None,
            [],
            {},
            [[]],
            {"a": [1]},
        )
        return self.random.choice(numbers)

    def _value(self, name: str) -> str:
        last = name.rpartition("-")[2]
        if last.endswith(("_id", "_by")) or last in {"after", "before", "up_to", "copy"}:
            ids = self.world.ids.get(last, self.world.ids["assignment_id"])
            return self.random.choice(ids) if self._is(0.7) else self.random.choice(NUMBERS)
        if last in SOMETHING and self._is(0.6):
            return self.random.choice(SOMETHING[last])
        if self._is(0.3):
            return self.random.choice(("5", "10", "48", "A title", "yes", "true"))
        return self._anything()

    def _anything(self) -> str:
        return self.random.choice(TEXTS) if self._is(0.3) else self.random.choice(ANYTHING)

    def _is(self, probability: float) -> bool:
        return self.random.random() < probability

    async def _repair(self) -> dict[str, tuple[str, str]]:
        """Undo what was done to people; return a fresh cookie and token of each, by their names."""
        await restore_people(self.world)
        await look_up(self.world)
        services, now = self.world.school.services, self.world.school.clock.now
        kept = {}
        async with services.database.transaction() as db:
            for person in self.world.people:
                started = await start_session(db, user_id=person.id, lifetime=timedelta(days=30), now=now)
                cookie = services.session_tokens.issue(started.id)
                token = services.tokens.issue(user_id=person.id, session_id=started.id, role=started.role, now=now)
                kept[person.username] = (cookie, token)
        await services.revocations.load()
        return kept


# What pages show differs little from world to world, and looking at every page as every user takes some seconds.
known_forms: dict[Route, dict[str, set[str]]] = {}


async def fuzz(school: School, *, seed: int, requests: int) -> Fuzzer:
    """Send so many requests, in worlds of so many each; return what came of it."""
    routes = routes_of(school.app)
    whole: Fuzzer | None = None
    for start in range(0, requests, REQUESTS_PER_WORLD):
        world = await new_world(school, name=f"w{seed}_{start}")
        if not known_forms:
            known_forms.update(await forms_of(world, routes))
        fuzzer = Fuzzer(world, routes, known_forms, Random(f"{seed} {start}"))
        if whole is not None:
            fuzzer.findings, fuzzer.asked, fuzzer.statuses = whole.findings, whole.asked, whole.statuses
        await fuzzer.run(min(REQUESTS_PER_WORLD, requests - start))
        whole = fuzzer
    assert whole is not None
    return whole


def _names_of(body: Any) -> list[str]:
    fields = getattr(body.field_info.annotation, "model_fields", None)
    return [body.alias] if fields is None else list(fields)


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


async def _main(requests: int, seed: int) -> int:
    with TemporaryDirectory() as folder:
        read_nothing: dict[str, Any] = {"_env_file": None, **EVERYTHING}
        settings = Settings(data_dir=Path(folder), scheduler="off", log_level="error", **read_nothing)
        clock = HandClock(NOON)
        app = create_app(settings, clock)
        async with app.router.lifespan_context(app):
            began = time.perf_counter()
            fuzzer = await fuzz(School(app, clock), seed=seed, requests=requests)
            seconds = time.perf_counter() - began
    for finding in fuzzer.findings[:100]:
        sys.stdout.write(f"{finding}\n")
    sys.stdout.write(f"{requests} requests in {seconds:.0f} s: {dict(sorted(fuzzer.statuses.items()))}\n")
    sys.stdout.write(f"{len(fuzzer.findings)} broke something\n")
    return 1 if fuzzer.findings else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    logging.captureWarnings(True)
    sys.exit(asyncio.run(_main(asked.requests, asked.seed)))
