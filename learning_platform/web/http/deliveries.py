"""What a push is for: it hands in the work of a participant, or gives an assignment its starter code."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from learning_platform.accounts.hand_in_tokens import TokenOwner
from learning_platform.attempts import actions
from learning_platform.attempts.progress import progress_at
from learning_platform.attempts.rules import personal_deadline
from learning_platform.snapshots.freezing import Received
from learning_platform.snapshots.starters import ensure_may_set_starter, set_starter, starter_entries
from learning_platform.snapshots.warnings import warnings_of
from learning_platform.web.http.dependencies import begin, run_after_catch_up
from learning_platform.web.http.push_messages import starter_lines, submitted_lines
from learning_platform.web.services import Services


@dataclass(frozen=True, slots=True)
class HandIn:
    """The work of a participant for an assignment."""

    services: Services
    assignment_id: int
    owner: TokenOwner

    async def ensure_allowed(self, now: datetime) -> None:
        """Raise what `accept` would raise, before anything is read."""
        check = partial(
            actions.ensure_may_hand_in, assignment_id=self.assignment_id, user_id=self.owner.user_id, now=now
        )
        await run_after_catch_up(self.services, now, check)

    async def accept(self, received: Received, now: datetime) -> list[str]:
        """Hand in what was pushed, and had arrived at `now`; return what the person is to know."""
        assignment_id, user_id = self.assignment_id, self.owner.user_id
        received = await self._with_warnings(received)
        hand_in = partial(
            actions.hand_in,
            assignment_id=assignment_id,
            user_id=user_id,
            received=received,
            comment=None,
            keeps_comment=True,
            now=now,
        )
        await run_after_catch_up(self.services, now, hand_in)
        async with self.services.database.connection() as db:
            progress = await progress_at(db, assignment_id=assignment_id, user_id=user_id, now=now)
        due_at = personal_deadline(due_at=progress.due_at, extended_to=progress.extended_to)
        page = _page(self.services, self.assignment_id)
        return submitted_lines(received, self.owner, page=page, due_at=due_at, now=self.services.clock())

    async def _with_warnings(self, received: Received) -> Received:
        assert received.tree is not None
        async with self.services.database.connection() as db:
            starter = await starter_entries(db, assignment_id=self.assignment_id)
        return replace(received, warnings=await asyncio.to_thread(partial(warnings_of, received.tree, starter=starter)))


@dataclass(frozen=True, slots=True)
class StarterCode:
    """The code that participants of an assignment start from."""

    services: Services
    assignment_id: int
    owner: TokenOwner

    async def ensure_allowed(self, now: datetime) -> None:
        """Raise what `accept` would raise, before anything is read."""
        async with begin(self.services) as db:
            await ensure_may_set_starter(db, assignment_id=self.assignment_id, actor=self.owner.actor, now=now)

    async def accept(self, received: Received, now: datetime) -> list[str]:
        """Give the assignment its starter; return what the person is to know."""
        async with begin(self.services) as db:
            await set_starter(db, assignment_id=self.assignment_id, actor=self.owner.actor, received=received, now=now)
        return starter_lines(received, self.owner, page=_page(self.services, self.assignment_id))


def _page(services: Services, assignment_id: int) -> str:
    return f"{services.settings.public_url}/assignments/{assignment_id}"
