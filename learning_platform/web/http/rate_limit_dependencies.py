"""What a request counts for is noted before its handler runs."""

from fastapi import Request
from fastapi.security.utils import get_authorization_scheme_param

from learning_platform.accounts.networks import network_of
from learning_platform.accounts.rules import BadToken
from learning_platform.web.http.client_address import client_address
from learning_platform.web.http.rate_limits import LimitUse, note_limit_use, rule_of
from learning_platform.web.services import Services


def note_rate_limit(request: Request, user_id: int | None) -> None:
    """Note what a request of a user counts for, or of a visitor from somewhere."""
    rule = rule_of(request.method, request.scope["route"].path)
    note_limit_use(None if rule is None else LimitUse(rule, _whose(request, user_id)))


async def count_api_call(request: Request) -> None:
    """Note what a program's request counts for."""
    note_rate_limit(request, _user_id(request))


def _user_id(request: Request) -> int | None:
    services: Services = request.app.state.services
    scheme, token = get_authorization_scheme_param(request.headers.get("authorization"))
    try:
        return services.revocations.identify(token).user_id if scheme.lower() == "bearer" else None
    except BadToken:
        return None  # Where a user is needed, the route says so.


def _whose(request: Request, user_id: int | None) -> str:
    # Accounts are counted by where they are made, also when a signed-in user makes them.
    if user_id is None or request.scope["route"].path == "/register":
        return network_of(client_address(request))
    return f"user {user_id}"
