"""A believable school, for looking around."""

from learning_platform.core.settings import Settings


async def fill(settings: Settings, *, fast: bool) -> None:
    """Fill the database."""
    raise NotImplementedError
