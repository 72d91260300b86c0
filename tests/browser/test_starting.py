"""Authors choose when a track starts, and start it."""

import pytest
from playwright.async_api import expect

from tests.browser.authors import CORRECTNESS, fill_rows
from tests.browser.people import Crowd

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_a_track_is_written_for_a_date_and_started_before_it(crowd: Crowd, scripts: bool) -> None:
    author = await crowd.member(java_script_enabled=scripts)
    page = await author.open("/tracks/new")
    date = author.field("Start date and time")
    await expect(date).to_be_hidden()
    await page.get_by_label("On a date").check()
    await author.fill({"Title": "In spring", "Places": "9", "days": "", "hours": "12"})
    await date.fill("2020-03-01T10:00")
    await fill_rows(author, "Criterion", "Add a criterion", [CORRECTNESS])
    await fill_rows(author, "Assignment", "Add an assignment", [{"Title": "Hello", "days": "2"}])
    await author.click("Save and publish…")
    await author.sees("The start date must be in the future.")
    await expect(date).to_be_focused()
    await expect(date).to_have_value("2020-03-01T10:00")
    author.was_refused(422)
    await date.fill("")
    await author.click("Save and publish…")
    await author.click("Publish")
    await author.sees_message("Track published.")
    await author.sees("0 of 9, start date not set yet")
    await author.sees("You can start the track yourself once two participants have enrolled.")
    address = author.path

    for _ in range(2):
        member = await crowd.member()
        await member.open(address)
        await member.click("Enroll")
        await member.click("Confirm enrollment")
    await author.open(address)
    await author.click("Start now")
    await author.click("Start the track")
    await author.sees_message("The track has started.")
