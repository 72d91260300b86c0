"""What a participant holds while they act: their own place on the track, and the assignment (docs/locking.md).

Take them first and look afterwards: a statement that waits for a lock still sees, in every row it does not lock, what
was there before it waited.
"""

from learning_platform.core.database import Connection

# SHARE of the participant goes with others of its kind and not with leaving, which therefore waits for what the person
# has under way; what waited for leaving sees that they have left. KEY SHARE of the assignment is what foreign keys take
# anyway, and does not go with the deadline or an extension.
LOCK_PARTICIPANT_AND_ASSIGNMENT = """
select from participants p join assignments a on a.track_id = p.track_id
where a.id = $1 and p.user_id = $2 for share of p for key share of a
"""
# For what ends a participation without a trace; it, too, waits for what the person has under way.
LOCK_PARTICIPANT = "select from participants where track_id = $1 and user_id = $2 and left_at is null for update"
# For staff who review without taking part.
LOCK_ASSIGNMENT_SHARED = "select from assignments where id = $1 for key share"


async def lock_participation(db: Connection, *, assignment_id: int, user_id: int) -> None:
    """Lock the user's place on the track, if they have one, and the assignment, both against what would change them."""
    if await db.fetchrow(LOCK_PARTICIPANT_AND_ASSIGNMENT, assignment_id, user_id) is None:
        await db.execute(LOCK_ASSIGNMENT_SHARED, assignment_id)


async def lock_participant(db: Connection, *, track_id: int, user_id: int) -> bool:
    """Lock a participant against everything they do on a track; return whether they take part. Its row is locked."""
    return await db.fetchrow(LOCK_PARTICIPANT, track_id, user_id) is not None
