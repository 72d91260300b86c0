"""The wordings of notifications about reviews, comments, answers and second iterations."""

from collections.abc import Mapping

from learning_platform.core.languages import N_
from learning_platform.notifications.types import NotificationType, Wording

REVIEWING: Mapping[NotificationType, Wording] = {
    "review_received": Wording(
        N_("Feedback received"),
        N_("Feedback on “{assignment}”"),
        N_(
            "Your submission for “{assignment}” in “{track}” has a new review. "
            "You can read it once your own reviews are done."
        ),
    ),
    "comment_received": Wording(
        N_("Comments on your code"),
        N_("New comment on “{assignment}”"),
        N_("There is a new comment on your submission for “{assignment}” in “{track}”."),
        titles={"about_review": N_("Message about a review: “{assignment}”")},
        texts={
            "about_review": N_("There is a new message about a review of your work on “{assignment}” in “{track}”.")
        },
    ),
    "comment_answered": Wording(
        N_("Answers to your comments"),
        N_("Answer to your comment on “{assignment}”"),
        N_("A comment you made on a submission for “{assignment}” in “{track}” has an answer."),
        titles={
            "answers_shown": N_("Answers to your comments on “{assignment}”"),
            "about_review": N_("Answer to your review of “{assignment}”"),
        },
        texts={
            "about_review": N_("A review you wrote for “{assignment}” in “{track}” has an answer."),
            "answers_shown": N_(
                "Reviews of “{assignment}” in “{track}” are over, and your comments have answers. "
                "You can read them now."
            ),
        },
    ),
    "iteration_shown": Wording(
        N_("Second iterations of work you reviewed"),
        N_("Second iteration of work you reviewed: “{assignment}”"),
        N_(
            "A submission you reviewed for “{assignment}” in “{track}” has a second iteration. "
            "You can see what has changed since your review."
        ),
    ),
}
