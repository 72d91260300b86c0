"""A comment that is being typed is lost neither with the tab nor with the session, nor when another device goes on."""

import asyncio

import pytest
from playwright.async_api import Route, expect

from learning_platform.core.database import Connection
from tests.browser import worlds
from tests.browser.people import Crowd, Person

pytestmark = pytest.mark.anyio
TEXT = "An empty list is not handled."


async def begin_comment(alice: Person, scene: worlds.Scene) -> str:
    """Take a work and type a comment; return the address of the page."""
    await alice.open(scene.review)
    await alice.click("Get a submission to review")
    await alice.page.get_by_role("link", name="Comments on the code").click()
    await alice.fill({"Comment": TEXT})
    return alice.path


async def is_saved(alice: Person) -> None:
    """Expect the form to say that the server has what was typed."""
    await expect(alice.page.get_by_role("status").get_by_text("Saved", exact=True)).to_be_visible()


async def test_a_comment_is_saved_while_it_is_typed_and_is_there_after_a_reload(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    page = await begin_comment(alice, await worlds.reviewing(db, [alice]))
    await is_saved(alice)
    await alice.fill({"Comment": f"{TEXT} Is it?"})
    await is_saved(alice)
    await alice.page.reload()
    await expect(alice.page.locator(".thread")).to_have_count(1)
    await expect(alice.page.locator(".thread")).to_contain_text(f"{TEXT} Is it?")
    await expect(alice.page.locator(".comment-form textarea")).to_have_value("")
    await alice.page.close()
    alice = await alice.another_tab(page)
    await expect(alice.page.locator(".thread")).to_have_count(1)


async def test_another_device_goes_on_where_the_first_stopped(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    page = await begin_comment(alice, await worlds.reviewing(db, [alice]))
    await is_saved(alice)
    phone = await crowd.visitor()
    await phone.open("/sign-in")
    await phone.sign_in(username=alice.name)
    await phone.open(page)
    await phone.page.get_by_text("Edit", exact=True).click()
    await phone.page.locator(".thread textarea").fill(f"{TEXT} On the phone.")
    await phone.page.locator(".thread").get_by_role("button", name="Save draft").click()
    await phone.sees_message("Draft saved.")
    # The first device does not overwrite that.
    await alice.fill({"Comment": f"{TEXT} On the computer."})
    await alice.click("Save draft")
    alice.was_refused(409)
    await alice.sees("This was changed after you opened it.", f"{TEXT} On the phone.")
    await expect(alice.page.locator(".thread textarea")).to_have_value(f"{TEXT} On the computer.")


async def test_a_comment_survives_a_session_that_has_ended(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    await begin_comment(alice, await worlds.reviewing(db, [alice]))
    await is_saved(alice)
    await alice.context.clear_cookies()
    await alice.fill({"Comment": f"{TEXT} Still typing."})
    await alice.click("Save draft")
    await alice.sign_in()
    await expect(alice.page.locator(".thread textarea")).to_have_value(f"{TEXT} Still typing.")
    await alice.page.locator(".thread").get_by_role("button", name="Save draft").click()
    await alice.sees_message("Draft saved.")
    await expect(alice.page.locator(".thread .prose")).to_have_text(f"{TEXT} Still typing.")


async def test_two_tabs_make_one_draft_of_a_comment(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    page = await begin_comment(alice, await worlds.reviewing(db, [alice]))
    second = await alice.another_tab(page)
    await second.fill({"Comment": TEXT})
    await is_saved(alice)
    await is_saved(second)
    await alice.page.reload()
    await expect(alice.page.locator(".thread")).to_have_count(1)


async def test_what_is_typed_before_the_script_has_come_is_saved_too(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    page = await begin_comment(alice, await worlds.reviewing(db, [alice]))
    await is_saved(alice)
    late = await alice.another_tab("/settings")
    typed = asyncio.Event()

    async def hold(route: Route) -> None:
        await typed.wait()
        await route.continue_()

    await late.page.route("**/threads*.js", hold)
    await late.page.goto(f"{late.site}{page}", wait_until="commit")
    await late.page.locator(".comment-form textarea").fill("Typed early.")
    typed.set()
    await is_saved(late)
