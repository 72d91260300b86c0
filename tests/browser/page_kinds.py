"""The kinds of pages that tours look at, by the people who meet them; numbers of addresses are made equal."""

import re

from fastapi.routing import APIRoute

from learning_platform.web.pages.routers import PAGE_ROUTERS

NUMBER = re.compile(r"/(\d+|\{\w+_id\})(?=/|$)")
FOR_VISITORS = {
    "/",
    "/register",
    "/sign-in",
    "/confirm/{token}",
    "/password/forgotten",
    "/password/{token}",
    "/unsubscribe/{token}",
    "/invitations/{token}",
    "/certificates/{code}",
    "/users/{username}",
}
FOR_PARTICIPANTS = {
    "/tracks",
    "/tracks/0",
    "/tracks/0/removal",
    "/tracks/0/questions",
    "/tracks/0/results",
    "/tracks/0/review-quality",
    "/assignments/0",
    "/assignments/0/questions",
    "/assignments/0/review",
    "/assignments/0/reviews",
    "/questions/0",
    "/submissions/0/review",
    "/submissions/0/code",
    "/submissions/0/threads",
    "/notifications",
    "/progress",
    "/settings",
    "/settings/profile",
    "/settings/security",
    "/settings/mail",
    "/settings/tokens",
    "/settings/data",
}
FOR_AUTHORS = {
    "/tracks/new",
    "/tracks/import",
    "/tracks/0/edit",
    "/assignments/0/extend",
    "/assignments/0/starter",
    "/tracks/0/board",
    "/tracks/0/board/selection",
    "/tracks/0/cohorts",
    "/tracks/0/submissions",
    "/tracks/0/appeals",
    "/tracks/0/returns",
    "/tracks/0/reported-messages",
    "/tracks/0/reported-posts",
    "/tracks/0/extensions",
    "/submissions/0/reviews",
}
WITH_DRAFTS_AND_CERTIFICATES = {
    "/tracks/0/preview",
    "/tracks/0/publish",
    "/tracks/0/certificates",
    "/certificates/{code}/revoke",
}
WITH_PEOPLE = {
    "/tracks/0/people",
    "/tracks/0/participants/{username}/remove",
    "/tracks/0/participants/{username}/replace",
    "/tracks/0/invitations",
    "/tracks/0/roster",
    "/tracks/0/hand-over",
}
FOR_STAFF = FOR_AUTHORS | WITH_DRAFTS_AND_CERTIFICATES | WITH_PEOPLE
FOR_ADMINS = {"/admin", "/admin/users", "/admin/users/0", "/admin/tracks"}
FILES = {
    "/settings/export",
    "/tracks/0/board.csv",
    "/tracks/0/calendar.ics",
    "/tracks/0/export",
    "/tracks/0/results.{format}",
    "/assignments/0/starter.zip",
    "/submissions/0/code.zip",
}
# A form that was refused is shown at its address; a reload there leads on to the page that has it.
FORMS = {
    "/assignments/0/submit",
    "/assignments/0/submit/archive",
    "/assignments/0/appeal",
    "/assignments/0/diary",
    "/assignments/0/starter/delete",
    "/assignments/0/starter/link",
    "/appeals/0/edit",
    "/appeals/0/withdraw",
    "/posts/0/edit",
    "/questions/0/answers",
    "/reviews/0/messages",
    "/settings/delete",
    "/settings/email",
    "/settings/password",
    "/submissions/0/code/hidden-terms",
    "/threads/0/edit",
    "/threads/0/messages",
    "/threads/0/state",
    "/tracks/0/questions/mute",
    "/tracks/0/questions/read",
}
# They need a provider: see test_external_accounts.py.
WITH_PROVIDERS = {
    "/sign-in/with/{provider}",
    "/sign-in/with/{provider}/callback",
    "/sign-in/new/{flow}",
    "/sign-in/new/{flow}/link",
    "/settings/identities/{provider}",
}
# They need mail: see test_email_changes.py.
WITH_MAIL = {"/email/confirm/{token}", "/email/undo/{token}"}
NO_PAGES = FILES | FORMS | WITH_PROVIDERS | WITH_MAIL | {"/docs", "/track-file.schema.json"}
ROUTES = [
    route
    for router in PAGE_ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and "GET" in (route.methods or ())
]


def kind_of(path: str) -> str:
    """Return the path of the route that serves this address, its numbers made equal."""
    served = next((route.path for route in ROUTES if route.path_regex.fullmatch(path)), path)
    return NUMBER.sub("/0", served)
