"""Sign in with an account elsewhere, link one, and unlink it."""

from typing import Annotated

from fastapi import Path, Query, Request, Response

from learning_platform.accounts.external import identities
from learning_platform.accounts.external.flows import (
    FLOW_LIFETIME,
    NEWCOMER_LIFETIME,
    Flow,
    Newcomer,
    flow_id,
    new_flow,
)
from learning_platform.accounts.external.providers import ExternalUser, Provider
from learning_platform.accounts.rules import IdentityNotFound, SignInExpired
from learning_platform.web.http.dependencies import Id, Running, Transaction, begin
from learning_platform.web.http.redirects import safe_path
from learning_platform.web.pages.kit.cookies import forget_flow, keep_for_flow, kept_for_flow
from learning_platform.web.pages.kit.csrf import is_own_site
from learning_platform.web.pages.kit.external_accounts import provider_of, sign_in_page, signed_in_by_provider
from learning_platform.web.pages.kit.forms import Form
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn, Viewer
from learning_platform.web.schemas.common import NO_NUL
from learning_platform.web.schemas.texts import MACHINE
from learning_platform.web.services import Services

router = page_router()
Key = Annotated[str, Path(max_length=20, pattern=NO_NUL), MACHINE]
Next = Annotated[str, Query(max_length=2000), MACHINE]
# What providers answer is not ours to limit; what cannot be meant for us is refused in words.
Answer = Annotated[str, Query(), MACHINE]


@router.get("/sign-in/with/{provider}")
async def begin_sign_in(
    request: Request, provider: Key, viewer: CurrentViewer, services: Running, next: Next = ""
) -> Response:
    """Send the browser to a provider. Links on other sites only lead to the sign-in page."""
    chosen = provider_of(services, provider)
    site = request.headers.get("sec-fetch-site")
    if not is_own_site(site=site, origin=None, host=""):
        return redirect_to("/sign-in")
    flow = new_flow(chosen.key, next=safe_path(next), is_again=viewer.session is not None)
    form = Form(viewer.language, {"next": flow.next})
    with form.refusing():
        return await _sent_to_provider(request, chosen, flow, services, viewer)
    return sign_in_page(request, services, form)


@router.post("/settings/identities/{provider}")
async def begin_link(
    request: Request, provider: Key, viewer: CurrentViewer, user: SignedIn, services: Running
) -> Response:
    """Send the browser to a provider, to link an identity to this account."""
    chosen = provider_of(services, provider)
    flow = new_flow(chosen.key, next="/settings/security#identities", links_to=user.user_id)
    return await _sent_to_provider(request, chosen, flow, services, viewer)


@router.get("/sign-in/with/{provider}/callback")
async def come_back(
    request: Request,
    provider: Key,
    viewer: CurrentViewer,
    services: Running,
    state: Answer = "",
    code: Answer = "",
    error: Answer = "",
    iss: Answer = "",
) -> Response:
    """Sign in, link an identity, or ask for a username, when the browser comes back from a provider."""
    chosen = provider_of(services, provider)
    form = Form(viewer.language)
    with form.refusing():
        flow = _flow(request, services, viewer, chosen, state)
        form.values["next"] = flow.next
        assert services.external_sign_in is not None
        async with begin(services):
            pass  # The limit is counted before a provider is asked.
        user = await services.external_sign_in.user(flow, code=code, error=error, issuer=iss, now=viewer.now)
        response = await _welcome(request, user, flow, services, viewer)
        forget_flow(response, "flow", flow.id, services)
        return response
    if viewer.session is not None:
        form.raise_refusal()
    return sign_in_page(request, services, form)


@router.get("/settings/identities/{provider}")
async def show_identities(_user: SignedIn) -> Response:
    """Redirect a reload to the settings."""
    return redirect_to("/settings/security#identities")


@router.post("/settings/identities/{identity_id}/unlink")
async def unlink(identity_id: Id, user: SignedIn, db: Transaction) -> Response:
    """Remove an identity."""
    await identities.unlink(db, user_id=user.user_id, identity_id=identity_id)
    return redirect_to("/settings/security#identities", notice="unlinked")


async def _sent_to_provider(
    request: Request, provider: Provider, flow: Flow, services: Services, viewer: Viewer
) -> Response:
    """Return a page that goes on to the provider by itself, and keep the sign-in in a cookie.

    No answer redirects to another host (web.http.middleware), and browsers let a form of this site lead to it only.
    """
    assert services.external_sign_in is not None
    url = await services.external_sign_in.authorization_url(flow)
    response = page(request, "continue_to.html", url=url, name=provider.name, is_link=flow.links_to is not None)
    token = services.external_sign_in.flows.sign_flow(flow, now=viewer.now)
    seconds = int(FLOW_LIFETIME.total_seconds())
    keep_for_flow(request, response, "flow", flow.id, token, services, seconds=seconds)
    return response


def _flow(request: Request, services: Services, viewer: Viewer, provider: Provider, state: str) -> Flow:
    """Return the sign-in that this browser began with this provider and state. Raises SignInExpired."""
    assert services.external_sign_in is not None
    token = kept_for_flow(request, "flow", flow_id(state), services)
    flow = services.external_sign_in.flows.read_flow(token, now=viewer.now)
    user_id = None if viewer.session is None else viewer.session.user_id
    if flow is None or flow.state != state or flow.provider != provider.key or flow.links_to not in {None, user_id}:
        raise SignInExpired
    return flow


async def _welcome(request: Request, user: ExternalUser, flow: Flow, services: Services, viewer: Viewer) -> Response:
    """Link an identity, sign its user in, or ask who that is to be. Raises IdentityTaken, UserBlocked."""
    async with begin(services) as db:
        if flow.links_to is not None:
            await identities.link(db, user_id=flow.links_to, user=user, now=viewer.now)
            return redirect_to(flow.next, notice="linked")
        user_id = await identities.holder_of(db, user=user, now=viewer.now)
    if viewer.session is not None and user_id != viewer.session.user_id:
        # A person who is signed in confirms who they are; another account here is none of theirs.
        raise IdentityNotFound
    if user_id is None:
        return _asked(request, Newcomer(user, flow.provider, flow.next), flow, services, viewer)
    notice = "signed_in_again" if flow.is_again else "signed_in"
    return await signed_in_by_provider(request, user_id, services, viewer, to=flow.next, notice=notice)


def _asked(request: Request, newcomer: Newcomer, flow: Flow, services: Services, viewer: Viewer) -> Response:
    assert services.external_sign_in is not None
    response = redirect_to(f"/sign-in/new/{flow.id}")
    token = services.external_sign_in.flows.sign_newcomer(newcomer, now=viewer.now)
    seconds = int(NEWCOMER_LIFETIME.total_seconds())
    keep_for_flow(request, response, "newcomer", flow.id, token, services, seconds=seconds)
    return response
