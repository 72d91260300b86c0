"""What a page says of the one thing to do, of what comes after it, and the way on from there."""

from datetime import timedelta

import pytest

from learning_platform.core.languages import Language
from learning_platform.web.http.formatting import format_age
from tests.people import Json, Person, School
from tests.web.pages.browsing import Browser, signed_in, words

pytestmark = pytest.mark.anyio
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
CODE_NOT_FOUND = "update snapshots set state = 'failed', try_at = null, error = 'private_or_missing'"


async def begun(school: School, author: Person, people: list[Person]) -> tuple[Json, list[int]]:
    """Return a running track of two assignments and their ids."""
    track = await school.running_track(author, people)
    return track, await school.assignment_ids(people[0], track)


async def test_home_says_what_comes_after_the_thing_to_do(school: School) -> None:
    people = await school.people(3)
    _, (first, second) = await begun(school, people[0], people)
    browser = signed_in(school, people[0])
    assert "Next: review submissions until" in await browser.see("/")
    for person in people:
        await person.submit(first)
    assert "Next: review submissions until" in await browser.see("/")
    await school.advance(hours=10)
    assert "When your reviews are done, you can see your feedback and the next assignment opens." in await browser.see(
        "/"
    )
    for person in people:
        await person.review_all(first)
        await person.submit(second)
    await school.advance(hours=20)
    assert "When your reviews are done, you can see your feedback. This is the last assignment." in await browser.see(
        "/"
    )


async def test_a_track_that_is_over_leads_to_its_results_and_asks_for_nothing(school: School) -> None:
    people = await school.people(2)
    track, _ = await begun(school, people[0], people)
    await school.advance(hours=100)
    response = await signed_in(school, people[1]).get("/")
    assert "Nothing to do right now." in words(response)
    assert f'href="/tracks/{track["id"]}/results"' in response.text


async def test_home_shows_an_author_the_appeals_that_wait_for_them(school: School) -> None:
    author, *people = await school.people(4)
    track, (first, _) = await begun(school, author, people)
    for person in people:
        await person.submit(first)
    await school.advance(hours=10)
    for person in people:
        await person.review_all(first)
    home = signed_in(school, author)
    assert "appeal" not in await home.see("/")
    appeal = await people[0].ok("POST", f"/assignments/{first}/appeal", 201, json={"text": "Look again"})
    await school.advance(hours=1)
    response = await home.get("/")
    assert "1 appeal needs your answer The first was sent 1 h ago" in words(response)
    assert f'href="/tracks/{track["id"]}/appeals"' in response.text
    assert "appeal" not in await signed_in(school, people[1]).see("/"), "it is the author's to answer"
    await author.ok("POST", f"/appeals/{appeal['id']}/settle", json={"text": "I did"})
    assert "needs your answer" not in await home.see("/")


async def test_an_appeal_of_ones_own_waits_for_another_user(school: School) -> None:
    people = await school.people(3)
    _, (first, _) = await begun(school, people[0], people)
    for person in people:
        await person.submit(first)
    await school.advance(hours=10)
    for person in people:
        await person.review_all(first)
    await people[0].ok("POST", f"/assignments/{first}/appeal", 201, json={"text": "Look again"})
    assert "appeal" not in await signed_in(school, people[0]).see("/")


async def test_the_page_of_a_track_leads_a_participant_to_what_is_to_be_done(school: School) -> None:
    author, *people = await school.people(4)
    track, (first, _) = await begun(school, author, people)
    browser, path = signed_in(school, people[0]), f"/tracks/{track['id']}"
    assert "Submit “Hello” 10 h left" in await browser.see(path)
    assert "Submit “Hello”" not in await signed_in(school, author).see(path)
    for person in people:
        await person.submit(first)
    assert "“Hello” is submitted Reviews start in 10 h" in await browser.see(path)
    await school.advance(hours=10)
    response = await browser.get(path)
    assert "Review submissions: “Hello”" in words(response)
    assert f'<a class="button" href="/assignments/{first}/review">' in response.text


async def test_the_assignment_says_what_follows_each_stage(school: School) -> None:
    people = await school.people(3)
    track, (first, _) = await begun(school, people[0], people)
    browser, path = signed_in(school, people[0]), f"/assignments/{first}"
    assert "After the deadline, you review other participants' submissions" in await browser.see(path)
    assert "Reviews start in 10 h" in await browser.see(f"{path}/review")
    for person in people:
        await person.submit(first)
    await school.advance(hours=10)
    assert "When your reviews are done, you can see your feedback and the next assignment opens." in await browser.see(
        path
    )
    await people[0].review_all(first)
    response = await browser.get(path)
    assert "See what's next in the track" in words(response)
    assert f'<a href="/tracks/{track["id"]}">See what\'s next' in response.text


async def test_the_last_place_is_not_offered_with_a_way_back_that_there_is_not(school: School) -> None:
    alice, bob = await school.people(2)
    track = await school.track(alice, required_participants=2)
    browser, path = signed_in(school, bob), f"/tracks/{track['id']}"
    assert "You can cancel your enrollment until the track starts." in await browser.see(path)
    await alice.ok("POST", f"{path}/enroll", 201)
    assert "You can cancel your enrollment until the track starts." not in await browser.see(path)


async def test_a_user_who_comes_for_a_track_and_signs_up_first_arrives_there(school: School) -> None:
    alice = await school.person()
    track = await school.track(alice)
    visitor = Browser(school)
    asked = await visitor.get(f"/tracks/{track['id']}")
    assert f'href="/register?next=/tracks/{track["id"]}"' in asked.text
    form = await visitor.get(f"/register?next=/tracks/{track['id']}")
    assert f'href="/sign-in?next=/tracks/{track["id"]}"' in form.text
    answer = await visitor.post(
        "/register",
        data={
            "next": f"/tracks/{track['id']}",
            "username": "newcomer",
            "email": "new@example.com",
            "password": "long enough",
        },
        headers=SAME_ORIGIN,
    )
    assert answer.url.path == f"/tracks/{track['id']}"


async def test_a_refusal_leads_back_to_the_page_the_form_stood_on(school: School) -> None:
    people = await school.people(2)
    track, _ = await begun(school, people[0], people)
    browser, path = signed_in(school, people[0]), f"/tracks/{track['id']}"
    refused = await browser.post(f"{path}/leave", headers=SAME_ORIGIN | {"Referer": f"http://test{path}"})
    assert refused.status_code == 409
    assert f'<a class="button" href="{path}">Go back</a>' in refused.text
    elsewhere = await browser.post(f"{path}/leave", headers=SAME_ORIGIN | {"Referer": "https://evil.example/tracks"})
    assert "Go back" not in words(elsewhere)
    assert "evil" not in elsewhere.text


async def test_a_refusal_of_a_whole_form_takes_the_focus_and_one_of_a_field_leaves_it_there(school: School) -> None:
    browser = Browser(school)
    whole = await browser.post("/sign-in", data={"username": "unknown", "password": "x" * 8}, headers=SAME_ORIGIN)
    assert '<p class="problem" role="alert" tabindex="-1" autofocus>' in whole.text
    field = await browser.post("/register", data={"username": "?", "email": "", "password": ""}, headers=SAME_ORIGIN)
    assert '<p class="problem" role="alert">' in field.text
    assert field.text.count("autofocus") == 1


async def test_ones_own_diary_entries_stay_among_themselves_on_the_next_page(school: School) -> None:
    people = await school.people(2)
    _, (first, _) = await begun(school, people[0], people)
    for number in range(51):
        await people[0].ok("POST", f"/assignments/{first}/diary", 201, json={"text": f"thought {number}"})
    page = (await signed_in(school, people[0]).get(f"/assignments/{first}?mine=true")).text
    assert 'rel="next" href="?mine=true&amp;after=' in page


async def test_the_board_counts_reviews_while_there_is_time_for_them(school: School) -> None:
    author, *people = await school.people(4)
    track, (first, _) = await begun(school, author, people)
    for person in people:
        await person.submit(first)
    await school.advance(hours=10)
    work = await people[0].claim(first)
    await people[0].review(work.json())
    board = await signed_in(school, author).see(f"/tracks/{track['id']}/board")
    assert "% from 1 review" in board
    assert board.count("submitted reviewed") == 2
    assert "needs reviews" not in board.partition("3 participants")[2].replace("Submission needs reviews", "")


async def test_pages_ask_to_submit_again_when_the_code_could_not_be_fetched(school: School) -> None:
    author, *people = await school.people(3)
    track, (first, _) = await begun(school, author, people)
    await people[0].submit(first)
    async with school.services.database.transaction() as db:
        await db.execute(CODE_NOT_FOUND)

    browser = signed_in(school, people[0])
    for path in ("/", f"/tracks/{track['id']}"):
        said = await browser.see(path)
        assert "Submit “Hello” again The code could not be saved. There is no repository at this address" in said
        assert "“Hello” is submitted" not in said

    await people[0].submit(first)
    for path in ("/", f"/tracks/{track['id']}"):
        assert "“Hello” is submitted" in await browser.see(path)


async def test_a_track_that_has_not_started_says_when_it_would_end(school: School) -> None:
    author, visitor = await school.person(), Browser(school)
    # Two assignments, each with ten hours to submit and ten to review.
    when_full = await school.track(author)
    assert "From then on it takes 40 hours." in await visitor.see(f"/tracks/{when_full['id']}")
    start = {"rule": "on_date", "at": "2030-01-03T12:00:00Z", "min_participants": 2}
    on_date = await school.track(author, start=start, iteration_hours=24)
    page = await visitor.see(f"/tracks/{on_date['id']}")
    assert "if the track starts on its date, it ends Sun, 6 Jan, 04:00 ." in page
    assert (
        "opens Thu, 3 Jan, 12:00 submit by Thu, 3 Jan, 22:00 review by Fri, 4 Jan, 08:00 improve by Sat, 5 Jan" in page
    )
    await school.advance(hours=72)
    assert "Planned dates" not in await visitor.see(f"/tracks/{on_date['id']}")


async def test_an_assignment_that_opened_early_says_so(school: School) -> None:
    author, *people = await school.people(4)
    track, (first, second) = await begun(school, author, people)
    for person in people:
        await person.submit(first)
    await school.advance(hours=10)
    await people[0].review_all(first)
    early, others = signed_in(school, people[0]), signed_in(school, people[1])
    for path in (f"/tracks/{track['id']}", f"/assignments/{second}"):
        assert "already open for you" in await early.see(path)
    assert "already open for you" not in await others.see(f"/tracks/{track['id']}")
    await school.advance(hours=10)
    assert "already open for you" not in await early.see(f"/assignments/{second}")


async def test_home_shows_those_who_may_start_a_track_that_its_date_was_missed(school: School) -> None:
    author, co_author, mentor, participant = await school.people(4)
    start = {"rule": "on_date", "at": "2030-01-03T12:00:00Z", "min_participants": 2}
    track = await school.track(author, required_participants=3, start=start)
    path = f"/tracks/{track['id']}"
    for person, role in ((co_author, "co_author"), (mentor, "mentor")):
        await author.ok("PUT", f"{path}/staff/{person.username}", json={"role": role})
    await participant.ok("POST", f"{path}/enroll", 201)
    asked = "Decide when the track starts The start date Thu, 3 Jan, 12:00 has passed"
    assert asked not in await signed_in(school, author).see("/")

    await school.advance(hours=72)
    for person in (author, co_author):
        assert asked in await signed_in(school, person).see("/")
    for person in (mentor, participant):
        assert asked not in await signed_in(school, person).see("/")

    await author.ok("PATCH", path, json={"start": {**start, "at": "2030-01-09T12:00:00Z"}})
    assert asked not in await signed_in(school, author).see("/")


@pytest.mark.parametrize(
    ("span", "language", "said"),
    [
        (timedelta(seconds=-3), "en", "0 s"),
        (timedelta(seconds=59), "en", "59 s"),
        (timedelta(minutes=119), "ru", "2 ч"),
        (timedelta(days=34, hours=11), "en", "34 d"),
    ],
)
def test_ages_are_shown_in_one_unit(span: timedelta, language: Language, said: str) -> None:
    assert format_age(span, language) == said


@pytest.mark.parametrize(
    ("count", "expected", "most"),
    [(1, "1 of 2 participants needed so far", 2), (2, "2 of 3 places taken", 3), (3, "3 of 3 places taken", 3)],
)
async def test_the_card_of_a_track_that_has_a_date_says_it_once(
    school: School, count: int, expected: str, most: int
) -> None:
    author, *people = await school.people(1 + count)
    start = {"rule": "on_date", "at": "2030-01-03T12:00:00Z", "min_participants": 2}
    track = await school.track(author, required_participants=3, start=start)
    for person in people:
        await person.ok("POST", f"/tracks/{track['id']}/enroll", 201)
    browser = signed_in(school, people[0])
    card = await browser.see("/")
    assert expected in card
    assert card.lower().count("starts thu, 3 jan") == 1
    # The bar is measured against the number that the text names.
    for path in ("/", "/tracks", f"/tracks/{track['id']}"):
        assert f'<progress value="{count}" max="{most}"' in (await browser.get(path)).text, path
