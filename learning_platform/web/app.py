"""Assembly: routers, error handlers, what lives as long as the process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.resources import files

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from fastapi.telemetry import TelemetryConfig

from learning_platform.core.clock import Clock, system_clock
from learning_platform.core.logs import configure_logging
from learning_platform.core.settings import Settings
from learning_platform.core.start import CannotStart, leave
from learning_platform.web import git_clones, git_http, search_engines
from learning_platform.web.api import (
    accounts,
    archives,
    attempts,
    calendars,
    certificates,
    code,
    cohorts,
    diary,
    email_changes,
    groups,
    hand_in_tokens,
    hidden_terms,
    invitations,
    notifications,
    operations,
    oversight,
    people,
    profiles,
    publishing,
    question_moderation,
    questions,
    results,
    reviews,
    sessions,
    starters,
    starting,
    threads,
    track_files,
    track_lists,
    tracks,
    waiting_list,
)
from learning_platform.web.connections import HeaderLimitMiddleware
from learning_platform.web.error_handlers import install_error_handlers
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.middleware import MetricsAndHeaders
from learning_platform.web.http.openapi import describe_problems
from learning_platform.web.http.problems import Answers, InvalidInput, Problem
from learning_platform.web.http.request_body import WholeBodyMiddleware
from learning_platform.web.live.routes import LiveSockets
from learning_platform.web.pages import code_pictures, live, mail
from learning_platform.web.pages.kit.page_router import PagesByAccept
from learning_platform.web.pages.kit.rendering import STATIC
from learning_platform.web.pages.kit.static_files import StaticAssets
from learning_platform.web.pages.routers import PAGE_ROUTERS
from learning_platform.web.preparation import prepare
from learning_platform.web.services import open_services
from learning_platform.web.shutdown import limit_graceful_shutdown

# Routes without sign-in; a test in tests/architecture checks that every other route requires a user.
PUBLIC_ROUTES = frozenset(
    {"/", "/register", "/sign-in", "/language", "/token", "/token/refresh", "/health", "/metrics", "/ws/{token}"}
    | {"/sign-in/with/{provider}", "/sign-in/with/{provider}/callback", "/sign-in/new/{flow}"}
    | {"/sign-in/new/{flow}/link", "/confirm/{token}", "/password/forgotten", "/password/{token}"}
    | {"/email/undo/{token}"}
    | {"/unsubscribe/{token}", "/certificates/{code}", "/users/{username}", "/invitations/{token}"}
    | {"/robots.txt", "/sitemap.xml", "/sitemap-{number}.xml", "/track-file.schema.json"}
)
DESCRIPTION = """
Groups of people learn programming together. People enroll in a *track*, which starts when all its places are taken. For
each assignment they submit a link to a git repository before the deadline, review the submissions of three others by
fixed criteria, and then go on to the next assignment.

Sign in with `POST /token` and send `Authorization: Bearer <access_token>`. Errors are `application/problem+json`:
`detail` is for people, in the language of `Accept-Language` (`en`, `ru`), `code` is for programs.
`WS /ws/{access_token}` sends notifications as they happen.
"""
# In this order routes are tried for each request, so the subjects that are asked for most come first.
API_ROUTERS = tuple(
    module.router
    for module in (
        accounts,
        attempts,
        diary,
        tracks,
        track_files,
        waiting_list,
        cohorts,
        publishing,
        reviews,
        archives,
        starters,
        starting,
        threads,
        code,
        hidden_terms,
        notifications,
        results,
        oversight,
        track_lists,
        groups,
        calendars,
        operations,
        email_changes,
        sessions,
        hand_in_tokens,
        certificates,
        profiles,
        people,
        invitations,
        questions,
        question_moderation,
    )
)
# Read again with every request; what is measured here is in web/http/metrics.py.
NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
COMMON_ANSWERS: Answers = {
    408: {"model": Problem, "description": "`request_timeout`"},
    413: {"model": Problem, "description": "`body_too_large`"},
    422: {"model": InvalidInput, "description": "`invalid_input`"},
    429: {"model": Problem, "description": "`too_many_requests`"},
    503: {"model": Problem, "description": "`database_unavailable`"},
}


def _lifespan(
    settings: Settings, clock: Clock, on_start: Callable[[], None], *, ends_process: bool
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        limit_graceful_shutdown()
        try:
            async with open_services(settings, clock) as services:
                app.state.services = services
                on_start()
                preparation = asyncio.create_task(prepare(app, app.state.pages)) if ends_process else None
                yield
                if preparation is not None:
                    preparation.cancel()
        except CannotStart as problem:
            if ends_process:
                leave(problem)
            raise

    return lifespan


def create_app(
    settings: Settings,
    clock: Clock = system_clock,
    *,
    on_start: Callable[[], None] = lambda: None,
    ends_process: bool = False,
) -> FastAPI:
    """Return the service, ready to be run by an ASGI server.

    `on_start` is called when everything is there to serve requests.
    `ends_process`: the process is there for the service alone. What keeps it from starting is said in one sentence,
    and ends the process with exit code 2, where an ASGI server would write a traceback; and it prepares itself.
    """
    configure_logging(level=settings.log_level, format=settings.log_format)

    app = FastAPI(
        title="Learning Platform",
        description=DESCRIPTION,
        version="0.1.0",
        lifespan=_lifespan(settings, clock, on_start, ends_process=ends_process),
        docs_url=None,
        redoc_url=None,
        strict_content_type=False,
        telemetry=NO_TELEMETRY,
        generate_unique_id_function=lambda route: route.name,
    )
    install_error_handlers(app)
    describe_problems(app)
    _add_routes(app)
    # The last one added is the first to see a request.
    app.state.pages = _pages_beside(app)
    app.add_middleware(PagesByAccept, pages=app.state.pages)
    app.add_middleware(WholeBodyMiddleware)
    app.add_middleware(MetricsAndHeaders)
    app.add_middleware(HeaderLimitMiddleware)
    app.add_middleware(LiveSockets)
    return app


def _add_routes(app: FastAPI) -> None:
    app.router.route_class = ApiRoute
    for router in API_ROUTERS:
        app.include_router(router, responses=COMMON_ANSWERS)
    app.include_router(live.router)
    app.include_router(mail.one_click)
    app.include_router(git_http.router)
    app.include_router(git_clones.router)
    app.include_router(code_pictures.router)
    app.include_router(search_engines.router)
    app.mount("/static", StaticAssets(directory=STATIC))
    _serve_docs(app)


def _pages_beside(app: FastAPI) -> FastAPI:
    """Return the application of the pages; it shares what the process holds, and how errors are answered."""
    pages = FastAPI(openapi_url=None, telemetry=NO_TELEMETRY)
    pages.state = app.state
    pages.exception_handlers = app.exception_handlers
    for router in PAGE_ROUTERS:
        pages.include_router(router)
    return pages


def _serve_docs(app: FastAPI) -> None:
    """Serve Swagger UI from this host: its files come with the package `fastapi-swagger`."""
    app.mount("/docs/assets", StaticFiles(directory=str(files("fastapi_swagger") / "resources")))

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title=app.title,
            swagger_js_url="/docs/assets/swagger-ui-bundle.js",
            swagger_css_url="/docs/assets/swagger-ui.css",
            swagger_favicon_url="/docs/assets/favicon-32x32.png",
        )
