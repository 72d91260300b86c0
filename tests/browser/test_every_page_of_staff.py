"""The pages of authors and of those who help them, in both languages: nothing is wrong with them."""

import pytest

from learning_platform.core.languages import Language
from tests.browser.page_kinds import (
    FOR_AUTHORS,
    FOR_PARTICIPANTS,
    FOR_VISITORS,
    WITH_DRAFTS_AND_CERTIFICATES,
    WITH_PEOPLE,
)
from tests.browser.people import Crowd
from tests.browser.school import OFFERED_TO, Places, signed_in
from tests.browser.tour import Tour

pytestmark = pytest.mark.anyio
BOTH_LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
KNOWN = (FOR_PARTICIPANTS | WITH_DRAFTS_AND_CERTIFICATES | WITH_PEOPLE | FOR_VISITORS) - {"/", "/tracks/0"}
SELECTION = "board/selection?all=yes&action="
INVITED = "new.{language}@example.org, Новая\nnobody\nnew.{language}@example.org\n"


@BOTH_LANGUAGES
async def test_nothing_is_wrong_with_the_pages_of_authors(school: Crowd, places: Places, language: Language) -> None:
    author = await signed_in(school, "author", language)
    tour = await Tour.of(author, known=KNOWN)
    page = await author.open(places.full)
    assignment = await page.locator("main a[href^='/assignments/']").first.get_attribute("href") or ""
    starter = "/".join([*assignment.split("/")[:3], "starter"])
    await tour.walk([places.full, "/", starter])
    await tour.look_at(f"{places.full}/edit")
    author.was_refused(409)
    for path in (*(SELECTION + action for action in ("remind", "extend", "export")), "board/selection"):
        await tour.look_at(f"{places.full}/{path}")
    await tour.look_at(f"{places.full}/{SELECTION}extend")
    await tour.send("extend", {"due_at": "2020-01-01T10:00", "reason": " "})
    author.was_refused(422)
    for path in (places.question, f"{places.full}/questions?show=reported"):
        await tour.look_at(path)
    assert tour.wrong == []
    assert set(tour.kinds) >= FOR_AUTHORS


@BOTH_LANGUAGES
async def test_nothing_is_wrong_with_drafts_and_certificates(school: Crowd, places: Places, language: Language) -> None:
    author = await signed_in(school, "author", language)
    tour = await Tour.of(author)
    for path in (places.draft, f"{places.draft}/publish", f"{places.empty_draft}/publish", f"{places.draft}/preview"):
        await tour.look_at(path)
    for path in (f"{places.full}/certificates", f"{places.finished}/certificates", f"{places.certificate}/revoke"):
        await tour.look_at(path)
    await tour.send("revoke", {"reason": " "})
    author.was_refused(422)
    assert tour.wrong == []
    assert set(tour.kinds) >= WITH_DRAFTS_AND_CERTIFICATES


@BOTH_LANGUAGES
async def test_nothing_is_wrong_with_the_people_of_tracks(school: Crowd, places: Places, language: Language) -> None:
    author = await signed_in(school, "author", language)
    tour = await Tour.of(author)
    for path in (f"{places.draft}/hand-over", f"{places.draft}/people", f"{places.gathering}/people?q=unknown-name"):
        await tour.look_at(path)
    await tour.look_at(f"{places.gathering}/people")
    await tour.send("staff", {"username": "unknown-name"})
    author.was_refused(422)
    await tour.look_at(f"{places.gathering}/participants/dmitry-v/remove")
    await tour.send("remove", {"reason": " "})
    author.was_refused(422)
    await tour.look_at(f"{places.waited_for}/participants/roman_z/replace")
    await tour.look_at(f"{places.draft}/invitations")
    await tour.look_at(f"{places.gathering}/invitations")
    await tour.send("invitations", {})
    await tour.look_at(f"{places.gathering}/roster")
    for typed in ({"text": ""}, {"text": INVITED.format(language=language)}, {}):
        await tour.send("roster", typed)
    author.was_refused(422)
    offered = await Tour.of(await signed_in(school, OFFERED_TO, language))
    for path in ("/", f"{places.draft}/hand-over", f"{places.gathering}/people", places.invitation):
        await offered.look_at(path)
    assert tour.wrong + offered.wrong == []
    assert set(tour.kinds) >= WITH_PEOPLE
