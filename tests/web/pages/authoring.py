"""The form of a track as a browser without scripts sees it: what is sent, and what stands in its fields."""

import re
from html import unescape

from httpx import Response

from tests.people import Json
from tests.web.pages.browsing import Browser, words

FIELD = re.compile(r'<(?:input|textarea)\b[^>]*?\sname="([^"]+)"[^>]*?(?:value="([^"]*)"[^>]*>|>\n?([^<]*)</textarea>)')


def length(name: str, days: str = "", hours: str = "", minutes: str = "") -> dict[str, str]:
    """Return a length of time as the fields in which it is typed."""
    return {f"{name}-days": days, f"{name}-hours": hours, f"{name}-minutes": minutes}


WRITTEN = {
    "title": "Rust, gently",
    "description": "For those who *can* program",
    "required_participants": "3",
    **length("review_hours", minutes="30"),
    **length("iteration_hours"),
    **length("appeal_days", days="3"),
    "track_visibility": "public",
    "tags": "",
    "effort": "",
    "start-rule": "when_full",
    "start-at": "",
    "start-min_participants": "2",
    "start-time_zone": "UTC",
    "criteria-0-name": "Correctness",
    "criteria-0-description": "",
    "criteria-0-max_score": "10",
    "criteria-0-open": "",
    "assignments-0-title": "A guessing game",
    "assignments-0-description": "Guess **it**",
    "assignments-0-open": "",
    **length("assignments-0-duration_hours", hours="1,5"),
    "pasted": "",
}


async def send(browser: Browser, path: str, fields: Json, status: int = 200) -> Response:
    """Send a form as it is written, or with one of its buttons; return the page that comes of it."""
    response = await browser.post(path, data=fields, headers={"Sec-Fetch-Site": "same-origin"})
    assert response.status_code == status, words(response)
    return response


def typed(response: Response) -> dict[str, str]:
    """Return what stands in the fields of the page's form."""
    form = response.text.partition("data-track")[2].partition("</form>")[0]
    # A box that is not ticked is not sent.
    form = re.sub(r'<input type="(?:checkbox|radio)"(?![^>]* checked)[^>]*>', "", form)
    return {name: unescape(value or text).strip("\n") for name, value, text in FIELD.findall(form)}


def marked(response: Response) -> list[str]:
    """Return the fields marked as wrong, each of which must be described by its error."""
    wrong = re.findall(r'<(?:input|textarea) id="([^"]+)"[^>]*aria-invalid="true"', response.text)
    for name in wrong:
        whole = re.sub("-(days|hours|minutes)$", "", name)
        assert f'id="error-{whole}"' in response.text
        assert re.search(rf'id="{name}"[^>]*aria-describedby="[^"]*error-{whole}"', response.text)
    return [name for name in wrong if not name.endswith(("-hours", "-minutes"))]


def focused(response: Response) -> list[str]:
    """Return what the page goes to when it is opened."""
    return re.findall(r'id="([^"]+)"[^>]*\sautofocus', response.text)


def unfolded(response: Response) -> list[str]:
    """Return the rows whose fields can be seen."""
    return re.findall(r'<details data-fold open>\s*<summary id="(.+?)-toggle"', response.text)
