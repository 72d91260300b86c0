"""Settings: the tokens for git, and the secret link of the calendar."""

from fastapi import Request, Response

from learning_platform.accounts import email_links, hand_in_tokens
from learning_platform.web.http.dependencies import Id, Running, Transaction, begin
from learning_platform.web.pages.kit.forms import Form, TypedForm
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.push_address import push_address
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn, Viewer
from learning_platform.web.schemas.hand_in_tokens import NewHandInToken
from learning_platform.web.services import Services

router = page_router()


@router.get("/settings/tokens")
async def show_tokens(request: Request, viewer: CurrentViewer, services: Running, _user: SignedIn) -> Response:
    """Show the tokens and the link."""
    return await _tokens_page(request, viewer, services, Form(viewer.language))


@router.post("/settings/tokens")
async def create_token(
    request: Request, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Create a token for git, and show it: only this answer has it."""
    with form.refusing() as fields:
        new = fields.read(NewHandInToken)
        async with begin(services) as db:
            created = await hand_in_tokens.create_token(
                db,
                user_id=user.user_id,
                session_id=user.session_id,
                name=new.name,
                expires_at=new.expires_at,
                now=viewer.now,
            )
        return await _tokens_page(request, viewer, services, Form(viewer.language), created)
    return await _tokens_page(request, viewer, services, form)


@router.post("/settings/tokens/{token_id}/end")
async def end_token(token_id: Id, user: SignedIn, db: Transaction) -> Response:
    """End a token for git."""
    await hand_in_tokens.end_token(db, user_id=user.user_id, token_id=token_id)
    return redirect_to("/settings/tokens", notice="token_ended")


@router.post("/settings/calendar")
async def renew_calendar_link(user: SignedIn, db: Transaction) -> Response:
    """Make a secret link for calendar programs; an earlier one is worth nothing from here on."""
    await email_links.feed_key(db, user_id=user.user_id, renew=True)
    return redirect_to("/settings/tokens#calendar", notice="calendar_link_made")


async def _tokens_page(
    request: Request,
    viewer: Viewer,
    services: Services,
    form: Form,
    created: hand_in_tokens.NewHandInToken | None = None,
) -> Response:
    assert viewer.session is not None
    user_id, public_url = viewer.session.user_id, services.settings.public_url
    async with services.database.connection() as db:
        tokens = await hand_in_tokens.tokens_of(db, user_id=user_id, now=viewer.now)
        key = await email_links.known_feed_key(db, user_id=user_id)
    return page(
        request,
        "settings_tokens.html",
        status=form.status,
        form=form,
        created=created,
        tokens=tokens,
        push_address=push_address(public_url, viewer.session.username),
        calendar_link=None if key is None else f"{public_url}/calendar.ics?key={key}",
    )
