"""Starter code, for the page and the API: given as an archive or a link, and downloaded."""

import asyncio

from fastapi import Request, Response

from learning_platform.accounts.actor import Actor
from learning_platform.attempts import queries
from learning_platform.attempts.rules import AssignmentLocked
from learning_platform.core.database import Connection
from learning_platform.reviews.code_archive import ArchivedFile, zip_of
from learning_platform.snapshots import starters
from learning_platform.snapshots.freezing import Received
from learning_platform.snapshots.starters import NoStarter, Starter
from learning_platform.snapshots.store import contents_of, entries_of
from learning_platform.snapshots.trees import EXECUTABLE, SYMLINK
from learning_platform.web.http.dependencies import begin
from learning_platform.web.http.error_answers import BodyTooLarge
from learning_platform.web.http.request_body import MAX_BODY_BYTES
from learning_platform.web.http.uploads import tree_in, uploaded_form
from learning_platform.web.services import Services


async def set_uploaded_starter(request: Request, services: Services, *, assignment_id: int, actor: Actor) -> None:
    """Give an assignment the archive of a form as its starter; the author is checked before the body is read."""
    async with begin(services) as db:
        now = services.clock()
        await starters.ensure_may_set_starter(db, assignment_id=assignment_id, actor=actor, now=now)
    async with uploaded_form(request, services, user_id=actor.user_id) as form:
        received = Received("archive", tree=await tree_in(form, services))
        async with begin(services) as db:
            await starters.set_starter(
                db, assignment_id=assignment_id, actor=actor, received=received, now=form.received_at
            )


async def small_body(request: Request) -> bytes:
    """Return the body of a request that has no file. Raises BodyTooLarge."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY_BYTES:
            raise BodyTooLarge
    return bytes(body)


async def shown_starter(db: Connection, services: Services, *, assignment_id: int, actor: Actor) -> Starter:
    """Return the starter of an assignment for which the assignment is open.

    Raises AssignmentNotFound, NotAParticipant, AssignmentLocked, NoStarter.
    """
    view = await queries.assignment(
        db, assignment_id=assignment_id, user_id=actor.user_id, sees_all=actor.is_admin, now=services.clock()
    )
    if view.description is None:
        raise AssignmentLocked
    starter = await starters.starter_of(db, assignment_id=assignment_id)
    if starter is None:
        raise NoStarter
    return starter


async def starter_zip(services: Services, *, assignment_id: int, actor: Actor) -> Response:
    """Return the files of a starter as a download. Raises as `shown_starter`."""
    async with services.database.connection() as db:
        starter = await shown_starter(db, services, assignment_id=assignment_id, actor=actor)
        if starter.tree_id is None:
            raise NoStarter
        entries = await entries_of(db, tree_id=starter.tree_id)
        hashes = [entry.hash for entry in entries if entry.hash is not None]
        contents = await contents_of(db, track_id=starter.track_id, hashes=hashes)
    archived = [
        ArchivedFile(entry.path, contents[entry.hash], entry.mode == EXECUTABLE)
        for entry in entries
        if entry.hash is not None and entry.mode != SYMLINK
    ]
    name = f'attachment; filename="starter-{assignment_id}.zip"'
    content = await asyncio.to_thread(zip_of, archived)
    return Response(content, media_type="application/zip", headers={"Content-Disposition": name})
