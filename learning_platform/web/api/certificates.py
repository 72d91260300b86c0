"""Certificates: verify one, list your own and those of a track, decide what earns them; your progress."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from learning_platform.certificates import actions, queries
from learning_platform.certificates.rules import AlreadyRevoked, CertificateNotFound
from learning_platform.certificates.rules import CertificateRule as Rule
from learning_platform.reviews.own_progress import TrackProgress as Progress
from learning_platform.reviews.own_progress import own_progress
from learning_platform.tracks.access import access_to_track
from learning_platform.tracks.rules import NotTheAuthor, TrackNotFound, TrackOver
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.api.paging import LINK_HEADER, paged
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import CurrentUser, Id, Now, PageParams, Reader, Transaction
from learning_platform.web.http.problems import refuses
from learning_platform.web.http.redirects import with_query
from learning_platform.web.schemas.certificates import (
    Certificate,
    CertificateRule,
    Revocation,
    TrackCertificate,
    TrackProgress,
)
from learning_platform.web.schemas.common import MAX_ID
from learning_platform.web.schemas.texts import IDENTIFIER

router = APIRouter(route_class=ApiRoute, tags=["Certificates"])
Code = Annotated[UUID, Path(description="The code in the certificate's address."), IDENTIFIER]


@router.get("/certificates/{code}", response_model=Certificate, responses=refuses(CertificateNotFound))
async def verify_certificate(code: Code, db: Reader) -> queries.Certificate:
    """Verify a certificate. A revoked one says when and why."""
    return await queries.certificate(db, code=code)


@router.post(
    "/certificates/{code}/revoke",
    response_model=Certificate,
    responses=refuses(*SIGNED_IN, NotTheAuthor, CertificateNotFound, AlreadyRevoked),
)
async def revoke_certificate(
    code: Code, revocation: Revocation, user: CurrentUser, db: Transaction, now: Now
) -> queries.Certificate:
    """Revoke a certificate of a track that you run. Its holder is notified."""
    await actions.revoke(db, code=code, actor=user.actor, reason=revocation.reason, now=now)
    return await queries.certificate(db, code=code)


@router.post(
    "/certificates/{code}/restore",
    response_model=Certificate,
    responses=refuses(*SIGNED_IN, NotTheAuthor, CertificateNotFound),
)
async def restore_certificate(code: Code, user: CurrentUser, db: Transaction) -> queries.Certificate:
    """Make a revoked certificate valid again."""
    await actions.restore(db, code=code, actor=user.actor)
    return await queries.certificate(db, code=code)


@router.get("/me/certificates", response_model=list[Certificate], responses=refuses(*SIGNED_IN))
async def list_own_certificates(user: CurrentUser, db: Reader) -> list[queries.Certificate]:
    """List your certificates, the latest first."""
    return await queries.certificates_of(db, user_id=user.user_id)


@router.get("/me/progress", response_model=list[TrackProgress], responses=refuses(*SIGNED_IN) | LINK_HEADER)
async def show_own_progress(
    user: CurrentUser, db: Reader, now: Now, page: PageParams, request: Request, response: Response
) -> list[Progress]:
    """Show what you did on every track, the newest first; `after` continues below that id."""
    found = await own_progress(db, user_id=user.user_id, before=page.after or MAX_ID, limit=page.limit, now=now)
    if len(found) >= page.limit:
        response.headers["Link"] = f'<{with_query(request, after=found[-1].id, limit=page.limit)}>; rel="next"'
    return found


@router.get(
    "/tracks/{track_id}/certificates",
    response_model=list[TrackCertificate],
    responses=refuses(*SIGNED_IN, NotTheAuthor, TrackNotFound) | LINK_HEADER,
)
async def list_certificates(
    track_id: Id, user: CurrentUser, db: Reader, page: PageParams, request: Request, response: Response
) -> Sequence[queries.Certificate]:
    """List the certificates of a track that you run, by username."""
    access = await access_to_track(db, track_id=track_id, actor=user.actor)
    found = await queries.certificates_on(db, access, after=page.after, limit=page.limit)
    return paged(found, page, request, response)


@router.get(
    "/tracks/{track_id}/certificate-rule",
    response_model=CertificateRule | None,
    responses=refuses(*SIGNED_IN, TrackNotFound),
)
async def show_certificate_rule(track_id: Id, user: CurrentUser, db: Reader) -> Rule | None:
    """Show what earns a certificate on a track; null where there are none."""
    await access_to_track(db, track_id=track_id, actor=user.actor)
    return await queries.rule_of(db, track_id=track_id)


@router.put(
    "/tracks/{track_id}/certificate-rule",
    response_model=CertificateRule,
    responses=refuses(*SIGNED_IN, NotTheAuthor, TrackNotFound, TrackOver),
)
async def set_certificate_rule(
    track_id: Id, rule: CertificateRule, user: CurrentUser, db: Transaction, now: Now
) -> Rule | None:
    """Decide what earns a certificate, until the track is over. Certificates are issued when it ends."""
    chosen = Rule(submissions=rule.submissions, reviews=rule.reviews)
    await actions.set_rule(db, track_id=track_id, actor=user.actor, rule=chosen, now=now)
    return await queries.rule_of(db, track_id=track_id)


@router.delete(
    "/tracks/{track_id}/certificate-rule",
    status_code=204,
    responses=refuses(*SIGNED_IN, NotTheAuthor, TrackNotFound, TrackOver),
)
async def remove_certificate_rule(track_id: Id, user: CurrentUser, db: Transaction, now: Now) -> Response:
    """Issue no certificates on a track."""
    await actions.set_rule(db, track_id=track_id, actor=user.actor, rule=None, now=now)
    return Response(status_code=204)
