"""The code of a submission: its files, their text with changes, and all of it as an archive."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from learning_platform.core.database import Connection
from learning_platform.reviews.code_access import CodeAccess, code_access
from learning_platform.reviews.code_archive import archived_files, stored_files, zip_of
from learning_platform.reviews.compared_code import (
    Base,
    ComparedText,
    compared_code,
    compared_text,
    contents_for,
    frozen_tree,
    texts_for,
)
from learning_platform.reviews.rules import (
    BaseNotFound,
    CodeNotFound,
    CodeNotFrozen,
    FileNotFound,
    IterationNotFound,
    SubmissionNotFound,
)
from learning_platform.reviews.shown_code import is_text, shown_files
from learning_platform.reviews.threads.on_code import places_of, threads_on
from learning_platform.reviews.threads.queries import threads_of
from learning_platform.snapshots.comparison.lines import Change
from learning_platform.snapshots.comparison.trees import FileChange
from learning_platform.snapshots.freezing import Snapshot, snapshot
from learning_platform.snapshots.kinds import language_of, shown_kind
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.api.paging import LINK_HEADER
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import CurrentUser, Id, Now, Reader, Running
from learning_platform.web.http.problems import refuses
from learning_platform.web.http.redirects import with_query
from learning_platform.web.schemas.code import Code, CodeFile, FileText, LineChange
from learning_platform.web.schemas.common import MAX_ID, NO_NUL
from learning_platform.web.schemas.texts import MACHINE

router = APIRouter(route_class=ApiRoute, tags=["Code"])
MAX_PATH_LENGTH = 1000
DEFAULT_LINES, MAX_LINES = 5_000, 20_000
READERS = (*SIGNED_IN, SubmissionNotFound, CodeNotFound, CodeNotFrozen)
BaseChoice = Annotated[
    Base | None, Query(description="What to compare with: by default the starter, if the assignment has one.")
]
Iteration = Annotated[
    int | None,
    Query(ge=1, le=100, description="By default the latest; for a reviewer who has not reviewed yet the first."),
]
FilePath = Annotated[str, Query(min_length=1, max_length=MAX_PATH_LENGTH, pattern=NO_NUL), MACHINE]
AfterLine = Annotated[int, Query(ge=0, le=MAX_ID, description="The last line of the part before.")]
LineLimit = Annotated[int, Query(ge=1, le=MAX_LINES, description="The most lines of a part.")]
ZIP = {200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}}


@router.get(
    "/submissions/{submission_id}/code",
    response_model=Code,
    responses=refuses(*READERS, BaseNotFound, IterationNotFound),
)
async def show_code(
    submission_id: Id,
    user: CurrentUser,
    db: Reader,
    now: Now,
    base: BaseChoice = None,
    iteration: Iteration = None,
) -> Code:
    """List the files of a submission that you handed in, review or oversee, and what changed since the base."""
    access = await code_access(db, submission_id=submission_id, actor=user.actor, now=now)
    code = await compared_code(db, access, base=base, iteration=iteration)
    threads = await threads_of(db, access, user_id=user.user_id, now=now)
    counts = (await threads_on(db, access, code, threads)).counts()
    files = [_file(change, comments=sum(counts[place] for place in places_of(change))) for change in code.changes]
    state = await _snapshot(db, access, code.iteration)
    return Code.model_validate(
        {"snapshot": state, "base": code.base, "iteration": code.iteration, "files": files}, from_attributes=True
    )


@router.get(
    "/submissions/{submission_id}/code/file",
    response_model=FileText,
    responses=refuses(*READERS, BaseNotFound, IterationNotFound, FileNotFound) | LINK_HEADER,
)
async def show_file(
    submission_id: Id,
    path: FilePath,
    user: CurrentUser,
    services: Running,
    now: Now,
    request: Request,
    response: Response,
    base: BaseChoice = None,
    iteration: Iteration = None,
    after: AfterLine = 0,
    limit: LineLimit = DEFAULT_LINES,
) -> FileText:
    """Show the text of a file, and its changes since the base; a long file in parts."""
    async with services.database.connection() as db:
        access = await code_access(db, submission_id=submission_id, actor=user.actor, now=now)
        code = await compared_code(db, access, base=base, iteration=iteration)
        change = code.change_of(path)
        contents = await contents_for(db, code, [change])
    texts = await texts_for(services.shown_texts, code, contents)
    text = await asyncio.to_thread(compared_text, code, change, texts)
    shown = _text_of(change, text, after=after, limit=limit)
    if shown.lines and after + len(shown.lines) < shown.total_lines:
        following = with_query(request, after=after + len(shown.lines), limit=limit)
        response.headers["Link"] = f'<{following}>; rel="next"'
    return shown


@router.get(
    "/submissions/{submission_id}/code.zip",
    response_class=Response,
    responses=refuses(*READERS, IterationNotFound) | ZIP,  # type: ignore[operator]  # The keys are those of `Answers`.
)
async def download_code(
    submission_id: Id, user: CurrentUser, services: Running, now: Now, iteration: Iteration = None
) -> Response:
    """Download all files, for reviewers without what would name the author."""
    async with services.database.connection() as db:
        access = await code_access(db, submission_id=submission_id, actor=user.actor, now=now)
        tree_id = await frozen_tree(db, access, iteration=iteration or access.latest_iteration)
        files = await shown_files(db, access, tree_id=tree_id)
        contents = await stored_files(db, files)
    archived = await archived_files(services.shown_texts, files, contents)
    return zip_response(await asyncio.to_thread(zip_of, archived), submission_id)


def zip_response(content: bytes, submission_id: int) -> Response:
    """Return an archive as a download."""
    name = f'attachment; filename="submission-{submission_id}.zip"'
    return Response(content, media_type="application/zip", headers={"Content-Disposition": name})


async def _snapshot(db: Connection, access: CodeAccess, iteration: int) -> Snapshot:
    """Return the state of what is shown. Reviewers are not given what identifies it elsewhere: commit, size, time."""
    snapshot_id = access.snapshot_of(iteration)
    assert snapshot_id is not None
    state = await snapshot(db, snapshot_id=snapshot_id)
    assert state is not None
    if access.role != "reviewer":
        return state
    return Snapshot(state.state, state.origin, None, state.files, None, None, None)


def _file(change: FileChange, *, comments: int) -> CodeFile:
    entry = change.new or change.old
    assert entry is not None
    return CodeFile(
        path=entry.path,
        former_path=_former_path(change),
        kind=shown_kind(entry),
        is_executable=entry.mode == "100755",
        size=entry.size,
        lines=entry.lines,
        change=change.kind,
        comments=comments,
    )


def _former_path(change: FileChange) -> str | None:
    return change.old.path if change.kind == "renamed" and change.old is not None else None


def _text_of(change: FileChange, text: ComparedText | None, *, after: int, limit: int) -> FileText:
    """Return the lines of a file after the first `after` of them, and the changes that begin among them."""
    entry = change.new or change.old
    assert entry is not None
    has_text = text is not None and is_text(entry)
    total = len(text.new_lines) if text is not None and has_text else 0
    until = total + 1 if after + limit >= total else after + limit
    return FileText(
        path=entry.path,
        former_path=_former_path(change),
        kind=shown_kind(entry),
        change=change.kind,
        language=language_of(entry.path) if has_text else "",
        encoding=text.new.encoding if text is not None and has_text else None,
        has_crlf=text.new.has_crlf if text is not None and has_text else None,
        lines=list(text.new_lines[after : after + limit]) if text is not None and has_text else None,
        total_lines=total,
        changes=[]
        if text is None
        else [
            _line_change(text, each)
            for each in text.changes
            if each.kind != "equal" and after <= each.new_start < until
        ],
    )


def _line_change(text: ComparedText, change: Change) -> LineChange:
    return LineChange(
        first_line=change.new_start + 1,
        lines=change.new_end - change.new_start,
        former_first_line=change.old_start + 1,
        removed=list(text.old_lines[change.old_start : change.old_end]),
    )
