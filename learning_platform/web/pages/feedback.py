"""The reviews of one's own submission: read them, answer them, appeal against the result."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from fastapi import Request, Response

from learning_platform.attempts.progress import Progress, progress_at
from learning_platform.attempts.queries import assignment_view
from learning_platform.attempts.rules import NoSubmission
from learning_platform.core.database import Connection
from learning_platform.reviews import appeals, queries, reviewing
from learning_platform.reviews.code_access import code_access
from learning_platform.reviews.results import Criterion
from learning_platform.reviews.rules import AppealNotFound, AppealWithdrawn, OwnReviewsFirst
from learning_platform.reviews.threads.rules import ThreadReader
from learning_platform.tracks.appeal_period import appeals_due_at, are_appeals_open
from learning_platform.tracks.queries import TrackHead, track_head
from learning_platform.web.http.dependencies import Id, Reader, Running, begin
from learning_platform.web.pages.kit.forms import Form, TypedForm, TypedId
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.received import summarize
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.threads import CommentsView, comments_view
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn, Viewer
from learning_platform.web.schemas.reviews import Answer, AppealChange, NewAppeal

router = page_router()


@router.get("/assignments/{assignment_id}/reviews")
async def show_feedback(
    request: Request, assignment_id: Id, viewer: CurrentViewer, _user: SignedIn, db: Reader
) -> Response:
    """Show the reviews of one's own work and what they add up to."""
    return await _feedback(request, db, assignment_id, viewer, form=Form(viewer.language))


@router.post("/reviews/{review_id}/answer")
async def answer(
    request: Request,
    review_id: Id,
    viewer: CurrentViewer,
    user: SignedIn,
    services: Running,
    form: TypedForm,
    assignment_id: TypedId,
) -> Response:
    """Say whether a review was helpful."""
    with form.refusing() as fields:
        given = fields.read(Answer)
        async with begin(services) as db:
            await reviewing.answer(
                db,
                review_id=review_id,
                user_id=user.user_id,
                helpful=given.helpful,
                comment=given.comment,
                seen=form.seen,
                now=viewer.now,
            )
        return redirect_to(f"/assignments/{assignment_id}/reviews", notice="saved")
    if not form.saved:
        form.raise_refusal()
    async with services.database.connection() as db:
        return await _feedback(
            request, db, assignment_id, viewer, form=Form(viewer.language), answered_id=review_id, answer=form
        )


@router.get("/assignments/{assignment_id}/appeal")
async def show_appeal(assignment_id: Id, _user: SignedIn) -> Response:
    """Redirect a reload of a rejected form to its page."""
    return redirect_to(f"/assignments/{assignment_id}/reviews")


@router.post("/assignments/{assignment_id}/appeal")
async def appeal(
    request: Request, assignment_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Ask the track's author to look at the result again."""
    with form.refusing() as fields:
        new = fields.read(NewAppeal)
        async with begin(services) as db:
            await appeals.appeal(db, assignment_id=assignment_id, user_id=user.user_id, text=new.text, now=viewer.now)
        return redirect_to(f"/assignments/{assignment_id}/reviews", notice="appealed")
    async with services.database.connection() as db:
        return await _feedback(request, db, assignment_id, viewer, form=form)


@router.get("/appeals/{appeal_id}/edit")
@router.get("/appeals/{appeal_id}/withdraw")
async def show_appeal_again(appeal_id: Id, user: SignedIn, db: Reader) -> Response:
    """Redirect a reload of a rejected form to its page."""
    assignment_id = await appeals.own_appeal(db, appeal_id=appeal_id, user_id=user.user_id)
    return redirect_to(f"/assignments/{assignment_id}/reviews#appeal")


@router.post("/appeals/{appeal_id}/edit")
async def change_appeal(
    request: Request,
    appeal_id: Id,
    viewer: CurrentViewer,
    user: SignedIn,
    services: Running,
    form: TypedForm,
    assignment_id: TypedId,
) -> Response:
    """Change an appeal that waits for an answer. If it was withdrawn in another tab, its text is kept in the form."""
    with form.refusing() as fields:
        change = fields.read(AppealChange)
        try:
            async with begin(services) as db:
                await appeals.change_appeal(
                    db, appeal_id=appeal_id, user_id=user.user_id, text=change.text, seen=form.seen, now=viewer.now
                )
        except AppealNotFound as error:
            raise AppealWithdrawn from error
        return redirect_to(f"/assignments/{assignment_id}/reviews#appeal", notice="appeal_saved")
    async with services.database.connection() as db:
        return await _feedback(request, db, assignment_id, viewer, form=form)


@router.post("/appeals/{appeal_id}/withdraw")
async def withdraw_appeal(
    appeal_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, assignment_id: TypedId
) -> Response:
    """Withdraw an appeal that waits for an answer; what was withdrawn before, in another tab, is done."""
    with suppress(AppealNotFound):
        async with begin(services) as db:
            await appeals.withdraw_appeal(db, appeal_id=appeal_id, user_id=user.user_id, now=viewer.now)
    return redirect_to(f"/assignments/{assignment_id}/reviews", notice="appeal_withdrawn")


async def _feedback(
    request: Request,
    db: Connection,
    assignment_id: int,
    viewer: Viewer,
    *,
    form: Form,
    answered_id: int | None = None,
    answer: Form | None = None,
) -> Response:
    assert viewer.session is not None
    user_id = viewer.session.user_id
    progress = await progress_at(db, assignment_id=assignment_id, user_id=user_id, now=viewer.now)
    assignment = assignment_view(progress, sees_all=viewer.session.is_admin, now=viewer.now)
    rubric = await queries.criteria(db, assignment_id=assignment_id)
    track = await track_head(db, track_id=assignment.track_id, now=viewer.now)
    received, closed = await _received(db, progress, rubric, now=viewer.now)
    view = await _comments(db, progress, viewer, rubric, sees_reviews=received is not None, track=track)
    return page(
        request,
        "feedback.html",
        status=form.status if answer is None else answer.status,
        assignment=assignment,
        track=track,
        view=view,
        received=received,
        summary=None if received is None else summarize(received),
        has_left=progress.has_left,
        may_iterate=progress.is_iteration_open(viewer.now) and track.status == "running",
        closed=closed,
        appeals_due_at=appeals_due_at(track),
        is_open=are_appeals_open(track, now=viewer.now),
        criteria={each.id: each for each in rubric},
        form=form,
        answered_id=answered_id,
        answer=answer,
    )


async def _received(
    db: Connection, progress: Progress, rubric: Sequence[Criterion], *, now: datetime
) -> tuple[queries.ReceivedReviews | None, str | None]:
    """Return the reviews of one's own submission, or the code of the refusal to show them."""
    try:
        return await queries.received_reviews(db, progress, rubric=rubric, now=now), None
    except (OwnReviewsFirst, NoSubmission) as refusal:
        return None, refusal.code


async def _comments(
    db: Connection,
    progress: Progress,
    viewer: Viewer,
    rubric: Sequence[Criterion],
    *,
    sees_reviews: bool,
    track: TrackHead,
) -> CommentsView | None:
    """Return the comments on the code of one's own submission."""
    assert viewer.session is not None
    if progress.submission_id is None:
        return None
    access = await code_access(db, submission_id=progress.submission_id, actor=viewer.session.actor, now=viewer.now)
    return await comments_view(
        db,
        access,
        ThreadReader(viewer.session.user_id, "author", may_see_reviews=sees_reviews),
        rubric=rubric,
        track=track,
        viewer=viewer,
        back=f"/assignments/{progress.id}/reviews",
    )
