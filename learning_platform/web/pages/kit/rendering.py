"""Pages: Jinja2 templates in two languages, and the headers every page is sent with.

Rendering is synchronous: templates wait for nothing, and an asynchronous environment takes half as long again. Where
Markdown is to stand a template leaves a mark; the texts are formatted after the handler has returned, when it no longer
holds a connection to the database, and put in place of the marks.
"""

import re
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from learning_platform.core.languages import LANGUAGE_NAMES, N_, Language, catalogue, translate
from learning_platform.core.time_formatting import format_day, format_full_day, format_time
from learning_platform.web.http.formatting import (
    format_age,
    format_failure,
    format_hand_in_warning,
    format_hours,
    format_number,
    format_percent,
    format_person,
    format_size,
    format_span,
    format_units,
)
from learning_platform.web.http.redirects import previous_page
from learning_platform.web.pages.kit.cookies import NOTICE_COOKIE, set_flash
from learning_platform.web.pages.kit.detail_fields import language_names as text_language_names
from learning_platform.web.pages.kit.flash import FLASH_MESSAGES
from learning_platform.web.pages.kit.forms import Form
from learning_platform.web.pages.kit.page_response import PageResponse, PageTexts
from learning_platform.web.pages.kit.portrait import portrait
from learning_platform.web.pages.kit.static_files import assets_version
from learning_platform.web.pages.kit.viewer import Viewer, visitor
from learning_platform.web.pages.kit.written import blocks, isolated, language_attribute, written
from learning_platform.web.services import Services
from learning_platform.web.texts.formatted_text import FormattedTexts, Text

PAGES = Path(str(files("learning_platform.web.pages")))
TEMPLATES, STATIC = PAGES / "templates", PAGES / "static"
# Nothing inline, nothing from elsewhere (but pictures in descriptions), in no other site's frame.
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: https:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
BEGINNING_CHARACTERS = 200
# Marks of Markdown, pictures and the addresses of links.
MARKS = re.compile(r"!\[[^\]]*\]\([^)]*\)|\]\([^)]*\)|[\[\]#*`>|~]|(?<!\w)_|_(?!\w)|<[^>]*>")
AGO = N_("{span} ago")
UNFORMATTED = N_("Shown without formatting: this text takes too long to format.")


def page(request: Request, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """Render a template for who looks. Forms that were refused add their headers, such as Retry-After."""
    viewer: Viewer = getattr(request.state, "viewer", None) or visitor(request)
    services: Services = request.app.state.services
    flash_name = request.cookies.get(NOTICE_COOKIE, "")
    notice = FLASH_MESSAGES.get(flash_name)
    texts = PageTexts()
    draft = (
        environment(viewer.language)
        .get_template(template)
        .render(
            **values,
            viewer=viewer,
            path=request.scope["path"],
            # Without its query: a compressed page repeats nothing that another site could make it contain.
            previous_page=urlsplit(previous_page(request)).path,
            notice=notice,
            flash_name=flash_name,
            is_refused=status >= 400,
            asset=asset,
            site=services.settings.public_url,
            sends_mail=services.sends_mail,
            texts=texts,
        )
    )
    response = _response(request, draft, texts, viewer.language, status=status)
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["Content-Language"] = viewer.language
    for form in values.values():
        if isinstance(form, Form):
            response.headers.update(form.headers)
    if notice is not None:
        response.delete_cookie(NOTICE_COOKIE, httponly=True, samesite="lax")
    return response


def _response(request: Request, draft: str, texts: PageTexts, language: Language, *, status: int) -> HTMLResponse:
    if not texts.texts:
        return HTMLResponse(draft, status_code=status)
    formatted_texts: FormattedTexts = request.app.state.services.formatted_texts
    return PageResponse(draft, texts, formatted_texts, translate(UNFORMATTED, language), status=status)


def redirect_to(path: str, *, notice: str | None = None) -> Response:
    """Answer a form with the page to look at next, which shows the notice of that name once."""
    response = RedirectResponse(path, status_code=303)
    if notice is not None:
        assert notice in FLASH_MESSAGES
        set_flash(response, notice)
    return response


def asset(name: str) -> str:
    """Return the address of a static file; it changes with the files' contents, so browsers may keep it for good."""
    return f"/static/{assets_version(STATIC)}/{name}"


@cache
def environment(language: Language) -> Environment:
    """Return the templates in a language."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]  # by the extension
    env.filters.update(
        datetime=_datetime,
        left=_left,
        until=_until,
        ago=_ago,
        day=_day,
        date=_date,
        hours=lambda hours: format_hours(hours, language),
        number=lambda number: format_number(number, language),
        percent=lambda percentage: format_percent(percentage, language),
        person=_person,
        written=written,
        portrait=portrait,
        markdown=_markdown,
        note=_note,
        beginning=_beginning,
        excerpt=_excerpt,
        host=_without_scheme,
        size=lambda size: format_size(size, language),
        failure=lambda error: format_failure(error, language),
        hand_in_warning=lambda warning: format_hand_in_warning(warning, language),
    )
    env.globals.update(
        format_units=format_units,
        language_names=LANGUAGE_NAMES,
        text_languages=lambda: text_language_names(language),
    )
    return env


@pass_context
def _markdown(context: Context, source: str) -> Markup:
    """Show what an author wrote."""
    texts: PageTexts = context["texts"]
    return blocks(texts.mark(Text("description", source)), language_attribute(context, source))


@pass_context
def _note(context: Context, source: str) -> Markup:
    """Show what a participant wrote."""
    texts: PageTexts = context["texts"]
    return blocks(texts.mark(Text("note", source)), language_attribute(context, source))


@pass_context
def _excerpt(context: Context, source: str) -> Markup:
    """Show the beginning of a text without its marks."""
    texts: PageTexts = context["texts"]
    return isolated(texts.mark(Text("excerpt", source)), language_attribute(context, source))


def _beginning(source: str) -> str:
    """Return the beginning of a text in Markdown as plain words, for search engines and shared links."""
    plain = " ".join(MARKS.sub("", source[: 5 * BEGINNING_CHARACTERS]).split())
    return plain if len(plain) <= BEGINNING_CHARACTERS else plain[: BEGINNING_CHARACTERS - 1].rstrip() + "…"


@pass_context
def _datetime(context: Context, at: datetime) -> Markup:
    """Show a date and time in the viewer's zone; the foot of the page says which that is."""
    viewer: Viewer = context["viewer"]
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        _stamp(at), viewer.zone.key, format_time(at, viewer.language, viewer.zone, now=viewer.now)
    )


@pass_context
def _day(context: Context, at: datetime) -> Markup:
    """Show a time of an anonymous user: a day, without the time."""
    viewer: Viewer = context["viewer"]
    return Markup('<time datetime="{}">{}</time>').format(
        at.date().isoformat(), format_day(at, viewer.language, now=viewer.now)
    )


@pass_context
def _date(context: Context, at: datetime) -> Markup:
    """Show a day with its year, for what is kept or printed."""
    viewer: Viewer = context["viewer"]
    return Markup('<time datetime="{}">{}</time>').format(at.date().isoformat(), format_full_day(at, viewer.language))


@pass_context
def _left(context: Context, at: datetime) -> Markup:
    """Show how long is left until a time; the page's script counts on."""
    viewer: Viewer = context["viewer"]
    span = format_span(at - viewer.now, viewer.language)
    return Markup('<time class="left" datetime="{}" data-until>{}</time>').format(_stamp(at), span)


@pass_context
def _until(context: Context, at: datetime) -> str:
    """Say how long it is until a time, once and for all."""
    viewer: Viewer = context["viewer"]
    return format_span(at - viewer.now, viewer.language)


@pass_context
def _ago(context: Context, at: datetime) -> Markup:
    """Show how long ago a time was; the time itself is in the title."""
    viewer: Viewer = context["viewer"]
    span = format_age(viewer.now - at, viewer.language)
    title = format_time(at, viewer.language, viewer.zone, now=viewer.now)
    ago = translate(AGO, viewer.language, span=span)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(_stamp(at), title, ago)


def _without_scheme(url: str) -> str:
    """Show a link by what distinguishes it from others."""
    return url.partition("://")[2].removeprefix("www.").rstrip("/")


@pass_context
def _person(context: Context, username: str) -> str:
    """Show a name; of a deleted account there is none."""
    viewer: Viewer = context["viewer"]
    return format_person(username, viewer.language)


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
