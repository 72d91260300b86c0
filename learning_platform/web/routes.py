"""The API's door: a program's request is found by looking its route up, called, and answered.

Whatever is no request of a program to a known route (pages, forms, files, wrong addresses) goes the ordinary way.
"""

import re
import time
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.types import ASGIApp, Receive, Scope, Send

from learning_platform.web.calling import Call, is_understood
from learning_platform.web.http.metrics import count_request
from learning_platform.web.http.problems import handler_of
from learning_platform.web.middleware import with_security
from learning_platform.web.page_route import PageRoute, asks_for_page
from learning_platform.web.writing import writer_of

PARAMETER = re.compile(r"\{(\w+)\}")
ID_IN_PATH = re.compile(r"/([0-9]+)(?=/|$)")
JSON = (b"content-type", b"application/json")
Headers = list[tuple[bytes, bytes]]


class ApiRoute:
    """Serves the requests of one route."""

    def __init__(self, context: RouteContext, app: FastAPI) -> None:
        self.route: Any = context.original_route
        self.names = list(context.param_convertors)
        self._call = Call(context.dependant, context.body_field)
        field = context.response_field
        self.response_model: Any = None if field is None else field.field_info.annotation
        self._write = None if field is None else writer_of(self.response_model)
        self._status = context.status_code or 200
        self._app = app

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, a refusal and a defect of ours included, and count it."""
        began = time.perf_counter()
        request = Request(scope, receive, send)
        defect = None
        try:
            status, headers, content = self._answer(*await self._call(request))
        except Exception as error:
            handler = handler_of(self._app, error)
            response = await handler(request, error)
            status, headers, content = response.status_code, response.raw_headers, bytes(response.body)
            defect = error if handler is self._app.exception_handlers[Exception] else None
        await send({"type": "http.response.start", "status": status, "headers": with_security(headers)})
        await send({"type": "http.response.body", "body": content})
        seconds = time.perf_counter() - began
        count_request(method=scope["method"], route=self.route.path, status=status, seconds=seconds)
        if defect is not None:
            raise defect  # The server logs it, with its traceback.

    def _answer(self, returned: Any, response: Response | None) -> tuple[int, Headers, bytes]:
        if isinstance(returned, Response):
            return returned.status_code, returned.raw_headers, bytes(returned.body)
        assert self._write is not None, "without a response model an endpoint returns a Response"
        content = self._write(returned)
        headers = [JSON, (b"content-length", b"%d" % len(content))]
        version = getattr(returned, "version", None)
        if version is not None:
            headers.append((b"etag", b'"%d"' % version))
        if response is None:
            return self._status, headers, content
        return response.status_code or self._status, headers + response.raw_headers, content


class Switchboard:
    """Finds the route of a program's request by looking it up; everything else goes the ordinary way."""

    def __init__(self, app: FastAPI, *, otherwise: ASGIApp) -> None:
        self._otherwise = otherwise
        self._routes: dict[tuple[str, str], ApiRoute] = {}
        for context in iter_route_contexts(app.routes):
            route = context.original_route
            if isinstance(route, APIRoute) and not isinstance(route, PageRoute) and _is_served_here(context):
                served = ApiRoute(context, app)
                path = PARAMETER.sub("{}", context.path_format or "")
                for method in route.methods or ():
                    self._routes.setdefault((method, path), served)

    def find(self, method: str, path: str) -> ApiRoute | None:
        """Return what serves a path, if it is the API's."""
        return self._routes.get((method, ID_IN_PATH.sub("/{}", path)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        served = None
        if scope["type"] == "http" and not scope.get("root_path") and not asks_for_page(_accept(scope)):
            served = self.find(scope["method"], scope["path"])
        if served is None:
            await self._otherwise(scope, receive, send)
            return
        ids = ID_IN_PATH.findall(scope["path"]) if served.names else ()
        scope["route"] = served.route
        scope["path_params"] = dict(zip(served.names, ids, strict=True))
        await served.serve(scope, receive, send)


def _is_served_here(context: RouteContext) -> bool:
    returns_response = context.response_field is None
    return is_understood(context.dependant, context.body_field) and (returns_response or _is_plain(context))


def _is_plain(context: RouteContext) -> bool:
    """Say whether the response model is written whole, under its own names."""
    leaves_out = context.response_model_exclude_unset or context.response_model_exclude_none
    return not (leaves_out or context.response_model_include or context.response_model_exclude)


def _accept(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"accept":
            accept: bytes = value
            return accept.decode("latin-1")
    return ""
