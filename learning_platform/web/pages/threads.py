"""Comment on code, answer comments, report them. The code page has the same forms beside the lines."""

from contextlib import suppress
from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.responses import JSONResponse

from learning_platform.accounts.queries import LiveSession
from learning_platform.core.database import Connection
from learning_platform.reviews.author.submissions import submission_head
from learning_platform.reviews.code_access import code_access
from learning_platform.reviews.queries import criteria
from learning_platform.reviews.threads import about_reviews, conversations, drafts, reports
from learning_platform.reviews.threads.queries import Thread, reader_of, thread_of
from learning_platform.reviews.threads.rules import AlreadyReported
from learning_platform.web.http.dependencies import Id, Now, Reader, Running, Transaction, begin
from learning_platform.web.http.redirects import safe_path
from learning_platform.web.pages.kit.forms import Form, TypedFields, TypedFlag, TypedForm, TypedPath
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.threads import comments_view, place_of
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn, Viewer
from learning_platform.web.schemas.common import NO_NUL
from learning_platform.web.schemas.texts import MACHINE
from learning_platform.web.schemas.threads import (
    EditedThread,
    MessageReport,
    NewMessage,
    NewThread,
    StateChange,
)
from learning_platform.web.services import Services

router = page_router()
# What stands for a place in the address of a form: texts that are typed are kept in the browser by that address.
At = Annotated[str, Query(max_length=64, pattern=NO_NUL), MACHINE]


@router.get("/submissions/{submission_id}/threads")
async def show_threads(
    request: Request, submission_id: Id, viewer: CurrentViewer, user: SignedIn, db: Reader
) -> Response:
    """Show all comments on a submission."""
    return await _comments(request, db, submission_id, viewer, user)


@router.post("/submissions/{submission_id}/threads")
async def comment_on(
    request: Request,
    submission_id: Id,
    viewer: CurrentViewer,
    user: SignedIn,
    services: Running,
    form: TypedForm,
    at: At = "general",
) -> Response:
    """Save a comment."""
    with form.refusing() as fields:
        made = await _make(services, fields, submission_id, form, viewer, user)
        return _back(form, made, notice="comment_saved" if made.is_draft else "comment_sent")
    async with services.database.connection() as db:
        return await _comments(request, db, submission_id, viewer, user, form=form, at=at)


@router.post("/submissions/{submission_id}/threads/draft")
async def save_new_draft(
    submission_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Save what is being typed. A script sends it; where it is refused, sending the form says why."""
    with form.refusing() as fields:
        return _saved(await _make(services, fields, submission_id, form, viewer, user))
    return _not_saved(form)


@router.get("/threads/{thread_id}/edit")
@router.get("/threads/{thread_id}/messages")
@router.get("/threads/{thread_id}/state")
async def show_thread(thread_id: Id, viewer: CurrentViewer, user: SignedIn, db: Reader) -> Response:
    """Redirect a reload of a rejected form, or a user who had to sign in first, to the comment."""
    _, thread = await thread_of(db, thread_id=thread_id, actor=user.actor, now=viewer.now)
    return redirect_to(f"/submissions/{thread.submission_id}/threads#thread-{thread_id}")


@router.post("/threads/{thread_id}/edit")
async def edit_draft(
    request: Request, thread_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Change a draft."""
    with form.refusing() as fields:
        return _back(form, await _edit(services, fields, thread_id, form, viewer, user), notice="comment_saved")
    return await _refused(request, services, thread_id, viewer, user, form)


@router.post("/threads/{thread_id}/draft")
async def save_draft(
    thread_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Save what is being typed."""
    with form.refusing() as fields:
        return _saved(await _edit(services, fields, thread_id, form, viewer, user))
    return _not_saved(form)


@router.post("/threads/{thread_id}/delete")
async def delete_draft(
    thread_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Delete a draft."""
    async with begin(services) as db:
        _, thread = await thread_of(db, thread_id=thread_id, actor=user.actor, now=viewer.now)
        await drafts.delete_draft(db, thread_id=thread_id, actor=user.actor, now=viewer.now)
    return redirect_to(_path_back(form, thread), notice="comment_deleted")


@router.post("/threads/{thread_id}/messages")
async def answer_thread(
    request: Request, thread_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Answer a comment."""
    with form.refusing() as fields:
        new = fields.read(NewMessage)
        async with begin(services) as db:
            answered = await conversations.answer_thread(
                db, thread_id=thread_id, actor=user.actor, text=new.text, now=viewer.now
            )
        return _back(form, answered, notice="answered")
    return await _refused(request, services, thread_id, viewer, user, form)


@router.get("/reviews/{review_id}/messages")
async def show_conversation(review_id: Id, user: SignedIn, db: Reader, now: Now) -> Response:
    """Redirect a reload of a rejected form, or a user who had to sign in first, to the comments on the submission."""
    submission_id = await about_reviews.submission_of(db, review_id=review_id, actor=user.actor, now=now)
    return redirect_to(f"/submissions/{submission_id}/threads")


@router.post("/reviews/{review_id}/messages")
async def write_about_review(
    request: Request, review_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Write about a review as a whole."""
    async with services.database.connection() as db:
        submission_id = await about_reviews.submission_of(db, review_id=review_id, actor=user.actor, now=viewer.now)
    with form.refusing() as fields:
        new = fields.read(NewMessage)
        async with begin(services) as db:
            written = await about_reviews.write_about_review(
                db, review_id=review_id, actor=user.actor, text=new.text, now=viewer.now
            )
        return _back(form, written, notice="message_sent")
    async with services.database.connection() as db:
        return await _comments(request, db, submission_id, viewer, user, form=form, review_id=review_id)


@router.post("/threads/{thread_id}/state")
async def set_state(
    request: Request, thread_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Settle a comment, or open it again."""
    with form.refusing() as fields:
        change = fields.read(StateChange)
        async with begin(services) as db:
            changed = await conversations.set_state(
                db,
                thread_id=thread_id,
                actor=user.actor,
                state=change.state,
                text=change.text,
                seen=form.seen,
                now=viewer.now,
            )
        return _back(form, changed, notice="saved")
    return await _refused(request, services, thread_id, viewer, user, form)


@router.post("/messages/{message_id}/report")
async def report_message(
    message_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Report a message; what was reported before, in another tab, is done."""
    with form.refusing() as fields:
        report = fields.read(MessageReport)
        with suppress(AlreadyReported):
            async with begin(services) as db:
                await reports.report_message(
                    db, message_id=message_id, actor=user.actor, reason=report.reason, now=viewer.now
                )
        return redirect_to(safe_path(form["back"]), notice="reported")
    form.raise_refusal()
    return redirect_to(safe_path(form["back"]))


@router.post("/messages/{message_id}/visibility")
async def set_hidden(
    message_id: Id, user: SignedIn, db: Transaction, now: Now, hidden: TypedFlag, back: TypedPath = ""
) -> Response:
    """Hide a message, or show it again."""
    await reports.set_hidden(db, message_id=message_id, actor=user.actor, hidden=hidden, now=now)
    return redirect_to(safe_path(back), notice="saved")


async def _make(
    services: Services, fields: TypedFields, submission_id: int, form: Form, viewer: Viewer, user: LiveSession
) -> Thread:
    new = fields.read(NewThread)
    async with begin(services) as db:
        return await drafts.comment_on(
            db,
            submission_id=submission_id,
            actor=user.actor,
            place=new.place,
            comment=new.comment,
            draft_key=new.draft_key,
            seen=form.seen,
            now=viewer.now,
        )


async def _edit(
    services: Services, fields: TypedFields, thread_id: int, form: Form, viewer: Viewer, user: LiveSession
) -> Thread:
    edited = fields.read(EditedThread)
    async with begin(services) as db:
        return await drafts.change_draft(
            db, thread_id=thread_id, actor=user.actor, change=lambda _: edited.comment, seen=form.seen, now=viewer.now
        )


def _saved(thread: Thread) -> Response:
    return JSONResponse({"id": thread.id, "version": thread.version})


def _not_saved(form: Form) -> Response:
    return JSONResponse({"problem": form.problem}, status_code=form.status, headers=form.headers)


def _back(form: Form, thread: Thread, *, notice: str) -> Response:
    return redirect_to(f"{_path_back(form, thread)}#thread-{thread.id}", notice=notice)


def _path_back(form: Form, thread: Thread) -> str:
    given = form["back"].partition("#")[0]
    return safe_path(given) if given else f"/submissions/{thread.submission_id}/threads"


async def _refused(
    request: Request, services: Services, thread_id: int, viewer: Viewer, user: LiveSession, form: Form
) -> Response:
    """Show all comments, with what was typed at its thread."""
    async with services.database.connection() as db:
        _, thread = await thread_of(db, thread_id=thread_id, actor=user.actor, now=viewer.now)
        return await _comments(request, db, thread.submission_id, viewer, user, form=form, thread_id=thread_id)


async def _comments(
    request: Request,
    db: Connection,
    submission_id: int,
    viewer: Viewer,
    user: LiveSession,
    *,
    form: Form | None = None,
    at: str | None = None,
    thread_id: int | None = None,
    review_id: int | None = None,
) -> Response:
    access = await code_access(db, submission_id=submission_id, actor=user.actor, now=viewer.now)
    head = await submission_head(db, submission_id=submission_id, now=viewer.now)
    back = form["back"] if form is not None else ""
    view = await comments_view(
        db,
        access,
        await reader_of(db, access, user_id=user.user_id, now=viewer.now),
        rubric=await criteria(db, assignment_id=access.assignment_id),
        track=head,
        viewer=viewer,
        back=back or f"/submissions/{submission_id}/threads",
        refused=form,
        refused_at=thread_id,
    )
    return page(
        request,
        "comments.html",
        status=200 if form is None else form.status,
        head=head,
        view=view,
        has_code=access.tree_id is not None,
        at=at,
        place=place_of(form) if form is not None and thread_id is None and review_id is None else None,
        review_id=review_id,
    )
