"""Which limit each route counts for.

Every request that may write has one: `writes`, unless a line here says something else. It is noted before the handler
runs, and counted in the first transaction that the handler opens (`web.dependencies`), which costs one statement.
"""

from contextvars import ContextVar
from dataclasses import dataclass

from learning_platform.accounts.rate_limits import RuleName

RULES: dict[str, RuleName] = {
    "POST /register": "registrations",
    "POST /sign-in/new/{flow}": "registrations",
    "GET /sign-in/with/{provider}/callback": "external_sign_in",
    "POST /tracks": "tracks",
    "POST /tracks/new": "tracks",
    "POST /tracks/{track_id}/copy": "tracks",
    "POST /tracks/{track_id}/next-cohort": "tracks",
    "POST /assignments/{assignment_id}/submit": "submissions",
    "POST /hand-in/{assignment_id}.git/git-receive-pack": "submissions",
    "POST /assignments/{assignment_id}/submit/archive": "submissions",
    "POST /hand-in/{assignment_id}/starter.git/git-receive-pack": "submissions",
    "PUT /assignments/{assignment_id}/starter": "submissions",
    "POST /assignments/{assignment_id}/starter": "submissions",
    "POST /assignments/{assignment_id}/starter/link": "submissions",
    "POST /assignments/{assignment_id}/diary": "diary_entries",
    "GET /assignments/{assignment_id}/review/submission": "writes",
    "POST /submissions/{submission_id}/review/return": "returns",
    # These notify a whole group, by email too.
    "PATCH /assignments/{assignment_id}": "announcements",
    "POST /assignments/{assignment_id}/extend": "announcements",
    "POST /assignments/{assignment_id}/extensions": "announcements",
    "POST /tracks/{track_id}/extensions": "announcements",
    "POST /assignments/{assignment_id}/group-extensions": "announcements",
    "POST /assignments/{assignment_id}/reminders": "announcements",
    "POST /tracks/{track_id}/board/extend": "announcements",
    "POST /tracks/{track_id}/board/remind": "announcements",
    "POST /tracks/{track_id}/cancel": "announcements",
    "POST /tracks/{track_id}/start": "announcements",
    "PATCH /tracks/{track_id}": "announcements",
    "POST /tracks/{track_id}/edit": "announcements",
}
# Counted elsewhere, or not at all; with the reason.
NOT_LIMITED: dict[str, str] = {
    "POST /token": "failures are counted (accounts/sign_in.py), successes never; sessions have a greatest number",
    "POST /sign-in": "as POST /token",
    "POST /sign-in/new/{flow}/link": "as POST /token",
    "POST /token/refresh": "counted by session, in accounts/sessions.py",
    "POST /password/forgotten": "emails are counted (web/pages/mail.py)",
    "POST /logout": "ends a session, which is always allowed",
    "POST /settings/sessions": "ends sessions, which is always allowed",
    "POST /submissions/{submission_id}/code.git/git-upload-pack": "reads; a person has two at a time (git/turns.py)",
    "POST /language": "one value of one row, and of visitors a cookie only",
    "POST /notifications/read": "one value of one row; programs send it after each notification",
    "POST /unsubscribe/{token}": "mail programs send it; one row for a person",
    "POST /admin/users/{user_id}/role": "administrators only",
    "POST /admin/users/{user_id}/block": "administrators only",
    "POST /admin/users/{user_id}/unblock": "administrators only",
    "POST /admin/users/{user_id}/reset-link": "administrators only",
}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(slots=True)
class LimitUse:
    """What a request counts for: a rule, and of whom; done once its transaction has committed."""

    rule: RuleName
    whose: str
    is_counted: bool = False


_limit_use: ContextVar[LimitUse | None] = ContextVar("limit_use", default=None)


def limit_use_of_request() -> LimitUse | None:
    """Return what the request under way has still to be counted for."""
    limit_use = _limit_use.get()
    return None if limit_use is None or limit_use.is_counted else limit_use


def rule_of(method: str, path: str) -> RuleName | None:
    """Return the rule of a route, or None if it counts for none."""
    route = f"{method} {path}"
    if route in NOT_LIMITED:
        return None
    return RULES.get(route, None if method in SAFE_METHODS else "writes")


def note_limit_use(limit_use: LimitUse | None) -> None:
    """Note what the request under way counts for; each request sets it again."""
    _limit_use.set(limit_use)
