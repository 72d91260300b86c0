"""Certificates issued at the end of a track, and what may be done with it."""

from datetime import timedelta
from uuid import uuid4

import pytest

from learning_platform.accounts.actor import Actor
from learning_platform.certificates.actions import restore, revoke, set_rule
from learning_platform.certificates.queries import certificate, certificates_of, certificates_on, rule_of
from learning_platform.certificates.rules import AlreadyRevoked, CertificateNotFound, CertificateRule, is_earned
from learning_platform.certificates.sweeps import issue
from learning_platform.core.database import Connection
from learning_platform.reviews.leaving import leave_for_good
from learning_platform.tracks.access import access_to_track
from learning_platform.tracks.actions import copy_track
from learning_platform.tracks.rules import NotTheAuthor, TrackOver
from tests import make

FINISHED = make.NOON + timedelta(hours=40)
DONE = "update attempts set finished_at = $3 where user_id = $1 and assignment_id = $2"
OPEN = """
insert into attempts (track_id, assignment_id, user_id, opened_at) values ($1, $2, $3, $4)
"""
FINISH = "update tracks set status = 'finished' where id = $1"


async def finished_track(
    db: Connection, done: list[tuple[int, int]], *, rule: CertificateRule
) -> tuple[int, list[int]]:
    """Create a finished track of two assignments; of each participant, how many were submitted and reviewed."""
    author_id, *people = await make.users(db, len(done) + 1)
    track_id = await make.running_track(db, people, author_id=author_id)
    await set_rule(db, track_id=track_id, actor=Actor(author_id), rule=rule, now=make.NOON)
    tasks = await make.assignment_ids(db, track_id)
    for person, (submitted, reviewed) in zip(people, done, strict=True):
        for number, task in enumerate(tasks):
            if number > 0 and reviewed >= number:
                await db.execute(OPEN, track_id, task, person, make.NOON)
            if submitted > number:
                await make.submit_for_all(db, task, [person])
            if reviewed > number:
                await db.execute(DONE, person, task, FINISHED)
    await db.execute(FINISH, track_id)
    return track_id, [author_id, *people]


async def test_those_who_fulfil_the_rule_and_have_not_left_get_a_certificate(db: Connection) -> None:
    done = [(0, 0), (1, 0), (0, 1), (1, 1), (2, 1), (0, 2), (1, 2), (2, 2), (2, 2)]
    rule = CertificateRule(submissions=100, reviews=50)
    track_id, (_, *people) = await finished_track(db, done, rule=rule)
    await db.execute("update participants set left_at = $2 where user_id = $1", people[-1], make.NOON)
    assert await issue(db, track_id, FINISHED)
    holders = [person for person in people if await certificates_of(db, user_id=person)]
    assert holders == [
        person
        for person, (submitted, reviewed) in zip(people[:-1], done, strict=False)
        if is_earned(rule, assignments=2, submitted=submitted, reviewed=reviewed)
    ]
    assert [(each.submitted, each.reviewed) for each in await certificates_of(db, user_id=holders[0])] == [(2, 1)]
    assert "certificate_issued" in await make.inbox(db, holders[0])
    assert "certificate_issued" not in await make.inbox(db, people[0])


async def test_certificates_are_issued_once_and_never_before_the_end(db: Connection) -> None:
    author_id, *people = await make.users(db, 3)
    track_id = await make.running_track(db, people, author_id=author_id)
    await set_rule(db, track_id=track_id, actor=Actor(author_id), rule=CertificateRule(1, 0), now=make.NOON)
    assert not await issue(db, track_id, make.NOON)
    await db.execute(FINISH, track_id)
    assert await issue(db, track_id, FINISHED)
    assert not await issue(db, track_id, FINISHED)


async def test_a_revoked_certificate_says_why_and_can_be_restored(db: Connection) -> None:
    track_id, (author_id, holder, stranger) = await finished_track(db, [(2, 2), (0, 0)], rule=CertificateRule(80, 80))
    await issue(db, track_id, FINISHED)
    (issued,) = await certificates_of(db, user_id=holder)
    for unable in (holder, stranger):
        with pytest.raises(NotTheAuthor):
            await revoke(db, code=issued.code, actor=Actor(unable), reason="mine", now=FINISHED)
    await revoke(db, code=issued.code, actor=Actor(author_id), reason="copied", now=FINISHED)
    with pytest.raises(AlreadyRevoked):
        await revoke(db, code=issued.code, actor=Actor(author_id), reason="again", now=FINISHED)
    revoked = await certificate(db, code=issued.code)
    assert (revoked.revoked_at, revoked.revoke_reason) == (FINISHED, "copied")
    assert (await make.inbox(db, holder))[-1] == "certificate_revoked"
    await restore(db, code=issued.code, actor=Actor(author_id))
    assert (await certificate(db, code=issued.code)).revoked_at is None
    with pytest.raises(CertificateNotFound):
        await certificate(db, code=uuid4())


async def test_staff_see_the_certificates_of_their_track_and_a_copy_has_the_same_rule(db: Connection) -> None:
    rule = CertificateRule(submissions=50, reviews=0)
    track_id, (author_id, *people) = await finished_track(db, [(1, 0), (2, 1), (0, 0)], rule=rule)
    await issue(db, track_id, FINISHED)
    staff = await access_to_track(db, track_id=track_id, actor=Actor(author_id))
    first, second = await certificates_on(db, staff, after=0, limit=9)
    assert [each.user_id for each in (first, second)] == people[:2]
    assert await certificates_on(db, staff, after=first.id, limit=9) == [second]
    with pytest.raises(NotTheAuthor):
        await certificates_on(
            db, await access_to_track(db, track_id=track_id, actor=Actor(people[0])), after=0, limit=9
        )
    copy_id = await copy_track(db, track_id=track_id, actor=Actor(author_id), now=FINISHED)
    assert await rule_of(db, track_id=copy_id) == rule


async def test_the_rule_stands_when_the_track_is_over(db: Connection) -> None:
    track_id, (author_id, *_) = await finished_track(db, [(0, 0), (0, 0)], rule=CertificateRule(80, 80))
    with pytest.raises(TrackOver):
        await set_rule(db, track_id=track_id, actor=Actor(author_id), rule=None, now=FINISHED)


async def test_leaving_a_running_track_forfeits_the_certificate(db: Connection) -> None:
    people = await make.users(db, 3)
    track_id = await make.running_track(db, people)
    await set_rule(db, track_id=track_id, actor=Actor(people[0]), rule=CertificateRule(1, 0), now=make.NOON)
    await make.submit_for_all(db, (await make.assignment_ids(db, track_id))[0], people)
    await leave_for_good(db, track_id=track_id, user_id=people[1], now=make.NOON)
    await db.execute(FINISH, track_id)
    await issue(db, track_id, FINISHED)
    assert [len(await certificates_of(db, user_id=person)) for person in people] == [1, 0, 1]
