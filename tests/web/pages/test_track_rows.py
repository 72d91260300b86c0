"""Rows and lengths of time in the form of a track: every button without a script, and nothing typed is lost."""

from collections.abc import AsyncIterator

import pytest

from tests.people import Person, School
from tests.web.pages.authoring import WRITTEN, focused, length, marked, send, typed, unfolded
from tests.web.pages.browsing import Browser, signed_in, words

pytestmark = pytest.mark.anyio


@pytest.fixture
async def author(school: School) -> Person:
    """Sign an author up."""
    return await school.person("maria")


@pytest.fixture
async def browser(school: School, author: Person) -> AsyncIterator[Browser]:
    """Open the author's browser."""
    async with signed_in(school, author) as opened:
        yield opened


@pytest.mark.parametrize(
    ("written", "hours", "shown"),
    [
        (("2", "12", ""), 60, ("2", "12", "")),
        (("", "48", "90"), 49.5, ("2", "1", "30")),
        (("", "0,5", ""), 0.5, ("", "", "30")),
        (("", "", " 1 "), 1 / 60, ("", "", "1")),
        (("", "", "0.12"), 0.002, ("", "", "0.12")),
    ],
)
async def test_lengths_are_days_hours_and_minutes_and_are_shown_as_such(
    browser: Browser, author: Person, written: tuple[str, str, str], hours: float, shown: tuple[str, str, str]
) -> None:
    created = await send(browser, "/tracks/new", WRITTEN | length("assignments-0-duration_hours", *written))
    [assignment] = await author.ok("GET", f"{created.url.path}/assignments")
    assert assignment["duration_hours"] == hours
    fields = typed(await browser.get(f"{created.url.path}/edit"))
    assert fields | length("assignments-0-duration_hours", *shown) == fields


@pytest.mark.parametrize(
    ("name", "written", "says"),
    [
        ("review_hours", ("a day", "", ""), "Enter numbers, for example 2 days and 12 hours."),
        ("review_hours", ("", "", ""), "This field is required."),
        ("assignments-0-duration_hours", ("2", "-3", ""), "Enter numbers"),
        ("assignments-0-duration_hours", ("0", "0", "0"), "Enter a time of more than 0 minutes"),
        ("assignments-0-duration_hours", ("3650", "", "1"), "at most 3650 days"),
        ("iteration_hours", ("4000", "", ""), "Enter at most 3650 days."),
        ("appeal_days", ("30", "1", ""), "Enter at most 30 days."),
    ],
)
async def test_a_length_that_cannot_be_is_refused_in_words_about_days(
    browser: Browser, name: str, written: tuple[str, str, str], says: str
) -> None:
    page = await send(browser, "/tracks/new", WRITTEN | length(name, *written), 422)
    assert marked(page) == [f"{name}-days"]
    assert focused(page) == [f"{name}-days"]
    assert says in words(page)
    assert typed(page) == WRITTEN | length(name, *written)


async def test_rows_are_added_moved_and_removed_by_buttons_and_nothing_typed_is_lost(browser: Browser) -> None:
    page = await send(browser, "/tracks/new", WRITTEN | {"rows": "assignments add"})
    assert focused(page) == ["assignments-1-title"]
    fields = typed(page) | {"assignments-1-title": "A word counter", "assignments-1-duration_hours-hours": "soon"}
    page = await send(browser, "/tracks/new", fields | {"rows": "assignments move 1 0"})
    assert focused(page) == ["assignments-0-down"]
    fields = typed(page)
    assert [fields[f"assignments-{n}-title"] for n in (0, 1)] == ["A word counter", "A guessing game"]
    assert [fields[f"assignments-{n}-duration_hours-hours"] for n in (0, 1)] == ["soon", "1,5"]
    page = await send(browser, "/tracks/new", fields | {"rows": "assignments remove 0"})
    assert focused(page) == ["assignments-restore"]
    assert {name: value for name, value in typed(page).items() if not name.startswith("removed-")} == WRITTEN


@pytest.mark.parametrize(("rows", "part"), [("criteria", "name"), ("assignments", "title")])
async def test_a_removed_row_can_be_put_back_with_all_that_was_in_it(browser: Browser, rows: str, part: str) -> None:
    page = await send(browser, "/tracks/new", WRITTEN | {"rows": f"{rows} add"})
    written = typed(page) | {f"{rows}-1-{part}": "<Second>", f"{rows}-1-description": "With a text."}
    page = await send(browser, "/tracks/new", written | {"rows": f"{rows} remove 1"})
    assert "Removed: <Second>" in words(page)
    fields = typed(page) | {f"{rows}-0-{part}": "Changed meanwhile"}
    page = await send(browser, "/tracks/new", fields | {"rows": f"{rows} restore"})
    assert focused(page) == [f"{rows}-1-toggle"]
    assert typed(page) == written | {f"{rows}-0-{part}": "Changed meanwhile"}
    assert "Removed:" not in words(page)


async def test_the_last_row_cannot_be_removed_and_no_list_grows_without_end(browser: Browser) -> None:
    page = await send(browser, "/tracks/new", WRITTEN | {"rows": "criteria remove 0"})
    assert typed(page) == WRITTEN
    full = WRITTEN | {f"criteria-{n}-name": f"Criterion {n}" for n in range(20)}
    page = await send(browser, "/tracks/new", full | {"rows": "criteria add"})
    assert "You can add up to 20 criteria." in words(page)
    assert "criteria-20-name" not in typed(page)


async def test_rows_are_added_by_fives_up_to_the_limit_with_the_time_of_the_last_one(browser: Browser) -> None:
    page = await send(browser, "/tracks/new", WRITTEN | {"rows": "assignments add 5"})
    assert focused(page) == ["assignments-1-title"]
    fields = typed(page)
    assert [fields[f"assignments-{n}-duration_hours-hours"] for n in range(6)] == ["1,5"] * 6
    assert "assignments-6-title" not in fields
    full = WRITTEN | {f"assignments-{n}-title": f"Task {n}" for n in range(48)}
    page = await send(browser, "/tracks/new", full | {"rows": "assignments add 5"})
    assert "assignments-49-title" in typed(page)
    assert "assignments-50-title" not in typed(page)
    assert "You can add up to 50 assignments." in words(page)


async def test_a_row_is_duplicated_below_itself(browser: Browser) -> None:
    written = WRITTEN | {"assignments-1-title": "A parser"}
    page = await send(browser, "/tracks/new", written | {"rows": "assignments copy 0"})
    assert focused(page) == ["assignments-1-title"]
    fields = typed(page)
    assert [fields[f"assignments-{n}-title"] for n in range(3)] == ["A guessing game", "A guessing game", "A parser"]
    assert fields["assignments-1-description"] == "Guess **it**"


async def test_pasted_titles_become_rows_and_can_be_taken_back(browser: Browser) -> None:
    written = WRITTEN | {"assignments-1-title": "", "pasted": "1. Lists\n\n - Trees \r\n10-minute talk"}
    page = await send(browser, "/tracks/new", written | {"rows": "assignments paste"})
    assert focused(page) == ["assignments-undo"]
    assert "3 assignments added." in words(page)
    fields = typed(page)
    assert [fields[f"assignments-{n}-title"] for n in range(4)] == [
        "A guessing game",
        "Lists",
        "Trees",
        "10-minute talk",
    ]
    assert fields["pasted"] == ""
    fields["assignments-2-description"] = "Grow one"
    fields = typed(await send(browser, "/tracks/new", fields | {"rows": "assignments undo 1 3"}))
    assert [fields[f"assignments-{n}-title"] for n in range(2)] == ["A guessing game", "Trees"]
    assert "assignments-2-title" not in fields
    assert fields["pasted"] == "Lists\n10-minute talk"


async def test_titles_that_do_not_fit_stay_in_the_field(browser: Browser) -> None:
    pasted = "\n".join(f"Task {number}" for number in range(1, 53))
    page = await send(browser, "/tracks/new", WRITTEN | {"pasted": pasted, "rows": "assignments paste"})
    assert "49 assignments added. 3 more titles do not fit: a track has at most 50 assignments." in words(page)
    assert typed(page)["pasted"] == "Task 50\nTask 51\nTask 52"
    nothing = await send(browser, "/tracks/new", WRITTEN | {"pasted": " \n", "rows": "assignments paste"})
    assert focused(nothing) == ["pasted"]


async def test_rows_are_folded_except_for_what_is_to_be_written(browser: Browser) -> None:
    both = WRITTEN | {"assignments-1-title": "A parser"}
    assert unfolded(await send(browser, "/tracks/new", both | {"rows": "preview"})) == ["criteria-0"]
    titles = {f"assignments-{n}-title": f"Task {n}" for n in range(5)} | {"assignments-3-title": ""}
    page = await send(browser, "/tracks/new", WRITTEN | titles | {"rows": "preview"})
    assert unfolded(page) == ["criteria-0", "assignments-3"]
    assert "Task 2" in words(page)
    wrong = titles | {
        "assignments-3-title": "Task 3",
        "assignments-1-duration_hours-days": "x",
        "assignments-2-open": "yes",
    }
    times = {f"assignments-{n}-duration_hours-days": "1" for n in range(5)}
    page = await send(browser, "/tracks/new", WRITTEN | times | wrong, 422)
    assert unfolded(page) == ["criteria-0", "assignments-1", "assignments-2"]
    page = await send(browser, "/tracks/new", typed(page) | {"rows": "assignments unfold"})
    assert len(unfolded(page)) == 6
    page = await send(browser, "/tracks/new", typed(page) | {"rows": "assignments fold"})
    assert unfolded(page) == ["criteria-0"]


@pytest.mark.parametrize(
    "wish",
    ["criteria", "criteria add 1", "criteria move 0", "criteria move 0 9", "title remove 0", "criteria x ١", "💥"],
)
async def test_a_button_that_was_never_on_the_page_changes_nothing(browser: Browser, wish: str) -> None:
    assert typed(await send(browser, "/tracks/new", WRITTEN | {"rows": wish})) == WRITTEN


async def test_rows_with_gaps_between_their_numbers_are_rows_all_the_same(browser: Browser, author: Person) -> None:
    gap = {"criteria-7-name": "Readability", "criteria-7-max_score": "5", "criteria-3-name": "Tests"}
    page = await send(browser, "/tracks/new", WRITTEN | gap, 422)
    assert marked(page) == ["criteria-1-max_score"]
    created = await send(browser, "/tracks/new", typed(page) | {"criteria-1-max_score": "3"})
    track = await author.ok("GET", created.url.path)
    assert [(each["name"], each["max_score"]) for each in track["criteria"]] == [
        ("Correctness", 10),
        ("Tests", 3),
        ("Readability", 5),
    ]
