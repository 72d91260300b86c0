"""Start tracks at their time."""

from learning_platform.core.sweep import Sweep
from learning_platform.enrollment.starting import handle_due_start

STARTS_DUE = """
select id, starts_at from tracks
where status = 'enrolling' and start_missed_at is null and starts_at <= $1 order by starts_at limit $2
"""
STARTS_UPCOMING = """
select min(starts_at) from tracks where status = 'enrolling' and start_missed_at is null and starts_at > $1
"""

SWEEPS = (Sweep("track_start", STARTS_DUE, STARTS_UPCOMING, handle_due_start),)
