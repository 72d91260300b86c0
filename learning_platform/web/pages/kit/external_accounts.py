"""What the pages about accounts elsewhere share: the providers, linked identities, and a new session."""

from dataclasses import dataclass

from fastapi import Request, Response

from learning_platform.accounts import sessions
from learning_platform.accounts.external.identities import Identity, WaysIn
from learning_platform.accounts.external.providers import Provider
from learning_platform.accounts.rules import ProviderNotFound
from learning_platform.web.http.client_address import client_address
from learning_platform.web.http.dependencies import begin
from learning_platform.web.http.devices import device_of_client
from learning_platform.web.http.redirects import host_of, safe_path
from learning_platform.web.pages.kit.cookies import keep_session
from learning_platform.web.pages.kit.forms import Form
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.viewer import Viewer
from learning_platform.web.services import Services


@dataclass(frozen=True, slots=True)
class ShownIdentity:
    """An identity, and what the provider is called: as the settings do, or by its host if it is no longer set up."""

    identity: Identity
    name: str


def provider_of(services: Services, key: str) -> Provider:
    """Return a provider that is set up. Raises ProviderNotFound."""
    for provider in services.providers:
        if provider.key == key:
            return provider
    raise ProviderNotFound


def shown_identities(services: Services, found: list[Identity]) -> list[ShownIdentity]:
    """Return identities with the names of their providers."""
    names = {provider.issuer: provider.name for provider in services.providers}
    return [ShownIdentity(each, names.get(each.provider) or host_of(each.provider) or each.provider) for each in found]


def shown_ways_in(services: Services, ways: WaysIn) -> dict[str, object]:
    """Return what the settings show about ways to sign in. `confirming`: a provider that can confirm who is there."""
    linked = {each.provider for each in ways.identities}
    return {
        "has_password": ways.has_password,
        "identities": shown_identities(services, ways.identities),
        "unlinked": [provider for provider in services.providers if provider.issuer not in linked],
        "confirming": [provider for provider in services.providers if provider.issuer in linked],
    }


def sign_in_page(request: Request, services: Services, form: Form) -> Response:
    """Return the page to sign in, with what is wrong."""
    return page(request, "sign_in.html", status=form.status, form=form, providers=services.providers)


async def signed_in_by_provider(
    request: Request,
    user_id: int,
    services: Services,
    viewer: Viewer,
    *,
    to: str,
    notice: str,
    checked_hash: str | None = None,
) -> Response:
    """Start a session in place of the present one, and go on."""
    now = viewer.now
    async with begin(services) as db:
        started = await sessions.start_session(
            db,
            user_id=user_id,
            checked_hash=checked_hash,
            lifetime=services.refresh_lifetime,
            most=services.settings.max_sessions,
            device=device_of_client(request),
            now=now,
        )
        await services.sign_in.remember_network(db, user_id=user_id, address=client_address(request), now=now)
        if viewer.session is not None:
            await sessions.revoke_session(db, session_id=viewer.session.session_id, now=now)
    response = redirect_to(safe_path(to), notice=notice)
    keep_session(response, started.id, services)
    return response
