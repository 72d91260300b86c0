"""The wordings of messages about the people of a track, and of what staff are to look at."""

from learning_platform.core.languages import N_
from learning_platform.notifications.types import Wording

STAFF_CHANGED = Wording(
    N_("Your role on a track changed"),
    N_("Your role on “{track}” has changed"),
    N_("Your role on “{track}” has changed."),
    titles={
        "co_author": N_("You are a co-author of “{track}”"),
        "mentor": N_("You are a mentor of “{track}”"),
        "role_ended": N_("You are no longer on the staff of “{track}”"),
    },
    texts={
        "co_author": N_("You are now a co-author of “{track}”: you can manage it together with its author."),
        "mentor": N_("You are now a mentor of “{track}”: you see all submissions and answer appeals."),
        "role_ended": N_("Your role on the staff of “{track}” has ended."),
    },
)
TRACK_OFFERED = Wording(
    N_("Track offered to you"),
    N_("“{track}” is offered to you"),
    N_("The author of “{track}” wants to hand it over to you. Accept it to become its author, or decline."),
)
TRACK_HANDED_OVER = Wording(
    N_("Track handed over"),
    N_("“{track}” has a new author"),
    N_("“{track}” was handed over. The previous author is now a co-author."),
)
REMOVED_FROM_TRACK = Wording(
    N_("Removed from a track"),
    N_("You were removed from “{track}”"),
    N_("The staff of “{track}” removed you from the track. Open this message to read the reason."),
)
PARTICIPANT_LEFT = Wording(
    N_("Participant left"),
    N_("A participant has left “{track}”"),
    N_("A participant has left “{track}”. The reviews they were doing go to others."),
)
APPEAL_MADE = Wording(
    N_("Appeal to answer"),
    N_("Appeal: “{assignment}”"),
    N_("A participant of “{track}” appeals against the result for “{assignment}”."),
)
POST_REPORTED = Wording(
    N_("Question or answer reported"),
    N_("Question or answer reported: “{assignment}”"),
    N_("A question or an answer about “{assignment}” in “{track}” was reported. Hide it, or keep it."),
)
MESSAGE_REPORTED = Wording(
    N_("Message about a review reported"),
    N_("Message reported: “{assignment}”"),
    N_("A comment or a message of a review for “{assignment}” in “{track}” was reported. Hide it, or keep it."),
)
REVIEW_RETURNED = Wording(
    N_("Submission returned by a reviewer"),
    N_("Submission returned: “{assignment}”"),
    N_(
        "A reviewer has returned a submission for “{assignment}” in “{track}”. You get one message a day about "
        "an assignment; the list has all returns."
    ),
)
