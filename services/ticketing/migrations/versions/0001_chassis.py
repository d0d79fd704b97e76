"""The chassis' own tables: archive, outbox, inbox, registers, parked facts, idempotency."""

from alembic import op

from chassis.migrate import chassis_schema

revision = "0001"
down_revision = None


def upgrade() -> None:
    for statement in chassis_schema().split(";\n"):
        if statement.strip():
            op.execute(statement)
