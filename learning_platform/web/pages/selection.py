"""What staff do for participants chosen on the board: a question with their number first, then each of them once."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import Query, Request, Response

from learning_platform.accounts.queries import LiveSession
from learning_platform.attempts.group_extensions import GroupOutcome
from learning_platform.core.database import Connection
from learning_platform.core.languages import Language
from learning_platform.reviews.author.groups import extend_for_many, remind
from learning_platform.reviews.author.standings import Choice, standings, usernames
from learning_platform.web.http.dependencies import Id, Now, Reader, Running, begin
from learning_platform.web.http.formatting import format_refusal
from learning_platform.web.pages.kit.datetime_input import datetime_input_value, parse_datetime_input
from learning_platform.web.pages.kit.forms import Form, TypedForm
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.participants_list import AskedParticipants, ParticipantsQuery
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.track_header import track_header
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn, Viewer
from learning_platform.web.schemas.common import MAX_ID, ObjectId
from learning_platform.web.schemas.groups import ChosenParticipants, NewGroupExtension
from learning_platform.web.schemas.texts import MACHINE

router = page_router()
NAMES_SHOWN, MAX_CHECKED = 20, 100
Action = Literal["remind", "extend", "export"]
Chosen = Annotated[list[Annotated[int, Query(ge=1, le=MAX_ID)]] | None, Query(max_length=MAX_CHECKED)]
Everyone = Annotated[Literal["", "yes"], Query(alias="all"), MACHINE]


class TypedExtensions(NewGroupExtension):
    """The form for a later deadline of many participants."""

    assignment_id: ObjectId


class TypedReminder(ChosenParticipants):
    """The form for a reminder."""

    assignment_id: ObjectId


@router.get("/tracks/{track_id}/board/selection")
async def ask_about_chosen(
    request: Request,
    track_id: Id,
    viewer: CurrentViewer,
    user: SignedIn,
    db: Reader,
    asked: AskedParticipants,
    action: Annotated[Action, Query(), MACHINE] = "remind",
    person: Chosen = None,
    everyone: Everyone = "",
) -> Response:
    """Ask before something is done for the chosen participants, or for all that fit."""
    form = Form(viewer.language)
    header = await track_header(db, track_id=track_id, user=user, now=viewer.now)
    header.access.ensure_oversees()
    if everyone:
        chosen = list(await standings(db, header.access, asked.choice(header), now=viewer.now))
    else:
        all_ids = frozenset(await standings(db, header.access, Choice(sort="id"), now=viewer.now))
        chosen = [id for id in dict.fromkeys(person or []) if id in all_ids]
    return await _question(
        request, db, track_id, viewer, user, form=form, asked=asked, action=action, chosen=chosen, is_all=bool(everyone)
    )


@router.post("/tracks/{track_id}/board/remind")
async def remind_chosen(
    request: Request, track_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm, now: Now
) -> Response:
    """Remind the chosen participants of an assignment."""
    with form.refusing() as fields:
        new = fields.read(TypedReminder, user_ids=form["people"].split())
        async with begin(services) as db:
            outcome = await remind(
                db, assignment_id=new.assignment_id, user_ids=new.user_ids, actor=user.actor, now=now
            )
        return await _outcome(request, services, track_id, user, viewer, outcome, notice="reminded", action="remind")
    async with services.database.connection() as db:
        return await _question_again(request, db, track_id, viewer, user, form=form, action="remind")


@router.post("/tracks/{track_id}/board/extend")
async def extend_for_chosen(
    request: Request, track_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm, now: Now
) -> Response:
    """Give the chosen participants a later deadline."""
    with form.refusing() as fields:
        new = fields.read(
            TypedExtensions,
            user_ids=form["people"].split(),
            due_at=parse_datetime_input(form["due_at"], viewer.zone),
        )
        async with begin(services) as db:
            outcome = await extend_for_many(
                db,
                assignment_id=new.assignment_id,
                user_ids=new.user_ids,
                due_at=new.due_at,
                reason=new.reason,
                actor=user.actor,
                now=now,
            )
        return await _outcome(
            request, services, track_id, user, viewer, outcome, notice="extended_for_many", action="extend"
        )
    async with services.database.connection() as db:
        return await _question_again(request, db, track_id, viewer, user, form=form, action="extend")


async def _question(
    request: Request,
    db: Connection,
    track_id: int,
    viewer: Viewer,
    user: LiveSession,
    *,
    form: Form,
    asked: ParticipantsQuery,
    action: Action,
    chosen: Sequence[int],
    is_all: bool = False,
) -> Response:
    header = await track_header(db, track_id=track_id, user=user, now=viewer.now)
    header.access.ensure_oversees()
    return page(
        request,
        "board_selection.html",
        status=form.status,
        header=header,
        form=form,
        asked=asked,
        action=action,
        chosen=chosen,
        is_all=is_all,
        names=await usernames(db, ids=chosen[:NAMES_SHOWN]),
        focus=asked.focus(header),
        earliest=datetime_input_value(viewer.now, viewer.zone),
    )


async def _question_again(
    request: Request, db: Connection, track_id: int, viewer: Viewer, user: LiveSession, *, form: Form, action: Action
) -> Response:
    """Show the form with what was typed, and what is wrong with it."""
    typed = [int(each) for each in form["people"].split() if each.isascii() and each.isdecimal() and len(each) < 19]
    number = form["assignment_id"]
    focus_id = int(number) if number.isascii() and number.isdecimal() and len(number) < 19 else 0
    asked = ParticipantsQuery("", "", focus_id, False, "name", 1)
    return await _question(request, db, track_id, viewer, user, form=form, asked=asked, action=action, chosen=typed)


async def _outcome(
    request: Request,
    services: Running,
    track_id: int,
    user: LiveSession,
    viewer: Viewer,
    outcome: GroupOutcome,
    *,
    notice: str,
    action: Action,
) -> Response:
    """Go back to the board, or say for whom it was not done, and why."""
    if not outcome.refused:
        return redirect_to(f"/tracks/{track_id}/board", notice=notice)
    async with services.database.connection() as db:
        header = await track_header(db, track_id=track_id, user=user, now=viewer.now)
    return page(
        request,
        "board_selection_done.html",
        header=header,
        action=action,
        done_count=len(outcome.done),
        refused=_reasons(outcome, viewer.language),
    )


def _reasons(outcome: GroupOutcome, language: Language) -> list[tuple[str, str]]:
    return [(each.username or str(each.user_id), format_refusal(each.refusal, language)) for each in outcome.refused]
