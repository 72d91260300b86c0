"""Create, edit, copy, delete and cancel tracks; move deadlines."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.extensions import extend_deadline
from learning_platform.core.database import Connection
from learning_platform.enrollment.actions import enroll
from learning_platform.tracks.actions import (
    AssignmentDraft,
    TrackChange,
    cancel_track,
    copy_track,
    delete_track,
    edit_track,
)
from learning_platform.tracks.browsing import newest_tracks
from learning_platform.tracks.filters import TrackFilter
from learning_platform.tracks.queries import track as read_track
from learning_platform.tracks.queries import tracks, tracks_of
from learning_platform.tracks.rules import (
    AssignmentNotFound,
    CalendarOpen,
    CriteriaFixed,
    DeadlinePassed,
    NotTheAuthor,
    SeatsTaken,
    TrackNotFound,
    TrackOver,
    TrackStarted,
)
from tests import events, make
from tests.events import warn

HOUR = timedelta(hours=1)
CALENDAR = "select opens_at, due_at, reviews_due_at from assignments where id = $1"


async def edit(db: Connection, track_id: int, user_id: int, *, is_admin: bool = False, **change: object) -> None:
    await edit_track(
        db,
        track_id=track_id,
        actor=Actor(user_id, is_admin=is_admin),
        change=replace(TrackChange(), **change),  # type: ignore[arg-type]  # The fields are checked where they are named.
    )


async def extend(db: Connection, assignment_id: int, user_id: int, *, to: datetime, now: datetime) -> None:
    await extend_deadline(db, assignment_id=assignment_id, due_at=to, actor=Actor(user_id), now=now)


async def calendar_of(db: Connection, assignment_id: int) -> list[datetime]:
    return list(await db.fetchrow(CALENDAR, assignment_id) or ())


async def test_a_track_is_created_with_everything_in_its_order(db: Connection) -> None:
    author_id = await make.user(db, "alice")
    track_id = await make.track(db, author_id=author_id, durations=(1, 2, 3), places=7)
    track = await read_track(db, track_id=track_id, viewer=Actor(author_id), now=make.NOON)
    assert (track.title, track.status, track.required_participants) == ("Python basics", "enrolling", 7)
    assert (track.participants_count, track.assignments_count, track.author.username) == (0, 3, "alice")
    assert [(line["position"], line["name"], line["max_score"]) for line in track.criteria] == [
        (0, "Correctness", 10),
        (1, "Readability", 5),
    ]
    hours = await db.fetch("select duration_hours from assignments where track_id = $1 order by position", track_id)
    assert [row[0] for row in hours] == [1, 2, 3]


async def test_what_a_change_does_not_name_stays(db: Connection) -> None:
    author_id = await make.user(db)
    track_id = await make.track(db, author_id=author_id)
    await edit(db, track_id, author_id, title="Go basics")
    await edit(db, track_id, author_id, description="", required_participants=9, review_hours=0.5)
    track = await read_track(db, track_id=track_id, viewer=Actor(author_id), now=make.NOON)
    assert (track.title, track.description) == ("Go basics", "")
    assert (track.required_participants, track.review_hours, track.assignments_count) == (9, 0.5, 2)


async def test_assignments_are_replaced_as_a_whole(db: Connection) -> None:
    author_id = await make.user(db)
    track_id = await make.track(db, author_id=author_id, durations=(1, 2, 3))
    await edit(db, track_id, author_id, assignments=[AssignmentDraft("Only one", "", 4)])
    titles = await db.fetch("select title, position from assignments where track_id = $1", track_id)
    assert [tuple(row) for row in titles] == [("Only one", 0)]


async def test_only_the_author_and_administrators_change_a_track(db: Connection) -> None:
    author_id, mallory = await make.users(db, 2)
    track_id = await make.track(db, author_id=author_id)
    with pytest.raises(NotTheAuthor):
        await edit(db, track_id, mallory, title="Mine")
    with pytest.raises(NotTheAuthor):
        await delete_track(db, track_id=track_id, actor=Actor(mallory), now=make.NOON)
    with pytest.raises(NotTheAuthor):
        await cancel_track(db, track_id=track_id, actor=Actor(mallory), now=make.NOON)
    with pytest.raises(NotTheAuthor):
        await copy_track(db, track_id=track_id, actor=Actor(mallory), now=make.NOON)
    await edit(db, track_id, mallory, is_admin=True, title="Ours")


async def test_what_does_not_exist_is_not_found(db: Connection) -> None:
    user_id = await make.user(db)
    with pytest.raises(TrackNotFound):
        await edit(db, 10**12, user_id, title="x")
    with pytest.raises(TrackNotFound):
        await cancel_track(db, track_id=10**12, actor=Actor(user_id, is_admin=True), now=make.NOON)
    with pytest.raises(AssignmentNotFound):
        await extend(db, 10**12, user_id, to=make.NOON, now=make.NOON)


async def test_criteria_are_fixed_even_for_the_author_of_an_empty_track(db: Connection) -> None:
    author_id = await make.user(db)
    with pytest.raises(CriteriaFixed):
        await edit(db, await make.track(db, author_id=author_id), author_id, names_criteria=True)


async def test_places_are_not_taken_from_under_people(db: Connection) -> None:
    people = await make.users(db, 3)
    track_id = await make.track(db, author_id=people[0], places=5)
    for user_id in people:
        await enroll(db, track_id=track_id, user_id=user_id, now=make.NOON)
    with pytest.raises(SeatsTaken):
        await edit(db, track_id, people[0], required_participants=2)


async def test_a_track_that_runs_is_neither_edited_nor_deleted(db: Connection) -> None:
    people = await make.users(db, 2)
    track_id = await make.running_track(db, people)
    with pytest.raises(TrackStarted):
        await edit(db, track_id, people[0], title="Late")
    with pytest.raises(TrackStarted):
        await delete_track(db, track_id=track_id, actor=Actor(people[0]), now=make.NOON)


async def test_a_deleted_track_is_gone_and_its_participants_are_notified(db: Connection) -> None:
    author_id, bob = await make.users(db, 2)
    track_id = await make.track(db, author_id=author_id)
    await enroll(db, track_id=track_id, user_id=bob, now=make.NOON)
    await delete_track(db, track_id=track_id, actor=Actor(author_id), now=make.NOON)
    with pytest.raises(TrackNotFound):
        await read_track(db, track_id=track_id, viewer=Actor(author_id), now=make.NOON)
    assert await make.inbox(db, bob) == ["track_cancelled"]


async def test_a_copy_is_fresh_and_belongs_to_who_copies(db: Connection) -> None:
    people = await make.users(db, 2)
    admin = await make.user(db, role="admin")
    track_id = await make.running_track(db, people, durations=(1, 2))
    copy_id = await copy_track(db, track_id=track_id, actor=Actor(admin, is_admin=True), now=make.NOON + HOUR)
    copy = await read_track(db, track_id=copy_id, viewer=Actor(admin), now=make.NOON)
    assert (copy.status, copy.participants_count, copy.author_id) == ("enrolling", 0, admin)
    assert (copy.created_at, copy.started_at, copy.finishes_at) == (make.NOON + HOUR, None, None)
    assert [line["name"] for line in copy.criteria] == ["Correctness", "Readability"]
    assert copy.assignments_count == 2
    assert await db.fetchval("select count(due_at) from assignments where track_id = $1", copy_id) == 0


async def test_a_cancelled_track_notifies_its_participants_once_and_nothing_happens_to_it_any_more(
    db: Connection,
) -> None:
    people = await make.users(db, 2)
    track_id = await make.running_track(db, people)
    await cancel_track(db, track_id=track_id, actor=Actor(people[0]), now=make.NOON)
    assert (await make.inbox(db, people[1])).count("track_cancelled") == 1
    assert await events.pending(db, track_id) == []
    with pytest.raises(TrackOver):
        await cancel_track(db, track_id=track_id, actor=Actor(people[0]), now=make.NOON)


async def test_a_track_that_is_over_by_the_clock_is_not_cancelled(db: Connection) -> None:
    people = await make.users(db, 2)
    track_id = await make.running_track(db, people, durations=(10,), review_hours=10)
    with pytest.raises(TrackOver):
        await cancel_track(db, track_id=track_id, actor=Actor(people[0]), now=make.NOON + 20 * HOUR)


async def test_a_moved_deadline_moves_everything_after_it_by_the_same_time(db: Connection, now: datetime) -> None:
    people = await make.users(db, 2)
    track_id = await make.running_track(db, people, durations=(10, 10, 10), review_hours=10)
    first, second, third = await make.assignment_ids(db, track_id)
    before = {assignment_id: await calendar_of(db, assignment_id) for assignment_id in (first, second, third)}
    await extend(db, second, people[0], to=now + 33 * HOUR, now=now)

    assert await calendar_of(db, first) == before[first]
    opens_at, due_at, reviews_due_at = await calendar_of(db, second)
    assert opens_at == now + 20 * HOUR
    assert (due_at, reviews_due_at) == (now + 33 * HOUR, now + 43 * HOUR)
    assert await calendar_of(db, third) == [at + 3 * HOUR for at in before[third]]
    track = await read_track(db, track_id=track_id, viewer=Actor(people[0]), now=make.NOON)
    assert track.finishes_at == now + 63 * HOUR
    assert await db.fetchval("select duration_hours from assignments where id = $1", second) == 13
    assert (await make.inbox(db, people[1])).count("deadline_moved") == 1


async def test_a_user_who_was_warned_is_warned_again_only_of_a_time_still_to_come(
    db: Connection, now: datetime
) -> None:
    people = await make.users(db, 2)
    first, _ = await make.assignment_ids(db, await make.running_track(db, people))
    assert await warn(db, first, now + 8 * HOUR)
    await extend(db, first, people[0], to=now + 10.5 * HOUR, now=now + 9 * HOUR)
    assert not await warn(db, first, now + 10 * HOUR), "0.8 of ten and a half hours have gone by long since"
    await extend(db, first, people[0], to=now + 20 * HOUR, now=now + 9 * HOUR)
    assert not await warn(db, first, now + 15 * HOUR)
    assert await warn(db, first, now + 16 * HOUR)
    assert (await make.inbox(db, people[0])).count("deadline_warning") == 2


async def test_a_warning_that_is_overdue_is_not_lost_when_the_deadline_moves(db: Connection, now: datetime) -> None:
    people = await make.users(db, 2)
    first, _ = await make.assignment_ids(db, await make.running_track(db, people))
    await extend(db, first, people[0], to=now + 10.5 * HOUR, now=now + 9 * HOUR)
    assert await warn(db, first, now + 9 * HOUR)


async def test_a_deadline_is_moved_by_the_author_while_it_is_to_come(db: Connection, now: datetime) -> None:
    people = await make.users(db, 3)
    track_id = await make.track(db, author_id=people[0], places=2)
    (assignment_id, _) = await make.assignment_ids(db, track_id)
    with pytest.raises(CalendarOpen):
        await extend(db, assignment_id, people[0], to=now + 99 * HOUR, now=now)
    for user_id in people[1:]:
        await enroll(db, track_id=track_id, user_id=user_id, now=now)
    with pytest.raises(NotTheAuthor):
        await extend(db, assignment_id, people[1], to=now + 11 * HOUR, now=now)
    with pytest.raises(DeadlinePassed):
        await extend(db, assignment_id, people[0], to=now + 11 * HOUR, now=now + 10 * HOUR)
    with pytest.raises(TrackOver):
        await extend(db, assignment_id, people[0], to=now + 99 * HOUR, now=now + 40 * HOUR)


async def test_tracks_are_found_by_status_and_by_the_words_in_them(db: Connection) -> None:
    author_id = await make.user(db)
    python = await make.track(db, author_id=author_id, title="Основы Питона для начинающих")
    go = await make.track(db, author_id=author_id, title="Concurrency in Go")
    await cancel_track(db, track_id=go, actor=Actor(author_id), now=make.NOON)

    async def found(search: str | None = None, status: str | None = None) -> list[int]:
        page = await tracks(db, TrackFilter(Actor(author_id), status, search), after=0, limit=10, now=make.NOON)  # type: ignore[arg-type]  # A literal in the signature.
        return [track.id for track in page]

    assert await found() == [python, go]
    assert await found(status="enrolling") == [python]
    assert await found("питон") == [python]
    assert await found("НАЧИНАЮЩИЙ основа") == [python], "inflected forms are the same word"
    assert await found("concur") == [go], "the last word may be unfinished"
    assert await found("command-line go") == [go]
    assert await found("питон go") == []
    assert await found("go", status="enrolling") == []


@pytest.mark.parametrize(
    "typed", ["'", "\\", "a:*b", "!", "&|", "<->", "(((", ":*", "% _", "²", "ſ ŉ", "\u0301", "🐍", "a'b"]
)
async def test_whatever_is_typed_into_a_search_is_no_syntax(db: Connection, typed: str) -> None:
    await tracks(db, TrackFilter(Actor(await make.user(db)), search=typed), after=0, limit=10, now=make.NOON)


async def test_a_search_finds_what_is_far_and_what_is_near_each_once_and_in_order(db: Connection) -> None:
    author_id = await make.user(db)
    titles = ["Rust", "Python", "Python", "Haskell", "Python", "Haskell", "Python"]
    ids = [await make.track(db, author_id=author_id, title=title) for title in titles]

    async def pages(word: str, limit: int) -> list[list[int]]:
        found: list[list[int]] = []
        after = 0
        wanted = TrackFilter(Actor(author_id), search=word)
        while page := await tracks(db, wanted, after=after, limit=limit, now=make.NOON):
            found.append([track.id for track in page])
            after = found[-1][-1]
        return found

    async def newest(word: str, limit: int) -> list[list[int]]:
        found: list[list[int]] = []
        before = max(ids) + 1
        wanted = TrackFilter(Actor(author_id), search=word)
        while page := await newest_tracks(db, wanted, before=before, limit=limit, now=make.NOON):
            found.append([track.id for track in page])
            before = found[-1][-1]
        return found

    pythons = [ids[1], ids[2], ids[4], ids[6]]
    assert await pages("haskell", 1) == [[ids[3]], [ids[5]]]
    assert await pages("python", 1) == [[one] for one in pythons]
    assert await pages("python", 2) == [pythons[:2], pythons[2:]]
    assert await pages("python", 3) == [pythons[:3], pythons[3:]]
    assert await newest("rust", 1) == [[ids[0]]]
    assert await newest("python", 2) == [[ids[6], ids[4]], [ids[2], ids[1]]]


async def test_ones_own_tracks_are_those_taken_part_in_or_created(db: Connection) -> None:
    alice, bob = await make.users(db, 2)
    created = await make.track(db, author_id=alice)
    joined = await make.track(db, author_id=bob)
    both = await make.track(db, author_id=alice)
    await make.track(db, author_id=bob)
    for track_id in (joined, both):
        await enroll(db, track_id=track_id, user_id=alice, now=make.NOON)
    mine = await tracks_of(db, user_id=alice, after=0, limit=10, now=make.NOON)
    assert [(track.id, track.my_role) for track in mine] == [
        (created, "author"),
        (joined, "participant"),
        (both, "author"),
    ]
    assert [track.enrolled for track in mine] == [False, True, True]
    assert [track.id for track in await tracks_of(db, user_id=alice, after=created, limit=1, now=make.NOON)] == [joined]
