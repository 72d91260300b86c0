"""git over HTTP: a push to `/hand-in/<assignment>.git` hands in the files of one branch.

git shows people what it is answered: a refusal before the push as plain text, one of the push itself as lines that
begin with `remote:`. A body is streamed to a file, so none is ever whole in memory.
"""

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import TypeAlias

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.requests import ClientDisconnect

from learning_platform.accounts.hand_in_tokens import TokenOwner
from learning_platform.core.errors import Refusal
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
from learning_platform.web.git_sign_in import CurrentGitUser, GitUser, plain
from learning_platform.web.http.deliveries import HandIn, StarterCode
from learning_platform.web.http.dependencies import Id, PreferredLanguage, Running
from learning_platform.web.http.push_messages import ONLY_PUSHES, UNREADABLE, refused_lines

router = APIRouter(include_in_schema=False)
SERVICE = "git-receive-pack"
RESULT = f"application/x-{SERVICE}-result"
ADVERTISEMENT = f"application/x-{SERVICE}-advertisement"
# Before a large push git asks with an empty request whether it is welcome.
PROBE = b"0000"


Delivery: TypeAlias = HandIn | StarterCode
MakeDelivery: TypeAlias = Callable[[TokenOwner], Delivery]


@router.get("/hand-in/{assignment_id}.git/info/refs")
async def advertise(
    assignment_id: Id, request: Request, services: Running, user: CurrentGitUser, language: PreferredLanguage
) -> Response:
    """Say that there are no branches yet: each push is a complete delivery. Refuse a push that would be in vain."""
    return await _advertised(partial(HandIn, services, assignment_id), request, user, language)


@router.post("/hand-in/{assignment_id}.git/git-receive-pack")
async def receive(assignment_id: Id, request: Request, services: Running, user: CurrentGitUser) -> Response:
    """Receive a push and hand in what it brings."""
    return await _received(partial(HandIn, services, assignment_id), request, user)


@router.get("/hand-in/{assignment_id}/starter.git/info/refs")
async def advertise_starter(
    assignment_id: Id, request: Request, services: Running, user: CurrentGitUser, language: PreferredLanguage
) -> Response:
    """Answer the track's author as a participant is answered."""
    return await _advertised(partial(StarterCode, services, assignment_id), request, user, language)


@router.post("/hand-in/{assignment_id}/starter.git/git-receive-pack")
async def receive_starter(assignment_id: Id, request: Request, services: Running, user: CurrentGitUser) -> Response:
    """Receive a push and make it the starter code of the assignment."""
    return await _received(partial(StarterCode, services, assignment_id), request, user)


async def _advertised(made_for: MakeDelivery, request: Request, user: GitUser, language: Language) -> Response:
    if request.query_params.get("service") != SERVICE:
        return PlainTextResponse(translate(ONLY_PUSHES, language), 403)
    if user.owner is None:
        assert user.refusal is not None
        return user.refusal
    try:
        await ensure_git()
        delivery = made_for(user.owner)
        await delivery.ensure_allowed(delivery.services.clock())
    except Refusal as refusal:
        return plain(refusal, user.owner.locale)
    except FreezeFailed as failed:
        return PlainTextResponse(failure_text(failed, user.owner.locale), 503)
    return Response(advertisement(), media_type=ADVERTISEMENT)


async def _received(made_for: MakeDelivery, request: Request, user: GitUser) -> Response:
    if user.owner is None:
        assert user.refusal is not None
        return user.refusal
    if request.headers.get("content-length") == str(len(PROBE)) and await request.body() == PROBE:
        return Response(media_type=RESULT)
    is_compressed = request.headers.get("content-encoding") in {"gzip", "x-gzip"}
    body = inflated(request.stream()) if is_compressed else request.stream()
    try:
        async with push_file() as push:
            content = await _answer(made_for(user.owner), push, body)
    except BadRequest:
        return PlainTextResponse(translate(UNREADABLE, user.owner.locale), 400)
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
