"""A full track of the demo school that starts on a date, and the users who wait for a place on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from learning_platform.accounts.actor import Actor
from learning_platform.demo.incidents import join_waiting_list
from learning_platform.demo.world import World
from learning_platform.enrollment.actions import leave
from learning_platform.enrollment.editing import edit_track
from learning_platform.tracks.actions import TrackChange
from learning_platform.tracks.start_rules import StartPlan


@dataclass(frozen=True, slots=True)
class Queue:
    """Users wait as soon as the track is full; some hours later `leaver` cancels, and the first of them moves up."""

    usernames: Sequence[str]
    leaver: str
    leaves_after: timedelta
    starts_after: timedelta

    async def plan(self, world: World, *, track_id: int, author_id: int, full_at: datetime, now: datetime) -> None:
        """Set the date on which the track starts, and plan the rest."""
        date = TrackChange(start=StartPlan("on_date", full_at + self.starts_after))
        await edit_track(world.db, track_id=track_id, actor=Actor(author_id), change=date, now=now)
        for number, username in enumerate(self.usernames, start=1):
            at = full_at + timedelta(hours=number)
            world.timeline.plan(at, partial(join_waiting_list, world, track_id, [username]))
        world.timeline.plan(full_at + self.leaves_after, partial(self._leave, world, track_id))

    async def _leave(self, world: World, track_id: int, now: datetime) -> None:
        await leave(world.db, track_id=track_id, user_id=world.user_ids[self.leaver], now=now)
