"""Starter code."""

from datetime import datetime

from pydantic import Field

from learning_platform.web.schemas.attempts import RepositoryLink, Snapshot
from learning_platform.web.schemas.common import Input, Output


class StarterLink(Input):
    """A link to the git repository that participants start from."""

    repo_url: RepositoryLink = Field(examples=["https://github.com/school/starter"])


class Starter(Output):
    """What participants of an assignment start from."""

    repo_url: str | None = Field(description="Null where the code itself was uploaded or pushed.")
    received_at: datetime
    snapshot: Snapshot
