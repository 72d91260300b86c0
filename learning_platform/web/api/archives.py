"""Hand in code as an archive."""

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from learning_platform.attempts import submissions
from learning_platform.attempts.rules import AssignmentLocked, TrackLeft
from learning_platform.tracks.rules import AssignmentNotFound, DeadlinePassed, NotAParticipant, TrackOver
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import CurrentUser, Id, Now, Running
from learning_platform.web.http.hand_in import ensure_may_hand_in, hand_in_archive
from learning_platform.web.http.problems import Answers, refuses
from learning_platform.web.http.uploads import MULTIPART, NoFile, UploadsBusy, UploadUnderWay, uploaded_form
from learning_platform.web.schemas.attempts import ArchiveFields, Submission

router = APIRouter(route_class=ApiRoute, tags=["Submissions"])
REPLACED: Answers = {200: {"model": Submission, "description": "What was submitted before was replaced."}}
BODY = {"requestBody": {"required": True, "content": MULTIPART}}


@router.post(
    "/assignments/{assignment_id}/submit/archive",
    status_code=201,
    response_model=Submission,
    openapi_extra=BODY,
    responses=REPLACED
    | refuses(
        *SIGNED_IN,
        NotAParticipant,
        AssignmentNotFound,
        TrackLeft,
        TrackOver,
        DeadlinePassed,
        AssignmentLocked,
        UploadUnderWay,
        UploadsBusy,
        NoFile,
    ),
)
async def submit_archive(
    assignment_id: Id, request: Request, user: CurrentUser, services: Running, now: Now, response: Response
) -> submissions.Submission:
    """Submit code as a .zip or .tar.gz of at most 32 MiB. Submitting again before the deadline replaces it.

    The files are kept on the server as they are now. Folders such as `.git` and `node_modules` are left out. An archive
    that cannot be kept is refused with 422 and a code that says why, for example `too_large` or `bad_path`.
    """
    await ensure_may_hand_in(services, assignment_id=assignment_id, user_id=user.user_id, now=now)
    async with uploaded_form(request, services, user_id=user.user_id) as form:
        try:
            fields = ArchiveFields.model_validate({"comment": form.fields.get("comment")})
        except ValidationError as error:
            raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in error.errors()]) from None
        handed_in = await hand_in_archive(
            services, form, assignment_id=assignment_id, user_id=user.user_id, comment=fields.comment
        )
    response.status_code = 201 if handed_in.is_first else 200
    return handed_in.submission
