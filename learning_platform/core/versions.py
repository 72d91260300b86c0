"""Versions of editable rows, which prevent one change from overwriting another.

The column `version` increases with every edit. The API returns it as `ETag` and reads it from `If-Match`; forms have it
in a hidden field. An edit that names another version is refused; an edit without a version replaces any version.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from learning_platform.core.errors import PreconditionFailed
from learning_platform.core.languages import N_

# The versions that the client has seen; None matches any version. Existing rows never have version 0.
Seen: TypeAlias = Sequence[int] | None


class VersionConflict(PreconditionFailed):
    """The edit is based on an older version; `current` holds what is stored, by field."""

    code = "changed_meanwhile"
    message = N_("This was changed after you opened it. Compare the saved version with yours, then submit again.")

    def __init__(self, *, version: int, current: Mapping[str, object]) -> None:
        super().__init__()
        self.version = version
        self.current = current


def is_other(version: int, *, seen: Seen) -> bool:
    """Say whether a version differs from those that were seen."""
    return seen is not None and version not in seen
