"""Actions that meet on the files of a track."""

from typing import Any

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.actions import hand_in
from learning_platform.core.database import Connection
from learning_platform.enrollment.editing import edit_track
from learning_platform.snapshots import starters
from learning_platform.snapshots.freezing import Received
from learning_platform.tracks import actions as tracks
from learning_platform.tracks.actions import AssignmentDraft, TrackChange
from tests import make
from tests.concurrency.interleavings import World
from tests.concurrency.world_parts import STATE_OF_TRACKS, at_time, delete_account
from tests.domain.snapshots.files import tree

STATE_OF_FILES = f"""
{STATE_OF_TRACKS}
union all select 'tree', track_id, encode(digest, 'hex'), null, files, null, null from trees
union all select 'blob', track_id, encode(hash, 'hex'), null, null, null, null from blobs
union all select 'snapshot', n.assignment_id, n.user_id::text, encode(t.digest, 'hex'), null, null, n.state
    from snapshots n left join trees t on t.id = n.tree_id
union all select 'starter', assignment_id, null, null, null, null, null from starters
"""  # Both parts are constants.
COMMON = "the same for all"


def _received(content: str) -> Received:
    return Received("archive", tree=tree(main=content, common=COMMON))


async def code_handed_in(db: Connection) -> World:
    """Two have handed in code; what they start from is about to be replaced."""
    teacher, first, second, third = await make.users(db, 4)
    track_id = await make.running_track(db, [first, second, third], author_id=teacher)
    assignment_id, _ = await make.assignment_ids(db, track_id)
    given: dict[str, Any] = {"assignment_id": assignment_id, "actor": Actor(teacher)}
    mine: dict[str, Any] = {"assignment_id": assignment_id, "comment": None}
    await starters.set_starter(db, **given, received=_received("start"), now=make.NOON)
    for user_id in (first, second):
        await hand_in(db, **mine, user_id=user_id, received=_received(f"by {user_id}"), now=make.NOON)
    at, equal = at_time(make.NOON), _received(f"by {first}")
    return World(
        [
            at("the third hands in the same as the first", hand_in, **mine, user_id=third, received=equal),
            at("the second hands in the starter", hand_in, **mine, user_id=second, received=_received("start")),
            at("the starter is replaced", starters.set_starter, **given, received=_received("other start")),
            at("the starter is removed", starters.delete_starter, **given),
            at("the first deletes the account", delete_account, user_id=first),
            at("the third deletes the account", delete_account, user_id=third),
            at("the track is copied", starters.copy_track, track_id=track_id, actor=Actor(teacher)),
            at("the track is cancelled", tracks.cancel_track, track_id=track_id, actor=Actor(teacher)),
        ],
        STATE_OF_FILES,
    )


async def starter_given(db: Connection) -> World:
    """A track that has not started has a starter for its second assignment."""
    teacher = await make.user(db)
    track_id = await make.track(db, author_id=teacher)
    first, second = await make.assignment_ids(db, track_id)
    own = {"track_id": track_id, "actor": Actor(teacher)}
    await starters.set_starter(
        db, assignment_id=second, actor=Actor(teacher), received=_received("start"), now=make.NOON
    )
    at = at_time(make.NOON)
    only_first = TrackChange(assignments=[AssignmentDraft("Task 1", "", 1)])
    return World(
        [
            at("one for the first is given", starters.set_starter, assignment_id=first, **_given(teacher)),
            at("one for the second is given", starters.set_starter, assignment_id=second, **_given(teacher)),
            at("the second assignment is removed", edit_track, **own, change=only_first),
            at("the track is copied", starters.copy_track, **own),
            at("the track is deleted", tracks.delete_track, **own),
            at("the teacher deletes the account", delete_account, user_id=teacher),
        ],
        STATE_OF_FILES,
    )


def _given(author_id: int) -> dict[str, object]:
    return {"actor": Actor(author_id), "received": _received("another start")}
