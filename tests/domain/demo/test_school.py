"""The demo school, as those see it who sign in to look around."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from learning_platform.__main__ import main
from learning_platform.accounts.actions import register
from learning_platform.accounts.actor import Actor
from learning_platform.accounts.passwords import Passwords
from learning_platform.accounts.queries import credentials
from learning_platform.accounts.rules import UsernameTaken
from learning_platform.attempts.progress import progress_at
from learning_platform.attempts.queries import CurrentAssignment, current_assignment
from learning_platform.core.database import Connection, Database
from learning_platform.core.sweep import Sweeper
from learning_platform.demo.cohorts import COHORTS, FAST
from learning_platform.demo.courses_ru import SQL
from learning_platform.demo.people import PEOPLE, SIGN_INS
from learning_platform.demo.school import PASSWORD, Filled, fill
from learning_platform.demo.voices import VOICES
from learning_platform.enrollment.actions import enroll
from learning_platform.enrollment.declining import declinable_places
from learning_platform.enrollment.waiting_list import waiting, waits_of
from learning_platform.notifications.queries import inbox, unread_state
from learning_platform.people.invitations import invitations
from learning_platform.people.listing import people
from learning_platform.reviews.queries import criteria, received_reviews
from learning_platform.scheduler import SWEEPS
from learning_platform.tracks.access import access_of_viewer
from learning_platform.tracks.filters import TrackFilter
from learning_platform.tracks.queries import Track, tracks
from tests.conftest import NOON, cloned_database

pytestmark = pytest.mark.anyio

# Just before the hour, when notifications on the hour are oldest.
NOW = NOON + timedelta(minutes=59, seconds=30)
COUNTS = """
select (select count(*) from users), (select count(*) from tracks), (select count(*) from submissions),
    (select count(*) from claims), (select count(*) from reviews), (select count(*) from diary_entries),
    (select count(*) from notifications), (select sum(read_up_to) from inboxes)
"""
WRONGLY_COUNTED = """
select id from submissions s
where review_count <> (select count(*) from claims c where c.submission_id = s.id and c.counts)
union all
select id from attempts m
where reviews_done <> (select count(*) from reviews r where r.assignment_id = m.assignment_id
    and r.reviewer_id = m.user_id)
union all
select id from tracks t where participants_count <> (select count(*) from participants p where p.track_id = t.id)
"""
LINKS = "select repo_url, username from submissions s join users u on u.id = s.user_id where repo_url is not null"
SNAPSHOTS = """
select n.state, n.origin, count(*) from submissions s join snapshots n on n.id = s.snapshot_id group by 1, 2
"""
SECOND_ITERATIONS = """
select count(*) from submission_versions second join submissions s on s.id = second.submission_id
    join snapshots first_code on first_code.id = s.snapshot_id
    join snapshots second_code on second_code.id = second.snapshot_id
where second.iteration = 2 and first_code.tree_id <> second_code.tree_id
"""
EQUAL_CODE = """
select a.title from submissions s join snapshots n on n.id = s.snapshot_id join assignments a on a.id = s.assignment_id
    join starters b on b.assignment_id = a.id join snapshots c on c.id = b.snapshot_id
where n.tree_id <> c.tree_id group by a.id, n.tree_id having count(*) > 1
"""
TIMES_IN_THE_ORDER_OF_IDS = """
select a.created_at from notifications n join announcements a on a.id = n.announcement_id
where a.type not in ('review_received', 'submission_returned', 'comment_received', 'comment_answered')
    and not starts_with(a.type, 'question_')
order by n.id
"""


@pytest.fixture(scope="module")
async def filled(server: str, template: str) -> AsyncIterator[Database]:
    """A database with the demo school, the track to watch too."""
    async with cloned_database(server, template) as url:
        database = await Database.open(url, size=2)
        assert await fill(database, fast=True, now=NOW) == Filled(school=True, fast_track=True)
        yield database
        await database.close()


@pytest.fixture
async def db(filled: Database) -> AsyncIterator[Connection]:
    """Connect to it; whatever the test writes is rolled back."""
    async with filled.connection() as connection:
        transaction = connection.transaction()
        await transaction.start()
        yield connection
        await transaction.rollback()


async def user_id_of(db: Connection, username: str) -> int:
    user_id = (await credentials(db, login=username)).id
    assert user_id is not None
    return user_id


async def all_tracks(db: Connection, username: str = "admin") -> list[Track]:
    viewer_id = await user_id_of(db, username)
    return await tracks(db, TrackFilter(Actor(viewer_id)), after=0, limit=200, now=NOW)


async def where_is(db: Connection, username: str) -> list[CurrentAssignment]:
    """Return the assignments a user is at, on tracks that run."""
    running = [track for track in await all_tracks(db, username) if track.enrolled and track.status == "running"]
    user_id = await user_id_of(db, username)
    return [await current_assignment(db, track_id=track.id, user_id=user_id, now=NOW) for track in running]


async def test_there_are_tracks_in_every_state(db: Connection) -> None:
    statuses = Counter(track.status for track in await all_tracks(db))
    assert statuses == {"finished": 2, "running": 4, "cancelled": 1, "enrolling": 6}


async def test_the_last_place_of_some_tracks_is_free(db: Connection) -> None:
    gathering = [track for track in await all_tracks(db) if track.status == "enrolling"]
    free = Counter(track.required_participants - track.participants_count for track in gathering)
    assert free[1] == 3
    assert max(free) > 5


async def test_people_are_invited_by_a_list_to_tracks_with_free_places(db: Connection) -> None:
    [track, *others] = [track for track in await all_tracks(db) if track.status == "enrolling"]
    author = Actor(await user_id_of(db, track.author_name))
    listed = await invitations(db, track_id=track.id, actor=author, after=0, limit=9, now=NOW)
    assert [(each.state, each.delivery) for each in listed] == [
        ("open", "sent"),
        ("open", "sent"),
        ("open", "failed"),
        ("withdrawn", "sent"),
    ]
    assert [each.opened_at is not None for each in listed] == [True, False, False, False]
    assert others


async def test_alice_has_something_to_hand_in_and_something_to_review(db: Connection) -> None:
    here = {each.state: each for each in await where_is(db, "alice")}
    assert here["open"].submission is None
    assert (here["review"].reviews_done, here["review"].reviews_required) == (1, 3)


async def test_alice_can_decline_a_place_and_bob_is_second_on_the_waiting_list(db: Connection) -> None:
    alice, bob = [await user_id_of(db, name) for name in ("alice", "bob")]
    day = timedelta(hours=24)
    (place,) = await declinable_places(db, user_id=alice, within=day, now=NOW)
    waits = await waits_of(db, user_id=bob, limit=9, now=NOW)
    assert [(each.track_id, each.position, each.may_move_up) for each in waits] == [(place.track_id, 2, True)]


async def test_participants_who_have_submitted_nothing_can_be_replaced(db: Connection) -> None:
    [track] = [track for track in await all_tracks(db, "author") if track.title == SQL.title]
    access = access_of_viewer(track, actor=Actor(await user_id_of(db, "author")))
    idle = await people(db, access, state="enrolled", has_submitted=False, search="", after=0, limit=9)
    assert {"roman_z", "kirill.s"} <= {each.username for each in idle}
    assert [each.position for each in await waiting(db, track_id=track.id, limit=9)] == [1, 2]


async def test_no_link_names_the_author_of_a_submission(db: Connection) -> None:
    links = await db.fetch(LINKS)
    accounts = [url.split("/")[3] for url, _ in links]
    assert len(set(accounts)) == len(links) > 10
    assert [url for url, username in links if username in url] == []


async def test_code_is_handed_in_by_every_way_and_one_link_waits(db: Connection) -> None:
    found = {(state, origin): count for state, origin, count in await db.fetch(SNAPSHOTS)}
    assert set(found) == {
        *(("frozen", origin) for origin in ("push", "archive", "link")),
        *((state, "link") for state in ("waiting", "failed")),
    }
    assert found["waiting", "link"] == 1


async def test_participants_who_hand_in_only_the_starter_are_warned(db: Connection) -> None:
    warned = await db.fetch("select user_id from snapshots where warnings ? 'starter_only'")
    assert {row[0] for row in warned} == {await user_id_of(db, name) for name in ("andrey.kozlov", "ines.costa")}


async def test_participants_hand_in_different_code_but_for_the_pairs_that_staff_find(db: Connection) -> None:
    pairs = sum(len(cohort.copies) for cohort in COHORTS)
    assert len(await db.fetch(EQUAL_CODE)) == pairs > 0


async def test_a_reported_answer_waits_for_the_author(db: Connection) -> None:
    assert await db.fetchval("select count(*) from question_posts where reported_at is not null") == 1


async def test_a_second_iteration_differs_from_the_first(db: Connection) -> None:
    second = await db.fetchval("select count(*) from submission_versions where iteration = 2")
    assert await db.fetchval(SECOND_ITERATIONS) == second > 3


async def test_reviewers_comment_on_lines_and_authors_answer(db: Connection) -> None:
    kinds = Counter(row[0] for row in await db.fetch("select kind from threads where sent_at is not null"))
    roles = Counter(row[0] for row in await db.fetch("select role from thread_messages"))
    states = Counter(row[0] for row in await db.fetch("select state from threads"))
    assert set(kinds) == {"problem", "question", "praise", "note"}
    assert set(states) == {"open", "fixed", "declined", "settled"}
    assert roles["author"] > 10
    assert await db.fetchval("select count(*) from threads where first_line is not null") > 100


async def test_the_author_has_a_reported_message_to_look_at(db: Connection) -> None:
    reported = await db.fetch(
        """select t.author_id from message_reports r join thread_messages m on m.id = r.message_id
        join threads h on h.id = m.thread_id join submissions s on s.id = h.submission_id
        join assignments a on a.id = s.assignment_id join tracks t on t.id = a.track_id"""
    )
    assert await user_id_of(db, "author") in {row["author_id"] for row in reported}


async def test_bob_has_handed_in_and_done_his_reviews_early(db: Connection) -> None:
    assert Counter(each.state for each in await where_is(db, "bob")) == {"submitted": 1, "open": 1}


@pytest.mark.parametrize("username", ["alice", "bob"])
async def test_a_user_who_finished_a_track_sees_results(db: Connection, username: str) -> None:
    user_id = await user_id_of(db, username)
    finished = [track for track in await all_tracks(db, username) if track.enrolled and track.status == "finished"]
    first = await db.fetchval("select min(id) from assignments where track_id = $1", finished[0].id)
    here = await progress_at(db, assignment_id=first, user_id=user_id, now=NOW)
    received = await received_reviews(db, here, rubric=await criteria(db, assignment_id=first), now=NOW)
    assert received.result is not None
    assert received.result.reviews_count >= 2


async def test_people_are_reviewing_on_both_tracks_where_reviewing_is_under_way(db: Connection) -> None:
    held = await db.fetch("select assignment_id from claims where state = 'open' and claimed_until > $1", NOW)
    assert len({row["assignment_id"] for row in held}) == 2


async def test_the_author_has_an_appeal_to_settle(db: Connection) -> None:
    open_appeals = await db.fetch(
        """select t.author_id from appeals p join assignments a on a.id = p.assignment_id
        join tracks t on t.id = a.track_id where p.settled_at is null"""
    )
    assert [row["author_id"] for row in open_appeals] == [await user_id_of(db, "author")]


async def test_diaries_are_private_and_shared(db: Connection) -> None:
    kept = Counter(row[0] for row in await db.fetch("select visibility from diary_entries"))
    assert set(kept) == {"private", "track"}


async def test_inboxes_are_read_in_part(db: Connection) -> None:
    alice = await user_id_of(db, "alice")
    received = await inbox(db, user_id=alice, after=0, limit=200)
    assert 0 < (await unread_state(db, user_id=alice)).count < len(received)


async def test_nothing_is_overdue(filled: Database) -> None:
    assert await Sweeper(filled, SWEEPS, lambda: NOW).overdue_since(NOW) is None


async def test_nothing_has_happened_that_is_still_to_come(db: Connection) -> None:
    times = [row[0] for row in await db.fetch(TIMES_IN_THE_ORDER_OF_IDS)]
    assert times == sorted(times)
    assert times[-1] <= NOW


async def test_everything_counted_is_counted_right(db: Connection) -> None:
    assert await db.fetch(WRONGLY_COUNTED) == []


async def test_the_password_shown_is_that_of_every_account_shown(db: Connection) -> None:
    passwords = Passwords()
    for username in SIGN_INS:
        found = await credentials(db, login=username)
        assert await passwords.is_correct(PASSWORD, found.password_hash)
    passwords.close()


async def test_the_track_to_watch_starts_when_alice_enrolls(db: Connection) -> None:
    waiting = next(track for track in await all_tracks(db, "alice") if track.title == FAST.draft.title)
    assert not waiting.enrolled
    enrollment = await enroll(db, track_id=waiting.id, user_id=await user_id_of(db, "alice"), now=NOW)
    assert enrollment.track_started


async def test_a_second_run_changes_nothing(filled: Database) -> None:
    async with filled.connection() as db:
        before = await db.fetchrow(COUNTS)
        assert await fill(filled, fast=True, now=NOW) == Filled(school=False, fast_track=False)
        assert await db.fetchrow(COUNTS) == before


async def test_a_track_to_watch_can_be_added_later_and_again_once_the_last_has_started(database_url: str) -> None:
    database = await Database.open(database_url, size=2)
    assert await fill(database, fast=False, now=NOW) == Filled(school=True, fast_track=False)
    assert await fill(database, fast=True, now=NOW) == Filled(school=False, fast_track=True)
    async with database.transaction() as db:
        waiting = next(track for track in await all_tracks(db) if track.title == FAST.draft.title)
        await enroll(db, track_id=waiting.id, user_id=await user_id_of(db, "alice"), now=NOW)
    assert await fill(database, fast=True, now=NOW) == Filled(school=False, fast_track=True)
    await database.close()


async def test_where_another_user_is_called_alice_nothing_is_added(database_url: str) -> None:
    database = await Database.open(database_url, size=2)
    async with database.transaction() as db:
        await register(db, email="a@b.example", username="Alice", password_hash="-", locale="en", now=NOW)
    with pytest.raises(UsernameTaken):
        await fill(database, fast=False, now=NOW)
    async with database.connection() as db:
        assert tuple(await db.fetchrow(COUNTS) or ())[:2] == (1, 0)
    await database.close()


def test_production_refuses_the_demo(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("data")
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("SECRET_KEY", "0123456789abcdef0123456789abcdef")
    monkeypatch.setenv("DATA_DIR", str(folder))
    assert main(["demo"]) == 2
    assert "the embedded database is for development only" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_every_participant_is_a_user_of_the_school() -> None:
    names = {person.username for person in PEOPLE}
    for cohort in (*COHORTS, FAST):
        assert {cohort.author, *cohort.people, *cohort.rhythms} <= names


def test_reviewers_have_something_to_say_about_every_criterion() -> None:
    for cohort in COHORTS:
        assert {criterion.name for criterion in cohort.draft.criteria} <= set(VOICES[cohort.language].about)
