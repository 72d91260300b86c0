"""The cookies of pages: who is signed in, the language of a visitor, and a notice for the next page."""

from typing import Literal
from urllib.parse import quote, unquote

from fastapi import Request, Response

from learning_platform.core.languages import LANGUAGES, Language, preferred_language
from learning_platform.web.services import Services

# The session's row decides how long a sign-in lasts; the cookie only has to outlive it. Browsers keep 400 days at most.
MAX_COOKIE_SECONDS = 400 * 24 * 3600
LANGUAGE_COOKIE, NOTICE_COOKIE, NEXT_COOKIE = "language", "notice", "next"
FLASH_SECONDS = 60
NEXT_SECONDS = 24 * 3600
MAX_FLOWS = 5
FlowCookie = Literal["flow", "newcomer"]


def session_id_of(cookies: dict[str, str], services: Services) -> int | None:
    """Return the session a browser's cookie names, or None; whether it is alive is another question."""
    token = cookies.get(_session_cookie(services))
    return None if token is None else services.session_tokens.read(token)


def keep_session(response: Response, session_id: int, services: Services) -> None:
    """Let the browser keep a session."""
    response.set_cookie(
        _session_cookie(services),
        services.session_tokens.issue(session_id),
        max_age=MAX_COOKIE_SECONDS,
        httponly=True,
        samesite="lax",
        secure=_is_secure(services),
    )


def forget_session(response: Response, services: Services) -> None:
    """Let the browser forget its session."""
    response.delete_cookie(_session_cookie(services), httponly=True, samesite="lax", secure=_is_secure(services))


def language_of(request: Request) -> Language:
    """Return the language a visitor chose, or else the one their browser prefers."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    for language in LANGUAGES:
        if language == chosen:
            return language
    return preferred_language(request.headers.get("accept-language", ""))


def keep_language(response: Response, language: Language) -> None:
    """Remember the language a visitor chose."""
    response.set_cookie(LANGUAGE_COOKIE, language, max_age=MAX_COOKIE_SECONDS, httponly=True, samesite="lax")


def set_flash(response: Response, notice: str) -> None:
    """Leave a notice, by its name, for the next page to show once."""
    response.set_cookie(NOTICE_COOKIE, notice, max_age=FLASH_SECONDS, httponly=True, samesite="lax")


def keep_next(response: Response, path: str) -> None:
    """Remember where a new user wanted to go: the link that confirms their email address leads there."""
    response.set_cookie(NEXT_COOKIE, quote(path), max_age=NEXT_SECONDS, httponly=True, samesite="lax")


def next_of(request: Request) -> str:
    """Return where a new user wanted to go, or nothing."""
    return unquote(request.cookies.get(NEXT_COOKIE, ""))


def _is_secure(services: Services) -> bool:
    return services.settings.environment == "production"


def _session_cookie(services: Services) -> str:
    # The prefix makes browsers refuse the cookie unless it is Secure and this host's own (RFC 6265bis, section 4.1.3).
    return "__Host-session" if _is_secure(services) else "session"


def keep_for_flow(
    request: Request, response: Response, kind: FlowCookie, flow: str, token: str, services: Services, *, seconds: int
) -> None:
    """Keep what belongs to one sign-in with a provider; every sign-in has a cookie of its own."""
    prefix = _flow_prefix(kind, services)
    # Sign-ins that were begun and left would otherwise fill the header of requests.
    begun = [name for name in request.cookies if name.startswith(prefix)]
    for name in begun[: max(len(begun) - MAX_FLOWS + 1, 0)]:
        response.delete_cookie(name, httponly=True, samesite="lax", secure=_is_secure(services))
    # The answer of a provider is a navigation from another site, with which Strict cookies would not be sent.
    response.set_cookie(
        prefix + flow, token, max_age=seconds, httponly=True, samesite="lax", secure=_is_secure(services)
    )


def kept_for_flow(request: Request, kind: FlowCookie, flow: str, services: Services) -> str:
    """Return what was kept for a sign-in, or an empty text."""
    return request.cookies.get(_flow_prefix(kind, services) + flow, "")


def forget_flow(response: Response, kind: FlowCookie, flow: str, services: Services) -> None:
    """Let the browser forget a sign-in."""
    name = _flow_prefix(kind, services) + flow
    response.delete_cookie(name, httponly=True, samesite="lax", secure=_is_secure(services))


def _flow_prefix(kind: FlowCookie, services: Services) -> str:
    return f"__Host-{kind}-" if _is_secure(services) else f"{kind}-"
