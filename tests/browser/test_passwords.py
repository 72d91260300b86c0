"""Password fields: what is typed can be shown, a new password is rated in words."""

import pytest
from playwright.async_api import expect

from learning_platform.accounts.rules import CommonPassword
from tests.browser.people import PASSWORD, Crowd

pytestmark = pytest.mark.anyio
SHOW, HIDE = "Show (Password)", "Hide (Password)"


async def test_a_password_is_shown_by_keyboard_and_sent_as_a_password(crowd: Crowd) -> None:
    visitor = await crowd.visitor()
    await visitor.open("/register")
    await visitor.fill({"Username": visitor.name, "Email": f"{visitor.name}@example.com", "Password": "iloveyou"})
    await visitor.field("Password").press("Tab")
    await visitor.page.keyboard.press("Enter")
    await expect(visitor.field("Password")).to_have_attribute("type", "text")
    await visitor.click(HIDE)
    await expect(visitor.field("Password")).to_have_attribute("type", "password")
    await visitor.click(SHOW)
    # What was a field of text when a form was sent is offered by the browser to the next person.
    types = await visitor.page.evaluate(
        """() => new Promise((resolve) => {
            addEventListener("submit", (event) => { event.preventDefault(); resolve(password.type); });
            document.querySelector("main form").requestSubmit();
        })"""
    )
    assert types == "password"


async def test_a_new_password_is_rated_in_words_and_a_common_one_is_refused(crowd: Crowd) -> None:
    visitor = await crowd.visitor()
    await visitor.open("/register")
    await visitor.fill({"Username": visitor.name, "Email": f"{visitor.name}@example.com"})
    meter = visitor.page.locator("[data-strength]")
    await expect(meter).to_be_hidden()
    ratings = {"seven77": "too short", "aaaaaaaaaaaa": "weak", f"{visitor.name}-12345": "weak", PASSWORD: "strong"}
    for password, word in ratings.items():
        await visitor.fill({"Password": password})
        await expect(meter).to_have_text(f"Password strength: {word}")
    await visitor.fill({"Password": "iloveyou"})
    await visitor.click("Create account")
    await visitor.is_refused(CommonPassword)


async def test_a_shown_password_is_not_kept_as_a_draft(crowd: Crowd) -> None:
    alice = await crowd.member()
    page = await alice.open("/settings/security")
    await page.locator("summary", has_text="Change password").click()
    await alice.click("Show (Current password)")
    await alice.click("Show (New password)")
    await alice.field("Current password").press_sequentially("secret to keep")
    assert await page.evaluate("Object.values(localStorage).some((draft) => draft.includes('secret'))") is False
