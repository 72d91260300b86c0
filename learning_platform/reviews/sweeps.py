"""What time does to reviews: leases run out, and who still owes is reminded once."""

from datetime import datetime

from learning_platform.core.database import Connection
from learning_platform.core.sweep import Sweep
from learning_platform.reviews.claims import release

LEASES_DUE = """
select id, claimed_until from claims where state = 'open' and counts and claimed_until <= $1
order by claimed_until limit $2
"""
LEASES_UPCOMING = "select min(claimed_until) from claims where state = 'open' and counts and claimed_until > $1"
LAPSE = """
with lapsed as (
    select id, submission_id, assignment_id, reviewer_id from claims
    where id = $1 and state = 'open' and counts and claimed_until <= $2 for update skip locked
), freed as (
    update claims c set counts = false from lapsed where c.id = lapsed.id
)
select lapsed.submission_id, s.id as own_submission_id
from lapsed left join submissions s on s.assignment_id = lapsed.assignment_id and s.user_id = lapsed.reviewer_id
"""


async def lapse(db: Connection, claim_id: int, now: datetime) -> bool:
    """Let a submission go to others; who holds it may still review it."""
    row = await db.fetchrow(LAPSE, claim_id, now)
    if row is None:
        return False
    await release(db, submission_id=row["submission_id"], own_submission_id=row["own_submission_id"])
    return True


SWEEPS = (Sweep("leases", LEASES_DUE, LEASES_UPCOMING, lapse),)
