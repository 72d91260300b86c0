"""Who may join and leave, and when a track is full."""

from learning_platform.core.errors import Conflict
from learning_platform.core.languages import N_


class AlreadyEnrolled(Conflict):
    code = "already_enrolled"
    message = N_("You are enrolled on this track already.")


def is_full(*, participants: int, places: int) -> bool:
    """Say whether the last place is taken."""
    return participants >= places
