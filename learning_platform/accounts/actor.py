"""The user who performs an action."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """The user who performs an action, and whether they are an administrator."""

    user_id: int
    is_admin: bool = False
