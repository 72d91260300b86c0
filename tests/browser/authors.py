"""What an author does to write a track."""

from collections.abc import Mapping, Sequence

from playwright.async_api import Locator, Page

from tests.browser.people import Person, label_of

Row = Mapping[str, str]
CORRECTNESS: Row = {"Name": "Correctness", "Maximum points": "10"}
READABILITY: Row = {"Name": "Readability", "Maximum points": "5"}


def row(page: Page, name: str) -> Locator:
    """Return a row of the form, by its legend: "Criterion 1"."""
    return page.get_by_role("group", name=name, exact=True)


async def fill_row(page: Page, name: str, values: Row) -> None:
    """Type into the fields of a row."""
    for label, value in values.items():
        await row(page, name).get_by_label(label_of(label)).fill(value)


async def fill_rows(author: Person, kind: str, add: str, rows: Sequence[Row]) -> None:
    """Fill in all these rows, adding those that are not there yet."""
    page = author.page
    for number, values in enumerate(rows, start=1):
        if not await row(page, f"{kind} {number}").count():
            await author.click(add)
        await fill_row(page, f"{kind} {number}", values)


async def write_track(
    author: Person, *, title: str, places: int, review_hours: str, criteria: Sequence[Row], assignments: Sequence[Row]
) -> None:
    """Create a track by the form, beginning at home."""
    await author.open("/")
    await author.click("Create a track")
    await author.fill({"Title": title, "Places": str(places), "days": "", "hours": review_hours})
    await fill_rows(author, "Criterion", "Add a criterion", criteria)
    await fill_rows(author, "Assignment", "Add an assignment", assignments)
    await author.click("Save and publish…")
    await author.click("Publish")
    await author.sees_message("Track published.")
