"""The identity of this installation: a random number, generated once and stored with its data.

It keeps identifiers of different installations apart, and a restored backup keeps its identity.
"""

from uuid import UUID

from learning_platform.core.database import Connection

INSTALLATION = "select uuid from installation"
IDENTIFY = "insert into installation default values on conflict do nothing"


async def installation_id(db: Connection) -> UUID:
    """Return the identity of this installation; the first call generates it."""
    known: UUID | None = await db.fetchval(INSTALLATION)
    if known is None:
        await db.execute(IDENTIFY)
        known = await db.fetchval(INSTALLATION)
        assert known is not None
    return known
