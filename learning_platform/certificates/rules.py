"""When a certificate is earned, and what may be done with one. Pure functions."""

from dataclasses import dataclass

from learning_platform.core.errors import Conflict, NotFound
from learning_platform.core.languages import N_

MAX_REASON = 500


class CertificateNotFound(NotFound):
    code = "certificate_not_found"
    message = N_("Certificate not found.")


class AlreadyRevoked(Conflict):
    code = "already_revoked"
    message = N_("This certificate has already been revoked.")


@dataclass(frozen=True, slots=True)
class CertificateRule:
    """What a participant has to do, in percent of the assignments of a track.

    `submissions`: with something handed in; `reviews`: with all reviews done that were owed.
    """

    submissions: int
    reviews: int


def is_earned(rule: CertificateRule, *, assignments: int, submitted: int, reviewed: int) -> bool:
    """Say whether a participant has earned a certificate. In SQL: ISSUE in certificates.sweeps."""
    return submitted * 100 >= rule.submissions * assignments and reviewed * 100 >= rule.reviews * assignments
