"""Handing in an archive, for the page and the API: checked, read, and written, in this order."""

import asyncio
from datetime import datetime
from functools import partial

from learning_platform.attempts import actions
from learning_platform.core.versions import Seen
from learning_platform.snapshots.freezing import Received
from learning_platform.snapshots.starters import starter_entries
from learning_platform.snapshots.warnings import warnings_of
from learning_platform.web.http.dependencies import run_after_catch_up
from learning_platform.web.http.uploads import UploadedForm, tree_in
from learning_platform.web.services import Services


async def ensure_may_hand_in(services: Services, *, assignment_id: int, user_id: int, now: datetime) -> None:
    """Raise what `hand_in` would raise, before the body of a request is read."""
    check = partial(actions.ensure_may_hand_in, assignment_id=assignment_id, user_id=user_id, now=now)
    await run_after_catch_up(services, now, check)


async def hand_in_archive(
    services: Services, form: UploadedForm, *, assignment_id: int, user_id: int, comment: str | None, seen: Seen = None
) -> actions.HandedIn:
    """Hand in the archive of a form; it counts from when it had arrived."""
    tree = await tree_in(form, services)
    async with services.database.connection() as db:
        starter = await starter_entries(db, assignment_id=assignment_id)
    warnings = await asyncio.to_thread(partial(warnings_of, tree, starter=starter))
    hand_in = partial(
        actions.hand_in,
        assignment_id=assignment_id,
        user_id=user_id,
        received=Received("archive", tree=tree, warnings=warnings),
        comment=comment,
        seen=seen,
        now=form.received_at,
    )
    return await run_after_catch_up(services, form.received_at, hand_in)
