"""Files on customers, their requests about their data, data incidents."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0024"
down_revision = "0023"

INSTANT = sa.DateTime(timezone=True)

STEPS = "kind IN ('REMEDIED', 'HARM_FOUND', 'AUTHORITY_TOLD', 'PEOPLE_TOLD', 'CLOSED')"


def upgrade() -> None:
    """The tables of this step."""
    _customer_profiles()
    _profile_endings()
    _data_requests()
    _data_answers()
    _data_incidents()
    _data_incident_steps()
    _data_incident_flags()


def _customer_profiles() -> None:
    op.create_table(
        "customer_profiles",
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("customer_version", sa.Integer, nullable=False),
        sa.Column("consent_id", sa.Uuid, nullable=False),
        sa.Column("retain_until", sa.Date, nullable=False),
        sa.Column("key_id", sa.String(32), nullable=False),
        sa.Column("nonce", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("written_by", sa.String, nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name="pk_customer_profiles"),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["privacy_consents.id"], name="fk_customer_profiles_consent_id_privacy_consents"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_customer_profiles_customer_id_customers"
        ),
    )
    op.create_index("ix_customer_profiles_retain_until", "customer_profiles", ["retain_until"])


def _profile_endings() -> None:
    op.create_table(
        "profile_endings",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("consent_id", sa.Uuid, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_profile_endings"),
        sa.CheckConstraint("reason IN ('WITHDRAWN', 'EXPIRED', 'ERASED')", name="ck_profile_endings_reason"),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["privacy_consents.id"], name="fk_profile_endings_consent_id_privacy_consents"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_profile_endings_customer_id_customers"
        ),
    )
    op.create_index("ix_profile_endings_customer_id", "profile_endings", ["customer_id", "id"])


def _data_requests() -> None:
    op.create_table(
        "data_requests",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("fields", JSONB, nullable=False),
        sa.Column("requested_by", sa.String, nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_data_requests"),
        sa.CheckConstraint("kind IN ('ACCESS', 'COPY', 'CORRECT', 'DELETE')", name="ck_data_requests_kind"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_data_requests_customer_id_customers"
        ),
    )
    op.create_index("ix_data_requests_customer_id", "data_requests", ["customer_id", "id"])


def _data_answers() -> None:
    op.create_table(
        "data_answers",
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=True),
        sa.Column("violations", JSONB, nullable=False),
        sa.Column("kept_until", sa.Date, nullable=True),
        sa.Column("answered_by", sa.String, nullable=False),
        sa.Column("answered_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("request_id", name="pk_data_answers"),
        sa.CheckConstraint("outcome IN ('DONE', 'REFUSED')", name="ck_data_answers_outcome"),
        sa.CheckConstraint("reason IN ('NOT_PROVEN', 'ALREADY_CORRECT')", name="ck_data_answers_reason"),
        sa.CheckConstraint(
            "(outcome = 'REFUSED') = (reason IS NOT NULL OR violations <> '[]'::jsonb)",
            name="ck_data_answers_refused",
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["data_requests.id"], name="fk_data_answers_request_id_data_requests"
        ),
    )


def _data_incidents() -> None:
    op.create_table(
        "data_incidents",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("reference", sa.String(120), nullable=False),
        sa.Column("kinds", JSONB, nullable=False),
        sa.Column("discovered_at", INSTANT, nullable=False),
        sa.Column("report_due_at", INSTANT, nullable=True),
        sa.Column("reported_at", INSTANT, nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("opened_by", sa.String, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_data_incidents"),
    )
    op.create_index("ix_data_incidents_report_due_at", "data_incidents", ["report_due_at"])


def _data_incident_steps() -> None:
    op.create_table(
        "data_incident_steps",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("incident_id", sa.Uuid, nullable=False),
        sa.Column("incident_version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("reference", sa.String(120), nullable=True),
        sa.Column("recorded_by", sa.String, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_data_incident_steps"),
        sa.CheckConstraint(STEPS, name="ck_data_incident_steps_kind"),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["data_incidents.id"], name="fk_data_incident_steps_incident_id_data_incidents"
        ),
        sa.UniqueConstraint("incident_id", "kind", name="uq_incident_steps_incident_id_kind"),
    )


def _data_incident_flags() -> None:
    op.create_table(
        "data_incident_flags",
        sa.Column("incident_id", sa.Uuid, nullable=False),
        sa.Column("violations", JSONB, nullable=False),
        sa.Column("flagged_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("incident_id", name="pk_data_incident_flags"),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["data_incidents.id"], name="fk_data_incident_flags_incident_id_data_incidents"
        ),
    )
