"""The chassis' tables and the sample's own."""

from alembic import op

from chassis.migrate import chassis_schema

revision = "0001"
down_revision = None


def upgrade() -> None:
    for statement in chassis_schema().split(";\n"):
        if statement.strip():
            op.execute(statement)
    op.execute("CREATE TABLE counters (id uuid PRIMARY KEY, version integer NOT NULL)")
    op.execute(
        "CREATE TABLE taken (place integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
        " key text NOT NULL, sequence integer NOT NULL, text text NOT NULL)"
    )
