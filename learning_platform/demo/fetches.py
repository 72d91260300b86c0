"""What a fetcher found behind the links of the demo school, since none of them leads anywhere."""

from datetime import datetime, timedelta

from learning_platform.attempts.link_outcomes import OUTCOMES
from learning_platform.demo.world import Repository, World
from learning_platform.snapshots import links
from learning_platform.snapshots.git.extraction import Extracted

# How long a fetch takes; and how long until one that found no host is tried again.
FETCHING, PAUSE = timedelta(seconds=4), timedelta(minutes=15)


def plan_fetch(world: World, repo_url: str, repository: Repository, *, now: datetime) -> None:
    """Have a link fetched soon after it was handed in."""
    world.repositories[repo_url] = repository

    async def fetch(at: datetime) -> None:
        await _fetch(world, at)

    world.timeline.plan(now + FETCHING, fetch)


async def _fetch(world: World, now: datetime) -> None:
    """Fetch the link that has waited longest."""
    taken = await links.take_link(world.db, after_track=0, except_hosts=(), now=now)
    if taken is None:
        return
    repository = world.repositories[taken.repo_url]
    if isinstance(repository, Extracted):
        await links.mark_frozen(world.db, taken=taken, extracted=repository, warnings=(), now=now)
    elif repository == "host_unreachable":
        try_at = max(now + PAUSE, world.timeline.until + PAUSE)
        await links.postpone(world.db, taken=taken, error=repository, try_at=try_at)
    elif await links.mark_failed(world.db, taken=taken, error=repository):
        await OUTCOMES.failed(world.db, taken.id, now)
