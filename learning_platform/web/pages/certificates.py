"""Certificates and one's own progress: pages to verify, to print, to look back on."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request, Response

from learning_platform.accounts.queries import LiveSession
from learning_platform.certificates import actions, queries
from learning_platform.certificates.rules import CertificateRule as Rule
from learning_platform.reviews.own_progress import given_reviews, own_progress
from learning_platform.web.http.dependencies import Id, Now, Reader, Running, Transaction, begin
from learning_platform.web.http.redirects import with_query
from learning_platform.web.pages.kit.forms import Form, TypedForm
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.track_header import list_page, track_header
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn, Viewer
from learning_platform.web.schemas.certificates import CertificateRule, Revocation
from learning_platform.web.schemas.common import MAX_ID
from learning_platform.web.schemas.texts import IDENTIFIER
from learning_platform.web.services import Services

router = page_router()
TRACKS_PER_PAGE, CERTIFICATES_PER_PAGE = 20, 50
Code = Annotated[UUID, Path(), IDENTIFIER]
Before = Annotated[int, Query(ge=1, le=MAX_ID)]
After = Annotated[int, Query(ge=0, le=MAX_ID)]


@router.get("/progress")
async def show_progress(request: Request, user: SignedIn, db: Reader, now: Now, before: Before = MAX_ID) -> Response:
    """Show what one did on every track, and one's certificates."""
    found = await own_progress(db, user_id=user.user_id, before=before, limit=TRACKS_PER_PAGE + 1, now=now)
    shown = found[:TRACKS_PER_PAGE]
    return page(
        request,
        "progress.html",
        tracks=shown,
        given=await given_reviews(db, user_id=user.user_id, now=now),
        certificates=await queries.certificates_of(db, user_id=user.user_id),
        following=with_query(request, before=shown[-1].id) if len(found) > len(shown) else None,
        first=with_query(request, before=None) if before < MAX_ID else None,
    )


@router.get("/certificates/{code}")
async def show_certificate(request: Request, code: Code, services: Running, db: Reader) -> Response:
    """Show a certificate to anyone who has its address."""
    found = await queries.certificate(db, code=code)
    address = f"{services.settings.public_url}{found.path}"
    return page(request, "certificate.html", certificate=found, address=address)


@router.get("/tracks/{track_id}/certificates")
async def show_certificates(
    request: Request, track_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, after: After = 0
) -> Response:
    """Show what earns a certificate on a track, and the certificates."""
    return await _certificates(request, track_id, viewer, user, services, form=Form(viewer.language), after=after)


@router.post("/tracks/{track_id}/certificates")
async def set_rule(
    request: Request, track_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Decide what earns a certificate."""
    with form.refusing() as fields:
        rule = None
        if form["issues"] == "yes":
            read = fields.read(CertificateRule, submissions=form["submissions"], reviews=form["reviews"])
            rule = Rule(submissions=read.submissions, reviews=read.reviews)
        async with begin(services) as db:
            await actions.set_rule(db, track_id=track_id, actor=user.actor, rule=rule, seen=form.seen, now=viewer.now)
        return redirect_to(f"/tracks/{track_id}/certificates", notice="saved")
    return await _certificates(request, track_id, viewer, user, services, form=form)


@router.get("/certificates/{code}/revoke")
async def ask_for_reason(request: Request, code: Code, viewer: CurrentViewer, user: SignedIn, db: Reader) -> Response:
    """Ask why a certificate is revoked."""
    return page(
        request,
        "certificate_revoke.html",
        certificate=await actions.revocable(db, code=code, actor=user.actor),
        form=Form(viewer.language),
    )


@router.post("/certificates/{code}/revoke")
async def revoke(
    request: Request, code: Code, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Revoke a certificate."""
    async with services.database.connection() as db:
        found = await actions.revocable(db, code=code, actor=user.actor)
    with form.refusing() as fields:
        reason = fields.read(Revocation).reason
        async with begin(services) as db:
            await actions.revoke(db, code=code, actor=user.actor, reason=reason, now=viewer.now)
        return redirect_to(f"/tracks/{found.track_id}/certificates", notice="certificate_revoked")
    return page(request, "certificate_revoke.html", status=form.status, certificate=found, form=form)


@router.post("/certificates/{code}/restore")
async def restore(code: Code, user: SignedIn, db: Transaction) -> Response:
    """Make a revoked certificate valid again."""
    await actions.restore(db, code=code, actor=user.actor)
    found = await queries.certificate(db, code=code)
    return redirect_to(f"/tracks/{found.track_id}/certificates", notice="certificate_restored")


async def _certificates(
    request: Request,
    track_id: int,
    viewer: Viewer,
    user: LiveSession,
    services: Services,
    *,
    form: Form,
    after: int = 0,
) -> Response:
    async with services.database.connection() as db:
        header = await track_header(db, track_id=track_id, user=user, now=viewer.now)
        found = await queries.certificates_on(db, header.access, after=after, limit=CERTIFICATES_PER_PAGE + 1)
        rule = await queries.rule_of(db, track_id=track_id)
    return page(
        request,
        "board_certificates.html",
        status=form.status,
        header=header,
        part=list_page(request, found, size=CERTIFICATES_PER_PAGE, after=after),
        rule=rule,
        form=form,
        may_certify=header.access.may("certify"),
    )
