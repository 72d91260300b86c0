"""The board of a track for its author; results and leaving for participants."""

import csv
import io
from datetime import timedelta

import pytest

from learning_platform.tracks.rules import NotAParticipant
from learning_platform.web.pages.kit import participants_list
from tests.people import Json, Person, School
from tests.web.pages.browsing import Browser, signed_in
from tests.web.pages.counting import counted_statements

pytestmark = pytest.mark.anyio


class Course:
    """A running track of four: bob's work is short of reviews, carol's disputed, and dave has handed nothing in."""

    def __init__(self, school: School, author: Person, people: list[Person], track: Json, assignments: list[int]):
        self.school, self.author, self.track = school, author, track
        self.alice, self.bob, self.carol, self.dave = people
        self.first, self.second = assignments
        self.path = f"/tracks/{track['id']}"

    def browser(self, person: Person, *, language: str = "en") -> Browser:
        """Return the browser of a user."""
        return signed_in(self.school, person, language=language)

    async def submission_of(self, person: Person) -> int:
        """Return the id of a user's first submission."""
        handed_in = await person.ok("GET", f"/assignments/{self.first}/submission")
        submission_id: int = handed_in["id"]
        return submission_id


@pytest.fixture
async def course(school: School) -> Course:
    """Return a track whose first assignment is in review."""
    author = await school.person("author")
    people = [await school.person(name) for name in ("alice", "bob", "carol", "dave")]
    track = await school.running_track(author, people)
    assignments = await school.assignment_ids(author, track)
    for person in people[:3]:
        await person.submit(assignments[0])
    await school.advance(hours=10)
    return Course(school, author, people, track, assignments)


async def test_the_board_shows_who_has_got_how_far(course: Course) -> None:
    await course.alice.review_all(course.first)
    page = await course.browser(course.author).see(f"{course.path}/board")
    assert "4 participants" in page
    assert "reviewed 0 of 3" in page
    assert "reviewed 2 of 2" not in page, "only what is left to do is said"
    assert "not submitted" in page
    assert "not open yet" in page


async def test_a_user_who_has_left_is_not_at_work(school: School) -> None:
    author, alice, bob = await school.people(3)
    track = await school.running_track(author, [alice, bob])
    board = f"/tracks/{track['id']}/board"
    assert (await signed_in(school, author).see(board)).count("in progress") == 2
    await bob.ok("POST", f"/tracks/{track['id']}/leave", 204)
    assert (await signed_in(school, author).see(board)).count("in progress") == 1


async def test_the_board_is_for_the_author_and_admins_only(course: Course) -> None:
    admin = await course.school.person("root", role="admin")
    for ending in ("board", "submissions", "appeals", "returns", "extensions"):
        await course.browser(admin).see(f"{course.path}/{ending}")
        page = await course.browser(course.alice).see(f"{course.path}/{ending}", 403)
        assert "Only the author of this track, or staff whose role allows it, can do this." in page
    submission_id = await course.submission_of(course.bob)
    await course.browser(course.alice).see(f"/submissions/{submission_id}/reviews", 403)


async def test_a_visitor_is_asked_to_sign_in_and_comes_back_to_the_board(course: Course) -> None:
    response = await Browser(course.school).get(f"{course.path}/board")
    assert response.url.path == "/sign-in"
    assert response.url.params["next"] == f"{course.path}/board"


async def test_a_track_without_participants_says_what_will_be_here(school: School) -> None:
    author = await school.person()
    track = await school.track(author)
    assert "No participants yet." in await signed_in(school, author).see(f"/tracks/{track['id']}/board")


async def test_what_is_short_of_reviews_is_shown_first_and_listed(course: Course) -> None:
    author = course.browser(course.author)
    assert "Needs attention" in await author.see(f"{course.path}/board")
    listed = await author.see(f"{course.path}/submissions?show=attention")
    assert listed.count("needs reviews") == 3
    for person in (course.alice, course.bob, course.carol):
        await person.review_all(course.first)
    assert "No submissions need attention." in await author.see(f"{course.path}/submissions?show=attention")
    assert "2 reviews" in await author.see(f"{course.path}/submissions")


async def test_disputed_work_is_marked(course: Course) -> None:
    for person, score in ((course.alice, 0), (course.bob, None)):
        while (work := await person.claim(course.first)).status_code == 200:
            await person.review(work.json(), score)
    page = await course.browser(course.author).see(f"{course.path}/submissions?show=attention")
    assert "disputed" in page


async def test_an_appeal_is_settled_with_scores_that_count_instead_of_the_medians(course: Course) -> None:
    for person in (course.bob, course.carol, course.alice):
        while (work := await person.claim(course.first)).status_code == 200:
            await person.review(work.json(), 2)
    await course.browser(course.alice).fill_in(f"/assignments/{course.first}/appeal", text="Two is too little")
    author = course.browser(course.author)
    assert "1 appeal needs your answer" in await author.see(f"{course.path}/board")
    assert "Two is too little" in await author.see(f"{course.path}/appeals")

    submission_id = await course.submission_of(course.alice)
    before = await author.see(f"/submissions/{submission_id}/reviews")
    assert "26.7%" in before
    assert "bob" in before
    (appeal,) = await course.author.ok("GET", f"{course.path}/appeals")
    criteria = course.track["criteria"]
    after = await author.fill_in(
        f"/appeals/{appeal['id']}/settle",
        text="You are right about the first",
        **{"scores-0-criterion_id": criteria[0]["id"], "scores-0-score": 9},
        **{"scores-1-criterion_id": criteria[1]["id"], "scores-1-score": ""},
    )
    assert "Answer sent" in after
    assert "73.3%" in after
    assert "corrected" in after
    assert "You are right about the first" in await course.browser(course.alice).see(
        f"/assignments/{course.first}/reviews"
    )
    assert "needs your answer" not in await author.see(f"{course.path}/board")


async def test_a_settlement_refused_keeps_what_was_typed_and_points_at_the_score(course: Course) -> None:
    await course.bob.review_all(course.first)
    await course.carol.review_all(course.first)
    await course.alice.review_all(course.first)
    await course.browser(course.alice).fill_in(f"/assignments/{course.first}/appeal", text="Look again")
    (appeal,) = await course.author.ok("GET", f"{course.path}/appeals")
    criteria = course.track["criteria"]
    page = await course.browser(course.author).post(
        f"/appeals/{appeal['id']}/settle",
        data={
            "text": "Half a point more",
            "scores-0-criterion_id": criteria[0]["id"],
            "scores-0-score": "",
            "scores-1-criterion_id": criteria[1]["id"],
            "scores-1-score": "6",
        },
    )
    assert page.status_code == 422
    assert "Half a point more" in page.text
    assert 'id="error-scores-1-score">The score for “Readability” must be a whole number from 0 to 5.' in page.text


async def test_only_the_author_settles(course: Course) -> None:
    await course.bob.review_all(course.first)
    await course.carol.review_all(course.first)
    await course.alice.review_all(course.first)
    await course.browser(course.alice).fill_in(f"/assignments/{course.first}/appeal", text="Look again")
    (appeal,) = await course.author.ok("GET", f"{course.path}/appeals")
    await course.browser(course.bob).fill_in(f"/appeals/{appeal['id']}/settle", 403, text="No")
    await course.browser(course.author).fill_in("/appeals/999/settle", 404, text="No")


async def test_the_author_reviews_any_work_undrawn_and_comes_back_to_it(course: Course) -> None:
    submission_id = await course.submission_of(course.bob)
    author, path = course.browser(course.author), f"/submissions/{submission_id}/review"
    assert "as the track's author" in await author.see(path)
    scores = {
        f"scores-{index}-{part}": value
        for index, criterion in enumerate(course.track["criteria"])
        for part, value in (("criterion_id", criterion["id"]), ("score", 1))
    }
    refused = await author.fill_in(path, 422, own_accord="yes", **scores)
    assert "Explain why “Correctness” is below the maximum" in refused
    assert "as the track's author" in refused
    page = await author.fill_in(path, own_accord="yes", comment="It does not start", **scores)
    assert "Review sent" in page
    assert "from 1 review" in page
    assert "author" in page
    assert "Edit your review" in await author.see(path)
    await course.browser(course.alice).see(path, 404)


async def test_what_was_handed_back_is_listed_with_its_reason(course: Course) -> None:
    work = (await course.dave.claim(course.first)).json()
    await course.browser(course.dave).fill_in(
        f"/submissions/{work['submission_id']}/review/return", reason="broken", comment="404 Not Found"
    )
    page = await course.browser(course.author).see(f"{course.path}/returns")
    assert "The link does not work" in page
    assert "404 Not Found" in page
    assert "dave" in page


async def test_one_participant_gets_more_time_in_the_authors_own_time_zone(course: Course) -> None:
    await course.author.ok("PATCH", "/me", json={"time_zone": "Asia/Yekaterinburg"})
    author = course.browser(course.author)
    assert 'value="dave"' in (await author.get(f"{course.path}/extensions?named=dave")).text
    until = course.school.clock.now + timedelta(hours=3)
    page = await author.fill_in(
        f"{course.path}/extensions",
        username="Dave",
        assignment_id=course.first,
        due_at=(until + timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M"),
        reason="was ill",
    )
    assert "Deadline extended" in page
    assert "was ill" in page
    assert (await course.dave.submit(course.first)).status_code == 201
    views = await course.dave.ok("GET", f"{course.path}/assignments")
    assert views[0]["state"] == "submitted"
    async with course.school.services.database.connection() as db:
        assert await db.fetchval("select due_at from extensions") == until


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"username": "unknown"}, 422, "This track has no participant with this username."),
        ({"due_at": "2031-01-01T00:00"}, 422, "A personal deadline must be in the future"),
        ({"due_at": "soon"}, 422, "Enter a date and time."),
        ({"due_at": ""}, 422, "Enter a date and time."),
        ({"reason": ""}, 422, "This field cannot be empty."),
        ({"assignment_id": "x"}, 422, "Enter a whole number."),
        ({"assignment_id": "999"}, 404, "Assignment not found."),
    ],
)
async def test_more_time_is_refused_where_it_does_not_fit(
    course: Course, changes: dict[str, str], status: int, said: str
) -> None:
    given = {
        "username": "dave",
        "assignment_id": str(course.first),
        "due_at": "2030-01-02T00:00",
        "reason": "was ill",
        **changes,
    }
    assert said in await course.browser(course.author).fill_in(f"{course.path}/extensions", status, **given)


async def test_the_author_sees_how_every_participant_reviews_and_a_participant_only_themselves(course: Course) -> None:
    for person in (course.alice, course.bob):
        await person.review_all(course.first)
    await course.school.advance(hours=10)
    page = await course.browser(course.author).see(f"{course.path}/review-quality")
    assert "alice" in page
    assert "bob" in page
    own = await course.browser(course.alice).see(f"{course.path}/review-quality")
    assert "Your review stats" in own
    assert "bob" not in own
    assert "No data yet." in await course.browser(course.dave).see(f"{course.path}/review-quality")


async def test_participants_see_results_when_the_reviews_are_over(course: Course) -> None:
    for person in (course.alice, course.bob, course.carol):
        await person.review_all(course.first)
    alice = course.browser(course.alice)
    before = await alice.see(f"{course.path}/results")
    assert before.count("100%") == 1  # Her own.
    await course.school.advance(hours=10)
    after = await alice.see(f"{course.path}/results")
    assert "alice you" in after
    assert after.count("100%") == 6  # Three results, three totals.


async def test_own_results_are_on_every_page_of_the_list(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(participants_list, "MANY_ROWS", 2)
    dave = course.browser(course.dave)
    first, last = [await dave.see(f"{course.path}/results?page={number}") for number in (1, 2)]
    assert "dave you" in first
    assert [name for name in ("alice", "bob", "carol") if name in first] == ["alice", "bob"]
    assert last.count("dave") == first.count("dave")
    assert "dave you" not in await dave.see(f"{course.path}/results?q=alice")


async def test_results_are_for_who_takes_part(course: Course) -> None:
    mallory = course.browser(await course.school.person("mallory"))
    page = await mallory.see(f"{course.path}/results", 403)
    assert NotAParticipant.message in page
    await mallory.see(f"{course.path}/review-quality", 403)
    await mallory.see("/tracks/999/results", 404)


async def test_results_come_as_csv_to_a_browser(course: Course) -> None:
    response = await course.browser(course.author).get(f"{course.path}/results.csv")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in response.headers["content-disposition"]
    header, *rows = csv.reader(io.StringIO(response.text.removeprefix("\ufeff")))
    assert header[:3] == ["Username", "Left the track", "Hello: submitted"]
    assert [row[0] for row in rows] == ["alice", "bob", "carol", "dave"]
    program = await course.author.get(f"{course.path}/results", params={"format": "csv"})
    assert program.text == response.text


async def test_a_user_who_leaves_a_running_track_owes_nothing_more(course: Course) -> None:
    dave = course.browser(course.dave)
    assert "You cannot rejoin." in await dave.see(course.path)
    assert "You've left the track." in await dave.fill_in(f"{course.path}/leave-for-good")
    assert "left the track" in await course.browser(course.author).see(f"{course.path}/board")
    assert "You have left this track." in await dave.fill_in(f"{course.path}/leave-for-good", 409)
    page = await dave.see(course.path)
    assert "You have left this track. You cannot rejoin it." in page
    assert "This track has already started" not in page
    assert "You have left this track." in await dave.fill_in(f"{course.path}/enroll", 409)


async def test_a_participant_adds_the_calendar_by_the_cookie_of_the_browser(course: Course) -> None:
    alice = course.browser(course.alice)
    assert "Add to calendar" in await alice.see(course.path)
    response = await alice.get(f"{course.path}/calendar.ics")
    assert response.headers["content-type"].startswith("text/calendar")
    assert "BEGIN:VEVENT" in response.text
    assert (await Browser(course.school).get(f"{course.path}/calendar.ics")).url.path == "/sign-in"


async def test_long_boards_are_paged(school: School) -> None:
    author = await school.person("author")
    people = await school.people(53)
    track = await school.running_track(author, people)
    browser = signed_in(school, author)
    first = await browser.see(f"/tracks/{track['id']}/board")
    assert people[0].username in first
    names = sorted(person.username for person in people)
    assert names[49] in first
    assert f"{names[50]} in progress" not in first
    assert "1–50 of 53" in first
    last = await browser.see(f"/tracks/{track['id']}/board?page=2")
    assert all(f"{name} in progress" in last for name in names[50:])
    assert names[-1] in await browser.see(f"/tracks/{track['id']}/board?page=99"), "the last page there is"


@pytest.mark.parametrize(
    "ending", ["board", "submissions", "appeals", "returns", "review-quality", "extensions", "results"]
)
async def test_a_page_costs_the_same_statements_however_many_people_take_part(school: School, ending: str) -> None:
    costs = []
    for number in (3, 12):
        author = await school.person()
        people = await school.people(number)
        track = await school.running_track(author, people)
        first, _ = await school.assignment_ids(author, track)
        for person in people:
            await person.submit(first)
        await school.advance(hours=10)
        with counted_statements() as statements:
            await signed_in(school, author).see(f"/tracks/{track['id']}/{ending}")
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 14


async def test_the_board_speaks_russian(course: Course) -> None:
    admin = await course.school.person("root", role="admin", language="ru")
    page = await course.browser(admin, language="ru").see(f"{course.path}/board")
    assert "Участники" in page
