"""What may become of a value about a person: whether the export has it, and what a deletion does with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

# What deleting an account does with a value:
#   erased   it is overwritten or set to null
#   deleted  its row is deleted
#   expires  its row is deleted when its time is over: until then it says that access tokens are revoked
#   kept     it stays: it identifies no person once the name is gone, or it belongs to another user too
Deletion = Literal["erased", "deleted", "expires", "kept"]


@dataclass(frozen=True, slots=True)
class Personal:
    """A column about a person: whether the export has it, and what becomes of it when the account is deleted."""

    deletion: Deletion
    exported: bool = True


EXPORTED_AND_KEPT, EXPORTED_AND_ERASED = Personal("kept"), Personal("erased")
EXPORTED_AND_DELETED = Personal("deleted")
# Numbers of rows and of the people in them: without a name they say nothing, and an export has names instead.
REFERENCE = Personal("kept", exported=False)
REFERENCE_DELETED = Personal("deleted", exported=False)
# Secrets that give access are never exported.
SECRET = Personal("erased", exported=False)
EXPORTED_AND_EXPIRES, REFERENCE_EXPIRES = Personal("expires"), Personal("expires", exported=False)
# What the platform notes for itself about something of theirs.
BOOKKEEPING = Personal("kept", exported=False)
NOT_PERSONAL = None
Columns: TypeAlias = Mapping[str, Mapping[str, Personal | None]]
