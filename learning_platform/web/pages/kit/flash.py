"""What a page says once after something was done. They are passed by name, so a link cannot show a text of its own."""

from collections.abc import Mapping

from learning_platform.core.languages import N_, Message

FLASH_MESSAGES: Mapping[str, Message] = {
    "welcome": N_("Welcome! Choose a track to start with."),
    "signed_in": N_("You're signed in."),
    "signed_out": N_("You're signed out."),
    "enrolled": N_("You're enrolled. We'll notify you when the track starts."),
    "track_started": N_("You took the last place, so the track has started."),
    "left": N_("Enrollment cancelled."),
    "saved": N_("Saved."),
    "password_changed": N_("Password changed. All other sessions are signed out."),
    "signed_out_elsewhere": N_("All other sessions are signed out."),
    "account_deleted": N_("Your account has been deleted."),
    "all_read": N_("All messages are marked as read."),
    "handed_in": N_("Submitted. You can replace the link until the deadline."),
    "replaced": N_("Link replaced."),
    "reviewed": N_("Review sent. Thank you!"),
    "revised": N_("Review saved."),
    "returned": N_("Submission returned. You can get another one."),
    "nothing_to_review": N_("There are no submissions left for you to review."),
    "appealed": N_("Appeal sent."),
    "reviews_done": N_("All your reviews are done."),
    "noted": N_("Entry saved."),
    "entry_deleted": N_("Entry deleted."),
    "track_created": N_("Track created. Enrollment is open."),
    "started_by_edit": N_("Saved. All places are taken, so the track has started."),
    "track_copied": N_("This is your copy. Enrollment is open."),
    "track_cancelled": N_("Track cancelled. Participants have been notified."),
    "track_deleted": N_("Track deleted."),
    "deadline_moved": N_("Deadline moved. Participants have been notified."),
    "extended": N_("Deadline extended. The participant has been notified."),
    "settled": N_("Answer sent. The participant has been notified."),
    "left_for_good": N_("You've left the track."),
    "blocked": N_("Account blocked. All its sessions are signed out."),
    "unblocked": N_("Account unblocked."),
    "confirmed": N_("Email address confirmed."),
    "email_sent": N_("Email sent."),
    "password_chosen": N_("Password changed. Sign in with your new password."),
    "calendar_link_made": N_("Link created."),
}
