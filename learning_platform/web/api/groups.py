"""What staff do for many participants."""

from fastapi import APIRouter

from learning_platform.attempts import group_extensions
from learning_platform.attempts.rules import AssignmentNotOpen, ExtensionOutOfRange
from learning_platform.core.languages import Language
from learning_platform.reviews.author import groups
from learning_platform.tracks.access import TakesPart
from learning_platform.tracks.rules import AssignmentNotFound, CalendarOpen, NotTheAuthor, TrackOver
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import CurrentUser, Id, Now, PreferredLanguage, Transaction
from learning_platform.web.http.formatting import format_refusal
from learning_platform.web.http.problems import refuses
from learning_platform.web.schemas.groups import ChosenParticipants, GroupOutcome, LeftOut, NewGroupExtension

router = APIRouter(route_class=ApiRoute, tags=["Oversight"])
STAFF = (*SIGNED_IN, NotTheAuthor, TakesPart, AssignmentNotFound, TrackOver)


@router.post(
    "/assignments/{assignment_id}/group-extensions",
    response_model=GroupOutcome,
    responses=refuses(*STAFF, CalendarOpen, ExtensionOutOfRange),
)
async def extend_for_many(
    assignment_id: Id,
    new: NewGroupExtension,
    user: CurrentUser,
    db: Transaction,
    now: Now,
    language: PreferredLanguage,
) -> GroupOutcome:
    """Give many participants a later deadline; those who cannot have it are listed with the reason."""
    outcome = await groups.extend_for_many(
        db,
        assignment_id=assignment_id,
        user_ids=new.user_ids,
        due_at=new.due_at,
        reason=new.reason,
        actor=user.actor,
        now=now,
    )
    return _answer(outcome, language)


@router.post(
    "/assignments/{assignment_id}/reminders", response_model=GroupOutcome, responses=refuses(*STAFF, AssignmentNotOpen)
)
async def remind(
    assignment_id: Id,
    new: ChosenParticipants,
    user: CurrentUser,
    db: Transaction,
    now: Now,
    language: PreferredLanguage,
) -> GroupOutcome:
    """Remind participants of an assignment, by a notification and by email; each once in 24 hours at most."""
    outcome = await groups.remind(db, assignment_id=assignment_id, user_ids=new.user_ids, actor=user.actor, now=now)
    return _answer(outcome, language)


def _answer(outcome: group_extensions.GroupOutcome, language: Language) -> GroupOutcome:
    refused = [
        LeftOut(
            user_id=each.user_id,
            username=each.username,
            code=each.refusal.code,
            detail=format_refusal(each.refusal, language),
        )
        for each in outcome.refused
    ]
    return GroupOutcome(done=list(outcome.done), refused=refused)
