"""After a review its reviewer and the author of the submission write to each other, and appeals are taken back."""

import pytest

from tests.domain.reviews.code_scene import Claimed, claimed
from tests.domain.reviews.scene import come
from tests.people import Json, Person, School
from tests.web.pages.browsing import signed_in

pytestmark = pytest.mark.anyio


async def reviewed(school: School) -> tuple[Claimed, str]:
    """Return a work with two reviews, and where messages about the first go."""
    here = await claimed(school)
    other = await here.given_to(here.scene.people[2])
    for one in (here, other):
        await one.send()
    review = await here.reviewer.ok("GET", f"/submissions/{here.submission_id}/review")
    return here, f"/reviews/{review['id']}/messages"


async def texts(here: Claimed, reader: Person) -> list[str]:
    """Return what a person reads of the conversation."""
    threads: Json = await here.threads(reader)
    return [each["text"] for thread in threads if thread["is_about_review"] for each in thread["messages"]]


async def test_both_write_and_the_reviewer_reads_answers_when_reviews_are_due(school: School) -> None:
    here, path = await reviewed(school)
    await here.author.refused("POST", path, 409, "own_reviews_first", json={"text": "Thanks"})
    await here.author.review_all(here.scene.assignment_id)
    await here.author.ok("POST", path, 201, json={"text": f"Thanks, says {here.author.username}"})
    assert await texts(here, here.reviewer) == []
    written = await here.reviewer.ok("POST", path, 201, json={"text": "One more thing"})
    assert (written["is_own"], [each["text"] for each in written["messages"]]) == (True, ["One more thing"])
    # The reviews and their authors' own conversations are no concern of other reviewers.
    other = here.scene.people[2]
    await other.refused("POST", path, 404, "review_not_found", json={"text": "Me too"})
    await (await school.person()).refused("POST", path, 404, "review_not_found", json={"text": "x"})

    await come(here.scene, "reviews_due_at")

    assert await texts(here, here.reviewer) == ["Thanks, says _hidden_", "One more thing"]
    assert await texts(here, here.author) == [f"Thanks, says {here.author.username}", "One more thing"]
    assert await texts(here, here.scene.author) == await texts(here, here.author)
    assert await texts(here, other) == []
    assert "comment_received" in await here.author.notification_types()
    assert (await here.reviewer.notification_types()).count("comment_answered") == 1
    await come(here.scene, "reviews_due_at", at=1)
    await school.advance(hours=72)
    await here.author.refused("POST", path, 409, "track_over", json={"text": "x"})


async def test_reviewers_are_notified_once_of_the_answers_that_they_see_when_reviews_are_due(school: School) -> None:
    here = await claimed(school)
    other = await here.given_to(here.scene.people[2])
    threads = [await one.comment() for one in (here, other)]
    for one in (here, other):
        await one.send()
    await here.author.review_all(here.scene.assignment_id)
    early, late = (f"/threads/{thread['id']}/messages" for thread in threads)
    await here.author.ok("POST", early, 201, json={"text": "Early"})
    # Nothing ran when the reviews were due: an answer that came after that has a notice of its own.
    school.clock.advance(hours=10)
    await here.author.ok("POST", late, 201, json={"text": "Late"})
    assert "comment_answered" not in await here.reviewer.notification_types()
    for _ in range(2):
        await school.sweep()

    def answers(inbox: Json) -> list[str]:
        return [each["title"] for each in inbox if each["type"] == "comment_answered"]

    inboxes = [await person.ok("GET", "/notifications") for person in (here.reviewer, other.reviewer)]
    assert [answers(inbox) for inbox in inboxes] == [
        ["Answers to your comments on “Hello”"],
        ["Answer to your comment on “Hello”"],
    ]


async def test_on_pages_the_conversation_stands_below_the_review(school: School) -> None:
    here, path = await reviewed(school)
    await here.author.review_all(here.scene.assignment_id)
    await come(here.scene, "reviews_due_at")
    feedback, review = f"/assignments/{here.scene.assignment_id}/reviews", f"/submissions/{here.submission_id}/review"
    author, reviewer = signed_in(school, here.author), signed_in(school, here.reviewer)
    assert "Write to the reviewer" in await author.see(feedback)
    assert "Which branch?" in await author.fill_in(path, text="Which branch?", back=feedback)
    assert "Which branch?" in await reviewer.see(review)
    assert "The first." in await reviewer.fill_in(path, text="The first.", back=review)
    assert "The first." in await author.see(feedback)
    assert "Your message was not sent" in await reviewer.fill_in(path, 422, text="", back=review)
    message = (await here.threads(here.author))[0]["messages"][1]["id"]
    await here.author.ok("POST", f"/messages/{message}/report", 204, json={})


async def test_an_appeal_is_changed_and_withdrawn_until_it_is_settled(school: School) -> None:
    here, _ = await reviewed(school)
    await come(here.scene, "reviews_due_at")
    path = f"/assignments/{here.scene.assignment_id}/appeal"
    made = await here.author.ok("POST", path, 201, json={"text": "Unfair"})
    appeal = f"/appeals/{made['id']}"
    changed = await here.author.ok("PATCH", appeal, json={"text": "Unfair, see line 3"}, headers={"If-Match": '"1"'})
    assert (changed["id"], changed["text"]) == (made["id"], "Unfair, see line 3")
    seen = {"If-Match": '"1"'}
    await here.author.refused("PATCH", appeal, 412, "changed_meanwhile", json={"text": "x"}, headers=seen)
    for method in ("PATCH", "DELETE"):
        await here.reviewer.refused(method, appeal, 404, "appeal_not_found", json={"text": "x"})
    await here.author.ok("DELETE", appeal, 204)
    await here.author.refused("DELETE", appeal, 404, "appeal_not_found")
    again = await here.author.ok("POST", path, 201, json={"text": "Unfair after all"})
    await here.scene.author.ok("POST", f"/appeals/{again['id']}/settle", json={"text": "No."})
    for method in ("PATCH", "DELETE"):
        await here.author.refused(method, f"/appeals/{again['id']}", 409, "already_settled", json={"text": "x"})


async def test_reviewers_see_without_names_how_an_appeal_was_settled(school: School) -> None:
    here, _ = await reviewed(school)
    await here.author.review_all(here.scene.assignment_id)
    path = f"/assignments/{here.scene.assignment_id}/appeal"
    made = await here.author.ok("POST", path, 201, json={"text": "Unfair"})
    corrected = {"criterion_id": here.work["criteria"][0]["id"], "score": 8}
    answer = {"text": f"{here.author.username} is right.", "scores": [corrected]}
    await here.scene.author.ok("POST", f"/appeals/{made['id']}/settle", json=answer)
    review = f"/submissions/{here.submission_id}/review"
    assert (await here.reviewer.ok("GET", review))["settled_appeal"] is None
    await come(here.scene, "reviews_due_at")
    shown = (await here.reviewer.ok("GET", review))["settled_appeal"]
    assert shown["settlement"] == "_hidden_ is right."
    assert [(each["criterion_id"], each["score"]) for each in shown["scores"]] == [(corrected["criterion_id"], 8)]
    assert "T00:00:00" in shown["settled_at"]
    page = await signed_in(school, here.reviewer).see(review)
    assert "Appeal about this submission" in page
    assert here.author.username not in page
