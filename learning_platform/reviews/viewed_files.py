"""Which files of a submission a user has viewed. A mark belongs to a content: a file that changes loses it."""

from learning_platform.core.database import Connection
from learning_platform.reviews.code_access import CodeAccess

VIEWED = "select blob from viewed_files where submission_id = $1 and user_id = $2"
MARK_VIEWED = """
insert into viewed_files (submission_id, user_id, blob) values ($1, $2, $3) on conflict do nothing
"""
MARK_UNVIEWED = "delete from viewed_files where submission_id = $1 and user_id = $2 and blob = $3"


async def viewed_files(db: Connection, access: CodeAccess, *, user_id: int) -> frozenset[str]:
    """Return the hashes of what a user has viewed."""
    return frozenset(row["blob"].hex() for row in await db.fetch(VIEWED, access.submission_id, user_id))


async def mark_viewed(db: Connection, access: CodeAccess, *, user_id: int, hash: str, is_viewed: bool) -> None:
    """Note that a user has viewed a file with this content, or has not."""
    statement = MARK_VIEWED if is_viewed else MARK_UNVIEWED
    await db.execute(statement, access.submission_id, user_id, bytes.fromhex(hash))
