"""What participants add to what is hidden from reviewers in their files."""

from fastapi import APIRouter

from learning_platform.core.database import Connection
from learning_platform.snapshots import hidden_terms
from learning_platform.tracks.access import access_to_track
from learning_platform.tracks.rules import NotAParticipant, TrackNotFound
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import CurrentUser, Id, Reader, Transaction
from learning_platform.web.http.problems import refuses
from learning_platform.web.schemas.hidden_terms import HiddenTerms, NewHiddenTerms

router = APIRouter(route_class=ApiRoute, tags=["Code"])
REFUSALS = refuses(*SIGNED_IN, TrackNotFound, NotAParticipant)


@router.get("/tracks/{track_id}/hidden-terms", response_model=HiddenTerms, responses=REFUSALS)
async def show_hidden_terms(track_id: Id, user: CurrentUser, db: Reader) -> HiddenTerms:
    """List what you added to what is hidden from reviewers in your files on a track."""
    await _ensure_participant(db, track_id=track_id, user=user)
    return HiddenTerms(terms=await hidden_terms.hidden_terms(db, track_id=track_id, user_id=user.user_id))


@router.put("/tracks/{track_id}/hidden-terms", response_model=HiddenTerms, responses=REFUSALS)
async def set_hidden_terms(track_id: Id, new: NewHiddenTerms, user: CurrentUser, db: Transaction) -> HiddenTerms:
    """Replace what you added. Files that were handed in before are shown by it, too."""
    await _ensure_participant(db, track_id=track_id, user=user)
    return HiddenTerms(
        terms=await hidden_terms.set_hidden_terms(db, track_id=track_id, user_id=user.user_id, terms=new.terms)
    )


async def _ensure_participant(db: Connection, *, track_id: int, user: CurrentUser) -> None:
    access = await access_to_track(db, track_id=track_id, actor=user.actor)
    if not access.takes_part:
        raise NotAParticipant
