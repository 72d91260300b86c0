"""Versions of what people edit: who saves says which version they saw, and is told if it is another one by now.

A column `version` counts up with every change of what can be edited. Programs see it as `ETag` and send it back as
`If-Match`; forms carry it in a hidden field. What is saved without naming a version replaces whichever there is.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from learning_platform.core.errors import PreconditionFailed
from learning_platform.core.languages import N_

# The versions somebody saw; None for whichever there is. Nothing that exists has version 0.
Seen: TypeAlias = Sequence[int] | None


class VersionConflict(PreconditionFailed):
    """What was to be saved is based on an older version; `current` is what is stored, by field."""

    code = "changed_meanwhile"
    message = N_("This was changed after you opened it. Compare the saved version with yours, then save again.")

    def __init__(self, *, version: int, current: Mapping[str, object]) -> None:
        super().__init__()
        self.version = version
        self.current = current


def is_other(version: int, *, seen: Seen) -> bool:
    """Say whether a version is another than those that were seen."""
    return seen is not None and version not in seen
