"""Review the submissions of others."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from fastapi import Request, Response

from learning_platform.accounts.queries import LiveSession
from learning_platform.attempts.progress import progress_at
from learning_platform.attempts.queries import assignment_view
from learning_platform.core.database import Connection
from learning_platform.core.errors import Invalid, Refusal, TryLater
from learning_platform.core.languages import N_, translate
from learning_platform.core.versions import Seen, VersionConflict
from learning_platform.reviews import claims as actions
from learning_platform.reviews import queries, reviewing
from learning_platform.reviews.assigned_reviews import AssignedReview, assigned_reviews, optional_review
from learning_platform.reviews.locks import SubmissionToReview, submission_to_review
from learning_platform.reviews.queries import Review
from learning_platform.reviews.returns import return_claim
from learning_platform.reviews.rules import (
    AlreadyReviewed,
    NothingToReview,
    NotYoursToReview,
    ReviewsDone,
)
from learning_platform.tracks.queries import track_head
from learning_platform.web.http.dependencies import Id, Reader, Running, begin, run_after_catch_up
from learning_platform.web.http.formatting import format_refusal
from learning_platform.web.http.problems import status_of
from learning_platform.web.pages.kit.forms import Form, TypedForm
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.review_form import is_only_shown, typed_review
from learning_platform.web.pages.kit.threads import comments_on
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn, Viewer
from learning_platform.web.schemas.reviews import NewReview, ReturnedSubmission
from learning_platform.web.services import Services

router = page_router()
# After these refusals the form is shown again: it can be sent with changes, or later. After others it cannot be sent.
CAN_BE_SENT_AGAIN = (AlreadyReviewed, VersionConflict, Invalid, TryLater)
# Of two tabs the second to send keeps its text, in the form for changing the review that the first has sent.
REVIEWED_ELSEWHERE = N_(
    "You have already sent a review of this submission, perhaps in another window. "
    "Your new text is below. Save it to replace that review."
)


@router.get("/assignments/{assignment_id}/review")
async def show_assigned_reviews(
    request: Request, assignment_id: Id, viewer: CurrentViewer, _user: SignedIn, db: Reader
) -> Response:
    """Show what is in hand, with the rubric to fill in, and what is done."""
    return await _assigned_reviews(request, db, assignment_id, viewer)


@router.post("/assignments/{assignment_id}/review")
async def claim(
    assignment_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Take something to review."""
    back = f"/assignments/{assignment_id}/review"
    try:
        ask = partial(
            actions.claim,
            assignment_id=assignment_id,
            user_id=user.user_id,
            volunteers=form["volunteer"] == "yes",
            now=viewer.now,
        )
        await run_after_catch_up(services, viewer.now, ask)
    except ReviewsDone:
        return redirect_to(back, notice="reviews_done")
    except NothingToReview:
        return redirect_to(back, notice="nothing_to_review")
    return redirect_to(back)


@router.get("/submissions/{submission_id}/review")
async def show_review(
    request: Request, submission_id: Id, viewer: CurrentViewer, user: SignedIn, db: Reader
) -> Response:
    """Show what one said of a submission, to revise it; to the track's author also what they have not reviewed."""
    submission = await submission_to_review(db, submission_id=submission_id)
    given = await queries.own_review(db, submission_id=submission_id, reviewer_id=user.user_id, now=viewer.now)
    if given is None:
        works = await assigned_reviews(db, assignment_id=submission.assignment_id, reviewer_id=user.user_id)
        if any(work.is_open and work.submission_id == submission_id for work in works):
            return redirect_to(f"/assignments/{submission.assignment_id}/review")
        chosen = await optional_review(db, submission, actor=user.actor)
        return await _assigned_reviews(request, db, submission.assignment_id, viewer, works=works, chosen=chosen)
    form = Form(viewer.language, typed_review(given))
    return await _assigned_reviews(
        request,
        db,
        submission.assignment_id,
        viewer,
        submission_id=submission_id,
        is_revision=True,
        given=given,
        form=form,
    )


@router.post("/submissions/{submission_id}/review")
async def review(
    request: Request, submission_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Send a review, or revise the one sent before."""
    async with services.database.connection() as db:
        submission = await submission_to_review(db, submission_id=submission_id)
    is_revision = form["revise"] == "yes"
    try:
        with form.refusing() as fields:
            new = fields.read(NewReview, scores=form.rows("scores"))
            async with begin(services) as db:
                await _send(db, new, submission_id, user=user, is_revision=is_revision, seen=form.seen, now=viewer.now)
            return _sent(form, submission, notice="revised" if is_revision else "reviewed")
        return await _show_again(request, services, submission, viewer, user, form, is_revision=is_revision)
    except Refusal as refusal:
        return await _not_sent(request, services, submission, viewer, form, refusal)


@router.post("/submissions/{submission_id}/review/return")
async def return_submission(
    request: Request, submission_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Hand work back that cannot be reviewed."""
    async with services.database.connection() as db:
        submission = await submission_to_review(db, submission_id=submission_id)
    with form.refusing() as fields:
        returned = fields.read(ReturnedSubmission)
        async with begin(services) as db:
            await return_claim(
                db,
                submission_id=submission_id,
                reviewer_id=user.user_id,
                reason=returned.reason,
                comment=returned.comment,
                now=viewer.now,
            )
        return redirect_to(f"/assignments/{submission.assignment_id}/review", notice="returned")
    form.raise_refusal()
    async with services.database.connection() as db:
        return await _assigned_reviews(request, db, submission.assignment_id, viewer, returned=form)


async def _send(
    db: Connection,
    new: NewReview,
    submission_id: int,
    *,
    user: LiveSession,
    is_revision: bool,
    seen: Seen,
    now: datetime,
) -> None:
    if is_revision:
        await reviewing.revise(
            db,
            submission_id=submission_id,
            reviewer_id=user.user_id,
            scores=new.as_scores(),
            comment=new.comment,
            seen=seen,
            now=now,
        )
        return
    await reviewing.review(
        db,
        submission_id=submission_id,
        actor=user.actor,
        scores=new.as_scores(),
        comment=new.comment,
        now=now,
    )


def _sent(form: Form, submission: SubmissionToReview, *, notice: str) -> Response:
    if form["own_accord"] == "yes":
        return redirect_to(f"/submissions/{submission.id}/reviews", notice=notice)
    return redirect_to(f"/assignments/{submission.assignment_id}/review", notice=notice)


async def _show_again(
    request: Request,
    services: Services,
    submission: SubmissionToReview,
    viewer: Viewer,
    user: LiveSession,
    form: Form,
    *,
    is_revision: bool,
) -> Response:
    """Show the form with what is wrong with it. Raises a refusal if the review can no longer be sent at all."""
    if form.refusal is not None and not isinstance(form.refusal, CAN_BE_SENT_AGAIN):
        raise form.refusal
    async with services.database.connection() as db:
        if isinstance(form.refusal, AlreadyReviewed):
            is_revision = True
            form.problem = translate(REVIEWED_ELSEWHERE, viewer.language)
            form.show_saved(
                await reviewing.saved_review(db, submission_id=submission.id, reviewer_id=user.user_id, now=viewer.now)
            )
        chosen = None
        if form["own_accord"] == "yes":
            chosen = await optional_review(db, submission, actor=user.actor)
        return await _assigned_reviews(
            request,
            db,
            submission.assignment_id,
            viewer,
            submission_id=submission.id,
            is_revision=is_revision,
            chosen=chosen,
            form=form,
        )


async def _not_sent(
    request: Request,
    services: Services,
    submission: SubmissionToReview,
    viewer: Viewer,
    form: Form,
    refusal: Refusal,
) -> Response:
    """Show what was typed in a review that can no longer be sent, so that it can be copied."""
    async with services.database.connection() as db:
        rubric = await queries.criteria(db, assignment_id=submission.assignment_id)
    return page(
        request,
        "review_not_sent.html",
        status=status_of(type(refusal)),
        assignment_id=submission.assignment_id,
        detail=format_refusal(refusal, viewer.language),
        may_be_returned=isinstance(refusal, NotYoursToReview),
        criteria=rubric,
        form=form,
    )


async def _assigned_reviews(
    request: Request,
    db: Connection,
    assignment_id: int,
    viewer: Viewer,
    *,
    works: Sequence[AssignedReview] | None = None,
    submission_id: int | None = None,
    is_revision: bool = False,
    given: Review | None = None,
    chosen: AssignedReview | None = None,
    form: Form | None = None,
    returned: Form | None = None,
) -> Response:
    """Show the page with the form for this submission, or the one in hand; `works` are the assigned reviews if read."""
    assert viewer.session is not None
    user_id = viewer.session.user_id
    progress = await progress_at(db, assignment_id=assignment_id, user_id=user_id, now=viewer.now)
    works = works if works is not None else await assigned_reviews(db, assignment_id=assignment_id, reviewer_id=user_id)
    work = chosen or _submission_in_form(works, submission_id, is_revision=is_revision)
    form, returned = form or Form(viewer.language), returned or Form(viewer.language)
    track = await track_head(db, track_id=progress.track_id, now=viewer.now)
    rubric = await queries.criteria(db, assignment_id=assignment_id)
    return page(
        request,
        "review.html",
        status=max(form.status, returned.status),
        assignment=assignment_view(progress, sees_all=viewer.session.is_admin, now=viewer.now),
        track=track,
        progress=progress,
        criteria=rubric,
        work=work,
        view=None if work is None else await comments_on(db, work.submission_id, viewer, rubric, track=track),
        is_revision=is_revision,
        is_only_shown=given is not None and is_only_shown(work, progress, track, now=viewer.now),
        given=given,
        reviewed=[each for each in works if not each.is_open],
        form=form,
        returned=returned,
    )


def _submission_in_form(
    works: Sequence[AssignedReview], submission_id: int | None, *, is_revision: bool
) -> AssignedReview | None:
    if submission_id is None:
        return next((each for each in works if each.is_open), None)
    for each in works:
        if each.submission_id == submission_id and (is_revision or each.is_open):
            return each
    raise NotYoursToReview
