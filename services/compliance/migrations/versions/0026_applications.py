"""Application forms and applications: choices, identity checks, steps and endings are only added to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0026"
down_revision = "0025"

INSTANT = sa.DateTime(timezone=True)
STATES = "'OPENED', 'CHOSEN', 'APPROVED', 'DECLINED', 'WITHDRAWN'"


def upgrade() -> None:
    """The tables of this step."""
    _forms()
    _applications()
    op.create_table(
        "application_choices",
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("options", JSONB, nullable=False),
        sa.Column("chosen_by", sa.String, nullable=False),
        sa.Column("chosen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("application_id", name="pk_application_choices"),
        _of_application("application_choices"),
    )
    _checks()
    op.create_table(
        "application_steps",
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("application_version", sa.Integer, nullable=False),
        sa.Column("taken_by", sa.String, nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("application_id", "position", name="pk_application_steps"),
        _of_application("application_steps"),
    )
    op.create_table(
        "application_endings",
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("reason", sa.String(500), nullable=True),
        sa.Column("ended_by", sa.String, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("application_id", name="pk_application_endings"),
        _of_application("application_endings"),
        sa.CheckConstraint(f"state IN ({STATES})", name="ck_application_endings_state"),
    )


def _of_application(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["application_id"], ["applications.id"], name=f"fk_{table}_application_id_applications"
    )


def _forms() -> None:
    op.create_table(
        "application_forms",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("conditions_zh", sa.String(4000), nullable=False),
        sa.Column("conditions_en", sa.String(4000), nullable=False),
        sa.Column("options", JSONB, nullable=False),
        sa.Column("steps", JSONB, nullable=False),
        sa.Column("published_by", sa.String, nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_application_forms"),
        sa.UniqueConstraint("code", name="uq_application_forms_code"),
        sa.CheckConstraint("kind IN ('ACCOUNT', 'LOAN', 'CARD')", name="ck_application_forms_kind"),
    )


def _applications() -> None:
    op.create_table(
        "applications",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("form_id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("opened_by", sa.String, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_applications"),
        sa.ForeignKeyConstraint(
            ["form_id"], ["application_forms.id"], name="fk_applications_form_id_application_forms"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_applications_customer_id_customers"
        ),
        sa.CheckConstraint(f"state IN ({STATES})", name="ck_applications_state"),
    )
    op.create_index("ix_applications_outlet_id", "applications", ["outlet_id", "id"])


def _checks() -> None:
    op.create_table(
        "application_checks",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("application_version", sa.Integer, nullable=False),
        sa.Column("method", sa.String, nullable=False),
        sa.Column("passed", sa.Boolean, nullable=False),
        sa.Column("checked_by", sa.String, nullable=False),
        sa.Column("checked_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_application_checks"),
        _of_application("application_checks"),
        sa.CheckConstraint(
            "method IN ('DOCUMENT_READER', 'REGISTER_QUERY', 'FACE_COMPARISON')",
            name="ck_application_checks_method",
        ),
    )
    op.create_index("ix_application_checks_application_id", "application_checks", ["application_id"])
