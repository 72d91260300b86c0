"""Routes that are found and served with less ado; to a handler they are FastAPI's own.

Two things cost an ordinary request more than everything it does: trying the patterns of all routes one after another,
and working out anew how its dependencies hang together. Both are known at start (docs/performance.md has the figures).
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from inspect import isasyncgenfunction, iscoroutinefunction
from typing import Any, cast

from fastapi import FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, get_request_handler, iter_route_contexts
from starlette.types import ASGIApp, Receive, Scope, Send

from learning_platform.web.page_route import PageRoute, asks_for_page

PARAMETER = re.compile(r"\{(\w+)\}")
ID_IN_PATH = re.compile(r"/([0-9]+)(?=/|$)")
Values = dict[Callable[..., Any], Any]


@dataclass(frozen=True, slots=True)
class _Step:
    """One dependency, after those it depends on: what to call, with which results of earlier ones."""

    call: Callable[..., Any]
    arguments: tuple[tuple[str, Callable[..., Any]], ...]
    request_name: str | None
    is_lent: bool

    async def take(self, request: Request, values: Values) -> Any:
        """Call it; what is lent is given back when the handler has returned, before the answer goes out."""
        arguments = {name: values[call] for name, call in self.arguments}
        if self.request_name is not None:
            arguments[self.request_name] = request
        if not self.is_lent:
            return await self.call(**arguments)
        lent = asynccontextmanager(self.call)(**arguments)
        return await request.scope["fastapi_function_astack"].enter_async_context(lent)


def handler_of(route: RouteContext) -> Callable[[Request], Awaitable[Response]]:
    """Return what serves a request, its dependencies put in order.

    Who asks is found out before anything is read; what is lent (a connection) is taken when the input is known to be
    valid. Whatever else a route may have (parameters of dependencies, forms) is FastAPI's as ever.
    """
    whole: Dependant = route.dependant
    ours = [one for one in whole.dependencies if _is_plain(one)]
    steps = list(_in_order(ours))
    first, lent = [step for step in steps if not step.is_lent], [step for step in steps if step.is_lent]
    rest = replace(
        whole,
        dependencies=[one for one in whole.dependencies if not _is_plain(one)],
        request_param_name="request",
        call=_with_dependencies(whole, ours, lent),
    )
    serve = _framework_handler(route, rest)

    async def handle(request: Request) -> Response:
        values: Values = {}
        for step in first:
            values[step.call] = await step.take(request, values)
        request.scope["learning_platform.values"] = values
        return await serve(request)

    return handle


def _with_dependencies(
    whole: Dependant, ours: Sequence[Dependant], lent: Sequence[_Step]
) -> Callable[..., Awaitable[Any]]:
    """Return the endpoint, given what it depends on at the last moment."""
    endpoint, request_name = cast(Callable[..., Awaitable[Any]], whole.call), whole.request_param_name
    named = [(one.name, one.call) for one in ours if one.name is not None and one.call is not None]

    async def call(*, request: Request, **arguments: Any) -> Any:
        values: Values = request.scope["learning_platform.values"]
        for step in lent:
            values[step.call] = await step.take(request, values)
        for name, dependency in named:
            arguments[name] = values[dependency]
        if request_name is not None:
            arguments[request_name] = request
        return await endpoint(**arguments)

    return call


def _framework_handler(route: RouteContext, dependant: Dependant) -> Callable[[Request], Awaitable[Response]]:
    return get_request_handler(
        dependant=dependant,
        body_field=route.body_field,
        status_code=route.status_code,
        response_class=route.response_class,
        response_field=route.response_field,
        response_model_include=route.response_model_include,
        response_model_exclude=route.response_model_exclude,
        response_model_by_alias=route.response_model_by_alias,
        response_model_exclude_unset=route.response_model_exclude_unset,
        response_model_exclude_defaults=route.response_model_exclude_defaults,
        response_model_exclude_none=route.response_model_exclude_none,
        embed_body_fields=route._embed_body_fields,
        strict_content_type=route.strict_content_type,
    )


def _is_plain(one: Dependant) -> bool:
    """Say whether a dependency takes nothing but the request and other such dependencies."""
    takes_more = (
        one.path_params or one.query_params or one.header_params or one.cookie_params or one.body_params
        or one.response_param_name or one.background_tasks_param_name or one.security_scopes_param_name
    )  # fmt: skip
    is_lent = isasyncgenfunction(one.call) and one.scope == "function"
    is_awaited = iscoroutinefunction(one.call) or iscoroutinefunction(getattr(one.call, "__call__", None))  # noqa: B004
    return not takes_more and (is_lent or is_awaited) and all(map(_is_plain, one.dependencies))


def _in_order(dependencies: Sequence[Dependant]) -> Iterator[_Step]:
    """Yield each dependency once, after those it depends on."""
    seen: set[Callable[..., Any]] = set()

    def walk(one: Dependant) -> Iterator[_Step]:
        assert one.call is not None
        for below in one.dependencies:
            yield from walk(below)
        if one.call not in seen:
            seen.add(one.call)
            arguments = tuple((below.name, below.call) for below in one.dependencies if below.name and below.call)
            request_name = one.request_param_name or one.http_connection_param_name
            yield _Step(one.call, arguments, request_name, isasyncgenfunction(one.call))

    for dependency in dependencies:
        yield from walk(dependency)


def _served(handle: Callable[[Request], Awaitable[Response]]) -> ASGIApp:
    """Return the handler as an application; refusals are answered by the middleware around all routes."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        async with AsyncExitStack() as after_answer:
            scope["fastapi_inner_astack"] = after_answer
            async with AsyncExitStack() as before_answer:
                scope["fastapi_function_astack"] = before_answer
                response = await handle(request)
            await response(scope, receive, send)

    return serve


class Switchboard:
    """Finds the route of a program's request by looking it up; everything else goes the ordinary way."""

    def __init__(self, app: FastAPI) -> None:
        self._otherwise: ASGIApp = app.router.middleware_stack
        self._routes: dict[tuple[str, str], tuple[APIRoute, ASGIApp, list[str]]] = {}
        for context in iter_route_contexts(app.routes):
            route = context.original_route
            if isinstance(route, APIRoute) and not isinstance(route, PageRoute):
                serve = _served(handler_of(context))
                path, names = PARAMETER.sub("{}", context.path_format or ""), list(context.param_convertors)
                for method in route.methods or ():
                    self._routes.setdefault((method, path), (route, serve, names))

    @property
    def looked_up(self) -> list[APIRoute]:
        """Return the routes that are found by looking them up."""
        return [route for route, _, _ in self._routes.values()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        found = None
        if scope["type"] == "http" and not scope.get("root_path") and not asks_for_page(_accept(scope)):
            path = scope["path"]
            found = self._routes.get((scope["method"], ID_IN_PATH.sub("/{}", path)))
        if found is None:
            await self._otherwise(scope, receive, send)
            return
        route, serve, names = found
        scope["route"], scope["endpoint"], scope["router"] = route, route.endpoint, scope["app"].router
        scope["path_params"] = dict(zip(names, ID_IN_PATH.findall(path), strict=True)) if names else {}
        await serve(scope, receive, send)


def _accept(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"accept":
            accept: bytes = value
            return accept.decode("latin-1")
    return ""
