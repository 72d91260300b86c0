"""Sign-in of people's git by HTTP Basic, and refusals as git shows them: as plain text."""

from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.responses import PlainTextResponse

from learning_platform.accounts.hand_in_tokens import TokenOwner
from learning_platform.accounts.rules import BadHandInToken, TooManyAttempts
from learning_platform.core.errors import Refusal, Unauthorized
from learning_platform.core.languages import Language
from learning_platform.web.http.client_address import client_address
from learning_platform.web.http.dependencies import Now, PreferredLanguage, Running
from learning_platform.web.http.problems import refusal_response
from learning_platform.web.http.rate_limit_dependencies import note_rate_limit

CHALLENGE = {"WWW-Authenticate": 'Basic realm="Learning Platform", charset="UTF-8"'}
MAX_LOGIN_LENGTH = 254


@dataclass(frozen=True, slots=True)
class GitUser:
    """The person whose git asks, or the answer to a request without a valid token."""

    owner: TokenOwner | None
    refusal: Response | None


async def git_user(request: Request, services: Running, now: Now, language: PreferredLanguage) -> GitUser:
    """Find out whose git asks, by HTTP Basic, and note what the request counts for."""
    login, token = _basic(request.headers.get("authorization", ""))
    try:
        if not token:
            # git asks without a token first; that is no failed attempt.
            raise BadHandInToken
        address = client_address(request)
        owner = await services.sign_in.check_token(login=login, token=token, address=address, now=now)
    except (BadHandInToken, TooManyAttempts) as refusal:
        return GitUser(None, plain(refusal, language))
    note_rate_limit(request, owner.user_id)
    return GitUser(owner, None)


CurrentGitUser = Annotated[GitUser, Depends(git_user)]


def plain(refusal: Refusal, language: Language) -> Response:
    """Return a refusal as git shows it."""
    problem = refusal_response(refusal, language)
    headers = {name: problem.headers[name] for name in ("Retry-After",) if name in problem.headers}
    if isinstance(refusal, Unauthorized):
        headers |= CHALLENGE
    return PlainTextResponse(problem.problem["detail"], problem.status_code, headers)


def _basic(authorization: str) -> tuple[str, str]:
    """Return username and token of an `Authorization` header; empty ones if it has none (RFC 7617)."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        login, _, token = b64decode(encoded.strip(), validate=True).decode(errors="replace").partition(":")
    except NotBase64:
        return "", ""
    return login[:MAX_LOGIN_LENGTH], token
