"""What a page says once after something was done. They travel by name, so nobody can put words into our mouth."""

from collections.abc import Mapping

from learning_platform.core.languages import N_, Message

FLASH_MESSAGES: Mapping[str, Message] = {
    "welcome": N_("Welcome! Choose a track to begin with."),
    "signed_in": N_("You are signed in."),
    "signed_out": N_("You are signed out."),
    "enrolled": N_("You have a place. You will be told when the track starts."),
    "track_started": N_("You took the last place: the track has started."),
    "left": N_("You gave your place back."),
    "saved": N_("Saved."),
    "password_changed": N_("The password is changed. Everybody else who was signed in with it is signed out."),
    "signed_out_elsewhere": N_("You are signed out everywhere else."),
    "account_deleted": N_("Your account is deleted. Goodbye, and thank you for your work."),
    "all_read": N_("Everything is marked as read."),
    "handed_in": N_("Handed in. You may replace the link until the deadline."),
    "replaced": N_("The link is replaced."),
    "reviewed": N_("Thank you: your review is sent."),
    "revised": N_("Your review is changed."),
    "returned": N_("The work is handed back. Take another one."),
    "nothing_to_review": N_("There is nothing left that you could review."),
    "appealed": N_("Your appeal has been sent."),
    "reviews_done": N_("You have done all the reviews you owe here."),
    "noted": N_("Written down."),
    "entry_deleted": N_("The entry is deleted."),
    "track_created": N_("The track is created. People can enroll from now on."),
    "started_by_edit": N_("Saved. Every place is taken: the track has started."),
    "track_copied": N_("This is your fresh copy. People can enroll from now on."),
    "track_cancelled": N_("The track is cancelled, and its participants are told."),
    "track_deleted": N_("The track is deleted."),
    "deadline_moved": N_("The deadline has moved, and everybody is told."),
    "extended": N_("The new deadline is set, and the participant is told."),
    "settled": N_("The appeal is answered, and its author is told."),
    "left_for_good": N_("You have left the track."),
    "blocked": N_("The account is blocked, and signed out everywhere."),
    "unblocked": N_("The account may be used again."),
    "confirmed": N_("Your address is confirmed. Thank you."),
    "email_sent": N_("The letter is on its way."),
    "password_chosen": N_("The new password is set. Sign in with it."),
    "calendar_link_made": N_("The link is made. Earlier ones work no more."),
}
