"""Read the code of a submission: what changed, every file, with comments beside the lines."""

import asyncio
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from fastapi import Depends, Query, Request, Response

from learning_platform.accounts.queries import LiveSession
from learning_platform.core.database import Connection
from learning_platform.core.languages import N_, translate
from learning_platform.reviews.author.submissions import SubmissionHead, submission_head
from learning_platform.reviews.code_access import CodeAccess, code_access
from learning_platform.reviews.code_archive import archived_files, stored_files, zip_of
from learning_platform.reviews.compared_code import (
    Base,
    ComparedCode,
    Contents,
    compared_code,
    contents_for,
    frozen_tree,
    texts_for,
)
from learning_platform.reviews.mask_terms import shown_comments
from learning_platform.reviews.masking_preview import as_reviewer
from learning_platform.reviews.rules import CodeNotFound, CodeNotFrozen, FileNotFound, SubmissionNotFound
from learning_platform.reviews.shown_code import shown_files
from learning_platform.reviews.viewed_files import mark_viewed, viewed_files
from learning_platform.snapshots import hidden_terms
from learning_platform.web.http.dependencies import Id, Now, Running, begin
from learning_platform.web.pages.kit import code_view, masking_preview
from learning_platform.web.pages.kit.code_comments import CodeComments, code_comments
from learning_platform.web.pages.kit.code_rows import Place, key_of
from learning_platform.web.pages.kit.code_view import Choices, FileView, Show, View
from learning_platform.web.pages.kit.compressed import Compressed
from learning_platform.web.pages.kit.file_tree import folders_of
from learning_platform.web.pages.kit.formatted_files import format_files
from learning_platform.web.pages.kit.forms import Form, TypedForm
from learning_platform.web.pages.kit.masking_preview import Counted, MaskingPreview
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn, Viewer
from learning_platform.web.schemas.common import NO_NUL
from learning_platform.web.schemas.hidden_terms import NewHiddenTerms
from learning_platform.web.schemas.texts import MACHINE
from learning_platform.web.services import Services

router = page_router()
LEFT_OUT = N_("Show the whole file ({count} unchanged lines)")
MAX_PATH_LENGTH = 1000
FilePath = Annotated[str | None, Query(min_length=1, max_length=MAX_PATH_LENGTH, pattern=NO_NUL), MACHINE]
CommentAt = Annotated[str | None, Query(max_length=MAX_PATH_LENGTH, pattern=NO_NUL), MACHINE]
Iteration = Annotated[int | None, Query(ge=1, le=100)]
AsRole = Annotated[Literal["reviewer"] | None, Query(alias="as")]
AS_REVIEWER = Choices(role="reviewer")
# A picture that is loaded from elsewhere would show its owner who reviews.
IMAGES_FROM_ELSEWHERE, OWN_IMAGES = "img-src 'self' data: https:", "img-src 'self'"


async def choices_of(
    iteration: Iteration = None,
    base: Base | None = None,
    view: View | None = None,
    space: Literal["ignore"] | None = None,
    sides: Annotated[int | None, Query(ge=1, le=2)] = None,
    file: FilePath = None,
    start: Annotated[int, Query(ge=0, le=2_000_000)] = 0,
    line: Annotated[str | None, Query(pattern=r"^[LR][0-9]{1,7}$"), MACHINE] = None,
    show: Show | None = None,
    comment: CommentAt = None,
    role: AsRole = None,
) -> Choices:
    """Return what the address asks for."""
    place: Place | None = None if line is None else ("L" if line.startswith("L") else "R", int(line[1:]))
    return Choices(
        *(iteration, base, view, space, 2 if sides == 2 else None, file, start, place, show),
        comment=comment,
        role=role,
    )


Chosen = Annotated[Choices, Depends(choices_of)]


@dataclass(frozen=True, slots=True)
class _Found:
    """What a page needs from the database."""

    access: CodeAccess
    head: SubmissionHead
    code: ComparedCode
    choices: Choices
    files: list[FileView]
    viewed: frozenset[str]
    contents: Contents
    comments: CodeComments
    counted: Counted | None
    # Empty: what was typed is in the browser.
    review_form: Form | None
    # What the author wrote to reviewers, beside the form of the review.
    note: str | None = None


@router.get("/submissions/{submission_id}/code")
async def show_code(
    request: Request, submission_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, choices: Chosen
) -> Response:
    """Show the code of a submission to its author, its reviewers and staff."""
    return await _show(request, submission_id, viewer, user, services, choices)


@router.get("/submissions/{submission_id}/code/hidden-terms")
async def show_hidden_terms(submission_id: Id, _user: SignedIn) -> Response:
    """Redirect a reload of a rejected form to its page."""
    return redirect_to(f"/submissions/{submission_id}/code{AS_REVIEWER.address()}")


@router.post("/submissions/{submission_id}/code/hidden-terms")
async def set_hidden_terms(
    request: Request, submission_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Replace what the author adds to what is hidden from reviewers."""
    with form.refusing() as fields:
        new = fields.read(NewHiddenTerms, terms=masking_preview.typed_terms(form))
        async with begin(services) as db:
            access = await code_access(db, submission_id=submission_id, actor=user.actor, now=viewer.now)
            if access.role != "author":
                raise SubmissionNotFound
            await hidden_terms.set_hidden_terms(db, track_id=access.track_id, user_id=user.user_id, terms=new.terms)
        return redirect_to(f"/submissions/{submission_id}/code{AS_REVIEWER.address()}", notice="saved")
    masking_preview.say_at_the_field(form)
    return await _show(request, submission_id, viewer, user, services, AS_REVIEWER, form=form)


async def _show(
    request: Request,
    submission_id: int,
    viewer: Viewer,
    user: LiveSession,
    services: Services,
    choices: Choices,
    *,
    form: Form | None = None,
) -> Response:
    try:
        async with services.database.connection() as db:
            found = await _find(db, submission_id, user, viewer, choices)
    except (CodeNotFound, CodeNotFrozen) as refusal:
        return await _not_there(request, services, submission_id, user, viewer, refusal)
    choices, places = found.choices, found.comments.places
    wanted = [file for file in found.files if file.folded is None]
    texts = await texts_for(services.shown_texts, found.code, found.contents)
    with_lines = [file for file in wanted if _is_lines(file)]
    await asyncio.to_thread(code_view.compare, with_lines, found.code, texts, choices, places=places)
    await format_files(services, with_lines, found.code, choices, found.comments, language=viewer.language)
    html = await services.highlighted_code.lines(code_view.to_be_highlighted(wanted, choices))
    left_out = translate(LEFT_OUT, viewer.language, count="{count}")
    await asyncio.to_thread(
        code_view.fill_rows,
        wanted,
        html,
        choices,
        left_out=left_out,
        may_comment=found.comments.may_comment,
        places=places,
    )
    preview = None
    if found.counted is not None:
        preview = await masking_preview.preview_of(services.shown_texts, found.counted, viewer.language, form)
        await asyncio.to_thread(masking_preview.mark_places, wanted, preview.mark)
    status = 200 if form is None else form.status
    # A large page takes 50 ms, during which other requests are answered.
    return _with_own_images(Compressed(await asyncio.to_thread(_page, request, found, preview, status=status)))


@router.post("/submissions/{submission_id}/code/viewed")
async def mark_file(
    submission_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, choices: Chosen, form: TypedForm
) -> Response:
    """Note that a file has been viewed, or has not."""
    async with begin(services) as db:
        access = await code_access(db, submission_id=submission_id, actor=user.actor, now=viewer.now)
        tree_id = await frozen_tree(db, access, iteration=choices.iteration or access.latest_iteration)
        entry = (await shown_files(db, access, tree_id=tree_id)).by_path.get(form["path"])
        if entry is None or entry.hash is None:
            raise FileNotFound
        await mark_viewed(db, access, user_id=user.user_id, hash=entry.hash, is_viewed=form["viewed"] != "no")
    return redirect_to(f"/submissions/{submission_id}/code{choices.address()}#{key_of(form['path'])}")


@router.get("/submissions/{submission_id}/code.zip")
async def download_code(
    submission_id: Id, user: SignedIn, services: Running, now: Now, iteration: Iteration = None
) -> Response:
    """Hand over all files."""
    async with services.database.connection() as db:
        access = await code_access(db, submission_id=submission_id, actor=user.actor, now=now)
        tree_id = await frozen_tree(db, access, iteration=iteration or access.latest_iteration)
        files = await shown_files(db, access, tree_id=tree_id)
        contents = await stored_files(db, files)
    archived = await archived_files(services.shown_texts, files, contents)
    name = f'attachment; filename="submission-{submission_id}.zip"'
    content = await asyncio.to_thread(zip_of, archived)
    return Response(content, media_type="application/zip", headers={"Content-Disposition": name})


async def _find(db: Connection, submission_id: int, user: LiveSession, viewer: Viewer, choices: Choices) -> _Found:
    own = await code_access(db, submission_id=submission_id, actor=user.actor, now=viewer.now)
    access = own if choices.role is None else as_reviewer(own)
    code = await compared_code(db, access, base=choices.base, iteration=choices.iteration)
    if choices.view is None and code.old is None:
        # Without a base nothing changed, and everything is to be read.
        choices = replace(choices, view="all")
    viewed = await viewed_files(db, access, user_id=user.user_id)
    files = code_view.selected(code, choices, viewed=viewed)
    read = code_view.to_be_read(files, is_masked=access.role == "reviewer")
    contents = await contents_for(db, code, [file.change for file in read])
    head = await submission_head(db, submission_id=submission_id, now=viewer.now)
    comments = await code_comments(db, own, head, code, choices, files, viewer=viewer)
    if choices.role is None:
        form = Form(viewer.language) if comments.may_review else None
        notes = await shown_comments(db, {head.id: head.comment}) if form else {}
        note = notes.get(head.id)
        return _Found(access, head, code, choices, files, viewed, contents, comments, None, form, note)
    counted = await masking_preview.read_counted(db, own, head, code.new)
    return _Found(access, head, code, choices, files, frozenset(), contents, comments.left_out(), counted, None)


def _is_lines(file: FileView) -> bool:
    return file.kind in {"text", "notebook", "symlink", "lfs"}


def _page(request: Request, found: _Found, preview: MaskingPreview | None, *, status: int) -> Response:
    shown = {file.key for file in found.files}
    everything = [code_view.view_of(change, viewed=found.viewed) for change in found.code.changes]
    for file in (*found.files, *everything):
        file.comments = found.comments.count_at(file)
    is_changed = {file.key: file.change.kind != "unchanged" for file in everything}
    return page(
        request,
        "code.html",
        status=status,
        preview=preview,
        access=found.access,
        head=found.head,
        review_form=found.review_form,
        note=found.note,
        code=found.code,
        choices=found.choices,
        files=found.files,
        comments=found.comments,
        public_url=request.app.state.services.settings.public_url,
        shown=shown,
        changed=folders_of(file for file in everything if is_changed[file.key]),
        changed_count=sum(is_changed.values()),
        unchanged=folders_of(file for file in everything if not is_changed[file.key]),
        unchanged_count=len(everything) - sum(is_changed.values()),
    )


async def _not_there(
    request: Request,
    services: Services,
    submission_id: int,
    user: LiveSession,
    viewer: Viewer,
    refusal: CodeNotFound | CodeNotFrozen,
) -> Response:
    """Show why there is no code, and the link that was handed in."""
    async with services.database.connection() as db:
        access = await code_access(db, submission_id=submission_id, actor=user.actor, now=viewer.now)
        head = await submission_head(db, submission_id=submission_id, now=viewer.now)
    is_waiting = isinstance(refusal, CodeNotFrozen)
    return page(
        request, "code_missing.html", status=409 if is_waiting else 404, access=access, head=head, is_waiting=is_waiting
    )


def _with_own_images(response: Response) -> Response:
    policy = response.headers["Content-Security-Policy"]
    assert IMAGES_FROM_ELSEWHERE in policy
    response.headers["Content-Security-Policy"] = policy.replace(IMAGES_FROM_ELSEWHERE, OWN_IMAGES)
    return response
