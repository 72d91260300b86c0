"""Pictures of a submission's code, for the page that shows them: from our own address, and without metadata.

A browser asks for a picture with an `Accept` of its own and the cookie of the session, so this address belongs neither
to the pages nor to the API.
"""

from base64 import b64decode, b64encode
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from learning_platform.core.workers import TaskFailed
from learning_platform.reviews.code_access import code_access
from learning_platform.reviews.compared_code import frozen_tree
from learning_platform.reviews.masking_preview import as_reviewer
from learning_platform.reviews.rules import FileNotFound
from learning_platform.reviews.shown_code import shown_files, stored_contents
from learning_platform.snapshots.kinds import is_image
from learning_platform.web.http.dependencies import Id, Running
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn
from learning_platform.web.schemas.common import NO_NUL
from learning_platform.web.schemas.texts import MACHINE

router = APIRouter(include_in_schema=False)
PicturePath = Annotated[str, Query(min_length=1, max_length=1000, pattern=NO_NUL), MACHINE]
# Nothing in a picture can load anything or run, whatever a browser takes it for.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=300",
}


@router.get("/submissions/{submission_id}/code/picture")
async def show_picture(
    submission_id: Id,
    path: PicturePath,
    viewer: CurrentViewer,
    user: SignedIn,
    services: Running,
    iteration: Annotated[int, Query(ge=1, le=100)] = 1,
    role: Annotated[Literal["reviewer"] | None, Query(alias="as")] = None,
) -> Response:
    """Show a picture without what its file says beside it."""
    # Pillow takes a while to load, and processes that show no picture do without.
    from learning_platform.snapshots.pictures import SECONDS, stripped

    async with services.database.connection() as db:
        access = await code_access(db, submission_id=submission_id, actor=user.actor, now=viewer.now)
        access = access if role is None else as_reviewer(access)
        files = await shown_files(db, access, tree_id=await frozen_tree(db, access, iteration=iteration))
        known = path in files.by_path
        content = (await stored_contents(db, files, [path])).get(path) if known else None
    if content is None or not is_image(path, content):
        raise FileNotFound
    try:
        picture, media_type = await services.workers.run(stripped, b64encode(content).decode(), seconds=SECONDS)
    except TaskFailed as error:
        raise FileNotFound from error
    return Response(b64decode(picture), media_type=media_type, headers=HEADERS)
