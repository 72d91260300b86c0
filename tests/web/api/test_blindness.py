"""The API shows no reviewer the author of a submission, and no author a reviewer."""

import json

from tests.people import Json, Person, School

TELLING = {"user_id", "author", "author_id", "username", "email", "reviewer", "reviewer_id", "claimant", "participant"}


def keys(value: Json) -> set[str]:
    """Return every key in a JSON value, however deep."""
    if isinstance(value, dict):
        return set(value).union(*map(keys, value.values()))
    return set().union(*map(keys, value)) if isinstance(value, list) else set()


def ensure_blind(answer: Json, others: list[Person]) -> None:
    assert not keys(answer) & TELLING, keys(answer) & TELLING
    text = json.dumps(answer)
    for person in others:
        assert person.username not in text
        assert f"{person.username}@example.com" not in text


async def test_neither_side_of_a_review_finds_a_name_anywhere(school: School) -> None:
    names = ("quentin", "rosalind", "sebastian", "theodora")
    people = [await school.person(name) for name in names]
    author = await school.person("ulrike", role="author")
    track = await school.running_track(author, people)
    first, _ = await school.assignment_ids(people[0], track)
    for number, person in enumerate(people):
        await person.submit(first, f"https://git.example/work/{number}")
    await school.advance(hours=10)
    seen: dict[Person, list[Json]] = {person: [] for person in people}
    for person in people:
        while (claimed := await person.claim(first)).status_code == 200:
            work = claimed.json()
            seen[person].append(work)
            seen[person].append((await person.review(work, 3)).json())
            change = {"scores": [{"criterion_id": c["id"], "score": 0} for c in work["criteria"]], "comment": "no"}
            seen[person].append(await person.ok("PUT", f"/submissions/{work['submission_id']}/review", json=change))
    for person in people:
        seen[person] += [
            await person.ok("GET", f"/assignments/{first}/reviews"),
            await person.ok("GET", f"/assignments/{first}/submission"),
            await person.ok("GET", f"/assignments/{first}"),
            await person.ok("GET", f"/tracks/{track['id']}/assignments"),
            await person.ok("GET", f"/tracks/{track['id']}/assignments/current"),
            await person.ok("GET", "/notifications"),
        ]
        for answer in seen[person]:
            ensure_blind(answer, [other for other in people if other is not person])
        assert len(seen[person][-6]["reviews"]) == 3


async def test_no_participant_sees_in_the_results_who_is_reviewing_just_now(school: School) -> None:
    author, *people = await school.people(5)
    reviewer, onlooker, *_ = people
    track = await school.running_track(author, people)
    first, _ = await school.assignment_ids(author, track)
    for person in people:
        await person.submit(first)
    await school.advance(hours=10)

    async def shown_to(reader: Person) -> Json:
        rows = await reader.ok("GET", f"/tracks/{track['id']}/results")
        return next(row for row in rows if row["id"] == reviewer.id)["assignments"][0]

    before = await shown_to(onlooker)
    await reviewer.review_all(first)

    assert await shown_to(onlooker) == before
    assert before["reviews_done"] is None
    # Themselves and the track's author see it immediately.
    assert ((await shown_to(reviewer))["reviews_done"], (await shown_to(author))["reviews_done"]) == (3, 3)
    await school.advance(hours=24)
    assert (await shown_to(onlooker))["reviews_done"] == 3


async def test_no_participant_sees_in_the_results_when_others_hand_in(school: School) -> None:
    people = await school.people(3)
    track = await school.running_track(people[0], people)
    first, _ = await school.assignment_ids(people[0], track)
    await people[1].submit(first)

    def submitted(rows: Json) -> list[bool]:
        return [row["assignments"][0]["submitted"] for row in sorted(rows, key=lambda row: row["id"])]

    onlooker = people[2]
    assert submitted(await onlooker.ok("GET", f"/tracks/{track['id']}/results")) == [False, False, False]
    assert submitted(await people[1].ok("GET", f"/tracks/{track['id']}/results")) == [False, True, False]
    await school.advance(hours=10)
    assert submitted(await onlooker.ok("GET", f"/tracks/{track['id']}/results")) == [False, True, False]


async def test_the_order_of_reviews_says_nothing_of_who_was_first(school: School) -> None:
    people = await school.people(6)
    track = await school.running_track(people[0], people)
    first, _ = await school.assignment_ids(people[0], track)
    for person in people:
        await person.submit(first)
    await school.advance(hours=10)
    for person in people:
        await person.review_all(first)
    # Ids grow with time: shown in their order, reviews would say whose came when.
    shown = [await person.ok("GET", f"/assignments/{first}/reviews") for person in people]
    ids = [[review["id"] for review in received["reviews"]] for received in shown]
    assert any(each != sorted(each) for each in ids)


async def test_others_links_cannot_be_had_before_the_deadline(school: School) -> None:
    alice, bob = await school.people(2)
    track = await school.running_track(alice, [alice, bob])
    first, _ = await school.assignment_ids(alice, track)
    await bob.submit(first, "https://git.example/precious/work")
    school.clock.advance(hours=9, minutes=59)
    looked_at = [
        f"/tracks/{track['id']}",
        f"/tracks/{track['id']}/assignments",
        f"/tracks/{track['id']}/assignments/current",
        f"/assignments/{first}",
        f"/assignments/{first}/submission",
        f"/assignments/{first}/review/submission",
        f"/assignments/{first}/review/submission?volunteer=true",
        f"/assignments/{first}/reviews",
        f"/assignments/{first}/diary",
        f"/tracks/{track['id']}/results",
        "/notifications",
    ]
    for path in looked_at:
        response = await alice.get(path)
        assert response.status_code < 500
        assert "precious" not in response.text, path
    own = await bob.ok("GET", f"/assignments/{first}/submission")
    await alice.refused(
        "POST", f"/submissions/{own['id']}/review/return", 403, "not_yours_to_review", json={"reason": "other"}
    )


async def test_what_belongs_to_another_user_is_not_found(school: School) -> None:
    alice, bob = await school.people(2)
    track = await school.running_track(alice, [alice, bob])
    first, _ = await school.assignment_ids(alice, track)
    entry = await alice.ok("POST", f"/assignments/{first}/diary", 201, json={"text": "mine", "visibility": "track"})
    await bob.refused("PATCH", f"/diary/{entry['id']}", 404, "diary_entry_not_found", json={"text": "yours"})
    await bob.refused("DELETE", f"/diary/{entry['id']}", 404, "diary_entry_not_found")
    school.clock.advance(hours=99)
    (kept,) = await bob.ok("GET", f"/assignments/{first}/diary")
    assert kept["text"] == "mine"
