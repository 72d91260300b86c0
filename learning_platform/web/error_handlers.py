"""Every exception is answered: as a problem, or as a page where one was asked for."""

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from learning_platform.core.database import DatabaseUnavailable
from learning_platform.core.errors import Refusal, Unauthorized
from learning_platform.snapshots.rules import FreezeFailed
from learning_platform.web.http.accept import is_page_request
from learning_platform.web.http.error_answers import (
    UNFORESEEN_INPUT,
    Answer,
    Handler,
    answer_failure,
    answer_framework,
    answer_freeze_failure,
    answer_invalid,
    answer_refusal,
    answer_unavailable,
    answer_unforeseen_input,
)
from learning_platform.web.pages.kit.page_errors import error_page, known_viewer, viewer_or_visitor
from learning_platform.web.pages.kit.refused_track import may_be_private, refused_track


def install_error_handlers(app: FastAPI) -> None:
    """Answer every exception as a problem, or as a page if the client asked for one."""
    app.add_exception_handler(Refusal, _for_people_too(answer_refusal))
    app.add_exception_handler(FreezeFailed, _for_people_too(answer_freeze_failure))
    app.add_exception_handler(RequestValidationError, _for_people_too(answer_invalid))
    app.add_exception_handler(HTTPException, _for_people_too(answer_framework))
    app.add_exception_handler(DatabaseUnavailable, _for_people_too(answer_unavailable))
    for kind in UNFORESEEN_INPUT:
        app.add_exception_handler(kind, _for_people_too(answer_unforeseen_input))
    app.add_exception_handler(Exception, _for_people_too(answer_failure))


def _for_people_too(answer: Answer) -> Handler:
    async def answer_as_asked(request: Request, error: Exception) -> Response:
        if not is_page_request(request):
            return await answer(request, error)
        # Looking up the viewer would wait again for a database that is unavailable, or fail again after a defect.
        looks_up = not isinstance(error, DatabaseUnavailable) and answer is not answer_failure
        viewer = await viewer_or_visitor(request) if looks_up else known_viewer(request)
        if isinstance(error, Unauthorized) and viewer.session is not None:
            # Only programs can use this address. After signing in, a browser would return here in a loop.
            response = await answer_framework(request, HTTPException(404))
        else:
            response = await answer(request, error)
        problem = response.problem
        kept = {name: response.headers[name] for name in ("Retry-After", "Allow") if name in response.headers}
        return error_page(
            request,
            status=problem["status"],
            title=problem["title"],
            detail=problem["detail"],
            headers=kept,
            refused=await refused_track(request, viewer, error),
            may_be_private=may_be_private(error),
        )

    return answer_as_asked
