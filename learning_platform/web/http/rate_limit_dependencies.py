"""What a request counts for is noted before its handler runs."""

from fastapi import Request

from learning_platform.accounts.networks import network_of
from learning_platform.web.http.client_address import client_address
from learning_platform.web.http.rate_limits import LimitUse, note_limit_use, rule_of


def note_rate_limit(request: Request, user_id: int | None) -> None:
    """Note what a request of a user counts for, or of a visitor from somewhere."""
    rule = rule_of(request.method, request.scope["route"].path)
    note_limit_use(None if rule is None else LimitUse(rule, _whose(request, user_id)))


async def count_visitor(request: Request) -> None:
    """Note what the request of a program counts for, where no user is needed."""
    note_rate_limit(request, None)


def _whose(request: Request, user_id: int | None) -> str:
    if user_id is None:
        return network_of(client_address(request))
    return f"user {user_id}"
