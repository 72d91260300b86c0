"""Invite people by a roster: type or upload it, look at what was read, confirm; by email, or by links to hand out."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request, Response
from starlette.datastructures import UploadFile

from learning_platform.accounts.queries import LiveSession
from learning_platform.core.languages import N_, Message, translate
from learning_platform.people.inviting import RosterReport, invite_roster, preview_roster
from learning_platform.people.roster import MAX_ROSTER_BYTES, decoded
from learning_platform.tracks.permissions import ensure_may
from learning_platform.tracks.queries import track_head
from learning_platform.web.http.dependencies import Id, Reader, Running, begin
from learning_platform.web.pages.kit.forms import Form
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page
from learning_platform.web.pages.kit.track_header import track_header
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn, Viewer
from learning_platform.web.services import Services

router = page_router()
TOO_LARGE = N_("The list is too large: at most {count} lines at a time.")
NOTHING = N_("Type or choose a list with at least one email address.")
PROBLEMS: dict[str, Message] = {
    "no_email": N_("no email address"),
    "bad_email": N_("not a valid email address"),
    "unreadable": N_("cannot be read: check the quotation marks"),
    "too_long": N_("at most 1,000 lines at a time: the rest is left out"),
}


async def roster_form(request: Request, viewer: CurrentViewer) -> Form:
    """Return what was typed; a file takes its place."""
    async with request.form(max_files=1, max_fields=10) as fields:
        values = {name: value for name, value in fields.multi_items() if isinstance(value, str)}
        file = fields.get("file")
        if isinstance(file, UploadFile) and file.filename:
            values["text"] = decoded(await file.read(MAX_ROSTER_BYTES + 1))
    return Form(viewer.language, values)


RosterForm = Annotated[Form, Depends(roster_form)]


@router.get("/tracks/{track_id}/roster")
async def show_roster(request: Request, track_id: Id, viewer: CurrentViewer, user: SignedIn, db: Reader) -> Response:
    """Show the form for a roster."""
    head = await track_head(db, track_id=track_id, now=viewer.now)
    await ensure_may(db, "invite", track=head, actor=user.actor)
    header = await track_header(db, track_id=track_id, user=user, now=viewer.now)
    return page(
        request,
        "board_roster.html",
        header=header,
        form=Form(viewer.language),
        report=None,
        links=None,
    )


@router.post("/tracks/{track_id}/roster")
async def invite(
    request: Request, track_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: RosterForm
) -> Response:
    """Show what was read; once confirmed, invite, and show the links: only this answer has them."""
    report: RosterReport | None = None
    with form.refusing():
        _check(form, viewer)
        if form.status == 200:
            report = await _read(services, form, track_id=track_id, user=user, now=viewer.now)
    async with services.database.connection() as db:
        head = await track_head(db, track_id=track_id, now=viewer.now)
        await ensure_may(db, "invite", track=head, actor=user.actor)
        header = await track_header(db, track_id=track_id, user=user, now=viewer.now)
    links = None
    if report is not None and form["confirmed"] == "yes":
        address = f"{services.settings.public_url}/invitations"
        links = [(each, f"{address}/{each.token}") for each in report.invited]
    problems = {name: translate(message, viewer.language) for name, message in PROBLEMS.items()}
    return page(
        request,
        "board_roster.html",
        status=form.status,
        header=header,
        form=form,
        report=report,
        links=links,
        problems=problems,
    )


async def _read(services: Services, form: Form, *, track_id: int, user: LiveSession, now: datetime) -> RosterReport:
    """Invite the people of the list if it is confirmed, or preview that."""
    async with begin(services) as db:
        if form["confirmed"] != "yes":
            return await preview_roster(db, track_id=track_id, text=form["text"], actor=user.actor, now=now)
        return await invite_roster(
            db,
            track_id=track_id,
            text=form["text"],
            actor=user.actor,
            links=services.links,
            email_limits=services.limits if form["send"] == "yes" and services.sends_mail else None,
            now=now,
        )


def _check(form: Form, viewer: Viewer) -> None:
    if not form["text"].strip():
        form.refuse("text", translate(NOTHING, viewer.language))
    elif len(form["text"].encode(errors="replace")) > MAX_ROSTER_BYTES:
        form.refuse("text", translate(TOO_LARGE, viewer.language, count=1000))
