"""What users show of themselves."""

from fastapi import APIRouter

from learning_platform.accounts import profiles as own
from learning_platform.accounts.rules import ProfileNotFound
from learning_platform.core.versions import VersionConflict
from learning_platform.tracks import profiles
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import CurrentUser, IfMatch, Reader, Transaction, Username
from learning_platform.web.http.problems import refuses
from learning_platform.web.schemas.certificates import Profile, ProfileEdit, PublicProfile

router = APIRouter(route_class=ApiRoute, tags=["Accounts"])


@router.get("/me/profile", response_model=Profile, responses=refuses(*SIGNED_IN))
async def show_own_profile(user: CurrentUser, db: Reader) -> own.Profile:
    """Show what you show of yourself, and to whom."""
    return await own.profile_of(db, user_id=user.user_id)


@router.put("/me/profile", response_model=Profile, responses=refuses(*SIGNED_IN, VersionConflict))
async def change_own_profile(edit: ProfileEdit, user: CurrentUser, seen: IfMatch, db: Transaction) -> own.Profile:
    """Change what you show of yourself, and to whom."""
    return await own.change_profile(
        db,
        user_id=user.user_id,
        display_name=edit.display_name,
        about=edit.about,
        visibility=edit.visibility,
        seen=seen,
    )


@router.get("/users/{username}", response_model=PublicProfile, responses=refuses(*SIGNED_IN, ProfileNotFound))
async def show_profile(username: Username, user: CurrentUser, db: Reader) -> profiles.PublicProfile:
    """Show the profile of a user who shows it to you."""
    return await profiles.public_profile(db, username=username, viewer=user.actor)
