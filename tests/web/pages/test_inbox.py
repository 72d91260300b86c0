"""The inbox on pages: by track, filtered, paged, and each message read or unread."""

import re

from learning_platform.notifications.actions import Announcement, announce
from learning_platform.notifications.groups import GROUPS
from learning_platform.notifications.messages import WORDINGS
from tests.people import School
from tests.web.pages.browsing import signed_in


def test_every_type_is_in_one_group() -> None:
    assert sorted(type for group in GROUPS.values() for type in group.types) == sorted(WORDINGS)


async def test_messages_are_shown_by_track_and_filters_stay_when_one_is_marked(school: School) -> None:
    alice, bob = await school.people(2)
    python, go = [await school.running_track(alice, [alice, bob], title=title) for title in ("Python", "Go")]
    browser = signed_in(school, alice)
    page = (await browser.get("/notifications")).text
    assert page.index(f'id="track-{go["id"]}"') < page.index(f'id="track-{python["id"]}"')
    only_python = (await browser.get(f"/notifications?track={python['id']}&kind=tracks")).text
    (message,) = re.findall(r'<li id="m(\d+)"', only_python)
    answer = await browser.post(f"/notifications/{message}/read?track={python['id']}&kind=tracks", data={"read": "yes"})
    assert answer.history[0].headers["location"] == f"/notifications?track={python['id']}&kind=tracks#m{message}"
    assert "Mark as unread" in await browser.see("/notifications?kind=tracks")
    assert "No messages found." in await browser.see("/notifications?kind=reviews")
    newest = (await alice.ok("GET", "/notifications"))[-1]["id"]
    page = await browser.fill_in("/notifications/read?unread=yes", up_to=newest, track_id=go["id"])
    assert "All messages of this track are marked as read." in page
    unread = await alice.ok("GET", "/notifications", params={"unread": True})
    assert [each["track_id"] for each in unread] == [python["id"]]


async def test_pages_of_the_inbox_keep_their_filter(school: School) -> None:
    alice, bob = await school.people(2)
    for number in range(31):
        await school.running_track(alice, [alice, bob], title=f"Track {number}")
    browser = signed_in(school, alice)
    page = (await browser.get("/notifications?kind=tracks&unread=yes")).text
    following = page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    page = (await browser.get(following)).text
    assert page.count("<li id=") == 1
    assert "“Track 0” has started" in page
    assert 'href="/notifications?kind=tracks&amp;unread=yes">First page' in page
    await browser.see("/notifications?track=²&kind=x&unread=&before=7", 200)


async def test_read_messages_and_those_with_the_same_title_are_folded_unless_one_track_is_asked_for(
    school: School,
) -> None:
    alice, bob = await school.people(2)
    track = await school.running_track(alice, [alice, bob], title="Python")
    browser = signed_in(school, alice)
    newest = (await alice.ok("GET", "/notifications"))[-1]["id"]
    await browser.fill_in("/notifications/read", up_to=newest)
    words = {"track": "Python", "assignment": "Pages"}
    async with school.services.database.transaction() as db:
        for number in range(3):
            review = Announcement(f"test:{number}", "review_received", track["id"], parameters=words)
            await announce(db, review, to=[alice.id], now=school.clock.now)
    assert (await browser.see("/")).count("Feedback on “Pages”") == 1
    page = await browser.see("/notifications")
    assert "2 earlier messages with this title" in page
    assert "more messages that you have read" in page
    one_track = await browser.see(f"/notifications?track={track['id']}")
    assert "earlier messages" not in one_track
    assert "more messages" not in one_track


async def test_a_deleted_track_keeps_its_title_in_the_inbox(school: School) -> None:
    author, alice = await school.people(2)
    track = await school.track(author, title="Lost")
    await alice.ok("POST", f"/tracks/{track['id']}/enroll", 201)
    assert (await author.delete(f"/tracks/{track['id']}")).is_success
    assert (
        f'<a href="/notifications?track={track["id"]}"><bdi>Lost</bdi></a>'
        in (await signed_in(school, alice).get("/notifications")).text
    )
