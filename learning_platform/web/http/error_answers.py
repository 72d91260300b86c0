"""The answer to each exception, as a problem; web/error_handlers.py installs them and adds the pages."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from asyncpg import DataError
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from learning_platform.core.errors import Refusal
from learning_platform.core.languages import N_, Language, Message, preferred_language, translate
from learning_platform.snapshots.failures import failure_text
from learning_platform.snapshots.rules import FreezeFailed
from learning_platform.web.http.accept import is_page_request
from learning_platform.web.http.problems import ProblemResponse, problem_response, refusal_response
from learning_platform.web.http.validation import readable_errors

log = logging.getLogger(__name__)
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


Answer: TypeAlias = Callable[[Request, Exception], Awaitable[ProblemResponse]]
Handler: TypeAlias = Callable[[Request, Exception], Awaitable[Response]]


def language_of(request: Request) -> Language:
    """Return the language of the signed-in viewer of a page, or else the one the client prefers."""
    of_viewer: Language | None = getattr(request.state, "language", None)
    return of_viewer or preferred_language(request.headers.get("accept-language", ""))


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


async def answer_freeze_failure(request: Request, error: Exception) -> ProblemResponse:
    """Answer code that cannot be kept: why, and what to do."""
    assert isinstance(error, FreezeFailed)
    language = language_of(request)
    detail = failure_text(error, language)
    errors = [{"loc": ["body", "file"], "msg": detail}]
    return problem_response(status=422, code=error.code, detail=detail, language=language, errors=errors)


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
