"""Actions that meet before reviews: enrolling, submitting, deadlines."""

from datetime import datetime
from functools import partial

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.actions import submit
from learning_platform.attempts.extensions import extend_deadline
from learning_platform.core.database import Connection
from learning_platform.diary.actions import edit_entry, write_entry
from learning_platform.enrollment import actions as enrollment
from learning_platform.enrollment import cohorts, declining, starting, waiting_list
from learning_platform.enrollment.editing import edit_track
from learning_platform.people.removal import replace_participant
from learning_platform.reviews.claims import claim
from learning_platform.reviews.leaving import leave_for_good
from learning_platform.tracks import actions as tracks
from learning_platform.tracks.actions import TrackChange
from learning_platform.tracks.start_rules import StartPlan
from learning_platform.tracks.starts import set_plan
from tests import events, make
from tests.concurrency.interleavings import World
from tests.concurrency.world_parts import (
    A_MILLISECOND,
    HOUR,
    STATE_OF_TRACKS,
    at_time,
    delete_account,
    give_time,
    name_of,
    review_next,
    sweep,
)


async def gathering(db: Connection) -> World:
    """Two of three places are taken."""
    author, second, third, fourth = await make.users(db, 4)
    track_id = await make.track(db, author_id=author, places=3)
    for user_id in (author, second):
        await enrollment.enroll(db, track_id=track_id, user_id=user_id, now=make.NOON)
    at, two_places = at_time(make.NOON), TrackChange(required_participants=2)
    own = {"track_id": track_id, "actor": Actor(author)}
    return World(
        [
            at("the third enrolls", enrollment.enroll, track_id=track_id, user_id=third),
            at("the fourth enrolls", enrollment.enroll, track_id=track_id, user_id=fourth),
            at("the second leaves", enrollment.leave, track_id=track_id, user_id=second),
            at("the author takes a place away", edit_track, **own, change=two_places),
            at("the author edits", edit_track, **own, change=_everything("Edited")),
            at("the track is cancelled", tracks.cancel_track, **own),
            at("the track is deleted", tracks.delete_track, **own),
            at("the track is copied", tracks.copy_track, **own),
            at("the second deletes the account", delete_account, user_id=second),
            at("the third deletes the account", delete_account, user_id=third),
        ],
        STATE_OF_TRACKS,
    )


async def full_with_waiting(db: Connection) -> World:
    """All places of a track with a date are taken, and two wait."""
    author, second, third, fourth, fifth = await make.users(db, 5)
    track_id = await make.track(db, author_id=author, places=2)
    date = make.NOON + 2 * HOUR
    await set_plan(db, track_id=track_id, plan=StartPlan("on_date", date), now=make.NOON)
    for user_id in (author, second):
        await enrollment.enroll(db, track_id=track_id, user_id=user_id, now=make.NOON)
    for user_id in (third, fourth):
        await waiting_list.join(db, track_id=track_id, user_id=user_id, now=make.NOON)
    before, after = at_time(date - A_MILLISECOND), at_time(date)
    own = {"track_id": track_id, "actor": Actor(author)}
    return World(
        [
            sweep("the start", starting.handle_due_start, track_id, date),
            before("the second leaves", enrollment.leave, track_id=track_id, user_id=second),
            before("the author leaves", enrollment.leave, track_id=track_id, user_id=author),
            before("the second declines", declining.decline, track_id=track_id, user_id=second, within=HOUR),
            before("the third waits no more", waiting_list.withdraw, track_id=track_id, user_id=third),
            before("the fifth enrolls", enrollment.enroll, track_id=track_id, user_id=fifth),
            before("the fifth waits", waiting_list.join, track_id=track_id, user_id=fifth),
            before("the author adds a place", edit_track, **own, change=TrackChange(required_participants=3)),
            before("the track is cancelled", tracks.cancel_track, **own),
            before("the third deletes the account", delete_account, user_id=third),
            before("the second deletes the account", delete_account, user_id=second),
            after("the fourth is let in", waiting_list.admit, user_id=fourth, **own),
        ],
        STATE_OF_TRACKS,
    )


async def start_due(db: Connection) -> World:
    """Three of four places are taken, and the date on which the track starts with three has come."""
    author, second, third, fourth, fifth = await make.users(db, 5)
    track_id = await make.track(db, author_id=author, places=4)
    date = make.NOON + 2 * HOUR
    plan = StartPlan("on_date", date, min_participants=3)
    await set_plan(db, track_id=track_id, plan=plan, now=make.NOON)
    for user_id in (author, second, third):
        await enrollment.enroll(db, track_id=track_id, user_id=user_id, now=make.NOON)
    before, after = at_time(date - A_MILLISECOND), at_time(date)
    own = {"track_id": track_id, "actor": Actor(author)}
    later = TrackChange(start=StartPlan("on_date", date + HOUR, min_participants=3))
    return World(
        [
            sweep("the start", starting.handle_due_start, track_id, date),
            before("the fourth enrolls", enrollment.enroll, track_id=track_id, user_id=fourth),
            after("the fifth enrolls", enrollment.enroll, track_id=track_id, user_id=fifth),
            before("the third leaves", enrollment.leave, track_id=track_id, user_id=third),
            before("the date is moved", edit_track, **own, change=later),
            before("the start is made one of a full track", edit_track, **own, change=TrackChange(start=StartPlan())),
            before("the author starts it", starting.start_now, **own),
            before("the track is cancelled", tracks.cancel_track, **own),
            before("the third deletes the account", delete_account, user_id=third),
        ],
        STATE_OF_TRACKS,
    )


def _everything(title: str) -> TrackChange:
    return TrackChange(title=title, assignments=[tracks.AssignmentDraft(f"{title} {n}", "", n) for n in (1, 2, 3)])


async def repeated(db: Connection) -> World:
    """A track runs, one waits for a place on it, and its next cohort opens; another waits no more."""
    author, second, third, fourth = await make.users(db, 4)
    track_id = await make.running_track(db, [author, second], author_id=author)
    for user_id in (third, fourth):
        await waiting_list.join(db, track_id=track_id, user_id=user_id, now=make.NOON)
    at = at_time(make.NOON + HOUR)
    own = {"track_id": track_id, "actor": Actor(author)}
    return World(
        [
            at("the next cohort opens", cohorts.open_next_cohort, **own),
            at("the third waits no more", waiting_list.withdraw, track_id=track_id, user_id=third),
            at("the fourth deletes the account", delete_account, user_id=fourth),
            at("the second leaves", leave_for_good, track_id=track_id, user_id=second),
            at("the third is let in", waiting_list.admit, user_id=third, **own),
            at("the track is cancelled", tracks.cancel_track, **own),
        ],
        STATE_OF_TRACKS,
    )


async def received_places(db: Connection) -> World:
    """Two have received their places from the waiting list of a track that runs, another has done nothing; two wait."""
    teacher, author, second, third, fourth, fifth = await make.users(db, 6)
    track_id = await make.running_track(db, [author, second, third], author_id=teacher)
    first, _ = await make.assignment_ids(db, track_id)
    for user_id in (fourth, fifth):
        await waiting_list.join(db, track_id=track_id, user_id=user_id, now=make.NOON)
    await db.execute("update participants set moved_up_at = $2 where user_id = any($1)", [second, third], make.NOON)
    at = at_time(make.NOON + HOUR)
    own = {"track_id": track_id, "actor": Actor(teacher)}
    place = {"username": await name_of(db, author), "admitted_id": fifth, "reason": "Away"}
    mine = {"assignment_id": first, "repo_url": "https://git.example/new", "comment": None}
    received = {"track_id": track_id, "within": 24 * HOUR}
    return World(
        [
            at("the second declines", declining.decline, user_id=second, **received),
            at("the third declines", declining.decline, user_id=third, **received),
            at("the first is replaced", replace_participant, **own, **place),
            at("the first hands in", submit, user_id=author, **mine),
            at("the third hands in", submit, user_id=third, **mine),
            at("the first leaves", leave_for_good, track_id=track_id, user_id=author),
            at("the fourth waits no more", waiting_list.withdraw, track_id=track_id, user_id=fourth),
            at("the fifth is let in", waiting_list.admit, user_id=fifth, **own),
            at("the fifth deletes the account", delete_account, user_id=fifth),
            at("the third deletes the account", delete_account, user_id=third),
            at("the track is cancelled", tracks.cancel_track, **own),
        ],
        STATE_OF_TRACKS,
    )


async def open_for_work(db: Connection) -> World:
    """Two have handed in, and the deadline is near: later for one of them."""
    author, second, third, fourth = people = await make.users(db, 4)
    teacher = await make.user(db)
    track_id = await make.running_track(db, people, author_id=teacher)
    first, _ = await make.assignment_ids(db, track_id)
    for user_id in (author, second):
        await make.hand_in(db, first, user_id)
    due_at = make.NOON + 10 * HOUR
    await give_time(db, first, await name_of(db, third), teacher, until=due_at + 2 * HOUR, now=make.NOON)
    before, after = at_time(due_at - A_MILLISECOND), at_time(due_at)
    shared = await write_entry(db, assignment_id=first, user_id=fourth, text="Ours", visibility="track", now=make.NOON)
    more = {"assignment_id": first, "to": await name_of(db, fourth), "by": teacher, "until": due_at + HOUR}
    mine = {"assignment_id": first, "repo_url": "https://git.example/new", "comment": None}
    own = {"actor": Actor(teacher)}
    return World(
        [
            before("the fourth hands in", submit, user_id=fourth, **mine),
            before("the second hands in again", submit, user_id=second, **mine),
            before("the third hands in", submit, user_id=third, **mine),
            sweep("the warning", events.warn, first, due_at),
            sweep("the deadline", events.close_hand_in, first, due_at),
            sweep("the third's warning", partial(events.warn, user_id=third), first, due_at),
            before("the deadline is moved", extend_deadline, assignment_id=first, due_at=due_at + HOUR, **own),
            before("the fourth is given time", give_time, **more),
            after("the fourth claims", claim, assignment_id=first, user_id=fourth, volunteers=False),
            before("the fourth writes", _write, assignment_id=first, user_id=fourth),
            before("the fourth makes an entry private", _make_private, entry_id=shared.id, user_id=fourth),
            before("the fourth leaves", leave_for_good, track_id=track_id, user_id=fourth),
            before("the fourth deletes the account", delete_account, user_id=fourth),
            before("the track is cancelled", tracks.cancel_track, track_id=track_id, **own),
        ],
        STATE_OF_TRACKS,
    )


async def own_deadline(db: Connection) -> World:
    """Reviewing has begun, except for one whose own deadline is near."""
    author, second, third, fourth = people = await make.users(db, 4)
    teacher = await make.user(db)
    track_id = await make.running_track(db, people, author_id=teacher)
    first, _ = await make.assignment_ids(db, track_id)
    for user_id in (author, second, fourth):
        await make.hand_in(db, first, user_id)
    due_at = make.NOON + 10 * HOUR
    own_due_at = due_at + 2 * HOUR
    await give_time(db, first, await name_of(db, third), teacher, until=own_due_at, now=make.NOON)
    assert await events.close_hand_in(db, first, due_at)
    await review_next(db, first, second, now=due_at)
    before, after = at_time(own_due_at - A_MILLISECOND), at_time(own_due_at)
    own = {"actor": Actor(teacher)}
    mine = {"assignment_id": first, "user_id": third}
    more = {"assignment_id": first, "by": teacher, "until": own_due_at + HOUR}
    return World(
        [
            before("the third hands in", submit, repo_url="https://git.example/new", comment=None, **mine),
            sweep("the third's deadline", partial(events.close_hand_in, user_id=third), first, own_due_at),
            after("the third claims", claim, volunteers=False, **mine),
            sweep("the third's reminder", partial(events.remind, user_id=third), first, own_due_at + HOUR),
            before("the third leaves", leave_for_good, track_id=track_id, user_id=third),
            before("the third is given more", give_time, to=await name_of(db, third), **more),
            before("the fourth is given time", give_time, to=await name_of(db, fourth), **more),
            before("the fourth claims", claim, assignment_id=first, user_id=fourth, volunteers=False),
            before("the second claims the last", claim, assignment_id=first, user_id=second, volunteers=False),
            before("the fourth leaves", leave_for_good, track_id=track_id, user_id=fourth),
            before("the third deletes the account", delete_account, user_id=third),
            before("the track is cancelled", tracks.cancel_track, track_id=track_id, **own),
        ],
        STATE_OF_TRACKS,
    )


async def _write(db: Connection, assignment_id: int, user_id: int, *, now: datetime) -> None:
    await write_entry(db, assignment_id=assignment_id, user_id=user_id, text="Mine", visibility="private", now=now)


async def _make_private(db: Connection, entry_id: int, user_id: int, *, now: datetime) -> None:
    await edit_entry(db, entry_id=entry_id, user_id=user_id, text=None, visibility="private", now=now)
