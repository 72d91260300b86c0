"""Scheduled times are rows: one table of events in place of a time and a flag for each of them.

What was pending stays pending and is due when it was; what was done gets no row, so nothing is announced twice.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# When reviewing began is not known to the second: at the deadline, or soon after.
COMMON_STAGES = """
update assignments a set review_started_at = a.due_at from tracks t
where t.id = a.track_id and not a.review_pending and a.due_at is not null
    and (t.status in ('running', 'finished') or a.due_at <= t.calendar_changed_at)
"""
OWN_STAGES = """
update extensions e set review_started_at = greatest(e.due_at, a.due_at) from assignments a
where a.id = e.assignment_id and not e.review_pending and a.review_started_at is not null
"""
COMMON_EVENTS = """
insert into scheduled_events (track_id, assignment_id, kind, due_at)
select a.track_id, a.id, kind, at from assignments a join tracks t on t.id = a.track_id, lateral (values
    ('deadline_warning', a.warn_at, a.warning_pending), ('review_start', a.due_at, a.review_pending),
    ('review_reminder', a.reviews_warn_at, a.reminder_pending),
    ('track_end', t.finishes_at, a.position = (select max(position) from assignments l where l.track_id = t.id))
) as events (kind, at, pending)
where t.status = 'running' and pending and at is not null
"""
# A personal deadline that the common one has overtaken begins with it; where the common stage has begun without it, it
# still has to.
OWN_EVENTS = """
insert into scheduled_events (track_id, assignment_id, user_id, kind, due_at)
select a.track_id, a.id, e.user_id, kind, at from extensions e join assignments a on a.id = e.assignment_id
    join tracks t on t.id = a.track_id join participants p on p.track_id = t.id and p.user_id = e.user_id,
lateral (values
    ('deadline_warning', e.warn_at, e.warning_pending),
    ('review_start', greatest(e.due_at, a.due_at), e.review_pending and (e.due_at > a.due_at or not a.review_pending)),
    ('review_reminder', e.reviews_warn_at, e.reminder_pending)
) as events (kind, at, pending)
where t.status = 'running' and p.left_at is null and pending and at is not null
"""
COMMON_FLAGS = """
update assignments a set
    warn_at = opens_at + 0.8 * (due_at - opens_at), reviews_warn_at = due_at + 0.8 * (reviews_due_at - due_at),
    warning_pending = exists (select from scheduled_events e where e.assignment_id = a.id and e.user_id is null
        and e.pending and e.kind = 'deadline_warning'),
    review_pending = exists (select from scheduled_events e where e.assignment_id = a.id and e.user_id is null
        and e.pending and e.kind = 'review_start'),
    reminder_pending = exists (select from scheduled_events e where e.assignment_id = a.id and e.user_id is null
        and e.pending and e.kind = 'review_reminder')
where opens_at is not null
"""
OWN_FLAGS = """
update extensions x set
    warn_at = a.opens_at + 0.8 * (x.due_at - a.opens_at), reviews_warn_at = x.due_at + 0.8 * (a.reviews_due_at - x.due_at),
    warning_pending = exists (select from scheduled_events e where e.assignment_id = a.id and e.user_id = x.user_id
        and e.pending and e.kind = 'deadline_warning'),
    review_pending = t.status = 'running' and p.left_at is null and x.review_started_at is null,
    reminder_pending = exists (select from scheduled_events e where e.assignment_id = a.id and e.user_id = x.user_id
        and e.pending and e.kind = 'review_reminder')
from assignments a join tracks t on t.id = a.track_id join participants p on p.track_id = t.id
where a.id = x.assignment_id and p.user_id = x.user_id
"""
TIMES = {"assignments": ("warn_at", "reviews_warn_at"), "extensions": ("warn_at", "reviews_warn_at")}
FLAGS = ("warning_pending", "review_pending", "reminder_pending")
INDEXES = (
    ("ix_assignments_warn_at", "assignments", "warn_at", "warning_pending"),
    ("ix_assignments_due_at", "assignments", "due_at", "review_pending"),
    ("ix_assignments_reviews_warn_at", "assignments", "reviews_warn_at", "reminder_pending"),
    ("ix_extensions_warn_at", "extensions", "warn_at", "warning_pending"),
    ("ix_extensions_due_at", "extensions", "due_at", "review_pending"),
    ("ix_extensions_reviews_warn_at", "extensions", "reviews_warn_at", "reminder_pending"),
    ("ix_tracks_finishes_at", "tracks", "finishes_at", "status = 'running'"),
)


def upgrade() -> None:
    _create_events()
    for table in TIMES:
        op.add_column(table, sa.Column("review_started_at", sa.DateTime(timezone=True), nullable=True))
    for statement in (COMMON_STAGES, OWN_STAGES, COMMON_EVENTS, OWN_EVENTS):
        op.execute(statement)
    for table, times in TIMES.items():
        op.create_check_constraint(op.f(f"ck_{table}_review_started"), table, "review_started_at >= due_at")
    for name, table, _, condition in INDEXES:
        op.drop_index(name, table_name=table, postgresql_where=sa.text(condition))
    for table, times in TIMES.items():
        for column in (*times, *FLAGS):
            op.drop_column(table, column)


def downgrade() -> None:
    for table, times in TIMES.items():
        for column in times:
            op.add_column(table, sa.Column(column, sa.DateTime(timezone=True), nullable=True))
        for column in FLAGS:
            default = "true" if (table, column) == ("extensions", "review_pending") else "false"
            op.add_column(table, sa.Column(column, sa.Boolean(), server_default=sa.text(default), nullable=False))
    op.execute(COMMON_FLAGS)
    op.execute(OWN_FLAGS)
    for name, table, column, condition in INDEXES:
        op.create_index(name, table, [column], unique=False, postgresql_where=sa.text(condition))
    for table in TIMES:
        op.drop_constraint(op.f(f"ck_{table}_review_started"), table, type_="check")
        op.drop_column(table, "review_started_at")
    op.drop_table("scheduled_events")


def _create_events() -> None:
    op.create_table(
        "scheduled_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("track_id", sa.BigInteger(), nullable=False),
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pending", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_events")),
    )
    for column, table in (("track_id", "tracks"), ("assignment_id", "assignments"), ("user_id", "users")):
        op.create_foreign_key(
            op.f(f"fk_scheduled_events_{column}"), "scheduled_events", table, [column], ["id"], ondelete="CASCADE"
        )
    op.create_index(
        "uq_scheduled_events",
        "scheduled_events",
        ["assignment_id", "kind", sa.text("coalesce(user_id, 0::bigint)")],
        unique=True,
    )
    op.create_index(
        "ix_scheduled_events_pending",
        "scheduled_events",
        ["kind", "due_at"],
        unique=False,
        postgresql_where=sa.text("pending"),
    )
    op.create_index("ix_scheduled_events_track_id", "scheduled_events", ["track_id"], unique=False)
    op.create_index("ix_scheduled_events_user_id", "scheduled_events", ["user_id"], unique=False)
