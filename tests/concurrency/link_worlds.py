"""Actions that meet while links are fetched: fetchers, hand-ins, the warning, a deleted account."""

from datetime import datetime

from learning_platform.attempts.actions import submit
from learning_platform.attempts.link_outcomes import OUTCOMES
from learning_platform.core.database import Connection
from learning_platform.snapshots import links
from learning_platform.snapshots.git.extraction import Extracted
from learning_platform.snapshots.links import TakenLink
from learning_platform.snapshots.trees import File, tree_of
from tests import events, make
from tests.concurrency.interleavings import World
from tests.concurrency.world_parts import HOUR, STATE_OF_TRACKS, at_time, delete_account, sweep

STATE_OF_LINKS = f"""{STATE_OF_TRACKS}
union all select 'snapshot', user_id, repo_url, state, tries::int, (tree_id is not null)::int,
    concat_ws(' ', error, try_at, check_at, changed_at) from snapshots
union all select 'tree', track_id, null, null, files, null, null from trees
"""
LINK = "https://git.example/people/same"
EXTRACTED = Extracted(tree_of([File("main.py", "100644", b"print()\n", 8)]), "0" * 40, make.NOON, [])
IS_DUE = "update snapshots set check_at = $2 where user_id = $1 and state = 'frozen'"


async def links_to_fetch(db: Connection) -> World:
    """One link is being fetched, and waits in a second version too; one waits; one is frozen and may have changed."""
    first, second, third = people = await make.users(db, 3)
    assignment_id = (await make.assignment_ids(db, await make.running_track(db, people)))[0]
    for user_id in (first, first, third):
        await _submit(db, assignment_id, user_id, now=make.NOON)
    fetched, taken = await _take(db, make.NOON), await _take(db, make.NOON)
    assert fetched is not None
    assert taken is not None
    await links.mark_frozen(db, taken=taken, extracted=EXTRACTED, warnings=[], now=make.NOON)
    await db.execute(IS_DUE, third, make.NOON)
    await _submit(db, assignment_id, second, now=make.NOON)
    at, later, due_at = at_time(make.NOON), at_time(make.NOON + links.LEASE), make.NOON + 10 * HOUR
    mine = {"assignment_id": assignment_id, "comment": None}
    return World(
        [
            at("a fetcher takes a link", _take),
            later("another fetcher takes it when its lease has ended", _take),
            at("it is frozen", links.mark_frozen, taken=fetched, extracted=EXTRACTED, warnings=[]),
            at("it fails", _fail, taken=fetched),
            at("it is postponed", _postpone, taken=fetched),
            at("a comparison is taken", links.take_check),
            at("a comparison has ended", _end_check, user_id=third),
            at("the first hands in again", submit, user_id=first, repo_url=LINK, **mine),
            at("the second hands in again", submit, user_id=second, repo_url=LINK, **mine),
            sweep("the warning", events.warn, assignment_id, due_at),
            at("the first deletes the account", delete_account, user_id=first),
            at("the third deletes the account", delete_account, user_id=third),
        ],
        STATE_OF_LINKS,
    )


async def _submit(db: Connection, assignment_id: int, user_id: int, *, now: datetime) -> None:
    await submit(db, assignment_id=assignment_id, user_id=user_id, repo_url=LINK, comment=None, now=now)


async def _take(db: Connection, now: datetime) -> TakenLink | None:
    return await links.take_link(db, after_track=0, except_hosts=(), now=now)


async def _fail(db: Connection, now: datetime, *, taken: TakenLink) -> None:
    if await links.mark_failed(db, taken=taken, error="empty"):
        await OUTCOMES.failed(db, taken.id, now)


async def _postpone(db: Connection, now: datetime, *, taken: TakenLink) -> None:
    await links.postpone(db, taken=taken, error="too_slow", try_at=now + HOUR)


async def _end_check(db: Connection, now: datetime, *, user_id: int) -> None:
    id = await db.fetchval("select max(id) from snapshots where user_id = $1", user_id)
    if id is not None and await links.end_check(db, snapshot_id=id, has_changed=True, now=now):
        await OUTCOMES.changed(db, id, now)
