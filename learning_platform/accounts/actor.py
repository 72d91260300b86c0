"""The user on whose behalf something is done."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A user who asks for something, and whether they are an administrator."""

    user_id: int
    is_admin: bool = False
