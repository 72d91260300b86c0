"""Settings: language, time zone, password, sessions, one's own data, the end of an account."""

import secrets

import orjson
from fastapi import Request, Response

from learning_platform.accounts import actions, email_changes, hand_in_tokens, queries, sessions
from learning_platform.accounts.external.identities import ways_in
from learning_platform.accounts.networks import network_of
from learning_platform.accounts.password_rules import ensure_hard_to_guess
from learning_platform.accounts.rules import UnknownTimeZone, WrongPassword
from learning_platform.notifications.mail import queue as mail
from learning_platform.notifications.mail.preferences import choose_mail as store_choice
from learning_platform.notifications.messages import NotificationType
from learning_platform.personal_data.deletion import delete_account_data, running_tracks
from learning_platform.personal_data.export import everything_about
from learning_platform.web.http.client_address import client_address
from learning_platform.web.http.dependencies import Id, Now, Reader, Running, Transaction, begin
from learning_platform.web.identity_checks import check_identity, has_password
from learning_platform.web.pages.kit.cookies import forget_session
from learning_platform.web.pages.kit.datetime_input import ZONES
from learning_platform.web.pages.kit.external_accounts import shown_ways_in
from learning_platform.web.pages.kit.forms import Form, TypedForm
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn, Viewer
from learning_platform.web.pages.mail import TYPES, mail_and_calendar
from learning_platform.web.schemas.accounts import AccountDeletion, NewPassword, PasswordChange, ProfileChange
from learning_platform.web.schemas.hand_in_tokens import NewHandInToken
from learning_platform.web.schemas.mail import MailChange
from learning_platform.web.services import Services

router = page_router()


@router.get("/settings")
async def show_settings(request: Request, viewer: CurrentViewer, services: Running, _user: SignedIn) -> Response:
    """Show every setting."""
    return await settings_page(request, viewer, services)


@router.post("/settings")
async def edit_profile(
    request: Request, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Change the language and the time zone."""
    with form.refusing({UnknownTimeZone: "time_zone"}) as fields:
        change = fields.read(ProfileChange)
        async with begin(services) as db:
            await actions.edit_profile(
                db, user_id=user.user_id, locale=change.locale, time_zone=change.time_zone, seen=form.seen
            )
        return redirect_to("/settings", notice="saved")
    return await settings_page(request, viewer, services, profile=form)


@router.get("/settings/mail")
@router.get("/settings/password")
@router.get("/settings/delete")
@router.get("/settings/tokens")
async def show_form(_user: SignedIn) -> Response:
    """Redirect a reload of a rejected form to its page."""
    return redirect_to("/settings")


@router.post("/settings/password")
async def change_password(
    request: Request, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Change the password; every other session ends."""
    with form.refusing({WrongPassword: "current_password"}) as fields:
        with_password = await has_password(services, user)
        chosen: NewPassword = fields.read(PasswordChange if with_password else NewPassword)
        typed = chosen.current_password if isinstance(chosen, PasswordChange) else None
        checked_hash = await _checked_hash(request, viewer, services, user, typed)
        async with services.database.connection() as db:
            email = (await queries.signed_in_user(db, user_id=user.user_id)).email
        ensure_hard_to_guess(chosen.password, username=user.username, email=email)
        network = network_of(client_address(request))
        password_hash = await services.passwords.hash(chosen.password, network=network)
        async with begin(services) as db:
            await actions.change_password(
                db,
                user_id=user.user_id,
                password_hash=password_hash,
                checked_hash=checked_hash,
                except_session_id=user.session_id,
                now=viewer.now,
            )
        return redirect_to("/settings", notice="password_changed" if with_password else "password_set")
    return await settings_page(request, viewer, services, password=form)


@router.post("/settings/mail")
async def choose_mail(
    request: Request, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Choose what comes by mail, and when."""
    with form.refusing() as fields:
        wanted: list[NotificationType] = [type for type in TYPES if form[type] == "yes"]
        off = {name: None for name in ("quiet_from", "quiet_until") if form.values.get(name) == ""}
        change = fields.read(MailChange, types=wanted, **off)
        async with begin(services) as db:
            await store_choice(
                db, user_id=user.user_id, seen=form.seen, now=viewer.now, **change.model_dump(exclude_unset=True)
            )
        return redirect_to("/settings#mail", notice="saved")
    return await settings_page(request, viewer, services, mail_form=form)


@router.post("/settings/sessions")
async def sign_out_elsewhere(viewer: CurrentViewer, user: SignedIn, services: Running) -> Response:
    """End every session but this one."""
    async with begin(services) as db:
        await sessions.revoke_other_sessions(
            db, user_id=user.user_id, except_session_id=user.session_id, now=viewer.now
        )
    return redirect_to("/settings", notice="signed_out_elsewhere")


@router.post("/settings/sessions/{session_id}/end")
async def end_session(session_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running) -> Response:
    """End one session."""
    async with begin(services) as db:
        await sessions.end_session(db, user_id=user.user_id, session_id=session_id, now=viewer.now)
    services.revocations.note_session(session_id)
    return redirect_to("/settings#sessions", notice="session_ended")


@router.post("/settings/tokens")
async def create_token(
    request: Request, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Create a token for git, and show it: only this answer has it."""
    created = None
    with form.refusing() as fields:
        new = fields.read(NewHandInToken)
        async with begin(services) as db:
            created = await hand_in_tokens.create_token(
                db,
                user_id=user.user_id,
                session_id=user.session_id,
                name=new.name,
                expires_at=new.expires_at,
                now=viewer.now,
            )
    empty = Form(viewer.language)
    return await settings_page(request, viewer, services, created, token_form=empty if created else form)


@router.post("/settings/tokens/{token_id}/end")
async def end_token(token_id: Id, user: SignedIn, db: Transaction) -> Response:
    """End a token for git."""
    await hand_in_tokens.end_token(db, user_id=user.user_id, token_id=token_id)
    return redirect_to("/settings#tokens", notice="token_ended")


@router.get("/settings/export")
async def export(user: SignedIn, db: Reader, now: Now) -> Response:
    """Hand over everything that is kept about the user."""
    found = await everything_about(db, user_id=user.user_id, now=now)
    return Response(
        orjson.dumps(found, option=orjson.OPT_UTC_Z | orjson.OPT_INDENT_2),
        media_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="learning-platform.json"'},
    )


@router.post("/settings/delete")
async def delete(
    request: Request, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Delete the account."""
    with form.refusing({WrongPassword: "confirm_password"}) as fields:
        with_password = await has_password(services, user)
        typed = fields.read(AccountDeletion).confirm_password if with_password else None
        checked_hash = await _checked_hash(request, viewer, services, user, typed)
        network = network_of(client_address(request))
        password_hash = await services.passwords.hash(secrets.token_urlsafe(32), network=network)
        async with begin(services) as db:
            await actions.lock_account(db, user_id=user.user_id, checked_hash=checked_hash)
            await delete_account_data(db, user_id=user.user_id, password_hash=password_hash, now=viewer.now)
        response = redirect_to("/", notice="account_deleted")
        forget_session(response, services)
        return response
    return await settings_page(request, viewer, services, deletion=form)


async def settings_page(
    request: Request,
    viewer: Viewer,
    services: Services,
    created_token: hand_in_tokens.NewHandInToken | None = None,
    **forms: Form,
) -> Response:
    """Return the page of all settings, with forms that were refused."""
    stored = await _stored(services, viewer)
    empty = Form(viewer.language)
    names = ("profile", "email_form", "password", "deletion", "mail_form", "token_form")
    shown = dict.fromkeys(names, empty) | forms
    return page(
        request,
        "settings.html",
        status=max(form.status for form in shown.values()),
        sends_mail=services.sends_mail,
        session_lifetime=services.refresh_lifetime,
        zones=ZONES,
        created_token=created_token,
        **stored,
        **shown,
    )


async def _stored(services: Services, viewer: Viewer) -> dict[str, object]:
    """Return what the page shows of what is stored."""
    assert viewer.session is not None
    user_id, now = viewer.session.user_id, viewer.now
    async with services.database.connection() as db:
        user = await queries.signed_in_user(db, user_id=user_id)
        change = await email_changes.pending_change(db, user_id=user_id, now=now)
        return {
            "user": user,
            "email_change": change,
            "is_change_rejected": change is not None and await mail.is_change_rejected(db, change_id=change.id),
            "sessions": await queries.sessions_of(db, user_id=user_id, now=now),
            "tokens": await hand_in_tokens.tokens_of(db, user_id=user_id, now=now),
            "running_tracks": await running_tracks(db, user_id=user_id, now=now),
            "is_fresh": viewer.session.is_fresh(now=now),
            "push_address": _push_address(services.settings.public_url, user.username),
            **shown_ways_in(services, await ways_in(db, user_id=user_id)),
            **await mail_and_calendar(db, services, viewer),
        }


def _push_address(public_url: str, username: str) -> str:
    """Return the beginning of the addresses that a person pushes to; git then asks for the token only."""
    scheme, _, host = public_url.partition("://")
    return f"{scheme}://{username}@{host}/hand-in"


async def _checked_hash(
    request: Request, viewer: Viewer, services: Services, user: queries.LiveSession, password: str | None
) -> str | None:
    """Return what check_identity does."""
    address = client_address(request)
    return await check_identity(services, user=user, password=password, address=address, now=viewer.now)
