"""Change one's email address. Links in emails lead to pages, which confirm or undo the change."""

from fastapi import APIRouter, Request, Response

from learning_platform.accounts import email_changes, queries
from learning_platform.accounts.rules import (
    BadToken,
    EmailUnchanged,
    NoEmailChange,
    NoMail,
    PasswordsBusy,
    SignInAgain,
    TooManyAttempts,
    TooManyEmails,
    WrongPassword,
)
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.email_changes import request_change
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.client_address import client_address
from learning_platform.web.http.dependencies import CurrentUser, Now, Reader, Running, Transaction
from learning_platform.web.http.problems import refuses
from learning_platform.web.schemas.accounts import EmailChange, EmailChangeRequest

router = APIRouter(route_class=ApiRoute, tags=["Accounts"])


@router.get("/me/email-change", response_model=EmailChange, responses=refuses(*SIGNED_IN, NoEmailChange))
async def show_email_change(user: CurrentUser, db: Reader, now: Now) -> email_changes.EmailChange:
    """Show the change of your email address that waits to be confirmed."""
    found = await email_changes.pending_change(db, user_id=user.user_id, now=now)
    if found is None:
        raise NoEmailChange
    return found


@router.post(
    "/me/email-change",
    status_code=201,
    response_model=EmailChange,
    responses=refuses(
        *SIGNED_IN, WrongPassword, SignInAgain, EmailUnchanged, NoMail, TooManyAttempts, TooManyEmails, PasswordsBusy
    ),
)
async def change_email(
    asked: EmailChangeRequest, request: Request, user: CurrentUser, services: Running, now: Now
) -> email_changes.EmailChange:
    """Ask for another email address; an earlier request is replaced.

    The address changes when the link in the email to the new address is used. An account without a password needs a
    sign-in within the last 15 minutes instead.
    """
    async with services.database.connection() as db:
        session = await queries.live_session(db, session_id=user.session_id, now=now)
    if session is None:
        raise BadToken
    return await request_change(
        services, user=session, email=asked.email, password=asked.password, address=client_address(request), now=now
    )


@router.delete("/me/email-change", status_code=204, responses=refuses(*SIGNED_IN))
async def cancel_email_change(user: CurrentUser, db: Transaction, now: Now) -> Response:
    """Cancel the change that waits, if there is one."""
    await email_changes.cancel_change(db, user_id=user.user_id, now=now)
    return Response(status_code=204)
