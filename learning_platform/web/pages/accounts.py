"""Sign up, sign in, sign out, and the language of visitors."""

from typing import Annotated
from urllib.parse import quote

from fastapi import Form as FormField
from fastapi import Query, Request, Response

from learning_platform.accounts import actions, sessions
from learning_platform.accounts.rules import EmailTaken, UsernameTaken, is_time_zone
from learning_platform.core.languages import Language
from learning_platform.web.email_confirmation import send_confirmation
from learning_platform.web.http.client_address import client_address
from learning_platform.web.http.dependencies import Running, begin
from learning_platform.web.http.devices import device_of_client
from learning_platform.web.http.redirects import SAFE_DEFAULT, safe_path
from learning_platform.web.pages.kit.cookies import forget_session, keep_language, keep_next, keep_session
from learning_platform.web.pages.kit.external_accounts import sign_in_page
from learning_platform.web.pages.kit.forms import Form, TypedForm
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.viewer import CurrentViewer, Viewer
from learning_platform.web.schemas.accounts import Registration, SignInForm
from learning_platform.web.schemas.texts import MACHINE
from learning_platform.web.services import Services

router = page_router()
Next = Annotated[str, Query(max_length=2000), MACHINE]


@router.get("/register")
async def show_registration(request: Request, viewer: CurrentViewer, services: Running, next: Next = "") -> Response:
    """Show the form to sign up with."""
    if viewer.session is not None:
        return redirect_to(safe_path(next))
    form = Form(viewer.language, {"next": safe_path(next)})
    return page(request, "register.html", form=form, providers=services.providers)


@router.post("/register")
async def register(request: Request, viewer: CurrentViewer, services: Running, form: TypedForm) -> Response:
    """Create an account and sign in with it."""
    with form.refusing({EmailTaken: "email", UsernameTaken: "username"}) as fields:
        new = fields.read(Registration)
        address = client_address(request)
        password_hash = await services.sign_in.hash_for_new_account(
            email=new.email, username=new.username, password=new.password, address=address, now=viewer.now
        )
        async with begin(services) as db:
            user = await actions.register(
                db,
                email=new.email,
                username=new.username,
                password_hash=password_hash,
                locale=viewer.language,
                now=viewer.now,
            )
            if is_time_zone(form["time_zone"]):
                await actions.edit_profile(db, user_id=user.id, locale=None, time_zone=form["time_zone"])
            await services.sign_in.remember_network(db, user_id=user.id, address=address, now=viewer.now)
            await send_confirmation(db, services, user_id=user.id, email=user.email, now=viewer.now)
        welcome = "welcome" if safe_path(form["next"]) == SAFE_DEFAULT else "welcome_back_here"
        response = await _signed_in(request, user.id, services, viewer, to=form["next"], notice=welcome)
        if safe_path(form["next"]) != SAFE_DEFAULT:
            keep_next(response, safe_path(form["next"]))
        return response
    return page(request, "register.html", status=form.status, form=form, providers=services.providers)


@router.get("/sign-in")
async def show_sign_in(request: Request, viewer: CurrentViewer, services: Running, next: Next = "") -> Response:
    """Show the form to sign in with."""
    if viewer.session is not None:
        return redirect_to(safe_path(next))
    return sign_in_page(request, services, Form(viewer.language, {"next": safe_path(next)}))


@router.post("/sign-in")
async def sign_in(request: Request, viewer: CurrentViewer, services: Running, form: TypedForm) -> Response:
    """Sign in, and go back to where one was."""
    with form.refusing() as fields:
        typed = fields.read(SignInForm)
        user = await services.sign_in.check(
            login=typed.username, password=typed.password, address=client_address(request), now=viewer.now
        )
        return await _signed_in(
            request, user.id, services, viewer, checked_hash=user.password_hash, to=form["next"], notice="signed_in"
        )
    return sign_in_page(request, services, form)


@router.post("/logout")
async def sign_out(
    viewer: CurrentViewer, services: Running, next: Annotated[str, FormField(max_length=2000), MACHINE] = ""
) -> Response:
    """End the session; with `next`, ask for another user, who goes on there."""
    onward = f"/sign-in?next={quote(safe_path(next), safe='/')}" if next else "/"
    response = redirect_to(onward, notice="signed_out")
    forget_session(response, services)
    if viewer.session is not None:
        async with begin(services) as db:
            await sessions.revoke_session(db, session_id=viewer.session.session_id, now=viewer.now)
        services.revocations.note_session(viewer.session.session_id)
    return response


@router.post("/language")
async def choose_language(
    viewer: CurrentViewer,
    services: Running,
    language: Annotated[Language, FormField()],
    next: Annotated[str, FormField(max_length=2000), MACHINE] = "/",
) -> Response:
    """Show pages in another language from now on."""
    response = redirect_to(safe_path(next))
    keep_language(response, language)
    if viewer.session is not None:
        async with begin(services) as db:
            await actions.edit_profile(db, user_id=viewer.session.user_id, locale=language, time_zone=None)
    return response


async def _signed_in(
    request: Request,
    user_id: int,
    services: Services,
    viewer: Viewer,
    *,
    checked_hash: str | None = None,
    to: str,
    notice: str,
) -> Response:
    async with begin(services) as db:
        started = await sessions.start_session(
            db,
            user_id=user_id,
            checked_hash=checked_hash,
            lifetime=services.refresh_lifetime,
            most=services.settings.max_sessions,
            device=device_of_client(request),
            now=viewer.now,
        )
    response = redirect_to(safe_path(to), notice=notice)
    keep_session(response, started.id, services)
    return response
