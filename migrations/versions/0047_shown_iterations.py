"""Schedule the notices about second iterations in the tracks that run, where there is still time for one."""

from alembic import op

revision = '0047'
down_revision = '0046'
branch_labels = None
depends_on = None

SCHEDULE = """
insert into scheduled_events (track_id, assignment_id, kind, due_at)
select a.track_id, a.id, 'iterations_shown', a.reviews_due_at from assignments a join tracks t on t.id = a.track_id
where t.status = 'running' and iteration_due_at(a.reviews_due_at, t.iteration_hours) > now()
on conflict do nothing
"""


def upgrade() -> None:
    op.execute(SCHEDULE)


def downgrade() -> None:
    op.execute("delete from scheduled_events where kind = 'iterations_shown'")
