"""Tokens with which git hands in."""

from fastapi import APIRouter, Response

from learning_platform.accounts import hand_in_tokens
from learning_platform.accounts.rules import HandInTokenExpiry, HandInTokenNotFound, TooManyHandInTokens
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import CurrentUser, Id, Now, Reader, Transaction
from learning_platform.web.http.problems import refuses
from learning_platform.web.schemas.hand_in_tokens import CreatedHandInToken, HandInToken, NewHandInToken

router = APIRouter(route_class=ApiRoute, tags=["Accounts"])


@router.post(
    "/me/hand-in-tokens",
    status_code=201,
    response_model=CreatedHandInToken,
    responses=refuses(*SIGNED_IN, TooManyHandInTokens, HandInTokenExpiry),
)
async def create_hand_in_token(
    new: NewHandInToken, user: CurrentUser, db: Transaction, now: Now
) -> hand_in_tokens.NewHandInToken:
    """Create a token with which git hands in for you. It is shown only here."""
    return await hand_in_tokens.create_token(
        db, user_id=user.user_id, session_id=user.session_id, name=new.name, expires_at=new.expires_at, now=now
    )


@router.get("/me/hand-in-tokens", response_model=list[HandInToken], responses=refuses(*SIGNED_IN))
async def list_hand_in_tokens(user: CurrentUser, db: Reader, now: Now) -> list[hand_in_tokens.HandInToken]:
    """List your valid tokens."""
    return await hand_in_tokens.tokens_of(db, user_id=user.user_id, now=now)


@router.delete("/me/hand-in-tokens/{token_id}", status_code=204, responses=refuses(*SIGNED_IN, HandInTokenNotFound))
async def end_hand_in_token(token_id: Id, user: CurrentUser, db: Transaction) -> Response:
    """End a token: git can no longer hand in with it."""
    await hand_in_tokens.end_token(db, user_id=user.user_id, token_id=token_id)
    return Response(status_code=204)
