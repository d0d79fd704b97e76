"""What the steps before ask of rows that stand there already: read beside the writers."""

from alembic import op

revision = "0043"
down_revision = "0042"

CONSTRAINTS = {
    "recordings": (
        "ck_recordings_take",
        "ck_recordings_main_id",
        "fk_recordings_main_id_recordings",
        "ck_recordings_channel",
    ),
    "stated_circumstances": ("ck_stated_circumstances_legal_form", "ck_stated_circumstances_something"),
}


def upgrade() -> None:
    """The steps before have added them for new rows only."""
    for table, names in CONSTRAINTS.items():
        for name in names:
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")
