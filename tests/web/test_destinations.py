"""Where a message leads is one table: for pages, their script, programs and mail; and there is a page there."""

import re
from typing import get_args

import orjson
import pytest

from learning_platform.core.settings import PROJECT
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.notifications.destinations import PATHS
from learning_platform.notifications.messages import NotificationType
from learning_platform.notifications.queries import inbox
from learning_platform.web.live.messages import encoded
from tests.domain.reviews.code_scene import hand_in_code
from tests.domain.reviews.scene import Scene
from tests.people import Person, School
from tests.web.pages.browsing import signed_in

pytestmark = pytest.mark.anyio
TYPES: tuple[NotificationType, ...] = get_args(NotificationType)
SCRIPT = PROJECT / "learning_platform" / "web" / "pages" / "static" / "app.js"
FOR_STAFF = {"starter_failed", "participant_left"}
# These are sent only to staff who take no part.
FOR_OVERSEERS = {"appeal_made", "review_returned", "post_reported", "message_reported"}
# The messages of these two types lead to what is stored.
ROWS = (
    """insert into hand_over_offers (track_id, user_id, offered_by, offered_at) values ($1, $2, $3, now())""",
    """insert into removals (track_id, user_id, removed_by, reason, removed_at) values ($1, $2, $3, 'why', now())""",
)
WORDS = {"track": "Python basics", "assignment": "Hello"}
ASKED = {"title": "Why?", "text": "I wonder"}


async def announce_to(
    school: School,
    person: Person,
    type: NotificationType,
    *,
    author: Person,
    track_id: int,
    assignment_id: int,
    question_id: int,
    submission_id: int,
) -> None:
    """Send a user a message of a type."""
    about = None if type.startswith("track_") else assignment_id
    named = WORDS | {"question": str(question_id), "submission": str(submission_id)}
    announcement = Announcement(f"test:{type}", type, track_id, about, school.clock.now, named)
    async with school.services.database.transaction() as db:
        for statement in ROWS:
            await db.execute(statement, track_id, person.id, author.id)
        await announce(db, announcement, to=[person.id], now=school.clock.now)


async def sent(school: School, person: Person) -> list[dict[str, object]]:
    """Return everything that a WebSocket of a user gets."""
    async with school.services.database.connection() as db:
        return [orjson.loads(encoded(each)) for each in await inbox(db, user_id=person.id, after=0, limit=200)]


def test_every_type_leads_somewhere() -> None:
    assert PATHS.keys() == set(TYPES)


@pytest.mark.parametrize("type", TYPES)
async def test_page_script_and_program_lead_to_the_same_page_and_it_exists(
    school: School, type: NotificationType
) -> None:
    alice, bob = await school.people(2)
    track = await school.running_track(alice, [alice, bob])
    assignment_id = (await school.assignment_ids(bob, track))[0]
    asked = await bob.ok("POST", f"/assignments/{assignment_id}/questions", 201, json=ASKED)
    ids = {"track_id": track["id"], "assignment_id": assignment_id}
    await hand_in_code(Scene(school, alice, [bob], track["id"], [assignment_id]), bob, {"main.py": b"1"})
    submitted = await bob.ok("GET", f"/assignments/{assignment_id}/submission")
    named = {"question": asked["id"], "submission": submitted["id"]}
    await announce_to(
        school, bob, type, author=alice, question_id=named["question"], submission_id=named["submission"], **ids
    )

    pushed = (await sent(school, bob))[-1]
    assert pushed["url"] == PATHS[type].format(**named, **ids)
    assert (await bob.ok("GET", "/notifications"))[-1]["url"] == pushed["url"]
    # The starter code is the concern of the track's author alone.
    browser = signed_in(school, bob)
    newest = re.search(
        r'class="unread">\s*<h3><a id="[^"]*" href="([^"]*)"', (await browser.get("/notifications")).text
    )
    assert newest is not None
    assert newest[1] == pushed["url"]
    if type in FOR_OVERSEERS:
        browser = signed_in(school, await school.person(role="admin"))
    for hours in (0, 11, 10, 30):  # While handing in, while reviewing, at the next assignment, and after the end.
        await school.advance(hours=hours)
        await (signed_in(school, alice) if type in FOR_STAFF else browser).see(newest[1])


def test_the_script_knows_no_addresses_of_its_own() -> None:
    script = SCRIPT.read_text()
    assert "link.href = message.url" in script
    assert not re.search(r"/(assignments|tracks)/", script)


async def test_a_message_about_a_deleted_track_says_so_and_leads_to_a_page_that_exists(school: School) -> None:
    alice, bob = await school.people(2)
    track = await school.track(alice)
    await bob.ok("POST", f"/tracks/{track['id']}/enroll", 201)
    await alice.ok("DELETE", f"/tracks/{track['id']}", 204)
    (message,) = await bob.ok("GET", "/notifications")
    assert (message["type"], message["track_id"], message["url"]) == ("track_cancelled", track["id"], "/tracks")
    assert message["title"] == "“Python basics” was deleted"
    assert "was deleted before it started" in message["text"]
    assert (await sent(school, bob))[0]["url"] == "/tracks"
    browser = signed_in(school, bob)
    assert f'href="/tracks/{track["id"]}"' not in (await browser.get("/notifications")).text
    await browser.see("/tracks")


async def test_a_cancelled_track_still_has_its_page(school: School) -> None:
    alice, bob = await school.people(2)
    track = await school.running_track(alice, [alice, bob])
    await alice.ok("POST", f"/tracks/{track['id']}/cancel")
    message = (await bob.ok("GET", "/notifications"))[-1]
    assert (message["type"], message["url"]) == ("track_cancelled", f"/tracks/{track['id']}")
    assert message["title"] == "“Python basics” was cancelled"
    await signed_in(school, bob).see(message["url"])
