"""Pages for people, one router a subject. They call the same actions and queries as the API."""

from learning_platform.web.pages import (
    accounts,
    admin,
    assignments,
    authoring,
    board,
    feedback,
    inbox,
    mail,
    results,
    reviews,
    settings,
    tracks,
)
from learning_platform.web.pages import home as front

PAGE_ROUTERS = (
    front.router,
    accounts.router,
    # Before `/tracks/{track_id}`, which would take `new` for an id.
    authoring.router,
    tracks.router,
    assignments.router,
    reviews.router,
    feedback.router,
    inbox.router,
    settings.router,
    board.router,
    results.router,
    mail.router,
    admin.router,
)
