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
from learning_platform.reviews.shown_code import ShownFiles, is_text, shown_files, stored_contents
from learning_platform.snapshots.kinds import is_image, shown_kind
from learning_platform.snapshots.notebooks import MAX_CELLS, MAX_OUTPUTS
from learning_platform.web.http.dependencies import Id, Running
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn
from learning_platform.web.schemas.common import NO_NUL
from learning_platform.web.schemas.texts import MACHINE
from learning_platform.web.services import Services

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
    cell: Annotated[int, Query(ge=0, le=MAX_CELLS)] = 0,
    output: Annotated[int | None, Query(ge=0, le=MAX_OUTPUTS)] = None,
) -> Response:
    """Show a picture, or with `output` one of a notebook, without what its file says beside it."""
    async with services.database.connection() as db:
        access = await code_access(db, submission_id=submission_id, actor=user.actor, now=viewer.now)
        access = access if role is None else as_reviewer(access)
        files = await shown_files(db, access, tree_id=await frozen_tree(db, access, iteration=iteration))
        known = path in files.by_path
        content = (await stored_contents(db, files, [path])).get(path) if known else None
    if content is None:
        raise FileNotFound
    if output is None:
        picture, media_type = await _picture(services, path, content)
    else:
        picture, media_type = await _picture_of_notebook(services, files, path, content, cell=cell, output=output)
    return Response(b64decode(picture), media_type=media_type, headers=HEADERS)


async def _picture(services: Services, path: str, content: bytes) -> tuple[str, str]:
    """Return a picture in base 64 and its media type. Raises FileNotFound."""
    # Pillow takes a while to load, and processes that show no picture do without.
    from learning_platform.snapshots.pictures import SECONDS, stripped

    if not is_image(path, content):
        raise FileNotFound
    try:
        return await services.workers.run(stripped, b64encode(content).decode(), seconds=SECONDS)
    except TaskFailed as error:
        raise FileNotFound from error


async def _picture_of_notebook(
    services: Services, files: ShownFiles, path: str, content: bytes, *, cell: int, output: int
) -> tuple[str, str]:
    """Return a picture of the notebook that is shown in base 64, and its media type. Raises FileNotFound."""
    from learning_platform.snapshots.pictures import SECONDS, stripped_of_notebook

    entry = files.by_path[path]
    text = (await services.shown_texts.of(files, {path: content})).get(path) if is_text(entry) else None
    if text is None or shown_kind(entry) != "notebook":
        raise FileNotFound
    try:
        found = await services.workers.run(stripped_of_notebook, text.text, cell, output, seconds=SECONDS)
    except TaskFailed as error:
        raise FileNotFound from error
    if found is None:
        raise FileNotFound
    return found
