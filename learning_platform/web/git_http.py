"""git over HTTP: a push to `/hand-in/<assignment>.git` hands in the files of one branch.

git shows people what it is answered: a refusal before the push as plain text, one of the push itself as lines that
begin with `remote:`. A body is streamed to a file, so none is ever whole in memory.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.requests import ClientDisconnect

from learning_platform.accounts.hand_in_tokens import TokenOwner
from learning_platform.accounts.rules import BadHandInToken, TooManyAttempts
from learning_platform.core.errors import Refusal, Unauthorized
from learning_platform.core.languages import Language, translate
from learning_platform.snapshots.failures import failure_text
from learning_platform.snapshots.git.process import ensure_git
from learning_platform.snapshots.git.protocol import BadRequest, advertisement, report
from learning_platform.snapshots.git.receiving import (
    ReceivedPush,
    freeze_push,
    inflated,
    push_file,
    received_of,
)
from learning_platform.snapshots.rules import FreezeFailed
from learning_platform.web.http.client_address import client_address
from learning_platform.web.http.deliveries import HandIn, StarterCode
from learning_platform.web.http.dependencies import Id, Now, PreferredLanguage, Running
from learning_platform.web.http.problems import refusal_response
from learning_platform.web.http.push_messages import ONLY_PUSHES, UNREADABLE, refused_lines
from learning_platform.web.http.rate_limit_dependencies import note_rate_limit

router = APIRouter(include_in_schema=False)
SERVICE = "git-receive-pack"
RESULT = f"application/x-{SERVICE}-result"
ADVERTISEMENT = f"application/x-{SERVICE}-advertisement"
# Before a large push git asks with an empty request whether it is welcome.
PROBE = b"0000"
CHALLENGE = {"WWW-Authenticate": 'Basic realm="Learning Platform", charset="UTF-8"'}
MAX_LOGIN_LENGTH = 254


@dataclass(frozen=True, slots=True)
class Pusher:
    """The person who pushes, or the answer to a request without a valid token."""

    owner: TokenOwner | None
    refusal: Response | None


async def pusher_of(request: Request, services: Running, now: Now, language: PreferredLanguage) -> Pusher:
    """Find out who pushes, by HTTP Basic, and note what the request counts for."""
    login, token = _basic(request.headers.get("authorization", ""))
    try:
        if not token:
            # git asks without a token first; that is no failed attempt.
            raise BadHandInToken
        address = client_address(request)
        owner = await services.sign_in.check_token(login=login, token=token, address=address, now=now)
    except (BadHandInToken, TooManyAttempts) as refusal:
        return Pusher(None, _plain(refusal, language))
    note_rate_limit(request, owner.user_id)
    return Pusher(owner, None)


Delivery: TypeAlias = HandIn | StarterCode
MakeDelivery: TypeAlias = Callable[[TokenOwner], Delivery]
CurrentPusher = Annotated[Pusher, Depends(pusher_of)]


@router.get("/hand-in/{assignment_id}.git/info/refs")
async def advertise(
    assignment_id: Id, request: Request, services: Running, pusher: CurrentPusher, language: PreferredLanguage
) -> Response:
    """Say that there are no branches yet: each push is a complete delivery. Refuse a push that would be in vain."""
    return await _advertised(partial(HandIn, services, assignment_id), request, pusher, language)


@router.post("/hand-in/{assignment_id}.git/git-receive-pack")
async def receive(assignment_id: Id, request: Request, services: Running, pusher: CurrentPusher) -> Response:
    """Receive a push and hand in what it brings."""
    return await _received(partial(HandIn, services, assignment_id), request, pusher)


@router.get("/hand-in/{assignment_id}/starter.git/info/refs")
async def advertise_starter(
    assignment_id: Id, request: Request, services: Running, pusher: CurrentPusher, language: PreferredLanguage
) -> Response:
    """Answer the track's author as a participant is answered."""
    return await _advertised(partial(StarterCode, services, assignment_id), request, pusher, language)


@router.post("/hand-in/{assignment_id}/starter.git/git-receive-pack")
async def receive_starter(assignment_id: Id, request: Request, services: Running, pusher: CurrentPusher) -> Response:
    """Receive a push and make it the starter code of the assignment."""
    return await _received(partial(StarterCode, services, assignment_id), request, pusher)


async def _advertised(made_for: MakeDelivery, request: Request, pusher: Pusher, language: Language) -> Response:
    if request.query_params.get("service") != SERVICE:
        return PlainTextResponse(translate(ONLY_PUSHES, language), 403)
    if pusher.owner is None:
        assert pusher.refusal is not None
        return pusher.refusal
    try:
        await ensure_git()
        delivery = made_for(pusher.owner)
        await delivery.ensure_allowed(delivery.services.clock())
    except Refusal as refusal:
        return _plain(refusal, pusher.owner.locale)
    except FreezeFailed as failed:
        return PlainTextResponse(failure_text(failed, pusher.owner.locale), 503)
    return Response(advertisement(), media_type=ADVERTISEMENT)


async def _received(made_for: MakeDelivery, request: Request, pusher: Pusher) -> Response:
    if pusher.owner is None:
        assert pusher.refusal is not None
        return pusher.refusal
    if request.headers.get("content-length") == str(len(PROBE)) and await request.body() == PROBE:
        return Response(media_type=RESULT)
    is_compressed = request.headers.get("content-encoding") in {"gzip", "x-gzip"}
    body = inflated(request.stream()) if is_compressed else request.stream()
    try:
        async with push_file() as push:
            content = await _answer(made_for(pusher.owner), push, body)
    except BadRequest:
        return PlainTextResponse(translate(UNREADABLE, pusher.owner.locale), 400)
    except ClientDisconnect:
        return Response(status_code=400)
    return Response(content, media_type=RESULT)


async def _answer(delivery: Delivery, push: ReceivedPush, body: AsyncIterator[bytes]) -> bytes:
    """Return what git is answered. Raises BadRequest, ClientDisconnect."""
    owner, services = delivery.owner, delivery.services
    try:
        async with services.pushes.of_person(owner.user_id):
            await delivery.ensure_allowed(services.clock())
            await push.read(body)
            # A push counts when all of it is there, however long git needs then.
            arrived_at = services.clock()
            async with services.pushes.of_all():
                received = received_of(await freeze_push(push))
            lines = await delivery.accept(received, arrived_at)
        return report(push.head(), refusal=None, messages=lines)
    except (Refusal, FreezeFailed) as refusal:
        # git reads no answer before it has sent everything.
        await push.discard(body)
        return report(push.head(), refusal=refusal.code, messages=refused_lines(refusal, owner.locale))


def _plain(refusal: Refusal, language: Language) -> Response:
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
