"""What search engines ask for: what they may read, and the addresses of the listed tracks.

Programs ask for these without `Accept: text/html`, and want no JSON either, so they belong neither to the pages nor to
the API.
"""

from collections.abc import Iterable
from typing import Annotated
from xml.sax.saxutils import escape

from fastapi import APIRouter, Path, Response

from learning_platform.core.errors import NotFound
from learning_platform.core.languages import N_
from learning_platform.tracks.browsing import TRACKS_PER_SITEMAP, listed_ids, sitemap_numbers
from learning_platform.web.http.dependencies import Reader, Running
from learning_platform.web.services import Services

router = APIRouter(include_in_schema=False)
NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
# These pages are forms, or for one user only.
NOT_INDEXED = ("/sign-in", "/register", "/password/", "/confirm/", "/unsubscribe/", "/tracks/new")
MAX_SITEMAP = 2**53 // TRACKS_PER_SITEMAP


class NoSitemap(NotFound):
    code = "not_found"
    message = N_("There is no list of tracks for search engines here.")


@router.get("/robots.txt")
async def robots(services: Running) -> Response:
    """Say what search engines may read."""
    closed = NOT_INDEXED if _is_public(services) else (*NOT_INDEXED, "/tracks")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    if _is_public(services):
        lines.append(f"Sitemap: {services.settings.public_url}/sitemap.xml")
    return Response("\n".join(lines) + "\n", media_type="text/plain")


@router.get("/sitemap.xml")
async def sitemap_index(services: Running, db: Reader) -> Response:
    """List the parts of the list of tracks. Raises NoSitemap where visitors may not read it."""
    _ensure_public(services)
    site = services.settings.public_url
    parts = await sitemap_numbers(db)
    return _xml("sitemapindex", "sitemap", [f"{site}/sitemap-{number}.xml" for number in sorted({0, *parts})])


@router.get("/sitemap-{number}.xml")
async def sitemap(number: Annotated[int, Path(ge=0, le=MAX_SITEMAP)], services: Running, db: Reader) -> Response:
    """List the public tracks of one range of ids. Raises NoSitemap where visitors may not read it."""
    _ensure_public(services)
    paths = [f"/tracks/{id}" for id in await listed_ids(db, sitemap=number)]
    fixed = ["/", "/tracks"] if number == 0 else []
    return _xml("urlset", "url", [f"{services.settings.public_url}{path}" for path in (*fixed, *paths)])


def _xml(root: str, each: str, addresses: Iterable[str]) -> Response:
    lines = "".join(f"<{each}><loc>{escape(address)}</loc></{each}>\n" for address in addresses)
    written = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} {NAMESPACE}>\n{lines}</{root}>\n'
    return Response(written, media_type="application/xml")


def _is_public(services: Services) -> bool:
    return services.settings.public_catalogue == "on"


def _ensure_public(services: Services) -> None:
    if not _is_public(services):
        raise NoSitemap
