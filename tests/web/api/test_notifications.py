"""The inbox: all messages to a user, until they are read and after."""

from tests.people import School

NOTIFICATION = {
    "id",
    "type",
    "track_id",
    "assignment_id",
    "title",
    "text",
    "due_at",
    "submitted",
    "url",
    "created_at",
    "read",
}


async def test_the_inbox_shows_the_life_of_a_track_in_order(school: School) -> None:
    alice, bob = await school.people(2)
    track = await school.running_track(alice, [alice, bob])
    first, _ = await school.assignment_ids(alice, track)
    await alice.submit(first)
    await bob.submit(first)
    await school.advance(hours=8)
    await school.advance(hours=2)
    await bob.review_all(first)
    await school.advance(hours=8)
    await school.advance(hours=30)
    assert await alice.notification_types() == [
        "track_started",
        "assignment_opened",
        "deadline_warning",
        "review_started",
        "review_received",
        "reviews_overdue",
        "deadline_warning",
        "review_started",
        "track_finished",
    ]
    assert "reviews_overdue" not in await bob.notification_types(), "who is done is not reminded"
    inbox = await alice.ok("GET", "/notifications")
    assert all(set(each) == NOTIFICATION for each in inbox)
    assert {each["track_id"] for each in inbox} == {track["id"]}
    assert [each["submitted"] for each in inbox if each["type"] == "deadline_warning"] == [True, False]
    assert (inbox[2]["due_at"], inbox[2]["created_at"]) == ("2030-01-01T22:00:00Z", "2030-01-01T20:00:00Z")
    assert (inbox[2]["assignment_id"], inbox[0]["assignment_id"]) == (first, None)


async def test_messages_speak_the_readers_language_and_time(school: School) -> None:
    alice, bob = await school.person(language="en"), await school.person(language="ru")
    await bob.ok("PATCH", "/me", json={"time_zone": "Europe/Moscow"})
    await school.running_track(alice, [alice, bob])
    english, russian = [(await person.ok("GET", "/notifications"))[1] for person in (alice, bob)]
    assert "Tue, 1 Jan, 22:00" in english["text"]
    assert "ср, 2 янв., 01:00" in russian["text"]
    await alice.ok("PATCH", "/me", json={"locale": "ru", "time_zone": "Europe/Moscow"})
    assert (await alice.ok("GET", "/notifications"))[1]["text"] == russian["text"]


async def test_what_was_read_is_read_up_to_there_and_stays(campus: School) -> None:
    alice, bob = await campus.people(2)
    await campus.running_track(alice, [alice, bob])
    first, second = await alice.ok("GET", "/notifications")
    assert (first["read"], second["read"]) == (False, False)
    response = await alice.post("/notifications/read", json={"up_to": first["id"]})
    assert (response.status_code, response.content) == (204, b"")
    assert [each["read"] for each in await alice.ok("GET", "/notifications")] == [True, False]
    assert await alice.ok("GET", "/notifications", params={"unread": True}) == [second]
    await alice.ok("POST", "/notifications/read", 204, json={"up_to": 2**63 - 1})
    await alice.ok("POST", "/notifications/read", 204, json={"up_to": 1})
    assert await alice.ok("GET", "/notifications", params={"unread": True}) == []
    assert len(await alice.ok("GET", "/notifications")) == 2
    assert len(await bob.ok("GET", "/notifications", params={"unread": True})) == 2, "every user has their own"
    for wrong in ({}, {"up_to": 0}, {"up_to": -1}, {"up_to": "x"}, {"up_to": 2**63}):
        await alice.refused("POST", "/notifications/read", 422, "invalid_input", json=wrong)


async def test_what_comes_after_reading_everything_is_unread(campus: School) -> None:
    alice, bob = await campus.people(2)
    await alice.ok("POST", "/notifications/read", 204, json={"up_to": 2**63 - 1})
    await campus.running_track(alice, [alice, bob])
    assert len(await alice.ok("GET", "/notifications", params={"unread": True})) == 2


async def test_the_inbox_is_filtered_and_each_message_is_marked_on_its_own(campus: School) -> None:
    alice, bob = await campus.people(2)
    tracks = [await campus.running_track(alice, [alice, bob], title=title) for title in ("Python", "Go")]
    everything = await alice.ok("GET", "/notifications")
    of_go = await alice.ok("GET", "/notifications", params={"track_id": tracks[1]["id"]})
    assert [each["id"] for each in of_go] == [each["id"] for each in everything[2:]]
    params = {"type": ["track_started", "deadline_warning"]}
    started = await alice.ok("GET", "/notifications", params=params)
    assert [each["title"] for each in started] == ["“Python” has started", "“Go” has started"]
    await alice.refused("GET", "/notifications", 422, "invalid_input", params={"type": "nonsense"})
    changed = await alice.ok("PATCH", f"/notifications/{everything[1]['id']}", json={"read": True})
    assert changed == everything[1] | {"read": True}
    mark = {"up_to": everything[-1]["id"], "track_id": tracks[1]["id"]}
    await alice.ok("POST", "/notifications/read", 204, json=mark)
    assert await alice.ok("GET", "/notifications", params={"unread": True}) == everything[:1]
    await alice.ok("POST", "/notifications/read", 204, json={"up_to": mark["up_to"]})
    await alice.ok("PATCH", f"/notifications/{everything[2]['id']}", json={"read": False})
    assert await alice.ok("GET", "/notifications", params={"unread": True}) == everything[2:3]
    path = f"/notifications/{everything[0]['id']}"
    await bob.refused("PATCH", path, 404, "notification_not_found", json={"read": True})
    await alice.refused("PATCH", path, 422, "invalid_input", json={})
