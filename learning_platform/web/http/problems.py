"""The HTTP status of each kind of refusal, and responses in `application/problem+json` (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, TypeAlias

import orjson
from fastapi import Response
from pydantic import BaseModel, Field

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
from learning_platform.core.languages import N_, Language, Message, translate
from learning_platform.core.versions import VersionConflict
from learning_platform.web.http.formatting import format_refusal

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
        status = status_of(refusal)
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
    status = status_of(type(refusal))
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


def status_of(refusal: type[Refusal]) -> int:
    """Return the status with which refusals of this type are answered."""
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
