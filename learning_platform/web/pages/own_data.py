"""Settings: a copy of one's data, and the end of the account."""

import secrets

import orjson
from fastapi import Request, Response

from learning_platform.accounts import actions
from learning_platform.accounts.external.identities import ways_in
from learning_platform.accounts.networks import network_of
from learning_platform.accounts.rules import WrongPassword
from learning_platform.personal_data.deletion import delete_account_data, running_tracks
from learning_platform.personal_data.export import everything_about
from learning_platform.web.http.client_address import client_address
from learning_platform.web.http.dependencies import Now, Reader, Running, begin
from learning_platform.web.identity_checks import check_identity, has_password
from learning_platform.web.pages.kit.cookies import forget_session
from learning_platform.web.pages.kit.external_accounts import shown_ways_in
from learning_platform.web.pages.kit.forms import Form, TypedForm
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn, Viewer
from learning_platform.web.schemas.accounts import AccountDeletion
from learning_platform.web.services import Services

router = page_router()


@router.get("/settings/data")
async def show_data(request: Request, viewer: CurrentViewer, services: Running, _user: SignedIn) -> Response:
    """Show how to take one's data along, and how to leave."""
    return await _data_page(request, viewer, services, Form(viewer.language))


@router.get("/settings/export")
async def export(user: SignedIn, db: Reader, now: Now) -> Response:
    """Hand over everything that is kept about the user."""
    found = await everything_about(db, user_id=user.user_id, now=now)
    return Response(
        orjson.dumps(found, option=orjson.OPT_UTC_Z | orjson.OPT_INDENT_2),
        media_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="learning-platform.json"'},
    )


@router.get("/settings/delete")
async def show_form(_user: SignedIn) -> Response:
    """Redirect a reload of a rejected form to its page."""
    return redirect_to("/settings/data#delete")


@router.post("/settings/delete")
async def delete(
    request: Request, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Delete the account."""
    address = client_address(request)
    with form.refusing({WrongPassword: "confirm_password"}) as fields:
        with_password = await has_password(services, user)
        typed = fields.read(AccountDeletion).confirm_password if with_password else None
        checked_hash = await check_identity(services, user=user, password=typed, address=address, now=viewer.now)
        password_hash = await services.passwords.hash(secrets.token_urlsafe(32), network=network_of(address))
        async with begin(services) as db:
            await actions.lock_account(db, user_id=user.user_id, checked_hash=checked_hash)
            await delete_account_data(db, user_id=user.user_id, password_hash=password_hash, now=viewer.now)
        response = redirect_to("/", notice="account_deleted")
        forget_session(response, services)
        return response
    return await _data_page(request, viewer, services, form)


async def _data_page(request: Request, viewer: Viewer, services: Services, form: Form) -> Response:
    assert viewer.session is not None
    user_id, now = viewer.session.user_id, viewer.now
    async with services.database.connection() as db:
        return page(
            request,
            "settings_data.html",
            status=form.status,
            form=form,
            running_tracks=await running_tracks(db, user_id=user_id, now=now),
            is_fresh=viewer.session.is_fresh(now=now),
            **shown_ways_in(services, await ways_in(db, user_id=user_id)),
        )
