"""Let users choose any language that the code knows: a new one needs no migration."""

from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(op.f('ck_users_locale'), 'users')
    op.create_check_constraint(op.f('ck_users_locale'), 'users', "locale ~ '^[a-z]{2,3}$'")


def downgrade() -> None:
    op.execute("update users set locale = 'en' where locale not in ('en', 'ru')")
    op.drop_constraint(op.f('ck_users_locale'), 'users')
    op.create_check_constraint(op.f('ck_users_locale'), 'users', "locale in ('en', 'ru')")
