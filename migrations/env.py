"""Alembic's environment: the tables of every domain package, one connection, one transaction."""

import asyncio

import asyncpg
from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from learning_platform.accounts import models as accounts
from learning_platform.attempts import models as attempts
from learning_platform.certificates import models as certificates
from learning_platform.core.tables import metadata
from learning_platform.diary import models as diary
from learning_platform.enrollment import models as enrollment
from learning_platform.notifications import models as notifications
from learning_platform.people import models as people
from learning_platform.questions import models as questions
from learning_platform.reviews import models as reviews
from learning_platform.reviews.threads import models as threads
from learning_platform.snapshots import models as snapshots
from learning_platform.tracks import models as tracks

DOMAIN = (
    accounts,
    notifications,
    tracks,
    snapshots,
    attempts,
    reviews,
    threads,
    diary,
    certificates,
    enrollment,
    people,
    questions,
)


def run(connection: Connection) -> None:
    """Run the migrations on an open connection."""
    context.configure(connection=connection, target_metadata=metadata, compare_type=True, compare_server_default=True)
    with context.begin_transaction():
        context.run_migrations()


async def connect_and_run() -> None:
    """Connect to the address given by the caller and run the migrations."""
    url: str = context.config.attributes["url"]
    # SQLAlchemy would pass on what stands after the question mark (`sslmode=require`) to who does not understand it.
    engine = create_async_engine(
        "postgresql+asyncpg://", poolclass=NullPool, async_creator=lambda: asyncpg.connect(url)
    )
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


asyncio.run(connect_and_run())
