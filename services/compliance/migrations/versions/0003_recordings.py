"""Recordings, their uploads, chunks and segments."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """The tables of this step."""
