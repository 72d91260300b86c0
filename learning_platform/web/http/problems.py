"""The HTTP status of each kind of refusal, and responses in `application/problem+json` (RFC 9457) or as pages."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeAlias

import orjson
from asyncpg import DataError
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError
from starlette.exceptions import HTTPException

from learning_platform.core.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
    Refusal,
    TooManyRequests,
    TryLater,
    Unauthorized,
    Unavailable,
)
from learning_platform.core.languages import N_, Language, Message, preferred_language, translate
from learning_platform.core.versions import VersionConflict
from learning_platform.web.http.accept import is_page_request
from learning_platform.web.http.validation import readable_errors
from learning_platform.web.pages.kit.formatting import format_refusal
from learning_platform.web.pages.kit.viewer import Viewer

log = logging.getLogger(__name__)

Answers: TypeAlias = dict[int | str, dict[str, Any]]
STATUS_OF: Mapping[type[Refusal], HTTPStatus] = {
    Unauthorized: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    Conflict: HTTPStatus.CONFLICT,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
TITLES: Mapping[int, Message] = {
    400: N_("Bad request"),
    401: N_("Not signed in"),
    403: N_("Not allowed"),
    404: N_("Not found"),
    405: N_("Method not allowed"),
    408: N_("Request timed out"),
    409: N_("Not possible now"),
    412: N_("Edit conflict"),
    413: N_("Request too large"),
    422: N_("Invalid input"),
    429: N_("Too many requests"),
    500: N_("Internal error"),
    503: N_("Service unavailable"),
}
# What the framework refuses before a handler runs.
FRAMEWORK_REFUSALS: Mapping[int, tuple[str, Message]] = {
    404: ("not_found", N_("There is nothing at this address.")),
    405: ("method_not_allowed", N_("This address does not support this method.")),
    408: ("request_timeout", N_("The request took too long. Check your connection and try again.")),
    413: ("body_too_large", N_("The request is too large.")),
    422: ("invalid_input", N_("The request body could not be read.")),
    503: ("database_unavailable", N_("The database is not responding. Try again in a moment.")),
}
# What a schema refuses in code that does not read input, and what the database cannot store (SQLSTATE class 22).
UNFORESEEN_INPUT = (ValidationError, DataError)
INVALID_INPUT = N_("Some of the input is invalid.")
INTERNAL_ERROR = N_("Something went wrong on our side. The error has been logged.")


class BodyTooLarge(HTTPException):
    """The body is larger than the limit."""

    def __init__(self) -> None:
        super().__init__(413)


class BodyTooSlow(HTTPException):
    """The body has not arrived within the time limit."""

    def __init__(self) -> None:
        super().__init__(408)


class Problem(BaseModel):
    """An error (RFC 9457): `detail` is a sentence for people, in their language, `code` a stable word for programs."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    former_code: str | None = Field(
        None, description="The code of this error in the previous release, if it was renamed. Absent otherwise."
    )


class ProblemResponse(Response):
    """A problem as JSON; `problem` holds the same values for a page."""

    media_type = "application/problem+json"
    problem: dict[str, Any]


Answer: TypeAlias = Callable[[Request, Exception], Awaitable[ProblemResponse]]
Handler: TypeAlias = Callable[[Request, Exception], Awaitable[Response]]


class InputError(BaseModel):
    """One invalid part of the input."""

    loc: list[str | int] = Field(description="The path: `body`, `query` or `path`, then names and indices.")
    msg: str


class ChangedProblem(Problem):
    """The resource has another version by now: `current` holds what is stored, by field; `ETag` is its version."""

    current: dict[str, Any]


class InvalidInput(Problem):
    """Invalid input, with an error for each invalid part."""

    errors: list[InputError]


MODELS: Mapping[int, type[Problem]] = {412: ChangedProblem, 422: InvalidInput}


def refuses(*refusals: type[Refusal]) -> Answers:
    """Describe the refusals of a route in its OpenAPI document, with an example of each."""
    described: Answers = {}
    for refusal in refusals:
        status = _status_of(refusal)
        answer = described.setdefault(status, {"model": MODELS.get(status, Problem), "description": "", "content": {}})
        answer["description"] = ", ".join(filter(None, [answer["description"], f"`{refusal.code}`"]))
        examples = answer["content"].setdefault("application/problem+json", {"examples": {}})["examples"]
        examples[refusal.code] = {"value": _example(refusal, status)}
    return described


def problem_response(
    *,
    status: int,
    code: str,
    detail: str,
    language: Language,
    former_code: str | None = None,
    errors: list[dict[str, Any]] | None = None,
    current: Mapping[str, object] | None = None,
) -> ProblemResponse:
    """Return a problem as a response."""
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": translate(TITLES.get(status, TITLES[400]), language),
        "status": status,
        "detail": detail,
        "code": code,
    }
    if former_code is not None:
        problem["former_code"] = former_code
    if errors is not None:
        problem["errors"] = errors
    if current is not None:
        problem["current"] = dict(current)
    response = ProblemResponse(
        orjson.dumps(problem, option=orjson.OPT_UTC_Z),
        status_code=status,
        headers={"Content-Language": language, "Vary": "Accept-Language"},
    )
    response.problem = problem
    return response


def refusal_response(refusal: Refusal, language: Language) -> ProblemResponse:
    """Return the response to a refusal, with the headers that its status requires."""
    status = _status_of(type(refusal))
    detail = format_refusal(refusal, language)
    errors = [{"loc": list(refusal.loc), "msg": detail}] if isinstance(refusal, Invalid) else None
    current = refusal.current if isinstance(refusal, VersionConflict) else None
    response = problem_response(
        status=status,
        code=refusal.code,
        former_code=refusal.former_code,
        detail=detail,
        language=language,
        errors=errors,
        current=current,
    )
    if isinstance(refusal, VersionConflict):
        response.headers["ETag"] = f'"{refusal.version}"'
    if isinstance(refusal, Unauthorized):
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(refusal, TryLater):
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def language_of(request: Request) -> Language:
    """Return the language of the signed-in viewer of a page, or else the one the client prefers."""
    viewer: Viewer | None = getattr(request.state, "viewer", None)
    if viewer is not None:
        return viewer.language
    return preferred_language(request.headers.get("accept-language", ""))


async def answer_refusal(request: Request, error: Exception) -> ProblemResponse:
    """Answer a refusal."""
    assert isinstance(error, Refusal)
    return refusal_response(error, language_of(request))


async def answer_invalid(request: Request, error: Exception) -> ProblemResponse:
    """Answer input that does not match its schema."""
    assert isinstance(error, RequestValidationError)
    language = language_of(request)
    if is_page_request(request) and any(part["loc"][0] == "path" for part in error.errors()):
        # In a browser `/tracks/abc` is an address without a page.
        return await answer_framework(request, HTTPException(404))
    return problem_response(
        status=422,
        code="invalid_input",
        detail=translate(INVALID_INPUT, language),
        language=language,
        errors=readable_errors(error.errors(), language),
    )


async def answer_framework(request: Request, error: Exception) -> ProblemResponse:
    """Answer what the framework refuses: an unknown address, a wrong method, a body that is too large or unreadable."""
    assert isinstance(error, HTTPException)
    language = language_of(request)
    # The framework answers 400 to a body it cannot decode; here all invalid input is 422.
    status = 422 if error.status_code == 400 else error.status_code
    code, message = FRAMEWORK_REFUSALS.get(status, ("refused", INVALID_INPUT))
    detail = translate(message, language)
    errors = [{"loc": ["body"], "msg": detail}] if status == 422 else None
    response = problem_response(status=status, code=code, detail=detail, language=language, errors=errors)
    response.headers.update(error.headers or {})
    return response


async def answer_unavailable(request: Request, _error: Exception) -> ProblemResponse:
    """Answer while the database is unavailable or all connections are in use; core/outages.py has logged it."""
    language = language_of(request)
    code, message = FRAMEWORK_REFUSALS[503]
    response = problem_response(status=503, code=code, detail=translate(message, language), language=language)
    response.headers["Retry-After"] = "1"
    return response


async def answer_unforeseen_input(request: Request, error: Exception) -> ProblemResponse:
    """Answer input that should have been refused where it was read, and log this defect.

    The input is not logged, because it may be a password.
    """
    route = getattr(request.scope.get("route"), "path", "an API route")
    log.error("invalid input on %s was refused by the last error handler: %s", route, _kinds(error))
    return problem_response(
        status=422,
        code="invalid_input",
        detail=translate(INVALID_INPUT, language_of(request)),
        language=language_of(request),
        errors=[],
    )


def _kinds(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return type(error).__name__
    return ", ".join(f"{each['type']} at {'.'.join(map(str, each['loc']))}" for each in error.errors())


async def answer_failure(request: Request, _error: Exception) -> ProblemResponse:
    """Answer an unexpected exception; the server logs its traceback."""
    language = language_of(request)
    return problem_response(
        status=500, code="internal_error", detail=translate(INTERNAL_ERROR, language), language=language
    )


def handler_of(app: FastAPI, error: Exception) -> Handler:
    """Return the handler of an exception."""
    handlers: Any = app.exception_handlers
    handler: Handler = next(handlers[kind] for kind in type(error).__mro__ if kind in handlers)
    return handler


def _status_of(refusal: type[Refusal]) -> int:
    return next(status for kind, status in STATUS_OF.items() if issubclass(refusal, kind))


def _example(refusal: type[Refusal], status: int) -> dict[str, Any]:
    example: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES[status],
        "status": status,
        "detail": refusal.message,
        "code": refusal.code,
    }
    if refusal.former_code is not None:
        example["former_code"] = refusal.former_code
    if status == 422:
        example["errors"] = [{"loc": ["body"], "msg": refusal.message}]
    if status == 412:
        example["current"] = {"title": "Python basics"}
    return example
