"""The types of notifications and their wordings."""

from collections.abc import Mapping
from typing import get_args

from learning_platform.core.languages import N_
from learning_platform.notifications.before_start import BEFORE_START
from learning_platform.notifications.review_messages import REVIEWING
from learning_platform.notifications.staff_messages import (
    APPEAL_MADE,
    MESSAGE_REPORTED,
    PARTICIPANT_LEFT,
    POST_REPORTED,
    REMOVED_FROM_TRACK,
    REVIEW_RETURNED,
    STAFF_CHANGED,
    TRACK_HANDED_OVER,
    TRACK_OFFERED,
)
from learning_platform.notifications.types import NotificationType as NotificationType
from learning_platform.notifications.types import Variant as Variant
from learning_platform.notifications.types import Wording as Wording

VARIANTS: tuple[Variant, ...] = get_args(Variant)
# These are caused by a person who stays anonymous, and an exact time could identify them (core/anonymity.py).
SHOWN_BY_DAY: frozenset[NotificationType] = frozenset(
    {
        "review_received",
        "comment_received",
        "comment_answered",
        "iteration_shown",
        "submission_returned",
        "question_asked",
        "question_answered",
        "question_mentioned",
    }
)


WORDINGS: Mapping[NotificationType, Wording] = {
    **BEFORE_START,
    **REVIEWING,
    "track_started": Wording(
        N_("Track started"),
        N_("“{track}” has started"),
        N_("All places in “{track}” are taken, so the track has started."),
        texts={
            "by_date": N_("“{track}” has started on its date. You have enrolled in it."),
            "by_staff": N_("The author has started “{track}”. You have enrolled in it."),
        },
    ),
    "assignment_opened": Wording(
        N_("Assignment opened"),
        N_("New assignment: “{assignment}”"),
        N_("“{assignment}” in “{track}” is open. Submit your work by {due}."),
        texts={"late": N_("“{assignment}” in “{track}” is open. Its deadline was {due}, so only reviews are left.")},
    ),
    "deadline_warning": Wording(
        N_("Deadline soon"),
        N_("Deadline soon: “{assignment}”"),
        N_("“{assignment}” in “{track}” is due {due}. You have not submitted anything yet."),
        titles={
            "late": N_("Deadline passed: “{assignment}”"),
            "late_submitted": N_("Deadline passed: “{assignment}”"),
        },
        texts={
            "submitted": N_(
                "“{assignment}” in “{track}” is due {due}. You have submitted your work and can replace it until then."
            ),
            "not_frozen": N_(
                "“{assignment}” in “{track}” is due {due}. The code behind your link could not be fetched. "
                "Push it with git or upload it: the page of the assignment shows how."
            ),
            "late": N_("“{assignment}” in “{track}” was due {due}. You did not submit anything."),
            "late_submitted": N_("“{assignment}” in “{track}” was due {due}. You submitted your work."),
        },
    ),
    "deadline_moved": Wording(
        N_("Deadline moved"),
        N_("Deadline moved: “{assignment}”"),
        N_("“{assignment}” in “{track}” is now due {due}. All later dates move by the same amount."),
        titles={"only_you": N_("More time for “{assignment}”")},
        texts={
            "only_you": N_("You have more time for “{assignment}” in “{track}”. It is now due {due}."),
            "own_deadline": N_(
                "The deadline of “{assignment}” in “{track}” and all later dates have moved. "
                "Your own deadline is still {due}."
            ),
        },
    ),
    "hand_in_failed": Wording(
        N_("Code not fetched"),
        N_("Your code was not fetched: “{assignment}”"),
        N_(
            "The repository behind your link for “{assignment}” in “{track}” could not be read. "
            "By {due}, push your code with git or upload it instead: the page of the assignment shows how."
        ),
        texts={
            "late": N_(
                "The code behind your link for “{assignment}” in “{track}” could not be fetched. "
                "Reviewers get the link itself, so keep the repository public and unchanged."
            ),
            "private_or_missing": N_(
                "There is no public repository behind your link for “{assignment}” in “{track}”. By {due}, make it "
                "public and submit the link again, or push your code with git or upload it: the page of the "
                "assignment shows how."
            ),
            "host_refused": N_(
                "Code cannot be fetched from the host of your link for “{assignment}” in “{track}”: the link must "
                "start with https:// and lead to a public host. By {due}, push your code with git or upload it "
                "instead: the page of the assignment shows how."
            ),
            "host_unreachable": N_(
                "The code behind your link for “{assignment}” in “{track}” could not be fetched from its host, "
                "although it was tried several times. By {due}, submit the link again, or push your code with git or "
                "upload it: the page of the assignment shows how."
            ),
            "too_large": N_(
                "The repository behind your link for “{assignment}” in “{track}” is too large or has too many files. "
                "By {due}, remove what is not source code and submit the link again, or upload only your code: the "
                "page of the assignment shows how."
            ),
            "empty": N_(
                "The repository behind your link for “{assignment}” in “{track}” is empty. By {due}, push your code "
                "to it and submit the link again, or upload the code: the page of the assignment shows how."
            ),
            "no_git": N_(
                "This site cannot fetch code from links at present. By {due}, upload your code for “{assignment}” "
                "in “{track}” instead: the page of the assignment shows how."
            ),
        },
    ),
    "repository_changed": Wording(
        N_("Repository changed"),
        N_("Your repository has changed: “{assignment}”"),
        N_(
            "Your repository has changed since you submitted “{assignment}” in “{track}”. Reviewers will see the code "
            "as it was then. To hand in the new code, submit the link again by {due}."
        ),
        texts={
            "late": N_(
                "Your repository has changed since you submitted “{assignment}” in “{track}”. "
                "Reviewers see the code as it was then."
            )
        },
    ),
    "starter_failed": Wording(
        N_("Starter code not fetched"),
        N_("Starter code not fetched: “{assignment}”"),
        N_(
            "The starter code of “{assignment}” in “{track}” could not be fetched from its link. "
            "Give another link, push the code with git, or upload it."
        ),
        texts={
            "private_or_missing": N_(
                "There is no public repository behind the link to the starter code of “{assignment}” in “{track}”. "
                "Make it public and save the link again, push the code with git, or upload it."
            )
        },
    ),
    "review_started": Wording(
        N_("Reviews opened"),
        N_("Time to review: “{assignment}”"),
        N_("Submissions for “{assignment}” in “{track}” are closed. Review other participants' submissions by {due}."),
        titles={"nothing_owed": N_("Submissions closed: “{assignment}”")},
        texts={
            "nothing_owed": N_("Submissions for “{assignment}” in “{track}” are closed. You have nothing to review."),
            "late": N_("Reviews for “{assignment}” in “{track}” were due {due}. You can still do yours."),
        },
    ),
    "submission_returned": Wording(
        N_("Broken link reported"),
        N_("Check your link: “{assignment}”"),
        N_(
            "Two reviewers reported that your link for “{assignment}” in “{track}” is broken "
            "or that the repository is empty. Fix it by {due}."
        ),
        texts={
            "late": N_(
                "Two reviewers reported that your link for “{assignment}” in “{track}” is broken "
                "or that the repository is empty. The time to fix it ended {due}."
            )
        },
    ),
    "reviews_overdue": Wording(
        N_("Reviews left to do"),
        N_("Reviews left: “{assignment}”"),
        N_("You have reviews left for “{assignment}” in “{track}”. They are due {due}."),
        texts={"late": N_("Reviews for “{assignment}” in “{track}” were due {due}. You can still do yours.")},
    ),
    "iteration_opened": Wording(
        N_("Second iteration opened"),
        N_("Second iteration: “{assignment}”"),
        N_(
            "The reviews of “{assignment}” in “{track}” are done. "
            "You can improve your work and submit it again by {due}."
        ),
        texts={"late": N_("The time for a second iteration of “{assignment}” in “{track}” ended {due}.")},
    ),
    "iteration_reminder": Wording(
        N_("Second iteration ends soon"),
        N_("Last chance to improve “{assignment}”"),
        N_("You can submit a second iteration of “{assignment}” in “{track}” until {due}."),
        texts={"late": N_("The time for a second iteration of “{assignment}” in “{track}” ended {due}.")},
    ),
    "staff_reminder": Wording(
        N_("Reminders from the track's staff"),
        N_("Reminder: “{assignment}”"),
        N_(
            "The staff of “{track}” remind you of “{assignment}”. "
            "The page of the assignment shows what is left to do, and by when."
        ),
    ),
    "appeal_settled": Wording(
        N_("Appeal answered"),
        N_("Appeal answered: “{assignment}”"),
        N_("Your appeal about “{assignment}” in “{track}” has been answered."),
    ),
    "scores_corrected": Wording(
        N_("Scores corrected"),
        N_("Scores corrected: “{assignment}”"),
        N_("The staff of “{track}” corrected your scores for “{assignment}”. The reason is with your reviews."),
    ),
    "question_asked": Wording(
        N_("Questions on your tracks"),
        N_("New question: “{assignment}”"),
        N_("There is a new question about “{assignment}” in “{track}”."),
    ),
    "question_answered": Wording(
        N_("Answers to questions"),
        N_("New answer: “{assignment}”"),
        N_("A question about “{assignment}” in “{track}” that you asked or answered has a new answer."),
    ),
    "question_mentioned": Wording(
        N_("Mentions"),
        N_("You were mentioned: “{assignment}”"),
        N_("You were mentioned in a question about “{assignment}” in “{track}”."),
    ),
    "track_finished": Wording(
        N_("Track finished"),
        N_("“{track}” has finished"),
        N_("“{track}” has finished. The results are ready."),
    ),
    "certificate_issued": Wording(
        N_("Certificate issued"),
        N_("Your certificate for “{track}”"),
        N_("You have earned a certificate for “{track}”."),
    ),
    "certificate_revoked": Wording(
        N_("Certificate revoked"),
        N_("Your certificate for “{track}” was revoked"),
        N_("Your certificate for “{track}” was revoked by the staff of the track. The reason is on its page."),
    ),
    "track_cancelled": Wording(
        N_("Track cancelled or deleted"),
        N_("“{track}” was cancelled"),
        N_("The author cancelled “{track}”."),
        titles={"deleted": N_("“{track}” was deleted")},
        texts={"deleted": N_("“{track}” was deleted before it started. You can enroll in another track.")},
    ),
    "staff_changed": STAFF_CHANGED,
    "track_offered": TRACK_OFFERED,
    "track_handed_over": TRACK_HANDED_OVER,
    "removed_from_track": REMOVED_FROM_TRACK,
    "participant_left": PARTICIPANT_LEFT,
    "appeal_made": APPEAL_MADE,
    "post_reported": POST_REPORTED,
    "message_reported": MESSAGE_REPORTED,
    "review_returned": REVIEW_RETURNED,
}
