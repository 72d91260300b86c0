"""The code that participants of an assignment start from."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from learning_platform.attempts.repository_links import repository_link
from learning_platform.attempts.rules import AssignmentLocked, NotARepositoryLink
from learning_platform.snapshots import starters
from learning_platform.snapshots.freezing import Received
from learning_platform.snapshots.starters import NoStarter
from learning_platform.tracks.rules import AssignmentNotFound, NotAParticipant, NotTheAuthor, TrackOver
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import CurrentUser, Id, Now, Reader, Running, Transaction, begin
from learning_platform.web.http.problems import refuses
from learning_platform.web.http.starters import set_uploaded_starter, shown_starter, small_body, starter_zip
from learning_platform.web.http.uploads import MULTIPART, NoFile, UploadsBusy, UploadUnderWay
from learning_platform.web.schemas.starters import Starter, StarterLink

router = APIRouter(route_class=ApiRoute, tags=["Starter code"])
LINK: dict[str, Any] = {"application/json": {"schema": StarterLink.model_json_schema()}}
BODY = {"requestBody": {"required": True, "content": MULTIPART | LINK}}
ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}
AUTHORS = (*SIGNED_IN, NotTheAuthor, AssignmentNotFound, TrackOver)
READERS = (*SIGNED_IN, NotAParticipant, AssignmentNotFound, AssignmentLocked, NoStarter)


@router.put(
    "/assignments/{assignment_id}/starter",
    response_model=Starter,
    openapi_extra=BODY,
    responses=refuses(*AUTHORS, NotARepositoryLink, UploadUnderWay, UploadsBusy, NoFile),
)
async def set_starter(
    assignment_id: Id, request: Request, user: CurrentUser, services: Running, now: Now
) -> starters.Starter:
    """Give an assignment its starter code: a .zip or .tar.gz as a form, or a link to a git repository as JSON."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        await set_uploaded_starter(request, services, assignment_id=assignment_id, actor=user.actor)
    else:
        received = Received("link", repo_url=repository_link(_link_in(await small_body(request)).repo_url))
        async with begin(services) as db:
            await starters.set_starter(db, assignment_id=assignment_id, actor=user.actor, received=received, now=now)
    async with services.database.connection() as db:
        return await shown_starter(db, services, assignment_id=assignment_id, actor=user.actor)


@router.get("/assignments/{assignment_id}/starter", response_model=Starter, responses=refuses(*READERS))
async def show_starter(assignment_id: Id, user: CurrentUser, services: Running, db: Reader) -> starters.Starter:
    """Show the starter code of an assignment that is open for you."""
    return await shown_starter(db, services, assignment_id=assignment_id, actor=user.actor)


@router.get("/assignments/{assignment_id}/starter.zip", response_class=Response, responses=refuses(*READERS) | ZIP)
async def download_starter(assignment_id: Id, user: CurrentUser, services: Running) -> Response:
    """Download the starter code."""
    return await starter_zip(services, assignment_id=assignment_id, actor=user.actor)


@router.delete("/assignments/{assignment_id}/starter", status_code=204, responses=refuses(*AUTHORS, NoStarter))
async def delete_starter(assignment_id: Id, user: CurrentUser, db: Transaction, now: Now) -> None:
    """Take the starter code away."""
    await starters.delete_starter(db, assignment_id=assignment_id, actor=user.actor, now=now)


def _link_in(body: bytes) -> StarterLink:
    try:
        return StarterLink.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in error.errors()]) from None
