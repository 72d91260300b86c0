"""A track's board, for its author: who has got how far, what needs attention, appeals, returns, more time."""

from typing import Annotated

from fastapi import Query, Request, Response

from learning_platform.accounts.queries import LiveSession
from learning_platform.attempts.extensions import extensions_version
from learning_platform.attempts.rules import NotExtendable, ParticipantNotFound, TrackLeft
from learning_platform.core.database import Connection
from learning_platform.core.languages import translate
from learning_platform.reviews.appeals import settle as settle_appeal
from learning_platform.reviews.author import appeals, board, submissions
from learning_platform.reviews.author.extensions import grant_extension, names_like
from learning_platform.reviews.author.standings import standings
from learning_platform.reviews.corrections import are_corrections_open
from learning_platform.reviews.corrections import correct as correct_scores
from learning_platform.reviews.queries import criteria
from learning_platform.reviews.results import Result
from learning_platform.web.http.dependencies import Id, Now, Reader, Running, begin
from learning_platform.web.pages.kit.datetime_input import datetime_input_value, parse_datetime_input
from learning_platform.web.pages.kit.forms import Form, TypedForm
from learning_platform.web.pages.kit.listing import listing
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.participants_list import MAX_COLUMNS, AskedParticipants
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.track_header import list_page, track_header
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn, Viewer
from learning_platform.web.schemas.common import MAX_ID, ObjectId
from learning_platform.web.schemas.corrections import NewCorrection, Settlement
from learning_platform.web.schemas.reviews import NewExtension
from learning_platform.web.schemas.texts import IDENTIFIER

router = page_router()
THINGS_PER_PAGE, MAX_URGENT, MAX_NAMES = 30, 5, 200
After = Annotated[int, Query(ge=0, le=MAX_ID)]
Named = Annotated[str, Query(max_length=64), IDENTIFIER]


class TypedExtension(NewExtension):
    """The form for a personal deadline."""

    assignment_id: ObjectId


@router.get("/tracks/{track_id}/board")
async def show_board(
    request: Request, track_id: Id, user: SignedIn, db: Reader, now: Now, asked: AskedParticipants
) -> Response:
    """Show participants by assignments, and what is most pressing."""
    header = await track_header(db, track_id=track_id, user=user, now=now)
    found = await standings(db, header.access, asked.choice(header), now=now)
    state, ids = listing(request, found, sort=asked.sort, number=asked.page, size=asked.rows_per_page(header))
    columns = asked.columns(header)
    rows = await board.board(db, header.access, ids=ids, assignment_ids=[view.id for view in columns], now=now)
    # When the track is over nothing can be done about them any more; open appeals are listed on their own.
    is_running = header.track.status == "running"
    wanting = (
        await submissions.submissions(db, header.access, only_needing_attention=True, after=0, limit=MAX_URGENT + 1)
        if is_running
        else []
    )
    pressing = [each for each in wanting if each.is_disputed or each.assignment_id in header.over]
    return page(
        request,
        "board.html",
        header=header,
        rows=rows,
        listing=state,
        asked=asked,
        focus=asked.focus(header),
        columns=columns,
        most_columns=MAX_COLUMNS,
        pressing=pressing[:MAX_URGENT],
        has_more_pressing=len(wanting) > len(pressing[:MAX_URGENT]),
    )


@router.get("/tracks/{track_id}/extensions")
async def show_extensions(
    request: Request,
    track_id: Id,
    viewer: CurrentViewer,
    user: SignedIn,
    db: Reader,
    named: Named = "",
    after: After = 0,
) -> Response:
    """Show who was given more time, and a form to give more."""
    form = Form(viewer.language, {"username": named} if named else None)
    return await _extensions(request, db, track_id, viewer, user, form=form, after=after)


@router.post("/tracks/{track_id}/extensions")
async def extend_for_one(
    request: Request, track_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Give one participant a later deadline, or take over a name that was offered."""
    if form["similar"]:
        form.values["username"] = form["similar"]
        form.focus = "assignment_id"
        async with services.database.connection() as db:
            return await _extensions(request, db, track_id, viewer, user, form=form)
    try:
        with form.refusing({NotExtendable: "username", TrackLeft: "username"}) as fields:
            new = fields.read(TypedExtension, due_at=parse_datetime_input(form["due_at"], viewer.zone))
            async with begin(services) as db:
                await grant_extension(
                    db,
                    assignment_id=new.assignment_id,
                    username=new.username,
                    due_at=new.due_at,
                    reason=new.reason,
                    actor=user.actor,
                    seen=form.seen,
                    now=viewer.now,
                )
            return redirect_to(f"/tracks/{track_id}/extensions", notice="extended")
    except ParticipantNotFound as refusal:
        form.refuse("username", translate(refusal.message, viewer.language))
    async with services.database.connection() as db:
        return await _extensions(request, db, track_id, viewer, user, form=form)


@router.get("/submissions/{submission_id}/reviews")
async def show_reviews_of(
    request: Request, submission_id: Id, viewer: CurrentViewer, user: SignedIn, db: Reader
) -> Response:
    """Show a submission with everything that was said of it, and by whom, to the track's author."""
    return await _submission(request, db, submission_id, viewer, user, form=Form(viewer.language))


@router.post("/appeals/{appeal_id}/settle")
async def settle(
    request: Request, appeal_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Answer an appeal, if need be with scores that count instead of the medians."""
    async with services.database.connection() as db:
        submission_id = await appeals.appealed_submission(db, appeal_id=appeal_id)
    with form.refusing() as fields:
        settlement = fields.read(Settlement, scores=_corrected(form))
        async with begin(services) as db:
            await settle_appeal(
                db,
                appeal_id=appeal_id,
                actor=user.actor,
                text=settlement.text,
                scores=settlement.as_scores(),
                now=viewer.now,
            )
        return redirect_to(f"/submissions/{submission_id}/reviews", notice="settled")
    async with services.database.connection() as db:
        return await _submission(request, db, submission_id, viewer, user, form=form)


@router.post("/submissions/{submission_id}/reviews")
async def correct(
    request: Request, submission_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Correct the scores of a submission without an appeal."""
    with form.refusing() as fields:
        new = fields.read(NewCorrection, scores=_corrected(form))
        async with begin(services) as db:
            await correct_scores(
                db,
                submission_id=submission_id,
                actor=user.actor,
                scores=new.as_scores(),
                reason=new.reason,
                now=viewer.now,
            )
        return redirect_to(f"/submissions/{submission_id}/reviews", notice="corrected")
    async with services.database.connection() as db:
        return await _submission(request, db, submission_id, viewer, user, form=Form(viewer.language), correction=form)


async def _extensions(
    request: Request, db: Connection, track_id: int, viewer: Viewer, user: LiveSession, *, form: Form, after: int = 0
) -> Response:
    header = await track_header(db, track_id=track_id, user=user, now=viewer.now)
    # A browser completes the names; a long list is looked up while one is typed.
    named = form["username"] if request.method == "GET" or "username" in form.errors else ""
    found = await board.granted_extensions(db, header.access, after=after, limit=THINGS_PER_PAGE + 1)
    return page(
        request,
        "board_extensions.html",
        status=form.status,
        header=header,
        part=list_page(request, found, size=THINGS_PER_PAGE, after=after),
        form=form,
        names=await names_like(db, header.access, part=named, limit=MAX_NAMES),
        most_names=MAX_NAMES,
        version=await extensions_version(db, track_id=track_id),
        earliest=datetime_input_value(viewer.now, viewer.zone),
    )


async def _submission(
    request: Request,
    db: Connection,
    submission_id: int,
    viewer: Viewer,
    user: LiveSession,
    *,
    form: Form,
    correction: Form | None = None,
) -> Response:
    head = await submissions.submission_head(db, submission_id=submission_id, now=viewer.now)
    rubric = await criteria(db, assignment_id=head.assignment_id)
    overseen = await submissions.overseen_reviews(db, submission=head, actor=user.actor, rubric=rubric)
    return page(
        request,
        "board_submission.html",
        status=form.status if correction is None else correction.status,
        submission=head,
        received=overseen.received,
        reviewers=overseen.reviewers,
        same_as=overseen.same_as,
        criteria={each.id: each for each in rubric},
        has_reviewed=user.username in overseen.reviewers.values(),
        typed=_typed(form),
        form=form,
        is_open=are_corrections_open(head, now=viewer.now),
        correction=correction or Form(viewer.language),
        typed_correction=_counted(overseen.received.result) if correction is None else _typed(correction),
    )


def _typed(form: Form) -> dict[str, tuple[str, str]]:
    """Return the score that was typed for each criterion, and what is wrong with it."""
    return {
        row["criterion_id"]: (row["score"], form.errors.get(f"scores-{index}-score", ""))
        for index, row in enumerate(_corrected(form))
    }


def _counted(result: Result | None) -> dict[str, tuple[str, str]]:
    """Return the scores that are corrected already."""
    lines = result.criteria if result else ()
    return {str(line.criterion_id): (str(line.corrected), "") for line in lines if line.corrected is not None}


def _corrected(form: Form) -> list[dict[str, str]]:
    """Return the scores that were typed; a criterion left blank keeps its median."""
    return [row for row in form.rows("scores") if {"criterion_id", "score"} <= row.keys()]
