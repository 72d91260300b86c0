"""The dependencies that note what a request counts for: one for programs, one for pages."""

from fastapi import Request
from fastapi.security.utils import get_authorization_scheme_param

from learning_platform.accounts.networks import network_of
from learning_platform.accounts.rate_limits import RuleName
from learning_platform.accounts.rules import BadToken
from learning_platform.web.http.client_address import client_address
from learning_platform.web.http.rate_limits import LimitUse, note_limit_use, rule_of
from learning_platform.web.pages.kit.viewer import CurrentViewer
from learning_platform.web.services import Services


async def count_api_call(request: Request) -> None:
    """Note what a program's request counts for."""
    rule = _rule_of(request)
    note_limit_use(None if rule is None else LimitUse(rule, _whose(request, _user_id(request))))


async def count_form(request: Request, viewer: CurrentViewer) -> None:
    """Note what a person's form counts for."""
    rule = _rule_of(request)
    user_id = None if viewer.session is None else viewer.session.user_id
    note_limit_use(None if rule is None else LimitUse(rule, _whose(request, user_id)))


def _rule_of(request: Request) -> RuleName | None:
    return rule_of(request.method, request.scope["route"].path)


def _user_id(request: Request) -> int | None:
    services: Services = request.app.state.services
    scheme, token = get_authorization_scheme_param(request.headers.get("authorization"))
    try:
        return services.revocations.identify(token).user_id if scheme.lower() == "bearer" else None
    except BadToken:
        return None  # Where a user is needed, the route says so.


def _whose(request: Request, user_id: int | None) -> str:
    # Accounts are counted by where they are made, also when somebody who is signed in makes them.
    if user_id is None or request.scope["route"].path == "/register":
        return network_of(client_address(request))
    return f"user {user_id}"
