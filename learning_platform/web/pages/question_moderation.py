"""What is done with questions and answers: mark, pin, mute, report, hide."""

from contextlib import suppress

from fastapi import Response

from learning_platform.questions import moderation, queries
from learning_platform.questions.rules import PostReported
from learning_platform.web.http.dependencies import Id, Now, Running, Transaction, begin
from learning_platform.web.http.redirects import safe_path
from learning_platform.web.pages.kit.forms import TypedFlag, TypedForm, TypedPath
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import redirect_to
from learning_platform.web.pages.kit.viewer import SignedIn
from learning_platform.web.pages.questions import to_post
from learning_platform.web.schemas.questions import PostReport

router = page_router()


@router.post("/tracks/{track_id}/questions/read")
async def mark_read(track_id: Id, user: SignedIn, db: Transaction, now: Now) -> Response:
    """Mark all questions of a track as read."""
    await moderation.mark_read(db, track_id=track_id, actor=user.actor, now=now)
    return redirect_to(f"/tracks/{track_id}/questions", notice="questions_read")


@router.post("/tracks/{track_id}/questions/mute")
async def mute_track(track_id: Id, user: SignedIn, db: Transaction, now: Now, muted: TypedFlag) -> Response:
    """Turn notifications about the questions of a track off or on."""
    await moderation.set_track_muted(db, track_id=track_id, actor=user.actor, muted=muted, now=now)
    return redirect_to(f"/tracks/{track_id}/questions", notice="saved")


@router.post("/questions/{question_id}/state")
async def set_state(question_id: Id, user: SignedIn, db: Transaction, now: Now, answered: TypedFlag) -> Response:
    """Mark a question as answered or not."""
    await moderation.set_answered(db, question_id=question_id, actor=user.actor, answered=answered, now=now)
    return redirect_to(f"/questions/{question_id}", notice="saved")


@router.post("/questions/{question_id}/pin")
async def pin(question_id: Id, user: SignedIn, db: Transaction, now: Now, pinned: TypedFlag) -> Response:
    """Pin a question, or take it down."""
    await moderation.set_pinned(db, question_id=question_id, actor=user.actor, pinned=pinned, now=now)
    return redirect_to(f"/questions/{question_id}", notice="saved")


@router.post("/questions/{question_id}/mute")
async def mute(question_id: Id, user: SignedIn, db: Transaction, now: Now, muted: TypedFlag) -> Response:
    """Turn notifications about a question off or on."""
    await moderation.set_muted(db, question_id=question_id, actor=user.actor, muted=muted, now=now)
    return redirect_to(f"/questions/{question_id}", notice="saved")


@router.post("/posts/{post_id}/report")
async def report_post(post_id: Id, user: SignedIn, services: Running, now: Now, form: TypedForm) -> Response:
    """Report a question or an answer; what was reported before, in another tab, is done."""
    async with services.database.connection() as db:
        _, found, post = await queries.question_of_post(db, post_id=post_id, actor=user.actor, now=now)
    with form.refusing() as fields:
        reason = fields.read(PostReport).reason
        with suppress(PostReported):
            async with begin(services) as db:
                await moderation.report_post(db, post_id=post_id, actor=user.actor, reason=reason, now=now)
    form.raise_refusal()
    return to_post(found, post, notice="reported" if form.status < 400 else None)


@router.post("/posts/{post_id}/visibility")
async def set_hidden(
    post_id: Id, user: SignedIn, db: Transaction, now: Now, hidden: TypedFlag, back: TypedPath = ""
) -> Response:
    """Hide a question or an answer from participants, or show it again."""
    _, found, post = await queries.question_of_post(db, post_id=post_id, actor=user.actor, now=now)
    await moderation.set_hidden(db, post_id=post_id, actor=user.actor, hidden=hidden, now=now)
    return redirect_to(safe_path(back), notice="saved") if back else to_post(found, post, notice="saved")
