"""Schedule the notice about answers in the tracks that run, where their reviews are not due yet."""

from alembic import op

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

SCHEDULE = """
insert into scheduled_events (track_id, assignment_id, kind, due_at)
select a.track_id, a.id, 'answers_shown', a.reviews_due_at from assignments a join tracks t on t.id = a.track_id
where t.status = 'running' and (a.reviews_due_at > now() or exists (
    select from scheduled_events e
    where e.assignment_id = a.id and e.user_id is null and e.kind = 'review_reminder' and e.pending))
on conflict do nothing
"""


def upgrade() -> None:
    op.execute(SCHEDULE)


def downgrade() -> None:
    op.execute("delete from scheduled_events where kind = 'answers_shown'")
