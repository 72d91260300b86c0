"""The class of the API's routes: FastAPI's own, with a prepared writer for the answers it can write.

FastAPI builds the response model from the returned value, validates it, and writes it: for most answers that costs more
than the handler. Here the endpoint is wrapped, so that it returns a ready response, which FastAPI passes on.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import Parameter, Signature, iscoroutinefunction, signature
from typing import Any, TypeAlias

from fastapi import Response
from fastapi.routing import APIRoute

from learning_platform.web.http.json_writer import NotUnderstood, writer_of

Endpoint: TypeAlias = Callable[..., Any]
Write: TypeAlias = Callable[[Any], bytes]
LEAVES_SOMETHING_OUT = ("include", "exclude", "exclude_unset", "exclude_defaults", "exclude_none")
WITHOUT_CONTENT = frozenset({204, 205, 304})
# The parameter by which a wrapped endpoint gets the response that dependencies may have set headers on.
INJECTED = "injected_response"


class ApiRoute(APIRoute):
    """A route whose answers are written by a prepared writer, or by FastAPI where that does not understand them.

    A value's `version` becomes the `ETag` of its answer (RFC 9110, section 8.8.3).
    """

    def __init__(self, path: str, endpoint: Endpoint, **options: Any) -> None:
        write = _writer(endpoint, options)
        self.is_prepared = write is not None
        answering = endpoint if write is None else _answering(endpoint, write, options.get("status_code") or 200)
        super().__init__(path, answering, **options)


def _writer(endpoint: Endpoint, options: dict[str, Any]) -> Write | None:
    """Return what writes the answers of an endpoint, or None where FastAPI is to do it."""
    leaves_out = any(options.get(f"response_model_{name}") for name in LEAVES_SOMETHING_OUT)
    # A class is there only if it was chosen for this route or its router.
    has_response_class = isinstance(options.get("response_class"), type)
    is_without_content = options.get("status_code") in WITHOUT_CONTENT
    if leaves_out or has_response_class or is_without_content or not iscoroutinefunction(endpoint):
        return None
    return writer_of(options.get("response_model"))


def _answering(endpoint: Endpoint, write: Write, status: int) -> Callable[..., Awaitable[Any]]:
    asked = signature(endpoint, eval_str=True)
    own = next((name for name, one in asked.parameters.items() if _is_response(one.annotation)), None)

    @wraps(endpoint)
    async def answer(**arguments: Any) -> Any:
        injected = arguments.pop(INJECTED) if own is None else arguments[own]
        value = await endpoint(**arguments)
        if isinstance(value, Response):
            return value
        version = getattr(value, "version", None)
        if version is not None:
            injected.headers["ETag"] = f'"{version}"'
        try:
            content = write(value)
        except NotUnderstood:
            return value
        response = Response(content, injected.status_code or status, media_type="application/json")
        response.raw_headers.extend(injected.raw_headers)
        return response

    answer.__signature__ = asked if own else _with_response(asked)  # type: ignore[attr-defined]  # Read by inspect.
    return answer


def _is_response(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Response)


def _with_response(asked: Signature) -> Signature:
    injected = Parameter(INJECTED, Parameter.KEYWORD_ONLY, annotation=Response)
    return asked.replace(parameters=[*asked.parameters.values(), injected])
