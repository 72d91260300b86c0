"""A track as people live it: home shows the one thing to do, and every step has its page."""

import re

import pytest

from tests.people import Json, Person, School
from tests.web.pages.browsing import Browser, signed_in

pytestmark = pytest.mark.anyio


async def running(school: School, people: list[Person], **changes: object) -> tuple[Json, int]:
    """Return a running track of these people and its first assignment."""
    track = await school.running_track(people[0], people, **changes)
    return track, (await school.assignment_ids(people[0], track))[0]


async def take(browser: Browser, assignment_id: int, **fields: str) -> str:
    """Take a work to review."""
    return await browser.fill_in(f"/assignments/{assignment_id}/review", **fields)


def review_fields(criteria: list[Json], scores: list[int | str], comment: str = "because") -> dict[str, object]:
    """Return a filled-in rubric."""
    fields: dict[str, object] = {"comment": comment}
    for index, (criterion, score) in enumerate(zip(criteria, scores, strict=True)):
        fields |= {f"scores-{index}-criterion_id": criterion["id"], f"scores-{index}-score": score}
    return fields


async def in_hand(person: Person, assignment_id: int) -> int:
    """Return the submission a reviewer has claimed."""
    work = await person.ok("GET", f"/assignments/{assignment_id}/review/submission")
    return int(work["submission_id"])


async def test_a_visitor_sees_what_this_is_and_which_tracks_gather_people(school: School) -> None:
    alice, bob = await school.people(2)
    track = await school.track(alice, required_participants=3)
    await bob.ok("POST", f"/tracks/{track['id']}/enroll", 201)
    page = await Browser(school).see("/")
    assert "Learn programming together" in page
    assert "1 of 3, starts when full" in page
    assert "Учитесь программировать вместе" in await Browser(school, language="ru").see("/")


async def test_a_visitor_finds_an_empty_place_with_a_word_about_it(school: School) -> None:
    assert "No tracks are open for enrollment." in await Browser(school).see("/")


async def test_taking_and_giving_back_a_place(school: School) -> None:
    alice, bob = await school.people(2)
    track = await school.track(alice)
    browser = signed_in(school, bob)
    path = f"/tracks/{track['id']}"
    assert "Enroll in this track?" in await browser.see(path)
    assert "You're enrolled." in await browser.fill_in(f"{path}/enroll")
    assert "Waiting for 4 more participants" in await browser.see("/")
    assert "Enrollment cancelled." in await browser.fill_in(f"{path}/leave")


async def test_the_last_place_starts_the_track_and_says_so(school: School) -> None:
    alice, bob = await school.people(2)
    track = await school.track(alice, required_participants=2)
    await alice.ok("POST", f"/tracks/{track['id']}/enroll", 201)
    browser = signed_in(school, bob)
    assert "This is the last place" in await browser.see(f"/tracks/{track['id']}")
    page = await browser.fill_in(f"/tracks/{track['id']}/enroll")
    assert "the track has started" in page
    assert "you are here" in page


async def test_enrolling_twice_leads_to_the_track_and_says_so(school: School) -> None:
    alice = await school.person()
    track = await school.track(alice)
    browser = signed_in(school, alice)
    await browser.fill_in(f"/tracks/{track['id']}/enroll")
    page = await browser.fill_in(f"/tracks/{track['id']}/enroll")
    assert "You are already enrolled in this track." in page
    assert "Cancel enrollment" in page


async def test_home_shows_the_one_thing_to_do_at_every_stage(school: School) -> None:
    people = await school.people(4)
    track, assignment_id = await running(school, people)
    browser = signed_in(school, people[0])
    home = await browser.see("/")
    assert "Submit “Hello”" in home
    assert "10 h left" in home
    await browser.fill_in(f"/assignments/{assignment_id}/submit", repo_url="https://git.example/a/b")
    assert "“Hello” is submitted" in await browser.see("/")
    for person in people[1:]:
        await person.submit(assignment_id)
    school.clock.advance(hours=10)
    assert "Review 3 submissions" in await browser.see("/"), "true before anything has noticed the deadline"
    await school.sweep()
    await people[0].review_all(assignment_id)
    assert "Submit “Goodbye”" in await browser.see("/")
    await school.advance(hours=30)
    assert "Finished tracks" in await browser.see("/")
    assert track["title"] in await browser.see("/")


async def test_the_first_thing_to_do_is_the_one_button_that_stands_out(school: School) -> None:
    people = await school.people(2)
    await running(school, people, title="Later", assignments=[{"title": "Slow", "duration_hours": 20}])
    _, sooner_id = await running(school, people, title="Sooner")
    page = (await signed_in(school, people[0]).get("/")).text
    buttons = re.findall(r'<a class="(button[^"]*)"[^>]* href="/assignments/(\d+)">', page)
    assert [kind for kind, _ in buttons] == ["button", "button quiet"]
    assert buttons[0][1] == str(sooner_id)


async def test_a_link_is_handed_in_replaced_and_its_history_kept(school: School) -> None:
    people = await school.people(2)
    _, assignment_id = await running(school, people)
    browser = signed_in(school, people[0])
    path = f"/assignments/{assignment_id}"
    assert "Submitted." in await browser.fill_in(f"{path}/submit", repo_url="https://git.example/a/first")
    page = await browser.fill_in(f"{path}/submit", repo_url="https://git.example/a/second")
    assert "Link replaced." in page
    assert "2 versions submitted" in page
    assert "git.example/a/first" in page


async def test_what_is_no_link_to_a_repository_is_refused_at_its_field(school: School) -> None:
    people = await school.people(2)
    _, assignment_id = await running(school, people)
    browser = signed_in(school, people[0])
    page = await browser.fill_in(f"/assignments/{assignment_id}/submit", 422, repo_url="my work", comment="look")
    assert "Enter a link that starts with http" in page
    assert "look" in page


async def test_after_the_deadline_the_form_says_so(school: School) -> None:
    people = await school.people(2)
    _, assignment_id = await running(school, people)
    browser = signed_in(school, people[0])
    school.clock.advance(hours=10)
    page = await browser.fill_in(f"/assignments/{assignment_id}/submit", 409, repo_url="https://git.example/a/b")
    assert "The deadline has passed." in page


async def test_a_stranger_sees_no_assignment(school: School) -> None:
    people = await school.people(2)
    _, assignment_id = await running(school, people)
    stranger = signed_in(school, await school.person())
    assert "Only participants" in await stranger.see(f"/assignments/{assignment_id}", 403)


async def test_a_rubric_is_filled_in_sent_and_revised(school: School) -> None:
    people = await school.people(4)
    track, assignment_id = await running(school, people)
    for person in people:
        await person.submit(assignment_id)
    await school.advance(hours=10)
    browser = signed_in(school, people[0])
    assert "3 reviews left to do" in await browser.see(f"/assignments/{assignment_id}/review")
    page = await take(browser, assignment_id)
    assert "Correctness" in page
    assert people[1].username not in page
    submission_id = await in_hand(people[0], assignment_id)
    sent = await browser.fill_in(f"/submissions/{submission_id}/review", **review_fields(track["criteria"], [9, 5]))
    assert "Review sent" in sent
    assert "1 of 3 reviews done" in sent
    fields = review_fields(track["criteria"], [10, 5]) | {"revise": "yes"}
    assert "Review saved." in await browser.fill_in(f"/submissions/{submission_id}/review", **fields)
    revised = await people[0].ok("GET", f"/submissions/{submission_id}/review")
    assert [each["score"] for each in revised["scores"]] == [10, 5]
    await school.advance(hours=10)
    shown = await browser.see(f"/submissions/{submission_id}/review")
    assert "The time to change this review has passed." in shown
    assert "Correctness 10 of 10" in shown
    assert "Save review" not in shown


async def test_a_refused_review_keeps_every_word(school: School) -> None:
    people = await school.people(4)
    track, assignment_id = await running(school, people)
    for person in people:
        await person.submit(assignment_id)
    await school.advance(hours=10)
    browser = signed_in(school, people[0])
    await take(browser, assignment_id)
    submission_id = await in_hand(people[0], assignment_id)
    unreasoned = review_fields(track["criteria"], [9, 5], comment="")
    assert "Explain why" in await browser.fill_in(f"/submissions/{submission_id}/review", 422, **unreasoned)
    incomplete = review_fields(track["criteria"], ["", 5], comment="A long thought.")
    page = await browser.fill_in(f"/submissions/{submission_id}/review", 422, **incomplete)
    assert "This field is required." in page
    assert "A long thought." in page
    # The address that the refusal left in the browser leads to the assigned reviews.
    assert "Your reviews" in await browser.see(f"/submissions/{submission_id}/review")


async def test_work_that_cannot_be_reviewed_is_handed_back(school: School) -> None:
    people = await school.people(5)
    _, assignment_id = await running(school, people)
    for person in people:
        await person.submit(assignment_id)
    await school.advance(hours=10)
    browser = signed_in(school, people[0])
    await take(browser, assignment_id)
    submission_id = await in_hand(people[0], assignment_id)
    page = await browser.fill_in(f"/submissions/{submission_id}/review/return", reason="broken")
    assert "Submission returned." in page
    await take(browser, assignment_id)
    assert await in_hand(people[0], assignment_id) != submission_id


async def test_no_user_opens_the_rubric_of_a_submission_that_is_not_assigned_to_them(school: School) -> None:
    people = await school.people(4)
    _, assignment_id = await running(school, people)
    for person in people:
        await person.submit(assignment_id)
    await school.advance(hours=10)
    await take(signed_in(school, people[0]), assignment_id)
    submission_id = await in_hand(people[0], assignment_id)
    other = signed_in(school, await school.person())
    assert (await other.get(f"/submissions/{submission_id}/review")).status_code == 404


async def test_feedback_opens_after_ones_own_reviews(school: School) -> None:
    people = await school.people(4)
    _, assignment_id = await running(school, people)
    for person in people:
        await person.submit(assignment_id)
    await school.advance(hours=10)
    for person in people[1:]:
        await person.review_all(assignment_id)
    browser = signed_in(school, people[0])
    assert "Finish your reviews first." in await browser.see(f"/assignments/{assignment_id}/reviews")
    await people[0].review_all(assignment_id)
    page = await browser.see(f"/assignments/{assignment_id}/reviews")
    assert "100%" in page
    assert "from 3 reviews" in page
    assert not any(person.username in page for person in people[1:])
    received = await people[0].ok("GET", f"/assignments/{assignment_id}/reviews")
    answered = await browser.fill_in(
        f"/reviews/{received['reviews'][0]['id']}/answer", helpful="true", assignment_id=assignment_id
    )
    assert "You found this review helpful." in answered
    appealed = await browser.fill_in(f"/assignments/{assignment_id}/appeal", text="Look again, please.")
    assert "No answer yet." in appealed


async def test_the_diary_is_written_edited_and_cleared(school: School) -> None:
    people = await school.people(2)
    _, assignment_id = await running(school, people)
    browser = signed_in(school, people[0])
    path = f"/assignments/{assignment_id}"
    assert "Generators are lazy" in await browser.fill_in(f"{path}/diary", text="Generators are lazy")
    (entry,) = await people[0].ok("GET", f"{path}/diary")
    assert "Iterators too" in await browser.fill_in(f"/diary/{entry['id']}/edit", text="Iterators too")
    assert "Entry deleted." in await browser.fill_in(f"/diary/{entry['id']}/delete", assignment_id=assignment_id)
    assert await people[0].ok("GET", f"{path}/diary") == []


async def test_the_inbox_is_read(school: School) -> None:
    people = await school.people(2)
    await running(school, people)
    browser = signed_in(school, people[0])
    page = await browser.see("/notifications")
    assert page.index("New assignment: “Hello”") < page.index("“Python basics” has started"), "the newest comes first"
    newest = (await people[0].ok("GET", "/notifications"))[-1]["id"]
    page = await browser.fill_in("/notifications/read", up_to=newest)
    assert "All messages are marked as read." in page
    assert " new " not in page


async def test_tracks_are_searched_filtered_and_paged(school: School) -> None:
    alice = await school.person()
    for number in range(26):
        await school.track(alice, title=f"Track number {number}")
    await school.track(alice, title="Основы Go", description="Сервисы и горутины")
    browser = signed_in(school, alice)
    assert "Основы Go" in await browser.see("/tracks?q=горутина")
    assert "No tracks found." in await browser.see("/tracks?q=haskell")
    assert "No tracks found." in await browser.see("/tracks?status=finished")
    first = await browser.see("/tracks")
    assert "Track number 25" in first
    assert "Track number 0 " not in first
    response = await browser.get("/tracks")
    following = response.text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert "Track number 0 " in await browser.see(following)


async def test_the_author_copies_cancels_and_deletes(school: School) -> None:
    people = await school.people(2)
    track, _ = await running(school, people)
    author, participant = signed_in(school, people[0]), signed_in(school, people[1])
    path = f"/tracks/{track['id']}"
    assert "Manage track" not in await participant.see(path)
    assert "Only the author" in await participant.fill_in(f"{path}/cancel", 403)
    copied = await author.fill_in(f"{path}/copy")
    assert "This is your copy." in copied
    assert "0 of 2, starts when full" in copied
    assert "Track cancelled" in await author.fill_in(f"{path}/cancel")
    assert "“Python basics” was cancelled" in await participant.see("/notifications")
    copy_id = (await people[0].ok("GET", "/tracks"))[-1]["id"]
    assert "Track deleted." in await author.fill_in(f"/tracks/{copy_id}/delete")


async def test_an_author_has_one_main_action_and_dangerous_ones_are_folded(school: School) -> None:
    people = await school.people(3)
    track = await school.track(people[0], required_participants=3)
    path, author = f"/tracks/{track['id']}", signed_in(school, people[0])

    async def managed() -> tuple[list[str], str]:
        manage = (await author.get(path)).text.partition('<section class="card manage">')[2].partition("</section>")[0]
        shown, _, folded = manage.partition('<details class="more">')
        return re.findall(r'class="button"[^>]*>([^<]+)<', shown), folded

    assert (await managed())[0] == ["Invite people"]
    assert "Delete track" in (await managed())[1]
    for person in people:
        await person.ok("POST", f"{path}/enroll", 201)
    assert (await managed())[0] == ["Dashboard"]
    assert "Cancel track" in (await managed())[1]
    await school.advance(hours=200)
    assert (await managed())[0] == ["Open the next cohort"]
    assert "danger" not in (await managed())[1]
