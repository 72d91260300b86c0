"""The routers of pages, in the order in which they are asked."""

from learning_platform.web.pages import (
    accounts,
    admin,
    assignments,
    authoring,
    board,
    certificates,
    code,
    feedback,
    home,
    inbox,
    mail,
    profiles,
    results,
    reviews,
    settings,
    starters,
    threads,
    tracks,
)

PAGE_ROUTERS = (
    home.router,
    accounts.router,
    # Before `/tracks/{track_id}`, which would take `new` for an id.
    authoring.router,
    tracks.router,
    assignments.router,
    starters.router,
    reviews.router,
    code.router,
    feedback.router,
    threads.router,
    inbox.router,
    settings.router,
    board.router,
    results.router,
    certificates.router,
    profiles.router,
    mail.router,
    admin.router,
)
