"""Refusals and failures as pages."""

from urllib.parse import quote

from fastapi import Request, Response

from learning_platform.core.database import DatabaseUnavailable
from learning_platform.web.http.redirects import previous_page
from learning_platform.web.pages.kit.refused_track import RefusedTrack
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.viewer import Viewer, note_viewer, viewer_of, visitor

SIGN_IN = "/sign-in"


async def viewer_or_visitor(request: Request) -> Viewer:
    """Return the viewer of the error page; while the database is away, every user is a visitor."""
    try:
        return await viewer_of(request)
    except DatabaseUnavailable:
        return known_viewer(request)


def known_viewer(request: Request) -> Viewer:
    """Return who looks, if that is known already, or a visitor; nothing is looked up."""
    viewer: Viewer = getattr(request.state, "viewer", None) or visitor(request)
    note_viewer(request, viewer)
    return viewer


def error_page(
    request: Request,
    *,
    status: int,
    title: str,
    detail: str,
    headers: dict[str, str],
    refused: RefusedTrack | None,
    may_be_private: bool,
) -> Response:
    """Say what went wrong and where to go from here; who is not signed in is asked to, and comes back."""
    if status == 401:
        return redirect_to(f"{SIGN_IN}?next={quote(previous_page(request), safe='/')}")
    # After a form the user continues on its page, with its present content.
    back = None if request.method in {"GET", "HEAD"} else previous_page(request)
    response = page(
        request,
        "error.html",
        status=status,
        status_code=status,
        title=title,
        detail=detail,
        back=None if back == "/" else back,
        refused=refused,
        may_be_private=may_be_private,
        onward=previous_page(request),
    )
    response.headers.update(headers)
    return response
