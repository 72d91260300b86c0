"""How an endpoint is called: where each argument comes from, worked out once, at start.

To a handler it is FastAPI's own way: dependencies, parameters, a body. FastAPI works it out anew for each request, and
that costs an ordinary one more than everything the handler does (docs/performance.md has the figures).
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from inspect import isasyncgenfunction, iscoroutinefunction
from typing import Any, Final

import orjson
from fastapi import Request, Response, params
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from pydantic.fields import FieldInfo

# Where a value comes from: the dependency called, the (id of the) field read, or one of these.
REQUEST: Final = "request"
RESPONSE: Final = "response"
BODY: Final = "body"
Values = dict[object, Any]
Error = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Step:
    """Something to call, and its arguments by the places they come from."""

    call: Callable[..., Any]
    arguments: tuple[tuple[str, object], ...]
    is_lent: bool
    needs_input: bool

    def arguments_in(self, values: Values) -> dict[str, Any]:
        """Return the arguments among the values found so far."""
        return {name: values[place] for name, place in self.arguments}


@dataclass(frozen=True, slots=True)
class _Parameter:
    """A parameter in the path, the query or a header."""

    field: Any
    place: str
    name: str
    is_required: bool
    default: Any

    def read(self, given: str | None, values: Values, errors: list[Error]) -> None:
        """Note the parameter's value, or what is wrong with it."""
        if given is not None:
            values[id(self.field)], found = self.field.validate(given, loc=(self.place, self.name))
            errors.extend(found)
        elif self.is_required:
            errors.append(_missing(self.place, self.name))
        else:
            values[id(self.field)] = self.default


class Call:
    """Calls one endpoint.

    Who asks is found out before anything is read; what is lent (a connection) is taken when the input is known to be
    valid, and given back when the endpoint has returned, before the answer goes out.
    """

    def __init__(self, endpoint: Dependant, body: Any) -> None:
        *steps, self._endpoint = _in_order(endpoint)
        self._first = [step for step in steps if not step.is_lent and not step.needs_input]
        self._then = [step for step in steps if not step.is_lent and step.needs_input]
        lent = [step for step in steps if step.is_lent]
        assert len(lent) <= 1, "one connection is enough for a request"
        self._lent = lent[0] if lent else None
        self._lend = asynccontextmanager(lent[0].call) if lent else None
        parameters = list(_parameters(endpoint))
        self._in_path = [one for one in parameters if one.place == "path"]
        self._in_query = [one for one in parameters if one.place == "query"]
        self._in_header = [one for one in parameters if one.place == "header"]
        self._body = body
        self._wants_response = any(
            place is RESPONSE for step in (*steps, self._endpoint) for _, place in step.arguments
        )

    async def __call__(self, request: Request) -> tuple[Any, Response | None]:
        """Return what the endpoint returned, and the response on which it may have set a status and headers.

        Raises RequestValidationError, and whatever the dependencies and the endpoint raise.
        """
        values: Values = {REQUEST: request}
        response = None
        if self._wants_response:
            response = values[RESPONSE] = Response(status_code=0)
            response.raw_headers = []
        for step in self._first:
            values[step.call] = await step.call(**step.arguments_in(values))
        await self._read_input(request, values)
        for step in self._then:
            values[step.call] = await step.call(**step.arguments_in(values))
        if self._lent is None or self._lend is None:
            return await self._endpoint.call(**self._endpoint.arguments_in(values)), response
        async with self._lend(**self._lent.arguments_in(values)) as values[self._lent.call]:
            returned = await self._endpoint.call(**self._endpoint.arguments_in(values))
        return returned, response

    async def _read_input(self, request: Request, values: Values) -> None:
        errors: list[Error] = []
        for one in self._in_path:
            one.read(request.path_params.get(one.name), values, errors)
        if self._in_query:
            given = request.query_params if request.scope["query_string"] else {}
            for one in self._in_query:
                one.read(given.get(one.name), values, errors)
        for one in self._in_header:
            one.read(request.headers.get(one.name), values, errors)
        if self._body is not None:
            content = await request.body()
            values[BODY], found = _parsed(content, request, self._body)
            errors.extend(found)
        if errors:
            raise RequestValidationError(errors)


def is_understood(endpoint: Dependant, body: Any) -> bool:
    """Say whether a `Call` can be made of an endpoint; forms, cookies, background work are left to FastAPI."""
    is_json = body is None or (len(endpoint.body_params) == 1 and type(body.field_info) is not params.Form)
    takes_more = (
        endpoint.cookie_params or endpoint.background_tasks_param_name or endpoint.security_scopes_param_name
    )  # fmt: skip
    return is_json and not takes_more and all(is_understood(one, None) for one in endpoint.dependencies)


def _in_order(endpoint: Dependant) -> Iterator[_Step]:
    """Yield each dependency once, after those it depends on; the endpoint last."""
    steps: dict[object, _Step] = {}

    def walk(one: Dependant) -> None:
        assert one.call is not None
        for below in one.dependencies:
            walk(below)
        if one.call not in steps:
            steps[one.call] = _step(one, steps)

    walk(endpoint)
    yield from steps.values()


def _step(one: Dependant, below: dict[object, _Step]) -> _Step:
    assert one.call is not None
    is_lent = isasyncgenfunction(one.call) and one.scope == "function"
    # A plain function would be run in a thread, which costs more than anything one of ours would do.
    assert is_lent or iscoroutinefunction(one.call) or iscoroutinefunction(type(one.call).__call__), one.call
    fields = [*one.path_params, *one.query_params, *one.header_params]
    arguments: list[tuple[str | None, object]] = [
        *((dependency.name, dependency.call) for dependency in one.dependencies),
        *((field.name, id(field)) for field in fields),
        *((field.name, BODY) for field in one.body_params),
        (one.request_param_name or one.http_connection_param_name, REQUEST),
        (one.response_param_name, RESPONSE),
    ]
    named = tuple((name, place) for name, place in arguments if name is not None)
    needs_input = bool(fields) or any(place in below and below[place].needs_input for _, place in named)
    return _Step(one.call, named, is_lent, needs_input)


def _parameters(one: Dependant) -> Iterator[_Parameter]:
    for below in one.dependencies:
        yield from _parameters(below)
    for place, fields in (("path", one.path_params), ("query", one.query_params), ("header", one.header_params)):
        for field in fields:
            info: FieldInfo = field.field_info
            is_required = info.is_required()
            default = None if is_required else info.get_default(call_default_factory=True)
            yield _Parameter(field, place, field.alias, is_required, default)


def _parsed(content: bytes, request: Request, body: Any) -> tuple[Any, Sequence[Error]]:
    if not content:
        return (None, [_missing("body")]) if body.field_info.is_required() else (body.get_default(), [])
    if not _is_json(request.headers.get("content-type")):
        return body.validate(content, loc=("body",))  # type: ignore[no-any-return]  # FastAPI does not type its fields.
    try:
        read = _loaded(content)
    except json.JSONDecodeError as error:
        return None, [{"type": "json_invalid", "loc": ("body", error.pos), "msg": error.msg, "input": {}}]
    except (ValueError, RecursionError):  # An encoding other than UTF-8, a number of thousands of digits, a deep nest.
        return None, [{"type": "json_invalid", "loc": ("body",), "msg": "not JSON", "input": {}}]
    return body.validate(read, loc=("body",))  # type: ignore[no-any-return]


def _loaded(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        # What only the standard library reads (half a surrogate pair) is refused by name, at its field.
        return json.loads(content)


def _is_json(content_type: str | None) -> bool:
    if content_type is None or content_type == "application/json":
        return True
    kind = content_type.partition(";")[0].strip().lower()
    return kind.startswith("application/") and (kind == "application/json" or kind.endswith("+json"))


def _missing(*loc: str) -> Error:
    return {"type": "missing", "loc": loc, "msg": "Field required", "input": None}
