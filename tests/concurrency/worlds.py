"""All worlds of actions that meet: people on a track at a certain time, and what each of them may do then."""

from tests.concurrency.account_worlds import emails_to_queue, signed_in, with_identities
from tests.concurrency.address_worlds import address_that_changes
from tests.concurrency.certificate_worlds import certificates_to_issue
from tests.concurrency.link_worlds import links_to_fetch
from tests.concurrency.mail_worlds import invited_long_ago, with_a_digest
from tests.concurrency.question_worlds import about_a_question, unanswered
from tests.concurrency.review_worlds import (
    about_a_review,
    late_with_reviews,
    many_to_review,
    under_appeal,
    under_review,
    with_comments,
)
from tests.concurrency.snapshot_worlds import code_handed_in, starter_given
from tests.concurrency.track_worlds import (
    full_with_waiting,
    gathering,
    open_for_work,
    own_deadline,
    received_places,
    repeated,
    start_due,
)

WORLDS = (
    gathering,
    start_due,
    full_with_waiting,
    repeated,
    received_places,
    open_for_work,
    own_deadline,
    links_to_fetch,
    under_review,
    late_with_reviews,
    many_to_review,
    under_appeal,
    with_comments,
    about_a_review,
    certificates_to_issue,
    signed_in,
    with_identities,
    emails_to_queue,
    address_that_changes,
    code_handed_in,
    starter_given,
    about_a_question,
    unanswered,
    with_a_digest,
    invited_long_ago,
)
