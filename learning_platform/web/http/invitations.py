"""Look up invitations by their tokens, with a limit for guessing."""

from fastapi import Request

from learning_platform.accounts.actor import Actor
from learning_platform.accounts.networks import network_of
from learning_platform.people import invitations
from learning_platform.people.rules import InvitationNotFound, SendsNoEmail
from learning_platform.web.http.client_address import client_address
from learning_platform.web.services import Services


def ensure_sends_email(services: Services) -> None:
    """Raise SendsNoEmail if the site sends no emails."""
    if not services.sends_mail:
        raise SendsNoEmail


async def found_invitation(request: Request, services: Services, *, token: str, viewer: Actor) -> invitations.Invited:
    """Return what an invitation leads to. Raises InvitationNotFound, TooManyActions.

    Unknown tokens are counted by network, as failed sign-ins are.
    """
    whose, now = network_of(client_address(request)), services.clock()
    try:
        async with services.database.connection() as db:
            await services.limits.ensure_free(db, "unknown_invitations", whose, now=now)
            found = await invitations.invited(db, token=token, viewer=viewer, now=now)
    except InvitationNotFound:
        async with services.database.transaction() as db:
            await services.limits.try_use(db, "unknown_invitations", whose, now=now)
        raise
    if found.newly_opened_id is not None and _is_by_person(request):
        async with services.database.transaction() as db:
            await invitations.note_opened(db, invitation_id=found.newly_opened_id, now=now)
    return found


def _is_by_person(request: Request) -> bool:
    """Say whether a person asks, and not a program that looks where a link leads or a browser that loads it ahead."""
    return request.method != "HEAD" and "prefetch" not in request.headers.get("sec-purpose", "")
