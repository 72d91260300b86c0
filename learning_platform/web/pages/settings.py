"""Settings: language and time zone."""

from fastapi import Request, Response

from learning_platform.accounts import actions, queries
from learning_platform.accounts.rules import UnknownTimeZone
from learning_platform.web.http.dependencies import Reader, Running, begin
from learning_platform.web.pages.kit.datetime_input import ZONES
from learning_platform.web.pages.kit.forms import Form, TypedForm
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn
from learning_platform.web.schemas.accounts import ProfileChange

router = page_router()


@router.get("/settings")
async def show_settings(request: Request, viewer: CurrentViewer, user: SignedIn, db: Reader) -> Response:
    """Show the first page of the settings."""
    return _settings_page(request, await queries.signed_in_user(db, user_id=user.user_id), Form(viewer.language))


@router.post("/settings")
async def change_language_and_zone(request: Request, user: SignedIn, services: Running, form: TypedForm) -> Response:
    """Change the language and the time zone."""
    with form.refusing({UnknownTimeZone: "time_zone"}) as fields:
        change = fields.read(ProfileChange)
        async with begin(services) as db:
            await actions.edit_profile(
                db, user_id=user.user_id, locale=change.locale, time_zone=change.time_zone, seen=form.seen
            )
        return redirect_to("/settings", notice="saved")
    async with services.database.connection() as db:
        return _settings_page(request, await queries.signed_in_user(db, user_id=user.user_id), form)


def _settings_page(request: Request, user: queries.User, form: Form) -> Response:
    return page(request, "settings.html", status=form.status, user=user, form=form, zones=ZONES)
