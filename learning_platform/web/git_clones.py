"""git over HTTP: a clone of `/submissions/<submission>/code.git` has the files that its reader may see.

They are one commit without an author or a history. For a reviewer the files are those of the archive (`code.zip`), with
everything hidden that is hidden there.
"""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.requests import ClientDisconnect

from learning_platform.accounts.hand_in_tokens import TokenOwner
from learning_platform.core.errors import Refusal
from learning_platform.core.languages import N_, translate
from learning_platform.reviews.code_access import code_access
from learning_platform.reviews.code_archive import archived_files, stored_files
from learning_platform.reviews.compared_code import frozen_tree
from learning_platform.reviews.shown_code import ShownFiles, shown_files
from learning_platform.snapshots.failures import failure_text
from learning_platform.snapshots.git.process import GitFailed
from learning_platform.snapshots.git.protocol import BadRequest
from learning_platform.snapshots.git.receiving import inflated
from learning_platform.snapshots.git.sending import (
    BRANCH,
    MAX_REQUEST_BYTES,
    SERVICE,
    CommitChanged,
    advertised_commit,
    commit_files,
    refusal,
    sent_commit,
)
from learning_platform.snapshots.rules import FreezeFailed
from learning_platform.snapshots.trees import File
from learning_platform.web.git_sign_in import CurrentGitUser, GitUser, plain
from learning_platform.web.http.dependencies import Id, PreferredLanguage, Running
from learning_platform.web.http.push_messages import UNREADABLE
from learning_platform.web.services import Services

router = APIRouter(include_in_schema=False)
ONLY_CLONES = N_("This address can only be cloned. To hand in, push to the address on the page of the assignment.")
TRY_AGAIN = N_("The files were not ready yet. Run the command again.")
RESULT = f"application/x-{SERVICE}-result"
ADVERTISEMENT = f"application/x-{SERVICE}-advertisement"
NOT_KEPT = {"Cache-Control": "no-store"}
REFUSED, UNREAD, NO_GIT = 403, 400, 503

Answer: TypeAlias = Callable[..., Coroutine[Any, Any, bytes]]


@router.get("/submissions/{submission_id}/code.git/info/refs")
async def advertise(
    submission_id: Id, request: Request, services: Running, user: CurrentGitUser, language: PreferredLanguage
) -> Response:
    """Say which commit there is to be cloned."""
    if request.query_params.get("service") != SERVICE:
        return PlainTextResponse(translate(ONLY_CLONES, language), REFUSED)
    return await _answered(services, user, submission_id, advertised_commit, is_new=True, media_type=ADVERTISEMENT)


@router.post("/submissions/{submission_id}/code.git/git-upload-pack")
async def send(submission_id: Id, request: Request, services: Running, user: CurrentGitUser) -> Response:
    """Send the commit that git asks for."""
    if user.owner is None:
        assert user.refusal is not None
        return user.refusal
    is_compressed = request.headers.get("content-encoding") in {"gzip", "x-gzip"}
    try:
        asked = await _whole(inflated(request.stream()) if is_compressed else request.stream())
    except BadRequest:
        return PlainTextResponse(translate(UNREADABLE, user.owner.locale), UNREAD)
    except ClientDisconnect:
        return Response(status_code=UNREAD)
    answer = partial(sent_commit, request=asked)
    return await _answered(services, user, submission_id, answer, is_new=False, media_type=RESULT)


async def _answered(
    services: Services, user: GitUser, submission_id: int, answer: Answer, *, is_new: bool, media_type: str
) -> Response:
    """Answer a request; the first of a clone `is_new`, the others are about the same commit."""
    owner = user.owner
    if owner is None:
        assert user.refusal is not None
        return user.refusal
    try:
        async with (
            services.pushes.of_person(owner.user_id),
            _repository(services, owner, submission_id, is_new=is_new) as repository,
            services.pushes.of_all(),
        ):
            content = await answer(repository)
    except Refusal as refused:
        return plain(refused, owner.locale)
    except FreezeFailed as failed:
        return PlainTextResponse(failure_text(failed, owner.locale), NO_GIT)
    except CommitChanged:
        content = refusal(translate(TRY_AGAIN, owner.locale))
    except GitFailed:
        return PlainTextResponse(translate(UNREADABLE, owner.locale), UNREAD)
    return Response(content, media_type=media_type, headers=NOT_KEPT)


@asynccontextmanager
async def _repository(
    services: Services, owner: TokenOwner, submission_id: int, *, is_new: bool
) -> AsyncIterator[Path]:
    """Give the repository of a clone. Raises SubmissionNotFound, CodeNotFound, CodeNotFrozen."""
    async with services.database.connection() as db:
        access = await code_access(db, submission_id=submission_id, actor=owner.actor, now=services.clock())
        tree_id = await frozen_tree(db, access, iteration=access.latest_iteration)
        shown = await shown_files(db, access, tree_id=tree_id)

    async def fill(repository: Path) -> None:
        files = await _files(services, shown)
        async with services.pushes.of_all():
            await commit_files(repository, files, message=f"Submission {submission_id}\n")

    key = (owner.user_id, submission_id, tree_id, None if shown.mask is None else shown.mask.key)
    async with services.clones.repository(key, fill, branch=BRANCH, is_new=is_new) as repository:
        yield repository


async def _files(services: Services, shown: ShownFiles) -> list[File]:
    """Return the files that a person may take away."""
    async with services.database.connection() as db:
        contents = await stored_files(db, shown)
    archived = await archived_files(services.shown_texts, shown, contents)
    return [
        File(file.path, "100755" if file.is_executable else "100644", file.content, len(file.content))
        for file in archived
    ]


async def _whole(body: AsyncIterator[bytes]) -> bytes:
    """Return a request of git. Raises BadRequest, ClientDisconnect."""
    content = bytearray()
    async for chunk in body:
        content += chunk
        if len(content) > MAX_REQUEST_BYTES:
            raise BadRequest
    return bytes(content)
