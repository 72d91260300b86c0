"""Questions under an assignment: ask, answer, find, moderate; and what participants see of them when."""

import re

import pytest

from learning_platform.questions import rules
from tests.domain.reviews.scene import Scene, come, hand_in, running
from tests.people import Json, Person, School
from tests.web.pages.browsing import signed_in

pytestmark = pytest.mark.anyio
LINK = "https://git.example/alice/secret-repo"


async def ask(scene: Scene, person: Person, *, title: str = "Hyphens", text: str = "One word or two?") -> Json:
    """Ask under the first assignment."""
    path = f"/assignments/{scene.assignment_id}/questions"
    return await person.ok("POST", path, 201, json={"title": title, "text": text})


async def test_a_question_is_asked_answered_found_and_settled(school: School) -> None:
    scene = await running(school)
    asker, other = scene.people[:2]
    asked = await ask(scene, asker)
    path = f"/questions/{asked['id']}"
    assert "question_asked" in await scene.author.notification_types()
    listed = f"/tracks/{scene.track_id}/questions"
    assert (await other.ok("GET", f"{listed}/new"))["new"] == 1
    await other.ok("POST", f"{listed}/read", 204)
    assert (await other.ok("GET", f"{listed}/new"))["new"] == 0
    answered = await scene.author.ok("POST", f"{path}/answers", 201, json={"text": "Two words."})
    assert [each["writer"] for each in answered["answers"]] == [scene.author.username]
    assert "question_answered" in await asker.notification_types()
    assert "question_answered" not in await other.notification_types()
    for query, found in [("q=words", 1), ("q=hyphen", 1), ("q=comma", 0), ("unanswered=true", 1), ("mine=true", 0)]:
        assert len(await other.ok("GET", f"{listed}?{query}")) == found, query
    await other.refused("POST", f"{path}/state", 403, "not_your_post", json={"answered": True})
    assert (await asker.ok("POST", f"{path}/state", json={"answered": True}))["is_answered"]
    assert await other.ok("GET", f"{listed}?unanswered=true") == []
    await asker.refused("DELETE", path, 409, "has_answers")
    await asker.refused("PATCH", path, 412, "changed_meanwhile", json={"title": "x"}, headers={"If-Match": '"7"'})
    assert (await asker.ok("PATCH", path, json={"title": "Dashes"}))["title"] == "Dashes"
    await other.refused("PATCH", path, 403, "not_your_post", json={"title": "Mine"})


async def test_participants_learn_no_names_and_links_until_reviews_are_due_and_done(school: School) -> None:
    scene = await running(school)
    asker, other = scene.people[:2]
    text = f"I am {asker.username}, see {LINK} and www.alice.example, @{other.username}!"
    asked = await ask(scene, asker, title=f"By {asker.username}", text=text)
    path = f"/questions/{asked['id']}"
    await asker.ok("POST", f"{path}/answers", 201, json={"text": "Any ideas?"})
    searched = f"/tracks/{scene.track_id}/questions?q="

    hidden = (asker.username, other.username, "secret-repo", "alice.example")

    async def seen(reader: Person) -> set[str]:
        shown = str(await reader.ok("GET", path)) + str(await reader.ok("GET", searched))
        return {each for each in hidden if each in shown}

    assert "question_mentioned" in await other.notification_types()
    for stage in ("hand_in", "review"):
        assert await seen(other) == set()
        assert await other.ok("GET", searched + asker.username) == []
        assert await other.ok("GET", searched + "secret-repo") == []
        assert (await other.ok("GET", path))["question"]["created_at"].endswith("T00:00:00Z")
        assert await seen(scene.author) == set(hidden)
        if stage == "hand_in":
            await hand_in(scene, scene.people)
    await come(scene, "reviews_due_at")
    # A late reviewer does not see them yet either.
    assert await seen(other) == set()
    await other.review_all(scene.assignment_id)
    assert await seen(other) == set(hidden)


@pytest.mark.parametrize(("name", "shown"), [("author", "@author does page 0 count?"), ("teacher", "@author _hidden_")])
async def test_a_mention_of_staff_called_author_hides_nothing(school: School, name: str, shown: str) -> None:
    scene = await running(school)
    async with school.services.database.transaction() as db:
        await db.execute("update users set username = $2 where id = $1", scene.author.id, name)
    asked = await ask(scene, scene.people[0], text="@author does page 0 count?")
    assert (await scene.people[1].ok("GET", f"/questions/{asked['id']}"))["question"]["text"] == shown


async def test_only_names_that_may_be_seen_are_offered_to_be_mentioned(school: School) -> None:
    scene = await running(school)
    one, two = scene.people[:2]

    async def offered(person: Person) -> set[str]:
        page = (await signed_in(school, person).get(f"/assignments/{scene.assignment_id}/questions")).text
        return set(re.findall(r'data-name="([^"]+)"', page))

    assert await offered(one) == {scene.author.username}
    assert await offered(scene.author) == {each.username for each in scene.people}
    await come(scene, "due_at")
    assert await offered(two) == {scene.author.username}


async def test_questions_of_assignments_that_are_not_open_are_not_found(school: School) -> None:
    scene = await running(school)
    later, person = scene.assignment_ids[1], scene.people[0]
    asked = await scene.author.ok(
        "POST", f"/assignments/{later}/questions", 201, json={"title": "Part two", "text": "It is about trees."}
    )
    await person.refused("GET", f"/questions/{asked['id']}", 404, "question_not_found")
    await person.refused("GET", f"/assignments/{later}/questions", 409, "assignment_locked")
    assert await person.ok("GET", f"/tracks/{scene.track_id}/questions?q=trees") == []
    stranger = await school.person()
    await stranger.refused("GET", f"/questions/{asked['id']}", 404, "question_not_found")
    await stranger.refused("GET", f"/tracks/{scene.track_id}/questions", 403, "not_a_participant")


async def test_staff_pin_and_hide_what_was_reported(school: School) -> None:
    scene = await running(school)
    asker, other = scene.people[:2]
    first, second = await ask(scene, asker, title="First"), await ask(scene, asker, title="Second")
    listed = f"/tracks/{scene.track_id}/questions"
    await scene.author.ok("POST", f"/questions/{first['id']}/pin", json={"pinned": True})
    pages = [await other.ok("GET", f"{listed}?limit=1")]
    pages.append(await other.ok("GET", f"{listed}?limit=1&after={pages[0][0]['id']}"))
    assert [each["title"] for (each,) in pages] == ["First", "Second"]
    await other.refused("POST", f"/questions/{second['id']}/pin", 403, "not_the_author", json={"pinned": True})
    post = f"/posts/{second['question']['id']}"
    await other.ok("POST", f"{post}/report", 204, json={"reason": "spam"})
    await other.refused("POST", f"{post}/report", 409, "already_reported", json={})
    (reported,) = await scene.author.ok("GET", f"{listed}?reported=true")
    assert [each["reason"] for each in reported["question"]["reports"]] == ["spam"]
    await scene.author.ok("POST", f"{post}/visibility", 204, json={"hidden": True})
    seen = await other.ok("GET", f"/questions/{second['id']}")
    assert (seen["title"], seen["question"]["text"], seen["question"]["reports"]) == (None, None, [])
    assert await other.ok("GET", f"{listed}?q=second") == []


async def test_a_user_reports_a_post_once_and_is_reminded_that_they_did(school: School) -> None:
    scene = await running(school)
    asker, other, third = scene.people[:3]
    asked = await ask(scene, asker)
    page, report = f"/questions/{asked['id']}", f"/posts/{asked['question']['id']}/report"
    reporter = signed_in(school, other)
    assert "You reported this." not in await reporter.see(page)
    for _ in range(2):
        assert "Reported. The track's author will look at it." in await reporter.fill_in(report, reason="spam")
    assert "You reported this." in await reporter.see(page)
    assert report not in (await reporter.get(page)).text
    for reader in (asker, third, scene.author):
        assert "You reported this." not in await signed_in(school, reader).see(page)


async def test_a_button_on_a_page_does_what_it_says_and_nothing_else(school: School) -> None:
    scene = await running(school)
    asked = await ask(scene, scene.people[0])
    question, author = f"/questions/{asked['id']}", signed_in(school, scene.author)
    await author.fill_in(f"{question}/pin", pinned="true")
    await author.fill_in(f"{question}/pin", 422, pinned="perhaps")
    assert (await scene.author.ok("GET", question))["is_pinned"]
    answer = await author.fill_in(f"/posts/{asked['question']['id']}/visibility", hidden="true", back="//elsewhere")
    assert "elsewhere" not in answer
    assert (await scene.people[0].ok("GET", question))["question"]["is_hidden"]


async def test_what_is_muted_notifies_no_more_and_who_left_reads_nothing_new(school: School) -> None:
    scene = await running(school)
    asker, leaver = scene.people[:2]
    asked = await ask(scene, asker)
    await asker.ok("POST", f"/questions/{asked['id']}/mute", json={"muted": True})
    await scene.author.ok("POST", f"/questions/{asked['id']}/answers", 201, json={"text": f"@{asker.username}: two."})
    assert not {"question_answered", "question_mentioned"} & set(await asker.notification_types())
    await school.advance(hours=1)
    await leaver.ok("POST", f"/tracks/{scene.track_id}/leave", 204)
    await school.advance(hours=1)
    later = await ask(scene, asker, title="Later")
    await leaver.refused("GET", f"/questions/{later['id']}", 404, "question_not_found")
    refused = {"text": "I am gone"}
    await leaver.refused("POST", f"/questions/{asked['id']}/answers", 403, "not_a_participant", json=refused)
    await come(scene, "reviews_due_at", at=1)
    await asker.refused("POST", f"/questions/{asked['id']}/answers", 409, "track_over", json={"text": "Too late"})


async def test_own_posts_are_not_reported_and_answers_are_limited(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MAX_POSTS", 2)
    scene = await running(school)
    asker = scene.people[0]
    asked = await ask(scene, asker)
    report = f"/posts/{asked['question']['id']}/report"
    await asker.refused("POST", report, 409, "own_post", json={"reason": "Mine"})
    answers = f"/questions/{asked['id']}/answers"
    await asker.ok("POST", answers, 201, json={"text": "One"})
    await asker.refused("POST", answers, 409, "too_many_posts", json={"text": "Two"})
