"""Issue certificates to participants who finish a track by its rule, and keep what users show of themselves."""

import sqlalchemy as sa
from alembic import op

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('users', sa.Column('display_name', sa.Text(), nullable=True))
    op.add_column('users', sa.Column('about', sa.Text(), server_default='', nullable=False))
    op.add_column('users', sa.Column('profile_visibility', sa.Text(), server_default='participants', nullable=False))
    op.create_check_constraint(
        op.f('ck_users_profile_visibility'), 'users', "profile_visibility in ('everyone', 'participants', 'private')"
    )
    op.add_column('tracks', sa.Column('certificate_submissions', sa.SmallInteger(), nullable=True))
    op.add_column('tracks', sa.Column('certificate_reviews', sa.SmallInteger(), nullable=True))
    op.add_column('tracks', sa.Column('certificates_pending', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.create_check_constraint(
        op.f('ck_tracks_certificate'),
        'tracks',
        '(certificate_submissions is null) = (certificate_reviews is null) and certificate_submissions between 1 and 100'
        ' and certificate_reviews between 0 and 100',
    )
    op.create_index(
        'ix_tracks_certificates', 'tracks', ['finishes_at'], postgresql_where=sa.text('certificates_pending')
    )
    op.create_table(
        'certificates',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column('code', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
        sa.Column('track_id', sa.BigInteger(), nullable=False),
        sa.Column('user_id', sa.BigInteger(), nullable=False),
        sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('assignments', sa.SmallInteger(), nullable=False),
        sa.Column('submitted', sa.SmallInteger(), nullable=False),
        sa.Column('reviewed', sa.SmallInteger(), nullable=False),
        sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('revoked_by', sa.BigInteger(), nullable=True),
        sa.Column('revoke_reason', sa.Text(), nullable=True),
        sa.CheckConstraint(
            'submitted between 0 and assignments and reviewed between 0 and assignments',
            name=op.f('ck_certificates_counts'),
        ),
        sa.CheckConstraint('(revoked_at is null) = (revoke_reason is null)', name=op.f('ck_certificates_revoked')),
        sa.ForeignKeyConstraint(['track_id'], ['tracks.id'], name=op.f('fk_certificates_track_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_certificates_user_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['revoked_by'], ['users.id'], name=op.f('fk_certificates_revoked_by'), ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_certificates')),
        sa.UniqueConstraint('code', name=op.f('uq_certificates_code')),
        sa.UniqueConstraint('track_id', 'user_id', name=op.f('uq_certificates_track_id_user_id')),
    )
    op.create_index('ix_certificates_user_id', 'certificates', ['user_id'])
    op.create_index('ix_certificates_revoked_by', 'certificates', ['revoked_by'])


def downgrade() -> None:
    op.drop_table('certificates')
    op.drop_index('ix_tracks_certificates', 'tracks')
    op.drop_constraint(op.f('ck_tracks_certificate'), 'tracks')
    op.drop_column('tracks', 'certificates_pending')
    op.drop_column('tracks', 'certificate_reviews')
    op.drop_column('tracks', 'certificate_submissions')
    op.drop_constraint(op.f('ck_users_profile_visibility'), 'users')
    op.drop_column('users', 'profile_visibility')
    op.drop_column('users', 'about')
    op.drop_column('users', 'display_name')
