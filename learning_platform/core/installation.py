"""The identity of this installation: a random number, made once and kept with its data.

Two installations never call two things by one name, and a restored backup goes on as the one it was.
"""

from uuid import UUID

from learning_platform.core.database import Connection

INSTALLATION = "select uuid from installation"
IDENTIFY = "insert into installation default values on conflict do nothing"


async def installation_id(db: Connection) -> UUID:
    """Return the identity of this installation; the first call makes it."""
    known: UUID | None = await db.fetchval(INSTALLATION)
    if known is None:
        await db.execute(IDENTIFY)
        known = await db.fetchval(INSTALLATION)
        assert known is not None
    return known
