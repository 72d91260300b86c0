"""A school to test in: people who are signed in, tracks, and a clock moved by hand.

Everything goes through HTTP, except creating accounts: hashing a password takes 20 ms, and the tests
that are about passwords do it themselves.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from json import loads
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from httpx import ASGITransport, AsyncClient, Request, Response
from pydantic import TypeAdapter

from learning_platform.accounts.actions import register, set_role
from learning_platform.accounts.sessions import open_session
from learning_platform.accounts.tokens import Identity, Role
from learning_platform.core.languages import Language
from learning_platform.web.app import API_ROUTERS
from learning_platform.web.services import Services

Json = Any


@cache
def schema_of(response_model: Any) -> TypeAdapter[Any]:
    """Return what reads and writes answers as their response model says."""
    return TypeAdapter(response_model)


def response_model_of(method: str, path: str) -> Any:
    """Return the response model of the API's route that answers a request, or None."""
    for router in API_ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute) and method in (route.methods or ()) and route.path_regex.fullmatch(path):
                return route.response_model
    return None


class HandClock:
    """Stands still until moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the time the clock shows."""
        return self.now

    def advance(self, **by: float) -> datetime:
        """Move on by a timedelta's arguments; return the new time."""
        self.now += timedelta(**by)
        return self.now


class Person(AsyncClient):
    """A signed-in user: an HTTP client that always has a token which has not expired."""

    def __init__(self, school: "School", identity: Identity, *, username: str, language: Language) -> None:
        super().__init__(
            transport=ASGITransport(school.app),
            base_url="http://test",
            headers={"Accept-Language": language},
            auth=self._with_token,
            event_hooks={"response": [self._hold_to_its_schema]},
        )
        self.id = identity.user_id
        self.username = username
        self._identity = identity
        self._school = school

    @property
    def session_id(self) -> int:
        """Return the session they signed in with."""
        return self._identity.session_id

    @property
    def token(self) -> str:
        """Return an access token issued just now."""
        return self._school.services.tokens.issue(
            user_id=self.id,
            session_id=self._identity.session_id,
            role=self._identity.role,
            now=self._school.clock.now,
        )

    def _with_token(self, request: Request) -> Request:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request

    async def _hold_to_its_schema(self, response: Response) -> None:
        """Every answer of every test: nothing more, nothing less and nothing else than its response model says."""
        response_model = response_model_of(response.request.method, response.request.url.path)
        is_json = response.headers.get("content-type") == "application/json"
        if response.is_success and is_json and response_model is not None:
            model = schema_of(response_model)
            content = await response.aread()
            assert loads(model.dump_json(model.validate_json(content, strict=True))) == loads(content)

    async def ok(self, method: str, path: str, status: int = 200, **arguments: Any) -> Json:
        """Send a request that must succeed with `status`; return its JSON (None for 204)."""
        response = await self.request(method, path, **arguments)
        assert response.status_code == status, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    async def refused(self, method: str, path: str, status: int, code: str, **arguments: Any) -> Json:
        """Send a request that must be refused with `status` and `code`; return the problem."""
        response = await self.request(method, path, **arguments)
        problem = response.json()
        assert (response.status_code, problem["code"]) == (status, code), f"{method} {path}: {response.text}"
        return problem

    async def submit(self, assignment_id: int, repo_url: str = "https://git.example/a/b") -> Response:
        """Hand in a link."""
        return await self.post(f"/assignments/{assignment_id}/submit", json={"repo_url": repo_url})

    async def claim(self, assignment_id: int, *, volunteer: bool = False) -> Response:
        """Ask for something to review."""
        return await self.get(f"/assignments/{assignment_id}/review/submission", params={"volunteer": volunteer})

    async def review(self, work: Json, score: int | None = None, comment: str = "because") -> Response:
        """Review claimed work: every criterion gets `score`, or full marks."""
        scores = [
            {"criterion_id": criterion["id"], "score": criterion["max_score"] if score is None else score}
            for criterion in work["criteria"]
        ]
        return await self.post(
            f"/submissions/{work['submission_id']}/review", json={"scores": scores, "comment": comment}
        )

    async def review_all(self, assignment_id: int) -> int:
        """Do every review owed; return how many that were."""
        for done in count():
            work = await self.claim(assignment_id)
            if work.status_code == 404:
                return done
            assert work.status_code == 200, work.text
            assert (await self.review(work.json())).status_code == 201
        raise AssertionError

    async def notification_types(self) -> list[str]:
        """Return the types of everything in the inbox, oldest first."""
        return [each["type"] for each in await self.ok("GET", "/notifications", params={"limit": 200})]


class School:
    """The application with its clock, and ways to fill it."""

    def __init__(self, app: FastAPI, clock: HandClock) -> None:
        self.app = app
        self.clock = clock
        self._numbers = count(1)

    @property
    def services(self) -> Services:
        """Return what the process holds."""
        services: Services = self.app.state.services
        return services

    async def person(self, username: str = "", *, role: Role = "user", language: Language = "en") -> Person:
        """Create an account and sign it in."""
        username = username or f"person_{next(self._numbers)}"
        async with self.services.database.transaction() as db:
            user = await register(
                db,
                email=f"{username}@example.com",
                username=username,
                password_hash="not a hash",
                locale=language,
                now=self.clock.now,
            )
            if role != "user":
                await set_role(db, username=username, role=role, now=self.clock.now)
            pair = await open_session(
                db,
                user_id=user.id,
                tokens=self.services.tokens,
                refresh_lifetime=timedelta(days=30),
                now=self.clock.now,
            )
        identity = self.services.tokens.read(pair.access_token, self.clock.now)
        return Person(self, identity, username=username, language=language)

    async def people(self, number: int) -> list[Person]:
        """Create several accounts."""
        return [await self.person() for _ in range(number)]

    async def sweep(self) -> None:
        """Handle everything that is due by the clock."""
        await self.services.scheduler.sweeper.run_due()

    async def advance(self, **by: float) -> None:
        """Move the clock on and handle what falls due."""
        self.clock.advance(**by)
        await self.sweep()

    async def track(self, author: Person, **changes: Any) -> Json:
        """Create a track of two assignments of ten hours each, ten hours of review, two criteria; five places."""
        return await author.ok("POST", "/tracks", 201, json=track_json(**changes))

    async def hand_over(self, track_id: int, author: Person) -> None:
        """Make a user who takes no part the author of a track: a participant cannot be its author."""
        async with self.services.database.transaction() as db:
            await db.execute("update tracks set author_id = $2 where id = $1", track_id, author.id)

    async def running_track(self, author: Person, participants: Sequence[Person], **changes: Any) -> Json:
        """Create a track and let all of these people enroll, so that it starts."""
        track = await self.track(author, required_participants=len(participants), **changes)
        for participant in participants:
            await participant.ok("POST", f"/tracks/{track['id']}/enroll", 201)
        return await author.ok("GET", f"/tracks/{track['id']}")

    async def assignment_ids(self, reader: Person, track: Json) -> list[int]:
        """Return the ids of a track's assignments in order."""
        assignments = await reader.ok("GET", f"/tracks/{track['id']}/assignments")
        return [assignment["id"] for assignment in assignments]


def track_json(**changes: Any) -> Json:
    """Return the JSON of a new track."""
    return {
        "title": "Python basics",
        "description": "From zero to a command-line program",
        "required_participants": 5,
        "review_hours": 10,
        "criteria": [
            {"name": "Correctness", "description": "It does what was asked for", "max_score": 10},
            {"name": "Readability", "description": "", "max_score": 5},
        ],
        "assignments": [
            {"title": "Hello", "description": "Print it", "duration_hours": 10},
            {"title": "Goodbye", "description": "Print that", "duration_hours": 10},
        ],
        **changes,
    }
