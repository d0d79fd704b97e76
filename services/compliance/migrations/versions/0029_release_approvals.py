"""Officers who stand for a release; decisions found by their instant."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """The table and the index of this step."""
    op.create_table(
        "release_approvals",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", "subject", name="pk_release_approvals"),
        sa.ForeignKeyConstraint(
            ["digest"], ["rule_releases.digest"], name="fk_release_approvals_digest_rule_releases"
        ),
        sa.CheckConstraint("subject <> ''", name="ck_release_approvals_subject"),
    )
