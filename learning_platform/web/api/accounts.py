"""Register, sign in, sign out, the profile."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from learning_platform.accounts import actions, queries, sessions
from learning_platform.accounts.rules import (
    BadRefreshToken,
    BadToken,
    CommonPassword,
    EmailTaken,
    NotSignedIn,
    PasswordIsName,
    PasswordsBusy,
    RefreshTokenReused,
    TooManyActions,
    TooManyAttempts,
    UnknownTimeZone,
    UserBlocked,
    UsernameTaken,
    WrongCredentials,
)
from learning_platform.core.versions import VersionConflict
from learning_platform.web.email_confirmation import send_confirmation
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.client_address import client_address
from learning_platform.web.http.dependencies import (
    CurrentUser,
    IfMatch,
    Now,
    PreferredLanguage,
    Running,
    Transaction,
    begin,
)
from learning_platform.web.http.devices import device_of_client
from learning_platform.web.http.problems import refuses
from learning_platform.web.http.rate_limit_dependencies import count_visitor
from learning_platform.web.schemas.accounts import ProfileChange, RefreshRequest, Registration, TokenPair, User
from learning_platform.web.schemas.common import NO_NUL
from learning_platform.web.schemas.texts import IDENTIFIER, PASSWORD

router = APIRouter(route_class=ApiRoute, tags=["Accounts"])
SIGNED_IN = (NotSignedIn, BadToken)
Login = Annotated[str, Form(max_length=254, pattern=NO_NUL, description="Username or email address."), IDENTIFIER]
Secret = Annotated[str, Form(max_length=128, json_schema_extra={"format": "password"}), PASSWORD]


# The first to be tried: programs ask for it most.
@router.get("/me", response_model=User, responses=refuses(*SIGNED_IN))
async def me(user: CurrentUser, services: Running) -> queries.User:
    """Show the signed-in user."""
    async with services.database.connection() as db:
        return await queries.signed_in_user(db, user_id=user.user_id)


# Accounts are counted by where they are made, also when a signed-in user makes them.
@router.post(
    "/register",
    status_code=201,
    response_model=User,
    dependencies=[Depends(count_visitor)],
    responses=refuses(EmailTaken, UsernameTaken, CommonPassword, PasswordIsName, PasswordsBusy),
)
async def register(
    request: Request, new: Registration, services: Running, language: PreferredLanguage, now: Now
) -> queries.User:
    """Create an account. Its language is taken from `Accept-Language`."""
    address = client_address(request)
    password_hash = await services.sign_in.hash_for_new_account(
        email=new.email, username=new.username, password=new.password, address=address, now=now
    )
    async with begin(services) as db:
        user = await actions.register(
            db, email=new.email, username=new.username, password_hash=password_hash, locale=language, now=now
        )
        await services.sign_in.remember_network(db, user_id=user.id, address=address, now=now)
        await send_confirmation(db, services, user_id=user.id, email=user.email, now=now)
    return user


@router.post(
    "/token", response_model=TokenPair, responses=refuses(WrongCredentials, UserBlocked, TooManyAttempts, PasswordsBusy)
)
async def sign_in(
    request: Request, username: Login, password: Secret, services: Running, now: Now
) -> sessions.TokenPair:
    """Sign in. After too many failed attempts the response is 429 with `Retry-After`; successful ones never count."""
    user = await services.sign_in.check(login=username, password=password, address=client_address(request), now=now)
    async with begin(services) as db:
        return await sessions.open_session(
            db,
            user_id=user.id,
            checked_hash=user.password_hash,
            tokens=services.tokens,
            refresh_lifetime=services.refresh_lifetime,
            most_sessions=services.settings.max_sessions,
            device=device_of_client(request),
            now=now,
        )


@router.post(
    "/token/refresh",
    response_model=TokenPair,
    responses=refuses(BadRefreshToken, RefreshTokenReused, TooManyActions),
)
async def refresh(asked: RefreshRequest, services: Running, db: Transaction, now: Now) -> sessions.TokenPair:
    """Exchange a refresh token for a new pair. Using the same token twice ends the session."""
    try:
        return await sessions.refresh_session(
            db,
            refresh_token=asked.refresh_token,
            tokens=services.tokens,
            refresh_lifetime=services.refresh_lifetime,
            limits=services.limits,
            now=now,
        )
    except RefreshTokenReused as reused:
        services.revocations.note_session(reused.session_id)
        raise


@router.post("/logout", status_code=204, responses=refuses(*SIGNED_IN))
async def sign_out(user: CurrentUser, services: Running, db: Transaction, now: Now) -> Response:
    """End the session: its access and refresh tokens stop working and its WebSockets close."""
    await sessions.revoke_session(db, session_id=user.session_id, now=now)
    services.revocations.note_session(user.session_id)
    return Response(status_code=204)


@router.patch("/me", response_model=User, responses=refuses(*SIGNED_IN, UnknownTimeZone, VersionConflict))
async def edit_me(change: ProfileChange, user: CurrentUser, seen: IfMatch, db: Transaction) -> queries.User:
    """Change the language or the time zone of messages."""
    return await actions.edit_profile(
        db, user_id=user.user_id, locale=change.locale, time_zone=change.time_zone, seen=seen
    )
