"""What users show of themselves."""

from fastapi import Request, Response

from learning_platform.accounts.profiles import change_profile, profile_of
from learning_platform.certificates.queries import valid_certificates_of
from learning_platform.tracks.profiles import created_tracks, public_profile
from learning_platform.tracks.queries import VISITOR
from learning_platform.web.http.dependencies import Reader, Running, Username, begin
from learning_platform.web.pages.kit.forms import Form, TypedForm
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn
from learning_platform.web.schemas.certificates import ProfileEdit

router = page_router()


@router.get("/users/{username}")
async def show_profile(request: Request, username: Username, viewer: CurrentViewer, db: Reader) -> Response:
    """Show a user who shows themselves to the viewer."""
    actor = VISITOR if viewer.session is None else viewer.session.actor
    profile = await public_profile(db, username=username, viewer=actor)
    return page(
        request,
        "profile.html",
        profile=profile,
        tracks=await created_tracks(db, user_id=profile.id, viewer=actor, now=viewer.now),
        certificates=await valid_certificates_of(db, user_id=profile.id),
    )


@router.get("/settings/profile")
async def show_own_profile(request: Request, viewer: CurrentViewer, user: SignedIn, db: Reader) -> Response:
    """Show what one shows of oneself, to change it."""
    return page(
        request,
        "settings_profile.html",
        profile=await profile_of(db, user_id=user.user_id),
        form=Form(viewer.language),
    )


@router.post("/settings/profile")
async def edit_profile(request: Request, user: SignedIn, services: Running, form: TypedForm) -> Response:
    """Change what one shows of oneself."""
    with form.refusing() as fields:
        edit = fields.read(ProfileEdit)
        async with begin(services) as db:
            await change_profile(
                db,
                user_id=user.user_id,
                display_name=edit.display_name,
                about=edit.about,
                visibility=edit.visibility,
                seen=form.seen,
            )
        return redirect_to("/settings/profile", notice="saved")
    async with services.database.connection() as db:
        profile = await profile_of(db, user_id=user.user_id)
    return page(request, "settings_profile.html", status=form.status, profile=profile, form=form)
