"""The wordings of notifications about tracks that have not started."""

from collections.abc import Mapping

from learning_platform.core.languages import N_
from learning_platform.notifications.types import NotificationType, Wording

BEFORE_START: Mapping[NotificationType, Wording] = {
    "start_planned": Wording(
        N_("Start planned or moved"),
        N_("When “{track}” starts"),
        N_("“{track}” starts {due}. You can cancel your enrollment until then."),
        texts={
            "late": N_("“{track}” was to start {due}. Its page shows what has come of it."),
            "full": N_("All places in “{track}” are taken. It starts {due}. You can cancel until then."),
            "when_full": N_("“{track}” starts when all places are taken. We'll notify you."),
            "date_not_set": N_("“{track}” has no start date at present. We'll notify you when one is set."),
        },
    ),
    "start_missed": Wording(
        N_("Too few participants to start"),
        N_("“{track}” has not started yet"),
        N_(
            "“{track}” was to start {due}, but too few participants have enrolled. Its author can choose another date "
            "or start it all the same. You stay enrolled, and we'll notify you."
        ),
        titles={"for_staff": N_("“{track}” waits for you: too few participants")},
        texts={
            "for_staff": N_(
                "“{track}” was to start {due}, but too few participants have enrolled. Choose another date, or start "
                "it with those who have. Until then it stays open for enrollment."
            )
        },
    ),
    "seat_received": Wording(
        N_("Place received from a waiting list"),
        N_("You have a place in “{track}”"),
        N_(
            "A place in “{track}” has become free, and you were next on the waiting list: you are enrolled. If you "
            "cannot take part, decline the place on the page of the track, and the next user gets it."
        ),
        texts={
            "has_started": N_(
                "You were let in to “{track}” from the waiting list. It has already started: submit the first "
                "assignment by its deadline. If you cannot take part, decline the place on the page of the track."
            )
        },
    ),
    "next_cohort": Wording(
        N_("Next cohort open for enrollment"),
        N_("You can enroll in “{track}” before others"),
        N_(
            "You waited for a place in an earlier cohort. The next one is “{track}”: until {due}, only users who "
            "waited can enroll. Places are given in the order of enrollment."
        ),
        titles={"late": N_("“{track}” is open for enrollment")},
        texts={
            "late": N_(
                "You waited for a place in an earlier cohort. The next one is “{track}”. It is now open to all users."
            )
        },
    ),
    "assignments_changed": Wording(
        N_("Assignments changed before the start"),
        N_("Assignments of “{track}” have changed"),
        N_("Assignments of “{track}” have changed: {assignment}. You can cancel your enrollment until it starts."),
        texts={
            "added": N_("“{track}” has new assignments: {assignment}. You can cancel your enrollment until it starts."),
            "removed": N_("Assignments were removed from “{track}”: {assignment}."),
        },
    ),
}
