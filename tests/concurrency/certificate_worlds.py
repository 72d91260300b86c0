"""Actions that meet when a track is over and its certificates are issued, revoked and made valid again."""

from collections.abc import Sequence

from learning_platform.accounts.actor import Actor
from learning_platform.certificates.actions import restore, revoke, set_rule
from learning_platform.certificates.queries import certificates_of
from learning_platform.certificates.rules import CertificateRule
from learning_platform.certificates.sweeps import issue
from learning_platform.core.database import Connection
from learning_platform.reviews.leaving import leave_for_good
from learning_platform.tracks import actions as tracks
from tests import events, make
from tests.concurrency.interleavings import World
from tests.concurrency.world_parts import A_MILLISECOND, HOUR, STATE_OF_TRACKS, at_time, delete_account, sweep

STATE_OF_CERTIFICATES = f"""{STATE_OF_TRACKS}
union all select 'certificate', track_id, user_id::text, revoke_reason, submitted, reviewed, revoked_at::text
    from certificates
union all select 'rule', id, certificates_pending::text, null, certificate_submissions, certificate_reviews, null
    from tracks
"""
END = "select finishes_at from tracks where id = $1"
LENIENT = CertificateRule(submissions=50, reviews=0)


async def certificates_to_issue(db: Connection) -> World:
    """One track ends, one has ended without its certificates, and one has issued them."""
    teacher, holder, other = await make.users(db, 3)
    admin = await make.user(db, role="admin")
    ending, due, issued = [await _track(db, [holder, other], teacher=teacher) for _ in range(3)]
    end = await db.fetchval(END, ending)
    for track_id in (due, issued):
        assert await events.finish_track(db, track_id, end)
    assert await issue(db, issued, end)
    (certificate,) = await certificates_of(db, user_id=holder)
    before, after = at_time(end - A_MILLISECOND), at_time(end + HOUR)
    its, own = {"code": certificate.code}, {"actor": Actor(teacher)}
    return World(
        [
            sweep("the end", events.finish_track, ending, end),
            sweep("its certificates are issued", issue, ending, end),
            sweep("those due are issued", issue, due, end),
            before("the rule is made strict", set_rule, track_id=ending, rule=CertificateRule(100, 100), **own),
            before("the holder leaves", leave_for_good, track_id=ending, user_id=holder),
            before("the track is cancelled", tracks.cancel_track, track_id=ending, **own),
            after("the author revokes", revoke, reason="Copied", **its, **own),
            after("an administrator revokes", revoke, reason="Bought", actor=Actor(admin, is_admin=True), **its),
            after("the author restores", restore, **its, **own),
            after("the holder deletes the account", delete_account, user_id=holder),
        ],
        STATE_OF_CERTIFICATES,
    )


async def _track(db: Connection, people: Sequence[int], *, teacher: int) -> int:
    """Create a running track on which all but the last have done enough for a certificate."""
    track_id = await make.running_track(db, people, author_id=teacher)
    await set_rule(db, track_id=track_id, actor=Actor(teacher), rule=LENIENT, now=make.NOON)
    first, _ = await make.assignment_ids(db, track_id)
    for user_id in people[:-1]:
        await make.hand_in(db, first, user_id)
    return track_id
