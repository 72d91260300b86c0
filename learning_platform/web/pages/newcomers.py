"""People who come from a provider without an account here: they choose a username, or link the account they have."""

from typing import Annotated

from fastapi import Path, Request, Response

from learning_platform.accounts import actions
from learning_platform.accounts.external import identities
from learning_platform.accounts.external.flows import Newcomer
from learning_platform.accounts.external.providers import ExternalUser
from learning_platform.accounts.rules import EmailTaken, SignInExpired, UsernameTaken, WrongCredentials, is_time_zone
from learning_platform.core.database import Connection
from learning_platform.web.email_confirmation import send_confirmation
from learning_platform.web.http.client_address import client_address
from learning_platform.web.http.dependencies import Running, begin
from learning_platform.web.http.redirects import SAFE_DEFAULT
from learning_platform.web.pages.kit.cookies import forget_flow, keep_next, kept_for_flow
from learning_platform.web.pages.kit.external_accounts import provider_of, signed_in_by_provider
from learning_platform.web.pages.kit.forms import Form, TypedForm
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.viewer import CurrentViewer, Viewer
from learning_platform.web.schemas.accounts import ExistingPassword, NewUsername, NewUsernameAndEmail
from learning_platform.web.schemas.texts import MACHINE
from learning_platform.web.services import Services

router = page_router()
FlowId = Annotated[str, Path(pattern="^[0-9a-f]{16}$"), MACHINE]


@router.get("/sign-in/new/{flow}")
async def show_newcomer(request: Request, flow: FlowId, viewer: CurrentViewer, services: Running) -> Response:
    """Ask a person without an account for a username, or for the password of the account to link."""
    if viewer.session is not None:
        return redirect_to("/")
    newcomer = _newcomer(request, flow, services, viewer)
    async with services.database.connection() as db:
        username = await identities.propose_username(db, wanted=newcomer.user.wanted_name)
    form = Form(viewer.language, {"username": username, "email": newcomer.user.email or ""})
    return await _newcomer_page(request, flow, newcomer, services, form)


@router.post("/sign-in/new/{flow}")
async def register(
    request: Request, flow: FlowId, viewer: CurrentViewer, services: Running, form: TypedForm
) -> Response:
    """Create an account without a password and sign in."""
    newcomer = _newcomer(request, flow, services, viewer)
    with form.refusing({EmailTaken: "email", UsernameTaken: "username"}) as fields:
        if newcomer.user.is_email_verified:
            username, email = fields.read(NewUsername).username, newcomer.user.email or ""
        else:
            typed = fields.read(NewUsernameAndEmail)
            username, email = typed.username, typed.email
        async with begin(services) as db:
            user_id = await _register(
                db, newcomer.user, services, viewer, username=username, email=email, time_zone=form["time_zone"]
            )
        welcome = "welcome" if newcomer.next == SAFE_DEFAULT else "welcome_back_here"
        response = await signed_in_by_provider(request, user_id, services, viewer, to=newcomer.next, notice=welcome)
        forget_flow(response, "newcomer", flow, services)
        if newcomer.next != SAFE_DEFAULT:
            keep_next(response, newcomer.next)
        return response
    return await _newcomer_page(request, flow, newcomer, services, form)


@router.post("/sign-in/new/{flow}/link")
async def link_existing(
    request: Request, flow: FlowId, viewer: CurrentViewer, services: Running, form: TypedForm
) -> Response:
    """Link an identity to the account with its address, for who knows the password of that account."""
    newcomer = _newcomer(request, flow, services, viewer)
    if newcomer.user.email is None or not newcomer.user.is_email_verified:
        raise SignInExpired
    with form.refusing({WrongCredentials: "password"}) as fields:
        typed = fields.read(ExistingPassword)
        checked = await services.sign_in.check(
            login=newcomer.user.email, password=typed.password, address=client_address(request), now=viewer.now
        )
        async with begin(services) as db:
            # The password was checked a while ago, and may have been changed since.
            await actions.lock_account(db, user_id=checked.id, checked_hash=checked.password_hash)
            await identities.link(db, user_id=checked.id, user=newcomer.user, now=viewer.now)
        response = await signed_in_by_provider(
            request,
            checked.id,
            services,
            viewer,
            to=newcomer.next,
            notice="linked",
            checked_hash=checked.password_hash,
        )
        forget_flow(response, "newcomer", flow, services)
        return response
    return await _newcomer_page(request, flow, newcomer, services, form)


def _newcomer(request: Request, flow: str, services: Services, viewer: Viewer) -> Newcomer:
    """Return who came back from a provider in this browser. Raises SignInExpired."""
    if services.external_sign_in is None:
        raise SignInExpired
    token = kept_for_flow(request, "newcomer", flow, services)
    found = services.external_sign_in.flows.read_newcomer(token, now=viewer.now)
    if found is None:
        raise SignInExpired
    return found


async def _register(
    db: Connection,
    user: ExternalUser,
    services: Services,
    viewer: Viewer,
    *,
    username: str,
    email: str,
    time_zone: str,
) -> int:
    """Create an account and return its id; for a form that was sent twice, that of the first."""
    known = await identities.holder_of(db, user=user, now=viewer.now)
    if known is not None:
        return known
    created = await identities.register_external(
        db, user=user, username=username, email=email, locale=viewer.language, now=viewer.now
    )
    if is_time_zone(time_zone):
        await actions.edit_profile(db, user_id=created.id, locale=None, time_zone=time_zone)
    if not user.is_email_verified:
        await send_confirmation(db, services, user_id=created.id, email=email, now=viewer.now)
    return created.id


async def _newcomer_page(request: Request, flow: str, newcomer: Newcomer, services: Services, form: Form) -> Response:
    user = newcomer.user
    holder = None
    # Without a proof that the address is theirs, a visitor does not learn whether it has an account.
    if user.email is not None and user.is_email_verified:
        async with services.database.connection() as db:
            holder = await identities.holder_of_email(db, email=user.email)
    return page(
        request,
        "external_account.html",
        status=form.status,
        form=form,
        flow=flow,
        user=user,
        holder=holder,
        name=provider_of(services, newcomer.provider).name,
    )
