"""Roles of staff, and which tracks a user may know of."""

from pathlib import Path
from typing import get_args

import pytest

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.queries import assignments
from learning_platform.core.database import Connection
from learning_platform.enrollment.actions import enroll
from learning_platform.reviews.author.board import board
from learning_platform.tracks.access import access_to_track
from learning_platform.tracks.actions import TrackChange, cancel_track, delete_track, edit_track
from learning_platform.tracks.browsing import enrolling_tracks, newest_tracks, staffed_tracks
from learning_platform.tracks.filters import TrackFilter
from learning_platform.tracks.permissions import PERMISSIONS, Permission, permits, staff_with
from learning_platform.tracks.queries import VISITOR, track, tracks, tracks_of
from learning_platform.tracks.rules import NotTheAuthor, StaffRole, TrackNotFound
from learning_platform.web.schemas.common import MAX_ID
from tests import make

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize(("page", "yes"), [("rules.md", "yes"), ("rules.ru.md", "да")])
def test_every_role_may_what_the_rules_for_people_say(page: str, yes: str) -> None:
    section = (DOCS / page).read_text().split("tracks/permissions.py")[1].split("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("| `")]
    rows = {cells[1].strip(" `"): cells[3:6] for cells in (line.split("|") for line in table)}
    said = {
        name: {role for role, cell in zip(PERMISSIONS, cells, strict=True) if yes in cell}
        for name, cells in rows.items()
    }
    assert said == {each: {role for role in PERMISSIONS if permits(role, each)} for each in get_args(Permission)}


@pytest.mark.parametrize("role", ["co_author", "mentor"])
async def test_staff_oversee_a_track_unless_they_take_part(db: Connection, role: StaffRole) -> None:
    author_id, staff_id, other_id = await make.users(db, 3)
    track_id = await make.track(db, author_id=author_id)
    await make.staff(db, track_id, staff_id, role=role)
    access = await access_to_track(db, track_id=track_id, actor=Actor(staff_id))
    assert (access.oversees, access.staff_role) == (True, role)
    assert await board(db, access, ids=[], assignment_ids=[], now=make.NOON) == []
    assert not (await access_to_track(db, track_id=track_id, actor=Actor(other_id))).oversees
    await enroll(db, track_id=track_id, user_id=staff_id, now=make.NOON)
    assert not (await access_to_track(db, track_id=track_id, actor=Actor(staff_id))).oversees


async def test_a_co_author_edits_and_cancels_a_track_and_a_mentor_does_not(db: Connection) -> None:
    author_id, mentor, co_author = await make.users(db, 3)
    track_id = await make.track(db, author_id=author_id)
    await make.staff(db, track_id, mentor, role="mentor")
    await make.staff(db, track_id, co_author, role="co_author")
    change = TrackChange(title="Go basics")
    with pytest.raises(NotTheAuthor):
        await edit_track(db, track_id=track_id, actor=Actor(mentor), change=change)
    await edit_track(db, track_id=track_id, actor=Actor(co_author), change=change)
    with pytest.raises(NotTheAuthor):
        await delete_track(db, track_id=track_id, actor=Actor(co_author), now=make.NOON)
    await cancel_track(db, track_id=track_id, actor=Actor(co_author), now=make.NOON)


async def test_staff_with_a_permission_are_those_whose_role_has_it(db: Connection) -> None:
    author_id, mentor, co_author = await make.users(db, 3)
    track_id = await make.track(db, author_id=author_id)
    await make.staff(db, track_id, mentor, role="mentor")
    await make.staff(db, track_id, co_author, role="co_author")
    assert set(await staff_with(db, "settle", track_id=track_id)) == {author_id, mentor, co_author}
    assert set(await staff_with(db, "invite", track_id=track_id)) == {author_id, co_author}
    assert set(await staff_with(db, "hand_over", track_id=track_id)) == {author_id}


HIDDEN = ["update tracks set status = 'draft' where id = $1", "update tracks set visibility = 'private' where id = $1"]


@pytest.mark.parametrize("hide", HIDDEN)
async def test_a_draft_and_a_private_track_are_known_to_staff_and_participants_alone(db: Connection, hide: str) -> None:
    author_id, mentor, stranger, inside = await make.users(db, 4)
    track_id = await make.track(db, author_id=author_id)
    await make.staff(db, track_id, mentor, role="mentor")
    await enroll(db, track_id=track_id, user_id=inside, now=make.NOON)
    await db.execute(hide, track_id)
    for knows in (Actor(author_id), Actor(mentor), Actor(inside), Actor(stranger, is_admin=True)):
        assert (await track(db, track_id=track_id, viewer=knows, now=make.NOON)).id == track_id
        assert await _listed(db, knows) == [track_id]
        await access_to_track(db, track_id=track_id, actor=knows)
    for unknowing in (Actor(stranger), VISITOR):
        assert await _listed(db, unknowing) == []
        with pytest.raises(TrackNotFound):
            await track(db, track_id=track_id, viewer=unknowing, now=make.NOON)
        with pytest.raises(TrackNotFound):
            await access_to_track(db, track_id=track_id, actor=unknowing)
    with pytest.raises(TrackNotFound):
        await assignments(db, track_id=track_id, user_id=stranger, sees_all=False, now=make.NOON)
    with pytest.raises(TrackNotFound):
        await enroll(db, track_id=track_id, user_id=stranger, now=make.NOON)
    with pytest.raises(TrackNotFound):
        await cancel_track(db, track_id=track_id, actor=Actor(stranger), now=make.NOON)
    assert await enrolling_tracks(db, limit=9, now=make.NOON) == []


async def test_an_unlisted_track_is_found_by_its_address_alone(db: Connection) -> None:
    author_id, stranger = await make.users(db, 2)
    track_id = await make.track(db, author_id=author_id)
    await db.execute("update tracks set visibility = 'unlisted' where id = $1", track_id)
    assert await _listed(db, Actor(stranger)) == []
    assert (await track(db, track_id=track_id, viewer=VISITOR, now=make.NOON)).id == track_id
    await enroll(db, track_id=track_id, user_id=stranger, now=make.NOON)
    assert await _listed(db, Actor(stranger)) == [track_id]


async def test_the_tracks_of_staff_are_among_their_own(db: Connection) -> None:
    author_id, mentor = await make.users(db, 2)
    track_id = await make.track(db, author_id=author_id)
    await make.staff(db, track_id, mentor, role="mentor")
    mine = await tracks_of(db, user_id=mentor, after=0, limit=9, now=make.NOON)
    assert [(each.id, each.my_role) for each in mine] == [(track_id, "mentor")]
    assert [each.id for each in await staffed_tracks(db, user_id=mentor, limit=9, now=make.NOON)] == [track_id]


async def _listed(db: Connection, viewer: Actor) -> list[int]:
    """Return what lists have for a user; it has to be the same in each of them."""
    status = await db.fetchval("select status from tracks limit 1")
    lists = [
        {each.id for each in await tracks(db, TrackFilter(viewer, one, word), after=0, limit=9, now=make.NOON)}
        for one in (None, status)
        for word in (None, "Python")
    ]
    lists += [
        {
            each.id
            for each in await newest_tracks(db, TrackFilter(viewer, search=word), before=MAX_ID, limit=9, now=make.NOON)
        }
        for word in ("", "Python")
    ]
    assert all(each == lists[0] for each in lists)
    return sorted(lists[0])
