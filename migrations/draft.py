"""Write the next migration from what the models say and the migrations so far do not: `make migration m="..."`."""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.config import Config

from learning_platform.core.embedded import EmbeddedPostgres
from learning_platform.core.migrate import MIGRATIONS, create_database, newest_version


def draft(message: str) -> None:
    """Compare the models with a fresh database that has every migration; write the difference down."""
    with TemporaryDirectory(prefix="migration-") as folder:
        embedded = EmbeddedPostgres(Path(folder))
        url = embedded.start()
        try:
            asyncio.run(create_database(embedded.maintenance_url))
            configuration = Config()
            configuration.set_main_option("script_location", str(MIGRATIONS))
            configuration.attributes["url"] = url
            command.upgrade(configuration, "head")
            command.revision(configuration, message, autogenerate=True, rev_id=f"{int(newest_version()) + 1:04}")
        finally:
            embedded.stop()


if __name__ == "__main__":
    draft(sys.argv[1])
